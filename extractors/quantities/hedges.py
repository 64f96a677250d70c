"""Words that soften a figure (``about``, ``up_to``, ``at_least``), read off ``patterns/hedges.jsonl``."""

from __future__ import annotations

import re

from extractors.patterns import read_patterns
from extractors.phrases import Phrases, fold
from megawatch.market import Hedge

_ROWS = read_patterns("hedges", required=("hedge", "side", "words", "examples", "not_examples"))


def _words(side: str) -> dict[str, Hedge]:
    return {word.lower(): row["hedge"] for row in _ROWS if row["side"] == side for word in row["words"]}


_SIGNS: dict[str, Hedge] = {word: hedge for word, hedge in _words("before").items() if not word[0].isalpha()}
_BEFORE: Phrases[Hedge] = Phrases(_words("before"))
_AFTER = _words("after")
_AFTER_PATTERN = re.compile(
    r"\)?[,\s-]{0,2}(?P<hedge>"
    + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in sorted(_AFTER, key=len, reverse=True))
    + r")(?![a-z])(?!\s?[$€£~\d])",
    re.IGNORECASE,
)
_AFTER_FIRST = frozenset(letter for word in _AFTER for letter in (word[0], word[0].upper()))
_FILL = frozenset(
    "a an the another additional further extra total of combined aggregate initial some us value sum its their as"
    " estimated to at worth or".split()
)
_LAST_WORDS = _FILL | {fold(word)[-1] for word in _words("before") if fold(word)}
_TAIL = re.compile(r"[A-Za-z.\s\u00a0\"“‘(*'’~≈≥>-]*+")
_TOKEN = re.compile(r"[A-Za-z]+")
_NOT_OF_TIME = frozenset({"over", "under", "below", "above", "beyond", "near"})
_TAKE_OVER = tuple(
    [word] for word in "option options refusal offer right rights spread claim lien mortgage call".split()
)
_ADD = tuple([word] for word in "add adds adding added sum sums".split())


def hedge_before(text: str, start: int, *, floor: int, duration: bool = False) -> tuple[Hedge, int] | None:
    """The hedge whose words end just before ``start`` and where they begin; none is looked for before ``floor``.

    ``over five years`` hedges nothing: a duration takes no ``over``.
    """
    left = max(floor, start - 48)
    window = text[left:start]
    bare = window.rstrip(" \u00a0\n\"“‘(*'’")
    last = bare[-1:]
    if last in _SIGNS:
        return _SIGNS[last], left + len(bare) - 1
    words = bare.split()
    if not words or words[-1].lower().rstrip(".-").lstrip("\"“‘(*'’~") not in _LAST_WORDS:
        return None
    tail = _TAIL.match(window[::-1])
    if tail is None or not tail.end():
        return None
    offset = len(window) - tail.end()
    if offset and window[offset - 1].isalnum():
        offset += len(window[offset:]) - len(
            window[offset:].lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        )
    tokens = [(match.start(), match[0].lower()) for match in _TOKEN.finditer(window, offset)]
    return _read_back(tokens, left, duration)


def _read_back(tokens: list[tuple[int, str]], left: int, duration: bool) -> tuple[Hedge, int] | None:
    words = [word for _, word in tokens]
    best: tuple[Hedge, int] | None = None
    fills = 0
    while words:
        ending = _BEFORE.ending(words)
        if ending is not None:
            size, hedge = ending
            if size == 1 and words[-1] in _NOT_OF_TIME and (duration or fills or words[-2:-1] in _TAKE_OVER):
                return best
            if words[-size:] == ["up", "to"] and words[-3:-2] in _ADD:
                return best
            best = (hedge, left + tokens[len(words) - size][0])
            del words[-size:]
        elif words[-1] in _FILL and fills < 4:
            fills += 1
            words.pop()
        else:
            break
    return best


def hedge_after(text: str, end: int) -> tuple[Hedge, int] | None:
    """The hedge that follows directly on ``end`` and where its words end."""
    first = text[end : end + 3].lstrip("),- ")[:1]
    if not first or (first not in _AFTER_FIRST and text[end] not in "-+"):
        return None
    match = _AFTER_PATTERN.match(text, end)
    return None if match is None else (_AFTER[re.sub(r"\s", " ", match["hedge"].lower())], match.end())
