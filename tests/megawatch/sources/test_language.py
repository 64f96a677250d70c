import json
from pathlib import Path

import pytest

from megawatch.resources import bundled
from megawatch.sources import language
from megawatch.sources.language import foreign_language

LANGUAGES = [
    json.loads(line)
    for line in Path(language.__file__).with_name("languages.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("row", LANGUAGES, ids=lambda row: row["language"])
def test_each_language_is_told_from_its_example(row: dict[str, str]) -> None:
    assert foreign_language(row["example"]) == (None if row["language"] == "English" else row["language"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H100 | 2.44\nH200 | 3.20\nB200 | 4.98\nGB200 | 4.10\n" * 20,
        "$NEBIUS (NBIS.US)$ 's subsidiary on May 14 signs fuel cell master agreement,total up to $2.6 billion.",
        "Société Générale and Crédit Agricole led the loan to Île-de-France Calcul, the companies said in Paris.",
    ],
)
def test_tables_broken_english_and_foreign_names_are_readable(text: str) -> None:
    assert foreign_language(text) is None


def test_another_script_is_told() -> None:
    assert (
        foreign_language("算力租赁市场在五月继续上涨，多家公司签署了新的长期合同，总金额超过一百亿美元。" * 2)
        == "another script"
    )


def test_every_bundled_document_is_readable() -> None:
    lines = (bundled("fixtures") / "gold" / "market.jsonl").read_text(encoding="utf-8").splitlines()
    assert [row["id"] for line in lines if foreign_language((row := json.loads(line))["text"])] == []
