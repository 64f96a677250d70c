"""Which mention of a new reading is which mention of the one before, so that ids and judgements last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from megawatch.ledger.encode import encode_value
from megawatch.market import DealMention

LEAST_LIKENESS = 0.34


def facts_of(deal: DealMention) -> frozenset[tuple[str, str]]:
    """What a mention says, without where it says it."""
    return frozenset((term.field, encode_value(term.value)) for term in deal.terms)


def match_mentions(
    before: Mapping[str, frozenset[tuple[str, str]]], after: Sequence[frozenset[tuple[str, str]]]
) -> dict[int, str]:
    """For positions of ``after``, the id of the mention of ``before`` that each goes on; the likest pairs first.

    Likeness is the share of (field, value) pairs that both have; below a third a mention counts as another, unless it
    is the only one on both sides and of one kind.
    """
    pairs = sorted(
        (
            (-_likeness(old, new), mention_id, position)
            for mention_id, old in before.items()
            for position, new in enumerate(after)
        ),
    )
    found: dict[int, str] = {}
    alone = len(before) == len(after) == 1
    for likeness, mention_id, position in pairs:
        if position in found or mention_id in found.values():
            continue
        if -likeness >= LEAST_LIKENESS or (alone and _kind(before[mention_id]) == _kind(after[position])):
            found[position] = mention_id
    return found


def _likeness(old: frozenset[tuple[str, str]], new: frozenset[tuple[str, str]]) -> float:
    return len(old & new) / len(old | new)


def _kind(facts: frozenset[tuple[str, str]]) -> str:
    return next((value for field, value in facts if field == "kind"), "")
