"""A group of facts that runs from one agreement into the next is cut where other parties and other figures begin."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.deals.facts import Fact
from extractors.deals.groups import Group
from extractors.deals.view import View

CLASHES = 2


def split_strangers(view: View, groups: Sequence[Group]) -> list[Group]:
    """The groups, each cut before a paragraph that names other parties only and gives two or more fields anew."""
    return [part for group in groups for part in _split(view, group)]


def _split(view: View, group: Group) -> list[Group]:
    blocks: dict[int, list[Fact]] = {}
    for fact in group.facts:
        blocks.setdefault(_block(view, fact), []).append(fact)
    if len(blocks) < CLASHES:
        return [group]
    parts: list[list[Fact]] = []
    for number in sorted(blocks):
        if parts and _is_other(view, parts[-1], blocks[number]):
            parts.append(list(blocks[number]))
        elif parts:
            parts[-1] += blocks[number]
        else:
            parts.append(list(blocks[number]))
    return [group] if len(parts) == 1 else [_group(part, group.turn) for part in parts]


def _block(view: View, fact: Fact) -> int:
    """The line of the text in which a fact stands, by its first character; the title before all."""
    if fact.item.part == "title":
        return -1
    return view.reading.document.text.rfind("\n", 0, fact.item.start)


def _is_other(view: View, before: Sequence[Fact], here: Sequence[Fact]) -> bool:
    first, second = (_named(view, facts) for facts in (before, here))
    if not first or not second or first & second:
        return False
    mine, theirs = (_values(facts) for facts in (before, here))
    return sum(mine[label].isdisjoint(theirs[label]) for label in mine.keys() & theirs.keys()) >= CLASHES


def _named(view: View, facts: Sequence[Fact]) -> set[int]:
    """The parties that the lines of some facts call by name."""
    lines = {fact.item.sentence for fact in facts}
    parties = [mark.party for number in lines for mark in view.lines[number].parties if mark.party is not None]
    return {one.entity.entity_id for one in parties if one.form in ("name", "ticker", "defined")}


def _values(facts: Sequence[Fact]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fact in facts:
        if fact.label != "anchor":
            found.setdefault(fact.label, set()).add(str(fact.value))
    return found


def _group(facts: Sequence[Fact], turn: int) -> Group:
    group = Group()
    for fact in facts:
        group.add(fact, turn=turn)
    return group
