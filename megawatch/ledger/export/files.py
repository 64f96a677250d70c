"""Tables to files and back: CSV, Parquet and SQLite, the same bytes for the same rows."""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from megawatch.ledger.dictionary import Column
from megawatch.ledger.export.rows import Cell, Row, Table

_ARROW = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64()}
_SQL = {"string": "TEXT", "number": "REAL", "integer": "INTEGER"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def write_csv(table: Table, path: Path) -> None:
    """RFC 4180 in UTF-8. A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    write_rows(path, [column.name for column in table.columns], (_to_csv(table.columns, row) for row in table.rows))


def write_rows(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A CSV file of texts as they are."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)


def read_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a CSV file as texts, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def _to_csv(columns: tuple[Column, ...], row: Row) -> list[str]:
    return [_cell(column, cell) for column, cell in zip(columns, row, strict=True)]


def _cell(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if column.type == "string":
        words = str(cell)
        return f"'{words}" if words.startswith(_FORMULA) else words
    return repr(cell)


def write_parquet(table: Table, path: Path) -> None:
    """Parquet with the type of each column; units and descriptions in its metadata."""
    fields = [
        pa.field(column.name, _ARROW[column.type], metadata={"unit": column.unit, "description": column.description})
        for column in table.columns
    ]
    columns = [pa.array([row[place] for row in table.rows], type=field.type) for place, field in enumerate(fields)]
    pq.write_table(pa.Table.from_arrays(columns, schema=pa.schema(fields)), path, compression="zstd")


def write_sqlite(tables: Iterable[Table], path: Path) -> None:
    """One SQLite file with every table, keys declared."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        for table in tables:
            columns = ", ".join(f'"{column.name}" {_SQL[column.type]}' for column in table.columns)
            connection.execute(f'CREATE TABLE "{table.name}" ({columns}, PRIMARY KEY ({", ".join(table.view.key)}))')
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', table.rows)
        connection.execute("COMMIT")
    finally:
        connection.close()


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
