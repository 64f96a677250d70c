from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from deal_telling import deal, quote, terms
from hypothesis import given
from hypothesis import strategies as st

from megawatch.ledger.arithmetic import derive_terms
from megawatch.ledger.chains import Link, Parties, find_links, find_spread, links_of, read_relation
from megawatch.ledger.data import read_data
from megawatch.market import Deal

Told = tuple[Deal, Parties]


def told(deal_id: str, kind: Any, supplier: str, customer: str, *, words: str = "signed", **values: Any) -> Told:
    seen, document = values.pop("first_seen", "2026-05-20"), values.pop("document", deal_id)
    status = values.pop("status", "signed")
    stated = terms(**values)
    found = deal(
        deal_id,
        kind,
        (*stated, *derive_terms(stated, kind=kind)),
        quotes=(quote(f"q-{deal_id}", words, document),),
        first_seen=seen,
        status=status,
    )
    return found, Parties(frozenset([supplier] if supplier else []), frozenset([customer] if customer else []))


def links(*deals: Told) -> tuple[Link, ...]:
    return find_links([one for one, _ in deals], parties={one.deal_id: parties for one, parties in deals})


def drawn(*deals: Told) -> set[tuple[str, str, str]]:
    return {(link.from_id, link.relation, link.to_id) for link in links(*deals)}


def test_power_landlord_cloud_and_lab_stand_on_one_another_with_their_spread() -> None:
    power = told(
        "p", "power", "Duke", "Fiber", site="Madison", power_mw=99, total_value_usd=500_000_000, term_months=120
    )
    lease = told(
        "l", "lease", "Fiber", "Cloud", site="Madison", power_mw=40, total_value_usd=800_000_000, term_months=120
    )
    cloud = told("c", "compute", "Cloud", "Lab", power_mw=40, total_value_usd=4_000_000_000, term_months=120)
    found = {(link.from_id, link.to_id): link for link in links(power, lease, cloud)}
    assert set(found) == {("l", "p"), ("c", "l")}
    assert found["l", "p"].reason == "same party and site: Madison"
    assert found["c", "l"].reason == "same party, and the megawatts agree"
    spread = found["c", "l"].spread
    assert spread is not None
    assert spread.contains(Decimal(10_000_000 - 2_000_000))


def test_the_spread_over_power_counts_8760_hours() -> None:
    lease, _ = told("l", "lease", "A", "B", power_mw=100, total_value_usd=1_500_000_000, term_months=120)
    power, _ = told("p", "power", "U", "A", power_mw=100, total_value_usd=438_000_000, term_months=120)
    # 438 million over ten years and 100 MW are 50 dollars a megawatt-hour, 438,000 a megawatt-year.
    spread = find_spread(lease, power)
    assert spread is not None
    assert spread.contains(Decimal(1_500_000 - 438_000))
    bare, _ = told("b", "lease", "A", "B", power_mw=100)
    assert find_spread(bare, power) is None


def test_a_loan_funds_what_its_borrower_supplies_or_buys_at_the_site() -> None:
    loan = told("f", "financing", "Bank", "IREN", site="Childress, Texas")
    contract = told("c", "compute", "IREN", "Microsoft", site="Childress, Texas")
    servers = told("h", "hardware", "Dell", "IREN", site="Childress")
    elsewhere = told("e", "compute", "IREN", "Other", site="Sweetwater, Texas")
    assert drawn(loan, contract, servers, elsewhere) == {
        ("f", "funds", "c"),
        ("f", "funds", "h"),
        ("c", "stands_on", "h"),
    }


def test_one_document_links_where_one_deal_fits_and_declines_where_two_do() -> None:
    loan = told("f", "financing", "Bank", "Cloud", document="d1")
    one = told("c1", "compute", "Cloud", "Lab", document="d1")
    two = told("c2", "compute", "Cloud", "Shop", document="d1")
    assert drawn(loan, one) == {("f", "funds", "c1")}
    assert drawn(loan, one, two) == set()
    assert drawn(loan, told("c3", "compute", "Cloud", "Lab", document="d2")) == set()


def test_two_leases_of_the_same_size_fit_equally_well_and_neither_is_linked() -> None:
    cloud = told("c", "compute", "Cloud", "Lab", power_mw=100)
    one = told("l1", "lease", "North", "Cloud", power_mw=100)
    two = told("l2", "lease", "South", "Cloud", power_mw=101)
    power = told("p", "power", "Duke", "Cloud", power_mw=100)
    assert drawn(cloud, one, power) == {("c", "stands_on", "l1"), ("c", "stands_on", "p")}
    assert drawn(cloud, one, two, power) == {("c", "stands_on", "p")}
    there = told("l3", "lease", "North", "Cloud", power_mw=100, site="Abilene, Texas")
    here = told("c2", "compute", "Cloud", "Lab", power_mw=100, site="Abilene, Texas")
    assert drawn(here, two, there) == {("c2", "stands_on", "l3"), ("c2", "stands_on", "l2")}


