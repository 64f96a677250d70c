"""How often a claim of a given confidence is right: steps read off documents that the models had not seen.

``weights/calibration.json`` holds for each field rising pairs ``[raw, share]``: a claim of at least ``raw`` by the
models' own reckoning was right in that share of cases. ``training/calibrate.py`` measures them.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from extractors.deals.linear import WEIGHTS
from megawatch.errors import LexiconError
from megawatch.market import DealMention

Steps = Sequence[Sequence[float]]
Calibration = Mapping[str, Steps]


@cache
def read_calibration(room: str = "") -> Calibration:
    """The measured steps of each field; raises LexiconError where the file is missing or broken."""
    path = WEIGHTS / room / "calibration.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise LexiconError(f"{path.name}: {fault}. Run training/calibrate.py, or install Megawatch again.") from fault
    return {name: tuple(map(tuple, steps)) for name, steps in found.items()}


def calibrate(deal: DealMention, calibration: Calibration) -> DealMention:
    """The deal with each term's confidence as the share of such terms that were right."""
    terms = (
        replace(term, confidence=share(term.confidence, calibration[term.field])) if term.field in calibration else term
        for term in deal.terms
    )
    return replace(deal, terms=tuple(terms))


def share(raw: float, steps: Steps) -> float:
    """The share of the highest step that a confidence reaches.

    >>> share(0.8, ((0.0, 0.3), (0.7, 0.9)))
    0.9
    """
    place = bisect_right(steps, raw, key=lambda step: step[0])
    return steps[max(place - 1, 0)][1]
