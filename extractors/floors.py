"""The scores once reached on a set of annotated documents, below which a change is not let in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from extractors.evaluate import CEILINGS
from megawatch.errors import ExtractionError

FLOORS = Path(__file__).resolve().parent / "floors.json"
_SLACK = 0.0005

Floors = dict[str, dict[str, float]]


def read_floors(path: Path = FLOORS) -> Floors:
    """For each set of documents the figures it may not fall below (or, for ceilings, rise above)."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise ExtractionError(f"{path.name} cannot be read ({fault}): restore it from the repository.") from fault
    return {name: {figure: float(value) for figure, value in figures.items()} for name, figures in found.items()}


def find_falls(figures: Mapping[str, float], floor: Mapping[str, float]) -> tuple[str, ...]:
    """One sentence for each figure that is worse than its floor."""
    falls = []
    for name, least in sorted(floor.items()):
        value = figures.get(name, 0.0)
        worse = value > least + _SLACK if name in CEILINGS else value < least - _SLACK
        if worse:
            side = "ceiling" if name in CEILINGS else "floor"
            falls.append(f"{name} is {value:.3f}, its {side} is {least:.3f}")
    return tuple(falls)


def raise_floors(name: str, figures: Mapping[str, float], *, lower: bool = False, path: Path = FLOORS) -> Floors:
    """Write the figures reached on the set ``name``; what would lower a floor is kept out unless ``lower`` says so."""
    floors = read_floors(path) if path.exists() else {}
    old = floors.get(name, {})
    fresh = {}
    for figure, value in figures.items():
        known = old.get(figure)
        better = known is None or (value <= known if figure in CEILINGS else value >= known)
        fresh[figure] = round(value, 4) if better or lower or known is None else known
    floors[name] = fresh
    path.write_text(json.dumps(floors, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return floors
