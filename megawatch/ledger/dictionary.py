"""The data dictionary: what every view and column holds and in which unit, for people, Datasette and releases alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from megawatch.lexicons.loader import read_entries

_FILE = Path(__file__).parent / "data" / "dictionary.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: ``type`` is ``string``, ``number`` or ``integer``; ``values`` are the only ones allowed, if any."""

    name: str
    type: str
    description: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view with its columns in order; ``key`` names the columns that tell its rows apart."""

    name: str
    title: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@cache
def read_dictionary() -> tuple[View, ...]:
    """Every view of the ledger, described. Raises LexiconError where the file breaks its rules."""
    entries = read_entries(_FILE, required=("table", "title", "description", "key", "columns"))
    return tuple(
        View(
            name=entry["table"],
            title=entry["title"],
            description=entry["description"],
            key=tuple(entry["key"]),
            columns=tuple(
                Column(**{**column, "values": tuple(column.get("values", ()))}) for column in entry["columns"]
            ),
        )
        for entry in entries
    )
