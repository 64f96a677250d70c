import math

import pytest

from extractors.deals.linear import Classifier, Ranker, read_classifier, softmax, to_classifier
from megawatch.errors import LexiconError


def test_a_classifier_adds_up_the_weights_of_what_holds() -> None:
    model = Classifier(("no", "yes"), (0.0, 0.0), {"a": (0.0, 1.0), "b": (0.0, 2.0)})
    chances = model.probabilities(["a", "b", "never seen"])
    assert chances["yes"] == pytest.approx(1 / (1 + math.exp(-3)))
    assert sum(chances.values()) == pytest.approx(1)


def test_sums_added_apart_settle_alike() -> None:
    model = Classifier(("no", "yes"), (0.5, 0.0), {"a": (0.0, 1.0), "b": (0.3, 2.0)})
    apart = model.settle(model.bias, model.sums(["a"]), model.sums(["b"]))
    assert apart == pytest.approx(model.probabilities(["a", "b"]))


def test_a_ranker_scores_by_weight_times_value() -> None:
    assert Ranker({"near": 2.0, "far": -1.0}).score({"near": 0.5, "far": 1.0, "unknown": 9.0}) == 0.0


def test_softmax_of_large_sums() -> None:
    assert softmax([1000.0, 1000.0]) == [0.5, 0.5]


def test_missing_or_broken_weights_are_named() -> None:
    with pytest.raises(LexiconError, match=r"nothing.json"):
        read_classifier("nothing")
    with pytest.raises(LexiconError, match="labels"):
        to_classifier({"labels": 1, "bias": [], "weights": {}})
