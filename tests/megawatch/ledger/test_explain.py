"""A value walked back to its sentences, and a ledger checked against its sources and itself."""

from __future__ import annotations

import hashlib

import pytest
from ledger_texts import keep, read_gold, tell
from sqlalchemy import text

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger, review
from megawatch.ledger.queries import explain, get_deal, get_schedule, list_deals, list_exposures
from megawatch.ledger.reconcile import settle
from megawatch.ledger.verify import verify

DOCUMENTS = {document.id: document for document, _ in read_gold()}


def colossus(ledger: Ledger) -> str:
    (deal,) = [one for one in list_deals(ledger, supplier="SpaceX") if one.value("gpu_count")]
    return deal.deal_id


def test_a_derived_rate_leads_back_to_two_documents(told: Ledger) -> None:
    found = explain(told, colossus(told), "implied_usd_per_gpu_hour")
    (story,) = found.stories
    assert story.term.basis == "derived"
    assert story.term.rule == "$/GPU-hour = monthly ÷ (GPUs × 730 h)"
    chosen = [claim for claim in story.claims if claim.chosen]
    assert {claim.field for claim in chosen} == {"monthly_payment_usd", "gpu_count"}
    assert len({claim.quote.document_id for claim in chosen}) == 2
    for claim in chosen:
        document = DOCUMENTS[claim.quote.document_id]
        assert claim.quote.quote in claim.sentence
        assert claim.sentence in document.part(claim.quote.part)
        whole = f"{document.title}\x1f{document.text}".encode()
        assert claim.text_sha256 == hashlib.sha256(whole).hexdigest()
        assert claim.known_from == document.published


def test_rivals_and_history_are_told(told: Ledger) -> None:
    (story,) = explain(told, colossus(told), "term_months").stories
    assert story.term.value == 36
    assert 60 in {claim.value for claim in story.claims if not claim.chosen}
    assert story.history[-1][1:] == (None, "36")


def test_judgements_on_a_value_are_told(told_copy: Ledger) -> None:
    deal_id = colossus(told_copy)
    signed = review.Signed("A. Reader", "read it in the filing", "2026-06-01")
    review.correct(told_copy, deal_id, "term_months", "36", signed=signed)
    settle(told_copy)
    (story,) = explain(told_copy, deal_id, "term_months").stories
    assert [one.reason for one in story.judgements] == ["read it in the filing"]
    (before,) = explain(told_copy, deal_id, "term_months", as_of="2026-05-31").stories
    assert before.judgements == ()


def test_wrong_fields_and_deals_are_told(told: Ledger) -> None:
    with pytest.raises(LedgerError, match="No deal has the id"):
        explain(told, "nowhere")
    with pytest.raises(LedgerError, match="has no field 'colour'; it has kind, supplier"):
        explain(told, colossus(told), "colour")


def test_every_quote_and_every_value_holds(told: Ledger) -> None:
    steps: list[tuple[int, int]] = []
    verified = verify(told, DOCUMENTS.get, progress=lambda done, all_: steps.append((done, all_)))
    assert verified.faults == ()
    assert verified.documents == len(DOCUMENTS) == len(steps)
    assert verified.quotes > 300
    assert verified.deals == len(list_deals(told))


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE claim_rows SET start_offset = start_offset + 1 WHERE field = 'status'", "quote missing"),
        ("UPDATE term_rows SET value = '37' WHERE field = 'term_months' AND value = '36'", "value differs"),
        ("UPDATE deal_rows SET documents = documents + 1", "row differs"),
        ("DELETE FROM deal_mentions", "mention misplaced"),
        ("UPDATE document_rows SET text_sha256 = 'x'", "text changed"),
    ],
)
def test_damage_is_found(told_copy: Ledger, damage: str, what: str) -> None:
    told_copy.write(lambda connection: connection.execute(text(damage)))
    assert what in {fault.what for fault in verify(told_copy, DOCUMENTS.get).faults}


def test_a_missing_document_is_found(told: Ledger) -> None:
    some = dict(list(DOCUMENTS.items())[:-1])
    (fault,) = verify(told, some.get).faults
    assert (fault.what, fault.where) == ("document missing", list(DOCUMENTS)[-1])


