"""One agreement told twice in a document becomes one deal; figures that stand in a pair go into the same deal."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from extractors.candidates import Quantity
from extractors.deals.details import site_words
from extractors.deals.view import Item, View
from extractors.evaluate import PARTIES
from megawatch.market import DealMention, Evidence, Part, Stated

FIGURES = (
    *("total_value_usd", "total_value", "monthly_payment_usd", "term_months", "power_mw", "gross_power_mw"),
    *("option_power_mw", "gpu_count", "rate_usd_per_gpu_hour"),
)
DATES = ("start_date", "end_date")
KIN = 40
"""Deals before and after that one is compared with; a text of ordinary length has fewer."""
BESIDE = {"gpus": "gpu_count", "power": "power_mw"}
_BREATH = re.compile(r"(?:[^.;:,\n]{0,40}(?:\band\b|\bwith\b|\bplus\b|,)[^.;:,\n]{0,16}|[^.;:,\n]{0,24}\()")
_APART = re.compile(r"\b(?:another|further|additional|options?|each|later|eventually|could|may)\b", re.IGNORECASE)
Items = Mapping[tuple[Part, int], Item]


def join_retold(deals: Sequence[DealMention]) -> list[DealMention]:
    """The deals with every agreement once, at the place where it was first told."""
    kept: list[DealMention] = []
    known: dict[str, set[int]] = {}
    for deal in deals:
        kin = sorted({place for name in names_of(deal) for place in known.get(name, ())})[-KIN:]
        twin = next((place for place in kin if is_retold(kept[place], deal)), None)
        if twin is None:
            twin = len(kept)
            kept.append(deal)
        else:
            kept[twin] = _joined(kept[twin], deal)
        for name in names_of(kept[twin]):
            known.setdefault(name, set()).add(twin)
    return kept


def names_of(deal: DealMention) -> set[str]:
    """All names of the parties of a deal; deals without a name in common are never one."""
    return {name for role in PARTIES if isinstance(found := deal.value(role), tuple) for name in found}


def kin_of(deals: Sequence[DealMention]) -> list[list[int]]:
    """For each deal the places of the others that share a name with it, of a long list the nearest."""
    known: dict[str, list[int]] = {}
    for place, deal in enumerate(deals):
        for name in names_of(deal):
            known.setdefault(name, []).append(place)
    found = []
    for place, deal in enumerate(deals):
        near: set[int] = set()
        for name in names_of(deal):
            same = known[name]
            at = bisect_left(same, place)
            near.update(same[max(at - KIN, 0) : at + KIN])
        found.append(sorted(near - {place}))
    return found


def is_retold(one: DealMention, other: DealMention) -> bool:
    """Whether two deals of a document are one agreement.

    They are where nothing clashes and the kind and the parties, as far as named, agree; where of the parties one agrees
    and two or more figures and dates do; where one only hints at the total of the other; or where the parties agree and
    the other kind rests on no figure.
    """
    alike = [_agree(one, other, name) for name in (*FIGURES, *DATES)]
    if False in alike:
        return False
    sides = [_same(one, other, role, role) for role in PARTIES]
    if one.value("kind") == other.value("kind"):
        if _is_teaser(one, other) or _is_teaser(other, one):
            return True
        if None in sides and _elsewhere(one, other):
            return False
        return (True in sides and False not in sides) or (set(sides) == {True, False} and alike.count(True) > 1)
    bare = any(not any(deal.get(name) for name in FIGURES) for deal in (one, other))
    return bare and (_is_turned(one, other) or sides == [True, True])


def _is_teaser(one: DealMention, other: DealMention) -> bool:
    """Whether a telling gives no more than "over" or "up to" the total of another one of a party of its own."""
    first, second = one.get("total_value_usd"), other.get("total_value_usd")
    if first is None or second is None or not _may_mean(first, second) or _fullness(one) > 1 or _fullness(other) < 2:
        return False
    return any(share_name(one.value(role), other.value(back)) for role in PARTIES for back in PARTIES)


def _is_turned(one: DealMention, other: DealMention) -> bool:
    return all(_same(one, other, role, back) for role, back in zip(PARTIES, reversed(PARTIES), strict=True))


def _elsewhere(one: DealMention, other: DealMention) -> bool:
    """Whether two deals name places that have no word in common."""
    sites = [site_words(str(deal.value("site") or "")) for deal in (one, other)]
    return all(sites) and sites[0].isdisjoint(sites[1])


def _same(one: DealMention, other: DealMention, role: str, back: str) -> bool | None:
    """Whether a party of one deal is that of another; None where one of the two is not named."""
    left, right = one.value(role), other.value(back)
    return share_name(left, right) if left and right else None


def share_name(one: object, other: object) -> bool:
    """Whether two parties of a document have a name in common."""
    return isinstance(one, tuple) and isinstance(other, tuple) and not set(one).isdisjoint(other)


def _agree(one: DealMention, other: DealMention, name: str) -> bool | None:
    left, right = one.get(name), other.get(name)
    if left is None or right is None:
        return None
    if name in DATES:
        first, second = str(left.value), str(right.value)
        return first.startswith(second) or second.startswith(first)
    return left.value == right.value or _may_mean(left, right) or _may_mean(right, left)


def _may_mean(vague: Stated, plain: Stated) -> bool:
    """Whether a figure with "over" or "up to" before it may stand for a plainer one close to it."""
    if vague.hedge not in ("at_least", "up_to") or vague.hedge == plain.hedge:
        return False
    first, second = vague.value, plain.value
    if not (isinstance(first, Decimal) and isinstance(second, Decimal)):
        return False
    low, high = (first, second) if vague.hedge == "at_least" else (second, first)
    return low <= high <= low * Decimal("1.25")


def _joined(one: DealMention, other: DealMention) -> DealMention:
    """Two tellings as one: the fuller one's fields first, of parties that differ the surer one, an end above all."""
    first, second = (one, other) if _fullness(one) >= _fullness(other) else (other, one)
    terms = {term.field: term for term in first.terms}
    turned = _is_turned(one, other) or _is_teaser(second, first)
    for term in second.terms:
        mine = terms.get(term.field)
        surer = mine is not None and not turned and term.field in PARTIES and term.confidence > mine.confidence
        ended = term.field == "status" and term.value == "terminated"
        if mine is None or ended or (surer and not share_name(mine.value, term.value)):
            terms[term.field] = term
    return replace(one, terms=tuple(terms.values()))


