"""Prices, organizations, documents and how the sources did."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select

from megawatch.ledger.load import quote_of, standing_of
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import Organization, find_organizations
from megawatch.ledger.queries.deals import bound_of
from megawatch.ledger.queries.read import version_at
from megawatch.ledger.rows import select_in, visible
from megawatch.ledger.tables import DocumentRow, HealthRow, OrganizationRow, PriceRow, table_of
from megawatch.market import Price, SourceHealth

_PRICES = table_of(PriceRow)
_DOCUMENTS = table_of(DocumentRow)
_HEALTH = table_of(HealthRow)
_ORGANIZATIONS = table_of(OrganizationRow)
_FAR = "9999-12-31T99"


def list_prices(
    ledger: Ledger,
    *,
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    gpu_model: str | None = None,
) -> tuple[Price, ...]:
    """Price observations known at ``as_of``, oldest first.

    ``since`` and ``until`` bound the day a price speaks of (that of its document; the day it became known where that
    is unknown).
    """
    day = func.coalesce(_PRICES.c.observed, func.substr(_PRICES.c.known_from, 1, 10))
    where = [visible(_PRICES, bound_of(as_of))]
    where += [day >= since] if since else []
    where += [day < until] if until else []
    where += [_PRICES.c.gpu_model == gpu_model] if gpu_model else []
    with ledger.read() as connection:
        rows = connection.execute(select(_PRICES).where(*where).order_by(day, _PRICES.c.price_id)).all()
        versions: dict[str, list[Row[Any]]] = {}
        for row in select_in(connection, _DOCUMENTS, "document_id", {row.document_id for row in rows}):
            versions.setdefault(row.document_id, []).append(row)
    return tuple(_price(row, versions[row.document_id]) for row in rows)


def _price(row: Row[Any], versions: list[Row[Any]]) -> Price:
    low, high, change = (None if level is None else Decimal(level) for level in json.loads(row.exact))
    standing = standing_of(version_at(versions, row.known_from))
    return Price(
        price_id=row.price_id,
        gpu_model=row.gpu_model,
        provider=row.provider,
        market=row.market,
        low_usd_per_gpu_hour=low,
        high_usd_per_gpu_hour=high,
        change_percent=change,
        observed=row.observed,
        quote=quote_of(row, standing, claim_id=row.price_id),
    )


def get_organization(ledger: Ledger, name: str, *, as_of: str | None = None) -> Organization | None:
    """The organization of an id, name, alias, ticker or CIK, where merged what it was merged into; None if unknown."""
    with ledger.read() as connection:
        ids = find_organizations(connection, name, bound=bound_of(as_of) or _FAR)
        query = select(_ORGANIZATIONS).where(_ORGANIZATIONS.c.organization_id.in_(sorted(ids)))
        row = connection.execute(query.order_by(_ORGANIZATIONS.c.organization_id)).first()
    if row is None:
        return None
    return Organization(
        organization_id=row.organization_id,
        name=row.name,
        segment=row.segment,
        ticker=row.ticker,
        cik=row.cik,
        parent_id=row.parent_id,
        origin=row.origin,
    )


def newest_document_day(ledger: Ledger, *, as_of: str | None = None) -> str | None:
    """The latest publication day among the documents known at ``as_of``; None where there is none."""
    query = select(func.max(_DOCUMENTS.c.published)).where(visible(_DOCUMENTS, bound_of(as_of)))
    with ledger.read() as connection:
        return connection.execute(query).scalar()


def list_source_health(
    ledger: Ledger, *, since: str | None = None, until: str | None = None
) -> tuple[SourceHealth, ...]:
    """How the sources did in the runs from ``since`` on and before ``until``, by time."""
    query = select(_HEALTH).order_by(_HEALTH.c.checked_at, _HEALTH.c.source_id)
    query = query.where(_HEALTH.c.checked_at >= since) if since else query
    query = query.where(_HEALTH.c.checked_at < until) if until else query
    with ledger.read() as connection:
        rows = connection.execute(query).all()
    return tuple(SourceHealth(**row._mapping) for row in rows)
