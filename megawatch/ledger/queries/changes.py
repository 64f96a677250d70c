"""What the ledger came to believe differently between two instants, and which of it were corrections."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Table, or_, select

from megawatch.ledger.encode import decode_value, field_order
from megawatch.ledger.open import Ledger
from megawatch.ledger.queries.deals import first_day
from megawatch.ledger.queries.read import read_quotes
from megawatch.ledger.rows import chunks, is_among, select_in
from megawatch.ledger.tables import DealMentionRow, DealRow, JudgementRow, MentionRow, TermRow, table_of
from megawatch.market import DATE_FIELDS, PARTY_FIELDS, Change, Quote, Value

_DEALS = table_of(DealRow)
_TERMS = table_of(TermRow)
_PLACES = table_of(DealMentionRow)
_MENTIONS = table_of(MentionRow)
_JUDGEMENTS = table_of(JudgementRow)
_GROWING = ("power_mw", "gross_power_mw", "option_power_mw", "gpu_count", "total_value_usd", "total_value")

Event = tuple[str, str, str]


def list_changes(ledger: Ledger, *, since: str, until: str) -> tuple[Change, ...]:
    """Every field of every deal believed differently from an instant in [``since``, ``until``) on, by time.

    A deal seen for the first time is one change, ``new``, of its field ``kind``. ``before`` or ``after`` is None where
    no value was or is given.
    """
    with ledger.read() as connection:
        return _changes(connection, since, until)


def list_corrections(ledger: Ledger, *, since: str, until: str) -> tuple[Change, ...]:
    """The changes of [``since``, ``until``) that came of a source that changed its text, or of a review."""
    with ledger.read() as connection:
        changes = _changes(connection, since, until)
        corrected = _corrected(connection, since, until)
    return tuple(change for change in changes if (change.deal_id, change.known_at) in corrected)


def _changes(connection: Connection, since: str, until: str) -> tuple[Change, ...]:
    born = _born(connection, since, until)
    events = _events(connection, since, until)
    joined = _joined(connection, {deal for deal, _, _ in events})
    changed = {
        key: pair
        for key, pair in events.items()
        if (key[0], key[2]) not in born and (key[0], key[2]) not in joined and _value(pair[0]) != _value(pair[1])
    }
    fresh = {key: pair for key, pair in events.items() if (key[0], key[2]) in born and key[1] == "kind"}
    wanted = changed | fresh
    quotes = read_quotes(connection, {claim for pair in wanted.values() for claim in _claims(pair)})
    ordered = sorted(wanted, key=lambda key: (key[2], key[0], field_order(key[1])))
    return tuple(_change(key, wanted[key], "new" if key in fresh else None, quotes) for key in ordered)


def _within(table: Table, since: str, until: str) -> Any:
    appeared = (table.c.known_from >= since) & (table.c.known_from < until)
    went = (table.c.known_to >= since) & (table.c.known_to < until)
    return or_(appeared, went)


def _events(connection: Connection, since: str, until: str) -> dict[Event, tuple[Row[Any] | None, Row[Any] | None]]:
    """For each (deal, field, instant), the row believed until then and the one from then on."""
    before: dict[Event, Row[Any]] = {}
    after: dict[Event, Row[Any]] = {}
    for row in connection.execute(select(_TERMS).where(_within(_TERMS, since, until))).all():
        if since <= row.known_from < until:
            after[row.deal_id, row.field, row.known_from] = row
        if row.known_to is not None and since <= row.known_to < until:
            before[row.deal_id, row.field, row.known_to] = row
    return {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()}


def _born(connection: Connection, since: str, until: str) -> set[tuple[str, str]]:
    query = select(_DEALS.c.deal_id).where(_DEALS.c.known_from >= since, _DEALS.c.known_from < until)
    ids = set(connection.execute(query).scalars())
    first: dict[str, str] = {}
    for key, known_from, _ in _spans(connection, ids):
        first[key] = min(known_from, first.get(key, known_from))
    return {(key, at) for key, at in first.items() if since <= at < until}


def _spans(connection: Connection, deal_ids: Iterable[str]) -> list[tuple[str, str, str | None]]:
    """Deals with the spans over which each of their rows was believed."""
    found: list[tuple[str, str, str | None]] = []
    for chunk in chunks(deal_ids):
        query = select(_DEALS.c.deal_id, _DEALS.c.known_from, _DEALS.c.known_to)
        mine = is_among(connection, _DEALS.c.deal_id, chunk)
        found += [(key, start, end) for key, start, end in connection.execute(query.where(mine)).all()]
    return found


def _joined(connection: Connection, deal_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Deals that ended because another took in one of their mentions: no news, and not withdrawn."""
    spans = _spans(connection, deal_ids)
    ended = {(key, end) for key, _, end in spans if end} - {(key, start) for key, start, _ in spans}
    places = select_in(connection, _PLACES, "deal_id", {deal for deal, _ in ended})
    left = {(row.mention_id, row.known_to): row.deal_id for row in places if (row.deal_id, row.known_to) in ended}
    went_on = select_in(connection, _PLACES, "mention_id", {mention for mention, _ in left})
    found = {(row.mention_id, row.known_from) for row in went_on}
    return {(left[key], key[1]) for key in left.keys() & found if key[1] is not None}


