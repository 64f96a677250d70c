"""Groups of facts become deals: every field with its value, the passage that states it, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from extractors.candidates import DateMention, Quantity
from extractors.deals.calibration import Calibration, calibrate, read_calibration
from extractors.deals.details import (
    best_label,
    choose_models,
    choose_site,
    group_features,
    kind_features,
    status_features,
)
from extractors.deals.facts import Fact, Models, find_facts, read_models
from extractors.deals.forbid import check_deals
from extractors.deals.groups import Group, group_facts
from extractors.deals.linear import Classifier, Ranker, read_classifier, read_ranker
from extractors.deals.pairs import choose_pair, role_chances
from extractors.deals.roles import ROLES, Choice, entities_of
from extractors.deals.split import split_strangers
from extractors.deals.trust import find_grounds, keep_trusted, weigh_deal
from extractors.deals.view import SHORT, Item, View, split_view
from extractors.evaluate import same_party
from extractors.parties.types import PartyEntity
from megawatch.lexicons.companies import company_index
from megawatch.market import DealMention, Document, Evidence, Leftover, Stated

AMOUNT_OF = {
    "power": "power_mw",
    "gross": "gross_power_mw",
    "option": "option_power_mw",
    "count": "gpu_count",
    "term": "term_months",
    "rate": "rate_usd_per_gpu_hour",
}
SUMS = frozenset({"cumulative", "backlog", "pipeline", "campus"})
GROSS = frozenset({"gross", "utility", "nameplate", "installed"})
SURE = 0.62
LIKELY = 0.35
DATE_OF = {"start": "start_date", "end": "end_date"}


@dataclass(slots=True)
class Weights:
    """Everything that was fitted: models of items, rankers of groups, roles and sites, deal-wide classifiers."""

    items: Models
    groups: Ranker
    roles: Mapping[str, Ranker]
    pairs: Ranker
    site: Ranker
    models: Classifier
    status: Classifier
    deal: Classifier
    kind: Classifier
    trust: Ranker = field(default_factory=lambda: Ranker({}))
    calibration: Calibration = field(default_factory=dict)


@cache
def read_weights(*, trained: bool = False) -> Weights:
    """The weights that travel with the project: those for the words alone, or those for the trained reader's opinions.

    Raises LexiconError where a file is missing or broken.
    """
    room = "reader/" if trained else ""
    return Weights(
        items=read_models(room),
        groups=read_ranker(f"{room}groups"),
        roles={role: read_ranker(room + role) for role in ROLES},
        pairs=read_ranker(f"{room}pairs"),
        site=read_ranker(f"{room}site"),
        models=read_classifier(f"{room}models"),
        status=read_classifier(f"{room}status"),
        deal=read_classifier(f"{room}deal"),
        kind=read_classifier(f"{room}group_kind"),
        trust=read_ranker(f"{room}trust"),
        calibration=read_calibration(room),
    )


@dataclass(slots=True)
class Told:
    """An agreement as a stretch of a document tells it: its facts and its parties."""

    view: View
    group: Group
    roles: dict[str, Choice]


def assemble_deals(view: View, weights: Weights) -> tuple[tuple[DealMention, ...], tuple[Leftover, ...]]:
    """The deals that a document tells, in order of their first fact, and the figures that went into none."""
    deals, told = find_deals(view, weights)
    told_of = {id(fact.item) for one in told for fact in one.group.facts}
    grounds = find_grounds(deals, told)
    weighed = (weigh_deal(deal, one, weights.trust) for deal, one in zip(deals, grounds, strict=True))
    kept = keep_trusted([calibrate(deal, weights.calibration) for deal in weighed])
    return kept, tuple(_leftovers(view, kept, told_of, doubtful=_passages(deals)))


def find_deals(view: View, weights: Weights) -> tuple[list[DealMention], list[Told]]:
    """The deals with confidences that concern each term alone, and what the document tells of them."""
    facts = find_facts(view, weights.items)
    told: list[Told] = []
    for stretch in split_view(view):
        items = {id(item) for item in stretch.items}
        kept = find_groups(stretch, [fact for fact in facts if id(fact.item) in items], weights)
        told += [Told(stretch, *pair) for pair in zip(kept, find_roles(stretch, kept, weights), strict=True)]
    deals: list[DealMention] = []
    long = len(view.lines) > SHORT
    told = merge_same(told)
    for one in told:
        if long and not one.group.labels:
            continue  # a deal without a figure counts only where the text is mainly about it
        chosen = _with_gross({label: pick(rivals) for label, rivals in one.group.labels.items()}, one.group)
        deals.append(_to_deal(one, chosen, weights, position=len(deals)))
    return list(check_deals(view, deals)), told


def find_groups(view: View, facts: Sequence[Fact], weights: Weights) -> list[Group]:
    """The groups of facts that are agreements, each with its kind."""
    groups = split_strangers(view, group_facts(view, facts, weights.groups))
    for group in groups:
        group.settled = best_label(weights.kind.probabilities(kind_features(view, group)))[0]
    return keep_deals(view, groups, weights.deal)


def merge_same(told: Sequence[Told]) -> list[Told]:
    """What is told twice of one agreement becomes one: same kind, no clash of figures or parties, and enough in common.

    Enough is a figure and a party in common, or both parties where one telling has no figure at all.
    """
    merged: list[Told] = []
    for one in told:
        twin = next((other for other in merged if _are_one(one, other)), None)
        if twin is None:
            merged.append(one)
            continue
        for fact in one.group.facts:
            twin.group.add(fact, turn=one.group.turn)
        twin.roles = one.roles | twin.roles
    return merged


def _are_one(left: Told, right: Told) -> bool:
    if left.group.kind != right.group.kind:
        return False
    pairs = [(left.roles[role].entity, right.roles[role].entity) for role in left.roles.keys() & right.roles.keys()]
    if not pairs or any(one.entity_id != other.entity_id for one, other in pairs):
        return False
    shared = left.group.labels.keys() & right.group.labels.keys()
    if not all(_agree(left.group.labels[label], right.group.labels[label]) for label in shared):
        return False
    bare = not left.group.labels or not right.group.labels
    return bool(shared) or (bare and len(pairs) == len(ROLES))


def _agree(left: Sequence[Fact], right: Sequence[Fact]) -> bool:
    values = [str(pick(facts).value) for facts in (left, right)]
    return values[0].startswith(values[1]) or values[1].startswith(values[0])


def find_roles(view: View, groups: Sequence[Group], weights: Weights) -> list[dict[str, Choice]]:
    """Supplier and customer of each group."""
    parties = entities_of(view)
    if not parties:
        return [{} for _ in groups]
    chances = [role_chances(view, group, parties, weights.roles) for group in groups]
    pairs = (choose_pair(view, groups, parties, chances, n, weights.pairs) for n in range(len(groups)))
    return [possible_roles(pair, view.reading.document) for pair in pairs]


def possible_roles(pair: Mapping[str, Choice], document: Document) -> dict[str, Choice]:
    """The roles that can be: nobody deals with itself, and a newspaper is no party to what it reports."""
    outlet = document.publisher if document.source == "news" else ""
    kept = {role: one for role, one in pair.items() if not (outlet and same_party(one.entity.names, outlet))}
    if len(kept) == len(ROLES) and _is_one_company(*(one.entity for one in kept.values())):
        surest = max(kept, key=lambda role: (kept[role].chance, role))
        kept = {surest: kept[surest]}
    return kept


def _is_one_company(one: PartyEntity, other: PartyEntity) -> bool:
    # A bare ticker is often the only name that a text uses beside the company's own.
    first, second = (entity.lexicon_id or _by_ticker().get(entity.name) for entity in (one, other))
    return same_party(one.names, other.names) or (first is not None and first == second)


@cache
def _by_ticker() -> Mapping[str, str]:
    return {ticker: company.id for company in company_index().values() for ticker in company.tickers}


def keep_deals(view: View, groups: Sequence[Group], classifier: Classifier) -> list[Group]:
    """The groups that are agreements: none where not one is sure, else the likely ones too."""
    chances = [classifier.probabilities(group_features(view, group, groups)).get("yes", 0.0) for group in groups]
    if max(chances, default=0.0) < SURE:
        return []
    for group, chance in zip(groups, chances, strict=True):
        group.chance = chance
    return [group for group in groups if group.chance >= LIKELY]


def pick(rivals: Sequence[Fact]) -> Fact:
    """Of the facts that fill the same field of one deal the surest, then the first one told.

    US dollars go first; a figure that sums up several deals goes last, as does the total beside what is added to it.
    """
    added = any("further" in _cues(fact) for fact in rivals)
    sums = SUMS | {"total"} if added else SUMS
    return max(
        rivals,
        key=lambda fact: (_in_dollars(fact), not _cues(fact) & sums, round(fact.chance, 3), -fact.item.token),
    )


def _with_gross(chosen: dict[str, Fact], group: Group) -> dict[str, Fact]:
    """The facts chosen, with installed or utility megawatts beside smaller contracted ones, both read as power."""
    power = chosen.get("power")
    if power is None or "gross" in chosen or _basis(power) in GROSS:
        return chosen
    beside = [fact for fact in group.labels["power"] if _basis(fact) in GROSS and _size(fact) > _size(power)]
    return chosen | {"gross": pick(beside)} if beside else chosen


def _basis(fact: Fact) -> str | None:
    payload = fact.item.payload
    return payload.basis if isinstance(payload, Quantity) else None


def _size(fact: Fact) -> Decimal:
    payload = fact.item.payload
    return payload.value if isinstance(payload, Quantity) else Decimal(0)


def _cues(fact: Fact) -> frozenset[str]:
    payload = fact.item.payload
    return payload.cues if isinstance(payload, Quantity) else frozenset()


def _in_dollars(fact: Fact) -> bool:
    payload = fact.item.payload
    return isinstance(payload, Quantity) and payload.currency == "USD"


def _to_deal(one: Told, chosen: Mapping[str, Fact], weights: Weights, *, position: int) -> DealMention:
    view, group = one.view, one.group
    document = view.reading.document
    anchor = _anchor_evidence(group)
    status, chance = best_label(weights.status.probabilities(status_features(view, group)))
    share = group.kinds[group.kind] / (sum(group.kinds.values()) or 1.0)
    terms = [Stated(field="kind", value=group.kind, evidence=anchor, rule="words", confidence=round(share, 3))]
    for role, choice in one.roles.items():
        terms.append(_party_term(role, choice))
    terms.append(Stated(field="status", value=status, evidence=anchor, rule="words", confidence=round(chance, 3)))
    for label, fact in chosen.items():
        terms.extend(_figure_terms(view, label, fact))
    models = choose_models(view, group, weights.models)
    if models:
        _, mark, chance = max(models, key=lambda one: one[2])
        assert mark.model is not None
        names = tuple(model for model, _, _ in models)
        terms.append(
            Stated(
                field="gpu_model",
                value=names,
                evidence=mark.model.evidence,
                rule="chip",
                confidence=round(chance, 3),
            )
        )
    site = choose_site(view, group, weights.site)
    if site is not None:
        assert site.mark.site is not None
        terms.append(
            Stated(
                field="site",
                value=site.mark.site.text,
                evidence=site.mark.site.evidence,
                rule="place",
                confidence=round(site.chance, 3),
            )
        )
    return DealMention(document_id=document.id, position=position, terms=tuple(terms))


def _party_term(role: str, choice: Choice) -> Stated:
    party = choice.mark.party
    assert party is not None
    return Stated(
        field=role,
        value=choice.entity.names,
        evidence=party.evidence,
        words=party.text,
        rule=f"role:{party.form}",
        confidence=round(choice.chance, 3),
    )


def _anchor_evidence(group: Group) -> Evidence:
    anchors = [fact for fact in group.facts if fact.label == "anchor"]
    best = max(anchors or group.facts, key=lambda fact: (fact.chance, -fact.item.token))
    return item_evidence(best.item)


def item_evidence(item: Item) -> Evidence:
    """The passage of an item, hedging words in front included."""
    return Evidence(part=item.part, start=item.start, end=item.end, quote=item.quote)


def _figure_terms(view: View, label: str, fact: Fact) -> Iterator[Stated]:
    payload, evidence = fact.item.payload, item_evidence(fact.item)
    confidence = round(fact.chance, 3)
    if isinstance(payload, DateMention):
        yield Stated(
            field=DATE_OF[label],
            value=payload.value,
            evidence=evidence,
            words=payload.quote,
            rule="date",
            confidence=confidence,
        )
        return
    assert isinstance(payload, Quantity)
    hedge = "up_to" if payload.high is not None else payload.hedge
    value = payload.value if payload.high is None else payload.high
    evidence = _hedged(view.reading.document, payload)
    name = AMOUNT_OF.get(label)
    if label == "monthly":
        name, value = "monthly_payment_usd", value / _divisor(view, fact.item, payload)
        if payload.currency not in ("USD", None):
            return
    elif label == "total":
        name = "total_value_usd" if payload.currency == "USD" else "total_value"
    assert name is not None
    resolution = payload.resolution if label != "monthly" else None
    yield Stated(
        field=name,
        value=value,
        evidence=evidence,
        hedge=hedge,
        resolution=resolution,
        words=payload.quote,
        rule=payload.rule or payload.kind,
        confidence=confidence,
    )
    if name == "total_value" and payload.currency:
        yield Stated(
            field="currency", value=payload.currency, evidence=evidence, rule="currency", confidence=confidence
        )


def _divisor(view: View, item: Item, payload: Quantity) -> Decimal:
    line = view.line_of(item)
    words = set(view.words[line.first : line.last])
    per = payload.per or (
        "year"
        if words & {"year", "annual", "annually", "yearly"}
        else "quarter"
        if words & {"quarter", "quarterly"}
        else "month"
    )
    return {"year": Decimal(12), "quarter": Decimal(3), "month": Decimal(1)}.get(per, Decimal(1))


def _hedged(document: Document, payload: Quantity) -> Evidence:
    start = payload.hedge_start if 0 <= payload.hedge_start <= payload.start else payload.start
    return Evidence(
        part=payload.part, start=start, end=payload.end, quote=document.part(payload.part)[start : payload.end]
    )


def _passages(deals: Sequence[DealMention]) -> set[tuple[str, int]]:
    return {(term.evidence.part, term.evidence.end) for deal in deals for term in deal.terms}


def _leftovers(
    view: View, deals: Sequence[DealMention], told: set[int], *, doubtful: set[tuple[str, int]]
) -> Iterator[Leftover]:
    used = _passages(deals)
    for item in view.items:
        payload = item.payload
        if not isinstance(payload, Quantity) or (item.part, item.end) in used:
            continue
        reason = "rival" if id(item) in told else next(iter(sorted(payload.cues)), "no_deal")
        if (item.part, item.end) in doubtful:
            reason = "doubtful"
        yield Leftover(unit=payload.unit, words=payload.quote, evidence=payload.evidence, reason=reason)
