from __future__ import annotations

from decimal import Decimal

from market_of_may import AS_OF, WEEK, MemoryLedger, deal, implied, may_ledger, price, quote, term, usd

from megawatch.briefs.findings import RULES
from megawatch.briefs.view import Brief, build_brief
from megawatch.market import Change, Contradiction, Deal, Price


def told(*deals: Deal, **more: object) -> Brief:
    return build_brief(MemoryLedger(deals=deals, **more), week=WEEK, as_of=AS_OF)  # type: ignore[arg-type]


def peers(count: int, value: str) -> list[Deal]:
    return [
        deal(
            f"peer-{n}",
            "compute",
            f"Cloud {n}",
            "Tenant",
            usd("total_value_usd", value, "a value"),
            first_seen="2026-03-05",
        )
        for n in range(count)
    ]


def test_the_week_opens_with_at_most_three_one_a_deal(brief: Brief) -> None:
    assert len(brief.findings) == 3
    assert len({finding.anchor for finding in brief.findings}) == 3
    assert str(brief.findings[0].sentence).replace("\xa0", " ") == (
        "SpaceX rents compute to Anthropic: about $45 bn in all, $1.25 bn a month, 36 months, 300 MW, "
        "at least 220,000 GPUs, $7.75–$7.81 a GPU-hour."
    )


def test_size_is_against_the_median_of_its_kind() -> None:
    big = deal("big", "compute", "Orbit", "Moonlit", usd("total_value_usd", "500000000", "$500 million"))
    (finding,) = told(big, *peers(3, "100000000")).findings
    assert finding.rule == "size"
    assert str(finding.reason).replace("\xa0", " ") == (
        "Size: 5.0 times the median value of its kind in the quarter before (3 deals)."
    )


def test_a_deal_below_twice_the_median_is_no_finding_of_size() -> None:
    usual = deal("usual", "compute", "Cloud 1", "Tenant", usd("total_value_usd", "199000000", "$199 million"))
    assert told(usual, *peers(3, "100000000")).findings == ()


def test_a_rate_outside_its_chips_band_is_a_finding() -> None:
    chip = term("gpu_model", ("H100",), "H100s")
    cheap = deal("cheap", "compute", "Cloud 1", "Tenant", chip, implied("1.00", "1.10", "1.05"))
    quotes = (price("H100", "2.00", "2.50", "2026-05-04"),)
    (finding,) = told(cheap, *peers(1, "100"), prices=quotes).findings
    assert finding.rule == "rate"
    assert "0.40–0.55\xa0times the $2.00–$2.50 quoted for H100" in str(finding.sentence)
    inside = deal("cheap", "compute", "Cloud 1", "Tenant", chip, implied("2.40", "2.60", "2.50"))
    assert told(inside, *peers(1, "100"), prices=quotes).findings == ()


def test_a_contradiction_counts_on_a_large_deal_only() -> None:
    clash = Contradiction(
        contradiction_id="c",
        deal_id="d",
        fields=("term_months", "total_value_usd"),
        explanation="they differ",
        quotes=(quote("five years"), quote("36 months", publisher="Filing Desk")),
        known_from="2026-05-20",
    )
    large = deal("d", "compute", "Cloud 1", "Tenant", term("power_mw", Decimal(100), "100 MW"), first_seen="2026-03-05")
    (finding,) = told(large, contradictions=(clash,)).findings
    assert str(finding.sentence) == (
        "Sources disagree on the term and total value of Cloud 1 to Tenant: "
        "“five years” (Grid & Compute) against “36 months” (Filing Desk)."
    )
    small = deal("d", "compute", "Cloud 1", "Tenant", term("power_mw", Decimal(99), "99 MW"), first_seen="2026-03-05")
    assert told(small, contradictions=(clash,)).findings == ()


def test_the_end_of_a_large_deal_comes_before_its_slip() -> None:
    large = deal("d", "lease", "Cloud 1", "Tenant", term("power_mw", Decimal(400), "400 MW"), first_seen="2026-03-05")
    changes = tuple(
        Change(deal_id="d", what=what, field=name, before=before, after=after, known_at="2026-05-20")
        for what, name, before, after in (
            ("slipped", "start_date", "2026-06", "2026-09"),
            ("terminated", "status", "signed", "terminated"),
        )
    )
    (finding,) = told(large, changes=changes).findings
    assert str(finding.sentence) == "Cloud 1 to Tenant is terminated: 400\xa0MW."


def test_a_price_that_moves_a_tenth_is_a_finding() -> None:
    def week(now: str) -> tuple[Price, ...]:
        return price("H100", "2.00", "2.00", "2026-05-08", "Lambda"), price("H100", now, now, "2026-05-20", "Lambda")

    (finding,) = told(prices=week("2.20")).findings
    assert str(finding.sentence) == "H100 at Lambda (on demand) is up 10\xa0%, from $2.00 to $2.20 a GPU-hour."
    assert told(prices=week("2.19")).findings == ()


def test_a_party_never_seen_before_is_a_finding() -> None:
    fresh = deal("fresh", "compute", "Cloud 1", "Newcomer", term("gpu_count", Decimal(64), "64 GPUs"))
    (finding,) = told(fresh, *peers(2, "100")).findings
    assert finding.rule == "newcomer"
    assert str(finding.reason) == "New counterparty: Newcomer, in no deal of the ledger before."


def test_no_rule_gives_more_than_two() -> None:
    deals = [
        deal(f"d{n}", "compute", f"Cloud {n}", "Tenant", usd("total_value_usd", f"{n}000000000", "billions"))
        for n in range(2, 7)
    ]
    findings = told(*deals, *peers(3, "100000000")).findings
    assert [finding.rule for finding in findings] == ["size", "size", "newcomer"]


def test_findings_do_not_depend_on_the_order_of_rows() -> None:
    ledger = may_ledger()
    ledger.deals = tuple(reversed(ledger.deals))
    first = build_brief(may_ledger(), week=WEEK, as_of=AS_OF).findings
    assert build_brief(ledger, week=WEEK, as_of=AS_OF).findings == first


def test_every_rule_says_in_its_docstring_what_it_looks_for() -> None:
    assert all(rule.__doc__ for rule in RULES.values())
