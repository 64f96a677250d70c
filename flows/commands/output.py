"""Rows as a table, CSV, JSON or Parquet, as a person or a program asked for."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.frame import print_json, print_rows, stderr
from megawatch.errors import SettingsError

AsCsv = Annotated[bool, typer.Option("--csv", help="As CSV.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
AsParquet = Annotated[Path | None, typer.Option("--parquet", help="Into this Parquet file.")]
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """In which form rows leave."""

    csv: bool = False
    json: bool = False
    parquet: Path | None = None

    def __post_init__(self) -> None:
        """Refuse two forms at once."""
        if self.csv + self.json + (self.parquet is not None) > 1:
            raise SettingsError("Give only one of --csv, --json and --parquet.")


def print_answer(columns: Sequence[str], rows: Sequence[Sequence[object]], form: Form) -> None:
    """Print rows in the form asked for; a table for people where none was."""
    if form.csv:
        _print_csv(columns, rows)
    elif form.json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif form.parquet is not None:
        _write_parquet(columns, rows, form.parquet)
    else:
        numeric = [name for place, name in enumerate(columns) if _is_numeric([row[place] for row in rows])]
        shown = [{name: _shown(cell) for name, cell in zip(columns, row, strict=True)} for row in rows]
        print_rows(shown, columns=columns, right=numeric)


def safe_cell(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula.

    >>> safe_cell("=1+1"), safe_cell(-3), safe_cell("Nebius")
    ("'=1+1", -3, 'Nebius')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_MARKS) else cell


def _print_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)


def _write_parquet(columns: Sequence[str], rows: Sequence[Sequence[object]], path: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    data = {name: [_as_stored(row[place]) for row in rows] for place, name in enumerate(columns)}
    try:
        parquet.write_table(pyarrow.table(data), path)
    except (OSError, pyarrow.ArrowException) as error:
        raise SettingsError(f"{path} cannot be written ({error}): give another file.") from error
    stderr.print(f"{len(rows)} rows in {path}", highlight=False)


def _as_stored(cell: object) -> object:
    return float(cell) if isinstance(cell, Decimal) else list(cell) if isinstance(cell, tuple) else cell


def _is_numeric(cells: Sequence[object]) -> bool:
    return any(cell is not None for cell in cells) and all(
        cell is None or (isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)) for cell in cells
    )


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell.is_integer() or abs(cell) >= 10_000 else f"{cell:,.6g}"
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell)
