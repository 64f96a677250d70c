"""Who is who, which mention goes on which, and the sentence around a quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_texts import keep, tell

from megawatch.ledger import Ledger
from megawatch.ledger.clusters import Cluster
from megawatch.ledger.identity import Standing, name_deals
from megawatch.ledger.lineage import match_mentions
from megawatch.ledger.organizations import find_like, name_key, parents_of, resolve, resolve_all
from megawatch.ledger.queries import get_organization, list_deals
from megawatch.ledger.reconcile import settle
from megawatch.ledger.sentences import LONGEST, sentence_around


@pytest.mark.parametrize(
    ("names", "organization_id"),
    [
        (["CoreWeave, Inc."], "coreweave"),
        (["COREWEAVE"], "coreweave"),
        (["CRWV"], "coreweave"),
        (["a cloud company", "CoreWeave"], "coreweave"),
        (["AWS"], "amazon-web-services"),
    ],
)
def test_names_aliases_and_tickers_lead_to_one_company(names: list[str], organization_id: str) -> None:
    assert resolve(names).organization_id == organization_id


def test_an_unknown_name_is_an_organization_of_its_own_in_any_spelling() -> None:
    assert (
        resolve(["Marlowe Credit Partners, L.P."]).organization_id
        == resolve(["MARLOWE CREDIT PARTNERS"]).organization_id
    )
    assert resolve(["Marlowe Credit Partners"]).origin == "text"
    assert resolve(["Marlowe Credit"]).organization_id != resolve(["Marlowe Credit Partners"]).organization_id
    assert name_key("東京電力") == "東京電力"


def test_co_leads_are_all_found() -> None:
    found = [one.organization_id for one in resolve_all(["CoreWeave", "Microsoft", "Somebody Else"])]
    assert found == ["coreweave", "microsoft"]


def test_a_subsidiary_leads_to_its_owner() -> None:
    assert parents_of("amazon-web-services") == ("amazon",)
    assert parents_of("nobody") == ()


def test_likeness_is_for_names_that_nearly_agree() -> None:
    assert [company for company, _ in find_like("CoreWeawe")] == ["coreweave"]
    assert [company for company, _ in find_like("Northmere Data")] == ["northern-data"]
    assert find_like("Brightwater Cloud") == ()
    assert find_like("IBN") == ()


def test_a_deal_is_found_by_any_name_of_a_party(ledger: Ledger) -> None:
    keep(ledger, tell({"kind": "compute", "supplier": ["AWS"], "customer": ["Anthropic PBC"], "power_mw": "100"}))
    keep(ledger, tell({"kind": "compute", "supplier": ["Unheard Of Cloud"], "power_mw": "250"}, title="Another"))
    settle(ledger)
    for name in ("Amazon Web Services", "aws", "amazon-web-services"):
        assert [deal.value("power_mw") for deal in list_deals(ledger, supplier=name)] == [100], name
    assert [deal.value("power_mw") for deal in list_deals(ledger, supplier="unheard of cloud")] == [250]
    assert list_deals(ledger, supplier="Nobody At All") == ()
    assert [deal.value("power_mw") for deal in list_deals(ledger, min_power_mw=200)] == [250]
    found = get_organization(ledger, "AMZN")
    assert found is not None
    assert (found.name, found.origin) == ("Amazon", "lexicon")
    assert get_organization(ledger, "0001018724") == found
    assert get_organization(ledger, "Nobody At All") is None


def test_mentions_go_on_as_the_likest_before() -> None:
    old = {
        "a": frozenset({("kind", "lease"), ("power_mw", "100"), ("supplier", "X")}),
        "b": frozenset({("kind", "lease"), ("power_mw", "250"), ("supplier", "X")}),
    }
    new = [
        frozenset({("kind", "lease"), ("power_mw", "250"), ("supplier", "X"), ("site", "Y")}),
        frozenset({("kind", "build"), ("power_mw", "7")}),
        frozenset({("kind", "lease"), ("power_mw", "100"), ("supplier", "X")}),
    ]
    assert match_mentions(old, new) == {0: "b", 2: "a"}
    assert match_mentions({"a": old["a"]}, [frozenset({("kind", "lease"), ("power_mw", "9")})]) == {0: "a"}
    assert match_mentions({}, new) == {}


def standings(*names: str) -> dict[str, Standing]:
    return {name: Standing("2026-05-01", "", name) for name in names}


def test_a_cluster_keeps_the_id_of_its_earliest_mention_s_deal() -> None:
    named = name_deals([Cluster(("a", "b", "c"))], standings("a", "b", "c"), {"b": frozenset("b"), "a": frozenset("a")})
    assert set(named) == {"a"}
    apart = name_deals([Cluster(("a",)), Cluster(("b", "c"))], standings("a", "b", "c"), {"a": frozenset("abc")})
    assert {key: group.mention_ids for key, group in apart.items()} == {"a": ("a",), "b": ("b", "c")}


def test_a_deal_goes_on_without_its_first_mention_and_its_id_is_not_given_twice() -> None:
    on = name_deals([Cluster(("b", "c"))], standings("b", "c"), {"a": frozenset("abc")})
    assert set(on) == {"a"}
    back = name_deals([Cluster(("a",)), Cluster(("b", "c"))], standings("a", "b", "c"), {"a": frozenset("bc")})
    assert back["a"].mention_ids == ("b", "c")
    assert len(back) == 2


@given(text=st.text(alphabet="ab. \n|“”!?A1", max_size=300), data=st.data())
def test_the_sentence_holds_its_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert text[start:end].strip() in sentence_around(text, start, end)


def test_a_sentence_ends_where_it_ends_and_a_row_is_a_sentence() -> None:
    text = "It fell. Lease of 300 MW at $1.9 bn, Mr. Park said.\nSite | MW\nLubbock | 120\n"
    start = text.index("300 MW")
    assert sentence_around(text, start, start + 6) == "Lease of 300 MW at $1.9 bn, Mr. Park said."
    row = text.index("120")
    assert sentence_around(text, row, row + 3) == "Lubbock | 120"
    long = "x" * 2000
    assert len(sentence_around(long, 900, 910)) <= LONGEST