def _value(row: Row[Any] | None) -> tuple[str | None, str | None]:
    if row is None or row.value is None:
        return None, None if row is None else row.absence
    # Another spelling of the same party is no news.
    return (json.loads(row.value)[0] if row.field in PARTY_FIELDS else row.value), None


def _claims(pair: tuple[Row[Any] | None, Row[Any] | None]) -> list[str]:
    row = pair[1] or pair[0]
    return [] if row is None else list(json.loads(row.detail)["claims"])


def _change(
    key: Event, pair: tuple[Row[Any] | None, Row[Any] | None], what: str | None, quotes: Mapping[str, Quote]
) -> Change:
    before, after = (_decoded(row) for row in pair)
    return Change(
        deal_id=key[0],
        what=what or _what(key[1], before, after),
        field=key[1],
        before=before,
        after=after,
        known_at=key[2],
        quotes=tuple(quotes[claim] for claim in _claims(pair) if claim in quotes),
    )


def _decoded(row: Row[Any] | None) -> Value | None:
    return None if row is None or row.value is None else decode_value(row.field, row.value)


def _what(field: str, before: Value | None, after: Value | None) -> str:
    if after is None:
        return "withdrawn"
    if field == "status" and after == "terminated":
        return "terminated"
    if isinstance(before, Decimal) and isinstance(after, Decimal) and field in _GROWING and after > before:
        return "expanded"
    if isinstance(before, str) and isinstance(after, str) and field in DATE_FIELDS:
        return "slipped" if first_day(after) > first_day(before) else "changed"
    return "changed"


def _corrected(connection: Connection, since: str, until: str) -> set[tuple[str, str]]:
    """Deals and instants at which a mention in them was corrected by its source or judged by a person."""
    closed = select(_MENTIONS.c.mention_id, _MENTIONS.c.known_to).where(
        _MENTIONS.c.closed_because == "corrected", _MENTIONS.c.known_to >= since, _MENTIONS.c.known_to < until
    )
    instants: defaultdict[str, set[str]] = defaultdict(set)
    for mention_id, at in connection.execute(closed):
        instants[mention_id].add(at)
    for row in connection.execute(select(_JUDGEMENTS).where(_within(_JUDGEMENTS, since, until))):
        for mention_id in mentions_judged(json.loads(row.target)):
            instants[mention_id] |= {at for at in (row.known_from, row.known_to) if at and since <= at < until}
    places = select_in(connection, _PLACES, "mention_id", instants)
    return {
        (row.deal_id, at)
        for row in places
        for at in instants[row.mention_id]
        if row.known_from <= at and (row.known_to is None or row.known_to >= at)
    }


def mentions_judged(target: Mapping[str, Any]) -> Sequence[str]:
    """The mentions that a judgement is about."""
    pairs = [mention for pair in target.get("pairs", ()) for mention in pair]
    claims = [claim[0] for claim in target.get("claims", ())]
    return sorted({*pairs, *claims, *target.get("mentions", ())})
