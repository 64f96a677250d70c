"""Every line of the pattern files keeps its own examples and counter-examples."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors.patterns import read_patterns
from extractors.prices.context import DEAL_WORDS, NOT_PRICE, PRICE_WORDS, market_in
from extractors.quantities import find_quantities
from extractors.quantities.hedges import hedge_after, hedge_before
from extractors.tables import unit_of_header
from megawatch.errors import LexiconError

KEYS = ("examples", "not_examples")


def lines(name: str) -> Iterator[Any]:
    for number, row in enumerate(read_patterns(name, required=KEYS), start=1):
        yield pytest.param(row, id=f"{name}:{number}")


def quantities(text: str) -> list[Any]:
    return list(find_quantities(f"They sign {text} now.", part="text"))


@pytest.mark.parametrize("row", lines("units"))
def test_units(row: dict[str, Any]) -> None:
    for text in row["examples"]:
        assert row["kind"] in {q.kind for q in quantities(text)}, text
    for text in row["not_examples"]:
        assert row["kind"] not in {q.kind for q in quantities(text)}, text


@pytest.mark.parametrize("row", lines("currencies"))
def test_currencies(row: dict[str, Any]) -> None:
    iso = {"$": "USD", "kroner": None}.get(row["iso"], row["iso"])
    for text in row["examples"]:
        assert iso in {q.currency for q in quantities(text) if q.kind == "money"}, text
    for text in row["not_examples"]:
        assert iso not in {q.currency for q in quantities(text) if q.kind == "money"}, text


@pytest.mark.parametrize("row", lines("hedges"))
def test_hedges(row: dict[str, Any]) -> None:
    for text in row["examples"]:
        assert row["hedge"] in {q.hedge for q in quantities(text)}, text
    for text in row["not_examples"]:
        assert row["hedge"] not in {q.hedge for q in quantities(text)}, text
    for word in row["words"]:
        if row["side"] == "before":
            found = hedge_before(f"for {word} 4", len(f"for {word} "), floor=0)
        else:
            glue = "" if word[0] in "-+" else " "
            found = hedge_after(f"4{glue}{word} of it", 1)
        assert found is not None, word


@pytest.mark.parametrize("row", lines("cues"))
def test_cues(row: dict[str, Any]) -> None:
    for text in row["examples"]:
        assert any(row["cue"] in q.cues for q in quantities(text)), text
    for text in row["not_examples"]:
        assert not any(row["cue"] in q.cues for q in quantities(text)), text


@pytest.mark.parametrize("row", lines("power_basis"))
def test_power_basis(row: dict[str, Any]) -> None:
    for text in row["examples"]:
        assert row["basis"] in {q.basis for q in quantities(text)}, text
    for text in row["not_examples"]:
        assert row["basis"] not in {q.basis for q in quantities(text)}, text


@pytest.mark.parametrize("row", lines("markets"))
def test_markets(row: dict[str, Any]) -> None:
    patterns = {"price": PRICE_WORDS, "deal": DEAL_WORDS, "not_price": NOT_PRICE}

    def matches(text: str) -> bool:
        pattern = patterns.get(row["market"])
        if pattern is not None:
            return pattern.search(text) is not None
        return market_in(text, 0, len(text), at=len(text)) == row["market"]

    for text in row["examples"]:
        assert matches(text), text
    for text in row["not_examples"]:
        assert not matches(text), text


@pytest.mark.parametrize("row", lines("table_headers"))
def test_table_headers(row: dict[str, Any]) -> None:
    unit = (row["kind"], row["unit"], Decimal(row["scale"]), row["per"])
    for text in row["examples"]:
        assert unit_of_header(text) == unit, text
    for text in row["not_examples"]:
        assert unit_of_header(text) != unit, text


def test_a_broken_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.jsonl").write_text('{"kind": "power"}\n', encoding="utf-8")
    monkeypatch.setattr("extractors.patterns.FOLDER", tmp_path)
    with pytest.raises(LexiconError, match=r"broken\.jsonl:1: lacks words"):
        read_patterns("broken", required=("kind", "words"))
