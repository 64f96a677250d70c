from typing import Any

from deal_telling import deal, terms

from megawatch.ledger.exposure import Exposure, exposure_by_year, left_out
from megawatch.market import Deal


def rented(deal_id: str, **values: Any) -> Deal:
    found = {"supplier": ("SpaceX",), "customer": ("Anthropic",), "start_date": "2026-05", "term_months": 36}
    return deal(deal_id, "compute", terms(**{**found, "monthly_payment_usd": 1_250_000_000, **values}))


def test_who_owes_whom_in_each_year_over_two_deals() -> None:
    found = exposure_by_year(
        [rented("a"), rented("b", start_date="2027-01", term_months=12, monthly_payment_usd=1_000)]
    )
    assert [(one.year, one.usd) for one in found] == [
        ("2026", 10_000_000_000),
        ("2027", 15_000_012_000),
        ("2028", 15_000_000_000),
        ("2029", 5_000_000_000),
    ]
    assert {(one.debtor, one.creditor) for one in found} == {("Anthropic", "SpaceX")}
    assert found[1].deal_ids == ("a", "b")


def test_a_loan_is_owed_at_maturity_and_hardware_on_delivery() -> None:
    loan = deal(
        "l", "financing", terms(supplier=("Bank",), customer=("Galaxy",), total_value_usd=100, end_date="2028-08-15")
    )
    servers = deal(
        "h", "hardware", terms(supplier=("Dell",), customer=("IREN",), total_value_usd=58, start_date="2026-03")
    )
    assert exposure_by_year([servers, loan]) == (
        Exposure(debtor="Galaxy", creditor="Bank", year="2028", usd=terms(x=100)[0].value, deal_ids=("l",)),  # type: ignore[arg-type]
        Exposure(debtor="IREN", creditor="Dell", year="2026", usd=terms(x=58)[0].value, deal_ids=("h",)),  # type: ignore[arg-type]
    )


def test_what_is_left_out_is_counted_by_reason() -> None:
    deals = [
        deal("p", "compute", (), status="planned"),
        deal("b", "build", ()),
        deal("u", "lease", terms(supplier=("Hut 8",))),
        rented("n", monthly_payment_usd=None),
        deal("l", "financing", terms(supplier=("Bank",), customer=("Galaxy",))),
        rented("fine"),
    ]
    assert left_out(deals) == {
        "planned": 1,
        "build: owes nobody by the year": 1,
        "a party is not named": 1,
        "neither a monthly payment nor a total with a term is stated in dollars": 1,
        "no value or year is stated": 1,
    }
    assert {one.deal_ids for one in exposure_by_year(deals)} == {("fine",)}
