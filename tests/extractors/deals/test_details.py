"""Chips told in a row, and installed megawatts beside contracted ones."""

from decimal import Decimal

import pytest

from extractors.deals.assemble import read_weights
from extractors.deals.details import choose_models
from extractors.deals.facts import find_facts
from extractors.deals.groups import Group
from extractors.deals.tenors import drop_tenors_of_equity
from extractors.pipeline import read_findings, read_view
from megawatch.market import DealMention, Document, Evidence, Stated


def document(text: str) -> Document:
    return Document(id="d", title="", text=text, source="news", publisher="The Ledger")


@pytest.mark.parametrize(
    ("text", "doubt", "chosen"),
    [
        ("Tarn Cloud runs H100, H200 and newer GB200 chips.", 0.3, ["H100", "H200", "GB200"]),
        ("Tarn Cloud runs H100, H200 and newer GB200 chips.", 0.1, ["H100"]),
        ("Tarn Cloud runs H100s. Its rival has H200s.", 0.3, ["H100"]),
        ("Tarn Cloud will replace its H100s with the GB200.", 0.3, ["H100"]),
    ],
)
def test_a_likely_chip_takes_those_of_its_row_along(text: str, doubt: float, chosen: list[str]) -> None:
    class Doubting:
        asked = 0

        def probabilities(self, features: object) -> dict[str, float]:
            self.asked += 1
            return {"yes": 0.9 if self.asked == 1 else doubt}

    view = read_view(document(f"Tarn Cloud leased compute for 24 months. {text}"))
    group = Group(settled="compute")
    for turn, fact in enumerate(find_facts(view, read_weights().items)):
        group.add(fact, turn=turn)
    assert group.facts
    assert [name for name, _, _ in choose_models(view, group, Doubting())] == chosen  # type: ignore[arg-type]


def test_installed_megawatts_stand_beside_guaranteed_ones() -> None:
    text = (
        "Cedar Fork Energy will build a gas plant beside the Lubbock campus and sell Fenwick Ridge Data Centers 90 MW "
        "of guaranteed output for ten years.\n\nInstalled capacity will be 110 MW, so that one turbine may rest."
    )
    (deal,) = read_findings(document(text), reader="trained").deals
    found = {term.field: term.value for term in deal.terms}
    assert (found["power_mw"], found["gross_power_mw"]) == (Decimal(90), Decimal(110))


@pytest.mark.parametrize(("total", "fields"), [("$240 million", set()), ("$650 million", {"term_months", "end_date"})])
def test_equity_has_no_tenor(total: str, fields: set[str]) -> None:
    text = "Tarn Cloud raised a $240 million Series C and a $650 million loan of six years, due 2032."
    start = text.index(total)
    place = Evidence(part="text", start=start, end=start + len(total), quote=total)
    terms = {"kind": "financing", "total_value_usd": Decimal(1), "term_months": Decimal(72), "end_date": "2032"}
    deal = DealMention(
        document_id="d",
        position=0,
        terms=tuple(Stated(field=name, value=value, evidence=place, rule="money") for name, value in terms.items()),
    )
    (kept,) = drop_tenors_of_equity([deal], document(text))
    assert {term.field for term in kept.terms} == {"kind", "total_value_usd"} | fields
