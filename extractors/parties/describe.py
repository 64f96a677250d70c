"""Learning by which nouns a text calls its parties ("the neocloud", "the Denver company"), and who stays unnamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from extractors.parties.cues import alternatives, is_noun, words_before
from extractors.parties.drafts import Draft, Intervals
from extractors.parties.group import Cluster
from extractors.parties.vocabulary import GROUPS
from extractors.patterns import read_patterns
from megawatch.market import Document, Part

PARTS: tuple[Part, ...] = ("title", "text")
REFERENCE = frozenset(GROUPS["reference_noun"])
NOUNS = alternatives(REFERENCE)
ROLES = tuple(
    (
        str(row["role"]),
        frozenset(row["nouns"]),
        re.compile(rf"\b{row['before']}\s(?:the\s)?$"),
        re.compile(rf"(?:, [^,.;\n]{{0,60}},)?\s{row['after']}"),
    )
    for row in read_patterns("party_roles", required=("role", "nouns", "before", "after", "examples"))
)
SEGMENTS = {
    row["segment"]: frozenset(row["nouns"]) for row in read_patterns("segment_nouns", required=("segment", "nouns"))
}
APPOSITION = re.compile(r",\s(?:an?|the|its|one|another|which is|now|formerly)\s([^,.;()\n]{2,90})")
IS_A = re.compile(r"(?:,[^,.;\n]{0,60},)?\s(?:is|was|calls itself|became)\s(?:an?|the)\s([^,.;()\n]{2,80})")
JOINING = frozenset(("from", "with", "by", "to", "for"))
KIN = r"(?:subsidiary|affiliate|unit|arm|division|vehicle|joint venture)"
OWNED = rf"(?:{KIN} of|owned by|part of|backed by|controlled by)"
OWNED_BY = re.compile(rf",? ?\(?(?:an?|its|which is an?|now an?)? ?(?:[\w-]+ ){{0,3}}?{OWNED} (?:the )?")
OWNS = re.compile(rf"(?:['’]s)? (?:[\w-]+ ){{0,3}}?{KIN},? ")
NOUN = re.compile(rf"\b({NOUNS})s?\b")
PLACE = re.compile(r"\b([A-Z][\w.]*(?:\s[A-Z][\w.]*){0,2})(?:-based|\s|$)")
NAME_NOUNS = {
    "bank": "bank",
    "capital": "lender",
    "partners": "fund",
    "university": "university",
    "institute": "institute",
}
NAME_NOUNS |= {"energy": "utility", "power": "utility", "electric": "utility", "utilities": "utility", "cloud": "cloud"}
NAME_NOUNS |= {
    "hosting": "landlord",
    "realty": "landlord",
    "properties": "landlord",
    "reit": "landlord",
    "parks": "landlord",
}
NAME_NOUNS |= {"estates": "landlord", "colocation": "landlord", "datacenters": "landlord", "telecom": "carrier"}
NAME_NOUNS |= {"county": "county", "city": "city", "ministry": "ministry", "credit": "lender", "insurance": "insurer"}
HINTS = (
    "unnamed|undisclosed|unidentified|large|major|leading|big|investment-grade|global|U\\.S\\.|US|American|European|single|new|"
    "existing|hyperscale|AI|cloud|Fortune|blue-chip|top|mystery|different|second|third|private|public|well-known|"
    "publicly|high|high-investment-grade|foreign|local|regional|Japanese|Chinese|Korean|German|French|British|Canadian|"
    "California|Texas|Seattle-based|creditworthy|confidential|anonymous|not-yet-named|household|megacap|trillion-dollar|"
    "unspecified|credit|pension|life|infrastructure|sovereign|data-center|data|software|technology|tech|model|chip|power"
)
ENDS = (
    r"(?=[,.;:)”\"\n]|$|\s(?:in|that|which|who|whose|to|with|from|of|for|has|have|is|will|and|or|based|on|at|under|said|as|by|"
    r"not|it|\(|—|–|-|had|was|may|would|for|is|into|takes|took|wants|signed|leased|rented|whom|outside|there|near)\b)"
)
PLAIN = r"(?!(?:the|an?|of|in|to|and|or|for|with|by|from|at|on|is|was|that|which|its|has|as)\b)"
WORD = rf"{PLAIN}[\w.][\w.-]{{0,24}},? "
UNNAMED = re.compile(
    r"\b((?:[Aa]n?|[Oo]ne|[Aa]nother|[Tt]wo|[Tt]hree|[Ss]ome|[Uu]nnamed|[Uu]ndisclosed) "
    rf"(?:(?:{WORD}){{0,3}}?(?:{HINTS})(?:[ -]|, )(?:{WORD}){{0,3}}?)?(?:{NOUNS})s?)\b{ENDS}"
)
NOT_A_PARTY = re.compile(r"\s(?:called|named|known|by the name)\b|,?\s[A-Z]\w+\s|-(?:based|owned|backed)|['’]s\b")
PREDICATE = re.compile(r"\b(?:is|was|are|were|be|been|being|as|becomes?|became|becoming|like|than|such)\s$")


def describe(document: Document, drafts: list[Draft]) -> None:
    """Add to each cluster the nouns and places by which the text or the lexicon describes it."""
    for draft in drafts:
        text = document.part(draft.part)
        for pattern in (APPOSITION, IS_A):
            found = pattern.match(text, draft.end, draft.end + 150)
            if found:
                _learn(draft.cluster, found[1])
        words = words_before(text, draft.start)
        _learn_before(draft.cluster, words)
        _learn_roles(draft, text, words)
    for cluster in {id(draft.cluster): draft.cluster for draft in drafts}.values():
        _learn_from_name(cluster)
    _learn_parents(document, drafts)


def _learn_parents(document: Document, drafts: list[Draft]) -> None:
    """Read "Y, a subsidiary of X" and "X's subsidiary Y" between neighbouring names."""
    for left, right in pairwise(drafts):
        if left.part != right.part or right.start - left.end > 90 or left.cluster is right.cluster:
            continue
        between = document.part(left.part)[left.end : right.start]
        child, parent = (left, right) if OWNED_BY.fullmatch(between) else (right, left)
        if (child is left or OWNS.fullmatch(between)) and not (child.cluster.unnamed or parent.cluster.unnamed):
            child.cluster.parents += [name for name in parent.cluster.names if name not in child.cluster.parents]


def _learn(cluster: Cluster, words: str) -> None:
    noun = NOUN.search(words)
    if noun:
        cluster.nouns.add(noun[1].lower())
        _learn_places(cluster, words)


def _learn_places(cluster: Cluster, words: str) -> None:
    for place in PLACE.finditer(words):
        cluster.nouns.add(place[1].lower())


def _learn_before(cluster: Cluster, words: list[str]) -> None:
    while words and words[-1] in ("called", "named"):
        words = words[:-1]
    for noun in (" ".join(words[-2:]).rstrip(","), words[-1].rstrip(",") if words else ""):
        if is_noun(noun, REFERENCE):
            cluster.nouns.add(noun.lower())
            _learn_places(cluster, " ".join(words[: -len(noun.split())]))
            return


def _learn_roles(draft: Draft, text: str, words: list[str]) -> None:
    low = max(0, draft.start - 90)
    joined = bool(words) and words[-1] in JOINING
    for role, nouns, before, after in ROLES:
        if (joined and before.search(text, low, draft.start)) or after.match(text, draft.end, draft.end + 140):
            if not draft.frames:
                draft.cluster.nouns |= nouns
            draft.frames = (*draft.frames, role)


def _learn_from_name(cluster: Cluster) -> None:
    company = cluster.company
    if company is not None:
        cluster.nouns |= SEGMENTS.get(company.segment, frozenset())
    for word in cluster.key[1:]:
        if word in NAME_NOUNS:
            cluster.nouns.add(NAME_NOUNS[word])


def find_unnamed(document: Document, drafts: list[Draft]) -> list[Draft]:
    """Find parties that are described and not named ("a U.S. hyperscaler"), each as a cluster of its own."""
    found = []
    for part in PARTS:
        taken = Intervals((draft.start, draft.end) for draft in drafts if draft.part == part)
        for start, end, words in _unnamed_in(document.part(part), taken):
            noun = NOUN.findall(words)[-1].lower()
            cluster = Cluster(tuple(words.lower().split()), unnamed=True, nouns={noun})
            cluster.extra_names.append(words)
            found.append(Draft(cluster, part, start, end, form="unnamed", role=noun))
    return found


def _unnamed_in(text: str, taken: Intervals) -> Iterator[tuple[int, int, str]]:
    ends = {end for _, end in taken.spans}
    for match in UNNAMED.finditer(text):
        start, end = match.span(1)
        in_apposition = text[max(0, start - 2) : start] == ", " and start - 2 in ends
        if in_apposition or NOT_A_PARTY.match(text, end) or PREDICATE.search(text, max(0, start - 12), start):
            continue
        if taken.overlapping(start, end) is not None:
            continue
        yield start, end, match[1]
