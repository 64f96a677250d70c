"""Items that state a term: each with the field it fills and the kind of deal it speaks of, as likelihoods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.candidates import DateMention, Quantity
from extractors.deals.barred import cannot_be_term
from extractors.deals.features import item_features, line_features
from extractors.deals.linear import Classifier, Sums, read_classifier
from extractors.deals.view import ITEM_TYPES, Item, View

NONE = "none"
LEAST = 0.4
Guess = Mapping[str, float]
Rows = Sequence[Sequence[str]]


@dataclass(slots=True)
class Models:
    """The classifiers of items: of fields for each type, and one of kinds for all."""

    fields: Mapping[str, Classifier]
    kinds: Classifier


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


def find_facts(view: View, models: Models) -> list[Fact]:
    """The items of a view that fill a field, in order of the text, the title's last."""
    shared = [line_features(view, n) if line.items else [] for n, line in enumerate(view.lines)]
    features = [item_features(view, item) for item in view.items]
    return facts_from(view, features, shared, guess_fields(view, features, shared, models), models)


def guess_fields(view: View, features: Rows, shared: Rows, models: Models) -> list[Guess]:
    """The first guess at each item's field; ``features`` go by item, ``shared`` by line."""
    sums: dict[tuple[str, int], Sums] = {}
    guesses: list[Guess] = []
    for item, row in zip(view.items, features, strict=True):
        model, key = models.fields[item.type], (item.type, item.sentence)
        if key not in sums:
            sums[key] = model.sums(shared[item.sentence])
        guesses.append(model.settle(model.bias, model.sums(row), sums[key]))
    return guesses


def facts_from(view: View, features: Rows, shared: Rows, guesses: Sequence[Guess], models: Models) -> list[Fact]:
    """The facts of a view, given the features and first guesses of its items."""
    facts = []
    for place, item in enumerate(view.items):
        chances = guesses[place]
        if 1 - chances[NONE] < LEAST or cannot_be_term(view, item):
            continue
        label = max((name for name in chances if name != NONE), key=chances.__getitem__)
        kinds = models.kinds.probabilities([*features[place], *shared[item.sentence], f"T={item.type}"])
        facts.append(Fact(item, label, chances[label], kinds, line_orgs(view, item)))
    return order(facts)


def order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in order of the text, those of the title last: a headline sums up what the text tells."""
    return sorted(facts, key=lambda fact: (fact.item.part == "title", fact.item.token))


def line_orgs(view: View, item: Item) -> frozenset[int]:
    """The parties mentioned in the item's line."""
    return frozenset(mark.party.entity.entity_id for mark in view.line_of(item).parties if mark.party)


def read_models(room: str = "") -> Models:
    """The classifiers that travel with the project; ``room`` is the folder of the weights, with its slash."""
    return Models(
        fields={kind: read_classifier(f"{room}field_{kind}") for kind in ITEM_TYPES},
        kinds=read_classifier(f"{room}kind"),
    )
