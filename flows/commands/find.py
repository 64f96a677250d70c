"""Finding a deal by what a person types: its id, the head of it, or names that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from megawatch.errors import LedgerError
from megawatch.market import PARTY_FIELDS, Deal, Value

if TYPE_CHECKING:
    from megawatch.ledger.open import Ledger

SHOWN = 8


def find_deal(ledger: Ledger, words: str, *, as_of: str | None = None) -> Deal:
    """The deal of an id, or the only one whose parties, kind, site or status hold all of the words.

    Raises LedgerError where none fits, or several do: then they are listed with their ids.
    """
    from megawatch.ledger.queries import get_deal, list_deals

    if " " not in words and (found := get_deal(ledger, words, as_of=as_of)):
        return found
    wanted = words.casefold().split()
    fitting = [deal for deal in list_deals(ledger, as_of=as_of) if all(word in _told(deal) for word in wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise LedgerError(f"No deal fits {words!r}; `megawatch deals` lists them.")
    shown = "\n".join(f"  {deal.deal_id}  {headline(deal)}" for deal in fitting[:SHOWN])
    raise LedgerError(f"{len(fitting)} deals fit {words!r}; give more words or one of these ids:\n{shown}")


def headline(deal: Deal) -> str:
    """A deal in a few words.

    >>> headline(Deal(deal_id="a", kind="lease", status="signed", terms=(), first_seen="2026-05-20",
    ...               last_seen="2026-05-20", documents=1, independent_sources=1))
    'lease, unnamed to unnamed, signed, first seen 2026-05-20'
    """
    supplier, customer = (first_name(deal.value(role)) or "unnamed" for role in PARTY_FIELDS)
    return f"{deal.kind}, {supplier} to {customer}, {deal.status}, first seen {deal.first_seen[:10]}"


def first_name(value: Value | None) -> str:
    """The main name of a party, or nothing.

    >>> first_name(("SpaceX", "SpaceXAI")), first_name(None)
    ('SpaceX', '')
    """
    return value[0] if isinstance(value, tuple) and value else ""


def names_party(deal: Deal, role: str, words: str) -> bool:
    """Whether a party of a deal has the words in one of its names; no words mean anybody."""
    value = deal.value(role)
    names = value if isinstance(value, tuple) else ()
    return not words or any(words.casefold() in name.casefold() for name in names)


def _told(deal: Deal) -> str:
    values = [deal.value(name) for name in (*PARTY_FIELDS, "site", "gpu_model")]
    names = [name for value in values for name in (value if isinstance(value, tuple) else (value,)) if name]
    return " ".join([deal.deal_id, deal.kind, deal.status, *map(str, names)]).casefold()
