from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from market_of_may import AS_OF, POLARIS, SPACEX, WEEK, MemoryLedger, deal, implied, may_ledger, price, term, usd

from megawatch.briefs.facts import facts_of
from megawatch.briefs.selection import Selection
from megawatch.briefs.view import Brief, build_brief
from megawatch.errors import BriefError
from megawatch.ledger.open import Ledger
from megawatch.market import Change, Deal


def of(brief: Brief, deal_id: str) -> dict[str, str]:
    row = next(row for row in brief.new if row.deal_id == deal_id)
    return {fact.label: fact.words.replace("\xa0", " ") for fact in row.terms}


def test_the_largest_deal_is_told_with_all_its_terms(brief: Brief) -> None:
    assert of(brief, "spacex-anthropic") == {
        "Total value": "about $45 bn",
        "Payment": "$1.25 bn a month",
        "Term": "36 months",
        "Start": "May 2026",
        "End": "May 2029",
        "Power, contracted": "300 MW",
        "GPUs": "at least 220,000 GPUs",
        "Chips": "H100",
        "Site": "Colossus 1, Memphis",
        "Stated rate": "about $7.80 a GPU-hour",
        "Implied rate": "$7.75–$7.81 a GPU-hour",
    }


def test_power_is_told_as_output_and_a_lease_has_no_gpu_hour(brief: Brief) -> None:
    assert of(brief, "bloom-nebius")["Output, contracted"] == "250 MW"
    assert of(brief, "bloom-nebius")["Output, installed"] == "328 MW"
    assert "Implied rate" not in of(brief, "polaris-forge-3")
    assert all(refusal.title.text != "Applied Digital to an unnamed tenant" for refusal in brief.refusals)


def test_a_refused_rate_prints_its_reason(brief: Brief) -> None:
    assert [(str(row.title), row.reason.words) for row in brief.refusals] == [
        ("Harborlight Cloud to Mistral AI", "no GPU count is stated")
    ]


def test_the_largest_new_deal_comes_first(brief: Brief) -> None:
    ids = [row.deal_id for row in brief.new]
    assert ids == ["spacex-anthropic", "polaris-forge-3", "bloom-nebius", "harborlight-mistral"]


def test_an_unnamed_customer_is_told_apart_by_the_site(brief: Brief) -> None:
    assert str(brief.new[1].title) == "Applied Digital to an unnamed tenant, Polaris Forge 3"


def test_rates_stand_beside_the_market_with_their_ratio(brief: Brief) -> None:
    rows = {str(row.chip): row for row in brief.rates}
    row = rows["H100"]
    assert (row.implied.words, row.market.words, row.standing) == ("$7.75–$7.81", "$2.35–$3.20", "above the market")
    # 7.75 / 3.20 = 2.42, 7.81 / 2.35 = 3.32
    assert row.ratio.words.replace("\xa0", " ") == "2.4–3.3 times"
    # 2.53 / 3.60 = 0.703, 2.59 / 3.10 = 0.835
    assert rows["H200"].ratio.words.replace("\xa0", " ") == "0.70–0.84 times"


def test_moves_compare_the_same_seller_only(brief: Brief) -> None:
    moves = {(str(row.chip), str(row.provider)): (row.before.words, row.move.words) for row in brief.prices}
    # 2.35 / 2.79 = 0.842
    assert moves["H100", "Lambda"] == ("$2.79", "down 16\xa0%")
    assert moves["H100", "Rate Card Weekly"][0] == "—"


def test_changes_begin_with_what_ended(brief: Brief) -> None:
    assert [(row.lines[0].what, str(row.title)) for row in brief.changes] == [
        ("terminated", "Nscale to Aker"),
        ("slipped", "Core Scientific to CoreWeave"),
        ("expanded", "Bit Digital to Boosteroid"),
    ]
    assert str(brief.changes[2].lines[0].after) == "4,096\xa0GPUs"


def test_corrections_name_both_values(brief: Brief) -> None:
    (row,) = brief.corrections
    assert [(line.before.words, line.after.words) for line in row.lines] == [("$300\xa0m", "$310\xa0m")]


def test_a_failing_source_is_named_with_what_went_wrong(brief: Brief) -> None:
    (gap,) = brief.gaps
    assert str(gap.publisher) == "Dallas Power Daily"
    assert str(gap.outcome) == "http 503: the feed answered 503 three times"
    assert str(brief.coverage).replace("\xa0", " ").startswith("2 sources read, with 4 new documents; 1 source failed")


def test_dates_ahead_are_those_of_ninety_days_soonest_first(brief: Brief) -> None:
    assert [str(row.when) for row in brief.due] == ["15\xa0June\xa02026", "July\xa02026"]


def test_every_number_has_a_row_and_figures_of_deals_have_footnotes(brief: Brief) -> None:
    assert all(fact.row for _, fact in facts_of(brief))
    terms = [fact for row in brief.new for fact in row.terms]
    assert terms
    assert all(fact.notes for fact in terms)
    assert {note.number.raw[0] for note in brief.notes} == {Decimal(n) for n in range(1, len(brief.notes) + 1)}


