"""How many annotated parties and places are found at all, under their own names and under invented ones."""

import importlib.util
import json
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractors.parties import find_in
from extractors.sentences import split_sentences
from extractors.sites import find_sites_in
from megawatch.market import Document

SHARED = Path(__file__).resolve().parents[4] / "shared" / "evaluation"
pytestmark = pytest.mark.skipif(not (SHARED / "dev-a.jsonl").exists(), reason="no annotated documents in ../shared")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SHARED / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recall(rows: list[dict[str, Any]]) -> tuple[float, float]:
    score, parties, places = load("score"), [], []
    for row in rows:
        read = Document(
            id=row["id"], title=row["title"], text=row["text"], source=row["source"], publisher=row["publisher"]
        )
        sentences = (*split_sentences(read.title, part="title"), *split_sentences(read.text, part="text"))
        found = find_in(read, sentences)
        names = [list(mention.entity.names) for mention in found if not mention.entity.unnamed]
        sites = [site.text for site in find_sites_in(read, sentences, parties=found)]
        for deal in row["deals"]:
            gold = [deal[role] for role in ("supplier", "customer") if deal.get(role)]
            parties += [any(score.same_party(party, known) for known in names) for party in gold]
            if deal.get("site"):
                places.append(any(score.same("site", deal["site"], site) for site in sites))
    return sum(parties) / len(parties), sum(places) / len(places)


def test_recall_on_real_documents_and_under_invented_names() -> None:
    rows = [json.loads(line) for line in (SHARED / "dev-a.jsonl").read_text(encoding="utf-8").splitlines()]
    parties, places = recall(rows)
    assert parties >= 0.97
    assert places >= 0.88
    swap, rng = load("swap_names").swap, random.Random(1)
    parties, _ = recall([swap(row, rng) for row in rows])
    assert parties >= 0.97
