"""Names of parties, folded for comparison: case, accents, punctuation and the suffixes of companies do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

SUFFIXES = frozenset(
    "inc incorporated corp corporation ltd limited plc llc lp llp co company nv ag sa se asa ab as oy gmbh bv the "
    "holdings holding group pte pty kk pbc ulc srl spa".split()
)


def fold_name(name: str) -> tuple[str, ...]:
    """The words of a name that count.

    >>> fold_name("Nebius Group N.V.")
    ('nebius',)
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b)", "", plain).replace("&", " and ").replace("'s", "")
    words = re.findall(r"[a-z0-9]+", plain)
    return tuple(word for word in words if word not in SUFFIXES) or tuple(words)


def is_short_for(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether one folded name is the beginning of the other, as ``nebius`` of ``nebius group``."""
    return bool(short) and long[: len(short)] == short


def share_name(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether some name of the one party equals, or is short for, some name of the other."""
    folded = [fold_name(name) for name in b]
    return any(is_short_for(left, right) or is_short_for(right, left) for left in map(fold_name, a) for right in folded)
