"""Statements over many rows: adding what is not there yet, reading by lists of keys, spans of belief."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Row, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from megawatch.ledger.tables import table_of

_CHUNK = 500


def add_rows(
    connection: Connection, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, reopen: bool = False
) -> None:
    """Insert rows; one whose key is there already is left as it is, or with ``reopen`` believed as long as the new."""
    if not rows:
        return
    connection.execute(_insert(model, connection.dialect.name, reopen), [dict(row) for row in rows])


@cache
def _insert(model: type[SQLModel], dialect: str, reopen: bool) -> Executable:
    table = table_of(model)
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    if not reopen:
        return insert.on_conflict_do_nothing()
    later = {"known_to": insert.excluded.known_to}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=later)


def chunks(keys: Iterable[str]) -> Iterable[list[str]]:
    """The keys, sorted and each once, in lists short enough for one statement."""
    rest = iter(sorted(set(keys)))
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def select_in(
    connection: Connection, table: Table, column: str, keys: Iterable[str], *where: ColumnElement[bool]
) -> list[Row[Any]]:
    """All rows of a table whose column is one of the keys, and for which the conditions hold."""
    found: list[Row[Any]] = []
    for chunk in chunks(keys):
        found += connection.execute(select(table).where(table.c[column].in_(chunk), *where)).all()
    return found


def visible(table: Table, bound: str | None) -> ColumnElement[bool]:
    """Whether a row was believed at ``bound`` (the open rows where None)."""
    if bound is None:
        return table.c.known_to.is_(None)
    return (table.c.known_from <= bound) & (table.c.known_to.is_(None) | (table.c.known_to > bound))
