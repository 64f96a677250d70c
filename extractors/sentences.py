"""A fast splitter of text into title, headings, sentences, bullets and table rows, each with its offsets."""

from __future__ import annotations

import re

from extractors.candidates import Sentence, SentenceKind
from megawatch.market import Part

_LINE = re.compile(r"[^\n]+")
_BULLET = re.compile(r"\s*(?:[•◦▪‣·●○■–—*-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])\s+")
_STOP = re.compile(r"[.!?…。！？]['\"”’)\]»]*+(?=\s|$)|;(?=\s*$)")
_ABBREVIATIONS = frozenset(
    "inc corp co ltd llc plc cos bros mr mrs ms dr prof st no nos vs approx ca est fig sec art dept gen gov sen rep jr"
    " sr jan feb mar apr jun jul aug sep sept oct nov dec mt ft sq u.s u.k u.n e.u e.g i.e a.m p.m rs mio mrd bldg"
    " ave blvd etc al intl hon op cit s.a n.v b.v s.p.a a.s d.c l.p l.l.c".split()
)
_AFTER_STOP = re.compile(r"\s+[\"'“‘(\[]*([A-Za-z0-9$€£¥]?)")
_LOOSE = frozenset(
    {"inc", "corp", "co", "ltd", "llc", "plc", "u.s", "u.k", "etc", "al", "a.m", "p.m", "sept", "l.p", "s.a", "n.v"}
)
_INITIALS = re.compile(r"[a-z](?:\.[a-z])*")
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S|\S ?\| ?\S|\.{3,}\s*[$€£]?\d")


def split_sentences(text: str, *, part: Part) -> tuple[Sentence, ...]:
    """The sentences of one part in order; every non-blank character of the text lies in one of them.

    A line with table columns is one ``row``, a line with a bullet or number before it a ``bullet`` (its sentences stay
    together up to 400 characters), a short line without a stop at its end a ``heading``.
    """
    found: list[Sentence] = []
    paragraph = 0
    blank = True
    position = 0
    for line in _LINE.finditer(text):
        if text.count("\n", position, line.start()) > 1 or blank:
            paragraph += 1
            blank = False
        position = line.end()
        if line[0].isspace():
            blank = True
            continue
        _add_line(text, line.start(), line.end(), part, paragraph, found)
    return tuple(found)


def _add_line(text: str, start: int, end: int, part: Part, paragraph: int, found: list[Sentence]) -> None:
    kind = _kind_of(text, start, end, part)
    spans = [(start, end)] if kind in ("row", "heading", "title") else _stops(text, start, end)
    if kind == "bullet" and end - start <= 400:
        spans = [(start, end)]
    for left, right in spans:
        while left < right and text[left].isspace():
            left += 1
        while right > left and text[right - 1].isspace():
            right -= 1
        if left < right:
            found.append(
                Sentence(
                    part=part,
                    start=left,
                    end=right,
                    quote=text[left:right],
                    kind=kind,
                    paragraph=paragraph,
                    index=len(found),
                )
            )


def _kind_of(text: str, start: int, end: int, part: Part) -> SentenceKind:
    if part == "title":
        return "title"
    if end - start < 2000 and _has_columns(text[start:end]):
        return "row"
    if _BULLET.match(text, start, end):
        return "bullet"
    if end - start < 90 and text[end - 1] not in '.!?:;,"”’' and _stops_inside(text, start, end) == 0:
        return "heading"
    return "prose"


def _has_columns(line: str) -> bool:
    if "|" in line or "\t" in line or "   " in line or "..." in line:
        return _COLUMNS.search(line) is not None
    return False


def _stops_inside(text: str, start: int, end: int) -> int:
    return len(_stops(text, start, end)) - 1


def _stops(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    left = start
    for match in _STOP.finditer(text, start, end):
        if _ends_sentence(text, match, end):
            spans.append((left, match.end()))
            left = match.end()
    if left < end:
        spans.append((left, end))
    return spans


def _ends_sentence(text: str, match: re.Match[str], end: int) -> bool:
    following = _AFTER_STOP.match(text, match.end(), end)
    if following is None:
        return True
    first = following[1]
    if first.islower():
        return False
    if text[match.start()] != ".":
        return True
    word = _word_before(text, match.start())
    if word in _LOOSE or _INITIALS.fullmatch(word):
        return first.isupper() and _starts_sentence(text, match.end())
    return word not in _ABBREVIATIONS


def _word_before(text: str, stop: int) -> str:
    """The word that ends at ``stop``, inner dots included, in lower case."""
    left = stop
    while left > 0 and stop - left < 8 and (text[left - 1].isalnum() or text[left - 1] == "."):
        left -= 1
    return text[left:stop].lower()


_OPENER = re.compile(
    r"\s+[\"'“‘(]*(?:The|It|Its|In|On|At|A|An|This|That|These|Those|They|He|She|We|Our|Under|For|As|But|And"
    r"|Both|Each|If"
    r"|When|While|With|Of|By|From|No|Not|There|Their|What|Who|After|Before|Since|Also|Separately|Meanwhile|To)\b"
)


def _starts_sentence(text: str, position: int) -> bool:
    return _OPENER.match(text, position) is not None
