"""Leading "the company", "the landlord", "it" and "we" back to the party they mean."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from extractors.candidates import Sentence
from extractors.parties.brackets import Defined
from extractors.parties.cues import alternatives
from extractors.parties.describe import NOUNS
from extractors.parties.drafts import Draft, is_possessive
from extractors.parties.group import Cluster
from extractors.parties.types import Form
from extractors.parties.vocabulary import PARTY_TERM
from megawatch.market import Document

GENERAL = frozenset(
    ("company", "firm", "group", "business", "corporation", "outfit", "registrant", "giant", "specialist")
)
TERMS = alternatives({term.capitalize() for term in PARTY_TERM if term.isalpha()})
REFERENCE = re.compile(
    rf"\b(?P<article>[Tt]he|[Tt]his|[Tt]hat|[Ii]ts|[Tt]heir|[Oo]ur)\s(?P<between>(?:[\w.’'-]+\s){{0,3}}?)(?P<noun>{NOUNS}|{TERMS})"
    rf"(?P<plural>s?)(?![\w-])"
    rf"|(?P<term>(?<![\w“\"'])(?:{TERMS})(?=['’]s?\s|\s(?:shall|will|has|may|is|agrees|and|to|for|was|must|with)\b))"
    r"|\b(?P<pronoun>[Ii]t|[Ii]ts|[Ii]tself|[Tt]hey|[Tt]heir|[Tt]hem|[Ww]e|[Oo]ur|[Uu]s|[Oo]urs)(?![\w-])(?!['’]\w)"
    r"|\b(?P<short>[Ii]t|[Ww]e|[Tt]hey)(?=['’](?:s|ll|d|ve|re)\b)"
)
EMPTY_IT = re.compile(
    r"\s(?:is|was|would be|will be|has been|may be|seems|remains|takes|took|turns out|appears|follows|comes as)\s"
    r"(?:\w+\s){0,2}?(?:that|to|clear|unclear|not|possible|likely|unlikely|hard|easy|difficult|worth|no)\b"
)
SPEAKERS = frozenset(("we", "our", "us", "ours"))
PLURALS = frozenset(("they", "their", "them"))
CONFIDENCE = {"defined": 0.95, "matched": 0.75, "speaker": 0.85, "subject": 0.6, "recent": 0.4}


@dataclass(slots=True)
class Scene:
    """Who has been spoken of so far: by sentence, with the first party of each sentence as its subject."""

    publisher: Cluster | None
    main: Cluster | None
    subjects: list[Cluster | None] = field(default_factory=list)
    last_seen: dict[int, int] = field(default_factory=dict)
    parties: dict[int, Cluster] = field(default_factory=dict)
    clock: int = 0
    here: Cluster | None = None

    def see(self, cluster: Cluster) -> None:
        """Note a mention; the first of a sentence is its subject."""
        self.clock += 1
        self.last_seen[id(cluster)] = self.clock
        self.parties[id(cluster)] = cluster
        if self.here is None:
            self.here = cluster

    def close(self) -> None:
        """End a sentence."""
        self.subjects.append(self.here)
        self.here = None

    def subject(self) -> Cluster | None:
        """Return the subject of this sentence, or of the last of the three before it that has one."""
        if self.here is not None:
            return self.here
        return next((subject for subject in reversed(self.subjects[-3:]) if subject is not None), self.main)

    def called(self, noun: str, places: frozenset[str]) -> Cluster | None:
        """Return the party last mentioned that the text or the lexicon calls so."""
        known = [party for party in self.parties.values() if noun in party.nouns and not (places - party.nouns)]
        return max(known, key=lambda party: self.last_seen[id(party)], default=None)

    def from_place(self, places: frozenset[str]) -> Cluster | None:
        """Return the party last mentioned that the text puts in one of the places."""
        known = [party for party in self.parties.values() if places & party.nouns]
        return max(known, key=lambda party: self.last_seen[id(party)], default=None)


def resolve(
    document: Document,
    sentences: Iterable[Sentence],
    drafts: list[Draft],
    *,
    defined: Defined,
    publisher: Cluster | None,
    main: Cluster | None,
) -> list[Draft]:
    """Find descriptors, defined terms and pronouns, each with the party it means; what means none is left out."""
    scene, found = Scene(publisher, main), []
    starts = {part: [draft.start for draft in drafts if draft.part == part] for part in ("title", "text")}
    rows = {part: [draft for draft in drafts if draft.part == part] for part in ("title", "text")}
    for sentence in sentences:
        low = bisect_left(starts[sentence.part], sentence.start)
        high = bisect_left(starts[sentence.part], sentence.end)
        found += _read_sentence(document, sentence, rows[sentence.part][low:high], scene, defined)
        scene.close()
    return found


def _read_sentence(
    document: Document, sentence: Sentence, named: list[Draft], scene: Scene, defined: Defined
) -> list[Draft]:
    text, found, waiting = document.part(sentence.part), [], list(named)
    for match in REFERENCE.finditer(text, sentence.start, sentence.end):
        while waiting and waiting[0].start < match.start():
            scene.see(waiting.pop(0).cluster)
        if waiting and waiting[0].start < match.end():
            continue
        draft = _draft(document, sentence, match, scene, defined)
        if draft is not None:
            scene.see(draft.cluster)
            found.append(draft)
    for draft in waiting:
        scene.see(draft.cluster)
    return found


def _draft(
    document: Document, sentence: Sentence, match: re.Match[str], scene: Scene, defined: Defined
) -> Draft | None:
    word = match["pronoun"] or match["short"]
    if word:
        cluster, how = _pronoun(document.part(sentence.part), match, word.lower(), scene)
        form: Form = "pronoun"
        role, possessive = "", word.lower() in ("its", "our", "their", "ours")
    else:
        cluster, how = _descriptor(match, scene, defined)
        form, role = "defined" if how == "defined" else "descriptor", (match["noun"] or match["term"] or "").lower()
        possessive = is_possessive(document, sentence.part, match.end())
    if cluster is None:
        return None
    return Draft(
        cluster,
        sentence.part,
        match.start(),
        match.end(),
        form=form,
        role=role,
        possessive=possessive,
        confidence=CONFIDENCE[how],
    )


def _pronoun(text: str, match: re.Match[str], word: str, scene: Scene) -> tuple[Cluster | None, str]:
    if word in SPEAKERS:
        return (scene.publisher, "speaker") if scene.publisher else (scene.subject(), "recent")
    if word == "it" and EMPTY_IT.match(text, match.end(), match.end() + 60):
        return None, ""
    return scene.subject(), ("recent" if word in PLURALS else "subject")


def _descriptor(match: re.Match[str], scene: Scene, defined: Defined) -> tuple[Cluster | None, str]:
    if match["term"]:
        return defined.party(match["term"]), "defined"
    noun, between, article = match["noun"], match["between"].strip(), match["article"].lower()
    if match["plural"]:
        return None, ""
    if noun[0].isupper() or defined.party(noun):
        party = defined.party(f"{between} {noun}".strip()) or defined.party(noun)
        if party is not None or noun not in GENERAL:
            return party or (scene.publisher if noun == "Company" else None), "defined"
    if article not in ("the", "this", "that"):
        return None, ""
    return _by_noun(noun.lower(), between, scene)


def _by_noun(noun: str, between: str, scene: Scene) -> tuple[Cluster | None, str]:
    places = frozenset({re.sub(r"-(?:based|headquartered)$", "", between).lower()} if between[:1].isupper() else ())
    if places:
        party = scene.called(noun, places) or scene.from_place(places)
        if party is not None:
            return party, "matched"
    if noun in GENERAL:
        if scene.publisher is not None:
            return scene.publisher, "speaker"
        return scene.subject(), "subject"
    party = scene.called(noun, frozenset())
    if party is not None:
        return party, "matched"
    return scene.subject(), "recent"
