"""How figures, dates and counts are put in words: the only place of the project that rounds for print.

A space inside a figure is U+00A0, so that no line breaks between a number and its unit; the plain twins turn it into
an ordinary space. Money is printed to three significant digits, rates to the cent, everything else to three.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from megawatch.errors import BriefError
from megawatch.market import Hedge, Interval

LOCALE = Locale.parse("en_GB")
GAP = "\u00a0"
_SCALES = ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))
_HEDGES: dict[str | None, str] = {"up_to": "up to ", "about": "about ", "at_least": "at least ", None: ""}

KIND_WORDS = {
    "compute": "Compute",
    "lease": "Data-center lease",
    "power": "Power",
    "hardware": "Hardware",
    "financing": "Financing",
    "acquisition": "Acquisition",
    "build": "Build",
}
STATUS_WORDS = {"signed": "signed", "planned": "planned, not signed", "terminated": "terminated"}
MARKET_WORDS = {
    "spot": "spot",
    "on_demand": "on demand",
    "reserved": "reserved",
    "index": "index",
    "unspecified": "list or quoted",
}
FIELD_WORDS = {
    "kind": "kind",
    "status": "status",
    "supplier": "supplier",
    "customer": "customer",
    "total_value_usd": "total value",
    "total_value": "total value",
    "currency": "currency",
    "monthly_payment_usd": "monthly payment",
    "term_months": "term",
    "start_date": "start",
    "end_date": "end",
    "power_mw": "contracted power",
    "gross_power_mw": "gross power",
    "option_power_mw": "power under option",
    "gpu_count": "GPUs",
    "gpu_model": "chips",
    "site": "site",
    "rate_usd_per_gpu_hour": "stated rate",
    "implied_usd_per_gpu_hour": "implied rate",
    "usd_per_kw_month": "rent",
    "usd_per_mw_year": "rent a year",
    "usd_per_mwh": "price of power",
    "usd_per_mw": "cost of capacity",
    "kw_per_gpu": "power per GPU",
}
# one, other: the plural forms that English has.
PLURALS = {
    "month": ("month", "months"),
    "year": ("year", "years"),
    "gpu": ("GPU", "GPUs"),
    "deal": ("deal", "deals"),
    "new deal": ("new deal", "new deals"),
    "change": ("change", "changes"),
    "document": ("document", "documents"),
    "source": ("independent source", "independent sources"),
    "item": ("item", "items"),
    "quote": ("price quote", "price quotes"),
    "day": ("day", "days"),
    "row": ("row", "rows"),
    "outlet": ("source", "sources"),
    "new document": ("new document", "new documents"),
    "contradiction": ("contradiction", "contradictions"),
    "failure": ("failed check", "failed checks"),
    "footnote": ("footnote", "footnotes"),
}


def significant(value: Decimal, digits: int = 3) -> Decimal:
    """The value to that many significant digits, half to even.

    >>> significant(Decimal("306.6")), significant(Decimal("1249999999"))
    (Decimal('307'), Decimal('1.25E+9'))
    """
    if value == 0:
        return Decimal(0)
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), rounding=ROUND_HALF_EVEN).normalize()


def number(value: Decimal, *, digits: int = 3) -> str:
    """A number with thousands marked: whole from 1,000 up, else to ``digits`` significant digits.

    >>> number(Decimal(220000)), number(Decimal("7.776"))
    ('220,000', '7.78')
    """
    rounded = value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN) if abs(value) >= 1000 else significant(value, digits)
    return format_decimal(rounded, format="#,##0.######", locale=LOCALE)


def usd(value: Decimal) -> str:
    """Dollars to three significant digits from a million up, whole below, and to the cent below a thousand.

    >>> [usd(Decimal(value)).replace(GAP, " ") for value in ("1250000000", "306600000", "468388.1", "49.524")]
    ['$1.25 bn', '$307 m', '$468,388', '$49.52']
    """
    sign, size = ("−", -value) if value < 0 else ("", value)
    rounded = significant(size)
    for scale, word in _SCALES:
        if rounded >= scale:
            return f"{sign}${number(rounded / scale)}{GAP}{word}"
    return f"{sign}${number(size) if size >= 1000 else cents(size)}"


def cents(value: Decimal) -> str:
    """An amount below a thousand dollars, to the cent.

    >>> cents(Decimal("7.776")), cents(Decimal("3"))
    ('7.78', '3.00')
    """
    rounded = value.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return format_decimal(rounded, format="#,##0.00", locale=LOCALE)


def ratio(value: Decimal) -> str:
    """A ratio to two digits: whole from ten up, one decimal from one up, else two.

    >>> ratio(Decimal("2.44")), ratio(Decimal("0.824")), ratio(Decimal("149.8")), ratio(Decimal(1))
    ('2.4', '0.82', '150', '1.0')
    """
    places = 0 if value >= 10 else 1 if value >= 1 else 2
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return format_decimal(rounded, format="#,##0" + (f".{'0' * places}" if places else ""), locale=LOCALE)


def counted(value: Decimal | int, noun: str) -> str:
    r"""A count with its noun in the right plural form.

    >>> counted(1, "deal"), counted(1200, "gpu")
    ('1\xa0deal', '1,200\xa0GPUs')
    """
    one, other = PLURALS[noun]
    form = LOCALE.plural_form(int(value)) if value == int(value) else "other"
    return f"{number(Decimal(value))}{GAP}{one if form == 'one' else other}"


def amount(value: Decimal, unit: str) -> str:
    r"""A value in words with its unit; units are those of the field names of the ledger.

    >>> amount(Decimal("1250000000"), "usd"), amount(Decimal(36), "months"), amount(Decimal("7.776"), "usd_per_mwh")
    ('$1.25\xa0bn', '36\xa0months', '$7.78')
    """
    match unit:
        case "usd":
            return usd(value)
        case "usd_per_gpu_hour" | "usd_per_mwh" | "usd_per_kw_month":
            return f"${cents(value)}"
        case "usd_per_mw_year" | "usd_per_mw":
            return usd(value)
        case "mw":
            return f"{number(value)}{GAP}MW"
        case "months" if value >= 60 and value % 12 == 0:
            return counted(value / 12, "year")
        case "months":
            return counted(value, "month")
        case "gpus":
            return counted(value, "gpu")
        case "kw_per_gpu":
            return f"{number(value)}{GAP}kW"
        case "percent":
            return f"{number(abs(value))}{GAP}%"
        case "times":
            return f"{ratio(value)}{GAP}times"
    raise BriefError(f"No wording for the unit {unit!r}: add it to megawatch/briefs/wording.py.")


def hedged(words: str, hedge: Hedge | None) -> str:
    """The words with what the source hedged: ``up to``, ``about``, ``at least``."""
    return _HEDGES[hedge] + words


def span(interval: Interval, unit: str) -> str:
    """A range in words; a range whose ends print alike is printed once.

    >>> span(Interval(Decimal("7.745"), Decimal("7.812")), "usd_per_gpu_hour")
    '$7.74–$7.81'
    >>> span(Interval(None, Decimal("2.5")), "usd_per_gpu_hour")
    'at most $2.50'
    """
    low, high = (None if end is None else amount(end, unit) for end in (interval.low, interval.high))
    if low is None and high is None:
        raise BriefError("A range without ends cannot be printed: give its value or its reason instead.")
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return low if low == high else f"{low}–{high}"


_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_PERIOD = re.compile(r"([0-9]{4})-([QH][0-9])")


def day(iso: str) -> str:
    """A date at the precision it has: ``14 May 2026``, ``May 2026``, ``Q4 2026``, ``H1 2026``, ``2026``.

    >>> [day(text).replace(GAP, " ") for text in ("2026-05-14", "2026-05", "2026-Q4", "2026", "2026-05-14T09:00:00Z")]
    ['14 May 2026', 'May 2026', 'Q4 2026', '2026', '14 May 2026']
    """
    if period := _PERIOD.fullmatch(iso):
        return f"{period[2]}{GAP}{period[1]}"
    try:
        if re.fullmatch(r"[0-9]{4}", iso):
            return iso
        if _MONTH.fullmatch(iso):
            return format_date(date.fromisoformat(f"{iso}-01"), f"MMMM{GAP}y", locale=LOCALE)
        return format_date(date.fromisoformat(iso[:10]), f"d{GAP}MMMM{GAP}y", locale=LOCALE)
    except ValueError as error:
        raise BriefError(f"{iso!r} is no ISO date: the ledger should not hold it.") from error


def first_day(iso: str) -> str:
    """The first day that a partial date covers, as an ISO date.

    >>> first_day("2026-Q4"), first_day("2026-H1"), first_day("2026-05"), first_day("2026")
    ('2026-10-01', '2026-01-01', '2026-05-01', '2026-01-01')
    """
    year = iso[:4]
    if period := _PERIOD.fullmatch(iso):
        step = int(period[2][1]) - 1
        return f"{year}-{1 + step * (3 if period[2][0] == 'Q' else 6):02d}-01"
    return (iso[:10] + "-01-01"[len(iso) - 4 :]) if len(iso) < 10 else iso[:10]


def last_day(iso: str) -> str:
    """The last day that a partial date covers, as an ISO date.

    >>> last_day("2026-Q4"), last_day("2026-02"), last_day("2026"), last_day("2026-05-14")
    ('2026-12-31', '2026-02-28', '2026-12-31', '2026-05-14')
    """
    start = date.fromisoformat(first_day(iso))
    months = {4: 12, 7: 1 if iso[5:6].isdigit() else (3 if iso[5:6] == "Q" else 6)}.get(len(iso))
    if months is None:
        return start.isoformat()
    ordinal = start.year * 12 + start.month - 1 + months
    return (date(ordinal // 12, ordinal % 12 + 1, 1) - timedelta(days=1)).isoformat()


def week_span(week: str) -> tuple[str, str]:
    """Monday of an ISO week and the Monday after, as ISO dates.

    >>> week_span("2026-W21")
    ('2026-05-18', '2026-05-25')
    """
    if not re.fullmatch(r"[0-9]{4}-W[0-9]{2}", week):
        raise BriefError(f"{week!r} is no ISO week: write it like 2026-W21.")
    try:
        monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    except ValueError as error:
        raise BriefError(f"The year {week[:4]} has no week {week[6:]}: choose another.") from error
    return monday.isoformat(), (monday + timedelta(days=7)).isoformat()


def days_in(monday: str) -> str:
    """The days of a week in words.

    >>> days_in("2026-05-18"), days_in("2026-06-29"), days_in("2025-12-29")
    ('18–24 May 2026', '29 June – 5 July 2026', '29 December 2025 – 4 January 2026')
    """
    start = date.fromisoformat(monday)
    end = start + timedelta(days=6)
    last = day(end.isoformat()).replace(GAP, " ")
    if start.year != end.year:
        return f"{day(monday).replace(GAP, ' ')} – {last}"
    if start.month != end.month:
        return f"{format_date(start, 'd MMMM', locale=LOCALE)} – {last}"
    return f"{start.day}–{last}"


def add_days(iso: str, days: int) -> str:
    """The ISO date so many days later."""
    return (date.fromisoformat(iso[:10]) + timedelta(days=days)).isoformat()


_FIELDS = re.compile(r"\b(?:" + "|".join(sorted(FIELD_WORDS, key=len, reverse=True)) + r")\b")


def humanised(text: str) -> str:
    """A remark of the ledger with its names of fields in words.

    >>> humanised("usd_per_mw_year is above the usual range")
    'rent a year is above the usual range'
    """
    return _FIELDS.sub(lambda found: FIELD_WORDS[found.group()] if "_" in found.group() else found.group(), text)


def joined(words: tuple[str, ...]) -> str:
    """A list in words: ``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
