"""Phrases of a few words found in short windows of text: by dictionary, in time that does not grow with the list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

Found = TypeVar("Found")

WORDS = re.compile(r"[a-z]+")


def fold(phrase: str) -> tuple[str, ...]:
    """The words of a phrase in lower case; hyphens, dots and apostrophes divide words.

    >>> fold("Run-rate")
    ('run', 'rate')
    """
    return tuple(WORDS.findall(phrase.lower()))


class Phrases(Generic[Found]):
    """A list of phrases, each with what it means, asked for those that a list of words begins or ends with."""

    def __init__(self, meanings: Mapping[str, Found] | Iterable[tuple[str, Found]]) -> None:
        """Index the phrases by their first and by their last word, the longest first."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], Found]]] = {}
        self._by_last: dict[str, list[tuple[tuple[str, ...], Found]]] = {}
        pairs = meanings.items() if isinstance(meanings, Mapping) else meanings
        for phrase, meaning in pairs:
            words = fold(phrase)
            if words:
                self._by_first.setdefault(words[0], []).append((words, meaning))
                self._by_last.setdefault(words[-1], []).append((words, meaning))
        for table in (self._by_first, self._by_last):
            for rows in table.values():
                rows.sort(key=lambda row: -len(row[0]))

    def inside(self, words: list[str]) -> list[Found]:
        """What the phrases inside ``words`` mean, in order."""
        by_first = self._by_first
        found = []
        for index, word in enumerate(words):
            rows = by_first.get(word)
            if rows is not None:
                for phrase, meaning in rows:
                    if len(phrase) == 1 or tuple(words[index : index + len(phrase)]) == phrase:
                        found.append(meaning)
                        break
        return found

    def ending(self, words: list[str]) -> tuple[int, Found] | None:
        """How many words the longest phrase takes that ends ``words``, and its meaning."""
        for phrase, meaning in self._by_last.get(words[-1], ()) if words else ():
            if tuple(words[-len(phrase) :]) == phrase:
                return len(phrase), meaning
        return None
