"""Deals and answers as data frames, of pandas or polars, whichever is installed."""

from __future__ import annotations

import importlib
from decimal import Decimal
from typing import Any, Literal

from megawatch.errors import LedgerError
from megawatch.ledger.views import DEAL_COLUMNS
from megawatch.market import PARTY_FIELDS, Deal, Interval, Value

Library = Literal["pandas", "polars"]
_TEXTS = frozenset(
    (
        *("deal_id", "kind", "supplier", "customer", "status", "start_date", "end_date", "gpu_model", "site"),
        *("first_seen", "last_seen"),
    )
)
_COUNTS = frozenset(("documents", "independent_sources", "contradictions"))


class Deals(tuple[Deal, ...]):
    """Deals as a tuple, and as a table."""

    __slots__ = ()

    def rows(self) -> list[dict[str, Any]]:
        """One flat row a deal, with the columns of the view ``deals``: units as their names say, USD."""
        return [_row(deal) for deal in self]

    def frame(self, library: Library | None = None) -> Any:
        """A pandas or polars frame of ``rows`` (pandas where both are there and none is named).

        Raises LedgerError where the library is not installed.
        """
        rows = self.rows()
        columns = {name: [row[name] for row in rows] for name in DEAL_COLUMNS}
        return make_frame(columns, library)


def make_frame(columns: dict[str, list[Any]], library: Library | None = None) -> Any:
    """A frame of columns, with number, text and count types even where a column is empty.

    Raises LedgerError where no such library is installed.
    """
    module = load_library(library)
    if module.__name__ == "polars":
        types = {name: _polars_type(module, name) for name in columns}
        return module.DataFrame(columns, schema=types, strict=False)
    frame = module.DataFrame(columns)
    types = {name: _pandas_type(name) for name in columns}
    return frame.astype({name: kind for name, kind in types.items() if kind})


def load_library(library: Library | None) -> Any:
    """The named library, or pandas, or polars. Raises LedgerError where it is not installed."""
    for name in [library] if library else ["pandas", "polars"]:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    wanted = library or "pandas or polars"
    raise LedgerError(f"A frame needs {wanted}, which is not installed: pip install {(library or 'pandas')}")


def _polars_type(module: Any, name: str) -> Any:
    if name in _TEXTS:
        return module.String
    return module.Int64 if name in _COUNTS else module.Float64


def _pandas_type(name: str) -> str:
    if name in _TEXTS:
        return "object"
    return "int64" if name in _COUNTS else "float64"


def _row(deal: Deal) -> dict[str, Any]:
    implied = deal.get("implied_usd_per_gpu_hour")
    interval = (implied.interval if implied else None) or Interval(None, None)
    facts = {
        "deal_id": deal.deal_id,
        "implied_usd_per_gpu_hour_low": interval.low,
        "implied_usd_per_gpu_hour_high": interval.high,
        "first_seen": deal.first_seen,
        "last_seen": deal.last_seen,
        "documents": deal.documents,
        "independent_sources": deal.independent_sources,
        "contradictions": len(deal.contradictions),
        "kind": deal.kind,
        "status": deal.status,
    }
    return {name: _cell(name, facts[name] if name in facts else deal.value(name)) for name in DEAL_COLUMNS}


def _cell(name: str, value: Value | int | None) -> Any:
    if isinstance(value, tuple):
        return value[0] if name in PARTY_FIELDS else ", ".join(value)
    return float(value) if isinstance(value, Decimal) else value
