"""Places of a document: named campuses, towns with their state, counties, regions, countries."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from extractors.candidates import Reading, Sentence
from extractors.parties.cues import alternatives
from extractors.parties.judge import DATELINE
from extractors.parties.segments import Segment
from extractors.parties.stretches import candidate_names
from extractors.parties.types import PartyMention, SiteMention
from extractors.parties.vocabulary import CALENDAR, GIVEN, GROUPS, JOB, PLACE_SUFFIX, SUFFIX, is_everyday, is_legal
from megawatch.lexicons.sites import SITE_KINDS, Site, site_index
from megawatch.lexicons.towns import is_town
from megawatch.market import Document, Part

PARTS: tuple[Part, ...] = ("title", "text")
CODES = frozenset(GROUPS["state_code"])
CAMPUS = re.compile(
    rf"(?:['’]s)?\s(?:(?:AI|HPC|new|first|second|data|hyperscale|GPU)\s)?({alternatives(GROUPS['campus_cue'])})\b"
)
LEADING = re.compile(
    rf"\b({alternatives(GROUPS['site_preposition'])})\s(?:(?:the|its|their|an?|old|former|new|nearby|rural|southeast|"
    r"northeast|northwest|southwest|northern|southern|eastern|western|central|downtown|upstate|city of|town of"
    r"|village of|outskirts of"
    r"|(?:southern |northern |eastern |western )?(?:fringe|edge|side) of)\s){0,3}$",
    re.IGNORECASE,
)
STRONG = frozenset(
    ("in", "near", "outside", "at", "around", "across", "throughout", "into", "north of", "south of", "east of")
)
NUMBERED = re.compile(
    r"\s(?:\d{1,2}|[IVX]{1,4})(?![\w.,]*\d|\s?(?:MW|GW|percent|per|%|GPUs?|megawatts?|gigawatts?))(?!\w)"
)
SETTLEMENT = re.compile(r"\b(?:town|city|village|suburb|district|fringe|outskirts|edge|port|mayor|people) of $")
CAPITALS = re.compile(r"[A-Z]{2,}")
LABEL = re.compile(r"(?:[Ss]ites?|[Ll]ocations?|[Pp]remises|[Ww]here|[Cc]ampus|[Pp]lace|[Rr]egion|[Cc]ity)\s*[:|]\s*$")
BETWEEN = re.compile(r",?\s(?:in\s|\()?|,\s(?:and\s)?|\sand\s|,", re.IGNORECASE)
STATE = re.compile(
    rf",?\s(?:\(?)(?:{alternatives(name for name, site in site_index().items() if site.kind in ('state', 'country'))}"
    rf"|(?:{alternatives(CODES)})(?=[\s,.;)]|$))(?!\w)"
)
CODE = re.compile(rf",?\s\(?({alternatives(CODES)})(?![\w-])")
LEAST, AGAIN = 0.25, 0.05
NEAR_TOP = 500
KINDS = {kind: rank for rank, kind in enumerate(SITE_KINDS)}


def find_sites(reading: Reading, *, parties: Sequence[PartyMention] = ()) -> tuple[SiteMention, ...]:
    """Find every place of a document in order, "Town, State" as one; stretches that name a party are no places."""
    return find_sites_in(reading.document, reading.sentences, parties=parties)


def find_sites_in(
    document: Document, sentences: Sequence[Sentence], *, parties: Sequence[PartyMention] = ()
) -> tuple[SiteMention, ...]:
    """Find the places of a document already cut into sentences."""
    found: list[SiteMention] = []
    for part in PARTS:
        text = document.part(part)
        taken = _Taken(mention for mention in parties if mention.part == part and mention.form == "name")
        rows = list(_places(text, candidate_names(document, tuple(sentences), part), taken))
        found += _joined(text, rows)
    return tuple(found)


class _Taken:
    """The stretches that name a party, for quick look-up."""

    def __init__(self, mentions: Iterable[PartyMention]) -> None:
        self.spans = sorted((mention.start, mention.end, mention.entity.weight) for mention in mentions)
        self.starts = [start for start, _, _ in self.spans]

    def weight(self, start: int, end: int) -> float:
        """How sure a party is named here, 0 where none is."""
        index = bisect_right(self.starts, end - 1) - 1
        if index < 0 or self.spans[index][1] <= start:
            return 0.0
        return self.spans[index][2]


def _places(text: str, segments: Iterable[Segment], taken: _Taken) -> list[SiteMention]:
    """Weigh each stretch, then let what is surely a place in one sentence be one in all."""
    rows = [_place(text, segment, taken) for segment in segments]
    found = [mention for mention in rows if mention is not None]
    best: dict[str, float] = {}
    for mention in found:
        best[mention.text] = max(best.get(mention.text, 0.0), mention.confidence) + AGAIN
    sure = (
        replace(mention, confidence=round(min(1.0, (mention.confidence + best[mention.text]) / 2), 2))
        for mention in found
    )
    return [mention for mention in sure if best[mention.text] >= LEAST]


def _place(text: str, segment: Segment, taken: _Taken) -> SiteMention | None:
    numbered = NUMBERED.match(text, segment.end, segment.end + 8)
    end = numbered.end() if numbered else segment.end
    site = _known(text[segment.start : end]) or _known(segment.text)
    if site is None and segment.known in ("company", "agency", "media"):
        return None
    lead = LEADING.search(text, max(0, segment.start - 40), segment.start)
    campus = CAMPUS.match(text, end, end + 40)
    kind = _kind(text, segment, site, numbered is not None)
    end = end if kind == "campus" else segment.end
    cue = lead[1].lower() if lead else ""
    weight = taken.weight(segment.start, segment.end)
    confidence = _confidence(text, segment, site, kind, cue, campus is not None, weight)
    return SiteMention(
        part=segment.part,
        start=segment.start,
        end=end,
        text=text[segment.start : end],
        kind=kind,
        cue=campus[1].lower() if campus and not cue else cue,
        confidence=round(max(0.0, min(confidence, 1.0)), 2),
    )


def _known(name: str) -> Site | None:
    return site_index().get(name) or (site_index().get(CAPITALS.sub(_lowered, name)) if name.isupper() else None)


def _lowered(match: re.Match[str]) -> str:
    word = match.group()
    return word if set(word) <= set("IVX") else word.capitalize()


def _kind(text: str, segment: Segment, site: Site | None, numbered: bool) -> str:
    if site is not None and not numbered:
        return site.kind
    last = segment.words[-1]
    if last in ("County", "Parish", "Township"):
        return "county"
    if (
        numbered
        or last in ("Park", "Campus", "Forge", "Station", "Mine", "Mill")
        or text[: segment.start].endswith("Project ")
    ):
        return "campus"
    return "region" if last in ("Region", "Province", "Prefecture", "Valley", "Basin") else "town"


def _confidence(
    text: str, segment: Segment, site: Site | None, kind: str, cue: str, campus: bool, weight: float
) -> float:
    state = _state_follows(text, segment.end)
    score = 0.0
    if site is not None:
        score += 0.35 if all(is_everyday(word) for word in segment.words) else 0.7
        if kind in ("country", "region"):
            score -= 0.25
    elif is_town(segment.text) and not all(is_everyday(word) for word in segment.words):
        score += 0.3
    score += 0.5 * state + 0.45 * campus + 0.6 * _opens_dateline(text, segment)
    score += 0.6 if SETTLEMENT.search(text, max(0, segment.start - 16), segment.start) else 0.0
    score += 0.5 if cue in STRONG else 0.15 if cue else 0.0
    score += 0.5 * (LABEL.search(text, max(0, segment.start - 14), segment.start) is not None)
    if segment.words[-1] in PLACE_SUFFIX and len(segment.words) > 1:
        score += 0.3
    if kind == "campus":
        score += 0.5 if site is not None or not all(is_everyday(word) for word in segment.words) else 0.0
    return score - _against(segment, site, weight)


def _against(segment: Segment, site: Site | None, weight: float) -> float:
    score = 0.0
    if site is None and (is_legal(segment.words[-1]) or segment.words[-1] in SUFFIX):
        score += 0.6
    if site is None and len(segment.words) == 1 and is_everyday(segment.words[0]):
        score += 0.3
    if segment.person or (segment.words[0] in GIVEN and len(segment.words) > 1 and site is None):
        score += 0.5
    if segment.words[0] in CALENDAR or segment.words[0] in JOB:
        score += 0.5
    return score + (0.6 if weight >= 0.6 else 0.5 * weight)


def _opens_dateline(text: str, segment: Segment) -> bool:
    opens = segment.start == 0 or text[segment.start - 1] == "\n"
    opens = opens and segment.start < NEAR_TOP
    return opens and segment.text.isupper() and DATELINE.match(text, segment.end, segment.end + 40) is not None


def _state_follows(text: str, end: int) -> bool:
    match = STATE.match(text, end, end + 30)
    return match is not None


def _joined(text: str, mentions: list[SiteMention]) -> Iterator[SiteMention]:
    """Join a town with the state behind it, a campus with its town, and a list of places of one kind."""
    here = 0
    while here < len(mentions):
        whole = mentions[here]
        code = CODE.match(text, whole.end, whole.end + 5)
        if code and whole.kind in ("town", "county", "campus"):
            whole = _stretch(text, whole, code.end(1))
        last = whole.kind
        while here + 1 < len(mentions) and _belongs(text, whole, mentions[here + 1], last):
            here += 1
            last = mentions[here].kind
            whole = _stretch(text, whole, mentions[here].end, mentions[here].confidence)
        yield whole
        here += 1


def _belongs(text: str, left: SiteMention, right: SiteMention, last: str) -> bool:
    gap = text[left.end : right.start]
    if len(gap) > 8 or BETWEEN.fullmatch(gap) is None:
        return False
    if "and" in gap:
        return KINDS[right.kind] == KINDS[last]
    return KINDS[right.kind] > KINDS[last] or (KINDS[right.kind] == KINDS[last] and gap.startswith(", "))


def _stretch(text: str, mention: SiteMention, end: int, confidence: float = 0.0) -> SiteMention:
    best = max(mention.confidence, confidence)
    return replace(mention, end=end, text=text[mention.start : end], confidence=best)
