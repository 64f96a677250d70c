"""Links between deals, kept up to date: only deals that look for one another by party and place, size or document.

A link depends on the deal it starts from and on every deal that fits it. So when a deal changes, the links are told
anew of it and of each deal that looks for what it offers, each with all that it looks for. Keys are kept for good: one
that no longer holds only makes a comparison that finds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

from sqlalchemy import Connection, func, select

from megawatch.ledger.chains import BELOW, Parties, find_links
from megawatch.ledger.encode import encode_interval, encode_json
from megawatch.ledger.organizations import parents_of, read_redirects
from megawatch.ledger.places import read_places
from megawatch.ledger.queries.read import read_deals
from megawatch.ledger.rows import add_rows, chunks, select_in, visible
from megawatch.ledger.spans import Believed
from megawatch.ledger.tables import (
    DealKey,
    DealMentionRow,
    DealRow,
    LinkRow,
    MentionParty,
    Unsettled,
    table_of,
)
from megawatch.market import Deal

MOST_LOOKED_AT = 200
_STEP = math.log(1.05)
_DEALS = table_of(DealRow)
_KEYS = table_of(DealKey)
_PLACES = table_of(DealMentionRow)
_PARTIES = table_of(MentionParty)


def write_links(connection: Connection, instant: str, changed: set[str], *, late: bool) -> None:
    """Bring the links of the changed deals, and of those that may link to them, to what holds at an instant."""
    if not changed:
        return
    parties = _parties(connection, changed, instant)
    own = _read(connection, changed, instant)
    _add_keys(connection, own, parties)
    starts = changed | _others(connection, changed, mine="in", theirs="out")
    around = starts | _others(connection, starts, mine="out", theirs="in")
    believed = Believed(connection, instant, starts, kinds=(LinkRow,))
    if late:
        _look_again(connection, believed)
    believed.rewind()
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    if len(around) > 1:
        deals = own | _read(connection, around - own.keys(), instant)
        parties |= _parties(connection, deals.keys() - parties.keys(), instant)
        for link in find_links([deals[key] for key in sorted(deals)], parties=parties):
            if link.from_id in starts:
                spread = "" if link.spread is None else encode_json(encode_interval(link.spread))
                rows[link.from_id, link.relation, link.to_id] = {"reason": link.reason, "spread": spread}
    believed.replace(LinkRow, rows)


def _read(connection: Connection, ids: Iterable[str], instant: str) -> dict[str, Deal]:
    rows = select_in(connection, _DEALS, "deal_id", ids, visible(_DEALS, instant))
    return {deal.deal_id: deal for deal in read_deals(connection, rows, bound=instant)}


def _parties(connection: Connection, ids: Iterable[str], instant: str) -> dict[str, Parties]:
    """The organizations of deals: those of their mentions, owners included."""
    redirects = read_redirects(connection, bound=instant)
    homes: dict[str, str] = {}
    found: dict[str, tuple[set[str], set[str]]] = {key: (set(), set()) for key in ids}
    for row in select_in(connection, _PLACES, "deal_id", found, visible(_PLACES, instant)):
        homes[row.mention_id] = row.deal_id
    for row in select_in(connection, _PARTIES, "mention_id", homes):
        main = redirects.get(row.organization_id, row.organization_id)
        found[homes[row.mention_id]][row.role == "customer"].update({main, *parents_of(main)})
    return {key: Parties(frozenset(supply), frozenset(demand)) for key, (supply, demand) in found.items()}


def _add_keys(connection: Connection, deals: Mapping[str, Deal], parties: Mapping[str, Parties]) -> None:
    rows = [
        {"key": key, "side": side, "deal_id": deal_id}
        for deal_id, deal in deals.items()
        for side, key in sorted(set(_keys_of(deal, parties[deal_id])))
    ]
    add_rows(connection, DealKey, rows)


def _keys_of(deal: Deal, parties: Parties) -> Iterator[tuple[str, str]]:
    for supplier, customer in product(parties.suppliers, parties.customers):
        yield from ((side, f"pair:{deal.kind}:{supplier}|{customer}") for side in ("in", "out"))
    marks = set(_marks(deal))
    for party, mark in product(parties.suppliers | parties.customers, marks):
        yield "in", f"has:{party}|{mark}"
    looking = parties.suppliers if deal.kind in BELOW else frozenset()
    looking |= parties.customers if deal.kind == "financing" else frozenset()
    for party, mark in product(looking, marks):
        yield "out", f"has:{party}|{mark}"


def _marks(deal: Deal) -> Iterator[str]:
    """What two linked deals share beside a party: a site, about the same megawatts, or a document."""
    site = deal.value("site")
    for named in read_places(site) if isinstance(site, str) else ():
        yield from (f"site:{name}" for name in named.names)
    for field in ("power_mw", "gross_power_mw"):
        amount = deal.value(field)
        if isinstance(amount, Decimal) and amount > 0:
            place = math.log(float(amount)) / _STEP
            yield f"mw:{math.floor(place)}a"
            yield f"mw:{math.floor(place + 0.5)}b"
    yield from (f"document:{document_id}" for document_id in {quote.document_id for quote in deal.quotes})


def _others(connection: Connection, ids: Iterable[str], *, mine: str, theirs: str) -> set[str]:
    """The deals that have on the side ``theirs`` a key that one of these has on the side ``mine``."""
    keys = {row.key for row in select_in(connection, _KEYS, "deal_id", ids, _KEYS.c.side == mine)}
    found: set[str] = set()
    for chunk in chunks(keys):
        met = (_KEYS.c.side == theirs) & _KEYS.c.key.in_(chunk)
        # A key that hundreds share says nothing of which deal is meant.
        telling = select(_KEYS.c.key).where(met).group_by(_KEYS.c.key).having(func.count() <= MOST_LOOKED_AT)
        few = connection.execute(telling).scalars().all()
        if few:
            query = select(_KEYS.c.deal_id).where(_KEYS.c.side == theirs, _KEYS.c.key.in_(few))
            found |= set(connection.execute(query).scalars())
    return found


def _look_again(connection: Connection, believed: Believed) -> None:
    instants = believed.later_instants()
    members = believed.members_ever() if instants else frozenset()
    rows = [{"instant": at, "mention_id": key} for at in instants for key in sorted(members)]
    add_rows(connection, Unsettled, rows)
