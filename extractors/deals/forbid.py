"""What no reading may say, whoever assembled it: figures that are no terms, parties that are none, deals told twice.

``check_deals`` comes last. It takes away and puts together, and adds only a figure that stands in a pair with one that
was taken; it rests on the words around the evidence of each term.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.deals.barred import cannot_be_term
from extractors.deals.direct import runs_backwards
from extractors.deals.kinds import kind_by_supplier
from extractors.deals.retold import add_beside, join_retold, kin_of, name_installed, share_name
from extractors.deals.tenors import drop_tenors_of_equity
from extractors.deals.view import Item, Line, Mark, View
from extractors.evaluate import PARTIES
from extractors.parties.types import PartyEntity, PartyMention
from megawatch.market import DealMention, Evidence, Part, Stated

_NO_FIELDS = {
    "acquisition": "monthly_payment_usd rate_usd_per_gpu_hour term_months",
    "build": "monthly_payment_usd option_power_mw rate_usd_per_gpu_hour",
    "financing": "option_power_mw rate_usd_per_gpu_hour start_date",
    "hardware": "gross_power_mw monthly_payment_usd option_power_mw rate_usd_per_gpu_hour",
    "lease": "rate_usd_per_gpu_hour",
    "power": "gpu_count gpu_model rate_usd_per_gpu_hour",
}
NO_FIELDS = {kind: frozenset(fields.split()) for kind, fields in _NO_FIELDS.items()}
"""Fields that a kind of deal does not have."""

_NOT_HELD = {
    ("hardware", "supplier"): "ai_lab financier developer hpc_landlord neocloud power telecom",
    ("power", "supplier"): "chipmaker ai_lab hyperscaler server_maker marketplace",
}
NOT_HELD = {place: frozenset(segments.split()) for place, segments in _NOT_HELD.items()}
"""Segments that do not fill a role in a kind of deal: no chipmaker sells electricity."""

_OWN_HALLS = re.compile(
    r", (?:its|their) (?:(?!(?:for|of|that|which|whose|in|at|from|to|by|with) )[\w,'’-]+ ){0,5}"
    r"(?:campus|site|data cent(?:er|re)|complex|park|facility|plant)\b"
)
LONGEST, AROUND = 10**9, 12
_NAMED = ("name", "ticker", "defined")
_MONEY = ("total_value_usd", "monthly_payment_usd", "rate_usd_per_gpu_hour", "total_value")
_BARE = frozenset({"kind", "status", "currency", "gpu_model", "site", *PARTIES})


@dataclass(slots=True)
class Scene:
    """A document's view with what the checks ask of it: figures by where they end, parties by their names."""

    view: View
    items: dict[tuple[Part, int], Item]
    entities: dict[tuple[str, ...], PartyEntity]
    mentions: dict[int, list[Mark]]
    places: frozenset[str]


def check_deals(view: View, deals: Sequence[DealMention]) -> tuple[DealMention, ...]:
    """The deals of a document without what cannot be, those told twice put together, in the order given."""
    if not deals:
        return ()
    scene = _set_scene(view)
    kept = [_possible(scene, _rightly_called(scene, deal)) for deal in deals]
    kept = name_installed([_with_supplier(scene, deal) for deal in kept], items=scene.items)
    kept = join_retold(_once_each(scene, [deal for deal in kept if _says_something(deal)]))
    kept = [_forwards(scene, deal) for deal in add_beside(view, own_sites(kept), items=scene.items)]
    kept = drop_tenors_of_equity(kept, view.reading.document)
    return tuple(replace(deal, position=place) for place, deal in enumerate(_main_ones(kept)))


def _set_scene(view: View) -> Scene:
    mentions: dict[int, list[Mark]] = {}
    entities: dict[tuple[str, ...], PartyEntity] = {}
    for mark in view.parties:
        if mark.party is not None:
            mentions.setdefault(mark.party.entity.entity_id, []).append(mark)
            entities[mark.party.entity.names] = mark.party.entity
    places = frozenset(mark.site.text for mark in view.sites if mark.site is not None and mark.site.confidence >= 0.5)
    return Scene(view, {(item.part, item.end): item for item in view.items}, entities, mentions, places)


def cannot_be_party(scene: Scene, entity: PartyEntity) -> bool:
    """Whether a name is that of a place: the site of the deal itself, or ``X, its 525-acre campus``."""
    if entity.lexicon_id is not None:
        return False
    document = scene.view.reading.document
    mentions = [mark.party for mark in scene.mentions[entity.entity_id] if mark.party is not None]
    return not scene.places.isdisjoint(entity.names) or any(
        _OWN_HALLS.match(document.part(one.part), one.end) for one in mentions if one.form == "name"
    )


