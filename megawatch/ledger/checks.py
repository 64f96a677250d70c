"""What recording refuses, and why: a claim is written only where its passage and its value hold."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from megawatch.errors import LedgerError
from megawatch.market import (
    AMOUNT_FIELDS,
    DATE_FIELDS,
    DEAL_FIELDS,
    KINDS,
    MARKETS,
    PARTY_FIELDS,
    STATUSES,
    DealMention,
    Document,
    Evidence,
    Findings,
    Leftover,
    PriceMention,
    Stated,
)

LONGEST_TERM_MONTHS = 600
EARLIEST_YEAR, LATEST_YEAR = 1980, 2120
HIGHEST_USD_PER_GPU_HOUR = Decimal(10_000)
_DATE = re.compile(r"(\d{4})(?:-(?:H[12]|Q[1-4]|(\d{2})(?:-(\d{2}))?))?")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_CURRENCY = re.compile(r"[A-Z]{3}")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Sifted:
    """What may be recorded of a document's findings; ``refused`` counts the rest by reason."""

    deals: tuple[DealMention, ...]
    prices: tuple[PriceMention, ...]
    leftovers: tuple[Leftover, ...]
    refused: dict[str, int]


def sift(document: Document, findings: Findings) -> Sifted:
    """Divide findings into what may be recorded and what is refused, with the reasons counted."""
    refused: Counter[str] = Counter()
    deals = tuple(_sift_deals(document, findings.deals, refused))
    prices = tuple(_keep(findings.prices, lambda price: _price_fault(document, price), refused))
    leftovers = tuple(_keep(findings.leftovers, lambda left: evidence_fault(document, left.evidence), refused))
    return Sifted(deals, prices, leftovers, dict(sorted(refused.items())))


def _keep(items: Iterable[_T], fault_of: Callable[[_T], str | None], refused: Counter[str]) -> Iterator[_T]:
    for item in items:
        fault = fault_of(item)
        if fault:
            refused[fault] += 1
        else:
            yield item


def _sift_deals(document: Document, deals: Iterable[DealMention], refused: Counter[str]) -> Iterator[DealMention]:
    for deal in deals:
        if deal.document_id != document.id:
            refused["deal of another document"] += 1
            continue
        kept: dict[str, Stated] = {}
        for term in deal.terms:
            fault = "field stated twice" if term.field in kept else claim_fault(document, term)
            if fault:
                refused[fault] += 1
            else:
                kept[term.field] = term
        if "kind" in kept and "status" in kept:
            yield replace(deal, terms=tuple(kept[name] for name in DEAL_FIELDS if name in kept))
        else:
            refused["deal without kind or status"] += 1


def claim_fault(document: Document, term: Stated) -> str | None:
    """Why a claim cannot be recorded, or None."""
    return evidence_fault(document, term.evidence) or value_fault(term)


def evidence_fault(document: Document, evidence: Evidence) -> str | None:
    """Why a passage does not hold in its document, or None."""
    if not evidence.quote.strip():
        return "claim without a quote"
    if evidence.start < 0 or not evidence.holds_in(document):
        return "quote not in the document at its offsets"
    return None if _is_storable(evidence.quote) else "quote holds characters that are no text"


def value_fault(term: Stated) -> str | None:
    """Why a value cannot be one of its field, or None."""
    if term.field not in DEAL_FIELDS:
        return "unknown unit or field"
    if not 0 <= term.confidence <= 1:
        return "confidence outside 0 to 1"
    if term.field in AMOUNT_FIELDS:
        return _amount_fault(term)
    if term.field in (*PARTY_FIELDS, "gpu_model"):
        return _names_fault(term.value)
    if not isinstance(term.value, str) or not term.value.strip() or not _is_storable(term.value):
        return "value is no text"
    return _text_fault(term.field, term.value)


def _amount_fault(term: Stated) -> str | None:
    amount = term.value
    if not isinstance(amount, Decimal) or not amount.is_finite():
        return "amount is no number"
    if amount < 0:
        return "negative amount"
    if amount == 0:
        return "amount of zero"
    if term.field == "term_months" and amount > LONGEST_TERM_MONTHS:
        return f"term over {LONGEST_TERM_MONTHS} months"
    if term.field == "rate_usd_per_gpu_hour" and amount > HIGHEST_USD_PER_GPU_HOUR:
        return "rate out of range"
    if term.resolution is not None and not (term.resolution.is_finite() and term.resolution >= 0):
        return "rounding is no number"
    return None


def _names_fault(value: object) -> str | None:
    if not isinstance(value, tuple) or not value:
        return "no name"
    good = all(isinstance(name, str) and name.strip() and _is_storable(name) for name in value)
    return None if good else "no name"


def _text_fault(name: str, value: str) -> str | None:
    if name == "kind" and value not in KINDS:
        return "unknown kind"
    if name == "status" and value not in STATUSES:
        return "unknown status"
    if name == "currency" and not _CURRENCY.fullmatch(value):
        return "unknown unit or field"
    if name in DATE_FIELDS and not is_date(value):
        return "malformed date"
    return None


def is_date(value: str) -> bool:
    """Whether a text is a date as precise as ``2026``, ``2026-H1``, ``2026-Q4``, ``2026-05`` or ``2026-05-14``.

    >>> is_date("2026-Q4"), is_date("2026-02-30"), is_date("2026-13")
    (True, False, False)
    """
    found = _DATE.fullmatch(value)
    if not found or not EARLIEST_YEAR <= int(found[1]) <= LATEST_YEAR:
        return False
    try:
        datetime.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return False
    return True


def _price_fault(document: Document, price: PriceMention) -> str | None:
    if price.document_id != document.id:
        return "price of another document"
    fault = evidence_fault(document, price.evidence)
    if fault:
        return fault
    low, high = price.low_usd_per_gpu_hour, price.high_usd_per_gpu_hour
    levels = [level for level in (low, high) if level is not None]
    if not price.gpu_model.strip() or price.market not in MARKETS:
        return "price without a model or with an unknown market"
    if not levels and price.change_percent is None:
        return "price without a level or a change"
    if any(not level.is_finite() or not 0 < level <= HIGHEST_USD_PER_GPU_HOUR for level in levels):
        return "price out of range"
    if low is not None and high is not None and low > high:
        return "price range upside down"
    if price.change_percent is not None and not price.change_percent.is_finite():
        return "amount is no number"
    return None


def _is_storable(text: str) -> bool:
    # PostgreSQL holds no NUL, and neither database a lone surrogate.
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """The text with what no database holds (NUL, lone surrogates) replaced by the replacement character."""
    if _is_storable(text):
        return text
    return "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)


def read_instant(value: str, *, what: str) -> str:
    """A day as it is, an instant in UTC as ``YYYY-MM-DDTHH:MM:SSZ`` (parts of seconds cut), so that both sort as time.

    Raises LedgerError, naming ``what``, for anything else.
    """
    if _INSTANT.fullmatch(value):
        try:
            if len(value) == 10:
                return datetime.date.fromisoformat(value).isoformat()
            moment = datetime.datetime.fromisoformat(value)
            moment = moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        except ValueError:
            pass
    raise LedgerError(f"{what} is {value!r}, no ISO date or instant: write it as 2026-05-24 or 2026-05-24T18:00:00Z.")


def upper_bound(as_of: str) -> str:
    """The last text that sorts at or before ``as_of``: a day stands for the whole of it."""
    instant = read_instant(as_of, what="as_of")
    return instant + "T99" if len(instant) == 10 else instant
