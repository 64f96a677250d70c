"""Figures as intervals: what digits and hedge of a stated figure leave open, and arithmetic that never loses it.

Conventions, all of this project:

- **Digits.** A figure is known to half a unit of its last digit: ``$1.25 billion`` is 1.245 to 1.255 billion
  (``Stated.resolution`` is that half width). Where no resolution is given, half a unit of the last digit that is not
  zero is assumed, at most 2.5 % of the figure; a term in months, half a month.
- **Hedges.** ``about`` is 5 % on either side (``ABOUT``), or the digits where they leave more: "about $45 billion" is
  written of 43 as of 47, hardly of 50. ``up_to`` and ``at_least`` are one-sided: the stated figure is a bound and the
  other end is zero (no amount is negative) or open.
- **Rounding.** Every result is rounded outward (down below, up above) to 28 digits, so that the exact result lies
  inside.

An end that is None is open. ``zero times open`` is zero: each value in the range is finite.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from megawatch.errors import LedgerError
from megawatch.market import Hedge, Interval, Stated

ABOUT = Decimal("0.05")
UNSTATED_DIGITS = Decimal("0.025")
HALF_MONTH = Decimal("0.5")
ZERO = Decimal(0)
ANY = Interval(None, None)

_DOWN = Context(prec=28, rounding=ROUND_FLOOR)
_UP = Context(prec=28, rounding=ROUND_CEILING)
_INFINITY = Decimal("Infinity")


def exactly(value: Decimal | int) -> Interval:
    """The interval that holds one value and no other."""
    return Interval(Decimal(value), Decimal(value))


def add(a: Interval, b: Interval) -> Interval:
    """Every sum of a value of ``a`` and a value of ``b``, rounded outward."""
    low = None if a.low is None or b.low is None else _DOWN.add(a.low, b.low)
    high = None if a.high is None or b.high is None else _UP.add(a.high, b.high)
    return Interval(low, high)


def negate(a: Interval) -> Interval:
    """Every value of ``a`` with its sign turned; exact."""
    return Interval(None if a.high is None else a.high.copy_negate(), None if a.low is None else a.low.copy_negate())


def subtract(a: Interval, b: Interval) -> Interval:
    """Every difference of a value of ``a`` and a value of ``b``, rounded outward."""
    return add(a, negate(b))


def multiply(a: Interval, b: Interval) -> Interval:
    """Every product of a value of ``a`` and a value of ``b``, rounded outward."""
    pairs = [(x, y) for x in _ends(a) for y in _ends(b)]
    return _closed(min(_times(_DOWN, x, y) for x, y in pairs), max(_times(_UP, x, y) for x, y in pairs))


def divide(a: Interval, b: Interval) -> Interval:
    """Every quotient of a value of ``a`` and a value of ``b`` that is not zero, rounded outward.

    A divisor with zero inside leaves both ends open, one with zero at an end leaves that side open. Raises LedgerError
    where the divisor is zero and nothing else.
    """
    low, high = _ends(b)
    if low == high == 0:
        raise LedgerError(
            "A figure cannot be divided by zero: look at the claims behind the divisor and reject the wrong one."
        )
    if low < 0 < high:
        return ANY
    if low == 0 or high == 0:
        return multiply(a, _reciprocal_of_half_line(low, high))
    quotients = [(x, y) for x in _ends(a) for y in (low, high)]
    return _closed(min(_over(_DOWN, x, y) for x, y in quotients), max(_over(_UP, x, y) for x, y in quotients))


def overlaps(a: Interval, b: Interval) -> bool:
    """Whether some value lies in both."""
    below = a.high is not None and b.low is not None and a.high < b.low
    above = b.high is not None and a.low is not None and b.high < a.low
    return not below and not above


def intersect(intervals: Iterable[Interval]) -> Interval | None:
    """The values that lie in all, or None where there is none."""
    found = list(intervals)
    low = max((i.low for i in found if i.low is not None), default=None)
    high = min((i.high for i in found if i.high is not None), default=None)
    return None if low is not None and high is not None and low > high else Interval(low, high)


def hull(a: Interval, b: Interval) -> Interval:
    """The smallest interval that holds both."""
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    return Interval(low, high)


def within(inner: Interval, outer: Interval) -> bool:
    """Whether every value of ``inner`` lies in ``outer``."""
    below = outer.low is not None and (inner.low is None or inner.low < outer.low)
    above = outer.high is not None and (inner.high is None or inner.high > outer.high)
    return not below and not above


def widen(a: Interval, share: Decimal) -> Interval:
    """``a`` with each end moved outward by that share of its size (0.05 is 5 %)."""
    low = None if a.low is None else _DOWN.subtract(a.low, _UP.multiply(abs(a.low), share))
    high = None if a.high is None else _UP.add(a.high, _UP.multiply(abs(a.high), share))
    return Interval(low, high)


def half_width(field: str, value: Decimal) -> Decimal:
    """The half width that a figure's digits leave open where its resolution was not recorded.

    >>> half_width("total_value_usd", Decimal(8_700_000_000))
    Decimal('50000000')
    """
    if field == "term_months":
        return HALF_MONTH
    unit = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent)) / 2
    return min(unit, abs(value) * UNSTATED_DIGITS) + 0


def interval_around(value: Decimal, *, resolution: Decimal, hedge: Hedge | None) -> Interval:
    """The interval of a figure known to ``resolution`` (half width, same unit) under its hedge; never below zero."""
    low = max(ZERO, _DOWN.subtract(value, resolution)) if value >= 0 else _DOWN.subtract(value, resolution)
    high = _UP.add(value, resolution)
    if hedge == "up_to":
        return Interval(min(low, ZERO), high)
    if hedge == "at_least":
        return Interval(low, None)
    if hedge == "about":
        return hull(Interval(low, high), widen(exactly(value), ABOUT))
    return Interval(low, high)


def interval_of(stated: Stated) -> Interval:
    """The interval of a stated amount. Raises LedgerError where the field holds no number."""
    if not isinstance(stated.value, Decimal) or not stated.value.is_finite():
        raise LedgerError(f"The field {stated.field} of {stated.evidence.quote!r} holds no number: it has no interval.")
    resolution = stated.resolution if stated.resolution is not None else half_width(stated.field, stated.value)
    return interval_around(stated.value, resolution=resolution, hedge=stated.hedge)


def _ends(a: Interval) -> tuple[Decimal, Decimal]:
    return (-_INFINITY if a.low is None else a.low, _INFINITY if a.high is None else a.high)


def _closed(low: Decimal, high: Decimal) -> Interval:
    return Interval(None if low.is_infinite() else low, None if high.is_infinite() else high)


def _times(context: Context, x: Decimal, y: Decimal) -> Decimal:
    return ZERO if x == 0 or y == 0 else context.multiply(x, y)


def _over(context: Context, x: Decimal, y: Decimal) -> Decimal:
    return ZERO if x == 0 or y.is_infinite() else context.divide(x, y)


def _reciprocal_of_half_line(low: Decimal, high: Decimal) -> Interval:
    if low == 0:
        return Interval(ZERO if high.is_infinite() else _DOWN.divide(Decimal(1), high), None)
    return Interval(None, ZERO if low.is_infinite() else _UP.divide(Decimal(1), low))
