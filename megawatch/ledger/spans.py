"""Rows that follow from others, over spans of time: what is believed of some deals, and its replacement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlmodel import SQLModel

from megawatch.ledger.rows import add_rows, change_rows, delete_rows, select_in
from megawatch.ledger.tables import CandidateRow, ContradictionRow, DealMentionRow, DealRow, TermRow, table_of

DEAL_KINDS: tuple[type[SQLModel], ...] = (DealRow, TermRow, ContradictionRow, CandidateRow, DealMentionRow)
_PLACES = table_of(DealMentionRow)

Key = tuple[str, ...]


class Believed:
    """What is believed of some deals at one instant: ``rewind`` to just before it, then ``replace`` kind by kind.

    Each table is read once, when it is rewound.
    """

    def __init__(
        self,
        connection: Connection,
        instant: str,
        deal_ids: set[str],
        *,
        kinds: tuple[type[SQLModel], ...] = DEAL_KINDS,
    ) -> None:
        self.kinds = kinds
        self.connection = connection
        self.instant = instant
        self.deal_ids = deal_ids
        self._open: dict[type[SQLModel], dict[Key, Mapping[str, Any]]] = {}

    def later_instants(self) -> tuple[str, ...]:
        """The instants after this one at which what is believed of these deals changed."""
        found: set[str] = set()
        for table in map(table_of, self.kinds):
            for row in select_in(self.connection, table, "deal_id", self.deal_ids):
                found |= {at for at in (row.known_from, row.known_to) if at and at > self.instant}
        return tuple(sorted(found))

    def members_ever(self) -> frozenset[str]:
        """Every mention that was in these deals at this instant or later."""
        still = _PLACES.c.known_to.is_(None) | (_PLACES.c.known_to >= self.instant)
        rows = select_in(self.connection, _PLACES, "deal_id", self.deal_ids, still)
        return frozenset(row.mention_id for row in rows)

    def rewind(self) -> None:
        """Undo what was written for this instant or later, so that it can be told again."""
        for model in self.kinds:
            self._open[model] = self._rewind(table_of(model))

    def _rewind(self, table: Table) -> dict[Key, Mapping[str, Any]]:
        columns, names = table.c.keys(), [column.name for column in table.primary_key.columns]
        own = [name for name in names if name != "known_from"]
        later, reopened = [], []
        found: dict[Key, Mapping[str, Any]] = {}
        still = table.c.known_to.is_(None) | (table.c.known_to >= self.instant)
        for values in select_in(self.connection, table, "deal_id", self.deal_ids, still):
            row = dict(zip(columns, values, strict=True))
            if row["known_from"] >= self.instant:
                later.append({name: row[name] for name in names})
                continue
            found[tuple([row[name] for name in own])] = row
            if row["known_to"] is not None:
                reopened.append({**{name: row[name] for name in names}, "known_to": None})
        delete_rows(self.connection, table, later)
        change_rows(self.connection, table, reopened, value="known_to")
        return found

    def members(self) -> dict[str, frozenset[str]]:
        """The deals with their mentions, as they stood just before this instant."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._open[DealMentionRow].values():
            found[row["deal_id"]].add(row["mention_id"])
        return {key: frozenset(ids) for key, ids in found.items()}

    def replace(self, model: type[SQLModel], rows: Mapping[Key, Mapping[str, Any]]) -> set[str]:
        """Close the open rows of a kind that no longer hold, add those that are new; the deals concerned."""
        table = table_of(model)
        names = [column.name for column in table.primary_key.columns if column.name != "known_from"]
        before = self._open[model]
        same = {key for key, row in rows.items() if key in before and row.items() <= before[key].items()}
        gone = [row for key, row in before.items() if key not in same]
        since = {"known_from": self.instant, "known_to": None}
        added = [{**dict(zip(names, key, strict=True)), **row, **since} for key, row in rows.items() if key not in same]
        ended = [{**{name: row[name] for name in (*names, "known_from")}, "known_to": self.instant} for row in gone]
        change_rows(self.connection, table, ended, value="known_to")
        add_rows(self.connection, model, added)
        return {row["deal_id"] for row in gone} | {row["deal_id"] for row in added}
