"""Words that soften a figure (``about``, ``up_to``, ``at_least``), read off ``patterns/hedges.jsonl``."""

from __future__ import annotations

import re

from extractors.patterns import read_patterns
from megawatch.market import Hedge

_ROWS = read_patterns("hedges", required=("hedge", "side", "words", "examples", "not_examples"))


def _alternation(side: str) -> tuple[str, dict[str, Hedge]]:
    words = {word.lower(): row["hedge"] for row in _ROWS if row["side"] == side for word in row["words"]}
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\s") for word in ordered), words


_BEFORE_WORDS, _BEFORE = _alternation("before")
_AFTER_WORDS, _AFTER = _alternation("after")
_FILL = (
    r"(?:(?:an?|the|another|additional|further|extra|total|of|combined|aggregate|initial|about|approximately|roughly"
    r"|around|some|us|value|sum|its|their|as|estimated|to|at|worth|or|[\"'“‘(*])[\s\u00a0]?){0,4}"
)
_BEFORE_PATTERN = re.compile(rf"(?<![a-z])(?P<hedge>{_BEFORE_WORDS})[\s\u00a0]*{_FILL}\Z", re.IGNORECASE)
_AFTER_PATTERN = re.compile(rf"\)?[,\s-]{{0,2}}(?P<hedge>{_AFTER_WORDS})(?![a-z])", re.IGNORECASE)
_ONLY_BEFORE_COUNT = frozenset({"over", "under", "below", "above", "beyond", "some", "near"})


def hedge_before(text: str, start: int, *, floor: int, duration: bool = False) -> tuple[Hedge, int] | None:
    """The hedge whose words end just before ``start`` and where they begin; none is looked for before ``floor``.

    ``over five years`` hedges nothing: a duration takes no ``over``.
    """
    left = max(floor, start - 48)
    match = _BEFORE_PATTERN.search(text, left, start)
    if match is None:
        return None
    word = re.sub(r"\s", " ", match["hedge"].lower())
    if duration and word in ("over", "under", "below", "above", "beyond", "near"):
        return None
    return _BEFORE[word], match.start()


def hedge_after(text: str, end: int) -> tuple[Hedge, int] | None:
    """The hedge that follows directly on ``end`` and where its words end."""
    if text[end : end + 1] not in ("", " ", ",", "-", "+", ")", "i"):
        return None
    match = _AFTER_PATTERN.match(text, end)
    return None if match is None else (_AFTER[re.sub(r"\s", " ", match["hedge"].lower())], match.end())
