"""Links between deals, kept up to date: only deals that look for one another by party and place, size or document.

A link depends on the deal it starts from and on every deal that fits it. So when a deal changes, the links are told
anew of it and of each deal that looks for what it offers, each with all that it looks for. Keys are kept for good: one
that no longer holds only makes a comparison that finds nothing.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product, starmap
from typing import Any

from sqlalchemy import Connection, Row, func, select

from megawatch.ledger.chains import (
    BELOW,
    FUNDED,
    LINKING_FIELDS,
    NEAR,
    Parties,
    find_links,
    pairs_of,
    receivers_of,
    users_of,
)
from megawatch.ledger.encode import encode_interval, encode_json
from megawatch.ledger.organizations import parents_of, read_redirects
from megawatch.ledger.places import read_places
from megawatch.ledger.queries.read import term_of
from megawatch.ledger.rows import add_rows, chunks, is_among, select_in, visible
from megawatch.ledger.spans import Believed
from megawatch.ledger.tables import (
    ClaimRow,
    DealKey,
    DealMentionRow,
    DealRow,
    LinkRow,
    MentionParty,
    MentionRow,
    TermRow,
    Unsettled,
    table_of,
)
from megawatch.market import Deal, Quote

MOST_LOOKED_AT = 200
"""How many deals a key may lead to: one that hundreds share says nothing of which deal is meant."""
MOST_OF_A_SIZE = 24
"""The same for a party and a size: of so many at least two are of one kind, and neither is linked."""
_STEP = 2.0001 * math.log(1 / (1 - float(NEAR)))
"""Of two overlapping rows of buckets this wide, figures within ``NEAR`` of each other share one."""
_SIZE = "mw:"
_CAPACITY = ("power_mw", "gross_power_mw")
_CLAIMS = table_of(ClaimRow)
_DEALS = table_of(DealRow)
_KEYS = table_of(DealKey)
_LINKS = table_of(LinkRow)
_MENTIONS = table_of(MentionRow)
_PLACES = table_of(DealMentionRow)
_PARTIES = table_of(MentionParty)
_TERMS = table_of(TermRow)


def write_links(
    connection: Connection, instant: str, changed: Mapping[str, Deal], gone: set[str], *, late: bool
) -> None:
    """Bring the links of the changed deals, and of those that may link to them, to what holds at an instant.

    ``gone`` are the deals that went at that instant.
    """
    touched = changed.keys() | gone
    if not touched:
        return
    parties = _parties(connection, touched, instant)
    _add_keys(connection, changed, parties)
    still = _LINKS.c.known_to.is_(None) | (_LINKS.c.known_to >= instant)
    linked = {row.deal_id for row in select_in(connection, _LINKS, "other_id", touched, still)}
    starts = touched | linked | _others(connection, touched, mine="in", theirs="out")
    around = starts | _others(connection, starts, mine="out", theirs="in")
    believed = Believed(connection, instant, starts, kinds=(LinkRow,))
    if late:
        _look_again(connection, believed)
    believed.rewind()
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    if len(around) > 1:
        parties |= _parties(connection, around - touched, instant)
        pairs = {pair for key in starts for pair in pairs_of(parties[key])}
        deals = {
            **changed,
            **_read(connection, around - touched, instant, told_of=lambda row: _meets(row, parties, pairs)),
        }
        for link in find_links([deals[key] for key in sorted(deals)], parties=parties, starts=starts):
            spread = "" if link.spread is None else encode_json(encode_interval(link.spread))
            rows[link.from_id, link.relation, link.to_id] = {"reason": link.reason, "spread": spread}
    believed.replace(LinkRow, rows)


def _meets(row: Row[Any], parties: Mapping[str, Parties], pairs: set[tuple[str, str]]) -> bool:
    return not pairs.isdisjoint(pairs_of(parties[row.deal_id]))


def write_deal_keys(connection: Connection, deal_ids: Iterable[str], instant: str) -> None:
    """The keys of deals as they were believed at an instant, where a ledger has none yet."""
    deals = _read(connection, deal_ids, instant, told_of=lambda row: False)
    _add_keys(connection, deals, _parties(connection, deals, instant))


def _read(
    connection: Connection, ids: Iterable[str], instant: str, *, told_of: Callable[[Row[Any]], bool]
) -> dict[str, Deal]:
    """Deals with what linking looks at and nothing else.

    Their quotes are a document each, and the words where ``told_of`` says so of the deal's row: only they can speak of
    another deal.
    """
    rows = select_in(connection, _DEALS, "deal_id", ids, visible(_DEALS, instant))
    wanted = _TERMS.c.field.in_(LINKING_FIELDS) & visible(_TERMS, instant)
    found: dict[str, list[Row[Any]]] = {row.deal_id: [] for row in rows}
    for term in select_in(connection, _TERMS, "deal_id", found, wanted):
        found[term.deal_id].append(term)
    spoken = {key for row in rows if told_of(row) for key in json.loads(row.quotes)}
    words = _words(connection, spoken)
    silent = _documents(connection, [row.deal_id for row in rows if not told_of(row)], instant)
    return {
        row.deal_id: _deal(
            row,
            found[row.deal_id],
            silent.get(row.deal_id) or [words[key] for key in json.loads(row.quotes) if key in words],
        )
        for row in rows
    }


def _deal(row: Row[Any], terms: Iterable[Row[Any]], quotes: Iterable[Quote]) -> Deal:
    return Deal(
        deal_id=row.deal_id,
        kind=row.kind,
        status=row.status,
        terms=tuple(term_of(term, json.loads(term.detail), {}) for term in terms),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        documents=row.documents,
        independent_sources=row.independent_sources,
        quotes=tuple(quotes),
    )


def _words(connection: Connection, claim_ids: Iterable[str]) -> dict[str, Quote]:
    found: dict[str, Quote] = {}
    for chunk in chunks(claim_ids):
        columns = (_CLAIMS.c.claim_id, _CLAIMS.c.document_id, _CLAIMS.c.quote)
        query = select(*columns).where(is_among(connection, _CLAIMS.c.claim_id, chunk))
        found |= {row[0]: _quote(*row) for row in connection.execute(query).all()}
    return found


def _documents(connection: Connection, deal_ids: Iterable[str], instant: str) -> dict[str, list[Quote]]:
    found: defaultdict[str, list[Quote]] = defaultdict(list)
    for chunk in chunks(deal_ids):
        mine = is_among(connection, _PLACES.c.deal_id, chunk) & visible(_PLACES, instant)
        query = select(_PLACES.c.deal_id, _MENTIONS.c.document_id).where(mine, visible(_MENTIONS, instant))
        joined = query.join_from(_PLACES, _MENTIONS, _PLACES.c.mention_id == _MENTIONS.c.mention_id)
        for deal_id, document_id in connection.execute(joined).all():
            found[deal_id].append(_quote("", document_id, ""))
    return found


def _quote(claim_id: str, document_id: str, words: str) -> Quote:
    return Quote(
        claim_id=claim_id,
        document_id=document_id,
        title="",
        publisher="",
        source="news",
        published=None,
        url="",
        part="text",
        start=0,
        end=len(words),
        quote=words,
    )


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
        yield from ((side, f"{supplier}|pair|{deal.kind}|{customer}") for side in ("in", "out"))
    marks = set(_marks(deal))
    if deal.kind in _LOWER:
        yield from (("in", f"{party}|holds|{mark}") for party in receivers_of(deal, parties) for mark in marks)
    if deal.kind in BELOW:
        yield from (("out", f"{party}|holds|{mark}") for party in parties.suppliers for mark in marks)
    if deal.kind in FUNDED:
        yield from (("in", f"{party}|uses|{mark}") for party in users_of(deal, parties) for mark in marks)
    if deal.kind == "financing":
        yield from (("out", f"{party}|uses|{mark}") for party in parties.customers for mark in marks)


_LOWER = frozenset().union(*BELOW.values())


def _marks(deal: Deal) -> Iterator[str]:
    """What two linked deals share beside a party: a site, about the same megawatts, or a document."""
    site = deal.value("site")
    for named in read_places(site) if isinstance(site, str) else ():
        yield from (f"site:{name}" for name in named.names)
    for field in _CAPACITY:
        amount = deal.value(field)
        if isinstance(amount, Decimal) and amount > 0:
            place = math.log(float(amount)) / _STEP
            yield f"{_SIZE}{math.floor(place)}a"
            yield f"{_SIZE}{math.floor(place + 0.5)}b"
    yield from (f"document:{document_id}" for document_id in {quote.document_id for quote in deal.quotes})


def _others(connection: Connection, ids: Iterable[str], *, mine: str, theirs: str) -> set[str]:
    """The deals that have on the side ``theirs`` a key that one of these has on the side ``mine``.

    Of those that share nothing but a bucket of megawatts, the ones whose figures have ever agreed.
    """
    own: defaultdict[str, list[str]] = defaultdict(list)
    for row in select_in(connection, _KEYS, "deal_id", ids, _KEYS.c.side == mine):
        own[row.key].append(row.deal_id)
    of_a_size = {key for key in own if f"|{_SIZE}" in key}
    found = {other for _, other in _met(connection, own.keys() - of_a_size, side=theirs, most=MOST_LOOKED_AT)}
    sized = _met(connection, of_a_size, side=theirs, most=MOST_OF_A_SIZE)
    return found | _agreeing(
        connection, {(one, other) for key, other in sized if other not in found for one in own[key]}
    )


def _met(connection: Connection, keys: Iterable[str], *, side: str, most: int) -> Iterator[tuple[str, str]]:
    """The keys with each deal that has one of them on a side, of the keys that lead to at most so many."""
    for chunk in chunks(keys):
        met = (_KEYS.c.side == side) & is_among(connection, _KEYS.c.key, chunk)
        telling = select(_KEYS.c.key).where(met).group_by(_KEYS.c.key).having(func.count() <= most)
        few = connection.execute(telling).scalars().all()
        if few:
            mentioned = (_KEYS.c.side == side) & is_among(connection, _KEYS.c.key, few)
            yield from map(tuple, connection.execute(select(_KEYS.c.key, _KEYS.c.deal_id).where(mentioned)).all())


def _agreeing(connection: Connection, pairs: set[tuple[str, str]]) -> set[str]:
    """The second of each pair of deals whose megawatts were the same at any time."""
    sizes: defaultdict[str, set[tuple[float, float, float]]] = defaultdict(set)
    columns = (_TERMS.c.deal_id, _TERMS.c.amount, _TERMS.c.low, _TERMS.c.high)
    for chunk in chunks({key for pair in pairs for key in pair}):
        mine = is_among(connection, _TERMS.c.deal_id, chunk) & _TERMS.c.field.in_(_CAPACITY)
        for key, amount, low, high in connection.execute(select(*columns).where(mine, _TERMS.c.amount.is_not(None))):
            sizes[key].add((amount, -math.inf if low is None else low, math.inf if high is None else high))
    return {other for one, other in pairs if any(starmap(_agree, product(sizes[one], sizes[other])))}


def _agree(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    # Floats of exact numbers: what is near the edge is left for the exact comparison to decide.
    (a, a_low, a_high), (b, b_low, b_high), spare = one, other, 1e-6 * max(one[0], other[0])
    near = abs(a - b) <= float(NEAR) * max(a, b) + spare
    return near and a_low <= b_high + spare and b_low <= a_high + spare


def _look_again(connection: Connection, believed: Believed) -> None:
    instants = believed.later_instants()
    members = believed.members_ever() if instants else frozenset()
    rows = [{"instant": at, "mention_id": key} for at in instants for key in sorted(members)]
    add_rows(connection, Unsettled, rows)
