"""How far each term can be trusted: what speaks for its value, for its place in the deal and for the deal, together.

A figure can be read without doubt and still stand in the wrong deal. So the confidence of a term is not that of its
reading alone: a linear model weighs all of it, fitted (``training/calibrate.py``) on documents not seen. Terms that are
far more likely wrong than right are dropped: a wrong figure is worse than a missing one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from extractors.deals.linear import Ranker
from extractors.deals.roles import ROLES
from megawatch.market import DealMention, Stated

if TYPE_CHECKING:
    from extractors.deals.assemble import Told
    from extractors.deals.facts import Fact
    from extractors.deals.view import Mark

Features = dict[str, float]
Spot = tuple[str, int]
CLASSES = {
    "kind": "kind",
    "status": "status",
    "supplier": "party",
    "customer": "party",
    "start_date": "date",
    "end_date": "date",
    "site": "site",
    "gpu_model": "chip",
}
ALWAYS = frozenset({"kind", "status"})  # without them nothing else says what it is
# Chances of being right, chosen on folds (docs/method.md): under the first a term is left out, and where no deal of a
# document is of a kind surer than the second, the document tells none.
DOUBTFUL, TOLD = 0.25, 0.4


@dataclass(frozen=True, slots=True)
class Tellings:
    """What a document tells, by where its facts end and by the stretch it stands in, with the order of telling."""

    spots: dict[Spot, list[tuple[Told, Fact]]]
    beside: dict[int, list[Told]]
    order: Mapping[int, int]

    def home(self, deal: DealMention) -> Told | None:
        """The telling that most terms of a deal are taken from."""
        found = [one for term in deal.terms for one, _ in self.spots.get(_spot(term), ())]
        votes = Counter(map(id, found))
        return max(found, key=lambda one: (votes[id(one)], -self.order[id(one)]), default=None)


def find_grounds(deals: Sequence[DealMention], told: Sequence[Told]) -> list[dict[str, Features]]:
    """For each deal by field what speaks for the term and against it, in the form of features."""
    tellings = Tellings({}, {}, {id(one): place for place, one in enumerate(told)})
    for one in told:
        tellings.beside.setdefault(id(one.view), []).append(one)
        for fact in one.group.facts:
            tellings.spots.setdefault((fact.item.part, fact.item.end), []).append((one, fact))
    return [_of_deal(deal, tellings) for deal in deals]


def weigh_deal(deal: DealMention, grounds: Mapping[str, Features], trust: Ranker) -> DealMention:
    """The deal with each term's confidence as the trust in it, from 0 to 1."""
    terms = (replace(term, confidence=chance_of(grounds[term.field], trust)) for term in deal.terms)
    return replace(deal, terms=tuple(terms))


def chance_of(features: Features, trust: Ranker) -> float:
    """The chance that a term of these features is right."""
    return round(1 / (1 + math.exp(-min(max(trust.score(features), -20.0), 20.0))), 3)


def keep_trusted(deals: Sequence[DealMention]) -> tuple[DealMention, ...]:
    """The deals without their doubtful terms, and without those of which nothing is left; none where none is sure."""
    sure = max((term.confidence for deal in deals for term in deal.terms if term.field == "kind"), default=0.0)
    if sure < TOLD:
        return ()
    kept = (replace(deal, terms=tuple(term for term in deal.terms if _is_trusted(term))) for deal in deals)
    return tuple(deal for deal in kept if {term.field for term in deal.terms} - ALWAYS)


def _is_trusted(term: Stated) -> bool:
    return term.field in ALWAYS or term.confidence >= DOUBTFUL


def _of_deal(deal: DealMention, tellings: Tellings) -> dict[str, Features]:
    home = tellings.home(deal)
    beside = tellings.beside[id(home.view)] if home is not None else []
    shared = _of_the_deal(deal, home, beside=len(beside))
    found = {}
    for term in deal.terms:
        own = _of_the_term(term, home, beside, tellings.spots)
        kind = CLASSES.get(term.field, "figure")
        both = shared | own
        found[term.field] = both | {f"{name}|{kind}": value for name, value in both.items()}
        found[term.field] |= {f"f={term.field}": 1.0, f"own|{term.field}": own["own"], "one": 1.0}
    return found


def _spot(term: Stated) -> Spot:
    return term.evidence.part, term.evidence.end


