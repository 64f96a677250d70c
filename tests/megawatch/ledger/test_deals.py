"""A whole deal from its mentions: the checks that the design of the ledger names, on told documents."""

import random
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from deal_telling import tell
from hypothesis import given
from hypothesis import strategies as st

from megawatch.errors import LedgerError
from megawatch.ledger.deals import assemble_deal
from megawatch.market import KINDS, SOURCES, STATUSES

COLOSSUS: dict[str, Any] = {"kind": "compute", "supplier": ["SpaceX"], "customer": ["Anthropic"]}
PAID = {**COLOSSUS, "monthly_payment_usd": 1_250_000_000, "start_date": "2026-05", "end_date": "2029-05"}


def test_payment_and_gpus_of_different_documents_give_7_78_with_both_quotes() -> None:
    pay = tell("pay", PAID, source="filing")
    chips = tell("chips", {**COLOSSUS, "gpu_count": 220_000, "gpu_model": ["H100"]}, source="blog")
    found = assemble_deal("d", [*pay, *chips])
    rate = found.get("implied_usd_per_gpu_hour")
    assert rate is not None
    assert isinstance(rate.value, Decimal)
    assert round(rate.value, 2) == Decimal("7.78")
    assert [quote.document_id for quote in rate.quotes] == ["pay", "chips"]
    assert found.value("term_months") == 36
    assert found.value("total_value_usd") == 45_000_000_000
    assert (found.kind, found.status, found.documents, found.independent_sources) == ("compute", "signed", 2, 2)


def test_five_years_in_a_later_blog_do_not_beat_three_that_agree_with_dates_and_money() -> None:
    three = tell("three", {**PAID, "term_months": 36}, source="blog", published="2026-05-21")
    five = tell("five", {**COLOSSUS, "term_months": 60, "end_date": "2029-05"}, source="blog", published="2026-06-02")
    found = assemble_deal("d", [*three, *five])
    term = found.get("term_months")
    assert term is not None
    assert (term.value, term.rule) == (36, "consistency")
    assert [value for value, _ in term.rivals] == [60]
    assert [one.fields for one in found.contradictions] == [("term_months",)]


def test_five_years_alone_give_way_to_the_dates_of_a_filing() -> None:
    filing = tell("filing", PAID, source="filing")
    forum = tell("forum", {**COLOSSUS, "term_months": 60}, source="blog")
    found = assemble_deal("d", [*filing, *forum])
    term = found.get("term_months")
    assert term is not None
    assert (term.value, term.basis, term.rule) == (36, "derived", "term = end − start")
    assert [value for value, _ in term.rivals] == [60]
    assert found.value("total_value_usd") == 45_000_000_000
    assert len([one for one in found.terms if one.field == "term_months"]) == 1
    assert len(found.contradictions) == 1


def test_what_cannot_be_derived_is_printed_although_outweighed() -> None:
    filing = tell("filing", {**COLOSSUS, "monthly_payment_usd": 1_250_000_000, "gpu_count": 325_000}, source="filing")
    blog = tell("blog", {**COLOSSUS, "rate_usd_per_gpu_hour": 7.8}, source="blog")
    found = assemble_deal("d", [*filing, *blog])
    rate = found.get("rate_usd_per_gpu_hour")
    assert rate is not None
    assert (rate.value, rate.rule) == (Decimal("7.8"), "outweighed")
    assert len(found.contradictions) == 1


def test_two_that_merely_disagree_are_settled_by_standing_not_by_arithmetic() -> None:
    one = tell("one", {"kind": "lease", "power_mw": 250}, source="filing")
    two = tell("two", {"kind": "lease", "power_mw": 300})
    found = assemble_deal("d", [*one, *two]).get("power_mw")
    assert found is not None
    assert (found.value, found.rule) == (250, "authority")


