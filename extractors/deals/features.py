"""What can be seen around a figure, date or deal word: the features on which the small models rest.

A feature is a short text. Names never enter, only placeholders; so a company that was never seen counts like any other.
"""

from __future__ import annotations

import math
from functools import cache

from extractors.candidates import DateMention, Quantity
from extractors.deals.view import Item, Line, View
from extractors.triggers import trigger_forms, trigger_kinds, word_classes

_STOP = frozenset(
    ("the a an of to and in that it is was its as by on at for with from which has have had be will , .").split()
)
_SUFFIXES = ("ing", "ed", "es", "s")


@cache
def stem(word: str) -> str:
    """A deal word's lemma, or a word without its commonest endings."""
    trigger = trigger_forms().get(word)
    if trigger is not None:
        return trigger.lemma
    if len(word) > 4 and word[0] != "<":
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 4:
                return word[: -len(suffix)]
    return word


def item_features(view: View, item: Item) -> list[str]:
    """The features of one item: its own make, the words around it, its place in the line and its column."""
    line = view.line_of(item)
    found = window_features(view.words, item.token, line)
    found += _own_features(view, item)
    found += _place_features(view, item, line)
    if view.opinions is not None:
        found += view.opinions.of_item(item)
    return found


def window_features(words: list[str], token: int, line: Line, *, prefix: str = "") -> list[str]:
    """The words close to a token: one by one, in pairs, and as bags to the left and right within the line."""
    first, last = line.first, line.last
    left = words[max(first, token - 8) : token][::-1]
    right = words[token + 1 : min(last, token + 9)]
    found = [f"{prefix}L{n}={word}" for n, word in enumerate(left[:4])]
    found += [f"{prefix}R{n}={word}" for n, word in enumerate(right[:4])]
    l0, l1, l2 = ([*left[:3], "<s>", "<s>", "<s>"])[:3]
    r0, r1, r2 = ([*right[:3], "</s>", "</s>", "</s>"])[:3]
    found += [
        f"{prefix}LL={l1} {l0}",
        f"{prefix}RR={r0} {r1}",
        f"{prefix}LR={l0} {r0}",
        f"{prefix}LLL={l2} {l1} {l0}",
        f"{prefix}RRR={r0} {r1} {r2}",
        f"{prefix}SL={stem(l1)} {stem(l0)}",
        f"{prefix}SR={stem(r0)} {stem(r1)}",
    ]
    found += dict.fromkeys(f"{prefix}l={stem(word)}" for word in left if word not in _STOP)
    found += dict.fromkeys(f"{prefix}r={stem(word)}" for word in right if word not in _STOP)
    found += _class_features(left, right, prefix)
    return found


def _class_features(left: list[str], right: list[str], prefix: str) -> list[str]:
    """The classes of the words on both sides, close by (three words) or not."""
    classes, found = word_classes(), set()
    for side, words in (("L", left), ("R", right)):
        for n, word in enumerate(words):
            for name in classes.get(word, ()):
                found.add(f"{prefix}{side}c={name}")
                if n < 3:
                    found.add(f"{prefix}{side}n={name}")
    return sorted(found)


def _own_features(view: View, item: Item) -> list[str]:
    payload = item.payload
    if isinstance(payload, Quantity):
        return _quantity_features(payload)
    if isinstance(payload, DateMention):
        return _date_features(view, payload)
    return [f"lemma={item.lemma}", f"form={item.quote.lower()}"]


def _quantity_features(quantity: Quantity) -> list[str]:
    size = math.floor(2 * math.log10(float(quantity.value))) if quantity.value > 0 else -9
    found = [f"size={size}", f"per={quantity.per}", f"hedge={quantity.hedge}", f"basis={quantity.basis}"]
    found += [f"cue={cue}" for cue in sorted(quantity.cues)]
    if quantity.kind in ("money", "gpu_rate"):
        found.append(f"dollars={quantity.currency == 'USD'}{quantity.same_as is not None}")
    if quantity.models:
        found.append("models")
    if quantity.high is not None:
        found.append("range")
    return found


