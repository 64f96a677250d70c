"""A small ledger in memory: a coherent week of May 2026 in our own words, with the weeks before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from megawatch.market import (
    Change,
    Contradiction,
    Deal,
    Interval,
    Kind,
    Market,
    Price,
    Quote,
    SourceHealth,
    Status,
    Term,
    Value,
    content_id,
)

WEEK = "2026-W21"
AS_OF = "2026-05-25"
UNITS = {"usd": "usd", "mw": "mw", "gpus": "gpus"}


def quote(text: str, *, publisher: str = "Grid & Compute", published: str = "2026-05-19", **changes: object) -> Quote:
    made = Quote(
        claim_id=content_id("claim", text, publisher),
        document_id=content_id("document", publisher, published),
        title=f"{publisher} on {published}",
        publisher=publisher,
        source="news",
        published=published,
        url=f"https://{publisher.lower().replace(' ', '-').replace('&', 'and')}.example/{published}",
        part="text",
        start=int(content_id(text)[:4], 16),
        end=int(content_id(text)[:4], 16) + len(text),
        quote=text,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def term(name: str, value: Value | None, text: str = "", **more: object) -> Term:
    quotes = (quote(text),) if text else ()
    return replace(Term(field=name, value=value, quotes=quotes), **more)  # type: ignore[arg-type]


def implied(low: str, high: str, middle: str, name: str = "implied_usd_per_gpu_hour") -> Term:
    return Term(
        field=name,
        value=Decimal(middle),
        basis="derived",
        interval=Interval(Decimal(low), Decimal(high)),
        quotes=(quote("pays $1.25 billion a month"), quote("more than 220,000 GPUs", publisher="Filing Desk")),
    )


def deal(
    deal_id: str,
    kind: Kind,
    supplier: str | None,
    customer: str | None,
    *terms: Term,
    first_seen: str = "2026-05-19",
    status: Status = "signed",
    **more: object,
) -> Deal:
    parties = tuple(
        term(side, (name,), f"{name} said on Tuesday")
        for side, name in (("supplier", supplier), ("customer", customer))
        if name
    )
    made = Deal(
        deal_id=deal_id,
        kind=kind,
        status=status,
        terms=(*parties, *terms),
        first_seen=first_seen,
        last_seen=first_seen,
        documents=2,
        independent_sources=2,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def price(
    chip: str, low: str, high: str, observed: str, provider: str | None = None, market: Market = "on_demand"
) -> Price:
    text = f"{chip} rents for ${low} to ${high} an hour"
    return Price(
        price_id=content_id("price", chip, low, high, observed, provider or ""),
        gpu_model=chip,
        provider=provider,
        market=market,
        low_usd_per_gpu_hour=Decimal(low),
        high_usd_per_gpu_hour=Decimal(high),
        change_percent=None,
        observed=observed,
        quote=quote(text, publisher="Rate Card Weekly", published=observed),
    )


@dataclass
class MemoryLedger:
    """Answers the questions of a ``LedgerReader`` from tuples."""

    deals: tuple[Deal, ...] = ()
    prices: tuple[Price, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    changes: tuple[Change, ...] = ()
    corrections: tuple[Change, ...] = ()
    health: tuple[SourceHealth, ...] = ()
    asked: list[str] = field(default_factory=list)

    def list_deals(
        self,
        *,
        as_of: str | None = None,
        since: str | None = None,
        until: str | None = None,
        due_since: str | None = None,
        due_until: str | None = None,
        deal_ids: tuple[str, ...] | None = None,
        supplier: str | None = None,
        customer: str | None = None,
        limit: int | None = None,
    ) -> tuple[Deal, ...]:
        def fits(each: Deal) -> bool:
            start = str(each.value("start_date") or "")
            return (
                (since is None or each.first_seen >= since)
                and (until is None or each.first_seen < until)
                and (as_of is None or each.first_seen <= as_of)
                and (due_since is None or due_since <= start < str(due_until))
                and (deal_ids is None or each.deal_id in deal_ids)
                and (supplier is None or supplier in (each.value("supplier") or ()))
                and (customer is None or customer in (each.value("customer") or ()))
            )

        return tuple(each for each in self.deals if fits(each))[:limit]

    def list_prices(self, *, as_of: str | None = None, since: str | None = None) -> tuple[Price, ...]:
        return tuple(p for p in self.prices if (since or "") <= str(p.observed) and str(p.observed) <= (as_of or "9"))

    def list_contradictions(
        self, *, as_of: str | None = None, since: str | None = None, until: str | None = None
    ) -> tuple[Contradiction, ...]:
        return tuple(c for c in self.contradictions if (since or "") <= c.known_from < (until or "9"))

    def list_changes(self, *, since: str, until: str) -> tuple[Change, ...]:
        return self._between(self.changes, since, until)

    def list_corrections(self, *, since: str, until: str) -> tuple[Change, ...]:
        return self._between(self.corrections, since, until)

    def list_source_health(self, *, since: str, until: str) -> tuple[SourceHealth, ...]:
        return tuple(run for run in self.health if since <= run.checked_at < until)

    @staticmethod
    def _between(changes: Iterable[Change], since: str, until: str) -> tuple[Change, ...]:
        return tuple(change for change in changes if since <= change.known_at < until)


def usd(name: str, value: str, text: str, **more: object) -> Term:
    return term(name, Decimal(value), text, unit="usd", **more)


SPACEX = deal(
    "spacex-anthropic",
    "compute",
    "SpaceX",
    "Anthropic",
    usd("total_value_usd", "45000000000", "a contract worth about $45 billion", hedge="about"),
    usd("monthly_payment_usd", "1250000000", "pays $1.25 billion a month"),
    term("term_months", Decimal(36), "from May 2026 to May 2029", basis="derived"),
    term("start_date", "2026-05", "from May 2026 to May 2029"),
    term("end_date", "2029-05", "from May 2026 to May 2029"),
    term("power_mw", Decimal(300), "300 megawatts of capacity"),
    term("gpu_count", Decimal(220000), "more than 220,000 GPUs", hedge="at_least"),
    term("gpu_model", ("H100",), "H100 systems"),
    term("site", "Colossus 1, Memphis", "at Colossus 1 in Memphis"),
    term("rate_usd_per_gpu_hour", Decimal("7.8"), "about $7.8 an hour", hedge="about"),
    implied("7.75", "7.81", "7.78"),
)
NEBIUS = deal(
    "bloom-nebius",
    "power",
    "Bloom Energy",
    "Nebius",
    usd("total_value_usd", "2600000000", "service fees totaling up to $2.6 billion", hedge="up_to"),
    term("power_mw", Decimal(250), "250 megawatts under contract"),
    term("gross_power_mw", Decimal(328), "328 MW installed"),
)
POLARIS = deal(
    "polaris-forge-3",
    "lease",
    "Applied Digital",
    None,
    usd("total_value_usd", "7500000000", "about $7.5 billion over the base term"),
    term("term_months", Decimal(180), "a fifteen-year lease"),
    term("power_mw", Decimal(300), "300 MW of critical IT load"),
    term("gross_power_mw", Decimal(430), "430 MW of utility power"),
    term("start_date", "2026-07", "first hall ready in July"),
    term("site", "Polaris Forge 3", "at Polaris Forge 3"),
    implied("138.20", "139.60", "138.90", "usd_per_kw_month"),
    implied("1658000", "1675000", "1667000", "usd_per_mw_year"),
    Term(
        field="implied_usd_per_gpu_hour",
        value=None,
        absence="not_applicable",
        reason="a bare lease has no GPU-hour",
    ),
)
HARBOR = deal(
    "harborlight-mistral",
    "compute",
    "Harborlight Cloud",
    "Mistral AI",
    usd("total_value_usd", "1400000000", "a $1.4 billion order"),
    term("gpu_model", ("GB300",), "GB300 racks"),
    Term(field="implied_usd_per_gpu_hour", value=None, absence="undisclosed", reason="no GPU count is stated"),
    first_seen="2026-05-21",
)
OLDER = (
    deal(
        "core-coreweave",
        "lease",
        "Core Scientific",
        "CoreWeave",
        usd("total_value_usd", "8700000000", "$8.7 billion over twelve years"),
        term("power_mw", Decimal(500), "about 500 MW", hedge="about"),
        term("start_date", "2026-06-15", "energized by mid-June"),
        implied("115.10", "127.30", "120.80", "usd_per_kw_month"),
        implied("1381000", "1528000", "1450000", "usd_per_mw_year"),
        first_seen="2026-03-10",
    ),
    deal(
        "bitdigital-b",
        "compute",
        "Bit Digital",
        "Boosteroid",
        usd("total_value_usd", "275000000", "about $275 million over three years"),
        term("gpu_count", Decimal(4096), "4,096 GPUs"),
        term("gpu_model", ("H200",), "H200 servers"),
        implied("2.53", "2.59", "2.56"),
        first_seen="2026-04-02",
    ),
    deal(
        "lambda-x",
        "compute",
        "Lambda",
        "Fieldstone Labs",
        usd("total_value_usd", "310000000", "$310 million"),
        term("gpu_model", ("B200",), "B200 cluster"),
        implied("3.05", "3.40", "3.22"),
        first_seen="2026-04-20",
    ),
    deal(
        "nscale-y",
        "compute",
        "Nscale",
        "Aker",
        usd("total_value_usd", "420000000", "$420 million"),
        status="terminated",
        first_seen="2026-03-28",
    ),
)
PRICES = (
    price("H100", "2.80", "3.20", "2026-05-20"),
    price("H100", "2.35", "2.35", "2026-05-21", "Lambda"),
    price("H100", "2.79", "2.79", "2026-04-15", "Lambda"),
    price("H200", "3.10", "3.60", "2026-05-05"),
    price("B200", "6.00", "7.00", "2026-05-20"),
)
CLASH = Contradiction(
    contradiction_id="x1",
    deal_id="spacex-anthropic",
    fields=("term_months",),
    explanation="May 2026 to May 2029 is 36 months, but one source says five years",
    quotes=(quote("a five-year agreement", publisher="Morning Wire"), quote("from May 2026 to May 2029")),
    known_from="2026-05-20",
)
CHANGES = (
    Change(deal_id="spacex-anthropic", what="new", field="deal", before=None, after=None, known_at="2026-05-19"),
    Change(
        deal_id="core-coreweave",
        what="slipped",
        field="start_date",
        before="2026-05",
        after="2026-06-15",
        known_at="2026-05-20",
        quotes=(quote("energized by mid-June"),),
    ),
    Change(
        deal_id="nscale-y",
        what="terminated",
        field="status",
        before="signed",
        after="terminated",
        known_at="2026-05-22",
        quotes=(quote("the parties ended the agreement", publisher="Morning Wire"),),
    ),
    Change(
        deal_id="bitdigital-b",
        what="expanded",
        field="gpu_count",
        before=Decimal(2048),
        after=Decimal(4096),
        known_at="2026-05-22",
        quotes=(quote("doubling to 4,096 GPUs"),),
    ),
)
CORRECTIONS = (
    Change(
        deal_id="lambda-x",
        what="changed",
        field="total_value_usd",
        before=Decimal(300000000),
        after=Decimal(310000000),
        known_at="2026-05-21",
        quotes=(quote("Corrected: the value is $310 million"),),
    ),
)
HEALTH = (
    SourceHealth(
        source_id="a", publisher="Grid & Compute", checked_at="2026-05-20T06:00:00Z", outcome="ok", items=9, stored=4
    ),
    SourceHealth(
        source_id="b",
        publisher="Dallas Power Daily",
        checked_at="2026-05-20T06:00:00Z",
        outcome="http_503",
        items=0,
        stored=0,
        detail="the feed answered 503 three times",
    ),
)


def may_ledger() -> MemoryLedger:
    """The week as the suite tells it."""
    return MemoryLedger(
        deals=(SPACEX, NEBIUS, POLARIS, HARBOR, *OLDER),
        prices=PRICES,
        contradictions=(CLASH,),
        changes=CHANGES,
        corrections=CORRECTIONS,
        health=HEALTH,
    )