def test_nebius_and_bloom_and_polaris_forge_3() -> None:
    bloom = {"kind": "power", "supplier": "Bloom Energy", "customer": "Nebius"}
    bloom |= {
        "power_mw": 250,
        "gross_power_mw": 328,
        "total_value_usd": 2_600_000_000,
        "qualifiers": {"total_value_usd": "up_to"},
    }
    fuel_cells = assemble_deal("d", tell("d1", bloom))
    assert (fuel_cells.value("power_mw"), fuel_cells.value("gross_power_mw")) == (250, 328)
    total = fuel_cells.get("total_value_usd")
    assert total is not None
    assert (total.value, total.hedge) == (2_600_000_000, "up_to")
    forge = {"kind": "lease", "supplier": "Applied Digital", "power_mw": 300, "gross_power_mw": 430}
    lease = assemble_deal("d", tell("d1", forge))
    assert (lease.value("power_mw"), lease.value("gross_power_mw")) == (300, 430)
    refused = lease.get("implied_usd_per_gpu_hour")
    assert refused is not None
    assert refused.absence == "not_applicable"
    assert lease.contradictions == ()


def test_a_lease_outside_of_the_usual_range_is_flagged_and_unchanged() -> None:
    dear = {"kind": "lease", "total_value_usd": 1_100_000_000, "term_months": 120, "power_mw": 40}
    found = assemble_deal("d", tell("d1", dear))
    assert found.value("usd_per_mw_year") == 2_750_000
    assert any("usd_per_mw_year is above the usual range" in flag for flag in found.flags)


def test_first_and_last_seen_and_the_order_of_documents() -> None:
    mentions = [
        *tell("a", PAID, published="2026-05-21"),
        *tell("b", {**COLOSSUS, "term_months": 60}, published="2026-06-02", source="blog"),
        *tell("c", {**COLOSSUS, "gpu_count": 220_000}, published="2026-05-07"),
    ]
    found = {assemble_deal("d", order) for order in permutations(mentions)}
    assert len(found) == 1
    (only,) = found
    assert (only.first_seen, only.last_seen) == ("2026-05-07", "2026-06-02")
    assert len(only.quotes) == sum(len(one.claims) for one in mentions)


def test_a_deal_without_a_mention_is_refused() -> None:
    with pytest.raises(LedgerError, match="no mention"):
        assemble_deal("d", [])


STORIES = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(KINDS), "status": st.sampled_from(STATUSES)},
        optional={
            "supplier": st.sampled_from(["Nebius", "Nebius Group N.V.", "IREN"]),
            "customer": st.sampled_from(["Meta", "Microsoft"]),
            "total_value_usd": st.sampled_from([0, 10**9, 3 * 10**9, 27 * 10**9]),
            "monthly_payment_usd": st.sampled_from([1, 10**7, 5 * 10**7]),
            "term_months": st.sampled_from([1, 36, 60, 599]),
            "start_date": st.sampled_from(["2026", "2026-H1", "2026-05", "2026-05-14"]),
            "end_date": st.sampled_from(["2025", "2029-05", "2031-Q4"]),
            "power_mw": st.sampled_from([0, 40, 300]),
            "gross_power_mw": st.sampled_from([40, 430]),
            "gpu_count": st.sampled_from([0, 4096, 220_000]),
            "gpu_model": st.sampled_from([["H100"], ["H200", "GB200"]]),
            "rate_usd_per_gpu_hour": st.sampled_from([2.56, 7.8]),
            "site": st.sampled_from(["Helios", "Texas", "Colossus 1"]),
            "qualifiers": st.dictionaries(
                st.sampled_from(["total_value_usd", "power_mw", "gpu_count"]),
                st.sampled_from(["about", "up_to", "at_least"]),
            ),
        },
    ),
    min_size=1,
    max_size=4,
)


@given(STORIES, st.lists(st.sampled_from(SOURCES), min_size=4, max_size=4), st.randoms())
def test_any_mentions_come_to_one_deal_with_one_term_a_field(
    stories: list[dict[str, Any]], sources: list[str], chance: random.Random
) -> None:
    mentions = [one for n, story in enumerate(stories) for one in tell(f"d{n}", story, source=sources[n])]
    found = assemble_deal("d", mentions)
    assert found == assemble_deal("d", chance.sample(mentions, len(mentions)))
    fields = [term.field for term in found.terms]
    assert len(fields) == len(set(fields))
    claims = {claim.claim_id for one in mentions for claim in one.claims}
    for term in found.terms:
        assert (term.value is None) == (term.absence is not None)
        assert term.value is None or term.quotes
        assert term.value is not None or term.reason
        assert {quote.claim_id for quote in term.quotes} <= claims
        if isinstance(term.value, Decimal) and term.interval is not None:
            assert term.interval.contains(term.value)
    for one in found.contradictions:
        assert len({quote.claim_id for quote in one.quotes}) >= 2
