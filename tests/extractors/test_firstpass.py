"""What the first pass keeps and what it sets aside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.firstpass import find_words, may_tell_deals
from extractors.patterns import read_patterns
from megawatch.resources import bundled

ROWS = read_patterns("firstpass", required=("group", "weight", "words", "examples", "counter_examples"))
ROOT = Path(__file__).resolve().parents[2]
ANNOTATED = ROOT / "training" / "documents"
EVALUATION = ROOT.parent / "shared" / "evaluation"
LEAST_KEPT = 0.995


def groups(text: str) -> set[str]:
    return {word.group for word in find_words(text)}


def deal_texts(paths: Iterator[Path]) -> Iterator[str]:
    for path in sorted(paths):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["deals"]:
                yield f"{row['title']}\n{row['text']}"


def share_kept(paths: Iterator[Path]) -> float:
    kept = [may_tell_deals(text) for text in deal_texts(paths)]
    return sum(kept) / len(kept)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["group"])
def test_each_group_finds_its_examples_and_no_counter_example(row: dict[str, list[str]]) -> None:
    assert [text for text in row["examples"] if row["group"] not in groups(text)] == []
    assert [text for text in row["counter_examples"] if row["group"] in groups(text)] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Halyard lets 40MW to a lab.", True),
        ("Power (MW) | 40", True),
        ("8,192 GB200s, paid monthly", True),
        ("Ostrea rents ten thousand cards for its language models.", True),
        ("The lab's servers stood still.", False),
        ("The choir released an album; children and sirens were heard in the hall.", False),
        ("The club signed its goalkeeper for three years at $2.5 million.", False),
        ("", False),
    ],
)
def test_a_text_is_kept_by_what_it_holds(text: str, kept: bool) -> None:
    assert may_tell_deals(text) is kept


def test_bytes_of_a_page_are_judged_like_their_text() -> None:
    page = "<p>Le 3 mai, Halyard a loué 40&nbsp;MW près d’Évry</p>"
    assert may_tell_deals(page)
    assert may_tell_deals(page.encode("utf-8"))


def test_one_word_far_down_a_long_text_is_found() -> None:
    assert may_tell_deals("The choir sang on Sunday. " * 1000 + "It heats the data center.")


def test_a_word_counts_once_however_often_it_stands() -> None:
    assert not may_tell_deals("The tenant pays the landlord. " * 50)


def test_every_bundled_deal_document_is_kept() -> None:
    assert share_kept((bundled("fixtures") / "gold").glob("*.jsonl")) == 1.0


def test_annotated_deal_documents_are_kept() -> None:
    assert share_kept(ANNOTATED.glob("*.jsonl")) >= LEAST_KEPT


@pytest.mark.skipif(not EVALUATION.is_dir(), reason="the annotated documents beside the project are not here")
def test_annotated_documents_beside_the_project_are_kept() -> None:
    assert share_kept(EVALUATION.glob("dev-*.jsonl")) >= LEAST_KEPT