def test_only_narrows_to_a_party_or_a_deal() -> None:
    narrowed = build_brief(may_ledger(), week=WEEK, as_of=AS_OF, only="nebius")
    assert [row.deal_id for row in narrowed.new] == ["bloom-nebius"]
    assert narrowed.changes == ()
    assert narrowed.edition.startswith("2026-W21-")
    by_id = build_brief(may_ledger(), week=WEEK, as_of=AS_OF, only=Selection(deal_id="polaris-forge-3"))
    assert [row.deal_id for row in by_id.new] == ["polaris-forge-3"]


def test_an_empty_week_is_empty() -> None:
    empty = build_brief(MemoryLedger(), week=WEEK, as_of=AS_OF)
    assert empty.empty
    assert empty.findings == empty.new == empty.notes == ()


def test_an_edition_before_its_week_is_refused() -> None:
    with pytest.raises(BriefError, match="choose a later"):
        build_brief(may_ledger(), week=WEEK, as_of="2026-05-10")


def test_an_edition_told_in_mid_week_knows_nothing_later() -> None:
    early = build_brief(may_ledger(), week=WEEK, as_of="2026-05-20")
    assert "harborlight-mistral" not in [row.deal_id for row in early.new]
    assert [row.lines[0].what for row in early.changes] == ["slipped"]


def test_the_same_ledger_gives_the_same_edition(gold: Ledger) -> None:
    first, second = (build_brief(gold, week="2026-W21", as_of="2026-05-25") for _ in range(2))
    assert first == second


def test_the_bundled_week_tells_of_the_known_deals(gold: Ledger) -> None:
    told = build_brief(gold, week="2026-W21", as_of="2026-05-25")
    titles = [str(row.title) for row in told.new]
    assert "Bloom Energy to Nebius" in titles
    bloom = told.new[titles.index("Bloom Energy to Nebius")]
    words = {fact.label: fact.words.replace("\xa0", " ") for fact in bloom.terms}
    assert words["Output, contracted"] == "about 250 MW"
    assert words["Output, installed"] == "about 328 MW"
    assert words["Total value"] == "up to $2.6 bn"
    assert len(told.findings) == 3


def test_a_rate_that_is_only_bounded_says_so() -> None:
    bounded = implied("0", "8.00", "7.78")
    open_deal = deal("open", "compute", "Orbit", "Moonlit", bounded, usd("total_value_usd", "9000000000", "$9 billion"))
    told = build_brief(MemoryLedger(deals=(open_deal,)), week=WEEK, as_of=AS_OF)
    assert told.new[0].terms[-1].words == "$7.78, at most $8.00 a GPU-hour"
    assert told.rates[0].implied.words == "$7.78, at most $8.00"


def test_several_chips_are_compared_with_no_price() -> None:
    mixed = deal(
        "mixed", "compute", "Orbit", "Moonlit", term("gpu_model", ("H100", "H200"), "both"), implied("2", "3", "2.5")
    )
    told = build_brief(
        MemoryLedger(deals=(mixed,), prices=(price("H100", "1", "2", "2026-05-20"),)), week=WEEK, as_of=AS_OF
    )
    assert (told.rates[0].chip.words, told.rates[0].market.words) == ("several chips", "no quote")


def test_names_that_only_read_otherwise_are_no_change() -> None:
    renamed = Change(
        deal_id="core-coreweave",
        what="changed",
        field="supplier",
        before=("Core Scientific",),
        after=("Core Scientific, Inc.", "Core Scientific"),
        known_at="2026-05-20",
    )
    ledger = dataclasses.replace(may_ledger(), changes=(renamed,))
    assert build_brief(ledger, week=WEEK, as_of=AS_OF).changes == ()


def test_a_new_deal_told_late_is_new_by_the_day_it_became_known() -> None:
    late = dataclasses.replace(POLARIS, first_seen="2026-02-01")
    news = Change(deal_id=late.deal_id, what="new", field="kind", before=None, after="lease", known_at="2026-05-19")
    told = build_brief(MemoryLedger(deals=(late,), changes=(news,)), week=WEEK, as_of=AS_OF)
    assert [row.deal_id for row in told.new] == [late.deal_id]


def test_megawatts_of_different_kinds_are_never_summed(brief: Brief) -> None:
    words = [f"{tick.fact} {tick.label}".replace("\xa0", " ") for tick in brief.summary]
    assert words == [
        "4 new deals in the week",
        "$46.4 bn of compute signed",
        "300 MW of space leased",
        "250 MW of power contracted",
    ]


def with_id(original: Deal, deal_id: str) -> Deal:
    return dataclasses.replace(original, deal_id=deal_id)


def test_the_order_of_the_ledger_does_not_matter(brief: Brief) -> None:
    turned = may_ledger()
    turned.deals = tuple(reversed(turned.deals))
    turned.changes = tuple(reversed(turned.changes))
    turned.prices = tuple(reversed(turned.prices))
    assert build_brief(turned, week=WEEK, as_of=AS_OF) == brief
    assert SPACEX in turned.deals
