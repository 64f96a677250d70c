"""The cheap first pass: whether a text can speak of this market at all, told before anything is parsed.

One search for all words at once, over bytes. A word of ``patterns/firstpass.jsonl`` weighs 2 where the market alone
uses it (megawatts, GPUs, data centers), and 1 where others do too (chips, leases, clouds): a text is kept from a sum of
2, each group of words counted once. The names of accelerators weigh 2, those that are also plain words 1, and so do the
names of companies, which make a group a trade. What is set aside tells no deal, but for the few in a thousand that
``benchmarks/extractors_firstpass.py`` counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import BytesAhoCorasick, Implementation

from extractors.patterns import read_patterns
from megawatch.lexicons.accelerators import read_accelerators
from megawatch.lexicons.companies import read_companies

ENOUGH = 2
_HEAD = 4096
_TRADES = (
    *("neocloud", "hpc_landlord", "marketplace", "data_provider", "developer"),
    *("hyperscaler", "ai_lab", "chipmaker", "server_maker", "power"),
)
_SHORTEST_NAME = 4
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_WORD = _LETTERS | frozenset(b"0123456789")


@dataclass(frozen=True, slots=True)
class Word:
    """One word to look for, in lower case; ``open_end`` lets any letters follow, else at most a plural s may."""

    text: bytes
    group: str
    weight: int
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class _Search:
    words: tuple[Word, ...]
    machine: BytesAhoCorasick


def may_tell_deals(text: str | bytes) -> bool:
    """Whether a text, or the bytes of a page as fetched (UTF-8), holds enough of this market's words to be read.

    >>> may_tell_deals("Halyard rents out 4,096 H100s."), may_tell_deals("The choir sang on Sunday.")
    (True, False)
    """
    folded = (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).lower()
    # What tells of this market mostly does so at once: the rest of a long page is searched only where its head is mute.
    return _weighs(folded[:_HEAD]) or (len(folded) > _HEAD and _weighs(folded))


def find_words(text: str | bytes) -> Iterator[Word]:
    """The words of the market in a text, in order: why it is kept."""
    return _found((text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text).lower())


@cache
def read_words() -> tuple[Word, ...]:
    """Every word that is looked for: those of the data file, of accelerators and of companies."""
    words = [
        Word(told.removesuffix("*").encode(), row["group"], row["weight"], told.endswith("*"))
        for row in read_patterns("firstpass", required=("group", "weight", "words", "examples", "counter_examples"))
        for told in row["words"]
    ]
    for chip in read_accelerators():
        group, weight = ("names of accelerators", 2) if not chip.needs_context else ("accelerators, in context", 1)
        words += [Word(name.lower().encode(), group, weight) for name in (chip.model, *chip.aliases)]
    for company in read_companies():
        if company.segment in _TRADES:
            names = [name for name in company.names if len(name) >= _SHORTEST_NAME]
            words += [Word(name.lower().encode(), company.segment, 1) for name in names]
    return tuple({word.text: word for word in reversed(words)}.values())


def _weighs(folded: bytes) -> bool:
    weight, groups = 0, set[str]()
    for word in _found(folded):
        if word.group not in groups:
            groups.add(word.group)
            weight += word.weight
            if weight >= ENOUGH:
                return True
    return False


def _found(folded: bytes) -> Iterator[Word]:
    search = _search()
    words = search.words
    for index, start, end in search.machine.find_matches_as_indexes(folded, overlapping=True):
        word = words[index]
        if _stands_alone(folded, start, end, word):
            yield word


def _stands_alone(folded: bytes, start: int, end: int, word: Word) -> bool:
    """Whether no letter runs into the word; a figure may stand right before it, as in 250MW."""
    if word.text[0] in _LETTERS and start and folded[start - 1] in _LETTERS:
        return False
    if word.open_end or word.text[-1] not in _WORD:
        return True
    if folded[end : end + 1] == b"s":
        end += 1
    return end == len(folded) or folded[end] not in _LETTERS


@cache
def _search() -> _Search:
    words = read_words()
    return _Search(words, BytesAhoCorasick([word.text for word in words], implementation=Implementation.DFA))
