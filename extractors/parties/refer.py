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
from extractors.parties.vocabulary import GROUPS, PARTY_TERM
from megawatch.market import Document, Part

GENERAL = frozenset(
    ("company", "firm", "group", "business", "corporation", "outfit", "registrant", "giant", "specialist")
)
TERMS = alternatives({term.capitalize() for term in PARTY_TERM if term.isalpha()})
LITTLE = r"(?:the|an?|of|in|to|and|or|for|with|by|from|at|on|is|was|that|which)\b"
REFERENCE = re.compile(
    rf"\b(?=[A-Zitowu])(?:(?P<article>[Tt]he|[Tt]his|[Tt]hat|[Ii]ts|[Tt]heir|[Oo]ur)\s"
    rf"(?P<between>(?:(?!{LITTLE})[\w.’'-]+\s){{0,3}}?)(?P<noun>{NOUNS}|{TERMS})"
    rf"(?P<plural>s?)(?![\w-])"
    rf"|(?P<term>(?<![\w“\"'])(?:{TERMS})(?=['’]s?\s|\s[a-z]|[,.;)]))"
    r"|(?P<pronoun>[Ii]t|[Ii]ts|[Ii]tself|[Tt]hey|[Tt]heir|[Tt]hem|[Ww]e|[Oo]ur|[Uu]s|[Oo]urs)(?![\w-])(?!['’]\w)"
    r"|(?P<short>[Ii]t|[Ww]e|[Tt]hey)(?=['’](?:s|ll|d|ve|re)\b))"
)
EMPTY_IT = re.compile(
    r"\s(?:is|was|would be|will be|has been|may be|seems|remains|takes|took|turns out|appears|follows|comes as)\s"
    r"(?:\w+\s){0,2}?(?:that|to|clear|unclear|not|possible|likely|unlikely|hard|easy|difficult|worth|no)\b"
)
NAMES_IT = re.compile(r" (?:is|was|will be|turns out to be|are)(?: called| named)? |: | \(")
PLACED = re.compile(r"-(?:based|headquartered)$")
PREDICATE = re.compile(r"\b(?:is|was|are|were|be|been|no longer|as|becomes?|became)\s$")
OBJECT = re.compile(r"\b(?:of|on|in|into|under|beneath|at|about|over|around|through|between)\s$")
TURN = re.compile(r"^(?:[A-Z][\w.'’-]+\s){0,3}[A-Z][\w.'’-]*(?:, [A-Z][\w ]{1,30})?:\s", re.MULTILINE)
OF_CHIPS = re.compile(
    r"(?:['’]s)?\s(?:[\w-]+\s){0,2}?(?:[A-Z]{1,3}\d{2,4}\w*|GPUs?|chips?|accelerators?|processors?|cards|Blackwell|Hopper|"
    r"Vera Rubin|Rubin|Instinct|silicon|TPUs?|systems|racks)\b"
)
PARTS: tuple[Part, ...] = ("title", "text")
INSTITUTIONS = frozenset(GROUPS["institution"])
OPENS_ON_THING = re.compile(
    rf"(?:[-•*–—]\s)?[\"“]?(?:The|This|That|A|An|Its|Their|These|Those|Each|Another|One)\s(?!(?:\S+\s){{0,2}}(?:{NOUNS})\b)[a-z$€£\d]"
)
SPEAKERS = frozenset(("we", "our", "us", "ours"))
PLURALS = frozenset(("they", "their", "them"))
DOUBTFUL = 0.32
CONFIDENCE = {"defined": 0.95, "matched": 0.75, "speaker": 0.85, "subject": 0.6, "recent": 0.4}


