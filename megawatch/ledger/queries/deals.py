"""Deals as they were known on a day, by time, kind, party and size."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from megawatch.ledger.checks import upper_bound
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import find_organizations
from megawatch.ledger.queries.read import contradiction_of, read_deals, read_quotes
from megawatch.ledger.rows import select_in, visible
from megawatch.ledger.tables import ContradictionRow, DealMentionRow, DealRow, table_of
from megawatch.market import Contradiction, Deal, Kind, Status

_DEALS = table_of(DealRow)
_PLACES = table_of(DealMentionRow)
_CONTRADICTIONS = table_of(ContradictionRow)
_HALVES = {"H1": "-01-01", "H2": "-07-01", "Q1": "-01-01", "Q2": "-04-01", "Q3": "-07-01", "Q4": "-10-01"}
_FAR = "9999-12-31T99"


def bound_of(as_of: str | None) -> str | None:
    """The last instant that counts as known, None for the present. Raises LedgerError for a malformed ``as_of``."""
    return None if as_of is None else upper_bound(as_of)


def list_deals(
    ledger: Ledger,
    *,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    kind: Kind | None = None,
    status: Status | None = None,
    supplier: str | None = None,
    customer: str | None = None,
    min_power_mw: float | None = None,
    due_since: str | None = None,
    due_until: str | None = None,
    deal_ids: Iterable[str] | None = None,
    limit: int | None = None,
) -> tuple[Deal, ...]:
    """Deals known at ``as_of``, newest first seen first.

    ``since`` and ``until`` bound the day of a deal's first document, ``due_since`` and ``due_until`` its start (a
    partial date counts as its first day). ``supplier`` and ``customer`` are a name, alias, ticker or id of an
    organization, any case. ``deal_ids`` fetches these alone; ids of deals that were joined since lead nowhere here
    (``get_deal`` follows them). Raises LedgerError for a malformed ``as_of``.
    """
    bound = bound_of(as_of)
    with ledger.read() as connection:
        where = [visible(_DEALS, bound)]
        where += _bounds(_DEALS.c.first_seen, since, until)
        where += [_DEALS.c.kind == kind] if kind else []
        where += [_DEALS.c.status == status] if status else []
        where += [_DEALS.c.power_mw >= min_power_mw] if min_power_mw is not None else []
        where += [_has_party(connection, "supplier", supplier, bound)] if supplier else []
        where += [_has_party(connection, "customer", customer, bound)] if customer else []
        if due_since or due_until:
            where += _bounds(_DEALS.c.start_date, (due_since or "")[:4], None)
            where += [_DEALS.c.start_date <= (due_until or _FAR)]
        rows = _deal_rows(connection, where, deal_ids, None if due_since or due_until else limit)
        if due_since or due_until:
            rows = [row for row in rows if (due_since or "") <= first_day(row.start_date) < (due_until or _FAR)]
        return read_deals(connection, rows[:limit], bound=bound)


def first_day(date: str) -> str:
    """The first day of a date that may be a year, half, quarter or month.

    >>> first_day("2026-Q4"), first_day("2026-05"), first_day("2026")
    ('2026-10-01', '2026-05-01', '2026-01-01')
    """
    if date[5:] in _HALVES:
        return date[:4] + _HALVES[date[5:]]
    return date + {4: "-01-01", 7: "-01"}.get(len(date), "")


def _bounds(column: Any, since: str | None, until: str | None) -> list[ColumnElement[bool]]:
    return [*([column >= since] if since else []), *([column < until] if until else [])]


def _has_party(connection: Connection, role: str, name: str, bound: str | None) -> ColumnElement[bool]:
    ids = find_organizations(connection, name, bound=bound or _FAR)
    if ids:
        return _DEALS.c[f"{role}_id"].in_(sorted(ids))
    return func.lower(_DEALS.c[role]) == name.lower()


def _deal_rows(
    connection: Connection, where: list[ColumnElement[bool]], deal_ids: Iterable[str] | None, limit: int | None
) -> list[Row[Any]]:
    if deal_ids is not None:
        rows = select_in(connection, _DEALS, "deal_id", deal_ids, *where)
        return sorted(rows, key=lambda row: (row.first_seen, row.deal_id), reverse=True)
    query = select(_DEALS).where(*where).order_by(_DEALS.c.first_seen.desc(), _DEALS.c.deal_id.desc())
    return list(connection.execute(query.limit(limit)).all())


def get_deal(ledger: Ledger, deal_id: str, *, as_of: str | None = None) -> Deal | None:
    """The deal of that id as known at ``as_of``; an id given out before leads to the deal that took it in.

    None where no deal has or had that id by then. Raises LedgerError for a malformed ``as_of``.
    """
    bound = bound_of(as_of)
    with ledger.read() as connection:
        found = resolve_deal(connection, deal_id, bound=bound)
        if found is None:
            return None
        query = select(_DEALS).where(_DEALS.c.deal_id == found, visible(_DEALS, bound))
        return read_deals(connection, connection.execute(query).all(), bound=bound)[0]


def resolve_deal(connection: Connection, deal_id: str, *, bound: str | None) -> str | None:
    """The id under which a deal is known at ``bound``: its own, or that of the deal that took it in."""
    here = select(_DEALS.c.deal_id).where(_DEALS.c.deal_id == deal_id, visible(_DEALS, bound))
    if connection.execute(here).first():
        return deal_id
    found = connection.execute(_holding([deal_id], bound)).scalar()
    if found is None:
        members = select(_PLACES.c.mention_id).where(_PLACES.c.deal_id == deal_id)
        members = members.order_by(_PLACES.c.known_to.desc(), _PLACES.c.mention_id).limit(100)
        ids = list(connection.execute(members).scalars())
        found = connection.execute(_holding(ids, bound)).scalar() if ids else None
    return None if found is None else str(found)


def _holding(mention_ids: list[str], bound: str | None) -> Select[tuple[Any]]:
    query = select(_PLACES.c.deal_id).where(_PLACES.c.mention_id.in_(mention_ids), visible(_PLACES, bound))
    return query.order_by(_PLACES.c.known_from, _PLACES.c.deal_id).limit(1)


def list_contradictions(
    ledger: Ledger, *, as_of: str | None = None, since: str | None = None, until: str | None = None
) -> tuple[Contradiction, ...]:
    """Contradictions standing at ``as_of``, newest first; ``since`` and ``until`` bound when they became known."""
    bound = bound_of(as_of)
    where = [visible(_CONTRADICTIONS, bound), *_bounds(_CONTRADICTIONS.c.known_from, since, until)]
    with ledger.read() as connection:
        query = select(_CONTRADICTIONS).where(*where)
        query = query.order_by(_CONTRADICTIONS.c.known_from.desc(), _CONTRADICTIONS.c.contradiction_id)
        rows = connection.execute(query).all()
        quotes = read_quotes(connection, {key for row in rows for key in _ids(row.claim_ids)})
        return tuple(contradiction_of(row, quotes) for row in rows)


def _ids(text: str) -> list[str]:
    return list(json.loads(text))
