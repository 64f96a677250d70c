"""Cutting runs of capitalised words into stretches that could each be one name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from extractors.parties.cues import alternatives
from extractors.parties.runs import Run, Token, find_runs
from extractors.parties.vocabulary import (
    AGENCY,
    AMBIGUOUS_JOB,
    CALENDAR,
    CONTRACTION,
    DEMONYM,
    FUNCTION,
    GENERIC,
    GIVEN,
    HEAD,
    HEADING,
    JOB,
    LEGAL,
    MEASURE,
    MEDIA,
    OPENER,
    ORG_VERB,
    PRODUCT,
    SMALL,
    STATE_CODE,
    STRONG,
    SUFFIX,
    is_chip,
    is_everyday,
    is_legal,
)
from megawatch.lexicons.companies import Company, read_companies
from megawatch.lexicons.sites import site_index
from megawatch.market import Part

Known = Literal["company", "site", "agency", "media", ""]


LEADS = ("ly", "wards")
BESIDE = re.compile(r"\b[A-Z][\w-]* $")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch that may be a name; ``known`` names the list that holds it, ``person`` that a job title precedes."""

    part: Part
    start: int
    end: int
    text: str
    words: tuple[str, ...]
    initial: bool
    headline: bool
    known: Known = ""
    company: Company | None = None
    person: bool = False


@cache
def _known_names() -> dict[str, tuple[Known, Company | None]]:
    table: dict[str, tuple[Known, Company | None]] = dict.fromkeys(AGENCY, ("agency", None))
    table |= dict.fromkeys(MEDIA, ("media", None))
    table |= dict.fromkeys(site_index(), ("site", None))
    for company in read_companies():
        for name in company.names:
            table.setdefault(name, ("company", company))
            if len(name) > 4 and name.isalpha() and not is_everyday(name):
                table.setdefault(name.upper(), ("company", company))
    return table


@cache
def _odd_names() -> re.Pattern[str]:
    """The known names that no run of capitals shows whole ("io.net", "SK hynix", "Hut 8", "Moody's")."""
    names = {name for company in read_companies() for name in company.names if not _shows(name)}
    return re.compile(rf"(?<![\w&.-])(?:{alternatives(names)})(?![\w&-])")


def _shows(name: str) -> bool:
    tokens = [token for run in find_runs(name, part="text", lines=[(0, len(name), False)]) for token in run.tokens]
    one_run = len(list(find_runs(name, part="text", lines=[(0, len(name), False)]))) == 1
    return one_run and (tokens[0].start, tokens[-1].end) == (0, len(name))


def find_odd_names(text: str, *, part: Part) -> Iterator[Segment]:
    """Find the known names that are not written as runs of capitals."""
    for match in _odd_names().finditer(text):
        _, company = _known_names()[match.group()]
        initial = match.start() == 0 or text[match.start() - 1] == "\n"
        words = tuple(match.group().split())
        yield Segment(part, *match.span(), match.group(), words, initial, False, "company", company)


def find_segments(text: str, run: Run) -> Iterator[Segment]:
    """Cut one run into candidate names, known ones first, at words that belong to no name."""
    tokens, here, person = run.tokens, 0, False
    open_tokens: list[Token] = []
    formal = _formal_names(text, run)
    while here < len(tokens):
        if here in formal:
            yield from _close(text, run, open_tokens, person=person)
            yield _segment(text, run, here, formal[here])
            open_tokens, person, here = [], False, formal[here]
            continue
        found = _match_known(text, run, here, open_tokens)
        if found is not None:
            yield from _close(text, run, open_tokens, person=person)
            open_tokens, person = [], False
            segment, here = found
            yield segment
            continue
        if _breaks(text, run, here, open_tokens):
            yield from _close(text, run, open_tokens, person=person)
            open_tokens = []
            person = tokens[here].text in JOB
        else:
            open_tokens.append(tokens[here])
        here += 1
    yield from _close(text, run, open_tokens, person=person)


def _formal_names(text: str, run: Run) -> dict[int, int]:
    """Stretches that end in a legal form, as first token -> one past the last: nothing inside them is cut."""
    found, first = {}, 0
    for index, token in enumerate(run.tokens):
        word = token.text
        if word in JOB - AMBIGUOUS_JOB or word in CALENDAR or (index == first and _opens_sentence(token)):
            first = index + 1
        elif is_legal(word) and len(word) > 1 and index > first and not _goes_on(run, index):
            last = index + 1
            while last < len(run.tokens) and is_legal(run.tokens[last].text):
                last += 1
            if not all(is_legal(token.text) for token in run.tokens[first:last]):
                found[first] = last
            first = last
    return found


