"""Role cues and kinds of megawatts, read off the words around a figure in its own clause."""

from __future__ import annotations

import re

from extractors.candidates import PowerBasis
from extractors.patterns import read_patterns

_ROWS = read_patterns("cues", required=("cue", "side", "words", "examples", "not_examples"))
_BASES = read_patterns("power_basis", required=("basis", "words", "examples", "not_examples"))
_END = re.compile(r"[.;:!?]['\"”’)]?\s|\n")


def _compile(words: dict[str, str]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    return re.compile(
        r"(?<![\w-])(?:" + "|".join(re.escape(word).replace(r"\ ", r"[\s-]") for word in ordered) + r")(?![\w])", re.I
    )


def _side(side: str) -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for row in _ROWS:
        if row["side"] == side:
            for word in row["words"]:
                table.setdefault(word.lower(), set()).add(row["cue"])
    return {word: frozenset(cues) for word, cues in table.items()}


_BEFORE, _AFTER = _side("before"), _side("after")
_BEFORE_PATTERN = _compile(dict.fromkeys(_BEFORE, ""))
_AFTER_PATTERN = _compile(dict.fromkeys(_AFTER, ""))
_BASIS: dict[str, PowerBasis] = {word.lower(): row["basis"] for row in _BASES for word in row["words"]}
_BASIS_PATTERN = _compile(dict.fromkeys(_BASIS, ""))


def _fold(word: str) -> str:
    return re.sub(r"[\s-]", " ", word.lower())


_BEFORE |= {_fold(word): cues for word, cues in _BEFORE.items()}
_AFTER |= {_fold(word): cues for word, cues in _AFTER.items()}
_BASIS |= {_fold(word): basis for word, basis in _BASIS.items()}


def find_cues(text: str, start: int, end: int, *, floor: int, ceiling: int) -> frozenset[str]:
    """The role cues of the figure at ``start:end``: words of its clause from ``floor`` on and up to ``ceiling``."""
    cues: set[str] = set()
    left = max(floor, start - 60)
    for match in _BEFORE_PATTERN.finditer(text, left, start):
        cues |= _BEFORE[_fold(match[0])]
    right = min(ceiling, end + 32)
    stop = _END.search(text, end, right)
    for match in _AFTER_PATTERN.finditer(text, end, stop.start() if stop else right):
        cues |= _AFTER[_fold(match[0])]
    return frozenset(cues)


def find_basis(text: str, start: int, end: int, *, floor: int, ceiling: int) -> PowerBasis | None:
    """What kind of megawatts the words right behind the figure name, else those right before it."""
    right = min(ceiling, end + 48)
    stop = _END.search(text, end, right)
    match = _BASIS_PATTERN.search(text, end, stop.start() if stop else right)
    if match is not None:
        return _BASIS[_fold(match[0])]
    before = _BASIS_PATTERN.findall(text, max(floor, start - 48), start)
    return _BASIS[_fold(before[-1])] if before else None