def _fullness(deal: DealMention) -> int:
    return sum(deal.get(name) is not None for name in FIGURES)


def add_beside(view: View, deals: Sequence[DealMention], *, items: Items) -> list[DealMention]:
    """The deals of compute with the chips that a text names in one breath with their megawatts, or the reverse.

    ``items`` are the view's, by part and end.
    """
    used = {(term.evidence.part, term.evidence.end) for deal in deals for term in deal.terms}
    return [_with_beside(view, deal, items, used) if deal.value("kind") == "compute" else deal for deal in deals]


def _with_beside(view: View, deal: DealMention, items: Items, used: set[tuple[Part, int]]) -> DealMention:
    taken = [term for term in deal.terms if term.field in BESIDE.values()]
    known = items.get((taken[0].evidence.part, taken[0].evidence.end)) if len(taken) == 1 else None
    if known is None:
        return deal
    found = [
        item
        for item in view.line_of(known).items
        if BESIDE.get(item.type) not in (None, taken[0].field)
        and (item.part, item.end) not in used
        and _in_one_breath(view, known, item)
    ]
    if len(found) != 1:
        return deal
    term = to_amount(view, found[0], BESIDE[found[0].type], confidence=taken[0].confidence)
    return replace(deal, terms=(*deal.terms, term))


def name_installed(deals: Sequence[DealMention], *, items: Items) -> list[DealMention]:
    """The deals with installed megawatts of power named so where another telling has the guaranteed ones."""
    told = [deal for deal in deals if deal.value("kind") == "power" and _basis(deal, items) == "guaranteed"]
    return [_as_gross(deal) if _is_installed(deal, told, items) else deal for deal in deals]


def _is_installed(deal: DealMention, guaranteed: Sequence[DealMention], items: Items) -> bool:
    if _basis(deal, items) not in ("installed", "nameplate") or deal.get("gross_power_mw") is not None:
        return False
    return any(all(_same(deal, other, role, role) for role in PARTIES) for other in guaranteed)


def _basis(deal: DealMention, items: Items) -> str | None:
    """Which megawatts the words around a deal's power name."""
    term = deal.get("power_mw")
    item = items.get((term.evidence.part, term.evidence.end)) if term is not None else None
    return item.payload.basis if item is not None and isinstance(item.payload, Quantity) else None


def _as_gross(deal: DealMention) -> DealMention:
    terms = (replace(term, field="gross_power_mw") if term.field == "power_mw" else term for term in deal.terms)
    return replace(deal, terms=tuple(terms))


def _in_one_breath(view: View, one: Item, other: Item) -> bool:
    text = view.reading.document.part(one.part)
    first, second = sorted((one, other), key=lambda item: item.start)
    between = text[first.end : second.start]
    return _BREATH.fullmatch(between) is not None and _APART.search(between) is None


def to_amount(view: View, item: Item, name: str, *, confidence: float) -> Stated:
    """The term that a figure states, with the hedging words before it in its evidence."""
    quantity = item.payload
    assert isinstance(quantity, Quantity)
    start = quantity.hedge_start if 0 <= quantity.hedge_start <= quantity.start else quantity.start
    return Stated(
        field=name,
        value=quantity.value if quantity.high is None else quantity.high,
        evidence=Evidence(
            part=item.part, start=start, end=item.end, quote=view.reading.document.part(item.part)[start : item.end]
        ),
        hedge=quantity.hedge if quantity.high is None else "up_to",
        resolution=quantity.resolution,
        words=quantity.quote,
        rule="beside",
        confidence=confidence,
    )
