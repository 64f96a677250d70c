"""One pass over the words of a text that tells where numbers, dates and accelerator names may begin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from extractors.quantities.date_words import DATE_FIRST
from extractors.quantities.numbers import CODE_PREFIXES, SPELLED_FIRST
from megawatch.lexicons.accelerators import accelerator_index

_TOKEN = re.compile(r"[A-Za-z0-9]+")
_NUMBER, _DATE, _MODEL = 1, 2, 4


@dataclass(slots=True)
class Anchors:
    """Offsets of words with which something may begin: ``digits`` and ``spelled`` numbers, ``dates``, ``models``."""

    digits: list[int] = field(default_factory=list)
    spelled: list[int] = field(default_factory=list)
    dates: list[int] = field(default_factory=list)
    models: list[tuple[int, str]] = field(default_factory=list)


def model_firsts() -> dict[str, str]:
    """The first words of accelerator names in lower case, with and without a plural ``s``, each to its singular."""
    words = {_TOKEN.findall(name)[0] for name in accelerator_index()}
    return {f"{word}s": word for word in words} | {word: word for word in words}


@cache
def _kinds() -> dict[str, tuple[int, str]]:
    table: dict[str, tuple[int, str]] = {}

    def add(word: str, bit: int, first: str = "") -> None:
        for form in {word, word.capitalize(), word.upper(), f"{word[:-1].upper()}{word[-1]}"}:
            known = table.get(form, (0, ""))
            table[form] = (known[0] | bit, first or known[1])

    for word in SPELLED_FIRST:
        add(word, _NUMBER)
    for word in DATE_FIRST:
        add(word, _DATE)
    for word, first in model_firsts().items():
        add(word, _MODEL, first)
    return table


def scan(text: str) -> Anchors:
    """The anchors of a text, each list in order."""
    anchors = Anchors()
    digits, spelled, dates, models = anchors.digits, anchors.spelled, anchors.dates, anchors.models
    kinds, firsts = _kinds(), _model_table()
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word[0].isdigit():
            start = match.start()
            digits.append(start)
            if _may_date(text, word, match.end()):
                dates.append(start)
            if word in firsts:
                models.append((start, firsts[word]))
            continue
        kind = kinds.get(word)
        if kind is None:
            if not word.isalpha():
                if word[:2] in ("FY", "Fy", "fy"):
                    dates.append(match.start())
                _read_mixed(match.start(), word, digits, models, firsts)
            continue
        bits, first = kind
        start = match.start()
        if bits & _NUMBER:
            spelled.append(start)
        if bits & _DATE:
            dates.append(start)
        if bits & _MODEL:
            models.append((start, first))
    return anchors


def _may_date(text: str, word: str, end: int) -> bool:
    """Whether a word that begins with a digit can begin a date: a year, a day before a month, ``3Q26``."""
    size = len(word)
    if size == 4 and word[:2] in ("19", "20"):
        return True
    if size <= 2 and word.isdigit():
        after = text[end : end + 2]
        return (
            after[:1] in ("/", ".")
            or (after[:1] == " " and (after[1:].isupper() or after[1:] in ("o", "d")))
            or text[end - size - 1 : end - size] in ("'", "’")
        )
    return size <= 6 and not word.isdigit()


@cache
def _model_table() -> dict[str, str]:
    return model_firsts()


def _read_mixed(
    start: int, word: str, digits: list[int], models: list[tuple[int, str]], firsts: dict[str, str]
) -> None:
    """A word that holds digits: a model in unusual case, or a figure glued to its currency code (``RMB2``)."""
    first = firsts.get(word.lower())
    if first is not None:
        models.append((start, first))
        return
    letters = word[: next(index for index, letter in enumerate(word) if letter.isdigit())]
    if letters in CODE_PREFIXES:
        digits.append(start + len(letters))
