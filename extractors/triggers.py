"""Words that tell of a deal: which lemma a token belongs to, which kinds of deal it may speak of, and its class.

The words are data. ``patterns/triggers.jsonl`` holds one lemma a line with its forms, the kinds it may announce (none:
any kind), and sentences in which it must and must not be found; ``patterns/word_classes.jsonl`` holds words of like
meaning (of cost, of beginning, of hope …), so that what is learnt of one holds for the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from megawatch.errors import LexiconError
from megawatch.market import KINDS, Kind

PATTERNS = Path(__file__).resolve().parent / "patterns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A deal word: its lemma, all its forms in lower case, the kinds it may announce (empty: any).

    ``exceptions`` are the phrases within which it is no deal word ("on the order of").
    """

    lemma: str
    forms: tuple[str, ...]
    kinds: tuple[Kind, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    exceptions: re.Pattern[str] | None = None


def read_triggers(path: Path = PATTERNS / "triggers.jsonl") -> tuple[Trigger, ...]:
    """All deal words of the file, in its order; raises LexiconError naming the line at fault."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_to_trigger(json.loads(line)))
        except (ValueError, KeyError, TypeError) as fault:
            raise LexiconError(f"{path.name}, line {number}: {fault}. Give lemma, forms, kinds, examples.") from fault
    return tuple(found)


def _to_trigger(row: Mapping[str, object]) -> Trigger:
    kinds = tuple(cast("list[str]", row["kinds"]))
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise ValueError(f"unknown kind {unknown[0]!r}")
    return Trigger(
        lemma=str(row["lemma"]),
        forms=tuple(cast("list[str]", row["forms"])),
        kinds=cast("tuple[Kind, ...]", kinds),
        examples=tuple(cast("list[str]", row["examples"])),
        counter_examples=tuple(cast("list[str]", row["counter_examples"])),
        exceptions=_exceptions(cast("list[str]", row.get("except", []))),
    )


def _exceptions(phrases: list[str]) -> re.Pattern[str] | None:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE) if phrases else None


def find_trigger(text: str, start: int, end: int) -> Trigger | None:
    """The deal word at ``text[start:end]``, a possessive one among them, or None."""
    word = text[start:end].lower()
    forms = trigger_forms()
    trigger = forms.get(word) or (forms.get(word[:-2]) if word.endswith(("'s", "’s")) else None)
    if trigger is None or trigger.exceptions is None:
        return trigger
    around = trigger.exceptions.finditer(text, max(0, start - 24), end + 24)
    return None if any(match.start() <= start and end <= match.end() for match in around) else trigger


@cache
def trigger_forms() -> Mapping[str, Trigger]:
    """Each form, in lower case, with its deal word."""
    return {form: trigger for trigger in read_triggers() for form in trigger.forms}


@cache
def _kinds() -> Mapping[str, tuple[Kind, ...]]:
    return {trigger.lemma: trigger.kinds for trigger in read_triggers()}


def trigger_kinds(lemma: str) -> tuple[Kind, ...]:
    """The kinds of deal that a deal word may announce; none stands for any."""
    return _kinds()[lemma]


@cache
def word_classes() -> Mapping[str, tuple[str, ...]]:
    """For each word, in lower case, the classes of like words it belongs to."""
    found: dict[str, tuple[str, ...]] = {}
    path = PATTERNS / "word_classes.jsonl"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            for word in row["words"]:
                found[word] = (*found.get(word, ()), row["class"])
        except (ValueError, KeyError, TypeError) as fault:
            raise LexiconError(f"{path.name}, line {number}: {fault}. Give class, words, examples.") from fault
    return found
