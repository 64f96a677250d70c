"""A document that could not be taken, told instead of lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from megawatch.errors import SourceError

MOST_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was not taken (a file, ``file:line``, or an address) and why, in one sentence that says what to do."""

    where: str
    reason: str


def read_bytes(path: Path, most: int = MOST_FILE_BYTES) -> bytes:
    """Read a file whole; SourceError where it cannot be read or has more than ``most`` bytes."""
    try:
        size = path.stat().st_size
        if size > most:
            raise SourceError(f"{path}: {size:,} bytes, more than {most:,}; split it.")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}).") from error
