"""The network at work: an encoder run by onnxruntime, and heads of a few matrices on what it gives.

One thread; every answer is rounded before it counts, so that two machines that differ in the last digit still agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController
from tokenizers import Tokenizer

from extractors.deals.opinions import Opinions
from extractors.deals.view import View
from extractors.reader.nodes import Floats, Ints, Sheet, build_sheet, columns_of
from megawatch.errors import LexiconError

MODEL = Path(__file__).resolve().parent / "model"
CLS, SEP, WINDOW, STRIDE = 101, 102, 510, 380
EDGES = np.array([-200, -100, -60, -30, -15, -8, -4, -1, 0, 4, 8, 15, 30, 60, 100, 200])
REACH = 7
MANY = 300  # documents of more candidates are read in stretches, and only what stands in one stretch is compared
AROUND = 50  # lines
UNLIKELY = -8.0
Links = Callable[[Sequence[int], Sequence[int]], Floats]
Roles = Callable[[Sequence[int], int], Floats]
Halves = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one document's pieces: ``[first:last]`` is read, ``[low:high]`` of it is kept."""

    document: int
    first: int
    last: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Network:
    """The parts of the trained reader."""

    tokenizer: Tokenizer
    session: onnxruntime.InferenceSession
    heads: dict[str, Floats]

    def read(self, view: View) -> Opinions:
        """What the reader thinks of the candidates of a document."""
        # Matrices of this size lose more by threads that wait for each other than they gain.
        with _threads().limit(limits=1, user_api="blas"):
            sheet = build_sheet(view, self.tokenizer)
            return self._weigh(view, sheet, self._encode(sheet))

    def _encode(self, sheet: Sheet) -> Halves:
        """The vectors of the pieces of candidates and parties; the others stay zero."""
        known = self._known(sheet)
        found = np.zeros((len(sheet.pieces), known.shape[1]), np.float16)
        # One by one: rows filled up to one length save no time on a core, and what is read beside a text may not count.
        for row in find_windows(0, sheet):
            wanted = row.low + np.flatnonzero(sheet.marks[row.low : row.high])
            (found[wanted],) = self.session.run(None, self._feed(row, sheet, wanted, known))
        return found

    def _known(self, sheet: Sheet) -> Floats:
        """What is added to the pieces of nobody, of each node and of each mention of a party."""
        nodes = self._linear("of_node", sheet.node_traits)
        parties = self._linear("of_party", sheet.party_traits) + self.heads["slot.weight"][sheet.slots]
        return np.concatenate([np.zeros((1, nodes.shape[1]), np.float32), nodes, parties])

    def _feed(self, row: Window, sheet: Sheet, wanted: Ints, known: Floats) -> dict[str, NDArray[Any]]:
        """A window's pieces, what is added to each, [CLS] before and [SEP] after, and whose vectors are wanted."""
        inside = slice(row.first, row.last)
        added = self.heads["mark.weight"][sheet.marks[inside]] + known[sheet.owners[inside]]
        return {
            "pieces": np.concatenate([[CLS], sheet.pieces[inside], [SEP]])[None],
            "added": np.pad(added, ((1, 1), (0, 0)))[None],
            "wanted": wanted - row.first + 1,
        }

    def _weigh(self, view: View, sheet: Sheet, vectors: Halves) -> Opinions:
        heads = self.heads
        kinds_of = heads["kind_of_node.weight"][sheet.node_types]
        nodes = self._make("node", np.concatenate([_pool(vectors, sheet.node_spans), sheet.node_traits, kinds_of], 1))
        labels = self._linear("label", nodes) + heads["allowed"][sheet.node_types]
        places = (sheet.node_spans[:, 0], sheet.node_lines, sheet.node_paragraphs)
        return Opinions(
            places=sheet.places,
            columns=columns_of(view),
            labels=_log_softmax(labels),
            kinds=_log_softmax(self._linear("kind", nodes)),
            statuses=_log_softmax(self._linear("status", nodes)),
            roles=self._roles(sheet, nodes, vectors, places),
            links=self._links(nodes, places),
        )

    def _roles(self, sheet: Sheet, nodes: Floats, vectors: Halves, places: tuple[Ints, Ints, Ints]) -> Roles:
        """For rows and a column the log chances of that party (0 nobody) as supplier and customer."""
        nobody = self._linear("nobody", nodes)[:, None]
        parties = self._make("party", np.concatenate([_pool(vectors, sheet.party_spans), sheet.party_traits], 1))
        step = len(nodes) if len(nodes) <= MANY else MANY
        blocks: list[tuple[dict[int, int], Floats]] = []
        for start in range(0, len(nodes), max(step, 1)):
            rows = slice(start, start + step)
            near = _near(sheet, rows) if len(nodes) > MANY else np.arange(len(sheet.party_lines))
            met = self._meet(sheet, nodes[rows], parties[near], [part[rows] for part in places], near)
            entity = sheet.party_entity[near]
            columns = [0, *sorted({*entity.tolist()} - {0})]
            apart = [met[:, entity == column] for column in columns]
            sums = [_log_sum(np.concatenate([nobody[rows], apart[0]], 1)), *map(_log_sum, apart[1:])]
            table = _log_softmax(np.stack(sums, 1), axis=1)
            blocks.append(({column: n for n, column in enumerate(columns)}, table))

        def of(rows: Sequence[int], column: int) -> Floats:
            found = np.full((len(rows), 2), UNLIKELY, np.float32)
            for n, row in enumerate(rows):
                known, table = blocks[row // step]
                if column in known:
                    found[n] = table[row % step, known[column]]
            return found

        return of

    def _meet(self, sheet: Sheet, nodes: Floats, parties: Floats, places: Sequence[Ints], near: Ints) -> Floats:
        """For each node and each of some mentions: how much speaks for it as supplier and as customer."""
        width = nodes.shape[1]
        ask = self._linear("ask", nodes).reshape(len(nodes), 2, width)
        answer = self._linear("answer", parties).reshape(len(parties), 2, width)
        there = [part[near] for part in (sheet.party_spans[:, 0], sheet.party_lines, sheet.party_paragraphs)]
        met: Floats = np.einsum("nrd,mrd->nmr", ask, answer) / np.float32(width**0.5)
        return met + self._linear("near", self._gaps(places, there))

    def _links(self, nodes: Floats, places: tuple[Ints, Ints, Ints]) -> Links:
        """For rows and other rows the logits that two candidates tell one deal."""

        def between(rows: Sequence[int], others: Sequence[int]) -> Floats:
            here, there = ([part[list(chosen)] for part in places] for chosen in (rows, others))
            alike = self._alike(nodes[list(rows)], nodes[list(others)])
            forth = self._tied(alike, self._gaps(here, there))
            back = self._tied(alike, self._gaps(there, here).transpose(1, 0, 2))
            return (forth + back) * np.float32(0.5)

        if len(nodes) > MANY:
            return between
        every = range(len(nodes))
        table = between(every, every) if len(nodes) else np.zeros((0, 0), np.float32)
        return lambda rows, others: table[np.ix_(rows, others)]

    def _alike(self, left: Floats, right: Floats) -> Floats:
        """What the first matrix makes of each two nodes, the same in either order; how far apart comes later."""
        both = np.concatenate([left[:, None] * right[None], np.abs(left[:, None] - right[None])], -1)
        return _times(both, self.heads["link.0.weight"][:, : both.shape[-1]]) + self.heads["link.0.bias"]

    def _tied(self, alike: Floats, gaps: Floats) -> Floats:
        apart = _times(gaps, self.heads["link.0.weight"][:, -gaps.shape[-1] :])
        return self._linear("link.3", _gelu(alike + apart))[..., 0]

    def _gaps(self, here: Sequence[Ints], there: Sequence[Ints]) -> Floats:
        pieces, lines, paragraphs = (other[None] - own[:, None] for own, other in zip(here, there, strict=True))
        return np.concatenate(
            [
                self.heads["far.weight"][np.searchsorted(EDGES, pieces, side="left")],
                self.heads["lines.weight"][np.clip(lines, -REACH, REACH + 1) + REACH],
                self.heads["paragraphs.weight"][np.clip(paragraphs, -REACH, REACH + 1) + REACH],
            ],
            -1,
        )

    def _make(self, name: str, rows: Floats) -> Floats:
        made = self._linear(f"{name}.3", _gelu(self._linear(f"{name}.0", rows)))
        spread: Floats = (made - made.mean(-1, keepdims=True)) / np.sqrt(made.var(-1, keepdims=True) + np.float32(1e-5))
        return spread * self.heads[f"{name}.4.weight"] + self.heads[f"{name}.4.bias"]

    def _linear(self, name: str, rows: Floats) -> Floats:
        return _times(rows, self.heads[f"{name}.weight"]) + self.heads[f"{name}.bias"]


def find_windows(document: int, sheet: Sheet) -> list[Window]:
    """The windows of a document that hold a candidate."""
    every = cut_windows(document, len(sheet.pieces))
    return [window for window in every if sheet.marks[window.low : window.high].any()]


def cut_windows(document: int, count: int) -> list[Window]:
    """Windows over so many pieces, overlapping so that each piece has words on both sides."""
    found, start = [], 0
    while True:
        found.append((start, min(count, start + WINDOW)))
        if start + WINDOW >= count:
            break
        start += STRIDE
    edges = [0, *((one[1] + next_[0]) // 2 for one, next_ in pairwise(found)), count]
    return [Window(document, *pair, *edges[n : n + 2]) for n, pair in enumerate(found)]


def _times(rows: Floats, weight: Floats) -> Floats:
    # One product of two tables rather than one for each first index.
    made: Floats = rows.reshape(-1, rows.shape[-1]) @ weight.T
    return made.reshape(*rows.shape[:-1], len(weight))


def _pool(vectors: Halves, spans: Ints) -> Floats:
    """First, last and mean vector of each span."""
    pooled = np.zeros((len(spans), 3, vectors.shape[1]), np.float32)
    for row, (first, last) in zip(pooled, spans.tolist(), strict=True):
        row[0], row[1], row[2] = vectors[first], vectors[last - 1], vectors[first:last].mean(0, dtype=np.float32)
    return pooled.reshape(len(spans), 3 * vectors.shape[1])


def _near(sheet: Sheet, rows: slice) -> Ints:
    """The mentions around some nodes of a long document, and those in its title."""
    lines = sheet.node_lines[rows]
    inside = (sheet.party_lines >= lines.min() - AROUND) & (sheet.party_lines <= lines.max() + AROUND)
    return np.flatnonzero(inside | (sheet.party_lines == 0))


def _gelu(x: Floats) -> Floats:
    # The tanh form, as in training.
    found: Floats = 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))
    return found


def _log_sum(rows: Floats) -> Floats:
    top = rows.max(1, keepdims=True)
    total: Floats = (top + np.log(np.exp(rows - top).sum(1, keepdims=True)))[:, 0]
    return total


def _log_softmax(rows: Floats, *, axis: int = -1) -> Floats:
    shifted = rows - rows.max(axis, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
    return found


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


@cache
def read_network() -> Network:
    """The network that travels with the project; raises LexiconError where its files are missing or broken."""
    try:
        tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(MODEL / "encoder.onnx", settings, providers=["CPUExecutionProvider"])
        heads = {name: rows.astype(np.float32) for name, rows in np.load(MODEL / "heads.npz").items()}
    except Exception as fault:
        raise LexiconError(
            f"The trained reader in {MODEL.name}/ cannot be used ({fault}): run make model, install Megawatch again, "
            "or read with --reader grammar."
        ) from fault
    return Network(tokenizer, session, heads)
