"""One way to read a lexicon: JSON lines, each checked, each fault told with its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from megawatch.errors import LexiconError

Entry = dict[str, Any]


def read_entries(path: Path, *, required: Iterable[str], optional: Iterable[str] = ()) -> list[Entry]:
    """Read the entries of a JSONL file, in order; blank lines are passed over.

    Raises LexiconError, naming file and line, for a line that is no JSON object, lacks a required key, has an unknown
    one, or holds an empty required value; and for a file that cannot be read.
    """
    needed, allowed = set(required), set(required) | set(optional)
    return [_checked(where, line, needed=needed, allowed=allowed) for where, line in _lines(path)]


def check_unique(path: Path, entries: Iterable[Entry], *, key: str) -> None:
    """Raise LexiconError where two entries share the value of ``key``."""
    seen: set[Any] = set()
    for entry in entries:
        if entry[key] in seen:
            raise LexiconError(f"{path.name}: {key} {entry[key]!r} stands twice; keep one of the lines")
        seen.add(entry[key])


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(f"{path}: cannot be read ({error}); restore the file from the project") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path.name}:{number}", line


def _checked(where: str, line: str, *, needed: set[str], allowed: set[str]) -> Entry:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise LexiconError(f"{where}: no JSON ({error.msg}); write one object a line") from error
    if not isinstance(entry, dict):
        raise LexiconError(f"{where}: a JSON object is wanted, not {type(entry).__name__}")
    for wrong, keys in (("lacks", needed - entry.keys()), ("has the unknown key", entry.keys() - allowed)):
        if keys:
            raise LexiconError(f"{where}: {wrong} {', '.join(sorted(keys))}; allowed are {', '.join(sorted(allowed))}")
    empty = sorted(key for key in needed if entry[key] in ("", [], None))
    if empty:
        raise LexiconError(f"{where}: {', '.join(empty)} is empty; fill it in")
    return entry
