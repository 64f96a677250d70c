"""A second look at each item, once a first guess has been made at all of them.

Whether a figure is a term depends on its neighbours: a sum beside a deal word that surely opens a deal, a power figure in
a document that tells no deal at all. The features here are read off the first guesses only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.candidates import DateMention, Quantity
from extractors.deals.view import Item, View

Guess = Mapping[str, float]


@dataclass(slots=True)
class Context:
    """The first guesses of a document, and the chance that each line holds a deal word that opens one."""

    guesses: Sequence[Guess]
    anchors: Sequence[float]
    surest: float
    many: int


def build_context(view: View, guesses: Sequence[Guess]) -> Context:
    """What the first guesses say of lines and document."""
    anchors = [0.0] * len(view.lines)
    for item, guess in zip(view.items, guesses, strict=True):
        if item.type == "trigger":
            anchors[item.sentence] = max(anchors[item.sentence], guess.get("anchor", 0.0))
    return Context(guesses, anchors, max(anchors, default=0.0), sum(chance > 0.5 for chance in anchors))


def context_features(view: View, place: int, context: Context) -> list[str]:
    """The features of the item at ``place`` of ``view.items``, seen among the others."""
    item, guess = view.items[place], context.guesses[place]
    label = max((name for name in guess if name != "none"), key=guess.__getitem__, default="none")
    sure = _bin(1 - guess["none"])
    around = _around(context, item)
    found = [f"sure={sure}", f"label={label}", f"label={label}|sure={sure}"]
    found += [f"{name}={_bin(chance)}" for name, chance in guess.items()]
    for tag, value in around.items():
        found += [f"{tag}={value}", f"{tag}={value}|{sure}", f"{tag}={value}|{label}"]
    found.append(f"doc={_bin(context.surest)}|{min(context.many, 4)}|{sure}")
    found += _neighbours(view, place, context, sure)
    found += _rivals(view, place, context, label, sure)
    return found


def _bin(chance: float) -> int:
    return bisect_left((0.02, 0.06, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.97), chance)


def _around(context: Context, item: Item) -> dict[str, int]:
    line, anchors = item.sentence, context.anchors
    return {
        "here": _bin(anchors[line]),
        "before": _bin(anchors[line - 1]) if line else 10,
        "after": _bin(anchors[line + 1]) if line + 1 < len(anchors) else 10,
    }


def _neighbours(view: View, place: int, context: Context, sure: int) -> list[str]:
    item, found = view.items[place], []
    for tag, step in (("prev", -1), ("next", 1)):
        other = place + step
        while 0 <= other < len(view.items) and view.items[other].type == "trigger":
            other += step
        if not (0 <= other < len(view.items)):
            continue
        near = view.items[other]
        gap = min(abs(near.sentence - item.sentence), 2)
        chance = 1 - context.guesses[other]["none"]
        found.append(f"{tag}={near.type}|{gap}|{_bin(chance) // 2}")
        found.append(f"{tag}|{gap}|{_bin(chance) // 2}|{sure}")
    return found


def _rivals(view: View, place: int, context: Context, label: str, sure: int) -> list[str]:
    item, own = view.items[place], context.guesses[place].get(label, 0.0)
    value = _value(item)
    better = same = closer = 0
    for other, guess in zip(view.items, context.guesses, strict=True):
        if other is item or other.type != item.type or item.type == "trigger":
            continue
        if guess.get(label, 0.0) > own:
            better += 1
            closer += other.sentence == item.sentence
            same += _value(other) == value
    return [
        f"better={min(better, 3)}|{label}",
        f"better={min(better, 3)}|{sure}",
        f"closer={min(closer, 2)}|{label}",
        f"closer={min(closer, 2)}|{sure}",
        f"same={min(same, 1)}|{label}",
    ]


def _value(item: Item) -> object:
    payload = item.payload
    if isinstance(payload, Quantity | DateMention):
        return payload.value
    return None
