"""Dates as pages and feeds write them, to ISO days in the writer's own zone; where two readings fit, none is given."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_tz

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        1,
    )
    for name in names
}
_MONTH = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d{3})")
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:of\s+)?{_MONTH}\s*[,\s-]\s*(\d{{4}}|\d{{2}})\b", re.IGNORECASE
)
_ASCTIME = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})\s+\d{{1,2}}:\d{{2}}(?::\d{{2}})?\s+(?:[A-Z]+\s+)?(\d{{4}})\b", re.I)
_ORDINAL = re.compile(r"^\s*(\d{4})-?(\d{3})(?!\d)")
_WEEK = re.compile(r"^\s*(\d{4})-?W(\d{2})-?(\d)?")
_CHINESE = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?!\d)")
_ISO_MONTH = re.compile(r"^\s*(\d{4})-(\d{2})\s*$")


def to_day(text: str | None) -> str | None:
    """Read the ISO day that a text names, in the text's own zone; None where there is none or more than one reading.

    >>> to_day("Thu, 14 May 2026 23:30:00 -0700"), to_day("2026-05-14T01:00:00+09:00"), to_day("5/6/2026")
    ('2026-05-14', '2026-05-14', None)
    """
    text = " ".join((text or "")[:200].split())
    if not text:
        return None
    for pattern, order in _FORMS:
        found = pattern.search(text)
        if found:
            return _day(*(_number(found.group(place)) for place in order), short=pattern is _DAY_FIRST)
    return _odd_day(text)


_FORMS = (
    (_ISO, (1, 2, 3)),
    (_CHINESE, (1, 2, 3)),
    (_MONTH_FIRST, (3, 1, 2)),
    (_DAY_FIRST, (3, 2, 1)),
    (_ASCTIME, (3, 1, 2)),
)


def _odd_day(text: str) -> str | None:
    compact = _COMPACT.search(text)
    if compact:
        return _day(*(int(part) for part in compact.groups()))
    week = _WEEK.match(text)
    if week:
        try:
            return date.fromisocalendar(int(week.group(1)), int(week.group(2)), int(week.group(3) or 1)).isoformat()
        except ValueError:
            return None
    ordinal = _ORDINAL.match(text)
    if ordinal:
        return _ordinal_day(int(ordinal.group(1)), int(ordinal.group(2)))
    slashed = _SLASHED.search(text)
    if slashed:
        return _slashed_day(*(int(part) for part in slashed.groups()))
    parsed = parsedate_tz(text)
    return _day(*parsed[:3]) if parsed else None


def _ordinal_day(year: int, day: int) -> str | None:
    try:
        return datetime.strptime(f"{year} {day}", "%Y %j").date().isoformat()
    except ValueError:
        return None


def _slashed_day(first: int, second: int, year: int) -> str | None:
    if first != second and first <= 12 and second <= 12:
        return None
    return _day(year, *((first, second) if second > 12 or first == second else (second, first)))


def _number(text: str) -> int:
    return _MONTHS[text.lower()] if text.lower() in _MONTHS else int(text)


def _day(year: int, month: int, day: int, *, short: bool = False) -> str | None:
    if short and year < 100:
        year += 2000 if year < 70 else 1900
    try:
        return date(year, month, day).isoformat() if 1990 <= year <= 2100 else None
    except ValueError:
        return None
