"""What changed from one release to the next, as data: the old release and the changes give the new one.

``changes/<table>.csv`` holds, for each row that is new or altered, ``upsert`` and the whole row; for each that is gone,
``delete`` and its key. Cells are those of the release's CSV files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from megawatch.errors import LedgerError
from megawatch.ledger.export.files import read_rows, write_rows

Texts = list[str]
Key = tuple[str, ...]


def write_changes(previous: Path, current: Path, folder: Path) -> int:
    """Write what turns the release in ``previous`` into that in ``current``; the number of changes.

    Raises LedgerError where ``previous`` is no release.
    """
    _keys(previous)
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, key in _keys(current).items():
        header, new = _by_key(current / "csv" / f"{name}.csv", key)
        path = previous / "csv" / f"{name}.csv"
        old_header, old = _by_key(path, key) if path.exists() else (header, {})
        if old_header != header:
            raise LedgerError(f"{path} has other columns than {name} has now: export the earlier day anew.")
        changes = list(_changes(old, new, header, key))
        write_rows(folder / f"{name}.csv", ["change", *header], changes)
        count += len(changes)
    return count


def apply_changes(previous: Path, changes: Path, folder: Path) -> None:
    """Write to ``folder`` the CSV tables that the release ``previous`` becomes by the ``changes`` of the next one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, key in _keys(previous).items():
        header, rows = _by_key(previous / "csv" / f"{name}.csv", key)
        for change, *cells in list(read_rows(changes / f"{name}.csv"))[1:]:
            if change == "upsert":
                rows[_key_of(cells, header, key)] = cells
            else:
                rows.pop(_key_of(cells, header, key))
        write_rows(folder / f"{name}.csv", header, [rows[one] for one in sorted(rows)])


def _keys(release: Path) -> dict[str, Sequence[str]]:
    try:
        package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise LedgerError(
            f"{release} holds no release ({error.strerror}): give the folder of an earlier one."
        ) from error
    resources = [one for one in package["resources"] if one["format"] == "csv"]
    return {one["name"]: one["schema"]["primaryKey"] for one in resources}


def _by_key(path: Path, key: Sequence[str]) -> tuple[Texts, dict[Key, Texts]]:
    rows = read_rows(path)
    header = next(rows)
    return header, {_key_of(row, header, key): row for row in rows}


def _key_of(row: Texts, header: Texts, key: Sequence[str]) -> Key:
    return tuple(row[header.index(name)] for name in key)


def _changes(old: dict[Key, Texts], new: dict[Key, Texts], header: Texts, key: Sequence[str]) -> Iterator[Texts]:
    for one in sorted(old.keys() | new.keys()):
        if one not in new:
            yield ["delete", *(cell if name in key else "" for name, cell in zip(header, old[one], strict=True))]
        elif old.get(one) != new[one]:
            yield ["upsert", *new[one]]
