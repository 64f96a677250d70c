"""Which mentions are one deal: on told cases, on properties, and on the annotated documents where they are at hand."""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from deal_telling import tell
from hypothesis import given, settings
from hypothesis import strategies as st

from megawatch.ledger.claims import Mention
from megawatch.ledger.cluster_lines import mentions_of
from megawatch.ledger.clusters import (
    Cluster,
    Judgement,
    Reading,
    blocking_keys,
    cluster,
    concerned,
    deal_key,
    same_deal,
    sought_keys,
)

ANNOTATED = Path(__file__).parents[4] / "shared" / "evaluation"


def one(document: str, **deal: Any) -> Mention:
    return tell(document, deal)[0]


def lease(document: str, **deal: Any) -> Mention:
    return one(document, kind="lease", supplier="Applied Digital", customer="CoreWeave", **deal)


def groups(mentions: Iterable[Mention], judgements: Sequence[Judgement] = ()) -> set[frozenset[str]]:
    names = {mention.mention_id: mention.document.document_id for mention in mentions}
    found = cluster(mentions, judgements=judgements)
    return {frozenset(names[mention_id] for mention_id in group.mention_ids) for group in found}


def test_same_parties_and_kind_are_one_deal_until_a_figure_tells_otherwise() -> None:
    bare, full, other = lease("bare"), lease("full", power_mw=250), lease("other", power_mw=150)
    assert same_deal(bare, full).same
    assert not same_deal(full, other).same
    assert any("power_mw" in reason for reason in same_deal(full, other).reasons)
    assert same_deal(full, other) == same_deal(other, full)


def test_one_document_tells_each_deal_once() -> None:
    deal = {"kind": "lease", "supplier": "Applied Digital", "customer": "CoreWeave"}
    first, second = tell("d1", deal, deal)
    assert same_deal(first, second).vetoed
    assert len(cluster([first, second])) == 2


def test_an_unnamed_tenant_needs_a_figure_or_a_place() -> None:
    named = one(
        "named", kind="lease", supplier="Hut 8", customer="Anthropic", total_value_usd=9_800_000_000, power_mw=352
    )
    agrees = one("agrees", kind="lease", supplier="Hut 8", total_value_usd=9_800_000_000)
    silent = one("silent", kind="lease", supplier="Hut 8")
    assert groups([named, agrees, silent]) == {frozenset({"named", "agrees"}), frozenset({"silent"})}


def test_a_subsidiary_that_signs_is_known_by_a_rare_figure_alone() -> None:
    told = {"kind": "compute", "customer": "Microsoft", "site": "Childress, Texas", "gpu_model": ["GB300"]}
    parent = one("parent", **told, supplier="IREN", total_value_usd=9_700_000_000)
    signer = one("signer", **told, supplier="Hardware 3 LLC", total_value_usd=9_700_000_000)
    other = one("other", **told, supplier="Nscale", total_value_usd=9_000_000_000)
    assert same_deal(parent, signer).same
    assert same_deal(parent, other).vetoed
    assert not same_deal(
        one("bare", kind="compute", supplier="A", customer="M", gpu_count=4096),
        one("too", kind="compute", supplier="B", customer="M", gpu_count=4096),
    ).same


def test_figures_agree_within_their_hedges() -> None:
    exact = one("exact", kind="compute", supplier="Nebius", customer="Microsoft", total_value_usd=17_400_000_000)
    ceiling = one(
        "ceiling",
        kind="compute",
        supplier="Nebius",
        customer="Microsoft",
        total_value_usd=19_400_000_000,
        qualifiers={"total_value_usd": "up_to"},
    )
    assert same_deal(exact, ceiling).same


def test_an_expansion_is_a_deal_of_its_own_and_a_cumulative_total_merges_nothing() -> None:
    told = {"kind": "compute", "supplier": "CoreWeave", "customer": "OpenAI"}
    first = one("first", **told, total_value_usd=11_900_000_000)
    again = one("again", **told, total_value_usd=11_900_000_000)
    more = one("more", **told, total_value_usd=4_000_000_000)
    total = one("total", **told, total_value_usd=15_900_000_000)
    assert groups([first, again, more, total]) == {
        frozenset({"first", "again"}),
        frozenset({"more"}),
        frozenset({"total"}),
    }


def test_a_monthly_payment_meets_its_total_over_the_term() -> None:
    told = {"kind": "compute", "supplier": "SpaceX"}
    monthly = one("monthly", **told, customer="Anthropic", monthly_payment_usd=1_250_000_000, term_months=36)
    total = one("total", **told, customer="Anthropic", total_value_usd=45_000_000_000)
    other = one("other", **told, customer="Anthropic", total_value_usd=6_000_000_000)
    assert groups([monthly, total, other]) == {frozenset({"monthly", "total"}), frozenset({"other"})}


