"""From a document to the mentions of its organisations."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.candidates import Reading, Sentence
from extractors.parties.group import Cluster, gather, is_organisation, weight_of
from extractors.parties.judge import tally_segments
from extractors.parties.runs import find_runs, is_headline
from extractors.parties.segments import Segment, find_segments
from extractors.parties.types import PartyEntity, PartyMention
from megawatch.market import Document, Part

PARTS: tuple[Part, ...] = ("title", "text")


def find_parties(reading: Reading) -> tuple[PartyMention, ...]:
    """Find every mention of every organisation, title first, then in order of the text."""
    return find_in(reading.document, reading.sentences)


def find_in(document: Document, sentences: Iterable[Sentence]) -> tuple[PartyMention, ...]:
    """Find the mentions of a document already cut into sentences."""
    segments = [segment for part in PARTS for segment in _segments(document, sentences, part)]
    tallies = tally_segments(document.title, document.text, segments)
    clusters = [cluster for cluster in gather(tallies.values()) if is_organisation(cluster)]
    clusters.sort(key=_first_place)
    entities = [_entity(number, cluster) for number, cluster in enumerate(clusters)]
    mentions = [
        PartyMention(
            entity=entity,
            part=segment.part,
            start=segment.start,
            end=segment.end,
            text=segment.text,
            possessive=_possessive(document, segment),
        )
        for entity, cluster in zip(entities, clusters, strict=True)
        for tally in cluster.tallies
        for segment in tally.segments
    ]
    return tuple(sorted(mentions, key=lambda mention: (mention.part != "title", mention.start)))


def _segments(document: Document, sentences: Iterable[Sentence], part: Part) -> Iterable[Segment]:
    text = document.part(part)
    lines = [
        (sentence.start, sentence.end, sentence.kind in ("title", "heading") and is_headline(sentence.quote))
        for sentence in sentences
        if sentence.part == part
    ]
    for run in find_runs(text, part=part, lines=lines):
        yield from find_segments(text, run)


def _first_place(cluster: Cluster) -> tuple[bool, int]:
    return min((segment.part != "title", segment.start) for tally in cluster.tallies for segment in tally.segments)


def _entity(number: int, cluster: Cluster) -> PartyEntity:
    company = cluster.company
    names = cluster.names
    return PartyEntity(
        entity_id=number,
        name=names[0],
        names=names,
        lexicon_id=company.id if company else None,
        segment=company.segment if company else None,
        ticker=cluster.ticker,
        weight=weight_of(cluster),
    )


def _possessive(document: Document, segment: Segment) -> bool:
    after = document.part(segment.part)[segment.end : segment.end + 2]
    return after[:1] in ("'", "’") and (after[1:2] == "s" or segment.text.endswith("s"))
