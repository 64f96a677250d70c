"""The candidate names of one part of a document, cut once for parties and places alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from extractors.candidates import Sentence
from extractors.parties.drafts import Intervals
from extractors.parties.runs import find_runs, is_headline
from extractors.parties.segments import Segment, find_odd_names, find_segments
from megawatch.market import Document, Part


@lru_cache(maxsize=4)
def candidate_names(document: Document, sentences: tuple[Sentence, ...], part: Part) -> tuple[Segment, ...]:
    """Return every stretch of a part that may be a name; the last few documents are remembered."""
    return tuple(_read(document.part(part), sentences, part))


def _read(text: str, sentences: tuple[Sentence, ...], part: Part) -> Iterator[Segment]:
    lines = [(sentence.start, sentence.end, _is_headline(sentence)) for sentence in sentences if sentence.part == part]
    odd = list(find_odd_names(text, part=part))
    yield from odd
    taken = Intervals((name.start, name.end) for name in odd)
    for run in find_runs(text, part=part, lines=lines):
        for segment in find_segments(text, run):
            if taken.overlapping(segment.start, segment.end) is None:
                yield segment


def _is_headline(sentence: Sentence) -> bool:
    if sentence.kind in ("title", "heading"):
        return is_headline(sentence.quote)
    return sentence.quote[:60].isupper() and len(sentence.quote) > 25
