"""The rows of a release: the views as they stood on a day, cut down to what citation needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from megawatch.ledger.dictionary import Column, View, read_dictionary
from megawatch.ledger.views import VIEWS

Cell = str | int | float | None
Row = tuple[Cell, ...]

LONGEST_QUOTE_WORDS = 30
"""Words of a quote that leave the house: enough to find and cite the passage, too few to stand for the article."""

_LEFT_OUT = {"claims": {"sentence"}, "prices": {"sentence"}}
_OPEN = re.compile(r"(\w+\.)?known_to IS NULL")
_HISTORY = """
    SELECT deal_id, field, value, amount, low, high, unit, basis, absence, rule, known_from,
           CASE WHEN known_to <= :at THEN known_to END AS known_to
    FROM term_rows WHERE known_from <= :at AND (known_to IS NULL OR known_to > known_from)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a release: its description, the columns that travel, and its rows in order of its key."""

    view: View
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """The table's name, which is the view's."""
        return self.view.name

    def key_of(self, row: Row) -> tuple[str, ...]:
        """The values that tell this row from all others."""
        names = [column.name for column in self.columns]
        return tuple(str(row[names.index(name)]) for name in self.view.key)


def read_tables(connection: Connection, *, bound: str) -> Iterator[Table]:
    """Every view as it stood at the instant ``bound``, inclusive."""
    for view in read_dictionary():
        columns = tuple(one for one in view.columns if one.name not in _LEFT_OUT.get(view.name, set()))
        names = ", ".join(column.name for column in columns)
        query = f"SELECT {names} FROM ({_as_of(view.name)}) AS believed"
        table = Table(view=view, columns=columns, rows=())
        rows = (_cut(columns, tuple(row)) for row in connection.execute(text(query), {"at": bound}))
        yield Table(view=view, columns=columns, rows=tuple(sorted(rows, key=table.key_of)))


def _as_of(name: str) -> str:
    if name == "deal_history":
        return _HISTORY
    dated = _OPEN.sub(r"(\1known_from <= :at AND (\1known_to IS NULL OR \1known_to > :at))", VIEWS[name])
    return f"{dated} WHERE o.known_from <= :at" if name == "organizations" else dated


def _cut(columns: tuple[Column, ...], row: Row) -> Row:
    return tuple(
        _shorten(cell) if column.name == "quote" and isinstance(cell, str) else _typed(column, cell)
        for column, cell in zip(columns, row, strict=True)
    )


def _typed(column: Column, cell: Cell) -> Cell:
    # An empty text says no more than a missing one, and CSV cannot tell them apart.
    if cell in (None, ""):
        return None
    return float(cell) if column.type == "number" else cell


def _shorten(quote: str) -> str | None:
    words = quote.split()
    return " ".join(words[:LONGEST_QUOTE_WORDS]) + (" …" if len(words) > LONGEST_QUOTE_WORDS else "") or None
