"""What the reader is taught: for each candidate of an annotated document its field, its deals and their parties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from align import align, locate, within

from extractors.deals.details import site_words
from extractors.deals.opinions import KINDS, LABELS, STATUSES
from extractors.evaluate import model_key, same_party
from extractors.reader.nodes import Sheet, nodes_of


@dataclass(slots=True)
class Lesson:
    """A sheet with its answers.

    ``labels`` by node, ``known`` 0 where an answer is doubtful; ``member`` nodes by deals; ``kind``/``status`` by deal;
    ``right`` deals by parties (column 0 nobody) by role, all zero where the right party was not found.
    """

    id: str
    group: int
    seed: int | None
    sheet: Sheet
    labels: np.ndarray
    known: np.ndarray
    member: np.ndarray
    kind: np.ndarray
    status: np.ndarray
    right: np.ndarray


def build_lesson(view, gold, sheet: Sheet, *, group=0, seed=None) -> Lesson:
    """The lesson of one document."""
    deals = gold["deals"]
    nodes = nodes_of(view)
    labels, known = np.zeros(len(nodes), np.int64), np.ones(len(nodes), np.float32)
    member = np.zeros((len(nodes), len(deals)), np.float32)
    place = {id(node): n for n, node in enumerate(nodes)}
    aligned = align(view, gold)
    for n, item in enumerate(view.items):
        at = place[id(item)]
        if n in aligned.labels:
            labels[at] = LABELS.index(aligned.labels[n])
        known[at] = float(n not in aligned.unsure)
        for deal in aligned.deals.get(n, ()):
            member[at, deal] = 1.0
    for number, deal in enumerate(deals):
        _teach_site(view, gold, deal, number, place, labels, known, member)
        _teach_models(view, gold, deal, number, place, labels, known, member)
    kind = np.array([KINDS.index(deal["kind"]) for deal in deals], np.int64)
    status = np.array([STATUSES.index(deal["status"]) for deal in deals], np.int64)
    right = _parties(view, deals, sheet)
    return Lesson(gold["id"], group, seed, sheet, labels, known, member, kind, status, right)


def _teach_site(view, gold, deal, number, place, labels, known, member):
    words = site_words(deal.get("site") or "")
    if not words:
        return
    at = locate(gold, (deal.get("evidence") or {}).get("site") or deal["site"])
    hits = []
    for mark in view.sites:
        own = site_words(mark.site.text)
        if words & own and len(words & own) >= 0.5 * min(len(words), len(own)):
            hits.append(mark)
    sure = [mark for mark in hits if any(within(mark.site, spot) for spot in at)]
    _set("site", hits, sure, number, place, labels, known, member)


def _teach_models(view, gold, deal, number, place, labels, known, member):
    wanted = {model_key(name) for name in deal.get("gpu_model") or ()}
    at = locate(gold, (deal.get("evidence") or {}).get("gpu_model") or "\0")
    hits = [mark for mark in view.models if model_key(mark.model.gpu_model) in wanted]
    sure = [mark for mark in hits if any(within(mark.model, spot) for spot in at)]
    _set("model", hits, sure, number, place, labels, known, member)


def _set(label, hits, sure, number, place, labels, known, member):
    """Those that the evidence names are right; other mentions of the same thing neither right nor wrong."""
    right = sure or hits[:1]
    for mark in hits:
        at = place[id(mark)]
        if mark in right:
            labels[at], known[at] = LABELS.index(label), 1.0
            member[at, number] = 1.0
        elif labels[at] == 0:
            known[at] = 0.0


def _parties(view, deals, sheet):
    names = {}
    for mark in view.parties:
        if mark.party is not None:
            names[mark.party.entity.entity_id] = mark.party.entity.names
    right = np.zeros((len(deals), len(sheet.entities) + 1, 2), np.float32)
    for number, deal in enumerate(deals):
        for role, field in enumerate(("supplier", "customer")):
            if not deal.get(field):
                right[number, 0, role] = 1.0
                continue
            for column, entity in enumerate(sheet.entities, 1):
                if same_party(deal[field], list(names[entity])):
                    right[number, column, role] = 1.0
    return right
