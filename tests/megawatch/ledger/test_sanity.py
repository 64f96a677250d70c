from decimal import Decimal

import pytest
from deal_telling import terms

from megawatch.ledger.intervals import interval_around
from megawatch.ledger.sanity import find_flags, read_ranges
from megawatch.market import KINDS, Kind, Term


@pytest.mark.parametrize(
    ("field", "kind", "usual", "odd"),
    [
        ("usd_per_mw_year", "lease", 1_450_000, 2_750_000),
        ("usd_per_mw_year", "compute", 9_700_000, 50_000_000),
        ("kw_per_gpu", "compute", 1.36, 0.9),
        ("implied_usd_per_gpu_hour", "compute", 7.78, 20),
        ("usd_per_kw_month", "lease", 139, 229),
        ("usd_per_mwh", "power", 79, 900),
        ("usd_per_mw", "build", 10_000_000, 90_000_000),
    ],
)
def test_what_is_usual_passes_and_what_is_odd_is_remarked(field: str, kind: Kind, usual: float, odd: float) -> None:
    assert find_flags(terms(**{field: usual}), kind=kind) == ()
    (remark,) = find_flags(terms(**{field: odd}), kind=kind)
    assert remark.startswith(f"{field} is {'above' if odd > usual else 'below'} the usual range: ")


def test_a_figure_that_may_still_be_usual_is_not_remarked() -> None:
    value = Decimal(2_300_000)
    about = interval_around(value, resolution=Decimal(1), hedge="about")
    assert find_flags([Term(field="usd_per_mw_year", value=value, interval=about)], kind="lease") == ()
    assert len(find_flags([Term(field="usd_per_mw_year", value=value)], kind="lease")) == 1


def test_another_kind_and_a_refusal_are_not_remarked() -> None:
    assert find_flags(terms(usd_per_mw_year=50_000_000), kind="financing") == ()
    assert find_flags([Term(field="usd_per_mw_year", value=None, absence="undisclosed")], kind="lease") == ()


def test_the_data_names_known_kinds_ranges_and_sources() -> None:
    for one in read_ranges():
        assert one.kinds <= set(KINDS)
        assert one.source
        assert one.words
        assert one.interval.low is not None
        assert one.interval.high is not None
        assert one.interval.low < one.interval.high
