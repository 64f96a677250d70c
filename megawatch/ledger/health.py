"""How the sources did, run by run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from megawatch.ledger.checks import read_instant, storable
from megawatch.ledger.open import Ledger
from megawatch.ledger.rows import add_rows
from megawatch.ledger.tables import HealthRow
from megawatch.market import SourceHealth


def record_health(ledger: Ledger, healths: Iterable[SourceHealth]) -> None:
    """Write how sources did; the same source at the same instant is written once.

    Raises LedgerError for a malformed instant or a database that refuses.
    """
    rows = [_row(health) for health in healths]
    ledger.write(lambda connection: add_rows(connection, HealthRow, rows))


def _row(health: SourceHealth) -> dict[str, object]:
    at = read_instant(health.checked_at, what=f"checked_at of source {health.source_id}")
    return asdict(replace(health, checked_at=at, detail=storable(health.detail)))
