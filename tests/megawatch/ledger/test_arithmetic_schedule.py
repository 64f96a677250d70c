from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from deal_telling import deal, terms
from hypothesis import given
from hypothesis import strategies as st

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic.schedule import Prepayment, Ramp, cash_schedule
from megawatch.market import Deal

COLOSSUS: dict[str, Any] = {"monthly_payment_usd": 1_250_000_000, "term_months": 36, "start_date": "2026-05"}


def contract(**values: Any) -> Deal:
    return deal("d", "compute", terms(**{**COLOSSUS, **values}))


def test_even_payments_from_start_to_end() -> None:
    found = cash_schedule(contract())
    assert len(found.payments) == 36
    assert (found.payments[0].month, found.payments[-1].month) == ("2026-05", "2029-04")
    assert found.total_usd == 45_000_000_000
    assert found.paid_until("2026-12") == 10_000_000_000
    assert found.by_year() == {
        "2026": 10_000_000_000,
        "2027": 15_000_000_000,
        "2028": 15_000_000_000,
        "2029": 5_000_000_000,
    }


def test_only_what_is_paid_until_a_month() -> None:
    found = cash_schedule(contract(), until="2026-07")
    assert [one.month for one in found.payments] == ["2026-05", "2026-06", "2026-07"]
    assert found.total_usd == 3_750_000_000


def test_a_ramp_sets_the_payment_from_its_month_on() -> None:
    reduced = contract(monthly_payment_usd=600_000_000)
    found = cash_schedule(reduced, ramps=[Ramp(month="2026-07", monthly_usd=Decimal(1_250_000_000))])
    assert [one.usd for one in found.payments[:3]] == [600_000_000, 600_000_000, 1_250_000_000]
    assert found.total_usd == 2 * 600_000_000 + 34 * 1_250_000_000


def test_a_prepayment_moves_money_ahead_and_keeps_the_total() -> None:
    # A fifth of $9.7 billion ahead, as told of one contract of 2025: 1.94 billion, and every payment a fifth smaller.
    found = cash_schedule(
        contract(monthly_payment_usd=161_666_666, term_months=60), prepayments=[Prepayment(usd=Decimal(1_940_000_000))]
    )
    assert found.payments[0].usd == pytest.approx(Decimal(1_940_000_000) + Decimal("129333333"), abs=10)
    assert found.payments[1].usd == pytest.approx(Decimal("129333333"), abs=10)
    assert found.total_usd == 60 * 161_666_666


def test_a_month_outside_of_the_term_and_too_large_a_prepayment_are_refused() -> None:
    with pytest.raises(LedgerError, match="2030-01 lies outside of the term, 2026-05 to 2029-04"):
        cash_schedule(contract(), ramps=[Ramp(month="2030-01", monthly_usd=Decimal(1))])
    with pytest.raises(LedgerError, match="exceeds the 45000000000"):
        cash_schedule(contract(), prepayments=[Prepayment(usd=Decimal(46_000_000_000))])


def test_a_coarse_start_is_said() -> None:
    found = cash_schedule(contract(start_date="2026-H2"))
    assert found.payments[0].month == "2026-07"
    assert "payments begin in the first month of 2026-H2" in found.assumptions


@pytest.mark.parametrize(
    ("missing", "reason"),
    [("start_date", "no start"), ("monthly_payment_usd", "neither a monthly"), ("term_months", "no length")],
)
def test_what_is_not_stated_is_refused_with_its_reason(missing: str, reason: str) -> None:
    values = {name: value for name, value in COLOSSUS.items() if name != missing}
    found = cash_schedule(deal("d", "compute", terms(**values)))
    assert (found.payments, found.absence) == ((), "undisclosed")
    assert reason in found.reason


def test_loans_and_ended_deals_have_no_schedule() -> None:
    assert cash_schedule(deal("d", "financing", terms(**COLOSSUS))).absence == "not_applicable"
    assert (
        cash_schedule(deal("d", "compute", terms(**COLOSSUS), status="terminated")).reason == "the deal is terminated"
    )
    assert cash_schedule(contract(term_months=900)).absence == "conflicting"


@given(st.integers(1, 10**9), st.integers(1, 480), st.integers(0, 100))
def test_every_sum_is_exact_to_half_a_cent(cents: int, months: int, share: int) -> None:
    monthly = Decimal(cents) / 3
    (payment,) = terms(monthly_payment_usd=1)
    told = deal("d", "lease", (*terms(start_date="2026-05", term_months=months), replace(payment, value=monthly)))
    ahead = (monthly * months * share / 100).quantize(Decimal("0.01"))
    found = cash_schedule(told, prepayments=[Prepayment(usd=min(ahead, cash_schedule(told).total_usd))])
    assert abs(found.total_usd - monthly * months) <= Decimal("0.005")
    assert sum(found.by_year().values()) == found.total_usd
