"""Items that state a term: each with the field it fills and the kind of deal it speaks of, as likelihoods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.candidates import DateMention, Quantity
from extractors.deals.context import Guess, build_context, context_features
from extractors.deals.features import item_features
from extractors.deals.linear import Classifier, read_classifier
from extractors.deals.view import ITEM_TYPES, Item, View

NONE = "none"
HOPELESS = -1.0
LEAST: Mapping[str, float] = dict.fromkeys(ITEM_TYPES, 0.4)


@dataclass(slots=True)
class Models:
    """The classifiers of items: of fields for each type, at first sight and among the others, and one of kinds."""

    fields: Mapping[str, Classifier]
    kinds: Classifier
    second: Mapping[str, Classifier] = field(default_factory=dict)


@dataclass(slots=True)
class Fact:
    """An item with the field it most likely fills; ``chance`` is how sure that is, ``kinds`` what deal it tells of."""

    item: Item
    label: str
    chance: float
    kinds: Mapping[str, float]
    orgs: frozenset[int] = field(default_factory=frozenset)

    @property
    def value(self) -> Decimal | str | None:
        """The figure or date, for comparing facts with one another."""
        payload = self.item.payload
        if isinstance(payload, Quantity):
            return payload.monthly or payload.value
        return payload.value if isinstance(payload, DateMention) else None


def find_facts(view: View, models: Models, *, least: Mapping[str, float] | None = None) -> list[Fact]:
    """The items of a view that fill a field, in order of the text, the title's last."""
    features = [item_features(view, item) for item in view.items]
    guesses = [models.fields[item.type].probabilities(row) for item, row in zip(view.items, features, strict=True)]
    return facts_from(view, features, guesses, models, least=least)


def facts_from(
    view: View,
    features: Sequence[Sequence[str]],
    guesses: Sequence[Guess],
    models: Models,
    *,
    least: Mapping[str, float] | None = None,
) -> list[Fact]:
    """The facts of a view, given the features and first guesses of its items."""
    context = build_context(view, guesses)
    facts = []
    for place, item in enumerate(view.items):
        chances = guesses[place]
        if item.type in models.second and chances[NONE] < HOPELESS:
            chances = models.second[item.type].probabilities(context_features(view, place, context))
        label = max((name for name in chances if name != NONE), key=chances.__getitem__)
        if 1 - chances[NONE] < (least or LEAST).get(item.type, 0.5):
            continue
        kinds = models.kinds.probabilities([*features[place], f"T={item.type}"])
        facts.append(Fact(item, label, chances[label], kinds, line_orgs(view, item)))
    return order(facts)


def order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in order of the text, those of the title last: a headline sums up what the text tells."""
    return sorted(facts, key=lambda fact: (fact.item.part == "title", fact.item.token))


def line_orgs(view: View, item: Item) -> frozenset[int]:
    """The parties mentioned in the item's line."""
    return frozenset(mark.party.entity.entity_id for mark in view.line_of(item).parties if mark.party)


def read_models() -> Models:
    """The classifiers that travel with the project."""
    return Models(
        fields={kind: read_classifier(f"field_{kind}") for kind in ITEM_TYPES},
        kinds=read_classifier("kind"),
        second={kind: read_classifier(f"second_{kind}") for kind in ITEM_TYPES},
    )