@dataclass(slots=True)
class Scene:
    """Who has been spoken of so far; the first party of a sentence that owns nothing there is its subject."""

    publisher: Cluster | None
    main: Cluster | None
    everyone: list[Cluster]
    transcript: bool = False
    paragraph: int = -1
    subjects: list[Cluster | None] = field(default_factory=list)
    last_seen: dict[int, int] = field(default_factory=dict)
    by_noun: dict[str, list[Cluster]] = field(default_factory=dict)
    clock: int = 0
    thing: bool = False
    thing_before: bool = False
    here: Cluster | None = None
    owner: Cluster | None = None

    def __post_init__(self) -> None:
        for party in self.everyone:
            for noun in party.nouns:
                self.by_noun.setdefault(noun, []).append(party)

    def learn(self, party: Cluster, noun: str) -> None:
        """Note that the text calls a party so."""
        if noun not in party.nouns:
            party.nouns.add(noun)
            self.by_noun.setdefault(noun, []).append(party)

    def see(self, draft: Draft, *, attributive: bool = False) -> None:
        """Note a mention."""
        self.clock += 1
        self.last_seen[id(draft.cluster)] = self.clock
        if attributive or draft.cluster.weight < DOUBTFUL:
            return
        if draft.possessive or draft.form == "unnamed":
            self.owner = self.owner or draft.cluster
        elif self.here is None:
            self.here = draft.cluster

    def close(self) -> None:
        """End a sentence."""
        self.subjects.append(self.here or self.owner)
        self.here = self.owner = None

    def open(self, paragraph: int, *, thing: bool) -> None:
        """Begin a sentence, which may open on a thing ("The lease …"), and perhaps a paragraph."""
        self.thing_before, self.thing = self.thing, thing
        if paragraph != self.paragraph:
            self.paragraph = paragraph
            last = next((subject for subject in reversed(self.subjects[-3:]) if subject is not None), None)
            self.subjects = [last]

    def before(self) -> Cluster | None:
        """Return the subject of the nearest of the sentences before this one."""
        return next((subject for subject in reversed(self.subjects[-3:]) if subject is not None), self.main)

    def subject(self) -> Cluster | None:
        """Return the subject of this sentence so far, or else that of one before."""
        return self.here or self.owner or self.before()

    def called(self, noun: str, places: frozenset[str] = frozenset(), *, but: Cluster | None = None) -> Cluster | None:
        """Return the party that the text or the lexicon calls so: the one last seen, or the only one still to come."""
        known = [
            party for party in self.everyone if noun in party.nouns and not (places - party.nouns) and party is not but
        ]
        seen = [party for party in known if id(party) in self.last_seen]
        if seen:
            return max(seen, key=lambda party: self.last_seen[id(party)])
        return known[0] if len(known) == 1 else None

    def from_place(self, places: frozenset[str]) -> Cluster | None:
        """Return the party last mentioned that the text puts in one of the places."""
        there = {id(party): party for place in places for party in self.by_noun.get(place, ())}
        known = [party for party in there.values() if id(party) in self.last_seen]
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
    everyone = list({id(draft.cluster): draft.cluster for draft in drafts}.values())
    scene = Scene(publisher, main, everyone, transcript=len(TURN.findall(document.text)) > 3)
    rows = {part: [draft for draft in drafts if draft.part == part] for part in PARTS}
    starts = {part: [draft.start for draft in rows[part]] for part in PARTS}
    found = []
    for sentence in sentences:
        low = bisect_left(starts[sentence.part], sentence.start)
        high = bisect_left(starts[sentence.part], sentence.end)
        scene.open(sentence.paragraph, thing=OPENS_ON_THING.match(sentence.quote) is not None)
        found += _read_sentence(document, sentence, rows[sentence.part][low:high], scene, defined)
        scene.close()
    return found


def _read_sentence(
    document: Document, sentence: Sentence, named: list[Draft], scene: Scene, defined: Defined
) -> list[Draft]:
    text, found, waiting = document.part(sentence.part), [], list(named)
    for match in REFERENCE.finditer(text, sentence.start, sentence.end):
        while waiting and waiting[0].start < match.start():
            draft = waiting.pop(0)
            scene.see(draft, attributive=_attributive(text, draft))
        if waiting and waiting[0].start <= match.end() + 2:
            _learn_title(match, waiting[0], scene)
            continue
        told = _named_after(text, match, waiting)
        if PREDICATE.search(text, max(0, match.start() - 16), match.start()) and match["noun"]:
            continue
        reference = told or _draft(document, sentence, match, scene, defined)
        if reference is not None:
            scene.see(reference)
            found.append(reference)
    for draft in waiting:
        scene.see(draft, attributive=_attributive(text, draft))
    return found


