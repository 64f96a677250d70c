from itertools import permutations

from deal_telling import tell
from hypothesis import given
from hypothesis import strategies as st

from megawatch.ledger.claims import Mention
from megawatch.ledger.contradictions import find_beliefs, find_clashes, find_contradictions

PARTIES = {"kind": "compute", "supplier": "SpaceX", "customer": "Anthropic"}


def colossus() -> tuple[Mention, ...]:
    """The four texts: a prospectus retold, a filing, a wire, and a forum that says five years."""
    prospectus = {
        **PARTIES,
        "total_value_usd": 45_000_000_000,
        "monthly_payment_usd": 1_250_000_000,
        "start_date": "2026-05",
        "end_date": "2029-05",
        "qualifiers": {"total_value_usd": "about", "monthly_payment_usd": "up_to"},
    }
    filing = {**PARTIES, "monthly_payment_usd": 1_250_000_000, "start_date": "2026-05", "end_date": "2029-05"}
    forum = {
        **PARTIES,
        "monthly_payment_usd": 1_250_000_000,
        "term_months": 60,
        "end_date": "2029-05",
        "evidence": {"term_months": "five-year contract"},
    }
    return (
        *tell("retold", prospectus, source="blog", published="2026-05-21"),
        *tell("filing", filing, source="filing", published="2026-06-01"),
        *tell("forum", forum, source="blog", published="2026-06-02"),
    )


def test_five_years_against_may_2026_to_may_2029_and_45_billion() -> None:
    (found,) = find_contradictions(colossus(), deal_id="d")
    assert found.fields == ("term_months", "start_date", "end_date")
    assert found.explanation.startswith(
        "term_months 60 (“five-year contract”, The forum) cannot hold beside start_date"
    )
    assert "total_value_usd 45000000000" in found.explanation
    assert [quote.document_id for quote in found.quotes] == ["forum", "filing", "filing"]
    assert found.known_from == "2026-06-02"


def test_without_the_forum_all_agrees() -> None:
    retold, filing, _ = colossus()
    assert find_contradictions([retold, filing], deal_id="d") == ()


def test_a_pair_is_smaller_than_a_relation() -> None:
    wire = tell("wire", {**PARTIES, "term_months": 36})
    (found,) = find_contradictions([*colossus(), *wire], deal_id="d")
    assert found.fields == ("term_months",)
    assert {quote.document_id for quote in found.quotes} == {"forum", "wire"}
    assert "nor beside start_date" in found.explanation


def test_the_order_of_documents_does_not_matter() -> None:
    mentions = [*colossus(), *tell("wire", {**PARTIES, "term_months": 36})]
    assert len({find_contradictions(order, deal_id="d") for order in permutations(mentions)}) == 1


def test_claims_that_meet_in_their_intervals_do_not_clash() -> None:
    about = tell("a", {**PARTIES, "gpu_count": 325_000, "qualifiers": {"gpu_count": "about"}})
    at_least = tell("b", {**PARTIES, "gpu_count": 220_000, "qualifiers": {"gpu_count": "at_least"}})
    assert find_contradictions([*about, *at_least], deal_id="d") == ()
    assert len(find_contradictions([*about, *tell("c", {**PARTIES, "gpu_count": 220_000})], deal_id="d")) == 1


def test_a_total_that_its_rate_gpus_and_dates_do_not_give() -> None:
    told = {
        **PARTIES,
        "total_value_usd": 1_000_000_000,
        "rate_usd_per_gpu_hour": 3,
        "gpu_count": 1000,
        "start_date": "2026-01",
        "end_date": "2029-01",
    }
    (found,) = find_contradictions(tell("d1", told), deal_id="d")
    assert set(found.fields) == {"total_value_usd", "rate_usd_per_gpu_hour", "gpu_count", "start_date", "end_date"}


def test_an_end_before_its_start_and_critical_above_gross_megawatts() -> None:
    lease = {"kind": "lease", "start_date": "2028", "end_date": "2026", "power_mw": 430, "gross_power_mw": 300}
    found = find_contradictions(tell("d1", lease), deal_id="d")
    assert {one.fields for one in found} == {("end_date", "start_date"), ("gross_power_mw", "power_mw")}


def test_uneven_payments_within_five_percent_and_a_loan_do_not_clash() -> None:
    told = {"monthly_payment_usd": 1_000_000, "term_months": 100, "total_value_usd": 104_000_000}
    assert find_contradictions(tell("d1", {"kind": "lease", **told}), deal_id="d") == ()
    loan = {"kind": "financing", **told, "total_value_usd": 500_000_000}
    assert find_contradictions(tell("d1", loan), deal_id="d") == ()
    assert len(find_contradictions(tell("d1", {**loan, "kind": "lease"}), deal_id="d")) == 1


VALUES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "total_value_usd": st.sampled_from([10**9, 2 * 10**9, 5 * 10**9]),
            "monthly_payment_usd": st.sampled_from([10**7, 5 * 10**7]),
            "term_months": st.sampled_from([36, 60, 100]),
            "start_date": st.sampled_from(["2026", "2026-05"]),
            "end_date": st.sampled_from(["2025", "2029-05", "2031"]),
        },
    ),
    min_size=1,
    max_size=4,
)


@given(VALUES)
def test_every_clash_is_minimal_and_taking_the_suspects_away_leaves_peace(stories: list[dict[str, object]]) -> None:
    mentions = [one for n, story in enumerate(stories) for one in tell(f"d{n}", {**PARTIES, **story})]
    beliefs = find_beliefs(mentions)
    clashes = [set(clash.beliefs) for clash in find_clashes(beliefs, kind="compute")]
    assert not any(one < other for one in clashes for other in clashes)
    for clash in clashes:
        for left_out in clash:
            rest = [belief for belief in beliefs if belief in clash and belief != left_out]
            assert find_clashes(rest, kind="compute") == ()
    assert bool(find_contradictions(mentions, deal_id="d")) == bool(clashes)
