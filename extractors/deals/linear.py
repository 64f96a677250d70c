"""Small linear models whose weights are data: one JSON file each, fitted by ``training/fit.py``, nothing to download.

A model adds up the weights of the features that hold; what it says is read off those sums and nothing else, so the same
text gives the same answer everywhere.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from megawatch.errors import LexiconError

Sums = tuple[float, ...]
WEIGHTS = Path(__file__).resolve().parent / "weights"


@dataclass(frozen=True, slots=True)
class Classifier:
    """Chooses one of ``labels``; ``weights`` holds for each feature one weight a label, ``bias`` one a label."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[float, ...]]

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """How likely each label is, summing to 1."""
        return self.settle(self.sums(features), self.bias)

    def sums(self, features: Iterable[str]) -> Sums:
        """The weights of the features added up, one sum a label; for parts that several calls share."""
        get = self.weights.get
        rows = [row for row in map(get, features) if row is not None]
        return tuple(map(sum, zip(*rows, strict=True))) if rows else (0.0,) * len(self.labels)

    def settle(self, *parts: Sums) -> dict[str, float]:
        """How likely each label is, from sums that have been added up apart."""
        return dict(zip(self.labels, softmax(list(map(sum, zip(*parts, strict=True)))), strict=True))


@dataclass(frozen=True, slots=True)
class Ranker:
    """Scores candidates beside one another; ``weights`` holds one weight a feature."""

    weights: Mapping[str, float]

    def score(self, features: Mapping[str, float]) -> float:
        """The sum of weight times value over the features."""
        get, total = self.weights.get, 0.0
        for name, value in features.items():
            weight = get(name)
            if weight is not None:
                total += weight * value
        return total


def softmax(sums: Sequence[float]) -> list[float]:
    """The sums as probabilities."""
    top = max(sums)
    powers = [math.exp(value - top) for value in sums]
    total = sum(powers)
    return [power / total for power in powers]


@cache
def _read(name: str) -> dict[str, object]:
    path = WEIGHTS / f"{name}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise LexiconError(f"{path.name}: {fault}. Run training/fit.py, or install Megawatch again.") from fault
    if not isinstance(found, dict):
        raise LexiconError(f"{path.name} does not hold weights: run training/fit.py.")
    return found


@cache
def read_classifier(name: str) -> Classifier:
    """The classifier in ``weights/<name>.json``; raises LexiconError where the file is missing or broken."""
    return to_classifier(_read(name))


@cache
def read_ranker(name: str) -> Ranker:
    """The ranker in ``weights/<name>.json``; raises LexiconError where the file is missing or broken."""
    return to_ranker(_read(name))


def to_classifier(data: Mapping[str, object]) -> Classifier:
    """A classifier from its JSON form."""
    labels, bias, weights = data["labels"], data["bias"], data["weights"]
    if not (isinstance(labels, list) and isinstance(bias, list) and isinstance(weights, dict)):
        raise LexiconError("weights need labels, bias and weights: run training/fit.py.")
    return Classifier(tuple(labels), tuple(bias), {name: tuple(row) for name, row in weights.items()})


def to_ranker(data: Mapping[str, object]) -> Ranker:
    """A ranker from its JSON form."""
    weights = data["weights"]
    if not isinstance(weights, dict):
        raise LexiconError("a ranker needs weights: run training/fit.py.")
    return Ranker(dict(weights))
