"""Judgements: each takes effect, lasts when documents are read again, and can be taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ledger_texts import keep, rows_of, tell

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger, review
from megawatch.ledger.queries import get_deal, get_organization, list_corrections, list_deals
from megawatch.ledger.reconcile import settle, settle_anew
from megawatch.ledger.review import Signed
from megawatch.ledger.waiting import Waiting, list_waiting
from megawatch.market import Deal

SIGNED = Signed("A. Reader", "the filing says so", "2026-06-01")
LATER = Signed("B. Reader", "it was right before", "2026-06-02")
CLOUD = {
    "kind": "compute",
    "supplier": ["Halyard Compute"],
    "customer": ["Ostrea Labs"],
    "total_value_usd": "1060000000",
    "term_months": "48",
}


def only(ledger: Ledger) -> Deal:
    (deal,) = list_deals(ledger)
    return deal


def bare(deal: Deal) -> Deal:
    """A deal without the days from which its contradictions were believed: one that comes back is believed anew."""
    return replace(deal, contradictions=tuple(replace(one, known_from="") for one in deal.contradictions))


def waiting(ledger: Ledger, what: str) -> list[Waiting]:
    return [one for one in list_waiting(ledger) if one.what == what]


@pytest.fixture
def rival(ledger: Ledger) -> Ledger:
    """One deal, told with 48 months by a filing and with 60 by a blog."""
    keep(ledger, tell(CLOUD, source="filing", publisher="Halyard"))
    keep(ledger, tell({**CLOUD, "term_months": "60"}, source="blog", publisher="Blog"))
    settle(ledger)
    return ledger


def test_a_correction_wins_and_can_be_undone(rival: Ledger) -> None:
    before = only(rival)
    judgement = review.correct(rival, before.deal_id, "term_months", "36", signed=SIGNED)
    settle(rival)
    term = only(rival).get("term_months")
    assert term is not None
    assert (term.value, term.basis) == (36, "reviewed")
    assert get_deal(rival, before.deal_id, as_of="2026-05-31") == before
    (told,) = [
        one for one in list_corrections(rival, since="2026-06-01", until="2026-06-02") if one.field == "term_months"
    ]
    assert (told.before, told.after) == (48, 36)
    review.undo(rival, judgement, signed=LATER)
    settle(rival)
    assert bare(only(rival)) == bare(before)
    (kept,) = review.list_judgements(rival, standing=False)
    assert (kept.known_to, kept.undone_by, kept.undone_because) == ("2026-06-02", "B. Reader", "it was right before")
    assert review.list_judgements(rival) == ()


def test_a_correction_of_what_no_text_states(rival: Ledger) -> None:
    deal = only(rival)
    review.correct(rival, deal.deal_id, "gpu_model", "GB200, B200", signed=SIGNED)
    review.correct(rival, deal.deal_id, "customer", "Vantor Reasoning", signed=SIGNED)
    settle(rival)
    now = only(rival)
    assert now.value("gpu_model") == ("GB200", "B200")
    customer = now.value("customer")
    assert isinstance(customer, tuple)
    assert customer[0] == "Vantor Reasoning"
    assert get_organization(rival, "Vantor Reasoning") is not None


def test_a_refused_value_gives_way_to_the_next(rival: Ledger) -> None:
    deal = only(rival)
    assert deal.value("term_months") == 48
    review.reject(rival, deal.deal_id, "term_months", signed=SIGNED)
    settle(rival)
    assert only(rival).value("term_months") == 60


def test_a_single_claim_can_be_refused(rival: Ledger) -> None:
    (rows,) = rival.query("select claim_id from claims where field = 'term_months' and value = '60'").rows
    review.reject_claim(rival, rows[0], signed=SIGNED)
    settle(rival)
    term = only(rival).get("term_months")
    assert term is not None
    assert (term.value, term.rivals) == (48, ())


def test_a_refused_deal_is_gone_and_comes_back(rival: Ledger) -> None:
    before = only(rival)
    judgement = review.reject(rival, before.deal_id, signed=SIGNED)
    settle(rival)
    assert list_deals(rival) == ()
    review.undo(rival, judgement, signed=LATER)
    settle(rival)
    assert bare(only(rival)) == bare(before)


def test_an_accepted_value_counts_as_reviewed(rival: Ledger) -> None:
    deal = only(rival)
    review.accept(rival, deal.deal_id, "term_months", signed=SIGNED)
    settle(rival)
    term = only(rival).get("term_months")
    assert term is not None
    assert (term.value, term.basis) == (48, "reviewed")


def test_a_split_stands_when_everything_is_settled_anew(rival: Ledger) -> None:
    deal = only(rival)
    mentions = [row[0] for row in rival.query("select mention_id from mentions order by mention_id").rows]
    judgement = review.split(rival, deal.deal_id, mentions[:1], signed=SIGNED)
    settle(rival)
    apart = list_deals(rival)
    assert len(apart) == 2
    assert deal.deal_id in {one.deal_id for one in apart}
    before = rows_of(rival)
    settle_anew(rival)
    assert rows_of(rival) == before
    review.undo(rival, judgement, signed=LATER)
    settle(rival)
    assert bare(only(rival)) == bare(deal)


def test_judgements_last_when_documents_are_read_again(rival: Ledger) -> None:
    deal = only(rival)
    review.correct(rival, deal.deal_id, "term_months", "36", signed=SIGNED)
    settle(rival)
    for source, months in (("filing", "48"), ("blog", "60")):
        publisher = {"filing": "Halyard", "blog": "Blog"}[source]
        told = tell(
            {**CLOUD, "term_months": months},
            source=source,  # type: ignore[arg-type]
            publisher=publisher,
            version="test-2",
        )
        keep(rival, told, reread_at="2026-06-10")
    settle(rival)
    now = only(rival)
    assert now.deal_id == deal.deal_id
    assert now.value("term_months") == 36


def test_merged_deals_are_one_whatever_their_figures(ledger: Ledger) -> None:
    keep(ledger, tell(CLOUD))
    keep(ledger, tell({**CLOUD, "total_value_usd": "9000000000", "term_months": "120"}, title="Another"))
    settle(ledger)
    one, two = list_deals(ledger)
    judgement = review.merge(ledger, [one.deal_id, two.deal_id], signed=SIGNED)
    settle(ledger)
    both = only(ledger)
    assert both.documents == 2
    assert get_deal(ledger, one.deal_id) == get_deal(ledger, two.deal_id) == both
    with pytest.raises(LedgerError, match="needs two deals"):
        review.merge(ledger, [one.deal_id, two.deal_id], signed=SIGNED)
    review.undo(ledger, judgement, signed=LATER)
    settle(ledger)
    assert list_deals(ledger) == (one, two)


def test_two_spellings_of_a_name_that_only_texts_know_wait(ledger: Ledger) -> None:
    for title, name in (("A", "Fenwick Ridge"), ("B", "Fenwick Ridge Energy"), ("C", "Fenwickridge"), ("D", "Fen")):
        keep(ledger, tell({"kind": "power", "supplier": [name], "power_mw": "300"}, title=title))
    settle(ledger)
    (item,) = waiting(ledger, "organization")
    assert item.summary == "'Fenwick Ridge' may be short for 'Fenwick Ridge Energy'"
    review.merge_organizations(ledger, *item.ids, signed=SIGNED)
    settle(ledger)
    assert waiting(ledger, "organization") == []
    assert [deal.documents for deal in list_deals(ledger, supplier="Fenwick Ridge")] == [2]


def test_merged_organizations_bring_their_deals_together_until_undone(ledger: Ledger) -> None:
    keep(ledger, tell(CLOUD))
    keep(ledger, tell({**CLOUD, "customer": ["Pearl Models"]}, title="Under its new name"))
    settle(ledger)
    before = list_deals(ledger)
    assert len(before) == 2
    judgement = review.merge_organizations(ledger, "Pearl Models", "Ostrea Labs", signed=SIGNED)
    settle(ledger)
    both = only(ledger)
    assert both.documents == 2
    assert [one.deal_id for one in list_deals(ledger, customer="Pearl Models")] == [both.deal_id]
    found = get_organization(ledger, "Pearl Models")
    assert found is not None
    assert found.name == "Ostrea Labs"
    merged = ledger.query("select name, merged_into is not null from organizations order by name").rows
    assert [name for name, into in merged if into] == ["Pearl Models"]
    review.undo(ledger, judgement, signed=LATER)
    settle(ledger)
    assert list_deals(ledger) == before
    before_merge = list_deals(ledger, as_of="2026-05-31")
    assert before_merge == before


def test_what_waits_is_listed_with_its_sentences(ledger: Ledger) -> None:
    document, findings = tell({**CLOUD, "monthly_payment_usd": "50000000"})
    unsure = replace(findings.deals[0].terms[-1], confidence=0.2)
    deal = replace(findings.deals[0], terms=(*findings.deals[0].terms[:-1], unsure))
    keep(ledger, (document, replace(findings, deals=(deal,))))
    settle(ledger)
    (clash,) = waiting(ledger, "contradiction")
    assert "The term_months is 48." in clash.sentences
    assert len(clash.quotes) == len(clash.sentences)
    doubtful = waiting(ledger, "doubtful")
    assert [one.field for one in doubtful] == [unsure.field]
    review.acknowledge(ledger, clash.item_id, signed=SIGNED)
    assert waiting(ledger, "contradiction") == []
    review.accept(ledger, clash.deal_id, unsure.field, signed=SIGNED)
    settle(ledger)
    assert waiting(ledger, "doubtful") == []


def test_an_unknown_name_like_a_known_one_waits(ledger: Ledger) -> None:
    keep(ledger, tell({**CLOUD, "supplier": ["CoreWeawe"]}))
    settle(ledger)
    (item,) = waiting(ledger, "organization")
    assert "'CoreWeawe' looks like 'CoreWeave'" in item.summary
    review.merge_organizations(ledger, *item.ids, signed=SIGNED)
    settle(ledger)
    assert waiting(ledger, "organization") == []
    supplier = only(ledger).value("supplier")
    assert isinstance(supplier, tuple)
    assert supplier[0] == "CoreWeave"


def test_a_judgement_that_lost_its_mentions_is_listed(ledger: Ledger) -> None:
    address = "https://gridpost.example/cloud"
    keep(ledger, tell(CLOUD, url=address))
    settle(ledger)
    review.correct(ledger, only(ledger).deal_id, "term_months", "36", signed=SIGNED)
    keep(ledger, tell(url=address, title="Taken back"), known_at="2026-06-05")
    settle(ledger)
    (item,) = waiting(ledger, "adrift")
    assert "correct by A. Reader" in item.summary


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("term_months", "four years", "plain number"),
        ("term_months", "900", "term over 600 months"),
        ("total_value_usd", "-5", "negative amount"),
        ("start_date", "soon", "malformed date"),
        ("kind", "merger", "unknown kind"),
        ("colour", "blue", "no field that can be corrected"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(rival: Ledger, field: str, value: str, told: str) -> None:
    with pytest.raises(LedgerError, match=told):
        review.correct(rival, only(rival).deal_id, field, value, signed=SIGNED)


def test_wrong_ids_and_missing_names_are_told(rival: Ledger) -> None:
    deal = only(rival)
    with pytest.raises(LedgerError, match="No deal has the id"):
        review.accept(rival, "nowhere", "term_months", signed=SIGNED)
    with pytest.raises(LedgerError, match="has no value for"):
        review.accept(rival, deal.deal_id, "gross_power_mw", signed=SIGNED)
    with pytest.raises(LedgerError, match="is derived"):
        review.accept(rival, deal.deal_id, "monthly_payment_usd", signed=SIGNED)
    with pytest.raises(LedgerError, match="needs a reason"):
        review.accept(rival, deal.deal_id, "term_months", signed=Signed("A", " ", "2026-06-01"))
    with pytest.raises(LedgerError, match="No standing judgement"):
        review.undo(rival, "nothing", signed=SIGNED)
    with pytest.raises(LedgerError, match="No organization goes by"):
        review.merge_organizations(rival, "Nobody Inc", "CoreWeave", signed=SIGNED)
    with pytest.raises(LedgerError, match="name some of them, not all"):
        review.split(rival, deal.deal_id, [], signed=SIGNED)
