"""The trust in a term weighs its reading, its place in the deal and the deal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from extractors.deals.assemble import Weights, assemble_deals, find_deals, read_weights
from extractors.deals.linear import Ranker
from extractors.deals.trust import chance_of, find_grounds, keep_trusted, odds, weigh_deal
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


def trusted(deal: DealMention, **chances: float) -> DealMention:
    """The deal with some confidences, 0.9 where none is given."""
    return replace(deal, terms=tuple(replace(t, confidence=chances.get(t.field, 0.9)) for t in deal.terms))


@pytest.mark.parametrize(("chance", "kept"), [(0.24, False), (0.25, True)])
def test_a_doubtful_term_is_left_out(
    told: tuple[DealMention, dict[str, dict[str, float]]], chance: float, kept: bool
) -> None:
    (deal,) = keep_trusted([trusted(told[0], power_mw=chance, status=0.1)])
    assert (deal.get("power_mw") is not None) is kept
    assert {"kind", "status", "supplier", "total_value_usd"} <= {term.field for term in deal.terms}


def test_a_document_without_a_sure_deal_tells_none(told: tuple[DealMention, dict[str, dict[str, float]]]) -> None:
    deal, _ = told
    assert keep_trusted([trusted(deal, kind=0.39)]) == ()
    assert len(keep_trusted([trusted(deal, kind=0.39), trusted(deal, kind=0.4)])) == 2


def test_nothing_is_left_of_a_deal_of_doubtful_terms(told: tuple[DealMention, dict[str, dict[str, float]]]) -> None:
    deal, _ = told
    doubtful = trusted(deal, **{term.field: 0.1 for term in deal.terms if term.field != "kind"})
    assert keep_trusted([doubtful]) == ()


def test_a_doubtful_figure_is_a_leftover_that_says_so() -> None:
    view = read_view(Document(id="d", title="", text=LEASE, source="news", publisher="The Ledger"))
    weights: Weights = replace(read_weights(), trust=Ranker({"one": 2.0, "f=power_mw": -6.0}), calibration={})
    (deal,), leftovers = assemble_deals(view, weights)
    assert deal.get("power_mw") is None
    assert [(left.words, left.reason) for left in leftovers] == [("40 MW", "doubtful")]
