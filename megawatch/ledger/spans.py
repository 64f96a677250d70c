"""Rows that follow from others, over spans of time: what is believed of some deals, and its replacement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, tuple_, update
from sqlmodel import SQLModel

from megawatch.ledger.rows import add_rows, chunks, select_in
from megawatch.ledger.tables import CandidateRow, ContradictionRow, DealMentionRow, DealRow, TermRow, table_of

DEAL_KINDS: tuple[type[SQLModel], ...] = (DealRow, TermRow, ContradictionRow, CandidateRow, DealMentionRow)
_PLACES = table_of(DealMentionRow)

Key = tuple[str, ...]


class Believed:
    """What is believed of some deals at one instant: ``rewind`` to just before it, then ``replace`` kind by kind."""

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
        for table in map(table_of, self.kinds):
            for chunk in chunks(self.deal_ids):
                mine = table.c.deal_id.in_(chunk)
                self.connection.execute(delete(table).where(mine, table.c.known_from >= self.instant))
                reopened = update(table).where(mine, table.c.known_to >= self.instant).values(known_to=None)
                self.connection.execute(reopened)

    def members(self) -> dict[str, frozenset[str]]:
        """The deals with their mentions, as they stood just before this instant."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in select_in(self.connection, _PLACES, "deal_id", self.deal_ids, _PLACES.c.known_to.is_(None)):
            found[row.deal_id].add(row.mention_id)
        return {key: frozenset(ids) for key, ids in found.items()}

    def replace(self, model: type[SQLModel], rows: Mapping[Key, Mapping[str, Any]]) -> set[str]:
        """Close the open rows of a kind that no longer hold, add those that are new; the deals concerned."""
        table = table_of(model)
        names = [column.name for column in table.primary_key.columns if column.name != "known_from"]
        open_rows = self._open_rows(table, names)
        fresh = {key: {**dict(zip(names, key, strict=True)), **row} for key, row in rows.items()}
        gone = [key for key, row in open_rows.items() if fresh.get(key) != row]
        added = [
            {**row, "known_from": self.instant, "known_to": None}
            for key, row in fresh.items()
            if open_rows.get(key) != row
        ]
        self._close(table, names, gone)
        add_rows(self.connection, model, added)
        place = names.index("deal_id")
        return {key[place] for key in gone} | {str(row["deal_id"]) for row in added}

    def _open_rows(self, table: Table, names: list[str]) -> dict[Key, dict[str, Any]]:
        found = {}
        for row in select_in(self.connection, table, "deal_id", self.deal_ids, table.c.known_to.is_(None)):
            values = dict(row._mapping)
            del values["known_from"], values["known_to"]
            found[tuple(str(values[name]) for name in names)] = values
        return found

    def _close(self, table: Table, names: list[str], keys: list[Key]) -> None:
        columns = tuple_(*(table.c[name] for name in names))
        for start in range(0, len(keys), 200):
            chunk = keys[start : start + 200]
            self.connection.execute(
                update(table).where(columns.in_(chunk), table.c.known_to.is_(None)).values(known_to=self.instant)
            )
