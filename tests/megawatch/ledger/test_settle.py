"""Settling: one deal from many documents, the same whatever the order, and answerable as of any day."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from ledger_texts import keep, open_rows, read_gold, rows_of, tell

from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger import review as reviewing
from megawatch.ledger.queries import get_deal, list_changes, list_contradictions, list_corrections, list_deals
from megawatch.ledger.reconcile import STEP, count_unsettled, settle, settle_anew
from megawatch.market import Deal, Document, Findings

Told = tuple[Document, Findings]

CLOUD = {
    "kind": "compute",
    "supplier": ["Halyard Compute"],
    "customer": ["Ostrea Labs"],
    "total_value_usd": "1060000000",
    "term_months": "48",
    "gpu_model": ["GB200"],
}
SLOW = settings(
    max_examples=8,
    deadline=None,
    # A failing example is small as it is; making it smaller takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def facts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["compute", "lease"]),
            "supplier": st.sampled_from([["Halyard Compute"], ["Halyard Compute, Inc."], ["CoreWeave"]]),
            "total_value_usd": st.sampled_from(["1060000000", "1100000000", "2400000000"]),
        },
        optional={
            "customer": st.sampled_from([["Ostrea Labs"], ["Ostrea Labs, Inc.", "Ostrea"], ["OpenAI"]]),
            "power_mw": st.sampled_from(["100", "102", "250"]),
            "term_months": st.sampled_from(["48", "60"]),
            "status": st.sampled_from(["signed", "planned", "terminated"]),
        },
    )


def told_documents() -> st.SearchStrategy[list[Told]]:
    one = st.builds(
        lambda deals, day, source, number: tell(
            *deals, published=f"2026-05-{day:02}", source=source, title=f"Item {number}", publisher=f"Paper {number}"
        ),
        deals=st.lists(facts(), min_size=1, max_size=2),
        day=st.integers(1, 5),
        source=st.sampled_from(["filing", "press_release", "news", "blog"]),
        number=st.integers(1, 10_000),
    )
    return st.lists(one, min_size=2, max_size=6, unique_by=lambda told: told[0].id)


def fresh(pattern: Path, folder: Path) -> Ledger:
    path = folder / f"{random.getrandbits(64):016x}.db"
    shutil.copy(pattern, path)
    return open_ledger(path)


def in_order(told: Sequence[Told]) -> list[Told]:
    return sorted(told, key=lambda one: (one[0].published or "", one[0].id))


@SLOW
@given(told=told_documents(), data=st.data())
def test_the_order_of_documents_does_not_matter(
    told: list[Told], data: st.DataObject, sqlite_pattern: Path, tmp_path: Path
) -> None:
    with fresh(sqlite_pattern, tmp_path) as once, fresh(sqlite_pattern, tmp_path) as other:
        for one in in_order(told):
            keep(once, one)
        settle(once)
        for one in data.draw(st.permutations(told)):
            keep(other, one)
            if data.draw(st.booleans()):
                settle(other)
        settle(other)
        assert rows_of(other) == rows_of(once)


@SLOW
@given(told=told_documents())
def test_settling_step_by_step_equals_settling_anew(told: list[Told], sqlite_pattern: Path, tmp_path: Path) -> None:
    with fresh(sqlite_pattern, tmp_path) as ledger:
        for one in in_order(told):
            keep(ledger, one)
            settle(ledger)
        before = rows_of(ledger)
        settle_anew(ledger)
        assert rows_of(ledger) == before


@SLOW
@given(told=told_documents())
def test_as_of_answers_as_the_ledger_stood(told: list[Told], sqlite_pattern: Path, tmp_path: Path) -> None:
    with fresh(sqlite_pattern, tmp_path) as ledger:
        stood: dict[str, tuple[Deal, ...]] = {}
        for one in in_order(told):
            keep(ledger, one)
            settle(ledger)
            stood[one[0].published or ""] = list_deals(ledger)
        for day, deals in stood.items():
            assert list_deals(ledger, as_of=day) == deals
        assert list_deals(ledger, as_of="2100-01-01") == list_deals(ledger)
        assert list_deals(ledger, as_of="2026-04-30") == ()


def test_one_deal_comes_of_what_several_documents_tell(ledger: Ledger) -> None:
    keep(ledger, tell(CLOUD, published="2026-05-04", source="news", publisher="Gridpost"))
    keep(ledger, tell({**CLOUD, "gpu_count": "6912"}, published="2026-05-06", source="filing", publisher="Halyard"))
    counts = settle(ledger)
    (deal,) = list_deals(ledger)
    assert (deal.documents, deal.independent_sources) == (2, 2)
    assert (deal.first_seen, deal.last_seen) == ("2026-05-04", "2026-05-06")
    assert counts.mentions == 2
    implied = deal.get("implied_usd_per_gpu_hour")
    assert implied is not None
    # 1.06 bn over 48 months of 730 hours and 6,912 chips.
    assert implied.value == pytest.approx(Decimal("4.3766"), abs=Decimal("0.0001"))
    assert implied.basis == "derived"
    assert implied.interval is not None
    assert implied.interval.contains(Decimal("4.3766"))
    assert settle(ledger).steps == 0


def test_copies_of_one_wire_count_once(ledger: Ledger) -> None:
    for paper in ("Gridpost", "Tideline", "Powerday"):
        keep(ledger, tell(CLOUD, title=f"In {paper}", publisher=paper), group_id="wire-1")
    settle(ledger)
    (deal,) = list_deals(ledger)
    assert (deal.documents, deal.independent_sources) == (3, 1)


def test_a_later_document_is_not_known_before_its_day(ledger: Ledger) -> None:
    keep(ledger, tell(CLOUD, published="2026-05-04"))
    keep(ledger, tell({**CLOUD, "gpu_count": "6912"}, published="2026-05-06"))
    settle(ledger)
    (deal,) = list_deals(ledger)
    assert get_deal(ledger, deal.deal_id, as_of="2026-05-03") is None
    then = get_deal(ledger, deal.deal_id, as_of="2026-05-05")
    assert then is not None
    assert then.get("gpu_count") is None
    assert deal.value("gpu_count") == 6912


def test_a_document_recorded_late_is_settled_from_its_own_day(ledger: Ledger) -> None:
    keep(ledger, tell({**CLOUD, "gpu_count": "6912"}, published="2026-05-06"))
    settle(ledger)
    (first,) = list_deals(ledger)
    keep(ledger, tell(CLOUD, published="2026-05-02"))
    settle(ledger)
    (deal,) = list_deals(ledger)
    assert deal.documents == 2
    assert deal.first_seen == "2026-05-02"
    assert [one.documents for one in list_deals(ledger, as_of="2026-05-03")] == [1]
    found = get_deal(ledger, first.deal_id)
    assert found == deal, "the id given out before leads on"


def test_a_correction_changes_the_deal_and_is_told_as_one(ledger: Ledger) -> None:
    address = "https://gridpost.example/cloud"
    keep(ledger, tell(CLOUD, url=address), known_at="2026-05-04")
    settle(ledger)
    keep(ledger, tell({**CLOUD, "term_months": "36"}, url=address), known_at="2026-05-07")
    settle(ledger)
    (deal,) = list_deals(ledger)
    assert (deal.value("term_months"), deal.documents) == (36, 1)
    corrections = {one.field: one for one in list_corrections(ledger, since="2026-05-05", until="2026-05-08")}
    correction = corrections["term_months"]
    assert (correction.before, correction.after, correction.known_at) == (48, 36, "2026-05-07")
    assert correction.quotes[0].quote == "term_months is 36"
    assert list_corrections(ledger, since="2026-05-01", until="2026-05-07") == ()
    (then,) = list_deals(ledger, as_of="2026-05-06")
    assert then.deal_id == deal.deal_id
    assert then.value("term_months") == 48


def test_a_deal_whose_only_document_takes_it_back_is_withdrawn(ledger: Ledger) -> None:
    address = "https://gridpost.example/cloud"
    keep(ledger, tell(CLOUD, url=address), known_at="2026-05-04")
    keep(ledger, tell(url=address, title="Correction"), known_at="2026-05-07")
    settle(ledger)
    assert list_deals(ledger) == ()
    assert len(list_deals(ledger, as_of="2026-05-06")) == 1
    changes = list_changes(ledger, since="2026-05-07", until="2026-05-08")
    assert {change.what for change in changes} == {"withdrawn"}
    assert {change.field for change in changes} >= {"kind", "total_value_usd", "supplier"}


def test_a_reading_by_a_new_version_moves_on_from_its_day(ledger: Ledger) -> None:
    keep(ledger, tell(CLOUD), known_at="2026-05-04")
    settle(ledger)
    again, findings = tell(CLOUD, version="test-2")
    fewer = replace(findings.deals[0], terms=findings.deals[0].terms[:-1])
    keep(ledger, (again, replace(findings, deals=(fewer,))), reread_at="2026-05-20")
    settle(ledger)
    (now,) = list_deals(ledger)
    (then,) = list_deals(ledger, as_of="2026-05-19")
    assert then.value("gpu_model") == ("GB200",)
    assert now.get("gpu_model") is None
    assert now.deal_id == then.deal_id


def test_changes_say_what_became_of_a_deal(ledger: Ledger) -> None:
    planned = {**CLOUD, "status": "planned", "start_date": "2026-Q3", "gpu_count": "4000"}
    keep(ledger, tell(planned, published="2026-05-04", source="news"))
    later = {**CLOUD, "status": "signed", "start_date": "2026-Q4", "gpu_count": "6912"}
    keep(ledger, tell(later, published="2026-05-11", source="filing"))
    settle(ledger)
    assert len(list_deals(ledger)) == 1
    first = list_changes(ledger, since="2026-05-04", until="2026-05-11")
    assert [(one.what, one.field, one.after) for one in first] == [("new", "kind", "compute")]
    second = {one.field: one.what for one in list_changes(ledger, since="2026-05-11", until="2026-05-12")}
    assert second["status"] == "changed"
    assert second["start_date"] == "slipped"
    assert second["gpu_count"] == "expanded"
    assert "supplier" not in second


def test_figures_that_cannot_all_hold_are_a_contradiction(ledger: Ledger) -> None:
    keep(ledger, tell({**CLOUD, "monthly_payment_usd": "50000000"}))
    settle(ledger)
    (clash,) = list_contradictions(ledger)
    assert set(clash.fields) == {"total_value_usd", "monthly_payment_usd", "term_months"}
    assert list_contradictions(ledger, since="2026-05-05") == ()
    assert list_contradictions(ledger, as_of="2026-05-03") == ()


def test_more_mentions_of_one_instant_than_one_step_takes(sqlite_ledger: Ledger) -> None:
    deals = [{**CLOUD, "customer": [f"Customer {number}"]} for number in range(STEP + 30)]
    keep(sqlite_ledger, tell(*deals))
    assert count_unsettled(sqlite_ledger) == STEP + 30
    counts = settle(sqlite_ledger)
    assert counts.steps == 2
    assert len(list_deals(sqlite_ledger)) == STEP + 30


def test_both_databases_hold_the_same_rows(sqlite_url: str, postgres_url: str) -> None:
    held = []
    for url in (sqlite_url, postgres_url):
        with open_ledger(url) as ledger:
            for one in read_gold():
                keep(ledger, one)
            settle(ledger)
            held.append(rows_of(ledger))
    assert held[0] == held[1]


def test_merging_and_undoing_restores_every_row(ledger: Ledger) -> None:
    for one in read_gold():
        keep(ledger, one)
    settle(ledger)
    before, rows = list_deals(ledger), open_rows(ledger)
    signed = reviewing.Signed("A. Reader", "both tell one loan", "2026-06-01")
    judgement = reviewing.merge(ledger, [before[0].deal_id, before[5].deal_id], signed=signed)
    settle(ledger)
    assert len(list_deals(ledger)) == len(before) - 1
    assert get_deal(ledger, before[5].deal_id) == get_deal(ledger, before[0].deal_id)
    reviewing.undo(ledger, judgement, signed=reviewing.Signed("A. Reader", "two loans after all", "2026-06-02"))
    settle(ledger)
    after = list_deals(ledger)
    assert [one.deal_id for one in after] == [one.deal_id for one in before]
    assert after == before
    assert open_rows(ledger) == rows
    assert len(list_deals(ledger, as_of="2026-06-01")) == len(before) - 1


@SLOW
@given(told=told_documents(), data=st.data())
def test_merging_any_two_deals_and_undoing_restores_every_row(
    told: list[Told], data: st.DataObject, sqlite_pattern: Path, tmp_path: Path
) -> None:
    with fresh(sqlite_pattern, tmp_path) as ledger:
        for one in told:
            keep(ledger, one)
        settle(ledger)
        deals, rows = list_deals(ledger), open_rows(ledger)
        assume(len(deals) > 1)
        pair = data.draw(st.permutations([one.deal_id for one in deals]))[:2]
        judgement = reviewing.merge(ledger, pair, signed=reviewing.Signed("A. Reader", "one deal", "2026-06-01"))
        settle(ledger)
        assert len(list_deals(ledger)) == len(deals) - 1
        reviewing.undo(ledger, judgement, signed=reviewing.Signed("A. Reader", "two deals", "2026-06-02"))
        settle(ledger)
        assert open_rows(ledger) == rows
