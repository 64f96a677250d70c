from __future__ import annotations

from decimal import Decimal

import pytest
from market_of_may import AS_OF, NEBIUS, POLARIS, SPACEX, WEEK, may_ledger

from megawatch.briefs.alerts import build_alert, find_alerts
from megawatch.briefs.check import check_edition
from megawatch.briefs.render import render
from megawatch.briefs.selection import Selection, read_only, selection_of
from megawatch.briefs.view import build_brief
from megawatch.market import Change, Subscriber


@pytest.mark.parametrize(
    ("selection", "takes"),
    [
        (Selection(companies=("nebius",)), [NEBIUS]),
        (Selection(companies=("NEBIUS GROUP N.V.",)), [NEBIUS]),
        (Selection(segments=("hpc_landlord",)), [POLARIS]),
        (Selection(minimum_mw=Decimal(300)), [SPACEX, POLARIS]),
        (Selection(minimum_usd=Decimal(40_000_000_000)), [SPACEX]),
        (Selection(minimum_mw=Decimal(1000), minimum_usd=Decimal(2_000_000_000)), [SPACEX, NEBIUS, POLARIS]),
        (Selection(segments=("power",), minimum_mw=Decimal(300)), []),
        (Selection(deal_id="bloom-nebius"), [NEBIUS]),
        (Selection(), [SPACEX, NEBIUS, POLARIS]),
    ],
    ids=lambda value: value.words if isinstance(value, Selection) else "",
)
def test_a_selection_takes_what_it_says(selection: Selection, takes: list[object]) -> None:
    assert [deal for deal in (SPACEX, NEBIUS, POLARIS) if selection.takes(deal)] == takes


def test_a_selection_is_named_the_same_however_it_is_written() -> None:
    first = Selection(companies=("CoreWeave", "nebius "), minimum_mw=Decimal("50.0"))
    assert first.key == Selection(companies=("Nebius", "coreweave"), minimum_mw=Decimal(50)).key
    assert first.key != Selection(companies=("Nebius",)).key
    assert read_only("  ") is None
    assert read_only("nebius") == Selection(companies=("nebius",))


def test_a_subscriber_who_follows_all_gets_the_edition_of_all() -> None:
    assert selection_of(Subscriber(address="a@desk.example")) is None
    followed = selection_of(Subscriber(address="a@desk.example", segments=("neocloud",), minimum_mw=Decimal(100)))
    assert followed is not None
    assert followed.words.replace("\xa0", " ") == "neocloud, from 100 MW"


def test_a_narrowed_edition_is_checked_like_any_other() -> None:
    selection = Selection(companies=("Nebius",), minimum_mw=Decimal(100))
    told = build_brief(may_ledger(), week=WEEK, as_of=AS_OF, only=selection)
    rendered = render(told)
    check_edition(rendered, told, ledger=may_ledger())
    assert rendered.subject.replace("\xa0", " ") == "Megawatch Week 21, 2026: Nebius, from 100 MW"
    assert "SpaceX" not in rendered.html


def news(*ids: str) -> tuple[Change, ...]:
    return tuple(
        Change(deal_id=deal_id, what="new", field="kind", before=None, after="compute", known_at="2026-05-21T08:00:00Z")
        for deal_id in ids
    )


def test_an_alert_is_for_large_deals_that_became_known() -> None:
    ledger = may_ledger()
    ledger.changes = news("spacex-anthropic", "bitdigital-b")
    window = {"since": "2026-05-21T00:00:00Z", "until": "2026-05-22T00:00:00Z", "as_of": "2026-05-21"}
    assert find_alerts(ledger, **window) == (("spacex-anthropic", "2026-05-21"),)
    small = Selection(minimum_usd=Decimal(200_000_000))
    assert [deal_id for deal_id, _ in find_alerts(ledger, selection=small, **window)] == [
        "bitdigital-b",
        "spacex-anthropic",
    ]
    assert find_alerts(ledger, since="2026-05-22", until="2026-05-23", as_of="2026-05-22") == ()


def test_an_alert_is_an_edition_of_its_deal_whatever_the_week() -> None:
    ledger = may_ledger()
    alert = build_alert(ledger, "spacex-anthropic", known_at="2026-05-19", as_of="2026-05-26")
    rendered = render(alert)
    check_edition(rendered, alert, ledger=ledger)
    assert rendered.edition == "alert-deal-spacex-anthropic"
    assert rendered.subject == "Megawatch alert: SpaceX to Anthropic"
    assert [row.deal_id for row in alert.new] == ["spacex-anthropic"]
