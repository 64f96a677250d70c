"""Statements over many rows: adding what is not there yet, reading by lists of keys, spans of belief."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Dialect, Row, Table, Text, any_, delete, func, literal, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.expression import bindparam
from sqlmodel import SQLModel

from megawatch.ledger.tables import table_of

_CHUNK = 5000

Values = Mapping[str, Any]


def add_rows(connection: Connection, model: type[SQLModel], rows: Sequence[Values], *, reopen: bool = False) -> None:
    """Insert rows; one whose key is there already is left as it is, or with ``reopen`` believed as long as the new.

    All rows have the columns of the first.
    """
    if rows:
        statement = _insert(table_of(model), connection.dialect.name, tuple(rows[0]), reopen)
        _run(connection, statement, tuple(rows[0]), rows)


def change_rows(connection: Connection, table: Table, rows: Sequence[Values], *, value: str) -> None:
    """Set the column ``value`` of rows that the other columns name."""
    if rows:
        names = tuple(name for name in rows[0] if name != value)
        _run(connection, _update(table, names, value), tuple(rows[0]), rows)


def delete_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Delete the rows that these columns name."""
    if rows:
        _run(connection, _delete(table, tuple(rows[0])), tuple(rows[0]), rows)


@cache
def _insert(table: Table, dialect: str, names: tuple[str, ...], reopen: bool) -> UpdateBase:
    insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    insert = insert.values({name: bindparam(name, type_=table.c[name].type) for name in names})
    if not reopen:
        return insert.on_conflict_do_nothing()
    later = {"known_to": insert.excluded.known_to}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=later)


@cache
def _update(table: Table, names: tuple[str, ...], value: str) -> UpdateBase:
    # A parameter of the column's own name would be taken for a value to set.
    where = [table.c[name] == bindparam(f"key_{name}", type_=table.c[name].type) for name in names]
    return sql_update(table).where(*where).values({value: bindparam(value, type_=table.c[value].type)})


@cache
def _delete(table: Table, names: tuple[str, ...]) -> UpdateBase:
    return delete(table).where(*(table.c[name] == bindparam(name, type_=table.c[name].type) for name in names))


@lru_cache(maxsize=512)
def _compiled(statement: UpdateBase, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    places = compiled.positiontup
    return str(compiled), None if places is None else tuple(name.removeprefix("key_") for name in places)


def _run(connection: Connection, statement: UpdateBase, names: tuple[str, ...], rows: Sequence[Values]) -> None:
    # Thousands of rows a second: the driver takes them as they are, once the statement has been made.
    text, places = _compiled(statement, connection.dialect)
    if places is None:
        named = [{**row, **{f"key_{name}": row[name] for name in names}} for row in rows]
        connection.exec_driver_sql(text, named)
    else:
        connection.exec_driver_sql(text, [tuple([row[name] for name in places]) for row in rows])


def chunks(keys: Iterable[str]) -> Iterable[list[str]]:
    """The keys, sorted and each once, in lists short enough for one statement."""
    rest = sorted(set(keys))
    for start in range(0, len(rest), _CHUNK):
        yield rest[start : start + _CHUNK]


def is_among(connection: Connection, column: ColumnElement[str], keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column is one of the keys, which go in as one parameter, however many they are."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(json.dumps(keys)).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == any_(literal(list(keys), ARRAY(Text)))


def select_in(
    connection: Connection, table: Table, column: str, keys: Iterable[str], *where: ColumnElement[bool]
) -> list[Row[Any]]:
    """All rows of a table whose column is one of the keys, and for which the conditions hold."""
    found: list[Row[Any]] = []
    for chunk in chunks(keys):
        mine = is_among(connection, table.c[column], chunk)
        found += connection.execute(select(table).where(mine, *where)).all()
    return found


def visible(table: Table, bound: str | None) -> ColumnElement[bool]:
    """Whether a row was believed at ``bound`` (the open rows where None)."""
    if bound is None:
        return table.c.known_to.is_(None)
    return (table.c.known_from <= bound) & (table.c.known_to.is_(None) | (table.c.known_to > bound))
