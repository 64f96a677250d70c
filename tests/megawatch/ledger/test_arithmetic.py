"""Relations, unit rates and refusals, on figures that a person has worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from deal_telling import deal, quote, tell, terms
from hypothesis import assume, given
from hypothesis import strategies as st

from megawatch.ledger.arithmetic import compare_with_market, derive_terms
from megawatch.ledger.arithmetic.rates import MISSING, RATES, REFUSED_BY_KIND, revenue_per_10000_gpus
from megawatch.ledger.arithmetic.relations import EVEN_PAYMENTS, FULL_USE, HOURS
from megawatch.ledger.contradictions import find_contradictions
from megawatch.ledger.intervals import half_width, overlaps, within
from megawatch.market import KINDS, Interval, Kind, Price, Term


def derived(kind: Kind, **values: Any) -> dict[str, Term]:
    return {term.field: term for term in derive_terms(terms(**values), kind=kind)}


def near(term: Term, value: float, share: float = 0.002) -> bool:
    return isinstance(term.value, Decimal) and abs(float(term.value) / value - 1) < share


def test_spacex_and_anthropic_pay_7_78_a_gpu_hour() -> None:
    found = derived("compute", monthly_payment_usd=1_250_000_000, gpu_count=220_000)["implied_usd_per_gpu_hour"]
    assert near(found, 7.7833, 0.0001)
    assert found.interval is not None
    assert found.interval.contains(Decimal("7.8"))
    assert found.basis == "derived"
    assert found.assumptions == (FULL_USE, HOURS)
    assert [one.claim_id for one in found.quotes] == ["claim-monthly_payment_usd", "claim-gpu_count"]


def test_may_2026_to_may_2029_are_36_months_and_come_to_45_billion() -> None:
    found = derived("compute", monthly_payment_usd=1_250_000_000, start_date="2026-05", end_date="2029-05")
    assert found["term_months"].value == 36
    assert found["total_value_usd"].value == 45_000_000_000
    assert found["total_value_usd"].assumptions == (EVEN_PAYMENTS,)
    assert len(found["total_value_usd"].quotes) == 3


def test_bit_digital_pays_2_56_a_gpu_hour_by_both_ways() -> None:
    by_year = derived("compute", monthly_payment_usd=92_000_000 / 12, gpu_count=4096)
    by_total = derived("compute", total_value_usd=275_000_000, term_months=36, gpu_count=4096)
    assert near(by_year["implied_usd_per_gpu_hour"], 2.564)
    assert near(by_total["implied_usd_per_gpu_hour"], 2.555)
    one, other = by_year["implied_usd_per_gpu_hour"].interval, by_total["implied_usd_per_gpu_hour"].interval
    assert one is not None
    assert other is not None
    assert overlaps(one, other)


def test_core_scientific_and_coreweave_come_to_1_45_million_a_megawatt_year_and_no_gpu_hour() -> None:
    found = derived("lease", total_value_usd=8_700_000_000, term_months=144, power_mw=500)
    assert near(found["usd_per_mw_year"], 1_450_000)
    assert near(found["usd_per_kw_month"], 120.83)
    refused = found["implied_usd_per_gpu_hour"]
    assert (refused.value, refused.absence) == (None, "not_applicable")
    assert "the tenant brings the GPUs" in refused.reason


def test_iren_and_microsoft_come_to_9_7_million_a_megawatt_year() -> None:
    found = derived("compute", total_value_usd=9_700_000_000, term_months=60, power_mw=200)
    assert near(found["usd_per_mw_year"], 9_700_000)
    assert found["implied_usd_per_gpu_hour"].absence == "undisclosed"
    assert found["implied_usd_per_gpu_hour"].reason == "no GPU count is stated"


def test_power_is_priced_by_the_megawatt_hour_at_full_output() -> None:
    # $2.6 bn over 15 years for 250 MW: 14.44 m a month, 182,500 MWh a month.
    found = derived("power", total_value_usd=2_600_000_000, term_months=180, power_mw=250)
    assert near(found["usd_per_mwh"], 79.15)
    without_term = derived("power", total_value_usd=2_600_000_000, power_mw=250, gross_power_mw=328)
    assert without_term["usd_per_mwh"].absence == "undisclosed"


def test_a_build_costs_by_its_critical_megawatts_else_by_its_gross_ones_which_is_said() -> None:
    critical = derived("build", total_value_usd=3_000_000_000, power_mw=300, gross_power_mw=430)["usd_per_mw"]
    gross = derived("build", total_value_usd=3_000_000_000, gross_power_mw=400)["usd_per_mw"]
    assert critical.value == 10_000_000
    assert gross.value == 7_500_000
    assert gross.assumptions == ("megawatts are gross (utility or nameplate)",)


def test_ten_thousand_gpus_at_three_and_a_half_dollars_earn_about_307_million_a_year() -> None:
    assert revenue_per_10000_gpus(Decimal("3.5")) == 306_600_000


def test_kilowatts_a_gpu() -> None:
    assert near(derived("compute", power_mw=300, gpu_count=220_000)["kw_per_gpu"], 1.3636)


def test_a_stated_rate_gives_the_payment_of_a_compute_deal() -> None:
    found = derived("compute", rate_usd_per_gpu_hour=3.65, gpu_count=504, term_months=24)
    assert near(found["monthly_payment_usd"], 1_342_908)
    assert near(found["total_value_usd"], 32_229_792)


def test_end_follows_from_start_and_term() -> None:
    found = derived("lease", start_date="2025-Q4", term_months=180)
    assert found["end_date"].value == "2040-Q4"
    assert found["end_date"].rule == "end = start + term"


def test_a_ceiling_stays_a_ceiling() -> None:
    ceiling = Term(field="total_value_usd", value=Decimal(4_880_000_000), hedge="up_to", quotes=(quote(),))
    found = {one.field: one for one in derive_terms((ceiling, *terms(term_months=72, power_mw=72)), kind="compute")}
    assert found["usd_per_mw_year"].hedge == "up_to"
    assert found["usd_per_mw_year"].interval is not None
    assert found["usd_per_mw_year"].interval.low == 0


def test_nothing_stated_is_derived_again_and_a_disputed_field_stays_disputed() -> None:
    disputed = Term(field="term_months", value=None, absence="conflicting", reason="36 or 60")
    found = derive_terms(
        (disputed, *terms(monthly_payment_usd=1_250_000_000, total_value_usd=45_000_000_000)), kind="compute"
    )
    assert "term_months" not in {term.field for term in found}
    assert "total_value_usd" not in {term.field for term in found}


def test_a_refusal_hands_on_why_a_figure_is_missing() -> None:
    redacted = Term(field="gpu_count", value=None, absence="redacted", reason="marked [*] in the exhibit")
    found = {one.field: one for one in derive_terms((redacted, *terms(monthly_payment_usd=1_000_000)), kind="compute")}
    assert found["implied_usd_per_gpu_hour"].absence == "redacted"
    assert "marked [*]" in found["implied_usd_per_gpu_hour"].reason


def test_a_loan_has_no_monthly_payment_and_coarse_dates_give_no_term() -> None:
    loan = derived("financing", total_value_usd=1_400_000_000, term_months=36)
    assert "monthly_payment_usd" not in loan
    assert "term_months" not in derived("lease", start_date="2026", end_date="2027")


def test_another_currency_gives_no_dollars() -> None:
    found = derived("compute", total_value=3_500_000_000, currency="CAD", term_months=60, gpu_count=1000)
    assert "monthly_payment_usd" not in found
    assert found["implied_usd_per_gpu_hour"].reason == MISSING["monthly_payment_usd"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_an_answer_for_each_rate(kind: Kind) -> None:
    found = derived(kind)
    assert set(found) == {rate.field for rate in RATES}
    assert all(term.value is None and term.absence and term.reason for term in found.values())


def test_refusals_by_kind_are_of_kinds_that_have_no_such_rate() -> None:
    fields = {rate.field: rate.kinds for rate in RATES}
    assert all(kind not in fields[field] for field, kind in REFUSED_BY_KIND)


def test_implied_rate_is_2_2_times_the_market() -> None:
    contract = deal("d", "compute", terms(rate_usd_per_gpu_hour=7.8, gpu_model=("H100",)))
    prices = [
        Price(
            price_id=name,
            gpu_model=model,
            provider=None,
            market="spot",
            low_usd_per_gpu_hour=Decimal(low),
            high_usd_per_gpu_hour=Decimal(high),
            change_percent=None,
            observed=observed,
            quote=quote(),
        )
        for name, model, low, high, observed in [
            ("p1", "h100", "3.4", "3.6", "2026-05-20"),
            ("p2", "H200", "6", "7", "2026-05-20"),
            ("p3", "H100", "2", "2", "2026-04-30"),
        ]
    ]
    found = compare_with_market(contract, prices, month="2026-05")
    assert found is not None
    assert found.price_ids == ("p1",)
    assert round(found.ratio, 1) == Decimal("2.2")
    assert found.interval.contains(Decimal("7.8") / Decimal("3.5"))
    assert compare_with_market(contract, prices, month="2026-03") is None


MONEY = st.decimals(min_value=10_000, max_value=10**10, places=0)
TERMS = st.integers(1, 480)


@given(MONEY, TERMS, st.integers(1, 10**6), st.integers(1, 5000), st.sampled_from(["compute", "lease", "power"]))
def test_derived_points_lie_in_their_intervals(
    monthly: Decimal, months: int, gpus: int, megawatts: int, kind: Kind
) -> None:
    found = derived(
        kind,
        monthly_payment_usd=int(monthly),
        term_months=months,
        gpu_count=gpus,
        power_mw=megawatts,
        start_date="2026-05",
    )
    for term in found.values():
        if isinstance(term.value, Decimal):
            assert term.interval is not None
            assert term.interval.contains(term.value)
    assert found["total_value_usd"].value == monthly * months


FIGURES = st.fixed_dictionaries(
    {},
    optional={
        "total_value_usd": st.integers(10**6, 10**11),
        "monthly_payment_usd": st.integers(10**4, 10**9),
        "term_months": st.integers(1, 480),
        "start_date": st.sampled_from(["2026", "2026-H1", "2026-Q4", "2026-05", "2026-05-14"]),
        "end_date": st.sampled_from(["2030", "2031-H2", "2036-05", "2041-12-31"]),
        "gpu_count": st.integers(1, 10**6),
        "rate_usd_per_gpu_hour": st.integers(1, 20),
    },
)


@given(FIGURES, st.sampled_from(["compute", "lease", "power", "financing"]))
def test_what_is_derived_never_contradicts_what_it_was_derived_from(figures: dict[str, Any], kind: Kind) -> None:
    added = {term.field: term for term in derive_terms(terms(**figures), kind=kind)}
    names = ("total_value_usd", "monthly_payment_usd", "term_months", "end_date")
    more = {name: added[name].value for name in names if name in added}
    assume(not find_contradictions(tell("d1", {"kind": kind, **figures}), deal_id="x"))
    assert find_contradictions(tell("d1", {"kind": kind, **figures, **more}), deal_id="x") == ()


def within_digits(value: int, place: Fraction, half: Fraction) -> Fraction:
    """An exact value that is written as ``value`` when rounded to twice that half width."""
    return value + (place * 2 - 1) * half


PLACES = st.fractions(0, 1)


@given(st.integers(10, 999), st.integers(1, 480), st.integers(10, 999), PLACES, PLACES, PLACES)
def test_the_exact_result_of_any_true_inputs_lies_in_the_derived_interval(
    millions: int, months: int, thousands: int, x: Fraction, y: Fraction, z: Fraction
) -> None:
    monthly, gpus = millions * 10**6, thousands * 10**3
    found = derived("compute", monthly_payment_usd=monthly, term_months=months, gpu_count=gpus)
    halves = [
        Fraction(half_width(name, Decimal(value)))
        for name, value in (("monthly_payment_usd", monthly), ("term_months", months), ("gpu_count", gpus))
    ]
    paid, length, chips = (
        within_digits(value, place, half)
        for value, place, half in zip((monthly, months, gpus), (x, y, z), halves, strict=True)
    )
    assert holds(found["total_value_usd"].interval, paid * length)
    assert holds(found["implied_usd_per_gpu_hour"].interval, paid / (chips * 730))


@given(st.integers(10, 999), st.integers(10, 999), st.sampled_from(["about", "up_to", "at_least"]))
def test_a_hedge_never_narrows_what_is_derived(millions: int, thousands: int, hedge: Any) -> None:
    firm = terms(monthly_payment_usd=millions * 10**6, gpu_count=thousands * 10**3)
    hedged = (firm[0], replace(firm[1], hedge=hedge))
    plain, wide = (
        {one.field: one for one in derive_terms(given_terms, kind="compute")} for given_terms in (firm, hedged)
    )
    narrow, broad = plain["implied_usd_per_gpu_hour"].interval, wide["implied_usd_per_gpu_hour"].interval
    assert narrow is not None
    assert broad is not None
    assert within(narrow, broad)


def holds(interval: Interval | None, exact: Fraction) -> bool:
    assert interval is not None
    return (interval.low is None or Fraction(interval.low) <= exact) and (
        interval.high is None or exact <= Fraction(interval.high)
    )
