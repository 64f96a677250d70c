"""The trust in a term weighs its reading, its place in the deal and the deal."""

from decimal import Decimal

import pytest

from extractors.deals.assemble import find_deals, read_weights
from extractors.deals.linear import Ranker
from extractors.deals.trust import chance_of, find_grounds, odds, weigh_deal
from extractors.pipeline import read_view
from megawatch.market import DealMention, Document

LEASE = (
    "Copper Basin Power said on Monday that it had leased 40 MW of critical IT load at its campus in Casper, Wyoming, "
    "to Velora AI for 10 years. The lease is worth about $600 million."
)


@pytest.fixture(scope="module")
def told() -> tuple[DealMention, dict[str, dict[str, float]]]:
    view = read_view(Document(id="d", title="", text=LEASE, source="news", publisher="The Ledger"))
    deals, stories = find_deals(view, read_weights())
    (deal,), (grounds,) = deals, find_grounds(deals, stories)
    return deal, grounds


def test_every_term_has_its_grounds(told: tuple[DealMention, dict[str, dict[str, float]]]) -> None:
    deal, grounds = told
    assert {term.field for term in deal.terms} == grounds.keys()
    assert (
        grounds["power_mw"].items()
        >= {"f=power_mw": 1.0, "d:kind=lease": 1.0, "d:deals=1": 1.0, "again=0": 1.0}.items()
    )
    assert "hedged" in grounds["total_value_usd"]
    assert "hedged" not in grounds["power_mw"]


def test_a_figure_is_near_or_far_from_the_word_of_the_deal(
    told: tuple[DealMention, dict[str, dict[str, float]]],
) -> None:
    _, grounds = told
    assert grounds["power_mw"]["away=0"] == 1.0
    assert grounds["power_mw"]["own"] == odds(next(t.confidence for t in told[0].terms if t.field == "power_mw"))


@pytest.mark.parametrize(("score", "chance"), [(0.0, 0.5), (2.0, 0.881), (-2.0, 0.119), (900.0, 1.0)])
def test_a_score_becomes_a_chance(score: float, chance: float) -> None:
    assert chance_of({"own": 1.0}, Ranker({"own": score})) == chance


def test_values_stay_as_they_are(told: tuple[DealMention, dict[str, dict[str, float]]]) -> None:
    deal, grounds = told
    weighed = weigh_deal(deal, grounds, Ranker({"f=power_mw": 3.0, "f=total_value_usd": -3.0}))
    found = {term.field: (term.value, term.confidence) for term in weighed.terms}
    assert found["power_mw"] == (Decimal(40), 0.953)
    assert found["total_value_usd"] == (Decimal(600_000_000), 0.047)
    assert found["term_months"] == (Decimal(120), 0.5)
