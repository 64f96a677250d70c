"""What stands in brackets behind a name: tickers, short names and the terms that a filing defines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.parties.cues import alternatives
from extractors.parties.drafts import Draft
from extractors.parties.group import Cluster, key_of
from extractors.parties.vocabulary import GENERIC, GROUPS, MEASURE, PARTY_TERM, is_everyday
from megawatch.market import Document, Part

BRACKET = re.compile(r"[(\[]([^()\[\]\n]{1,200})[)\]]")
QUOTED = re.compile(r"[\"“‘'](?:the |The )?([^\"“”‘’']{1,50})[\"”’']")
LISTED = re.compile(rf"\b(?:{'|'.join(GROUPS['exchange'])})\b[^:]{{0,24}}:\s*\$?([A-Z0-9]{{1,6}}(?:\.[A-Z]{{1,3}})?)")
DOTTED = re.compile(r"^\s*\$?([A-Z0-9]{1,6}\.[A-Z]{2})\s*$")
BARE = re.compile(r"^\s*\$?([A-Z]{2,6})\s*$")
BEHIND = re.compile(r"[,\s$”\"’)]*")
LATER = re.compile(
    r"\b(?:formerly|previously|also|now)\s+(?:known\s+as\s+|called\s+)?([A-Z][\w&.-]*(?:\s[A-Z][\w&.-]*){0,3})"
)
INLINE = re.compile(
    r"(?:together with [^()\n]{0,80}?|hereinafter |collectively,? |here ),? ?(?:the )?[\"“]([^\"“”]{1,40})[\"”]"
)
LABELS = alternatives({term.capitalize() for term in PARTY_TERM})
LABEL = re.compile(rf"^[ \t*•|–-]{{0,12}}({LABELS})[ \t]{{0,12}}[:|][ \t]{{1,60}}", re.MULTILINE)
CAPACITY = re.compile(rf",?\sas\s(?:the\s|administrative\s)?({alternatives(PARTY_TERM - {'we', 'us', 'our'})})\b")
REACH = 260
PARTS: tuple[Part, ...] = ("title", "text")


@dataclass(slots=True)
class Defined:
    """Terms that a document defines for its parties, lower case, with the party each means."""

    terms: dict[str, Cluster] = field(default_factory=dict)

    def party(self, term: str) -> Cluster | None:
        """Return whom a term means, or None."""
        return self.terms.get(term.lower())


def read_brackets(document: Document, drafts: list[Draft]) -> Defined:
    """Attach tickers and short names to the clusters before them, and collect the terms defined for parties."""
    defined = Defined()
    for part in PARTS:
        rows = [draft for draft in drafts if draft.part == part]
        text = document.part(part)
        for start, inside in _brackets(text):
            draft = _before(rows, start)
            if draft is not None and "\n\n" not in text[draft.end : start]:
                _read_one(text, draft, start, inside, defined)
        _read_capacities(text, rows, defined)
    return defined


def _read_capacities(text: str, rows: list[Draft], defined: Defined) -> None:
    """Read "Tenant: Tolvane Systems" and "Tolvane Systems, as tenant"."""
    labels = {match.end(): match[1] for match in LABEL.finditer(text)}
    for draft in rows:
        label = labels.get(draft.start)
        capacity = CAPACITY.match(text, draft.end)
        for term in (label, capacity[1] if capacity else None):
            if term:
                _define(draft.cluster, term, direct=True, defined=defined)


def defined_things(text: str) -> frozenset[str]:
    """Return the defined terms of a text that name no party ("the Premises", "the Expansion Power")."""
    terms = {term.strip(" ,") for _, inside in _brackets(text) for term in QUOTED.findall(inside)}
    return frozenset(term for term in terms if all(is_everyday(word) for word in term.split()))


def _brackets(text: str) -> Iterator[tuple[int, str]]:
    for match in BRACKET.finditer(text):
        yield match.start(), match[1]
    for match in INLINE.finditer(text):
        yield match.start(), f'"{match[1]}"'


def _before(rows: list[Draft], start: int) -> Draft | None:
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if rows[middle].end <= start else (low, middle)
    if low == 0 or start - rows[low - 1].end > REACH:
        return None
    return rows[low - 1]


def _read_one(text: str, draft: Draft, start: int, inside: str, defined: Defined) -> None:
    direct = BEHIND.fullmatch(text, draft.end, start) is not None
    cluster = draft.cluster
    listed = LISTED.search(inside) or (DOTTED.match(inside) if direct else None)
    if listed and direct:
        cluster.ticker = cluster.ticker or listed[1]
        cluster.total_bonus += 6.0
    bare = BARE.match(inside) if direct else None
    if bare:
        _read_bare(cluster, bare[1])
    for term in QUOTED.findall(inside):
        _define(cluster, term.strip(" ,"), direct=direct, defined=defined)
    later = LATER.search(inside) if direct and not cluster.unnamed else None
    if later:
        cluster.extra_names.append(later[1].rstrip("."))


def _read_bare(cluster: Cluster, letters: str) -> None:
    """Read "(ACS)" behind a name: its initials, or else its ticker."""
    if letters in GENERIC or letters in MEASURE or cluster.unnamed:
        return
    initials = "".join(word[0] for word in cluster.key if word[0].isalnum()).upper()
    if letters == initials or (len(letters) > 2 and letters[:3] == initials[:3]):
        cluster.extra_names.append(letters)
    else:
        cluster.ticker = cluster.ticker or letters


def _define(cluster: Cluster, term: str, *, direct: bool, defined: Defined) -> None:
    words = term.lower().split()
    if not words or len(words) > 5:
        return
    if words[-1].rstrip("s") in PARTY_TERM or words[-1] in PARTY_TERM:
        defined.terms.setdefault(" ".join(words), cluster)
        cluster.nouns.add(words[-1])
    elif cluster.unnamed or not term[0].isupper():
        return
    elif (
        (key_of(term) and cluster.key[: len(key_of(term))] == key_of(term))
        or (direct and not all(is_everyday(word) for word in words))
        or (direct and len(words) == 1 and term.lower() in cluster.key)
    ):
        cluster.extra_names.append(term)


def merge_short_names(clusters: list[Cluster]) -> list[Cluster]:
    """Fold clusters that are only another's acronym, ticker or defined short name into it."""
    owner: dict[str, Cluster] = {}
    for cluster in clusters:
        for name in [*cluster.extra_names, *([cluster.ticker] if cluster.ticker else [])]:
            owner.setdefault(name.casefold(), cluster)
            if "." in name:
                owner.setdefault(name.split(".")[0].casefold(), cluster)
    kept = []
    for cluster in clusters:
        home = _home(cluster, owner)
        if home is cluster:
            kept.append(cluster)
            continue
        home.tallies.extend(cluster.tallies)
        home.ticker = home.ticker or cluster.ticker
    return kept


def _home(cluster: Cluster, owner: dict[str, Cluster]) -> Cluster:
    """Return the cluster into which one is folded at last, itself where into none."""
    seen: list[Cluster] = []
    while not any(cluster is before for before in seen):
        seen.append(cluster)
        cluster = owner.get(cluster.tallies[0].text.casefold(), cluster) if cluster.tallies else cluster
    return cluster