def _rightly_called(scene: Scene, deal: DealMention) -> DealMention:
    """A deal under the kind that alone its supplier allows."""
    names, kind = deal.value("supplier"), str(deal.value("kind"))
    supplier = scene.entities.get(names) if isinstance(names, tuple) else None
    if supplier is None:
        return deal
    numbers = {number for term in deal.terms if (number := _line_of(scene, term)) is not None}
    lines = [scene.view.lines[number].sentence.quote for number in sorted(numbers)]
    right = kind_by_supplier(kind, supplier, lines, served=deal.get("customer") is not None)
    if right == kind:
        return deal
    return replace(deal, terms=tuple(replace(one, value=right) if one.field == "kind" else one for one in deal.terms))


def _with_supplier(scene: Scene, deal: DealMention) -> DealMention:
    """A deal of a named customer with the one other company that its paragraph names, where it sets nobody unnamed."""
    kind, names = str(deal.value("kind")), deal.value("customer")
    customer = scene.entities.get(names) if isinstance(names, tuple) else None
    if customer is None or deal.get("supplier") is not None or kind not in ("compute", "lease", "power", "hardware"):
        return deal
    marks = _of_paragraph(scene, {line for term in deal.terms if (line := _line_of(scene, term)) is not None})
    if any(one.entity.unnamed for one in marks):
        return deal
    others = {one.entity.entity_id: one for one in marks if one.entity is not customer and one.form in _NAMED}
    if len(others) != 1:
        return deal
    [other] = others.values()
    if _is_out_of_place(scene, other.entity, kind, "supplier"):
        return deal
    term = Stated(
        field="supplier",
        value=other.entity.names,
        evidence=other.evidence,
        words=other.text,
        rule="only",
        confidence=0.5,
    )
    return replace(deal, terms=(*deal.terms, term))


def _of_paragraph(scene: Scene, numbers: set[int]) -> list[PartyMention]:
    """The mentions of parties in the paragraphs of some lines, a dozen lines each way at most."""
    found, lines = [], scene.view.lines
    for number in numbers:
        low = high = number
        while low > max(0, number - AROUND) and _together(lines[low - 1], lines[number]):
            low -= 1
        while high + 1 < min(len(lines), number + AROUND) and _together(lines[high + 1], lines[number]):
            high += 1
        found += [mark.party for line in lines[low : high + 1] for mark in line.parties if mark.party is not None]
    return found


def _together(one: Line, other: Line) -> bool:
    first, second = one.sentence, other.sentence
    return first.part == second.part and first.paragraph == second.paragraph


def _possible(scene: Scene, deal: DealMention) -> DealMention:
    kind, terms = str(deal.value("kind")), []
    for term in deal.terms:
        if term.field in NO_FIELDS.get(kind, frozenset()):
            continue
        if term.field in PARTIES:
            entity = scene.entities.get(term.value) if isinstance(term.value, tuple) else None
            if entity is not None and _is_out_of_place(scene, entity, kind, term.field):
                continue
        else:
            item = scene.items.get((term.evidence.part, term.evidence.end))
            if item is not None and cannot_be_term(scene.view, item):
                continue
        terms.append(term)
    return replace(deal, terms=tuple(terms))


def _forwards(scene: Scene, deal: DealMention) -> DealMention:
    """A deal with its parties changed over where the text says outright that it runs the other way."""
    names = [deal.value(role) for role in PARTIES]
    supplier, customer = (scene.entities.get(name) if isinstance(name, tuple) else None for name in names)
    if supplier is None or customer is None or deal.value("kind") in ("acquisition", "build"):
        return deal
    shared = {mark.sentence for mark in scene.mentions[supplier.entity_id]}
    shared &= {mark.sentence for mark in scene.mentions[customer.entity_id]}
    lines = [scene.view.lines[number] for number in sorted(shared)]
    return _turn(deal) if runs_backwards(scene.view, lines, supplier, customer) else deal


def _is_out_of_place(scene: Scene, entity: PartyEntity, kind: str, role: str) -> bool:
    if entity.segment in NOT_HELD.get((kind, role), frozenset()):
        return True
    return not (kind == "acquisition" and role == "supplier") and cannot_be_party(scene, entity)


def _says_something(deal: DealMention) -> bool:
    """Whether a deal names a party or states a figure."""
    return any(term.field not in _BARE or term.field in PARTIES for term in deal.terms)


