"""Weighing what a capitalised stretch names: an organisation, a person, a place or a thing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractors.parties.segments import Segment
from extractors.parties.vocabulary import (
    GIVEN,
    HEAD,
    JOB,
    LEGAL,
    ORG_VERB,
    PLACE_SUFFIX,
    ROLE,
    SUFFIX,
    is_everyday,
    is_legal,
)
from megawatch.lexicons.companies import Company
from megawatch.lexicons.sites import read_sites


def _words(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_ROLES = _words(ROLE)
_JOBS = _words(
    {word.lower().rstrip(".") for word in JOB} | {"analysts", "chief executive", "boss", "head", "economist"}
)
_STATES = _words(
    {name for site in read_sites() if site.kind in ("state", "country") for name in site.names}
    | set(["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "WA", "WV", "WI", "WY", "ON", "QC", "AB", "BC"])
)  # fmt: skip
DEAL_WORDS = (
    "agreement|agreements|contract|contracts|deal|deals|lease|leases|leased|leasing|rent|rented|renting|sold|sell|sells|"
    "selling|order|orders|ordered|loan|loans|bought|buy|buys|buying|capacity|partnered|partnership|tenant|customer|agreed|"
    "signed|talks|supply|supplied|power|chips|servers|financing|funding|led|arranged|provided|investment|borrowed|let|"
    "acquired|acquire|purchase|purchased|hosting|backed|built|owned|operated|run|subsidiary|arm|unit|affiliate|shares|"
    "stake|letter of intent|term sheet|round|space|commitment|committed|pact|tie-up|venture|alongside|relationship|"
    "backing|paid|pay|pays|paying|payments|handed|delivered|manufactured|made|equity|debt|notes|facility|syndicate|"
    "managed|advised|developed|designed|shipped|bill|bills|revenue|client|supplier|electricity|gpus|GPUs|megawatts|MW"
)
BEFORE = re.compile(
    rf"(?:(?P<role>\b(?:{_ROLES})(?:s|es)?,?)|(?P<job>\b(?:{_JOBS})s?,?)|(?P<project>\bProject)|"
    rf"(?P<invest>\b(?:invest\w*|stake|stakes|interest|shares?|confidence|investor|investors)\s+in)|"
    rf"(?P<deal>\b(?:{DEAL_WORDS})\s+(?:\w+\s+)?(?:with|by|from|to|for|between|of))|"
    rf"(?P<place>\b(?:[Ii]n|[Nn]ear|[Oo]utside|[Aa]round|across|throughout|[Nn]orth of|[Ss]outh of|[Ee]ast of|[Ww]est of|"
    rf"downtown|based in|[Aa]t|located in))|(?P<with>\b(?:with|[Bb]y|[Ff]rom|to|for|between|and|[Ff]or|[Ww]ith))|"
    rf"(?P<said>\bsaid))\s(?:the\s|The\s)?[\"“‘'$]?$"
)
AFTER = re.compile(
    rf"(?:(?P<ticker>\s*\(\s*(?:(?:NASDAQ|NYSE|Nasdaq|NasdaqGS|OTC\w*|ASX|TSX\w*|LSE|HKEX|AIM|Euronext|NSE|BSE|SGX)\b[^()]{{0,24}}"
    rf"|[A-Z]{{2,5}}\.[A-Z]{{2}}|\d{{3,6}}\.[A-Z]{{2}})[^()]{{0,40}}\))|"
    rf"(?P<defined>\s*\((?:the\s|together[^()]{{0,60}})?[\"“‘'][^()]{{1,80}}\))|"
    rf"(?P<based>-based\b)|(?P<backed>-(?:backed|owned|led|branded|operated|funded|controlled|built|designed|run|affiliated)\b)|"
    rf"(?P<state>,?\s(?:{_STATES})(?![\w-])|,\s(?:in|near)\s)|"
    rf"(?P<jobs>,\s(?:the\s|its\s|an?\s)?(?:[\w’'-]+\s){{0,4}}?(?:{_JOBS}|CEO|CFO|CTO|COO|Chairman|Chief|President|Vice)\b)|"
    rf"(?P<who>,?\swho\b)|"
    rf"(?P<apposition>,\s(?:an?|the|one|its|their|another|which|formerly|operator|owner|maker|developer)\b[^.;()\n]{{0,70}}?\b(?:{_ROLES})(?![\w-]))|"
    rf"(?P<site>['’]s\s(?:[\w-]+\s){{0,3}}?(?:campus|site|data cent|datacent|facility|hall|plant|customers|subsidiary|shares|order|lease|tenant|contract))|"
    rf"(?P<possessive>['’]s?(?=\s))|"
    rf"(?P<campus>\s(?:campus|site|plant|substation|facility|data cent\w+|datacent\w+|project|property|county|area|region|metro)\b)|"
    rf"(?P<thing>\s(?:chips?|GPUs?|accelerators?|processors?|cards?|racks?|chatbot|models?|architecture|generation|parts?|silicon)\b)|"
    rf"(?P<verb>\s(?:also\s|now\s|then\s|already\s|recently\s|itself\s|first\s)?(?:{_words(ORG_VERB - {'said', 'says'})})\b)|"
    rf"(?P<said>\s(?:said|says)\b))"
)
ORG = {"role": 3.0, "deal": 2.5, "invest": 1.0, "with": 0.3, "said": 0.2, "ticker": 6.0, "defined": 4.0, "backed": 3.0}
ORG |= {"apposition": 3.0, "site": 2.0, "possessive": 0.5, "verb": 1.2, "thing": 0.5}
PERSON = {"job": 4.0, "jobs": 4.0, "who": 2.0, "said": 0.6}
PLACE = {"place": 1.6, "based": 4.0, "state": 4.0, "campus": 1.2, "project": 4.0}
THING = {"thing": 1.0}
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
    if segment.known == "company":
        tally.org += 2.0 if everyday else 6.0
    elif segment.known == "site":
        tally.place += 1.5 if everyday else 5.0
    if len(words) > 1:
        _by_ending(tally, words)
    elif words[0] in GIVEN:
        tally.person += 1.0
    if ODD.search(segment.text):
        tally.org += 1.0
    return tally


def _by_ending(tally: Tally, words: tuple[str, ...]) -> None:
    last = words[-1]
    if is_legal(last):
        tally.org += 6.0
    elif last in SUFFIX:
        tally.org += 3.0
    elif last in PLACE_SUFFIX:
        tally.place += 4.0
    elif words[0] in GIVEN and len(words) < 5:
        tally.person += 3.5
    if any(len(word) == 2 and word[1] == "." for word in words[1:-1]):
        tally.person += 3.0
    if words[0] in HEAD and " of " in tally.text:
        tally.org += 2.0


def _by_place(tally: Tally, text: str, segment: Segment) -> None:
    tally.segments.append(segment)
    if segment.person:
        tally.person += 4.0
    if not segment.initial:
        tally.firm += 1
    tally.org += 0.1 if segment.initial else 0.3
    before = BEFORE.search(text, max(0, segment.start - 48), segment.start)
    after = AFTER.match(text, segment.end, min(len(text), segment.end + 120))
    for name in (before.lastgroup if before else None, after.lastgroup if after else None):
        if name is None or (name == "who" and segment.known == "company"):
            continue
        tally.org += ORG.get(name, 0.0)
        tally.person += PERSON.get(name, 0.0)
        tally.place += PLACE.get(name, 0.0)
        tally.thing += THING.get(name, 0.0)


def is_bare_legal(words: tuple[str, ...]) -> bool:
    """Whether a name is nothing but legal forms and everyday words."""
    return all(word in LEGAL or is_everyday(word) for word in words)
