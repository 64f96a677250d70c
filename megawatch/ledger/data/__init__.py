"""Known cases of the ledger's reasoning, as data: one JSON object a line, read once."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from megawatch.errors import LexiconError


@cache
def read_data(name: str) -> tuple[dict[str, Any], ...]:
    """The entries of ``<name>.jsonl`` in this folder. Raises LexiconError with the line that is no JSON object."""
    entries = []
    for number, line in enumerate(files(__name__).joinpath(f"{name}.jsonl").read_text("utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise LexiconError(f"{name}.jsonl:{number} is no JSON ({error}): correct the line.") from error
        if not isinstance(entry, dict):
            raise LexiconError(f"{name}.jsonl:{number} is no JSON object: write one object a line.")
        entries.append(entry)
    return tuple(entries)