def _named_after(text: str, match: re.Match[str], waiting: list[Draft]) -> Draft | None:
    """Read "the buyer is Tolvane": the description means the name that follows."""
    if (
        not (match["noun"] and waiting)
        or match["plural"]
        or NAMES_IT.fullmatch(text, match.end(), waiting[0].start) is None
    ):
        return None
    named = waiting[0]
    named.cluster.nouns.add(match["noun"].lower())
    return Draft(
        named.cluster, named.part, match.start(), match.end(), "descriptor", match["noun"].lower(), confidence=0.9
    )


def _learn_title(match: re.Match[str], draft: Draft, scene: Scene) -> None:
    if match["noun"]:
        scene.learn(draft.cluster, match["noun"].lower())


def _attributive(text: str, draft: Draft) -> bool:
    return OF_CHIPS.match(text, draft.end, draft.end + 40) is not None


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
        return _speaker(text, match, scene)
    if word in ("it", "them") and OBJECT.search(text, max(0, match.start() - 10), match.start()):
        return None, ""
    if word == "it" and EMPTY_IT.match(text, match.end(), match.end() + 60):
        return None, ""
    if word in ("it", "its", "itself") and scene.here is None and scene.owner is None:
        opens = text[max(0, match.start() - 2) : match.start()].strip(' "“') in ("", ".")
        if scene.thing or (scene.thing_before and opens):
            return None, ""
    return scene.subject(), ("recent" if word in PLURALS else "subject")


def _speaker(text: str, match: re.Match[str], scene: Scene) -> tuple[Cluster | None, str]:
    if scene.publisher is not None:
        return scene.publisher, "speaker"
    paragraph = text.rfind("\n", max(0, match.start() - 1500), match.start())
    quotes = text[max(paragraph, match.start() - 1500, 0) : match.start()]
    quoted = quotes.count("“") > quotes.count("”") or quotes.count('"') % 2 == 1
    if not quoted and not scene.transcript:
        return None, ""
    return (scene.main if scene.transcript else scene.subject()), "recent"


def _descriptor(match: re.Match[str], scene: Scene, defined: Defined) -> tuple[Cluster | None, str]:
    if match["term"]:
        return defined.party(match["term"]), "defined"
    noun, between, article = match["noun"], match["between"].strip(), match["article"].lower()
    if match["plural"]:
        return None, ""
    if noun.istitle() or defined.party(noun):
        party = defined.party(f"{between} {noun}".strip()) or defined.party(noun)
        if party is not None or noun not in GENERAL:
            return party or (scene.publisher if noun in ("Company", "Group") else None), "defined"
    if article not in ("the", "this", "that"):
        owner = scene.subject() if article == "its" else None
        return scene.called(noun.lower(), but=owner), "matched"
    return _by_noun(noun.lower(), between, scene)


def _by_noun(noun: str, between: str, scene: Scene) -> tuple[Cluster | None, str]:
    places = frozenset({PLACED.sub("", between).lower()} if between[:1].isupper() else ())
    if places:
        party = scene.called(noun, places) or scene.from_place(places)
        if party is not None:
            return party, "matched"
    if noun in GENERAL:
        if scene.publisher is not None:
            return scene.publisher, "speaker"
        return (scene.here or scene.owner or (scene.before() if len(scene.subjects) > 1 else scene.main)), "subject"
    party = scene.called(noun, but=scene.here) or scene.called(noun)
    if party is not None:
        return party, "matched"
    return (None, "") if noun in INSTITUTIONS else (scene.before(), "recent")
