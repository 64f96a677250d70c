"""From a document to the mentions of its organisations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from extractors.candidates import Reading, Sentence
from extractors.parties.brackets import Defined, defined_things, merge_short_names, read_brackets
from extractors.parties.cues import alternatives
from extractors.parties.describe import describe, find_unnamed
from extractors.parties.drafts import Draft, drafts_of, in_order, is_possessive
from extractors.parties.group import Cluster, gather, is_organisation, key_of, weight_of
from extractors.parties.judge import tally_segments
from extractors.parties.refer import resolve
from extractors.parties.stretches import candidate_names
from extractors.parties.types import PartyEntity, PartyMention
from extractors.parties.vocabulary import AGENCY, MEDIA, ORG_VERB, is_everyday
from megawatch.market import Document, Part

MOST_HIDDEN = 200
PARTS: tuple[Part, ...] = ("title", "text")
ACTS = re.compile(rf"['’]s\s|\s(?:{alternatives(ORG_VERB)})\b")


def find_parties(reading: Reading) -> tuple[PartyMention, ...]:
    """Find every mention of every organisation, title first, then in order of the text."""
    return find_in(reading.document, reading.sentences)


def find_in(document: Document, sentences: Sequence[Sentence]) -> tuple[PartyMention, ...]:
    """Find the mentions of a document already cut into sentences."""
    lines = tuple(sentences)
    segments = [segment for part in PARTS for segment in candidate_names(document, lines, part)]
    things = defined_things(document.text) if document.source == "filing" else frozenset()
    segments = [segment for segment in segments if segment.text not in things]
    tallies = tally_segments(document.title, document.text, segments)
    formal, paper = document.source == "filing", _paper(document)
    clusters = [
        cluster
        for cluster in gather(tallies.values())
        if is_organisation(cluster, formal=formal) and (cluster.company is not None or cluster.key != paper)
    ]
    drafts = drafts_of(document, clusters)
    unnamed = find_unnamed(document, drafts)
    defined = read_brackets(document, in_order(drafts + unnamed))
    clusters = merge_short_names(clusters)
    drafts = in_order([*drafts_of(document, clusters), *unnamed, *_hidden(document, clusters)])
    for cluster in clusters:
        cluster.weight = weight_of(cluster)
    describe(document, drafts)
    publisher = _publisher(document, clusters, defined)
    if publisher is None and document.source == "press_release":
        publisher = _main(drafts)
    drafts = in_order(
        drafts + resolve(document, sentences, drafts, defined=defined, publisher=publisher, main=_main(drafts))
    )
    return _finish(document, drafts, publisher)


def _paper(document: Document) -> tuple[str, ...]:
    """Return the folded name of an outlet that speaks of others: a newspaper, or one that only signs the last lines."""
    return key_of(document.publisher) if document.source == "news" or _only_signs(document) else ()


def _only_signs(document: Document) -> bool:
    """Whether a publisher names itself at the very end and nowhere before: it passed on what others say."""
    name, text = document.publisher, document.text.rstrip()
    first = text.find(name) if name else -1
    return document.source != "filing" and name not in document.title and 0 < text.rfind("\n\n") < first


def _hidden(document: Document, clusters: list[Cluster]) -> Iterator[Draft]:
    """Yield mentions by a first word that is everyday English ("Pinnacle has"), and names inside headlines."""
    forms = {tally.text for cluster in clusters for tally in cluster.tallies}
    for cluster in sorted(clusters, key=lambda cluster: -cluster.weight)[:MOST_HIDDEN]:
        words = cluster.tallies[0].words
        first = words[0]
        if len(words) > 1 and first not in forms and len(first) > 2 and is_everyday(first):
            for start, end in _places(document.text, first):
                if ACTS.match(document.text, end):
                    yield Draft(cluster, "text", start, end, possessive=is_possessive(document, "text", end))
        for name in (*cluster.names, first) if len(first) > 3 else cluster.names:
            for start, end in _places(document.title, name):
                yield Draft(cluster, "title", start, end, possessive=is_possessive(document, "title", end))


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (_in_word(text[start - 1 : start]) or _in_word(text[end : end + 1])):
            yield start, end
        start = text.find(name, end)


def _in_word(character: str) -> bool:
    return character.isalnum() or character in ("-", "_") if character else False


def _publisher(document: Document, clusters: list[Cluster], defined: Defined) -> Cluster | None:
    """Return who speaks in a filing, press release or company blog: the defined Company, or the publisher itself."""
    party = defined.party("company") or defined.party("we") or defined.party("registrant")
    if party is not None and not party.unnamed:
        party.publisher = True
        return party
    key = key_of(document.publisher)
    if not key or document.publisher in AGENCY or document.publisher in MEDIA or document.source == "news":
        return None
    for cluster in clusters:
        if cluster.key[: len(key)] == key or key[: len(cluster.key)] == cluster.key:
            cluster.publisher = True
            return cluster
    return None


def _main(drafts: list[Draft]) -> Cluster | None:
    """Return the party that a document is most about: the one most often named, a headline counting twice."""
    counts: Counter[int] = Counter()
    parties: dict[int, Cluster] = {}
    for draft in drafts:
        if not draft.cluster.unnamed:
            counts[id(draft.cluster)] += 3 if draft.part == "title" else 1
            parties.setdefault(id(draft.cluster), draft.cluster)
    return parties[max(counts, key=lambda key: counts[key])] if counts else None


def _finish(document: Document, drafts: list[Draft], publisher: Cluster | None) -> tuple[PartyMention, ...]:
    entities: dict[int, PartyEntity] = {}
    for draft in drafts:
        if id(draft.cluster) not in entities:
            entities[id(draft.cluster)] = _entity(len(entities), draft.cluster)
    return tuple(
        PartyMention(
            entity=entities[id(draft.cluster)],
            part=draft.part,
            start=draft.start,
            end=draft.end,
            text=document.part(draft.part)[draft.start : draft.end],
            form=draft.form,
            role=draft.role,
            possessive=draft.possessive,
            confidence=draft.confidence,
            frames=draft.frames,
        )
        for draft in drafts
    )


def _entity(number: int, cluster: Cluster) -> PartyEntity:
    company, names = cluster.company, cluster.names
    return PartyEntity(
        entity_id=number,
        name=names[0],
        names=names,
        lexicon_id=company.id if company else None,
        segment=company.segment if company else None,
        ticker=cluster.ticker,
        publisher=cluster.publisher,
        unnamed=cluster.unnamed,
        weight=cluster.weight,
        parents=tuple(cluster.parents),
        nouns=tuple(sorted(cluster.nouns)),
    )
