"""No statement that settling or a brief runs looks through a whole table, so none slows down as the ledger grows."""

from __future__ import annotations

import re
from typing import Any

from ledger_texts import keep, tell
from sqlalchemy import event
from sqlmodel import SQLModel

from megawatch.ledger import Ledger
from megawatch.ledger.queries import get_deal, list_changes, list_contradictions, list_corrections, list_deals
from megawatch.ledger.reconcile import settle

LEASE = {"kind": "lease", "supplier": ["Halyard Compute"], "customer": ["Ostrea Labs"], "power_mw": "100"}
# What people decided, and the two words that settling remembers, are few beside what is recorded.
FEW = {"judgement_rows", "organization_merges", "settle_state"}
TABLES = set(SQLModel.metadata.tables) - FEW


def work(ledger: Ledger) -> None:
    for day in range(1, 5):
        keep(
            ledger, tell(LEASE, published=f"2026-05-{day:02}", title=f"Item {day}", url=f"https://paper.example/{day}")
        )
        settle(ledger)
    keep(ledger, tell({**LEASE, "term_months": "60"}, published="2026-05-02", title="Late"))
    settle(ledger)
    (deal,) = list_deals(ledger, as_of="2026-05-08", since="2026-05-01", until="2026-05-08", limit=100)
    get_deal(ledger, deal.deal_id, as_of="2026-05-08")
    for ask in (list_changes, list_corrections):
        ask(ledger, since="2026-05-01", until="2026-05-08")
    list_contradictions(ledger, as_of="2026-05-08", since="2026-05-01", until="2026-05-08")


def test_nothing_is_looked_through_whole(sqlite_ledger: Ledger) -> None:
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen.setdefault(statement, parameters[0] if many else parameters)

    event.listen(sqlite_ledger.engine, "before_cursor_execute", note)
    work(sqlite_ledger)
    event.remove(sqlite_ledger.engine, "before_cursor_execute", note)
    assert len(seen) > 30
    with sqlite_ledger.read() as connection:
        for statement, parameters in seen.items():
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scanned = {found[1] for step in plan if (found := re.match(r"SCAN (\w+)", step))}
            assert not scanned & TABLES, (statement, plan)
            # Nearly every row is still believed, so an index finds them all.
            assert not any("known_to=?" in step for step in plan), (statement, plan)
