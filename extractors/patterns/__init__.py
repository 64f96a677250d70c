"""Known words of the trade as data: one JSON object a line, each with texts that must match and texts that must not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from megawatch.errors import LexiconError

FOLDER = Path(__file__).resolve().parent


def read_patterns(name: str, *, required: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    """The lines of ``patterns/<name>.jsonl`` as dictionaries.

    Raises LexiconError naming file and line where a line is no JSON object or lacks one of ``required``.
    """
    path = FOLDER / f"{name}.jsonl"
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise LexiconError(f"{path.name}:{number}: not a JSON object ({error}); correct the line.") from error
        missing = [key for key in required if key not in row]
        if missing:
            raise LexiconError(f"{path.name}:{number}: lacks {', '.join(missing)}; add them.")
        rows.append(row)
    return tuple(rows)
