"""Printed figures read back and compared with what their rows of the ledger hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.facts import Fact, facts_of
from megawatch.briefs.hygiene import plain
from megawatch.briefs.reader import LedgerReader
from megawatch.briefs.rows.types import Brief
from megawatch.errors import BriefError
from megawatch.market import Deal, Price

_NUMBER = re.compile(r"(?P<cash>\$)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?:[\s\u00a0](?P<scale>tn|bn|m|years?)(?!\w))?")
_SCALES = {
    "tn": Decimal(10) ** 12,
    "bn": Decimal(10) ** 9,
    "m": Decimal(10) ** 6,
    "year": Decimal(12),
    "years": Decimal(12),
}
_DATE = re.compile(r"(?:(?P<day>\d{1,2}) )?(?:(?P<month>[A-Z][a-z]+) |(?P<part>[QH]\d) )?(?P<year>\d{4})")
_MONTHS = {name: number for number, name in wording.LOCALE.months["format"]["wide"].items()}


def check_fact(fact: Fact) -> None:
    """Raises BriefError where the words of a fact do not say what its row holds, within their rounding."""
    if not fact.raw or fact.row in ("edition/week", "edition/days"):
        return
    if fact.kind == "number":
        _check_numbers(fact)
    elif fact.kind == "date":
        if read_date(fact.words) != str(fact.raw[0])[:10]:
            raise BriefError(f"{fact.words!r} is printed where {fact.row} holds {fact.raw[0]}: correct its wording.")
    elif isinstance(fact.raw[0], str):
        whole = plain(fact.raw[0], limit=100_000)
        if not whole.startswith(fact.words.removesuffix("…")) and fact.words != "—":
            raise BriefError(f"{fact.words!r} is printed where {fact.row} holds {whole[:80]!r}: correct its wording.")


def _check_numbers(fact: Fact) -> None:
    printed = list(read_numbers(fact.words))
    held = [value for value in fact.raw if isinstance(value, Decimal)]
    if len(printed) != len(held):
        raise BriefError(
            f"{fact.words!r} prints {len(printed)} numbers, {fact.row} holds {len(held)}: tie each to one."
        )
    for (value, step), exact in zip(printed, held, strict=True):
        if abs(value - abs(exact)) > step:
            raise BriefError(f"{fact.words!r} is printed where {fact.row} holds {exact}: correct its wording.")


def read_numbers(words: str) -> Iterator[tuple[Decimal, Decimal]]:
    """The numbers in a text, each with the half width of its rounding.

    >>> [(str(value), str(step)) for value, step in read_numbers("$7.75–$7.81")]
    [('7.75', '0.005'), ('7.81', '0.005')]
    """
    digits_kept = 2 if "%" in words else 3
    for found in _NUMBER.finditer(words):
        number = Decimal(found["digits"].replace(",", ""))
        exponent = number.as_tuple().exponent
        assert isinstance(exponent, int)
        last = Decimal(5).scaleb(exponent - 1)
        kept = Decimal(5).scaleb(number.adjusted() - digits_kept) if number else last
        to_the_cent = bool(found["cash"]) and exponent == -2 and not found["scale"]
        # Cents and ratios are rounded at their last digit; other figures at the third, though 45.0 is printed as 45.
        step = last if to_the_cent or "times" in words else max(last, kept) if "%" in words else min(last, kept)
        scale = _SCALES.get(found["scale"] or "", Decimal(1))
        yield number * scale, step * scale


def read_date(words: str) -> str:
    """A printed date as an ISO date of the same precision; empty where it is none.

    >>> read_date("14 May 2026"), read_date("May 2026"), read_date("Q4 2026"), read_date("2026")
    ('2026-05-14', '2026-05', '2026-Q4', '2026')
    """
    found = _DATE.fullmatch(words.replace(wording.GAP, " "))
    if not found:
        return ""
    if found["part"]:
        return f"{found['year']}-{found['part']}"
    if not found["month"]:
        return found["year"]
    month = _MONTHS.get(found["month"], 0)
    return f"{found['year']}-{month:02d}" + (f"-{int(found['day']):02d}" if found["day"] else "")


def check_rows(brief: Brief, reader: LedgerReader) -> int:
    """Read the rows behind an edition's figures again; how many were compared.

    Raises BriefError where a deal or a price no longer holds, or never held, what the edition has of it.
    """
    facts = [fact for _, fact in facts_of(brief) if fact.kind == "number" and fact.raw]
    deal_ids = tuple(sorted({fact.row.split("/")[1] for fact in facts if fact.row.startswith("deals/")}))
    deals = {deal.deal_id: deal for deal in reader.list_deals(as_of=brief.as_of, deal_ids=deal_ids)}
    prices = {price.price_id: price for price in reader.list_prices(as_of=brief.as_of)}
    compared = 0
    for fact in facts:
        held = _held(fact, deals, prices)
        if held is None:
            continue
        if not all(value in held for value in fact.raw):
            raise BriefError(f"{fact.words!r} is not what {fact.row} holds in the ledger: build the edition again.")
        compared += 1
    return compared


def _held(fact: Fact, deals: dict[str, Deal], prices: dict[str, Price]) -> set[Decimal] | None:
    """The numbers that the row of a fact holds; None for rows that are counts, ratios or constants."""
    table, *path = fact.row.split("/")
    if table == "deals" and len(path) == 2:
        deal = deals.get(path[0])
        if deal is None:
            return set()
        if path[1] == "independent_sources":
            return {Decimal(deal.independent_sources)}
        term = deal.get(path[1])
        ends = (term.value, *((term.interval.low, term.interval.high) if term.interval else ())) if term else ()
        return {end for end in ends if isinstance(end, Decimal)}
    if table == "prices" and len(path) == 1:
        rows = [prices[price_id] for price_id in path[0].split("+") if price_id in prices]
        ends = tuple(end for row in rows for end in (row.low_usd_per_gpu_hour, row.high_usd_per_gpu_hour))
        return {end for end in ends if end is not None}
    return None
