"""What the two charts of an edition show, and the sentence that stands for each where it cannot be seen."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from megawatch.briefs.facts import Fact, Sentence, chain, phrase
from megawatch.briefs.rows import figures, rates
from megawatch.briefs.rows.figures import Notebook
from megawatch.briefs.rows.gather import Material
from megawatch.briefs.rows.rates import Band
from megawatch.briefs.rows.types import Chart, Mark
from megawatch.market import Deal, Interval, Term

MOST_MARKS = 9
MARK_NAME = 44
_QUIET = Fact(words="", row="none", kind="text")


def rate_chart(material: Material, bands: dict[str, Band]) -> Chart | None:
    """Rates of deals as points with their ranges, on the band that the market quotes for the chip."""
    deals = sorted(
        rates.rated_deals(material)[:MOST_MARKS],
        key=lambda deal: (rates.chip_of(deal) is None, rates.chip_of(deal) or "", deal.deal_id),
    )
    marks = tuple(_rate_mark(deal, f"rc{place}", bands) for place, deal in enumerate(deals, start=1))
    if not marks:
        return None
    return Chart(
        key="rc",
        name="rates",
        title="What a GPU-hour costs: deals against the market",
        legend="US dollars a GPU-hour    ◆ deal    ▬ band of market quotes",
        alt=_rate_alt(deals, bands),
        marks=marks,
    )


def _name(deal: Deal) -> Fact:
    title = figures.title_of(deal)
    words = title.text if len(title.text) <= MARK_NAME else title.text[: MARK_NAME - 1].rstrip() + "…"
    return Fact(words=words, row=f"deals/{deal.deal_id}/parties", kind="name", raw=(title.text,))


def _rate_mark(deal: Deal, key: str, bands: dict[str, Band]) -> Mark:
    term = rates.rate_of(deal)
    assert term is not None
    low, high = _ends(term)
    band = bands.get(rates.chip_of(deal) or "")
    value = replace(rates.rate_fact(deal, term, Notebook()), notes=())
    return Mark(
        key=key,
        name=_name(deal),
        group=rates.chip_fact(deal),
        low=float(low),
        high=float(high),
        value=value,
        band=(float(band.low), float(band.high)) if band else None,
        band_words=rates.band_fact(band, Notebook()) if band else None,
        uncertain=term.field != "implied_usd_per_gpu_hour",
    )


def _ends(term: Term) -> tuple[Decimal, Decimal]:
    assert term.interval is not None
    assert term.interval.low is not None
    assert term.interval.high is not None
    return term.interval.low, term.interval.high


def _rate_alt(deals: list[Deal], bands: dict[str, Band]) -> Sentence:
    told = []
    for deal in deals:
        term, band = rates.rate_of(deal), bands.get(rates.chip_of(deal) or "")
        assert term is not None
        interval = Interval(*_ends(term))
        rate = replace(rates.rate_fact(deal, term, Notebook()), notes=())
        piece = phrase("{title} {rate}", title=figures.title_of(deal), rate=rate)
        if band:
            market = replace(rates.band_fact(band, Notebook()), notes=())
            standing = rates.standing_of(interval, band)
            piece = phrase("{p}, {standing} of {market}", p=piece, standing=standing, market=market)
        told.append(piece)
    return phrase("Chart of rates a GPU-hour: {told}.", told=chain(told, "; "))


def lease_chart(material: Material) -> Chart | None:
    """Rents of leases in dollars a kilowatt and month, those of the week first."""
    leases = [(deal, term) for deal in (*material.new, *material.quarter) if (term := _rent(deal))][:MOST_MARKS]
    marks = tuple(_lease_mark(deal, term, f"lc{place}") for place, (deal, term) in enumerate(leases, start=1))
    if len(marks) < 2:
        return None
    ordered = sorted(marks, key=lambda mark: (mark.low + mark.high, mark.key))
    return Chart(
        key="lc",
        name="leases",
        title="What a leased kilowatt costs",
        legend="US dollars a kW-month    ◆ lease",
        alt=_lease_alt(tuple(ordered)),
        marks=tuple(reversed(ordered)),
    )


def _rent(deal: Deal) -> Term | None:
    term = deal.get("usd_per_kw_month")
    if deal.kind != "lease" or term is None or not isinstance(term.value, Decimal):
        return None
    interval = term.interval
    return term if interval and interval.low is not None and interval.high is not None else None


def _lease_mark(deal: Deal, term: Term, key: str) -> Mark:
    low, high = _ends(term)
    row = f"deals/{deal.deal_id}/usd_per_kw_month"
    return Mark(
        key=key,
        name=_name(deal),
        group=_QUIET,
        low=float(low),
        high=float(high),
        value=figures.range_fact(Interval(low, high), "usd_per_kw_month", row),
        band=None,
        band_words=None,
        uncertain=False,
    )


def _lease_alt(marks: tuple[Mark, ...]) -> Sentence:
    first, last = marks[0], marks[-1]
    count = figures.count_fact(len(marks), "deal", "edition/leases")
    return phrase(
        "Chart of rents a kW-month in {count}: lowest {low} at {low_rent}, highest {high} at {high_rent}.",
        count=count,
        low=first.name,
        low_rent=first.value,
        high=last.name,
        high_rent=last.value,
    )