def _date_features(view: View, date: DateMention) -> list[str]:
    published = view.reading.document.published or ""
    months = _months_between(published, date.value)
    found = [f"precision={date.precision}", f"dcue={date.cue}", f"relative={date.relative}", f"line={date.dateline}"]
    if months is not None:
        bucket = next((n for n, edge in enumerate((-24, -6, -1, 0, 1, 6, 18, 36, 60)) if months < edge), 9)
        found += [f"months={bucket}", f"future={months > 0}"]
    return found


def _months_between(published: str, value: str) -> int | None:
    if len(published) < 7 or not value[:4].isdigit():
        return None
    tail = value[5:]
    month = {"H1": 3, "H2": 9, "Q1": 2, "Q2": 5, "Q3": 8, "Q4": 11, "": 6}.get(tail)
    if month is None:
        month = int(tail[:2]) if tail[:2].isdigit() else 6
    return (int(value[:4]) - int(published[:4])) * 12 + month - int(published[5:7])


def _place_features(view: View, item: Item, line: Line) -> list[str]:
    same = [other for other in line.items if other.type == item.type]
    types = {other.type for other in line.items if other is not item}
    found = [f"has={kind}" for kind in sorted(types)]
    found += [f"nth={min(same.index(item), 3)}of{min(len(same), 4)}", f"sides={_sides(item, line)}"]
    header = view.columns.get((item.part, item.start))
    if header:
        found += dict.fromkeys(f"col={word}" for word in header.split())
    return found + _nearest_triggers(item, line)


def line_features(view: View, number: int) -> list[str]:
    """What all items of a line share: its words, the deal words of the line before, its heading and its make."""
    line = view.lines[number]
    found = [
        f"linekind={line.sentence.kind}",
        f"par={min(line.sentence.paragraph, 4)}",
        f"source={view.reading.document.source}",
        f"orgs={min(len(line.parties), 3)}",
    ]
    found += [f"s={word}" for word in sorted(line_words(view, line))]
    found += [f"sc={name}" for name in sorted(line_classes(view, line))]
    if number:
        before = view.lines[number - 1]
        found += dict.fromkeys(f"p={other.lemma}" for other in before.items if other.type == "trigger")
    if line.heading >= 0:
        found += [f"h={word}" for word in sorted(line_words(view, view.lines[line.heading]))]
    return found


def _sides(item: Item, line: Line) -> str:
    left = sum(mark.token < item.token for mark in line.parties)
    return f"{min(left, 2)}{min(len(line.parties) - left, 2)}"


def line_words(view: View, line: Line) -> set[str]:
    """The stems of a line that carry meaning."""
    return {stem(word) for word in view.words[line.first : line.last] if word not in _STOP and word.isalpha()}


def line_classes(view: View, line: Line) -> set[str]:
    """The classes of the words of a line."""
    classes = word_classes()
    return {name for word in view.words[line.first : line.last] for name in classes.get(word, ())}


def _nearest_triggers(item: Item, line: Line) -> list[str]:
    left = right = None
    kinds: set[str] = set()
    for other in line.items:
        if other.type != "trigger" or other is item:
            continue
        kinds.update(trigger_kinds(other.lemma))
        if other.token < item.token:
            left = other
        elif right is None:
            right = other
    found = [f"sk={kind}" for kind in sorted(kinds)]
    if left is not None:
        found += [f"lt={left.lemma}", f"ltd={left.lemma}{item.token - left.token < 6}"]
        found += [f"lk={kind}" for kind in trigger_kinds(left.lemma)]
    if right is not None:
        found += [f"rk={kind}" for kind in trigger_kinds(right.lemma)]
        found += [f"rt={right.lemma}", f"rtd={right.lemma}{right.token - item.token < 6}"]
    return found
