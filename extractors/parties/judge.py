"""Weighing what a capitalised stretch names: an organisation, a person, a place or a thing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractors.parties.cues import after_cues, cue_before, words_before
from extractors.parties.segments import Segment
from extractors.parties.vocabulary import (
    DEMONYM,
    GIVEN,
    HEAD,
    LEGAL,
    PLACE_SUFFIX,
    ROADS,
    SUFFIX,
    is_everyday,
    is_legal,
)
from megawatch.lexicons.companies import Company
from megawatch.lexicons.sites import read_sites
from megawatch.lexicons.towns import is_town

AFTER = after_cues()
ORG = {
    "role": 3.0,
    "deal": 2.5,
    "invest": 1.0,
    "with": 0.3,
    "head": 3.0,
    "said": 0.2,
    "ticker": 6.0,
    "defined": 4.0,
    "backed": 3.0,
}
ORG |= {"apposition": 3.0, "site": 2.0, "possessive": 0.5, "verb": 1.2, "thing": 0.5}
PERSON = {"job": 4.0, "jobs": 4.0, "who": 1.5, "said": 0.5}
PLACE = {
    "place": 1.6,
    "based": 4.0,
    "state": 4.0,
    "campus": 1.2,
    "project": 4.0,
    "at": 0.9,
    "numbered": 2.5,
    "where": 1.2,
}
THING = {"thing": 1.0}
TOWN = 1.5
DATELINE = re.compile(
    r"(?:,\s[A-Z][\w.]+){0,2}(?:,\s(?:\d{1,2}\s)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\s?[–—-]\s?|\s\([A-Z]|\s\d)"
)
COUNTRIES = frozenset(name for site in read_sites() if site.kind == "country" for name in site.names)
SITE_CODE = re.compile(r"[A-Z]{1,4}-?\d{1,2}(?:-\d{1,2})?|[A-Z]{2,4}-\d{1,3}")
ODD = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]|&|\.(?:ai|AI|com|io)\b")


@dataclass(slots=True)
class Tally:
    """What speaks for each reading of one surface form over a document."""

    text: str
    words: tuple[str, ...]
    company: Company | None = None
    known: str = ""
    org: float = 0.0
    person: float = 0.0
    place: float = 0.0
    thing: float = 0.0
    firm: int = 0
    turns: int = 0
    odd: bool = False
    segments: list[Segment] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another form of the same name."""
        self.org += other.org
        self.person += other.person
        self.place += other.place
        self.thing += other.thing
        self.firm += other.firm

    @property
    def kind(self) -> str:
        """What the name most likely stands for: ``org``, ``person``, ``place`` or ``thing``."""
        if self.known in ("agency", "media"):
            return self.known
        best = max(self.org, self.person, self.place, self.thing)
        if self.org >= best:
            return "org"
        return "person" if self.person >= best else "place" if self.place >= best else "thing"


def tally_segments(title: str, text: str, segments: Iterable[Segment]) -> dict[str, Tally]:
    """Weigh every surface form by its words and by all the places where it stands."""
    tallies: dict[str, Tally] = {}
    for segment in segments:
        tally = tallies.get(segment.text)
        if tally is None:
            tally = tallies[segment.text] = _by_words(segment)
        _by_place(tally, title if segment.part == "title" else text, segment)
    return tallies


def _by_words(segment: Segment) -> Tally:
    words = segment.words
    tally = Tally(text=segment.text, words=words, company=segment.company, known=segment.known)
    everyday = all(is_everyday(word) for word in words)
    if not everyday:
        tally.org += 0.5
    if segment.known == "company":
        tally.org += 2.0 if everyday else 6.0
    elif segment.known == "site":
        tally.place += 1.5 if everyday else 5.0
    elif is_town(segment.text):
        tally.place += TOWN
    elif _is_described(words):
        tally.thing += 5.0
    if len(words) > 1:
        _by_ending(tally, words)
    elif words[0] in GIVEN:
        tally.person += 1.0
    if ODD.search(segment.text) or (segment.text.isupper() and not segment.initial):
        tally.odd = True
    if SITE_CODE.fullmatch(segment.text):
        tally.place += 3.5
    elif ODD.search(segment.text):
        tally.org += 1.5
    return tally


def _is_described(words: tuple[str, ...]) -> bool:
    """Whether a trade stands behind a nationality or a town: "a Polish GPU cloud", "a Mumbai GPU firm"."""
    *before, last = words
    if last == "AI":
        return bool(before) and all(word in DEMONYM for word in before)
    return last in ("GPU", "GPUs") and bool(before) and (before[0] in DEMONYM or is_town(" ".join(before)))


def _by_ending(tally: Tally, words: tuple[str, ...]) -> None:
    last = words[-1]
    if is_legal(last):
        tally.org += 6.0
    elif last in SUFFIX:
        tally.org += 3.0
    elif last in PLACE_SUFFIX and words[-2] in SUFFIX:
        tally.org += 2.0
    elif last in PLACE_SUFFIX and tally.company is None:
        tally.place += 4.0 if last in ROADS else 0.5
    elif words[0] in COUNTRIES and len(words) == 2:
        tally.place += 1.2
    elif words[0] in GIVEN and len(words) < 5:
        tally.person += 3.5
    if any(len(word) == 2 and word[1] == "." for word in words[1:-1]):
        tally.person += 3.0
    if words[0] in HEAD and " of " in tally.text:
        tally.org += 2.0


def _by_place(tally: Tally, text: str, segment: Segment) -> None:
    tally.segments.append(segment)
    if segment.known == "site":
        tally.place += 1.0
    if segment.known != "company" and text[segment.end : segment.end + 2] == ": " and _opens_line(text, segment.start):
        tally.turns += 1
        tally.person += 2.0 if tally.turns > 1 else 0.0
    if segment.person:
        tally.person += 4.0
    if (
        segment.text.isupper()
        and DATELINE.match(text, segment.end, segment.end + 40)
        and _opens_line(text, segment.start)
    ):
        tally.place += 4.0
    if not segment.initial:
        tally.firm += 1
    tally.org += 0.1 if segment.initial else 0.3
    before = cue_before(words_before(text, segment.start))
    after = AFTER.match(text, segment.end, min(len(text), segment.end + 120))
    for name in (before, after.lastgroup if after else None):
        if name is None or (name == "who" and segment.known == "company"):
            continue
        doubted = name == "apposition" and before in ("place", "at")
        tally.org += ORG.get(name, 0.0) * (0.3 if doubted else 1.0)
        tally.person += PERSON.get(name, 0.0)
        hardly_a_place = segment.known == "company" or (
            name in ("state", "where") and (tally.odd or tally.words[-1] in SUFFIX)
        )
        tally.place += PLACE.get(name, 0.0) * (0.3 if hardly_a_place else 1.0)
        tally.thing += THING.get(name, 0.0)


def is_bare_legal(words: tuple[str, ...]) -> bool:
    """Whether a name is nothing but legal forms and everyday words."""
    return all(word in LEGAL or is_everyday(word) for word in words)


def _opens_line(text: str, start: int) -> bool:
    return start == 0 or text[start - 1] == "\n"