def test_a_five_year_term_of_one_text_does_not_split_a_deal() -> None:
    told = {"kind": "compute", "supplier": "SpaceX", "customer": "Anthropic", "monthly_payment_usd": 1_250_000_000}
    assert same_deal(one("three", **told, term_months=36), one("five", **told, term_months=60)).same


def test_campuses_with_other_numbers_are_other_deals() -> None:
    told = {"kind": "lease", "supplier": "Applied Digital", "total_value_usd": 7_500_000_000}
    assert not same_deal(one("a", **told, site="Polaris Forge 3"), one("b", **told, site="Delta Forge 1")).same


def test_a_plan_may_move_before_it_is_signed() -> None:
    told = {"kind": "acquisition", "supplier": "Sharp", "customer": "SoftBank", "site": "Sakai"}
    plan = one("plan", **told, total_value_usd=636_000_000, status="planned")
    signed = one("signed", **told, total_value_usd=676_000_000)
    assert same_deal(plan, signed).same
    unplanned = one("unplanned", **{**told, "site": "Osaka"}, total_value_usd=636_000_000)
    assert not same_deal(unplanned, one("later", **told, total_value_usd=950_000_000)).same


def test_a_hosted_cluster_may_be_told_as_a_lease_where_its_figures_agree() -> None:
    told = {"supplier": "IREN", "customer": "Microsoft", "total_value_usd": 9_700_000_000}
    assert same_deal(one("a", kind="compute", **told), one("b", kind="lease", **told)).same
    assert not same_deal(one("a", kind="compute", **told), one("b", kind="power", **told)).same


def test_judgements_join_and_part_whatever_the_points_say() -> None:
    a, b, c = lease("a", power_mw=250), lease("b", power_mw=250), lease("c", power_mw=150)
    apart = Judgement("different", a.mention_id, b.mention_id)
    joined = Judgement("same", a.mention_id, c.mention_id)
    assert groups([a, b, c]) == {frozenset("ab"), frozenset("c")}
    assert groups([a, b, c], [apart]) == {frozenset("a"), frozenset("b"), frozenset("c")}
    assert frozenset("ac") in groups([a, b, c], [apart, joined])


def test_near_misses_are_candidates_for_review() -> None:
    told = {"kind": "lease", "supplier": "Bitdeer", "site": "Tydal"}
    a, b = one("a", **told, power_mw=180), one("b", **told, customer="Anthropic")
    c = one("c", kind="lease", supplier="Bitdeer", power_mw=570, site="Clarington")
    found = cluster([a, b, c])
    assert [len(group.mention_ids) for group in found] == [1, 1, 1]
    (near,) = {candidate for group in found for candidate in group.candidates}
    assert {near.left, near.right} == {a.mention_id, b.mention_id}
    assert near.reasons == (
        "same site (+1.5)",
        "one party the same, the other unnamed (+1)",
        "same kind (+1)",
    )


def test_what_one_document_tells_apart_is_no_candidate() -> None:
    told = {"kind": "lease", "supplier": "Galaxy", "customer": "CoreWeave", "term_months": 180}
    both = tell("both", {**told, "power_mw": 260, "site": "Helios"}, {**told, "power_mw": 133, "site": "Helios"})
    other = one("other", **told, power_mw=133, site="Helios")
    found = cluster([*both, other])
    assert sorted(len(group.mention_ids) for group in found) == [1, 2]
    assert all(group.candidates == () for group in found)


def test_judged_mentions_that_share_nothing_are_found_when_one_of_them_is_touched() -> None:
    a, b = one("a", kind="lease", supplier="A", customer="B"), one("b", kind="power", supplier="C", customer="D")
    ledger = {key: one for one in (a, b) for key in blocking_keys(one)}
    joined = Judgement("same", a.mention_id, b.mention_id)
    near = concerned([a], lambda keys: [ledger[key] for key in keys if key in ledger], judgements=[joined])
    assert {mention.mention_id for mention in near} == {a.mention_id, b.mention_id}
    (found,) = cluster(near, judgements=[joined])
    assert found.reasons == ("a person judged them one deal",)


def test_a_deal_keeps_its_key_when_later_documents_join() -> None:
    early = tell("early", {"kind": "lease", "supplier": "A", "customer": "B"}, published="2026-01-01")
    late = tell("late", {"kind": "lease", "supplier": "A", "customer": "B"}, published="2026-03-01")
    assert deal_key(early) == deal_key([*late, *early]) != deal_key(late)


PARTIES = st.sampled_from([None, "Nebius", "IREN", "CoreWeave", "Microsoft"])
DEALS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["compute", "lease", "build"]), "supplier": PARTIES, "customer": PARTIES},
    optional={
        "power_mw": st.sampled_from([100, 150, 200, 205]),
        "total_value_usd": st.sampled_from([10**9, 97 * 10**8, 98 * 10**8]),
        "site": st.sampled_from(["Childress, Texas", "Texas", "Sweetwater, Texas"]),
        "start_date": st.sampled_from(["2026", "2026-05", "2027-H1"]),
    },
)
DOCUMENTS = st.lists(st.lists(DEALS, min_size=1, max_size=3), min_size=1, max_size=8)


