"""Who owes whom in which year, added up over deals.

Conventions: a rented deal (compute, lease, power) owes its cash schedule, supplier to be paid by customer. A purchase
of hardware owes its value in the year of delivery (``start_date``), or else the year in which it was first seen; a loan
owes its whole size back in the year of its maturity, borrower to lender, interest left out. Builds and acquisitions owe
nobody by the year. Deals that are planned or terminated, whose party is not named, or whose money is not known are left
out and counted by reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from megawatch.ledger.arithmetic.schedule import cash_schedule
from megawatch.market import Deal

UNKNOWN = "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one party owes another in one calendar year, in US dollars, and the deals that it comes from."""

    debtor: str
    creditor: str
    year: str
    usd: Decimal
    deal_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """One deal's part: who owes whom how much in a year."""

    debtor: str
    creditor: str
    year: str
    usd: Decimal


def exposure_by_year(deals: Iterable[Deal]) -> tuple[Exposure, ...]:
    """What each party owes each other in each year, over the signed deals; parties by their first name.

    Sorted by debtor, creditor and year.
    """
    sums: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    sources: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for deal in deals:
        for owed in _owed(deal):
            key = (owed.debtor, owed.creditor, owed.year)
            sums[key] += owed.usd
            sources[key].add(deal.deal_id)
    return tuple(
        Exposure(debtor=key[0], creditor=key[1], year=key[2], usd=sums[key], deal_ids=tuple(sorted(sources[key])))
        for key in sorted(sums)
    )


def left_out(deals: Iterable[Deal]) -> Counter[str]:
    """How many deals the exposure leaves out, by reason."""
    return Counter(reason for deal in deals if (reason := _why_not(deal)))


def _owed(deal: Deal) -> Iterator[Owed]:
    if _why_not(deal):
        return
    debtor, creditor = _name(deal, "customer"), _name(deal, "supplier")
    yield from (Owed(debtor, creditor, year, usd) for year, usd in _by_year(deal).items() if usd)


def _why_not(deal: Deal) -> str:
    if deal.status != "signed":
        return deal.status
    if deal.kind in ("build", "acquisition"):
        return f"{deal.kind}: owes nobody by the year"
    if UNKNOWN in (_name(deal, "customer"), _name(deal, "supplier")):
        return "a party is not named"
    if _by_year(deal):
        return ""
    return cash_schedule(deal).reason if deal.kind in ("compute", "lease", "power") else "no value or year is stated"


def _by_year(deal: Deal) -> dict[str, Decimal]:
    if deal.kind in ("compute", "lease", "power"):
        return cash_schedule(deal).by_year()
    total = deal.value("total_value_usd")
    date = deal.value("end_date") if deal.kind == "financing" else deal.value("start_date") or deal.first_seen
    return {date[:4]: total} if isinstance(total, Decimal) and isinstance(date, str) else {}


def _name(deal: Deal, field: str) -> str:
    value = deal.value(field)
    return value[0] if isinstance(value, tuple) and value else UNKNOWN