def _of_the_deal(deal: DealMention, home: Told | None, *, beside: int) -> Features:
    """What concerns all terms of a deal: how surely it is one, of how many, with which parties."""
    stated = {term.field: term for term in deal.terms}
    figures = sum(name not in CLASSES for name in stated)
    found = {
        f"d:kind={stated['kind'].value}": 1.0,
        f"d:status={stated['status'].value}": 1.0,
        f"d:figures={min(figures, 5)}": 1.0,
        f"d:roles={''.join(role[0] for role in ROLES if role in stated)}": 1.0,
        "d:share": stated["kind"].confidence,
        "d:said": odds(stated["status"].confidence),
    }
    found |= {f"d:{role}": odds(stated[role].confidence) for role in ROLES if role in stated}
    if home is None:
        return found | {"d:nowhere": 1.0}
    view = home.view
    found[f"d:deals={min(beside, 6)}"] = found[f"d:source={view.reading.document.source}"] = 1.0
    found[f"d:lines={min(len(view.lines) // 8, 5)}"] = 1.0
    found["d:kept"] = odds(home.group.chance)
    if view.opinions is not None:
        found |= {f"d:{name}": value for name, value in view.opinions.of_deal(home.group.facts).items()}
    return found


def _of_the_term(
    term: Stated, home: Told | None, beside: Sequence[Told], spots: Mapping[Spot, Sequence[tuple[Told, Fact]]]
) -> Features:
    found = {"own": odds(term.confidence), f"rule={term.rule}": 1.0}
    if term.hedge:
        found["hedged"] = 1.0
    if term.evidence.part == "title":
        found["title"] = 1.0
    if home is None:
        return found
    if term.field in ROLES:
        return found | _of_party(term, home)
    fact = next((fact for one, fact in spots.get(_spot(term), ()) if one is home), None)
    if fact is not None:
        return found | _of_fact(fact, home, beside)
    mark = next((m for m in (*home.view.sites, *home.view.models) if _ends(m) == _spot(term)), None)
    if mark is not None and home.view.opinions is not None:
        found |= home.view.opinions.of_mark(mark, home.group.facts)
    return found | {"apart": 1.0}


def _ends(mark: Mark) -> Spot:
    thing = mark.site or mark.model
    return (thing.part, thing.end) if thing is not None else ("", -1)


def _of_fact(fact: Fact, home: Told, beside: Sequence[Told]) -> Features:
    """How a figure stands to its deal: rivals and repetitions, nearness, and ties to this deal and to the others."""
    same = [other for other in home.group.labels.get(fact.label, ()) if other is not fact]
    agree = sum(other.value == fact.value for other in same)
    found = {f"rivals={min(len(same) - agree, 3)}": 1.0, f"again={min(agree, 2)}": 1.0}
    anchors = [other.item.sentence for other in home.group.facts if other.label == "anchor"]
    away = min((abs(fact.item.sentence - line) for line in anchors), default=9)
    found[f"away={min(away, 4) if away < 9 else 'never'}"] = 1.0
    opinions = home.view.opinions
    if opinions is None:
        return found
    mine = opinions.joins(fact, [other for other in home.group.facts if other is not fact])
    others = [opinions.joins(fact, one.group.facts) for one in beside if one is not home]
    theirs = max((other["o:link"] for other in others if other), default=None)
    if mine:
        found |= mine
        if theirs is not None:
            found |= {"o:theirs": theirs, "o:lead": mine["o:link"] - theirs}
    return found


def _of_party(term: Stated, home: Told) -> Features:
    """How surely a party plays its part: the choice, its rival part, and how near it is named."""
    choice = home.roles.get(term.field)
    if choice is None:
        return {"unchosen": 1.0}
    away = min(abs(choice.mark.sentence - fact.item.sentence) for fact in home.group.facts)
    found = {f"away={min(away, 4)}": 1.0, "known": float(choice.entity.lexicon_id is not None)}
    opinions = home.view.opinions
    if opinions is not None:
        seen = opinions.of_party(choice.entity.entity_id, home.group.facts)
        other = ROLES[1 - ROLES.index(term.field)]
        for name, role in (("mine", term.field), ("other", other)):
            found |= {f"o:{name}{kind}": seen[f"o:{role}{kind}"] for kind in ("", "most") if f"o:{role}{kind}" in seen}
    return found


def odds(chance: float) -> float:
    """A chance as log odds within five."""
    chance = min(max(chance, 0.007), 0.993)
    return math.log(chance / (1 - chance))
