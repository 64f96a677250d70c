"""A deal as one flat row, with the columns of the view ``deals``."""

from __future__ import annotations

from decimal import Decimal

from megawatch.ledger.views import DEAL_COLUMNS as ROW_COLUMNS
from megawatch.market import PARTY_FIELDS, Deal, Value

__all__ = ["ROW_COLUMNS", "flat"]


def flat(deal: Deal) -> dict[str, object]:
    """The columns of one deal; money in US dollars, power in megawatts, absent values None."""
    implied = deal.get("implied_usd_per_gpu_hour")
    interval = implied.interval if implied else None
    row: dict[str, object] = {name: _plain(deal.value(name), name) for name in ROW_COLUMNS}
    return row | {
        "deal_id": deal.deal_id,
        "kind": deal.kind,
        "status": deal.status,
        "implied_usd_per_gpu_hour_low": _plain(interval.low, "") if interval else None,
        "implied_usd_per_gpu_hour_high": _plain(interval.high, "") if interval else None,
        "first_seen": deal.first_seen,
        "last_seen": deal.last_seen,
        "documents": deal.documents,
        "independent_sources": deal.independent_sources,
        "contradictions": len(deal.contradictions),
    }


def _plain(value: Value | None, name: str) -> object:
    if isinstance(value, tuple):
        return (value[0] if value else None) if name in PARTY_FIELDS else ", ".join(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