def test_a_deal_is_paid_month_by_month(told: Ledger) -> None:
    deal_id = colossus(told)
    schedule = get_schedule(told, deal_id, until="2026-07")
    assert schedule is not None
    assert [(one.month, one.usd) for one in schedule.payments][:2] == [
        ("2026-05", 1_250_000_000),
        ("2026-06", 1_250_000_000),
    ]
    assert get_schedule(told, "nowhere") is None


def test_what_companies_owe_each_other_is_summed(told: Ledger) -> None:
    owed = {one.year: one.usd for one in list_exposures(told) if (one.debtor, one.creditor) == ("Anthropic", "SpaceX")}
    # Eight months of 2026, two whole years, and January to April of 2029, at 1.25 bn each.
    assert owed["2026"] == 10_000_000_000
    assert owed["2027"] == 15_000_000_000
    assert sum(owed.values()) == 45_000_000_000


def test_capacity_that_stands_on_capacity_is_linked(told: Ledger) -> None:
    linked = told.query(
        "select d.supplier, l.relation, o.supplier from links l join deals d on d.deal_id = l.deal_id "
        "join deals o on o.deal_id = l.other_id"
    ).rows
    assert ("Halyard Compute", "stands_on", "Fenwick Ridge Data Centers") in {
        tuple(str(cell).replace(", Inc.", "").replace(", LLC", "") for cell in row) for row in linked
    }
    (expanding,) = [one for one in list_deals(told) for link in one.links if link[0] == "expands"]
    relation, other, reason = expanding.links[0]
    assert reason.startswith("the text says")
    assert get_deal(told, other) is not None
    assert relation == "expands"


def test_a_link_is_known_only_once_both_deals_are(ledger: Ledger) -> None:
    site = {"site": "Lubbock, Texas", "power_mw": "100"}
    lease = {"kind": "lease", "supplier": ["Fenwick Ridge"], "customer": ["Halyard Compute"], **site}
    cloud = {"kind": "compute", "supplier": ["Halyard Compute"], "customer": ["Ostrea Labs"], **site}
    keep(ledger, tell(cloud, published="2026-05-04"))
    keep(ledger, tell(lease, published="2026-05-08"))
    settle(ledger)
    (upper,) = list_deals(ledger, kind="compute")
    assert [link[0] for link in upper.links] == ["stands_on"]
    assert list_deals(ledger, as_of="2026-05-07")[0].links == ()
    keep(ledger, tell({**lease, "status": "terminated"}, published="2026-05-12", title="Called off", source="filing"))
    settle(ledger)
    assert list_deals(ledger, kind="compute")[0].links == ()
    assert list_deals(ledger, kind="compute", as_of="2026-05-11")[0].links == upper.links


def test_a_link_by_megawatts_goes_when_they_change_or_when_another_fits_as_well(ledger: Ledger) -> None:
    cloud = {"kind": "compute", "supplier": ["Halyard Compute"], "customer": ["Ostrea Labs"], "power_mw": "100"}
    lease = {"kind": "lease", "supplier": ["Fenwick Ridge"], "customer": ["Halyard Compute"], "power_mw": "100"}
    other = {**lease, "supplier": ["Pellam Towers"], "power_mw": "101"}
    first, second = "https://gridpost.example/first", "https://gridpost.example/second"
    keep(ledger, tell(cloud, published="2026-05-04"))
    keep(ledger, tell(lease, published="2026-05-08", url=first))
    settle(ledger)
    (upper,) = list_deals(ledger, kind="compute")
    assert [(link[0], link[2]) for link in upper.links] == [("stands_on", "same party, and the megawatts agree")]
    keep(ledger, tell(other, published="2026-05-12", url=second))
    settle(ledger)
    assert list_deals(ledger, kind="compute")[0].links == ()
    keep(ledger, tell({**other, "power_mw": "140"}, published="2026-05-16", url=second))
    settle(ledger)
    assert list_deals(ledger, kind="compute")[0].links == upper.links
    keep(ledger, tell({**lease, "power_mw": "160"}, published="2026-05-20", url=first))
    settle(ledger)
    assert list_deals(ledger, kind="compute")[0].links == ()
    assert list_deals(ledger, kind="compute", as_of="2026-05-18")[0].links == upper.links
