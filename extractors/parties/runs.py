"""Runs of capitalised words: where a name could stand, before anything is known of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extractors.parties.vocabulary import FUNCTION, HEAD, STATE_CODE, SUFFIX, is_legal
from megawatch.market import Part

UPPER = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x250) if chr(code).isupper())
TOKEN = re.compile(
    rf"(?<![\w@#])(?:(?:[{UPPER}]\.){{2,6}}(?:[{UPPER}](?!\w))?"
    rf"|\d{{1,3}}(?:st|nd|rd|th)(?=\ [{UPPER}])"
    rf"|[a-z]{{0,8}}[{UPPER}][\w]{{0,40}}"
    rf"(?:[&+][\w]{{1,40}}|['’](?!s\b)[\w]{{1,40}}|-(?=[{UPPER}\d])[\w]{{1,40}}|"
    rf"\.(?:com|ai|io|net|org|sh|dev|app|tech|cloud|xyz|AI)(?!\w))*)"
)
ABBREVIATED = frozenset(
    ("Inc", "Corp", "Ltd", "Co", "L.P", "N.V", "S.A", "B.V", "L.L.C", "S.p.A", "S.L", "Pte", "Pvt", "Bhd", "Lda")
)
JOINS = frozenset(
    (" of ", " de ", " du ", " des ", " der ", " di ", " do ", " da ", " for ", " of the ", " für ", " van ")
)
NUMBER = re.compile(r" \d{1,3} ")
WORDS = re.compile(r"[^\W\d_][\w'’.-]*")


@dataclass(frozen=True, slots=True)
class Token:
    """One capitalised word; ``initial`` where its capital says nothing (a sentence or headline would give it one)."""

    start: int
    end: int
    text: str
    initial: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Capitalised words in a row, all in one part; ``headline`` where every word of the line is capitalised."""

    part: Part
    tokens: tuple[Token, ...]
    headline: bool


def find_runs(text: str, *, part: Part, lines: Iterable[tuple[int, int, bool]]) -> Iterator[Run]:
    """Every run of capitalised words, in order; ``lines`` are (start, end, headline) of sentences."""
    for start, end, headline in lines:
        row: list[Token] = []
        for token in _tokens(text, start, end, headline=headline):
            if row and not _joins(text, row[-1], token):
                yield Run(part, tuple(row), headline)
                row = []
            row.append(token)
        if row:
            yield Run(part, tuple(row), headline)


def is_headline(line: str) -> bool:
    """Whether nearly all longer words of a line are capitalised, so that capitals say nothing."""
    words = [word for word in WORDS.findall(line[:400]) if len(word) > 3]
    capital = sum(word[0].isupper() for word in words)
    return len(words) > 2 and capital >= 0.75 * len(words)


def _tokens(text: str, start: int, end: int, *, headline: bool) -> Iterator[Token]:
    for match in TOKEN.finditer(text, start, end):
        begin, stop = match.span()
        if text[stop : stop + 1] == "$":
            continue
        if text[stop : stop + 1] == "." and match.group() in ABBREVIATED and stop < end:
            stop += 1
        yield Token(begin, stop, text[begin:stop], headline or _uninformative(text, start, begin))


def _uninformative(text: str, start: int, begin: int) -> bool:
    before = text[max(start, begin - 3) : begin].rstrip(" ")
    return not before or before[-1] in '.!?:•*|"“”‘—\n\t>[]#…' or before in ("-", "–")


def _joins(text: str, left: Token, right: Token) -> bool:
    gap = text[left.end : right.start]
    if gap == " ":
        return not (is_legal(left.text) and left.text.endswith("."))
    if gap in (" & ", " + "):
        return True
    if gap == ", ":
        return is_legal(right.text) and len(right.text) > 1 and right.text not in STATE_CODE
    if gap in ("' ", "’ "):
        return left.text.endswith("s") and right.text in SUFFIX
    if gap in JOINS:
        return left.text in HEAD and right.text not in FUNCTION
    return NUMBER.fullmatch(gap) is not None
