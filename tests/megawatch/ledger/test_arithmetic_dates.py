from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic.dates import (
    add_months,
    date_interval,
    last_month_of,
    month_of,
    months_between,
    precision,
    same_time,
)
from megawatch.market import Interval

MONTHS = st.builds("{:04}-{:02}".format, st.integers(2000, 2099), st.integers(1, 12))


@pytest.mark.parametrize(
    ("start", "end", "point", "low", "high"),
    [
        ("2026-05", "2029-05", "36", "35", "37"),
        ("2026", "2031", "60", "48", "72"),
        ("2026-H1", "2036-H1", "120", "114", "126"),
        ("2026-Q4", "2041-Q4", "180", "177", "183"),
    ],
)
def test_months_between_dates_at_their_precision(start: str, end: str, point: str, low: str, high: str) -> None:
    assert months_between(start, end) == (Decimal(point), Interval(Decimal(low), Decimal(high)))


def test_days_are_rounded_to_the_month_they_mean() -> None:
    assert months_between("2026-05-01", "2029-04-30")[0] == 36
    assert months_between("2026-04-30", "2036-04-30")[0] == 120
    assert months_between("2026-05-01", "2026-06-15")[0] == pytest.approx(Decimal("1.467"), abs=Decimal("0.001"))


@pytest.mark.parametrize(
    ("text", "months", "later"),
    [
        ("2026-05", 36, "2029-05"),
        ("2026-05-14", 36, "2029-05"),
        ("2026-Q4", 180, "2041-Q4"),
        ("2026-H2", 120, "2036-H2"),
        ("2026", 60, "2031"),
        ("2026-11", 3, "2027-02"),
    ],
)
def test_months_added_keep_the_precision(text: str, months: int, later: str) -> None:
    assert add_months(text, Decimal(months)) == later


@pytest.mark.parametrize(("text", "months"), [("2026-Q4", "5"), ("2026", "18"), ("2026-05", "1.5")])
def test_months_that_blur_the_precision_are_refused(text: str, months: str) -> None:
    with pytest.raises(LedgerError):
        add_months(text, Decimal(months))


@pytest.mark.parametrize("text", ["", "soon", "2026-13", "2026-5", "2026-02-30", "2026-Q5", "2026-05-14T00:00"])
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(LedgerError, match=r"no date|no month|no day"):
        date_interval(text)


def test_same_time_means_one_may_lie_in_the_other() -> None:
    assert same_time("2025", "2025-Q4")
    assert same_time("2026-H1", "2026-05-14")
    assert not same_time("2026-H1", "2026-H2")
    assert not same_time("2026-05", "2026-06")


def test_first_and_last_month_and_precision() -> None:
    assert (month_of("2026-H2"), last_month_of("2026-H2")) == ("2026-07", "2026-12")
    assert (month_of("2026-05-31"), last_month_of("2026-05-31")) == ("2026-05", "2026-05")
    assert precision("2026") > precision("2026-Q4") > precision("2026-05") > precision("2026-05-14")


@given(MONTHS, st.integers(1, 480))
def test_a_term_after_a_start_leads_back_to_the_term(start: str, months: int) -> None:
    point, interval = months_between(start, add_months(start, Decimal(months)))
    assert point == months
    assert interval == Interval(Decimal(months - 1), Decimal(months + 1))
