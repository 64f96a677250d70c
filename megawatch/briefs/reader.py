"""What the brief asks of a ledger, and the adapter that asks it of a real one."""

from __future__ import annotations

from functools import partial
from typing import Protocol, runtime_checkable

from megawatch.ledger import queries
from megawatch.market import Change, Contradiction, Deal, Price, SourceHealth


@runtime_checkable
class LedgerReader(Protocol):
    """The questions an edition is made from; ranges are half-open ISO texts ``[since, until)``."""

    def list_deals(
        self,
        *,
        as_of: str | None = None,
        since: str | None = None,
        until: str | None = None,
        due_since: str | None = None,
        due_until: str | None = None,
        deal_ids: tuple[str, ...] | None = None,
        supplier: str | None = None,
        customer: str | None = None,
        limit: int | None = None,
    ) -> tuple[Deal, ...]:
        """Deals by the day they were first seen, by when capacity is due, by id or by party; newest first."""
        ...

    def list_prices(self, *, as_of: str | None = None, since: str | None = None) -> tuple[Price, ...]:
        """Price observations of days since then."""
        ...

    def list_contradictions(
        self, *, as_of: str | None = None, since: str | None = None, until: str | None = None
    ) -> tuple[Contradiction, ...]:
        """Contradictions that became known in the range."""
        ...

    def list_changes(self, *, since: str, until: str) -> tuple[Change, ...]:
        """What the ledger came to believe differently in the range."""
        ...

    def list_corrections(self, *, since: str, until: str) -> tuple[Change, ...]:
        """Claims withdrawn or altered in the range."""
        ...

    def list_source_health(self, *, since: str, until: str) -> tuple[SourceHealth, ...]:
        """How the sources did in the range."""
        ...


class QueriesReader:
    """A ledger behind ``megawatch.ledger.queries``."""

    def __init__(self, ledger: queries.Ledger) -> None:
        self.list_deals = partial(queries.list_deals, ledger)
        self.list_prices = partial(queries.list_prices, ledger)
        self.list_contradictions = partial(queries.list_contradictions, ledger)
        self.list_changes = partial(queries.list_changes, ledger)
        self.list_corrections = partial(queries.list_corrections, ledger)
        self.list_source_health = partial(queries.list_source_health, ledger)


def reader_of(ledger: LedgerReader | queries.Ledger) -> LedgerReader:
    """The ledger itself where it answers the questions, else an adapter around it."""
    return ledger if isinstance(ledger, LedgerReader) else QueriesReader(ledger)
