"""What the network gets to see of a document: its words in pieces, and the candidates that stand among them.

A node is a candidate that may state a term: a figure, a date, a deal word, a place or a chip. Mentions of parties are
kept apart, since nodes point to them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from extractors.candidates import DateMention, Quantity
from extractors.deals.roles import trades_of
from extractors.deals.view import Item, Mark, View
from extractors.parties.types import PartyMention

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Edges = tuple[list[int], list[int]]

NAME = 103  # the piece that pretraining left open: [MASK]
SLOTS = 24  # parties of one document that are told apart; where there are more, two share a slot

TYPES = (
    "none money power gpus duration gpu_rate date trigger site model named called unnamed".split()
)  # a word's mark: the type of node it belongs to, or how it mentions a party
LINE_KINDS = ("title", "heading", "prose", "bullet", "row")
_CUES = (
    "option further total cumulative backlog revenue market_cap share_price guidance fund_size valuation prepayment "
    "deposit guarantee renewal campus pipeline each list_price cost interest change unit_price age ago accordion "
    "tranche per_unit"
).split()
_BASES = "critical_it gross utility nameplate installed generation guaranteed".split()
_PERIODS = "hour day week month quarter year gpu_hour".split()
_HEDGES = ("up_to", "about", "at_least")
_DATE_CUES = ("start", "end", "delivery", "signing", "maturity", "closing")
_PLACES = ("campus", "town", "county", "region", "state", "country")
_FORMS = ("name", "ticker", "defined", "descriptor", "pronoun", "unnamed")
_NAMES = frozenset(("name", "ticker"))
_FRAMES = ("landlord", "tenant", "lender", "borrower", "seller", "buyer")
_TRADES = (
    "neocloud hpc_landlord ai_lab chipmaker hyperscaler server_maker power financier enterprise developer telecom "
    "marketplace"
).split()
NODE_WIDTH = len(_CUES) + len(_BASES) + len(_PERIODS) + len(_HEDGES) + 3 + len(_DATE_CUES) + 1 + len(_PLACES) + 1 + 5
PARTY_WIDTH = len(_FORMS) + len(_FRAMES) + len(_TRADES) + 6 + 5


@dataclass(slots=True)
class Sheet:
    """A document as arrays: ``pieces``, ``marks`` and ``owners`` by word piece, the rest by node or mention of a party.

    ``node_spans`` and ``party_spans`` are first and one-past-last piece; ``*_lines`` and ``*_paragraphs`` count from
    the title; ``entities`` names the party of each column of an answer, ``party_entity`` the column of each mention
    (0 where the party stays unnamed, which is as good as nobody). ``owners`` says whose piece it is: 0 nobody's, then
    the nodes and after them the mentions, counted from 1.
    """

    pieces: Ints
    marks: Ints
    owners: Ints
    node_spans: Ints
    node_types: Ints
    node_traits: Floats
    node_lines: Ints
    node_paragraphs: Ints
    party_spans: Ints
    party_traits: Floats
    party_lines: Ints
    party_paragraphs: Ints
    party_entity: Ints
    entities: tuple[int, ...]
    places: dict[int, int] = field(default_factory=dict)

    @property
    def slots(self) -> Ints:
        """Of each mention the slot of its party, so that mentions of one party read alike; 0 where it is unnamed."""
        return np.where(self.party_entity > 0, (self.party_entity - 1) % SLOTS + 1, 0)


def build_sheet(view: View, tokenizer: Tokenizer) -> Sheet:
    """The arrays of one document; ``places`` leads from the id() of an item or mark to its node."""
    document = view.reading.document
    shift = {"title": 0, "text": len(document.title) + 1}
    mentions = [(mark, mark.party) for mark in view.parties if mark.party is not None]
    names = [(shift[m.part] + m.start, shift[m.part] + m.end) for _, m in mentions if m.form in _NAMES]
    pieces, edges = _cut(f"{document.title}\n{document.text}", names, tokenizer)
    nodes = _nodes(view)
    column = columns_of(view)
    spans = [
        _pieces(edges, shift[_thing(node).part] + _thing(node).start, shift[_thing(node).part] + _thing(node).end)
        for node in nodes
    ]
    said = [_pieces(edges, shift[m.part] + m.start, shift[m.part] + m.end) for _, m in mentions]
    types = [TYPES.index(_type(node)) for node in nodes]
    marks, owners = _marks(len(pieces), spans, types, said, [m for _, m in mentions])
    return Sheet(
        pieces=np.array(pieces, np.int64),
        marks=marks,
        owners=owners,
        node_spans=_array(spans, 2),
        node_types=np.array(types, np.int64),
        node_traits=_floats([_node_traits(view, node) for node in nodes], NODE_WIDTH),
        node_lines=np.array([node.sentence for node in nodes], np.int64),
        node_paragraphs=np.array([_paragraph(view, node.sentence) for node in nodes], np.int64),
        party_spans=_array(said, 2),
        party_traits=_floats([_party_traits(view, mark, m) for mark, m in mentions], PARTY_WIDTH),
        party_lines=np.array([mark.sentence for mark, _ in mentions], np.int64),
        party_paragraphs=np.array([_paragraph(view, mark.sentence) for mark, _ in mentions], np.int64),
        party_entity=np.array([column.get(m.entity.entity_id, 0) for _, m in mentions], np.int64),
        entities=tuple(column),
        places={id(node): place for place, node in enumerate(nodes)},
    )


def _cut(text: str, names: Sequence[tuple[int, int]], tokenizer: Tokenizer) -> tuple[list[int], Edges]:
    """The pieces of a text with where each begins and ends; every name is one and the same piece.

    So nothing that is learnt hangs on a name: a company that was never seen reads like any other.
    """
    coded = tokenizer.encode(text, add_special_tokens=False)
    waiting, pieces = sorted(names, reverse=True), []
    starts: list[int] = []
    ends: list[int] = []
    for piece, (start, end) in zip(coded.ids, coded.offsets, strict=True):
        while waiting and waiting[-1][1] <= start:
            waiting.pop()
        inside = bool(waiting) and waiting[-1][0] < end
        if inside and starts and ends[-1] > waiting[-1][0]:
            ends[-1] = max(ends[-1], end)
            continue
        pieces.append(NAME if inside else piece)
        starts.append(start)
        ends.append(end)
    return pieces, (starts, ends)


def columns_of(view: View) -> dict[int, int]:
    """For each named party of a document the column of its answers; column 0 is nobody."""
    parties = [mark.party.entity for mark in view.parties if mark.party is not None]
    named = dict.fromkeys(entity.entity_id for entity in parties if not entity.unnamed)
    return {entity: place for place, entity in enumerate(named, 1)}


def nodes_of(view: View) -> list[Item | Mark]:
    """The nodes of a view in the order of its sheet."""
    return _nodes(view)


def _nodes(view: View) -> list[Item | Mark]:
    return sorted([*view.items, *view.sites, *view.models], key=lambda node: node.token)


def _thing(node: Item | Mark) -> Any:
    return node if isinstance(node, Item) else (node.site or node.model)


def _type(node: Item | Mark) -> str:
    return node.type if isinstance(node, Item) else "site" if node.site is not None else "model"


def _paragraph(view: View, line: int) -> int:
    return view.lines[line].sentence.paragraph


def _pieces(edges: Edges, start: int, end: int) -> tuple[int, int]:
    starts, ends = edges
    first = min(bisect_right(ends, start), max(len(ends) - 1, 0))
    return first, max(first + 1, min(bisect_left(starts, end), len(ends)))


def _marks(
    count: int,
    spans: Sequence[tuple[int, int]],
    types: Sequence[int],
    said: Sequence[tuple[int, int]],
    mentions: Sequence[PartyMention],
) -> tuple[Ints, Ints]:
    marks, owners = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for n, ((first, last), mention) in enumerate(zip(said, mentions, strict=True), 1 + len(spans)):
        form = "unnamed" if mention.entity.unnamed else "called" if mention.form in _FORMS[3:5] else "named"
        marks[first:last], owners[first:last] = TYPES.index(form), n
    for n, ((first, last), kind) in enumerate(zip(spans, types, strict=True), 1):
        marks[first:last], owners[first:last] = kind, n
    return marks, owners


def _array(rows: Sequence[tuple[int, int]], width: int) -> Ints:
    return np.array(rows, np.int64).reshape(-1, width)


def _floats(rows: Sequence[Sequence[float]], width: int) -> Floats:
    return np.array(rows, np.float32).reshape(-1, width)


def _one_of(value: object, choices: Sequence[str]) -> list[float]:
    return [float(value == choice) for choice in choices]


def _node_traits(view: View, node: Item | Mark) -> list[float]:
    payload = node.payload if isinstance(node, Item) else None
    site = None if isinstance(node, Item) else node.site
    figure = payload if isinstance(payload, Quantity) else None
    date = payload if isinstance(payload, DateMention) else None
    traits = [float(figure is not None and cue in figure.cues) for cue in _CUES]
    traits += _one_of(figure.basis if figure else None, _BASES) + _one_of(figure.per if figure else None, _PERIODS)
    traits += _one_of(figure.hedge if figure else None, _HEDGES)
    traits += (
        [float(figure.currency not in (None, "USD")), float(figure.high is not None), float(figure.same_as is not None)]
        if figure
        else [0.0] * 3
    )
    traits += [*_one_of(date.cue if date else None, _DATE_CUES), float(date is not None and date.relative)]
    traits += [*_one_of(site.kind if site else None, _PLACES), site.confidence if site else 0.0]
    return traits + _one_of(view.lines[node.sentence].sentence.kind, LINE_KINDS)


def _party_traits(view: View, mark: Mark, mention: PartyMention) -> list[float]:
    entity = mention.entity
    trades = trades_of(entity)
    traits = _one_of(mention.form, _FORMS) + [float(frame in mention.frames) for frame in _FRAMES]
    traits += [float(trade in trades) for trade in _TRADES]
    traits += [
        float(mention.possessive),
        float(entity.publisher),
        float(entity.unnamed),
        mention.confidence,
        entity.weight,
        float(entity.segment is not None),
    ]
    return traits + _one_of(view.lines[mark.sentence].sentence.kind, LINE_KINDS)