def told(documents: Sequence[Sequence[dict[str, Any]]]) -> list[Mention]:
    return [mention for number, deals in enumerate(documents) for mention in tell(f"d{number}", *deals)]


@given(DOCUMENTS, st.randoms())
def test_the_order_of_documents_does_not_matter(documents: list[list[dict[str, Any]]], chance: random.Random) -> None:
    mentions = told(documents)
    shuffled = chance.sample(mentions, len(mentions))
    assert cluster(mentions) == cluster(shuffled)


@given(DOCUMENTS)
def test_every_mention_is_in_one_deal_and_no_deal_has_two_of_one_document(
    documents: list[list[dict[str, Any]]],
) -> None:
    mentions = told(documents)
    found = cluster(mentions)
    assert sorted(name for group in found for name in group.mention_ids) == sorted(one.mention_id for one in mentions)
    home = {mention.mention_id: mention.document.document_id for mention in mentions}
    assert all(len({home[name] for name in group.mention_ids}) == len(group.mention_ids) for group in found)


JUDGED = st.lists(st.tuples(st.sampled_from(["same", "different"]), st.integers(0, 23), st.integers(0, 23)), max_size=3)


@settings(max_examples=60)
@given(DOCUMENTS, JUDGED)
def test_adding_documents_one_by_one_equals_a_full_run(
    documents: list[list[dict[str, Any]]], judged: list[tuple[Any, int, int]]
) -> None:
    mentions = told(documents)
    ids = [mention.mention_id for mention in mentions]
    judgements = [Judgement(verdict, ids[a % len(ids)], ids[b % len(ids)]) for verdict, a, b in judged]
    by_key: defaultdict[str, list[Mention]] = defaultdict(list)
    deals: dict[str, Cluster] = {}
    for mention in mentions:
        for key in blocking_keys(mention):
            by_key[key].append(mention)
        near = concerned([mention], lambda keys: [one for key in keys for one in by_key[key]], judgements=judgements)
        for group in cluster(near, judgements=judgements):
            deals.update(dict.fromkeys(group.mention_ids, group))
    whole = {group.mention_ids for group in cluster(mentions, judgements=judgements)}
    assert {deals[name].mention_ids for name in ids} == whole


def b_cubed(documents: Sequence[dict[str, Any]]) -> float:
    mentions = mentions_of(documents)
    truth = {
        mention.mention_id: next(one for one in documents if one["id"] == mention.document.document_id)["deals"][
            mention.deal.position
        ]["deal_key"]
        for mention in mentions
    }
    same_truth = defaultdict(set)
    for name, key in truth.items():
        same_truth[key].add(name)
    precision = recall = 0.0
    for group in cluster(mentions):
        names = set(group.mention_ids)
        for name in names:
            right = len(names & same_truth[truth[name]])
            precision += right / len(names) / len(truth)
            recall += right / len(same_truth[truth[name]]) / len(truth)
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(
    ("files", "least"),
    [(("dev-a", "dev-b"), 0.95), (("train-e", "train-f"), 0.98), (("train-h", "train-i", "train-n"), 0.99)],
    ids=["real", "small and abroad", "several deals a text"],
)
def test_annotated_deals_are_clustered(files: tuple[str, ...], least: float) -> None:
    paths = [ANNOTATED / f"{name}.jsonl" for name in files]
    if not all(path.is_file() for path in paths):
        pytest.skip("the annotated documents are not beside the project (../shared/evaluation)")
    documents = [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
    assert b_cubed(documents) >= least


@settings(deadline=None)
@given(DOCUMENTS)
def test_mentions_that_may_be_one_deal_find_each_other(documents: list[list[dict[str, Any]]]) -> None:
    reading = Reading()
    for a, b in combinations(told(documents), 2):
        finds = not sought_keys(a).isdisjoint(blocking_keys(b))
        assert finds == (not sought_keys(b).isdisjoint(blocking_keys(a)))
        assert finds or not reading.is_near(a, b)


def test_a_company_of_hundreds_of_deals_is_not_compared_with_itself() -> None:
    deals = [one(f"d{n}", kind="lease", supplier="A", customer=f"Tenant {n}", power_mw=100) for n in range(300)]
    found = [key for deal in deals for key in blocking_keys(deal) if not key.startswith("mention:")]
    assert sum(key in sought_keys(deals[0]) for key in found) == 1
    silent = one("silent", kind="lease", supplier="A", power_mw=100)
    assert sum(key in sought_keys(silent) for key in found) == 300, "an unnamed tenant may be any of them"
