"""Supplier and customer are chosen together, with an eye on the other deals of the document.

Who is a landlord in one deal is seldom a tenant in the next: what a party is elsewhere in the document says what it can
be here. A ranker weighs the likeliest pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.deals.features import stem
from extractors.deals.groups import Group
from extractors.deals.linear import Ranker, softmax
from extractors.deals.roles import (
    ROLES,
    Choice,
    Entities,
    core_parties,
    heavy_lines,
    nearest_mark,
    role_options,
    trades_of,
)
from extractors.deals.view import SHORT, Mark, View
from extractors.parties.types import PartyEntity

STREAM = {"financier": 0, "chipmaker": 1, "server_maker": 1, "power": 1, "developer": 2, "hpc_landlord": 2}
STREAM |= {"neocloud": 3, "marketplace": 3, "hyperscaler": 4, "ai_lab": 5, "enterprise": 5}
MOST = 4
Chances = Mapping[str, Sequence[float]]


@dataclass(slots=True)
class Pair:
    """A supplier and a customer by their places in the list of parties; the place after the last is nobody."""

    supplier: int
    customer: int
    features: dict[str, float]


def role_chances(view: View, group: Group, parties: Entities, rankers: Mapping[str, Ranker]) -> Chances:
    """For each role how likely each party fills it, nobody last."""
    options = role_options(view, group, parties)
    return {role: softmax([rankers[role].score(option) for option in options]) for role in ROLES}


def pair_options(
    view: View, groups: Sequence[Group], parties: Entities, chances: Sequence[Chances], place: int
) -> list[Pair]:
    """The likeliest pairs for the group at ``place``, with what can be seen of each."""
    own = chances[place]
    nobody = len(parties)
    near = near_parties(view, groups[place], parties)
    tops = {role: _top(own[role], nobody, near) for role in ROLES}
    core = core_parties(groups[place], parties)
    elsewhere = _elsewhere(groups, chances, place, nobody)
    found = []
    for s in tops["supplier"]:
        for c in tops["customer"]:
            if s != c or s == nobody:
                features = _pair_features(view, groups[place], parties, own, elsewhere, s, c, core)
                found.append(Pair(s, c, features))
    return found


def choose_pair(
    view: View,
    groups: Sequence[Group],
    parties: Entities,
    chances: Sequence[Chances],
    place: int,
    ranker: Ranker,
) -> dict[str, Choice]:
    """Supplier and customer of the group at ``place``; a role that nobody fits stays out."""
    pairs = pair_options(view, groups, parties, chances, place)
    likely = softmax([ranker.score(pair.features) for pair in pairs])
    best = max(range(len(pairs)), key=lambda n: (likely[n], -n))
    picked = {"supplier": pairs[best].supplier, "customer": pairs[best].customer}
    return {
        role: Choice(parties[n][0], nearest_mark(groups[place], parties[n][1]), _share(pairs, likely, role, n))
        for role, n in picked.items()
        if n < len(parties)
    }


def _share(pairs: Sequence[Pair], likely: Sequence[float], role: str, n: int) -> float:
    return sum(p for pair, p in zip(pairs, likely, strict=True) if getattr(pair, role) == n)


def _top(chances: Sequence[float], nobody: int, near: Sequence[int]) -> list[int]:
    ranked = sorted(near, key=lambda n: (-chances[n], n))[:MOST]
    return [*ranked, nobody]


def near_parties(view: View, group: Group, parties: Entities) -> list[int]:
    """The parties that come into question: all, or only those of the fullest line where that leaves none to look for.

    It leaves none where it sets a named party beside one that stays unnamed, and, in a long document, which names many
    that have nothing to do with a deal, where it names two.
    """
    everyone = list(range(len(parties)))
    full = next((line for line in heavy_lines(group) if view.lines[line].parties), None)
    if full is None:
        return everyone
    core = [n for n in everyone if any(mark.sentence == full and _is_told(mark) for mark in parties[n][1])]
    if any(mark.party is not None and mark.party.entity.unnamed for mark in view.lines[full].parties):
        return core or everyone
    return core if len(view.lines) > SHORT and len(core) >= len(ROLES) else everyone


def _is_told(mark: Mark) -> bool:
    return mark.party is not None and mark.party.form != "descriptor"


def _elsewhere(
    groups: Sequence[Group], chances: Sequence[Chances], place: int, nobody: int
) -> list[dict[tuple[str, str], float]]:
    found: list[dict[tuple[str, str], float]] = [{} for _ in range(nobody)]
    for n, (group, other) in enumerate(zip(groups, chances, strict=True)):
        if n == place:
            continue
        for role in ROLES:
            for party in range(nobody):
                mass = other[role][party]
                if mass > 0.15:
                    key = (group.kind, role)
                    found[party][key] = max(found[party].get(key, 0.0), mass)
    return found


def _pair_features(
    view: View,
    group: Group,
    parties: Entities,
    own: Chances,
    elsewhere: Sequence[Mapping[tuple[str, str], float]],
    s: int,
    c: int,
    core: frozenset[int],
) -> dict[str, float]:
    kind, nobody = group.kind, len(parties)
    found = {"log:s": math.log(own["supplier"][s] + 1e-6), "log:c": math.log(own["customer"][c] + 1e-6)}
    found[f"nobody={s == nobody}{c == nobody}|{kind}"] = 1.0
    inside = f"core={s in core}{c in core}|{min(len(core), 3)}"
    found[inside] = 1.0
    found[f"{inside}|{kind}"] = 1.0
    for tag, n, role in (("s", s, "supplier"), ("c", c, "customer")):
        if n == nobody:
            continue
        found[f"{tag}other"] = own["customer" if role == "supplier" else "supplier"][n]
        for (other_kind, other_role), mass in elsewhere[n].items():
            found[f"{tag}|{kind}|{other_kind}|{other_role}"] = mass
            found[f"{tag}|{kind == other_kind}|{other_role == role}"] = mass
    if s < nobody and c < nobody:
        _add_pair(view, group, parties[s][1], parties[c][1], kind, found)
        _add_segments(parties, s, c, kind, found)
        if parties[s][0].name in parties[c][0].parents or parties[c][0].name in parties[s][0].parents:
            found["kin"] = 1.0
    return found


def _step(supplier: PartyEntity, customer: PartyEntity) -> str | None:
    """Whether the supplier stands upstream of the customer: power, then halls, then clouds, then models."""
    first = [STREAM[trade] for trade in trades_of(supplier) if trade in STREAM]
    second = [STREAM[trade] for trade in trades_of(customer) if trade in STREAM]
    if not (first and second):
        return None
    gap = min(second) - max(first), max(second) - min(first)
    return "down" if gap[0] > 0 else "up" if gap[1] < 0 else "level"


def _add_segments(parties: Entities, s: int, c: int, kind: str, found: dict[str, float]) -> None:
    left, right = parties[s][0].segment, parties[c][0].segment
    step = _step(parties[s][0], parties[c][0])
    if step is not None and kind not in ("acquisition", "build"):
        found[f"stream={step}"] = 1.0
    if left and right:
        found[f"segments={left}|{right}|{kind}"] = 1.0


def _add_verbs(view: View, a: Mark, b: Mark, order: str, kind: str, found: dict[str, float]) -> None:
    """The deal words between two parties with the word before the second: ``<org> rents … from <org>``."""
    first, last = sorted((a.token, b.token))
    link = view.words[last - 1]
    line = view.lines[a.sentence]
    for item in line.items:
        if item.type != "trigger":
            continue
        if first < item.token < last:
            found[f"verb={order}|{item.lemma}|{link}"] = 1.0
            found[f"verb={order}|{item.lemma}|{link}|{kind}"] = 1.0
            found[f"verb={order}|{item.lemma}|{kind}"] = 1.0
            found[f"form={order}|{item.quote.lower()}|{view.words[item.token - 1]}"] = 1.0
        elif first - 8 < item.token < first:
            found[f"head={order}|{item.lemma}|{view.words[first - 1]}|{link}"] = 1.0
        elif last < item.token < last + 8:
            found[f"tail={order}|{item.lemma}|{link}"] = 1.0


def _add_pair(
    view: View, group: Group, suppliers: Sequence[Mark], customers: Sequence[Mark], kind: str, found: dict[str, float]
) -> None:
    lines = {fact.item.sentence for fact in group.facts}
    together = [
        (abs(a.token - b.token), a, b)
        for a in suppliers
        for b in customers
        if a.sentence == b.sentence and a.sentence in lines
    ]
    if not together:
        found[f"apart|{kind}"] = 1.0
        return
    _, a, b = min(together, key=lambda row: (row[0], row[1].token))
    order = "sc" if a.token < b.token else "cs"
    first, last = sorted((a.token, b.token))
    between = [stem(word) for word in view.words[first + 1 : last]]
    found[f"order={order}|{kind}"] = 1.0
    found[f"order={order}"] = 1.0
    for word in set(between[:8]):
        found[f"mid={order}|{word}"] = 1.0
        found[f"mid={order}|{word}|{kind}"] = 1.0
    _add_verbs(view, a, b, order, kind, found)
    if len(between) <= 4:
        found[f"path={order}|{' '.join(between)}"] = 1.0
    if between:
        found[f"last={order}|{between[-1]}|{kind}"] = 1.0
        found[f"first={order}|{between[0]}|{kind}"] = 1.0
