"""A copy of an annotated document with invented names for its parties, so that nothing learnt leans on a known name."""

from __future__ import annotations

import random
import re

STARTS = "Al Bar Cor Dun El Far Gor Hol Ix Jor Kel Lum Mar Nev Or Pel Quin Ros Sol Tam Ul Vor Wes Xan Yar Zel".split()
ENDS = "ane bury dale ento field gate hurst ian keth light mont nova ora peak quist ridge stone tis vane wick".split()
TAILS = ["", "", "", *"Digital Compute Energy Power Systems Cloud Capital Technologies AI Labs".split()]
KEPT = frozenset("id deal_key published source kind status facts_from gpu_model".split())


def swap_names(document: dict, *, seed: int) -> dict:
    """The document with each party under one invented name throughout: title, text, annotations and evidence."""
    rng = random.Random(f"{seed} {document['id']}")
    table: dict[str, str] = {}
    for names in _parties(document):
        stem = rng.choice(STARTS) + rng.choice(ENDS)
        full = f"{stem} {rng.choice(TAILS)}".strip()
        for place, name in enumerate(sorted(names, key=len, reverse=True)):
            table.setdefault(name, stem if place else full)
            first = name.split()[0]
            if first != name and len(first) > 3 and first[0].isupper():
                table.setdefault(first, stem)
    if not table:
        return document
    longest_first = sorted(table, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    return {key: _rewritten(value, pattern, table, key=key) for key, value in document.items()}


def _parties(document: dict) -> list[list[str]]:
    """The names of each party, those that share a name taken together."""
    found: list[list[str]] = []
    stated = [deal.get(role) for deal in document["deals"] for role in ("supplier", "customer")]
    for names in [*stated, *([price["provider"]] for price in document["prices"] if price.get("provider"))]:
        names = [names] if isinstance(names, str) else list(names or ())
        same = next((one for one in found if {*map(str.lower, one)} & {*map(str.lower, names)}), None)
        if same is None:
            found.append(names)
        else:
            same += [name for name in names if name not in same]
    return [names for names in found if names]


def _rewritten(value, pattern, table, *, key=""):
    if key in KEPT:
        return value
    if isinstance(value, str):
        return pattern.sub(lambda match: table[match.group()], value)
    if isinstance(value, list):
        return [_rewritten(one, pattern, table) for one in value]
    if isinstance(value, dict):
        # What a passage of evidence is filed under says nothing of what stands in it.
        return {
            name: _rewritten(one, pattern, table, key="" if key == "evidence" else name) for name, one in value.items()
        }
    return value
