"""Whatever a ledger holds, its edition passes its own check: no false alarm, and the twins agree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from market_of_may import AS_OF, WEEK, MemoryLedger, deal, price, quote, term

from megawatch.briefs.check import check_edition
from megawatch.briefs.render import render
from megawatch.briefs.view import build_brief
from megawatch.market import KINDS, STATUSES, Change, Contradiction, Deal, Interval, Term

NAMES = st.one_of(
    st.sampled_from(
        [
            "$SpaceX (SPCX.US)$",
            "7x24 Solutions",
            "Colossus 2",
            "A&B <Cloud>",
            "N.V.",
            "2CRSi",
            "“Bloom”",
            "to",
            "Q4",
            "東京",
        ]
    ),
    st.text(min_size=1, max_size=40),
)
AMOUNTS = st.decimals(min_value=0, max_value=Decimal("1e12"), allow_nan=False, allow_infinity=False, places=3)
DATES = st.sampled_from(["2026", "2026-Q3", "2026-H2", "2026-06", "2026-06-30", "2031-12-31"])
FIELDS = (
    "total_value_usd",
    "monthly_payment_usd",
    "term_months",
    "power_mw",
    "gross_power_mw",
    "option_power_mw",
    "gpu_count",
)
RATES = ("implied_usd_per_gpu_hour", "usd_per_kw_month", "usd_per_mw_year", "usd_per_mwh")


@st.composite
def terms(draw: Any) -> tuple[Term, ...]:
    found = []
    for name in draw(st.lists(st.sampled_from(FIELDS), unique=True)):
        hedge = draw(st.sampled_from([None, "up_to", "about", "at_least"]))
        found.append(term(name, draw(AMOUNTS), draw(NAMES), hedge=hedge))
    for name in draw(st.lists(st.sampled_from(RATES), unique=True)):
        low, middle, high = sorted(draw(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS)))
        ends = draw(st.sampled_from([(low, high), (None, high), (low, None), (None, None), (Decimal(0), high)]))
        found.append(term(name, middle, draw(NAMES), basis="derived", interval=Interval(*ends)))
    for name in draw(st.lists(st.sampled_from(["start_date", "end_date"]), unique=True)):
        found.append(term(name, draw(DATES), draw(NAMES)))
    for name in draw(st.lists(st.sampled_from(["gpu_model", "site"]), unique=True)):
        value = (
            draw(NAMES)
            if name == "site"
            else tuple(draw(st.lists(st.sampled_from(["H100", "GB200", "TPU v7"]), max_size=2)))
        )
        found.append(term(name, value, draw(NAMES)))
    if draw(st.booleans()):
        found.append(Term(field="rate_usd_per_gpu_hour", value=None, absence="redacted", reason=draw(NAMES)))
    return tuple(found)


@st.composite
def deals(draw: Any) -> tuple[Deal, ...]:
    return tuple(
        deal(
            f"d{place}",
            draw(st.sampled_from(KINDS)),
            draw(st.none() | NAMES),
            draw(st.none() | NAMES),
            *draw(terms()),
            first_seen=draw(st.sampled_from(["2026-05-19", "2026-04-02"])),
            status=draw(st.sampled_from(STATUSES)),
            flags=tuple(draw(st.lists(NAMES, max_size=1))),
        )
        for place in range(draw(st.integers(0, 4)))
    )


@st.composite
def ledgers(draw: Any) -> MemoryLedger:
    known = draw(deals())
    changes, clashes = [], []
    for each in known:
        if draw(st.booleans()):
            name = draw(st.sampled_from(FIELDS))
            pair = draw(st.tuples(st.none() | AMOUNTS, AMOUNTS))
            what = draw(st.sampled_from(["changed", "expanded", "slipped", "terminated", "withdrawn"]))
            changes.append(
                Change(
                    deal_id=each.deal_id, what=what, field=name, before=pair[0], after=pair[1], known_at="2026-05-20"
                )
            )
        if draw(st.booleans()):
            sayings = (quote(draw(NAMES)), quote(draw(NAMES), publisher=draw(NAMES)))
            clashes.append(
                Contradiction(
                    contradiction_id=f"c{each.deal_id}",
                    deal_id=each.deal_id,
                    fields=("term_months",),
                    explanation=draw(NAMES),
                    quotes=sayings,
                    known_from="2026-05-20",
                )
            )
    prices = tuple(
        price(chip, "2.00", draw(st.sampled_from(["2.00", "3.50"])), day, draw(st.none() | NAMES))
        for chip in ("H100", "TPU v7")
        for day in draw(st.lists(st.sampled_from(["2026-05-01", "2026-05-20"]), unique=True))
    )
    return MemoryLedger(deals=known, prices=prices, changes=tuple(changes), contradictions=tuple(clashes))


@given(ledger=ledgers())
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_ledger_gives_an_edition_that_may_leave(ledger: MemoryLedger) -> None:
    told = build_brief(ledger, week=WEEK, as_of=AS_OF)
    rendered = render(told, base_url="https://brief.example")
    check_edition(rendered, told, ledger=ledger)
    assert len(rendered.html.encode()) < 90_000
