"""Accelerators as the trade names them: models, makers, aliases, with texts that must and must not match."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from megawatch.errors import LexiconError

PATH = Path(__file__).resolve().parent / "accelerators.jsonl"
_REQUIRED = ("model", "maker", "kind", "aliases", "examples", "not_examples")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """One accelerator model.

    ``kind`` is ``gpu``, ``tpu``, ``asic``, ``rack`` or ``system``; ``accelerators`` how many chips one unit of the
    name holds (72 for a rack of that name, else 1). ``needs_context`` marks names that are also plain words or people's
    names, which count only beside a chip word or the maker.
    """

    model: str
    maker: str
    kind: str
    aliases: tuple[str, ...]
    examples: tuple[str, ...]
    not_examples: tuple[str, ...]
    generation: str = ""
    memory_gb: int | None = None
    year: int | None = None
    accelerators: int = 1
    needs_context: bool = False


@cache
def read_accelerators(path: Path = PATH) -> tuple[Accelerator, ...]:
    """All accelerators, in the file's order.

    Raises LexiconError naming file and line where a line is no JSON object, lacks a key or repeats a name.
    """
    seen: set[str] = set()
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        entry = _read_line(line, f"{path.name}:{number}")
        names = {name.lower() for name in (entry.model, *entry.aliases)}
        if seen & names:
            raise LexiconError(f"{path.name}:{number}: {sorted(seen & names)} stand twice; keep one.")
        seen |= names
        entries.append(entry)
    return tuple(entries)


def _read_line(line: str, place: str) -> Accelerator:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise LexiconError(f"{place}: not a JSON object ({error}); correct the line.") from error
    missing = [key for key in _REQUIRED if key not in row]
    if missing:
        raise LexiconError(f"{place}: lacks {', '.join(missing)}; add them.")
    for key in ("aliases", "examples", "not_examples"):
        row[key] = tuple(row[key])
    try:
        return Accelerator(**row)
    except TypeError as error:
        raise LexiconError(f"{place}: {error}; only the fields of Accelerator may stand here.") from error


@cache
def accelerator_index() -> dict[str, Accelerator]:
    """Every name and alias, folded to lower case, to its accelerator."""
    return {name.lower(): entry for entry in read_accelerators() for name in (entry.model, *entry.aliases)}