def test_an_option_taken_up_expands_the_first_lease() -> None:
    first = told("a", "lease", "Tera", "Stack", power_mw=200, option_power_mw=160, first_seen="2025-08-14")
    second = told("b", "lease", "Tera", "Stack", power_mw=160, first_seen="2025-08-18")
    (link,) = links(first, second)
    assert (link.from_id, link.relation, link.to_id) == ("b", "expands", "a")
    assert link.reason == "its megawatts are those of the earlier deal's option"
    assert links_of("b", [link]) == (("expands", "a", link.reason),)
    assert links_of("a", [link]) == ()


def test_an_amendment_and_what_it_amends_are_told_on_one_day() -> None:
    base = told("z", "lease", "L", "T", power_mw=96, words="a Hosting Agreement", document="d1")
    later = told("a", "lease", "L", "T", power_mw=48, words="the parties executed Amendment No. 2", document="d1")
    assert drawn(base, later) == {("a", "amends", "z")}
    both = told("b", "lease", "L", "T", power_mw=20, words="Amendment No. 3", document="d1")
    assert drawn(later, both) == set()


def test_what_is_expanded_may_be_recalled_by_a_later_text_if_it_began_before() -> None:
    later = told("a", "compute", "S", "C", words="expanded", first_seen="2026-05-01", start_date="2027")
    recalled = told("b", "compute", "S", "C", first_seen="2026-05-20", start_date="2026-04")
    another = told("c", "compute", "S", "C", first_seen="2026-05-20", start_date="2028")
    assert drawn(later, recalled) == {("a", "expands", "b")}
    assert drawn(later, another) == set()


def test_further_megawatts_that_are_only_an_option_expand_nothing() -> None:
    first = told("a", "lease", "L", "T", first_seen="2025-06-01", power_mw=250)
    later, parties = told("b", "lease", "L", "T", first_seen="2025-09-01", power_mw=100, words="a further 150 MW")
    option = replace(terms(option_power_mw=150)[0], quotes=later.quotes)
    assert drawn(first, (replace(later, terms=(*later.terms, option)), parties)) == set()


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ("an additional 150 MW", "expands"),
        ("amended and restated", "amends"),
        ("supersedes the lease of 2024", "supersedes"),
    ],
)
def test_a_later_deal_says_what_it_does_to_the_earlier_one(words: str, relation: str) -> None:
    first = told("a", "lease", "L", "T", first_seen="2025-06-01", power_mw=250)
    later = told("b", "lease", "L", "T", first_seen="2025-09-01", power_mw=150, words=words)
    assert drawn(first, later) == {("b", relation, "a")}
    assert drawn(first, told("b", "lease", "L", "T", first_seen="2025-09-01", power_mw=150)) == set()
    assert drawn(first, told("b", "power", "L", "T", first_seen="2025-09-01", words=words)) == set()


def test_an_ended_part_terminates_but_a_deal_that_ended_itself_does_not() -> None:
    first = told("a", "lease", "L", "T", first_seen="2025-06-01", power_mw=250, total_value_usd=10**9)
    notice = told(
        "b", "lease", "L", "T", first_seen="2026-06-01", words="has terminated the lease", status="terminated"
    )
    bid = told(
        "c", "acquisition", "L", "T", first_seen="2025-07-01", total_value_usd=10**9, words="bid", status="terminated"
    )
    other = told(
        "e", "acquisition", "L", "T", first_seen="2025-10-01", total_value_usd=9 * 10**9, words="was called off"
    )
    other = (replace(other[0], status="terminated"), other[1])
    assert drawn(first, notice) == {("b", "terminates", "a")}
    assert drawn(bid, other) == set()


def test_link_words_match_their_examples_and_not_their_counter_examples() -> None:
    for entry in read_data("link_words"):
        for example in entry["examples"]:
            found = read_relation(example)
            assert found is not None, example
            assert found[0] == entry["relation"], example
        assert [words for words in entry["not_examples"] if read_relation(words)] == []


NAMES = st.sampled_from(["A", "B", "C", ""])
DEALS = st.lists(
    st.tuples(
        st.sampled_from(["compute", "lease", "power", "financing", "build"]),
        NAMES,
        NAMES,
        st.sampled_from(["Helios", "Abilene", None]),
        st.sampled_from([100, 200]),
        st.sampled_from(["signed", "an additional 100 MW"]),
    ),
    max_size=6,
)


@given(DEALS, st.randoms())
def test_links_do_not_depend_on_the_order_and_never_lead_to_themselves(stories: list[Any], chance: Any) -> None:
    deals = [
        told(f"d{n}", kind, supplier, customer, words=words, power_mw=power, **({"site": site} if site else {}))
        for n, (kind, supplier, customer, site, power, words) in enumerate(stories)
    ]
    found = links(*deals)
    assert found == links(*chance.sample(deals, len(deals)))
    assert all(link.from_id != link.to_id for link in found)