def _main_ones(deals: Sequence[DealMention]) -> list[DealMention]:
    """The deals without those of which nothing but the parties is told, beside others with figures; an end counts."""
    told = [bool(_figures(deal)) or deal.get("gpu_model") is not None for deal in deals]
    pairs = zip(deals, told, strict=True)
    return [deal for deal, full in pairs if full or not any(told) or deal.value("status") == "terminated"]


def _once_each(scene: Scene, deals: Sequence[DealMention]) -> list[DealMention]:
    """No amount of money in two deals of one party, no figure fetched from afar, no deal beside itself turned round."""
    kept: list[DealMention] = []
    for deal, kin in zip(deals, kin_of(deals), strict=True):
        rivals = [deals[place] for place in kin]
        if any(_is_turned(deal, other) and _is_weaker(deal, other) for other in rivals):
            if _figures(deal) < 2:
                continue
            deal = _turn(deal)
        terms = tuple(
            term for term in deal.terms if not any(_claims_more(scene, other, deal, term) for other in rivals)
        )
        if len(terms) == len(deal.terms) or any(term.field not in _BARE for term in terms):
            kept.append(replace(deal, terms=terms))
    return kept


def _figures(deal: DealMention) -> int:
    return sum(term.field not in _BARE for term in deal.terms)


def _is_turned(one: DealMention, other: DealMention) -> bool:
    if one.value("kind") != other.value("kind"):
        return False
    sides = zip(PARTIES, reversed(PARTIES), strict=True)
    return all(share_name(one.value(role), other.value(back)) for role, back in sides)


def own_sites(deals: Sequence[DealMention]) -> list[DealMention]:
    """The deals, each place that two of different parties take from one mention left to the one told beside it."""
    sharing: dict[Evidence, list[DealMention]] = {}
    for deal in deals:
        if (site := deal.get("site")) is not None:
            sharing.setdefault(site.evidence, []).append(deal)
    kept = []
    for deal in deals:
        site = deal.get("site")
        rivals = sharing[site.evidence] if site is not None else []
        taken = any(_are_strangers(other, deal) and _reach(other) < _reach(deal) for other in rivals)
        kept.append(replace(deal, terms=tuple(term for term in deal.terms if term is not site)) if taken else deal)
    return kept


def _are_strangers(one: DealMention, other: DealMention) -> bool:
    """Whether two deals have no party in common."""
    return not any(share_name(one.value(role), other.value(side)) for role in PARTIES for side in PARTIES)


def _reach(deal: DealMention) -> int:
    """How many characters part the place of a deal from the nearest of its figures."""
    site = deal.get("site")
    figures = [term.evidence for term in deal.terms if term.field not in _BARE]
    if site is None or not figures:
        return LONGEST
    return min(abs(one.start - site.evidence.start) for one in figures)


def _is_weaker(one: DealMention, other: DealMention) -> bool:
    """Whether the parties of a reading are less sure than those of another."""
    first, second = (sum(term.confidence for term in deal.terms if term.field in PARTIES) for deal in (one, other))
    return (first, -one.position) < (second, -other.position)


def _turn(deal: DealMention) -> DealMention:
    other = dict(zip(PARTIES, reversed(PARTIES), strict=True))
    return replace(deal, terms=tuple(replace(term, field=other.get(term.field, term.field)) for term in deal.terms))


def _claims_more(scene: Scene, other: DealMention, deal: DealMention, term: Stated) -> bool:
    """Whether another deal of a party states the same: money more surely, anything where this one strayed."""
    rival = other.get(term.field)
    if rival is None or rival.value != term.value or term.field in _BARE:
        return False
    if not any(share_name(deal.value(role), other.value(side)) for role in PARTIES for side in PARTIES):
        return False
    if term.field in _MONEY and rival.confidence > term.confidence:
        return True
    if deal.value("kind") == other.value("kind"):
        return False
    return _is_stray(scene, deal, term) and not _is_stray(scene, other, rival)


def _is_stray(scene: Scene, deal: DealMention, term: Stated) -> bool:
    """Whether a figure stands more than two sentences from all else that its deal rests on."""
    line = _line_of(scene, term)
    if line is None:
        return False
    others = (_line_of(scene, one) for one in deal.terms if one is not term and one.field not in PARTIES)
    return not any(other is not None and abs(other - line) <= 2 for other in others)


def _line_of(scene: Scene, term: Stated) -> int | None:
    item = scene.items.get((term.evidence.part, term.evidence.end))
    return item.sentence if item is not None else None
