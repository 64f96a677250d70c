"""Deal words and word classes are data: each line holds what must be found and what must not."""

import json
import re

import pytest

from extractors.triggers import PATTERNS, find_trigger, read_triggers, trigger_kinds, word_classes
from megawatch.errors import LexiconError

WORD = re.compile(r"\w+(?:[’'\-–&.]\w+)*|[^\w\s]")
CLASSES = [json.loads(line) for line in (PATTERNS / "word_classes.jsonl").read_text(encoding="utf-8").splitlines()]


def lemmas(sentence: str) -> set[str]:
    found = (find_trigger(sentence, *word.span()) for word in WORD.finditer(sentence))
    return {trigger.lemma for trigger in found if trigger is not None}


@pytest.mark.parametrize("trigger", read_triggers(), ids=lambda trigger: trigger.lemma)
def test_examples_hold_the_word_and_counter_examples_do_not(trigger) -> None:
    assert all(trigger.lemma in lemmas(example) for example in trigger.examples)
    assert not any(trigger.lemma in lemmas(example) for example in trigger.counter_examples)


def test_no_form_belongs_to_two_words() -> None:
    forms = [form for trigger in read_triggers() for form in trigger.forms]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize("row", CLASSES, ids=lambda row: row["class"])
def test_word_classes_hold_their_examples(row) -> None:
    def named(sentence: str) -> set[str]:
        classes = word_classes()
        return {name for word in WORD.findall(sentence.lower()) for name in classes.get(word, ())}

    assert all(row["class"] in named(example) for example in row["examples"])
    assert not any(row["class"] in named(example) for example in row["counter_examples"])


def test_kinds_of_a_word() -> None:
    assert trigger_kinds("loan") == ("financing",)
    assert trigger_kinds("sign") == ()


def test_a_broken_line_is_named(tmp_path) -> None:
    path = tmp_path / "triggers.jsonl"
    path.write_text(
        '{"lemma": "lease", "forms": ["lease"], "kinds": ["rental"], "examples": [], "counter_examples": []}'
    )
    with pytest.raises(LexiconError, match=r"triggers.jsonl, line 1.*rental"):
        read_triggers(path)
