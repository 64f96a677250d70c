from decimal import Decimal
from typing import Any

import pytest
from deal_telling import deal, terms

from megawatch.ledger.arithmetic.payment_terms import prepayments_of, ramps_of, read_prepayments, read_ramps
from megawatch.ledger.arithmetic.schedule import Prepayment, Ramp, cash_schedule
from megawatch.ledger.data import read_data

PREPAID = [entry for entry in read_data("payment_terms") if entry["is"] == "prepayment"]
RAMPS = [entry for entry in read_data("payment_terms") if entry["is"] == "ramp"]


@pytest.mark.parametrize("entry", PREPAID, ids=lambda entry: entry["examples"][0][0])
def test_prepayments_match_their_examples_and_not_their_counter_examples(entry: dict[str, Any]) -> None:
    for sentence, unit, amount in entry["examples"]:
        assert [(one.unit, one.amount) for one in read_prepayments(sentence)] == [(unit, Decimal(amount))], sentence
    assert [sentence for sentence in entry["not_examples"] if read_prepayments(sentence)] == []


@pytest.mark.parametrize("entry", RAMPS, ids=lambda entry: entry["examples"][0][0])
def test_ramps_match_their_examples_and_not_their_counter_examples(entry: dict[str, Any]) -> None:
    for sentence, usd, when in entry["examples"]:
        (found,) = read_ramps(sentence)
        assert (found.monthly_usd, found.month or str(found.after_months)) == (Decimal(usd), when)
    assert [sentence for sentence in entry["not_examples"] if read_ramps(sentence)] == []


def test_a_fifth_of_9_7_billion_ahead() -> None:
    told = deal("d", "compute", terms(total_value_usd=9_700_000_000, monthly_payment_usd=161_666_666, term_months=60))
    sentences = ["IREN will be paid $9.7 billion over five years, 20% of it paid up front."] * 2
    assert prepayments_of(told, sentences) == (Prepayment(usd=Decimal(1_940_000_000)),)


def test_prepayments_that_disagree_or_lack_their_base_are_left_out() -> None:
    told = deal("d", "compute", terms(monthly_payment_usd=1_000_000))
    assert prepayments_of(told, ["a 15% prepayment"]) == ()
    assert prepayments_of(told, ["has made a prepayment of $52 million", "has prepaid US$60 million"]) == ()
    assert prepayments_of(told, ["paid six months in advance"]) == (Prepayment(usd=Decimal(6_000_000)),)


def test_a_ramp_after_months_counts_from_the_start_and_enters_the_schedule() -> None:
    told = deal("d", "compute", terms(monthly_payment_usd=1_000_000, term_months=12, start_date="2026-05"))
    ramps = ramps_of(told, ["$1 million a month at first and $3 million a month after the first six months"])
    assert ramps == (Ramp(month="2026-11", monthly_usd=Decimal(3_000_000)),)
    assert cash_schedule(told, ramps=ramps).total_usd == 24_000_000
    assert ramps_of(deal("d", "compute"), ["$3 million a month after six months"]) == ()
