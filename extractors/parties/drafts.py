"""Mentions while a document is being read: which cluster stands where, before entities are numbered."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.parties.group import Cluster
from extractors.parties.types import Form
from megawatch.market import Document, Part


@dataclass(slots=True)
class Draft:
    """A mention that may still be led to another cluster."""

    cluster: Cluster
    part: Part
    start: int
    end: int
    form: Form = "name"
    role: str = ""
    possessive: bool = False
    confidence: float = 1.0
    frames: tuple[str, ...] = ()


def drafts_of(document: Document, clusters: list[Cluster]) -> list[Draft]:
    """Return the mentions by name of some clusters, title first, then in order of the text."""
    drafts = [
        Draft(
            cluster,
            segment.part,
            segment.start,
            segment.end,
            possessive=is_possessive(document, segment.part, segment.end),
        )
        for cluster in clusters
        for tally in cluster.tallies
        for segment in tally.segments
    ]
    return in_order(drafts)


def in_order(drafts: list[Draft]) -> list[Draft]:
    """Sort by part (title first) and place, and drop what overlaps an earlier and longer one."""
    kept: list[Draft] = []
    for draft in sorted(drafts, key=lambda draft: (draft.part != "title", draft.start, -draft.end)):
        if kept and kept[-1].part == draft.part and draft.start < kept[-1].end:
            continue
        kept.append(draft)
    return kept


class Intervals:
    """Stretches of one text that do not overlap, for quick look-up."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.spans = sorted(spans)
        self.starts = [start for start, _ in self.spans]

    def overlapping(self, start: int, end: int) -> int | None:
        """Return the index of a stretch that shares a character with [start, end), or None."""
        index = bisect_right(self.starts, end - 1) - 1
        return index if index >= 0 and self.spans[index][1] > start else None


def is_possessive(document: Document, part: Part, end: int) -> bool:
    """Whether "'s" (or an apostrophe after s) follows."""
    text = document.part(part)
    after = text[end : end + 2]
    return after[:1] in ("'", "’") and (after[1:2] == "s" or text[end - 1 : end] == "s")
