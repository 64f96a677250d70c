"""Writing a release: tables in three formats, what describes them, what changed, and checksums over all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from megawatch import __version__
from megawatch.errors import LedgerError
from megawatch.ledger.checks import upper_bound
from megawatch.ledger.export.changes import write_changes
from megawatch.ledger.export.describe import build_package, describe_citation, describe_columns, describe_issues
from megawatch.ledger.export.files import checksum, write_csv, write_parquet, write_sqlite
from megawatch.ledger.export.rows import Table, read_tables
from megawatch.ledger.open import Ledger

_NOW = "9999-12-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release as written: its folder, the rows of each table, and how many changes since the previous one."""

    folder: Path
    rows: dict[str, int]
    changes: int | None


def export_release(ledger: Ledger, folder: Path, *, as_of: str, previous: Path | None = None) -> Release:
    """Write the ledger as known on the day ``as_of`` (ISO) to ``folder``, which must be new or an earlier release.

    With the folder of a ``previous`` release, what changed since is written as data too. Raises LedgerError for a
    malformed day and for a folder that holds something else.
    """
    bound = upper_bound(as_of)
    if folder.exists() and any(folder.iterdir()) and not (folder / "datapackage.json").exists():
        raise LedgerError(f"{folder} holds something else than a release: give a new folder.")
    with ledger.read() as connection:
        tables = tuple(read_tables(connection, bound=bound))
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    _write_tables(tables, part)
    _write_words(tables, part, day=as_of)
    changes = None if previous is None else write_changes(previous, part, part / "changes")
    _write_checksums(part)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return Release(folder=folder, rows={table.name: len(table.rows) for table in tables}, changes=changes)


def write_snapshot(ledger: Ledger, path: Path) -> None:
    """Write what the ledger believes now to one SQLite file, with the tables and columns of a release."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with ledger.read() as connection:
        write_sqlite(read_tables(connection, bound=_NOW), path)


def _write_tables(tables: Sequence[Table], folder: Path) -> None:
    for form in ("csv", "parquet"):
        (folder / form).mkdir(parents=True)
    for table in tables:
        write_csv(table, folder / "csv" / f"{table.name}.csv")
        write_parquet(table, folder / "parquet" / f"{table.name}.parquet")
    write_sqlite(tables, folder / "megawatch.sqlite")


def _write_words(tables: Sequence[Table], folder: Path, *, day: str) -> None:
    package = json.dumps(build_package(tables, day=day), indent=1, ensure_ascii=False)
    texts = {
        "datapackage.json": package + "\n",
        "DICTIONARY.md": describe_columns(tables),
        "KNOWN_ISSUES.md": describe_issues(tables),
        "CITATION.cff": describe_citation(day, __version__),
        "LICENSE.txt": "The data are licensed under Creative Commons Attribution 4.0 International (CC BY 4.0).\n",
    }
    for name, words in texts.items():
        (folder / name).write_text(words, encoding="utf-8")


def _write_checksums(folder: Path) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{checksum(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
