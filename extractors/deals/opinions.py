"""What the trained reader thinks of a document's candidates, as features of the assembler's models.

The reader gives chances and nothing else: values, evidence and hedges stay the grammar's. Without it (``View.opinions``
is None) the same models work on the words alone, with weights fitted so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from extractors.deals.facts import Fact
    from extractors.deals.view import Item, Mark

Floats = NDArray[np.float32]

LABELS = "none total monthly power gross option count term rate start end anchor site model".split()
FIELDS: Mapping[str, tuple[str, ...]] = {
    "money": ("total", "monthly"),
    "power": ("power", "gross", "option"),
    "gpus": ("count",),
    "duration": ("term",),
    "gpu_rate": ("rate",),
    "date": ("start", "end"),
    "trigger": ("anchor",),
    "site": ("site",),
    "model": ("model",),
}
KINDS = "compute lease power hardware financing acquisition build".split()
STATUSES = "signed planned terminated".split()
ROLE_COLUMNS = {"supplier": 0, "customer": 1}
LEAST, STEPS, MOST = -8.0, 6, 40


@dataclass(slots=True)
class Opinions:
    """Log chances by candidate, a row each; ``places`` leads from the id() of an item or mark to its row.

    ``labels`` by LABELS, ``kinds`` by KINDS, ``statuses`` by STATUSES; ``roles`` gives for rows and a column (0 nobody,
    else that of a party in ``columns``, by entity id) the log chances of its being supplier and customer; ``links`` for
    rows and other rows the logits that they tell one deal.
    """

    places: Mapping[int, int]
    labels: Floats
    kinds: Floats
    statuses: Floats
    roles: Callable[[Sequence[int], int], Floats]
    columns: Mapping[int, int]
    links: Callable[[Sequence[int], Sequence[int]], Floats]

    def of_item(self, item: Item) -> list[str]:
        """How likely an item states each field that its type may state, in steps."""
        row = self.places.get(id(item))
        if row is None:
            return []
        found = [
            f"o:{name}={_step(_odds(self.labels[row, LABELS.index(name)]))}" for name in ("none", *FIELDS[item.type])
        ]
        best = int(self.kinds[row].argmax())
        return [*found, f"o:kind={KINDS[best]}|{_step(_odds(self.kinds[row, best]))}"]

    def joins(self, fact: Fact, facts: Sequence[Fact]) -> dict[str, float]:
        """How much speaks for a fact telling of the same deal as others."""
        own, others = self._rows([fact]), self._rows(facts)
        if not (own and others):
            return {}
        links = self.links(own, others)
        return {"o:link": _bounded(links.mean()), "o:most": _bounded(links.max()), "o:least": _bounded(links.min())}

    def opens(self, fact: Fact, groups: Sequence[Sequence[Fact]]) -> dict[str, float]:
        """How much speaks for a fact opening a deal of its own: how little it is tied to any other."""
        found = [self.joins(fact, facts) for facts in groups]
        means = [one["o:link"] for one in found if one]
        return {"o:new": max(means), "o:newmost": max(one["o:most"] for one in found if one)} if means else {}

    def of_party(self, entity: int | None, facts: Sequence[Fact]) -> dict[str, float]:
        """How likely a party (None for nobody) is supplier and customer of what the facts tell."""
        rows, column = self._rows(facts), 0 if entity is None else self.columns.get(entity)
        if not rows or column is None:
            return {}
        found = {}
        both = self.roles(rows, column)
        for role, at in ROLE_COLUMNS.items():
            chances = both[:, at]
            found[f"o:{role}"] = _bounded(chances.mean())
            found[f"o:{role}most"] = _bounded(chances.max())
        return found

    def of_mark(self, mark: Mark, facts: Sequence[Fact]) -> dict[str, float]:
        """How likely a place or chip belongs to what the facts tell."""
        own, others = self.places.get(id(mark)), self._rows(facts)
        if own is None or not others:
            return {}
        links = self.links([own], others)
        label = LABELS.index("site" if mark.site is not None else "model")
        return {
            "o:states": _bounded(self.labels[own, label] - self.labels[own, 0]),
            "o:tied": _bounded(links.mean()),
            "o:tiedmost": _bounded(links.max()),
        }

    def of_chip(self, marks: Sequence[Mark], facts: Sequence[Fact]) -> list[str]:
        """How likely a chip, by its best mention, belongs to what the facts tell, in steps."""
        found = [one for mark in marks if (one := self.of_mark(mark, facts))]
        if not found:
            return []
        return [f"{name}={_step(max(one[name] for one in found))}" for name in ("o:states", "o:tied", "o:tiedmost")]

    def of_group(self, facts: Sequence[Fact]) -> dict[str, list[str]]:
        """Kind, status and standing of what the facts tell, in steps, under these three names."""
        rows = self._rows(facts)
        if not rows:
            return {"kind": [], "status": [], "deal": []}
        kinds, statuses = self.kinds[rows].mean(0), self.statuses[rows].mean(0)
        standing = 1 - np.exp(self.labels[rows, 0])
        anchors = [fact for fact in facts if fact.label == "anchor"]
        spoken = self._rows(anchors) or rows
        return {
            "kind": [f"o:{name}={_step(_odds(value))}" for name, value in zip(KINDS, kinds, strict=True)],
            "status": [f"o:{name}={_step(_odds(value))}" for name, value in zip(STATUSES, statuses, strict=True)]
            + [f"o:said={STATUSES[int(self.statuses[spoken].mean(0).argmax())]}"],
            "deal": [
                f"o:sure={int(9.99 * standing.max())}",
                f"o:mean={int(9.99 * standing.mean())}",
                f"o:mass={min(int(2 * standing.sum()), 14)}",
                f"o:tied={_step(self._cohesion(rows))}",
            ],
        }

    def of_deal(self, facts: Sequence[Fact]) -> dict[str, float]:
        """How closely the facts of a deal are tied, and how surely they state something."""
        rows = self._rows(facts)
        if not rows:
            return {}
        standing = 1 - np.exp(self.labels[rows, 0])
        return {"tied": _bounded(self._cohesion(rows)), "stands": _bounded(standing.mean())}

    def _cohesion(self, rows: Sequence[int]) -> float:
        if len(rows) < 2:
            return 0.0
        block = self.links(rows, rows)
        return float((block.sum() - np.trace(block)) / (len(rows) * (len(rows) - 1)))

    def _rows(self, facts: Sequence[Fact]) -> list[int]:
        # The last ones stand for all where a text repeats itself without end.
        return [self.places[id(fact.item)] for fact in facts[-MOST:] if id(fact.item) in self.places]


def _bounded(value: float) -> float:
    # Steps of a hundredth: processors differ in the last digits, and an answer may not hang on those.
    return round(float(min(max(value, LEAST), -LEAST)), 2)


def _odds(chance: float) -> float:
    """A log chance as log odds."""
    chance = min(float(chance), -1e-4)
    return chance - math.log1p(-math.exp(chance))


def _step(value: float) -> int:
    """Log odds in whole steps, bounded."""
    return round(min(max(float(value), -float(STEPS)), float(STEPS)))
