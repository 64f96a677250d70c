"""A figure that arithmetic can use: its point, its interval and all that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from megawatch.ledger.arithmetic.dates import date_interval, date_span
from megawatch.ledger.intervals import ZERO, half_width, interval_around
from megawatch.market import AMOUNT_FIELDS, DATE_FIELDS, Hedge, Interval, Quote, Term

T = TypeVar("T")

UNITS = {
    "total_value_usd": "usd",
    "monthly_payment_usd": "usd_per_month",
    "term_months": "months",
    "start_date": "date",
    "end_date": "date",
    "power_mw": "mw",
    "gross_power_mw": "mw",
    "option_power_mw": "mw",
    "gpu_count": "gpus",
    "rate_usd_per_gpu_hour": "usd_per_gpu_hour",
    "implied_usd_per_gpu_hour": "usd_per_gpu_hour",
    "usd_per_kw_month": "usd_per_kw_month",
    "usd_per_mw_year": "usd_per_mw_year",
    "usd_per_mwh": "usd_per_mwh",
    "usd_per_mw": "usd_per_mw",
    "kw_per_gpu": "kw_per_gpu",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One figure: ``point`` in the unit of its field (a date: months since the year 0) and the range around it.

    ``text`` is the date as written, empty for amounts. ``quotes`` are the claims that it rests on, however far down.
    """

    field: str
    point: Decimal
    interval: Interval
    text: str = ""
    hedge: Hedge | None = None
    confidence: float = 1.0
    assumptions: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()


def known_from_term(term: Term) -> Known | None:
    """The figure of a term, or None where it has no value or is no amount and no date."""
    if term.field in DATE_FIELDS and isinstance(term.value, str):
        point, interval, text = date_span(term.value)[0], term.interval or date_interval(term.value), term.value
    elif term.field in AMOUNT_FIELDS and isinstance(term.value, Decimal):
        point, interval, text = term.value, term.interval or _around(term.field, term.value, term.hedge), ""
    else:
        return None
    return Known(
        field=term.field,
        point=point,
        interval=interval,
        text=text,
        hedge=term.hedge,
        confidence=term.confidence,
        assumptions=term.assumptions,
        quotes=term.quotes[:1] if term.basis != "derived" else term.quotes,
    )


def _around(field: str, value: Decimal, hedge: Hedge | None) -> Interval:
    return interval_around(value, resolution=half_width(field, value), hedge=hedge)


def known_by_field(terms: Iterable[Term]) -> dict[str, Known]:
    """The figures among the terms, by field."""
    found = (known_from_term(term) for term in terms)
    return {known.field: known for known in found if known is not None}


def hedge_of(interval: Interval, inputs: Iterable[Known]) -> Hedge | None:
    """The hedge that a derived figure carries: one-sided where its interval is, ``about`` where both ends are open."""
    open_below, open_above = interval.low is None or interval.low <= ZERO, interval.high is None
    if open_below != open_above:
        return "up_to" if open_below else "at_least"
    if open_below:
        return "about"
    return "about" if any(known.hedge for known in inputs) else None


def term_of(known: Known, *, rule: str) -> Term:
    """The derived term of a figure; ``rule`` names the relation."""
    return Term(
        field=known.field,
        value=known.text or known.point,
        basis="derived",
        unit=UNITS[known.field],
        interval=known.interval,
        hedge=known.hedge,
        rule=rule,
        confidence=known.confidence,
        assumptions=known.assumptions,
        quotes=known.quotes,
    )


def unique(items: Iterable[T]) -> tuple[T, ...]:
    """The items without repetition, in order."""
    return tuple(dict.fromkeys(items))
