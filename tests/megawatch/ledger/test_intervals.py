from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from megawatch.errors import LedgerError
from megawatch.ledger.intervals import (
    ANY,
    add,
    divide,
    exactly,
    half_width,
    hull,
    intersect,
    interval_around,
    interval_of,
    multiply,
    overlaps,
    subtract,
    widen,
    within,
)
from megawatch.market import Evidence, Interval, Stated

NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=6)
AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=10**12, allow_nan=False, places=4)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, Decimal]:
    """An interval, perhaps open, and a value inside it."""
    low, value, high = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    return Interval(draw(st.sampled_from([low, None])), draw(st.sampled_from([high, None]))), value


def holds(interval: Interval, exact: Fraction) -> bool:
    return (interval.low is None or Fraction(interval.low) <= exact) and (
        interval.high is None or exact <= Fraction(interval.high)
    )


@given(intervals(), intervals())
def test_every_operation_holds_the_exact_result(one: tuple[Interval, Decimal], other: tuple[Interval, Decimal]) -> None:
    (a, x), (b, y) = one, other
    p, q = Fraction(x), Fraction(y)
    assert holds(add(a, b), p + q)
    assert holds(subtract(a, b), p - q)
    assert holds(multiply(a, b), p * q)
    assume(q != 0)
    assert holds(divide(a, b), p / q)


@given(intervals(), intervals(), intervals())
def test_wider_inputs_never_give_narrower_results(
    one: tuple[Interval, Decimal], other: tuple[Interval, Decimal], third: tuple[Interval, Decimal]
) -> None:
    a, b, wider = one[0], other[0], hull(one[0], third[0])
    assert within(add(a, b), add(wider, b))
    assert within(subtract(b, a), subtract(b, wider))
    assert within(multiply(a, b), multiply(wider, b))
    if exactly(0) not in (a, b, wider):
        assert within(divide(a, b), divide(wider, b))
        assert within(divide(b, a), divide(b, wider))


@given(AMOUNTS, st.sampled_from([None, "about", "up_to", "at_least"]), st.sampled_from(["power_mw", "term_months"]))
def test_the_figure_itself_lies_in_its_interval(value: Decimal, hedge: str, field: str) -> None:
    around = interval_around(value, resolution=half_width(field, value), hedge=hedge)  # type: ignore[arg-type]
    assert around.contains(value)
    assert around.low is not None
    assert around.low >= 0


@pytest.mark.parametrize(
    ("value", "resolution", "hedge", "low", "high"),
    [
        ("1250000000", "5000000", None, "1245000000", "1255000000"),
        ("45000000000", "500000000", "about", "42750000000", "47250000000"),
        ("2600000000", "50000000", "up_to", "0", "2650000000"),
        ("220000", "500", "at_least", "219500", None),
        ("7", "0.5", "about", "6.5", "7.5"),
        ("0.2", "0.5", None, "0", "0.7"),
    ],
)
def test_digits_and_hedges(value: str, resolution: str, hedge: str, low: str, high: str | None) -> None:
    around = interval_around(Decimal(value), resolution=Decimal(resolution), hedge=hedge)  # type: ignore[arg-type]
    assert around == Interval(Decimal(low), None if high is None else Decimal(high))


@pytest.mark.parametrize(
    ("field", "value", "half"),
    [
        ("total_value_usd", "8700000000", "50000000"),
        ("total_value_usd", "40000000000", "1000000000"),
        ("gpu_count", "4096", "0.5"),
        ("power_mw", "168", "0.5"),
        ("power_mw", "80.2", "0.05"),
        ("rate_usd_per_gpu_hour", "7.8", "0.05"),
        ("term_months", "180", "0.5"),
    ],
)
def test_half_width_where_no_resolution_was_recorded(field: str, value: str, half: str) -> None:
    assert half_width(field, Decimal(value)) == Decimal(half)


def test_a_stated_resolution_is_used() -> None:
    evidence = Evidence(part="text", start=0, end=5, quote="$1.25")
    stated = Stated(
        field="monthly_payment_usd", value=Decimal(1_250_000_000), evidence=evidence, resolution=Decimal(5_000_000)
    )
    assert interval_of(stated) == Interval(Decimal(1_245_000_000), Decimal(1_255_000_000))


def test_a_field_without_a_number_is_refused_by_name() -> None:
    stated = Stated(field="site", value="Helios", evidence=Evidence(part="text", start=0, end=6, quote="Helios"))
    with pytest.raises(LedgerError, match=r"site.*'Helios'.*no number"):
        interval_of(stated)


def test_division_at_zero() -> None:
    ten = exactly(10)
    assert divide(ten, Interval(Decimal(0), Decimal(5))) == Interval(Decimal(2), None)
    assert divide(ten, Interval(Decimal(-5), Decimal(0))) == Interval(None, Decimal(-2))
    assert divide(ten, Interval(Decimal(-1), Decimal(1))) == ANY
    assert divide(ten, Interval(Decimal(0), None)) == Interval(Decimal(0), None)
    with pytest.raises(LedgerError, match="divided by zero"):
        divide(ten, exactly(0))


def test_thirds_are_rounded_outward() -> None:
    third = divide(exactly(1), exactly(3))
    assert third.low is not None
    assert third.high is not None
    assert Fraction(third.low) < Fraction(1, 3) < Fraction(third.high)


def test_sets_of_values() -> None:
    one_two, two_three, four = Interval(Decimal(1), Decimal(2)), Interval(Decimal(2), Decimal(3)), exactly(4)
    assert overlaps(one_two, two_three)
    assert not overlaps(one_two, four)
    assert overlaps(Interval(Decimal(3), None), four)
    assert intersect([one_two, two_three]) == exactly(2)
    assert intersect([one_two, four]) is None
    assert intersect([]) == ANY
    assert hull(one_two, four) == Interval(Decimal(1), Decimal(4))
    assert hull(one_two, Interval(None, Decimal(1))) == Interval(None, Decimal(2))
    assert within(exactly(2), one_two)
    assert not within(Interval(Decimal(1), None), one_two)
    assert widen(exactly(100), Decimal("0.05")) == Interval(Decimal(95), Decimal(105))
