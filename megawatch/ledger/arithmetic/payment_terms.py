"""Prepayments and ramps as sentences state them, for the cash schedule.

No field of a deal holds them, so they are read off the sentences of its claims when a schedule is drawn. A prepayment
is a share of the whole value, a sum, or a number of monthly payments; a ramp is a payment from a month on, or after the
first months. "Monthly in advance" tells when an even payment is due and is neither. The wordings are data
(``data/payment_terms.jsonl``), each with examples and counter-examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from megawatch.ledger.arithmetic.dates import add_months, month_of
from megawatch.ledger.arithmetic.known import known_by_field
from megawatch.ledger.arithmetic.schedule import Prepayment, Ramp
from megawatch.ledger.data import read_data
from megawatch.market import Deal

_NAMES = "january february march april may june july august september october november december".split()
_COUNTS = "one two three four five six seven eight nine ten eleven twelve".split()
_SCALES = {"k": 10**3, "m": 10**6, "million": 10**6, "mln": 10**6, "b": 10**9, "bn": 10**9, "billion": 10**9}
_SHARES = {"half": Decimal("0.5"), "quarter": Decimal("0.25"), "fifth": Decimal("0.2"), "tenth": Decimal("0.1")}


@dataclass(frozen=True, slots=True)
class StatedPrepayment:
    """A prepayment as stated: a ``share`` of the value (0.2), ``usd``, or a number of monthly payments."""

    unit: Literal["share", "usd", "months"]
    amount: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class StatedRamp:
    """A payment in US dollars a month from ``month`` (``2027-07``) on, or after so many months of the term."""

    monthly_usd: Decimal
    month: str | None
    after_months: int | None
    words: str


def read_prepayments(sentence: str) -> tuple[StatedPrepayment, ...]:
    """The prepayments that a sentence states, each once."""
    found = {one.unit: one for match in _matches("prepayment", sentence) if (one := _prepayment(match)) is not None}
    return tuple(found.values())


def read_ramps(sentence: str) -> tuple[StatedRamp, ...]:
    """The ramps of payments that a sentence states."""
    return tuple(_ramp(match) for match in _matches("ramp", sentence))


def prepayments_of(deal: Deal, sentences: Iterable[str]) -> tuple[Prepayment, ...]:
    """The prepayments of a deal that its sentences state, in US dollars; none where they disagree.

    A share needs the deal's total, a number of months its monthly payment; without it the prepayment is left out.
    """
    known = known_by_field(deal.terms)
    sums = set()
    for stated in {one for sentence in sentences for one in read_prepayments(sentence)}:
        base = {"share": "total_value_usd", "months": "monthly_payment_usd"}.get(stated.unit)
        if base is None:
            sums.add(stated.amount)
        elif base in known:
            sums.add((stated.amount * known[base].point).quantize(Decimal("0.01")))
    return tuple(Prepayment(usd=usd) for usd in sums) if len(sums) == 1 else ()


def ramps_of(deal: Deal, sentences: Iterable[str]) -> tuple[Ramp, ...]:
    """The ramps of a deal that its sentences state, by month; those after so many months need the deal's start."""
    start = deal.value("start_date")
    found = set()
    for stated in {one for sentence in sentences for one in read_ramps(sentence)}:
        if stated.month is not None:
            found.add((stated.month, stated.monthly_usd))
        elif isinstance(start, str) and stated.after_months is not None:
            found.add((add_months(month_of(start), Decimal(stated.after_months)), stated.monthly_usd))
    return tuple(Ramp(month=month, monthly_usd=usd) for month, usd in sorted(found))


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((entry["is"], re.compile(entry["pattern"], re.IGNORECASE)) for entry in read_data("payment_terms"))


def _matches(what: str, sentence: str) -> Iterator[re.Match[str]]:
    for name, pattern in _patterns():
        if name == what:
            yield from pattern.finditer(sentence)


def _prepayment(match: re.Match[str]) -> StatedPrepayment | None:
    found = {name: value for name, value in match.groupdict().items() if value}
    words = match[0]
    if "percent" in found:
        return StatedPrepayment("share", Decimal(found["percent"]) / 100, words)
    if "share" in found:
        return StatedPrepayment("share", _SHARES[found["share"].lower()], words)
    if "usd" in found:
        return StatedPrepayment("usd", _dollars(found["usd"], found.get("scale", "")), words)
    return StatedPrepayment("months", Decimal(12 if "year" in found else _count(found["months"])), words)


def _ramp(match: re.Match[str]) -> StatedRamp:
    found = match.groupdict()
    usd = _dollars(found["usd"], found["scale"] or "")
    if found.get("month"):
        month = f"{found['year']}-{_NAMES.index(found['month'].lower()) + 1:02}"
        return StatedRamp(usd, month, None, match[0])
    return StatedRamp(usd, None, _count(found["after"]), match[0])


def _dollars(digits: str, scale: str) -> Decimal:
    return Decimal(digits.replace(",", "").rstrip(".")) * _SCALES.get(scale.lower(), 1)


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _COUNTS.index(word.lower()) + 1
