"""Cutting runs of capitalised words into stretches that could each be one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from extractors.parties.runs import Run, Token
from extractors.parties.vocabulary import (
    AGENCY,
    CALENDAR,
    FUNCTION,
    GENERIC,
    GIVEN,
    HEAD,
    JOB,
    LEGAL,
    MEDIA,
    PRODUCT,
    SUFFIX,
    is_everyday,
    is_legal,
)
from megawatch.lexicons.companies import Company, read_companies
from megawatch.lexicons.sites import site_index
from megawatch.market import Part

Known = Literal["company", "site", "agency", "media", ""]
SMALL = frozenset(
    ["The", "A", "An", "This", "That", "These", "Those", "Its", "Their", "His", "Her", "Our", "Your", "My", "I", "We", "It", "He", "She", "They", "You", "In", "On", "At", "By", "For", "From", "To", "With", "And", "Or", "But", "If", "As", "When", "Under", "After", "Before", "Both", "Each", "Every", "Some", "Any", "All", "No", "Not", "So", "Yet", "While", "Since", "Though", "Although", "Where", "Which", "Who", "Until", "Once", "Over", "Into", "Per", "Via", "Than", "Then", "Now", "Here", "There", "Was", "Is", "Are", "Will", "Has", "Have", "Had"]
)
STRONG = frozenset(
    ["Holdings", "Capital", "Partners", "Ventures", "Labs", "Bank", "Trust", "Technologies", "Systems", "Networks", "Industries", "Group", "Energy", "Power", "Realty", "Securities", "Investments", "Management", "Infrastructure", "Cloud", "Compute", "Digital"]
)
AMBIGUOUS_JOB = frozenset(
    ["General", "Prime", "King", "Prince", "Head", "Partner", "Architect", "Premier", "Engineer", "Justice", "Judge", "Vice"]
)


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
    return table


def find_segments(text: str, run: Run) -> Iterator[Segment]:
    """Cut one run into candidate names, known ones first, at words that belong to no name."""
    tokens, here, person = run.tokens, 0, False
    open_tokens: list[Token] = []
    while here < len(tokens):
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
        if known == "company":
            last = _with_suffixes(run, last)
        words = tuple(token.text for token in tokens[here:last])
        stretch = text[start : tokens[last - 1].end]
        return Segment(
            run.part, start, tokens[last - 1].end, stretch, words, tokens[here].initial, run.headline, known, company
        ), last
    return None


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
    if open_tokens and word in SUFFIX:
        return False
    if word in CALENDAR or word in GENERIC or word in PRODUCT or (word[0].isdigit() and not follows):
        return not (suffix_follows and word not in CALENDAR)
    if not open_tokens:
        return word in SMALL or (token.initial and word in FUNCTION and not suffix_follows and word not in HEAD)
    return word in SMALL


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
    first, end = tokens[0], tokens[-1].end
    words = tuple(token.text for token in tokens)
    if len(words) == 1 and (len(words[0]) < 2 or words[0] in LEGAL or words[0] in SUFFIX):
        return
    yield Segment(
        run.part, first.start, end, text[first.start : end], words, first.initial, run.headline, person=person
    )
