"""Measure how often claims of a given confidence are right, on documents the models had not seen, and write the steps.

    python training/calibrate.py PREDICTED.pkl [--room reader/] [--write]

``PREDICTED.pkl`` is what ``fit.py --folds 5 --predicted`` keeps. Prints the calibration error before and after; what
stands after is itself measured across halves of the documents, each by the steps of the other.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from itertools import pairwise
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

import numpy as np
from scipy.optimize import isotonic_regression

from extractors.deals.calibration import share
from extractors.deals.linear import WEIGHTS
from extractors.evaluate import HEADLINE, SECONDARY, compare, evaluate, pair_deals

LEAST = 25  # claims a step


def claims_of(gold, predicted):
    """By field, (confidence, right) of every claim."""
    found = {}
    for document in gold:
        wanted, given = document["deals"], predicted[document["id"]]["deals"]
        paired = {j: wanted[i] for i, j in pair_deals(wanted, given)}
        for n, deal in enumerate(given):
            for name, confidence in deal["confidence"].items():
                if name in HEADLINE or name in SECONDARY:
                    tally = compare(name, paired.get(n, {}), deal)
                    found.setdefault(name, []).append((confidence, float(bool(tally.right and not tally.extra))))
    return found


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


def main():
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predicted", type=Path)
    parser.add_argument("--room", default="")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    predicted = pickle.loads(options.predicted.read_bytes())[None]
    documents = Path(__file__).resolve().parent / "documents"
    gold = [json.loads(line) for path in sorted(documents.glob("*.jsonl")) for line in path.read_text().splitlines()]
    gold = [document for document in gold if document["id"] in predicted]
    print(f"before: {evaluate(gold, predicted).calibration_error:.3f}")
    after = {}
    for half in (0, 1):
        table = {name: steps_of(pairs) for name, pairs in claims_of(gold[1 - half :: 2], predicted).items()}
        after |= recalibrated({one["id"]: predicted[one["id"]] for one in gold[half::2]}, table)
    scores = evaluate(gold, after)
    print(f"after, each half by the other's steps: {scores.calibration_error:.3f}")
    for number, step in sorted(scores.reliability.items()):
        print(f"{number / 10:.1f}  {step.claims:6d}  {step.promised / step.claims:.3f}  {step.right / step.claims:.3f}")
    if options.write:
        table = {name: steps_of(pairs) for name, pairs in claims_of(gold, predicted).items()}
        path = WEIGHTS / options.room / "calibration.json"
        rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(steps)}" for name, steps in sorted(table.items()))
        path.write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