def _goes_on(run: Run, index: int) -> bool:
    """Whether a word like "Corporation" stands inside a longer name ("Corporation Commission")."""
    if index + 1 == len(run.tokens) or not run.tokens[index].text.isalpha():
        return False
    follows = run.tokens[index + 1].text
    return follows in SUFFIX and not is_legal(follows)


def _opens_sentence(token: Token) -> bool:
    if token.text in OPENER:
        return False
    return token.text in SMALL or (token.initial and token.text in FUNCTION and token.text not in HEAD)


def _segment(text: str, run: Run, here: int, last: int) -> Segment:
    tokens = run.tokens[here:last]
    start, end = tokens[0].start, tokens[-1].end
    known, company = _longest_known(text, tokens)
    words = tuple(token.text for token in tokens)
    return Segment(run.part, start, end, text[start:end], words, tokens[0].initial, run.headline, known, company)


def _longest_known(text: str, tokens: tuple[Token, ...]) -> tuple[Known, Company | None]:
    """Return the known company whose name begins a formal one ("CoreWeave" in "CoreWeave, Inc."), if any."""
    for last in range(len(tokens), 0, -1):
        stretch = text[tokens[0].start : tokens[last - 1].end]
        entry = _known_names().get(stretch) or _known_names().get(stretch.rstrip("."))
        if entry and entry[0] == "company" and not (last == 1 and len(tokens) > 2 and is_everyday(stretch)):
            return entry
    return "", None


def _match_known(text: str, run: Run, here: int, open_tokens: list[Token]) -> tuple[Segment, int] | None:
    tokens, names = run.tokens, _known_names()
    if open_tokens and open_tokens[-1].text in GIVEN:
        return None
    for last in range(min(here + 6, len(tokens)), here, -1):
        start, end = tokens[here].start, tokens[last - 1].end
        entry = names.get(text[start:end])
        if entry is None and text[end - 1] == ".":
            entry = names.get(text[start : end - 1])
        if entry is None or _doubtful(run, here, last, open_tokens):
            continue
        known, company = entry
        if known == "company" and last == here + 1 and _always_goes_on(text, run, here):
            continue
        if known == "site" and _names_more(run, here, last, open_tokens):
            continue
        if known == "company":
            last = _with_suffixes(run, last)
        words = tuple(token.text for token in tokens[here:last])
        stretch = text[start : tokens[last - 1].end]
        return Segment(
            run.part, start, tokens[last - 1].end, stretch, words, tokens[here].initial, run.headline, known, company
        ), last
    return None


def _always_goes_on(text: str, run: Run, here: int) -> bool:
    """Whether a known one-word name stands everywhere before the same unknown word: then the two are another's name."""
    if here + 1 == len(run.tokens) or text[run.tokens[here].end] != " ":
        return False
    word, follows = run.tokens[here].text, run.tokens[here + 1].text
    if not follows.isalpha() or follows in GENERIC | PRODUCT | SUFFIX | JOB | CALENDAR or follows in _known_names():
        return False
    if follows.lower() in ORG_VERB or (is_everyday(follows) and run.headline):
        return False
    return _count(text, word) == _count(text, f"{word} {follows}")


@lru_cache(maxsize=4096)
def _count(text: str, words: str) -> int:
    """Count words in the first stretch of a text: enough to judge by, and no dearer in a long filing."""
    return text.count(words, 0, 200_000)


def _names_more(run: Run, here: int, last: int, open_tokens: list[Token]) -> bool:
    """Whether a place is only a piece of a longer name ("Hokkaido Gas", "Universidad de Chile")."""
    if run.headline or run.tokens[here].text in ("U.S.", "US", "UK", "U.K.", "EU"):
        return False
    if open_tokens:
        return True
    if last == len(run.tokens):
        return False
    follows = run.tokens[last].text
    if follows in JOB or follows in CALENDAR or follows in _known_names():
        return False
    return follows in SUFFIX or follows not in GENERIC


