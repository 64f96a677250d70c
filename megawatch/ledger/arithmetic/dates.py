"""Dates at the precision of their source, as ranges of months.

A moment is counted in months since the year 0: ``year × 12 + month − 1``, and within the month by the day. A date text
covers a range: ``2026-05`` covers all of May 2026. The difference of two dates is therefore an interval: from May 2026
to May 2029 are 35 to 37 months, with 36 as its point. Precisions: ``2026``, ``2026-H1``, ``2026-Q4``, ``2026-05``,
``2026-05-14``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from decimal import Decimal

from megawatch.errors import LedgerError
from megawatch.ledger.intervals import subtract
from megawatch.market import Interval

_DATE = re.compile(r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?")

MONTHS_A_YEAR = 12


def date_span(text: str) -> tuple[Decimal, Decimal]:
    """The first moment and the width of a date text, both in months.

    Raises LedgerError where the text is no date of a known precision.

    >>> date_span("2026-Q4")
    (Decimal('24321'), Decimal('3'))
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise LedgerError(f"{text!r} is no date: write 2026, 2026-H1, 2026-Q4, 2026-05 or 2026-05-14.")
    first = int(found["year"]) * MONTHS_A_YEAR
    if found["half"]:
        return Decimal(first + 6 * (int(found["half"]) - 1)), Decimal(6)
    if found["quarter"]:
        return Decimal(first + 3 * (int(found["quarter"]) - 1)), Decimal(3)
    if not found["month"]:
        return Decimal(first), Decimal(MONTHS_A_YEAR)
    return _within_year(text, first, int(found["month"]), found["day"])


def _within_year(text: str, first: int, month: int, day: str | None) -> tuple[Decimal, Decimal]:
    if not 1 <= month <= MONTHS_A_YEAR:
        raise LedgerError(f"{text!r} names no month of the year: correct the claim or reject it.")
    if day is None:
        return Decimal(first + month - 1), Decimal(1)
    length = monthrange(first // MONTHS_A_YEAR, month)[1]
    if not 1 <= int(day) <= length:
        raise LedgerError(f"{text!r} names no day of that month: correct the claim or reject it.")
    return first + month - 1 + Decimal(int(day) - 1) / length, Decimal(1) / length


def date_interval(text: str) -> Interval:
    """The range of moments, in months since the year 0, that a date text covers."""
    start, width = date_span(text)
    return Interval(start, start + width)


def same_time(a: str, b: str) -> bool:
    """Whether two date texts can mean one moment: one lies within the other, or they overlap by more than an edge."""
    (start_a, width_a), (start_b, width_b) = date_span(a), date_span(b)
    return start_a < start_b + width_b and start_b < start_a + width_a


def precision(text: str) -> Decimal:
    """The width of a date text in months: smaller is more precise."""
    return date_span(text)[1]


def months_between(start: str, end: str) -> tuple[Decimal, Interval]:
    """Months from one date to the other: the point, and the interval that their precisions leave open.

    The point compares like with like: the beginnings where both are equally precise, else the middles. It is rounded to
    a whole month where it is within three tenths of one, as 1 May 2026 to 30 April 2029 is 36 months.
    """
    (first, width_first), (last, width_last) = date_span(start), date_span(end)
    point = (
        last - first
        if abs(width_first - width_last) < Decimal("0.1")
        else last - first + (width_last - width_first) / 2
    )
    whole = point.quantize(Decimal(1))
    return (whole if abs(point - whole) <= Decimal("0.3") else point), subtract(
        date_interval(end), date_interval(start)
    )


def add_months(text: str, months: Decimal) -> str:
    """The date that many whole months later, at the precision of ``text`` but no finer than a month.

    Raises LedgerError where the months are not whole, or would blur the precision (5 months after a quarter).
    """
    start, width = date_span(text)
    if months != months.to_integral_value():
        raise LedgerError(f"{months} is no whole number of months after {text}.")
    moment = int(start) + int(months)
    year, month = divmod(moment, MONTHS_A_YEAR)
    if width > 1 and month % int(width):
        raise LedgerError(f"{months} months after {text} begin in the middle of a period of that precision.")
    names = {12: f"{year:04}", 6: f"{year:04}-H{month // 6 + 1}", 3: f"{year:04}-Q{month // 3 + 1}"}
    return names.get(int(width), f"{year:04}-{month + 1:02}")


def month_of(text: str) -> str:
    """The first month that a date text covers, as ``2026-05``."""
    year, month = divmod(int(date_span(text)[0]), MONTHS_A_YEAR)
    return f"{year:04}-{month + 1:02}"


def last_month_of(text: str) -> str:
    """The last month that a date text covers, as ``2026-05``."""
    start, width = date_span(text)
    year, month = divmod(int(start) + max(int(width), 1) - 1, MONTHS_A_YEAR)
    return f"{year:04}-{month + 1:02}"
