"""Fit the trust in each term, and measure how often claims of each confidence are right.

    python training/calibrate.py PREDICTED.pkl [--room reader] [--write]

The file holds what ``fit.py --folds 5 --predicted FILE`` predicts for documents that the weights have not seen. A
linear model learns from it which claims are right; rising steps then give the share of right ones for what it says.
Printed is each half of the documents by what the other half taught, no deal in both. ``--write`` writes ``trust.json``
and ``calibration.json`` beside the weights.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
from fit import group_examples, report, write
from learn import fit_classifier
from scipy.optimize import isotonic_regression

from extractors.deals.calibration import share
from extractors.deals.linear import WEIGHTS, to_ranker
from extractors.deals.trust import ALWAYS, DOUBTFUL, TOLD, chance_of
from extractors.evaluate import AMOUNTS, HEADLINE, SECONDARY, compare, evaluate, pair_deals

LEAST = 25  # claims a step
SURE = 0.95


def judge(gold, predicted):
    """Every claim of the documents: (deal, field, whether it is right)."""
    for document in gold:
        wanted, given = document["deals"], predicted[document["id"]]["deals"]
        paired = {j: wanted[i] for i, j in pair_deals(wanted, given)}
        for n, deal in enumerate(given):
            for name in deal["confidence"]:
                if name in HEADLINE or name in SECONDARY:
                    tally = compare(name, paired.get(n, {}), deal)
                    yield deal, name, bool(tally.right and not tally.extra)


def fit_trust(gold, predicted):
    """The weights of what speaks for a term, in their JSON form."""
    claims = list(judge(gold, predicted))
    labels = ["yes" if right else "no" for _, _, right in claims]
    data = fit_classifier([deal["grounds"][name] for deal, name, _ in claims], labels, l2=50.0, steps=300)
    no, yes = data["bias"]
    weights = {name: round(row[1] - row[0], 3) for name, row in data["weights"].items()}
    return {"weights": weights | {"one": round(weights.get("one", 0.0) + yes - no, 3)}}


def trusted(predicted, trust):
    """Predictions with the trust in each term as its confidence."""
    ranker = to_ranker(trust)
    return {
        key: {
            "deals": [
                {**deal, "confidence": {name: chance_of(deal["grounds"][name], ranker) for name in deal["confidence"]}}
                for deal in value["deals"]
            ]
        }
        for key, value in predicted.items()
    }


def steps_by_field(gold, predicted):
    """Rising steps for each field, in the form of ``calibration.json``."""
    found = {}
    for deal, name, right in judge(gold, predicted):
        found.setdefault(name, []).append((deal["confidence"][name], float(right)))
    return {name: steps_of(pairs) for name, pairs in found.items()}


def steps_of(pairs):
    """Rising steps of at least LEAST claims each, by isotonic regression over claims of like confidence."""
    values, place, counts = np.unique([pair[0] for pair in pairs], return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=[pair[1] for pair in pairs]) / counts
    edges = isotonic_regression(shares, weights=counts).blocks
    steps, first = [], 0
    for _, end in pairwise(edges):
        if counts[first:end].sum() >= LEAST or end == len(values):
            right = float((shares[first:end] * counts[first:end]).sum() / counts[first:end].sum())
            if steps and (counts[first:end].sum() < LEAST or round(right, 3) <= steps[-1][1]):
                break
            steps.append([round(float(values[first]), 3), round(right, 3)])
            first = end
    steps[0][0] = 0.0
    return steps


def recalibrated(predicted, table):
    """Predictions with the confidences that the steps give."""

    def sure(deal):
        given = deal["confidence"].items()
        return {**deal, "confidence": {name: share(raw, table[name]) if name in table else raw for name, raw in given}}

    return {key: {"deals": [sure(deal) for deal in value["deals"]]} for key, value in predicted.items()}


def kept_of(predicted, doubtful=DOUBTFUL, told=TOLD):
    """Predictions as ``keep_trusted`` leaves them."""

    def kept(deal):
        gone = {name for name, sure in deal["confidence"].items() if sure < doubtful and name not in ALWAYS}
        return {name: value for name, value in deal.items() if name not in gone}

    def trusted_in(deals):
        return deals if max((deal["confidence"]["kind"] for deal in deals), default=0.0) >= told else []

    return {key: {"deals": [kept(deal) for deal in trusted_in(value["deals"])]} for key, value in predicted.items()}


def by_halves(gold, predicted):
    """Each half of the documents with the confidences that the other half taught."""
    examples = [SimpleNamespace(gold=document) for document in gold]
    group_examples(examples)
    after = {}
    for half in (0, 1):
        taught = [e.gold for e in examples if e.group % 2 != half]
        asked = [e.gold["id"] for e in examples if e.group % 2 == half]
        trust = fit_trust(taught, predicted)
        table = steps_by_field(taught, trusted({one["id"]: predicted[one["id"]] for one in taught}, trust))
        after |= recalibrated(trusted({key: predicted[key] for key in asked}, trust), table)
    return after


def print_sure(gold, predicted):
    """How many of the annotated figures are had at which confidence, and how many of those given are right."""
    for title, names in (("figures", AMOUNTS), ("all terms", HEADLINE)):
        wanted = sum(bool(deal.get(name)) for document in gold for deal in document["deals"] for name in names)
        claims = [(deal["confidence"][name], right) for deal, name, right in judge(gold, predicted) if name in names]
        claims.sort(key=lambda claim: -claim[0])
        right = np.cumsum([claim[1] for claim in claims])
        sure = np.flatnonzero(right / np.arange(1, len(right) + 1) >= SURE)
        if len(sure):
            last = sure[-1]
            print(f"{title}: precision {SURE} from {claims[last][0]:.3f} on, recall {right[last] / wanted:.3f}")


def main():
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predicted", type=Path)
    parser.add_argument("--room", default="")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    by_seed = pickle.loads(options.predicted.read_bytes())
    predicted = by_seed[None]
    documents = Path(__file__).resolve().parent / "documents"
    gold = [json.loads(line) for path in sorted(documents.glob("*.jsonl")) for line in path.read_text().splitlines()]
    gold = [document for document in gold if document["id"] in predicted]
    after = by_halves(gold, predicted)
    for title, chosen in (
        ("dev and train", [g for g in gold if g["id"].startswith(("dev-", "train-"))]),
        ("all", gold),
    ):
        report(f"{title}, as assembled", evaluate(chosen, predicted))
        report(f"{title}, without what is doubtful", evaluate(chosen, kept_of(after)))
        print_sure(chosen, after)
    scores = evaluate(gold, after)
    print(f"calibration error {scores.calibration_error:.3f}")
    for number, step in sorted(scores.reliability.items()):
        print(f"{number / 10:.1f}  {step.claims:6d}  {step.promised / step.claims:.3f}  {step.right / step.claims:.3f}")
    if options.write:
        trust = fit_trust(gold, predicted)
        write({"trust": trust}, WEIGHTS / options.room)
        table = steps_by_field(gold, trusted(predicted, trust))
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(steps)}" for name, steps in sorted(table.items()))
        (WEIGHTS / options.room / "calibration.json").write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