def _doubtful(run: Run, here: int, last: int, open_tokens: list[Token]) -> bool:
    """Whether an everyday word that is also a known name is here more likely a piece of a longer, unknown name."""
    words = [token.text for token in run.tokens[here:last]]
    if not all(is_everyday(word) for word in words):
        return False
    if run.headline:
        return run.tokens[here].text not in {"Oracle", "Meta", "Apple"} and len(words) == 1
    follows = run.tokens[last].text if last < len(run.tokens) else ""
    unknown_after = bool(follows) and follows not in GENERIC and follows not in PRODUCT and follows not in CALENDAR
    return unknown_after or bool(open_tokens)


def _with_suffixes(run: Run, last: int) -> int:
    while last < len(run.tokens) and not run.headline:
        word = run.tokens[last].text
        if not (is_legal(word) or (word in SUFFIX and word not in GENERIC)):
            break
        last += 1
    return last


def _breaks(text: str, run: Run, here: int, open_tokens: list[Token]) -> bool:
    token = run.tokens[here]
    word, follows = token.text, run.tokens[here + 1].text if here + 1 < len(run.tokens) else ""
    suffix_follows = bool(follows) and (is_legal(follows) or (follows in STRONG and follows not in GENERIC))
    if is_legal(word):
        return not open_tokens
    if word in JOB and not (word in AMBIGUOUS_JOB and follows not in JOB):
        return True
    if run.headline:
        return _breaks_headline(text, run, here, open_tokens)
    if open_tokens and word in STATE_CODE and not suffix_follows:
        return True
    if open_tokens and word in SUFFIX:
        return False
    if word in PRODUCT and word.isalpha() and follows.isalpha() and follows not in PRODUCT:
        return follows in GENERIC and follows not in SUFFIX
    if word in MEASURE or is_chip(word) or CONTRACTION.fullmatch(word):
        return not open_tokens or not is_chip(word)
    if word in CALENDAR or word in GENERIC or word in PRODUCT or (word[0].isdigit() and not follows):
        return not (suffix_follows and word not in CALENDAR)
    if not open_tokens:
        return word in SMALL or (
            token.initial and word in FUNCTION and not suffix_follows and not _may_open(word, follows)
        )
    return word in SMALL


def _may_open(word: str, follows: str) -> bool:
    return word in HEAD or (word in OPENER and bool(follows) and follows not in GENERIC and follows not in CALENDAR)


def _breaks_headline(text: str, run: Run, here: int, open_tokens: list[Token]) -> bool:
    word = run.tokens[here].text
    if open_tokens and (word in SUFFIX or is_everyday(word)):
        return run.part == "title" or word not in SUFFIX
    return word in CALENDAR or word in GENERIC or word in PRODUCT or word in FUNCTION or is_everyday(word)


def _close(text: str, run: Run, tokens: list[Token], *, person: bool) -> Iterator[Segment]:
    while tokens and not is_legal(tokens[-1].text) and tokens[-1].text in SMALL:
        tokens.pop()
    if not tokens or all(is_legal(token.text) for token in tokens):
        return
    tokens = _without_lead(text, tokens)
    first, end = tokens[0], tokens[-1].end
    words = tuple(token.text for token in tokens)
    if len(words) == 1 and is_everyday(words[0]) and BESIDE.search(text, max(0, first.start - 24), first.start):
        return
    if text[first.start : end] in HEADING or (len(words) == 1 and words[0] in DEMONYM):
        return
    if len(words) == 1 and (len(words[0]) < 2 or words[0] in LEGAL or words[0] in SUFFIX):
        return
    yield Segment(
        run.part, first.start, end, text[first.start : end], words, first.initial, run.headline, person=person
    )


def _without_lead(text: str, tokens: list[Token]) -> list[Token]:
    """Drop a first word that only a sentence or a place put there: the rest stands alone more often."""
    if len(tokens) < 2 or is_legal(tokens[1].text):
        return tokens
    first = tokens[0]
    if not (first.initial and is_everyday(first.text)) and not (first.text in DEMONYM or first.text in site_index()):
        return tokens
    whole = text[first.start : tokens[-1].end]
    rest = text[tokens[1].start : tokens[-1].end]
    alone = _count(text, rest) - _count(text, whole)
    strays = first.text.endswith(LEADS) and len(first.text) > 5 and first.initial
    if (alone > _count(text, whole) and rest not in site_index()) or strays:
        return tokens[1:]
    return tokens
