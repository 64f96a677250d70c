"""A document as the assembler sees it: words in a row, with what the grammar found standing in as one word each.

Every figure, date, name, chip and place is replaced by a placeholder (``<money>``, ``<org>`` …), so that what is learnt
from one set of companies and figures holds for others.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from extractors.candidates import Cell, DateMention, ModelMention, Quantity, Reading, Sentence, Span
from extractors.deals.opinions import Opinions
from extractors.parties.types import PartyMention, SiteMention
from extractors.triggers import find_trigger
from megawatch.market import Part

SHORT, STRETCH = 45, 25
FULL = 150
"""Figures, dates and deal words that one line may hold; no sentence that a person wrote has as many."""

ItemType = Literal["money", "power", "gpus", "duration", "gpu_rate", "date", "trigger"]
ITEM_TYPES: tuple[ItemType, ...] = ("money", "power", "gpus", "duration", "gpu_rate", "date", "trigger")
Payload = Quantity | DateMention | None

_WORD = re.compile(r"\w+(?:[’'\-–&.]\w+)*|[^\w\s]")
_DIGITS = re.compile(r"\d+")
_ORG_ROLES = frozenset(
    {"landlord", "tenant", "lender", "borrower", "buyer", "seller", "provider", "customer", "company"}
)


@dataclass(slots=True)
class Item:
    """A figure, date or deal word that may state a term; ``token`` is its place in ``View.words``."""

    type: ItemType
    part: Part
    start: int
    end: int
    quote: str
    sentence: int
    token: int
    payload: Payload = None
    lemma: str = ""


@dataclass(slots=True)
class Mark:
    """A name, place or chip with its place in ``View.words``."""

    sentence: int
    token: int
    party: PartyMention | None = None
    site: SiteMention | None = None
    model: ModelMention | None = None


@dataclass(slots=True)
class Line:
    """One sentence, heading, bullet or row: its words are ``View.words[first:last]``."""

    sentence: Sentence
    first: int
    last: int
    items: list[Item] = field(default_factory=list)
    parties: list[Mark] = field(default_factory=list)
    heading: int = -1


@dataclass(slots=True)
class View:
    """All lines of a document with the items and marks in them, title first."""

    reading: Reading
    words: list[str]
    lines: list[Line]
    items: list[Item]
    parties: list[Mark]
    sites: list[Mark]
    models: list[Mark]
    columns: Mapping[tuple[Part, int], str]
    chips: Mapping[Part, tuple[list[int], list[ModelMention]]]
    opinions: Opinions | None = None

    def line_of(self, item: Item | Mark) -> Line:
        """The line in which an item stands."""
        return self.lines[item.sentence]


def build_view(reading: Reading, *, parties: Sequence[PartyMention] = (), sites: Sequence[SiteMention] = ()) -> View:
    """The view of one reading, with its names and places."""
    masks = _collect_masks(reading, parties, sites)
    words: list[str] = []
    view = View(reading, words, [], [], [], [], [], _column_headers(reading), _chips(reading))
    heading = -1
    for number, sentence in enumerate(reading.sentences):
        if sentence.kind == "heading":
            heading = number
        line = Line(sentence, len(words), len(words), heading=-1 if heading == number else heading)
        view.lines.append(line)
        _read_line(view, line, number, masks.get(sentence.part, ((), ())))
        line.last = len(words)
    return view


def split_view(view: View) -> list[View]:
    """The view itself, or a long document's in stretches of some thirty lines that end with a paragraph.

    Each stretch also knows the parties of the title and the one that speaks, so that work grows in step with length.
    """
    if len(view.lines) <= SHORT:
        return [view]
    edges = [0]
    for number, line in enumerate(view.lines):
        fresh = number and line.sentence.paragraph != view.lines[number - 1].sentence.paragraph
        if number - edges[-1] >= (STRETCH if fresh else 2 * STRETCH):
            edges.append(number)
    edges.append(len(view.lines))
    speakers: dict[int, Mark] = {}
    for mark in view.parties:
        if mark.party is not None and (
            mark.party.entity.publisher or view.lines[mark.sentence].sentence.part == "title"
        ):
            speakers.setdefault(mark.party.entity.entity_id, mark)
    known = sorted(speakers.values(), key=lambda mark: mark.token)
    return [_stretch(view, first, last, known) for first, last in pairwise(edges)]


def _stretch(view: View, first: int, last: int, known: Sequence[Mark]) -> View:
    def inside(marks: Sequence[Mark]) -> list[Mark]:
        low = bisect_left(marks, first, key=lambda mark: mark.sentence)
        return list(marks[low : bisect_left(marks, last, key=lambda mark: mark.sentence)])

    low = bisect_left(view.items, first, key=lambda item: item.sentence)
    return replace(
        view,
        items=view.items[low : bisect_left(view.items, last, key=lambda item: item.sentence)],
        parties=[mark for mark in known if mark.sentence < first] + inside(view.parties),
        sites=inside(view.sites),
        models=inside(view.models),
    )


def _chips(reading: Reading) -> dict[Part, tuple[list[int], list[ModelMention]]]:
    found: dict[Part, tuple[list[int], list[ModelMention]]] = {"title": ([], []), "text": ([], [])}
    for model in sorted(reading.models, key=lambda mention: mention.start):
        found[model.part][0].append(model.start)
        found[model.part][1].append(model)
    return found


Maskable = Quantity | PartyMention | ModelMention | SiteMention | DateMention
Masks = tuple[Sequence[tuple[int, int, Maskable]], Sequence[int]]


def _collect_masks(
    reading: Reading, parties: Sequence[PartyMention], sites: Sequence[SiteMention]
) -> dict[Part, Masks]:
    """For each part, what stands in for words, in order and without overlap, beside the starts of it."""
    kept: dict[Part, Masks] = {}
    for part in ("title", "text"):
        groups: tuple[Sequence[Maskable], ...] = (
            reading.quantities,
            parties,
            reading.models,
            sites,
            reading.dates,
        )
        chosen: list[tuple[int, int, Maskable]] = []
        taken: list[tuple[int, int]] = []
        for group in groups:
            fresh = sorted(((c.start, -c.end, n) for n, c in enumerate(group) if c.part == part))
            additions: list[tuple[int, int, Maskable]] = []
            for start, minus_end, n in fresh:
                if _is_free(taken, start, -minus_end) and not (additions and additions[-1][1] > start):
                    additions.append((start, -minus_end, group[n]))
            chosen.extend(additions)
            taken = sorted((start, end) for start, end, _ in chosen)
        chosen.sort(key=lambda mask: mask[0])
        kept[part] = (chosen, [mask[0] for mask in chosen])
    return kept


def _is_free(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    place = bisect_right(taken, (start, end))
    before = place and taken[place - 1][1] > start
    after = place < len(taken) and taken[place][0] < end
    return not (before or after)


def _read_line(view: View, line: Line, number: int, masks: Masks) -> None:
    sentence = line.sentence
    text = view.reading.document.part(sentence.part)
    chosen, starts = masks
    position = sentence.start
    for place in range(bisect_right(starts, sentence.start - 1), len(chosen)):
        mask = chosen[place]
        if mask[0] >= sentence.end:
            break
        _read_words(view, line, number, text, position, mask[0])
        _read_mask(view, line, number, mask[2])
        position = max(position, mask[1])
    _read_words(view, line, number, text, position, sentence.end)


def _read_words(view: View, line: Line, number: int, text: str, start: int, end: int) -> None:
    for match in _WORD.finditer(text, start, max(start, end)):
        word = match.group().lower()
        trigger = find_trigger(text, match.start(), match.end())
        if trigger is not None and len(line.items) < FULL:
            item = Item(
                "trigger", line.sentence.part, match.start(), match.end(), match.group(), number, len(view.words)
            )
            item.lemma = trigger.lemma
            view.items.append(item)
            line.items.append(item)
        view.words.append(_DIGITS.sub("0", word) if word[0].isdigit() else word)


def _read_mask(view: View, line: Line, number: int, thing: Maskable) -> None:
    token = len(view.words)
    view.words.append(_placeholder(thing))
    if isinstance(thing, PartyMention):
        mark = Mark(number, token, party=thing)
        view.parties.append(mark)
        line.parties.append(mark)
    elif isinstance(thing, SiteMention):
        view.sites.append(Mark(number, token, site=thing))
    elif isinstance(thing, ModelMention):
        view.models.append(Mark(number, token, model=thing))
    elif isinstance(thing, Quantity | DateMention):
        _read_figure(view, line, number, token, thing)


def _read_figure(view: View, line: Line, number: int, token: int, thing: Quantity | DateMention) -> None:
    kind = "date" if isinstance(thing, DateMention) else thing.kind
    if kind in ITEM_TYPES and len(line.items) < FULL:
        item = Item(kind, thing.part, thing.start, thing.end, thing.quote, number, token, thing)
        view.items.append(item)
        line.items.append(item)
    if isinstance(thing, Quantity):
        starts, models = view.chips[thing.part]
        for place in range(bisect_right(starts, thing.start - 1), bisect_right(starts, thing.end - 1)):
            view.models.append(Mark(number, token, model=models[place]))


def _placeholder(thing: Maskable) -> str:
    if isinstance(thing, Quantity):
        return f"<{thing.kind}/>" if thing.per and thing.kind == "money" else f"<{thing.kind}>"
    if isinstance(thing, PartyMention):
        if thing.form == "descriptor" and thing.role:
            return f"<org:{thing.role}>" if thing.role in _ORG_ROLES else "<org:other>"
        return {"pronoun": "<org:it>", "unnamed": "<org:unnamed>"}.get(thing.form, "<org>")
    if isinstance(thing, SiteMention):
        return "<site>"
    return "<chip>" if isinstance(thing, ModelMention) else "<date>"


def _column_headers(reading: Reading) -> dict[tuple[Part, int], str]:
    """For each cell of a table's body, by part and start: the words over its column, lower case."""
    found: dict[tuple[Part, int], str] = {}
    for table in reading.tables:
        heads = {cell.column: cell.quote.lower() for cell in table.header}
        for cell in _body(table.rows):
            if cell.column in heads:
                found[table.part, cell.start] = heads[cell.column]
    return found


def _body(rows: Iterable[Sequence[Cell]]) -> Iterator[Cell]:
    for row in rows:
        yield from row


def covers(span: Span, start: int, end: int) -> bool:
    """Whether a span and the stretch [start:end] share a character."""
    return span.start < end and start < span.end
