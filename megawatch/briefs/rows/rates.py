"""The rows on prices: implied rates beside the market, rents, power, and moves of quoted prices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.facts import Fact
from megawatch.briefs.rows import figures
from megawatch.briefs.rows.deals import anchor_of
from megawatch.briefs.rows.figures import NONE, NOTES_DERIVED, Notebook
from megawatch.briefs.rows.gather import Material
from megawatch.briefs.rows.types import PriceRow, RateRow, YieldRow
from megawatch.market import Deal, Interval, Price, Term

MOST_RATES = 14
RATE_SOURCES = ("implied_usd_per_gpu_hour", "rate_usd_per_gpu_hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The lowest and highest price quoted for a chip in the thirteen weeks, and the quotes behind the two."""

    chip: str
    low: Decimal
    high: Decimal
    prices: tuple[Price, ...]


def bands_of(prices: tuple[Price, ...]) -> dict[str, Band]:
    """The market's band a chip; chips quoted only by their moves have none."""
    bands: dict[str, Band] = {}
    for chip in sorted({price.gpu_model for price in prices}):
        levels = [price for price in prices if price.gpu_model == chip and low_of(price) is not None]
        if levels:
            lowest = min(levels, key=lambda price: (low_of(price), price.price_id))
            highest = max(levels, key=lambda price: (high_of(price), price.price_id))
            low, high = low_of(lowest), high_of(highest)
            assert low is not None
            assert high is not None
            bands[chip] = Band(chip=chip, low=low, high=high, prices=tuple(dict.fromkeys((lowest, highest))))
    return bands


def low_of(price: Price) -> Decimal | None:
    """The lower end of a price; one end stands for both."""
    return price.low_usd_per_gpu_hour if price.low_usd_per_gpu_hour is not None else price.high_usd_per_gpu_hour


def high_of(price: Price) -> Decimal | None:
    """The upper end of a price; one end stands for both."""
    return price.high_usd_per_gpu_hour if price.high_usd_per_gpu_hour is not None else price.low_usd_per_gpu_hour


def rate_of(deal: Deal) -> Term | None:
    """The implied rate of a deal, else the one its sources state, with a range; None where there is neither."""
    for name in RATE_SOURCES:
        term = deal.get(name)
        if term is None or not isinstance(term.value, Decimal):
            continue
        interval = term.interval or Interval(term.value, term.value)
        if interval.low is None or interval.low <= 0:
            interval = Interval(term.value, interval.high)
        if interval.high is None:
            interval = Interval(interval.low, term.value)
        return replace(term, interval=interval)
    return None


def chip_of(deal: Deal) -> str | None:
    """The one chip of a deal; None where none or several are named, for then two answers would fit."""
    chips = figures.value_names(deal.value("gpu_model"))
    return chips[0] if len(chips) == 1 else None


def rated_deals(material: Material) -> tuple[Deal, ...]:
    """Deals of the week with a rate, then those of the quarter, each the largest first."""
    rated = [deal for deal in (*material.new, *material.quarter) if rate_of(deal) and deal.status != "terminated"]
    return tuple(rated[:MOST_RATES])


def ratio_of(rate: Interval, band: Band) -> Interval:
    """How many times the market's price the rate is, at least and at most."""
    assert rate.low is not None
    assert rate.high is not None
    return Interval(rate.low / band.high, rate.high / band.low)


def standing_of(rate: Interval, band: Band) -> str:
    """Where a rate lies against its chip's band, in words."""
    if rate.low is not None and rate.low > band.high:
        return "above the market"
    if rate.high is not None and rate.high < band.low:
        return "below the market"
    return "within the market"


def rate_rows(material: Material, bands: dict[str, Band], notebook: Notebook) -> tuple[RateRow, ...]:
    """Rates beside the market's prices, by chip."""
    deals = sorted(rated_deals(material), key=lambda deal: (chip_of(deal) is None, chip_of(deal) or ""))
    return tuple(_rate_row(deal, f"r{place}", bands, notebook) for place, deal in enumerate(deals, start=1))


def _rate_row(deal: Deal, key: str, bands: dict[str, Band], notebook: Notebook) -> RateRow:
    term = rate_of(deal)
    assert term is not None
    assert term.interval is not None
    band = bands.get(chip_of(deal) or "")
    row = f"deals/{deal.deal_id}/{term.field}"
    return RateRow(
        key=key,
        anchor=anchor_of(deal.deal_id),
        title=figures.title_of(deal),
        chip=chip_fact(deal),
        implied=rate_fact(deal, term, notebook),
        how="implied" if term.field == "implied_usd_per_gpu_hour" else "stated",
        market=band_fact(band, notebook) if band else Fact(words="no quote", row="none", kind="text"),
        ratio=ratio_fact(ratio_of(term.interval, band), row) if band else NONE,
        standing=standing_of(term.interval, band) if band else "",
    )


def rate_fact(deal: Deal, term: Term, notebook: Notebook) -> Fact:
    """A deal's rate in words; a limit is told as one."""
    row, held = f"deals/{deal.deal_id}/{term.field}", deal.get(term.field)
    assert held is not None
    assert isinstance(held.value, Decimal)
    interval = held.interval or Interval(held.value, held.value)
    return figures.rate_fact(
        held.value, interval, "usd_per_gpu_hour", row, notes=notebook.cite(term.quotes, most=NOTES_DERIVED)
    )


def chip_fact(deal: Deal) -> Fact:
    """The chip of a deal, or that it names several or none."""
    chips = figures.value_names(deal.value("gpu_model"))
    row = f"deals/{deal.deal_id}/gpu_model"
    if not chips:
        return Fact(words="chip not stated", row=row, kind="text")
    return figures.name_fact(chips[0], row) if len(chips) == 1 else Fact(words="several chips", row=row, kind="text")


def band_fact(band: Band, notebook: Notebook) -> Fact:
    """The market's band of a chip with the quotes of its two ends."""
    notes = notebook.cite(tuple(price.quote for price in band.prices))
    row = "prices/" + "+".join(price.price_id for price in band.prices)
    return figures.range_fact(Interval(band.low, band.high), "usd_per_gpu_hour", row, notes=notes)


def ratio_fact(ratio: Interval, row: str) -> Fact:
    """A ratio as ``2.2–2.6 times``."""
    assert ratio.low is not None
    assert ratio.high is not None
    low, high = (wording.ratio(end) for end in (ratio.low, ratio.high))
    words = f"{low}{wording.GAP}times" if low == high else f"{low}–{high}{wording.GAP}times"
    raw = (ratio.low,) if low == high else (ratio.low, ratio.high)
    return Fact(words=words, row=f"{row}/ratio", raw=raw)


def yield_rows(material: Material, kind: str, fields: tuple[str, str], notebook: Notebook) -> tuple[YieldRow, ...]:
    """Deals of one kind with what their capacity costs; those of the week first, the largest first."""
    rows: list[YieldRow] = []
    for deal in (*material.new, *material.quarter):
        first, second = (deal.get(name) for name in fields)
        if deal.kind != kind or not any(term and term.value is not None for term in (first, second)):
            continue
        facts = [figures.term_fact(deal, name, notebook, bare=name in fields) or NONE for name in ("power_mw", *fields)]
        key, title = f"{kind[0]}{len(rows) + 1}", figures.title_of(deal)
        anchor = anchor_of(deal.deal_id)
        rows.append(YieldRow(key=key, anchor=anchor, title=title, power=facts[0], first=facts[1], second=facts[2]))
        if len(rows) == MOST_RATES:
            break
    return tuple(rows)


def power_rows(material: Material, notebook: Notebook) -> tuple[YieldRow, ...]:
    """Power deals of the week: output, value, and price by the MWh where it can be given."""
    rows = []
    for place, deal in enumerate((deal for deal in material.new if deal.kind == "power"), start=1):
        names = ("power_mw", "total_value_usd", "usd_per_mwh")
        power, total, price = (figures.term_fact(deal, name, notebook) or NONE for name in names)
        gross = figures.term_fact(deal, "gross_power_mw", notebook)
        rows.append(
            YieldRow(
                key=f"p{place}",
                anchor=anchor_of(deal.deal_id),
                title=figures.title_of(deal),
                power=power if power is not NONE or gross is None else gross,
                first=total,
                second=price,
            )
        )
    return tuple(rows)


def day_of(price: Price) -> str:
    """The day a price speaks of, else the day it was published; empty where neither is known."""
    return price.observed or price.quote.published or ""


def moves_of(material: Material) -> tuple[tuple[Price, Price | None], ...]:
    """Prices quoted in the week, by chip, each with the quote before it of the same chip, provider and market."""
    window, only = material.window, material.only
    week = [price for price in material.prices if window.since <= day_of(price) < window.until]
    if only and (only.companies or only.segments or only.deal_id):
        week = [price for price in week if price.provider and only.follows(price.provider)]
    latest = {_series(price): price for price in sorted(week, key=_age)}
    return tuple((price, _before(price, series, material)) for series, price in sorted(latest.items()))


def price_rows(material: Material, notebook: Notebook) -> tuple[PriceRow, ...]:
    """The rows of the prices quoted in the week."""
    moves = enumerate(moves_of(material), start=1)
    return tuple(price_row(price, before, f"m{place}", notebook) for place, (price, before) in moves)


def _series(price: Price) -> tuple[str, str, str]:
    return price.gpu_model, price.provider or price.quote.publisher, price.market


def _age(price: Price) -> tuple[str, str]:
    return day_of(price), price.price_id


def _before(price: Price, series: tuple[str, str, str], material: Material) -> Price | None:
    earlier = [
        other
        for other in material.prices
        if _series(other) == series
        and day_of(other) < min(day_of(price), material.window.since)
        and low_of(other) is not None
    ]
    return max(earlier, key=_age, default=None)


def move_of(price: Price, before: Price | None) -> Decimal | None:
    """By how many percent the middle of the quote moved; the stated move where no levels can be compared."""
    ends = (low_of(price), high_of(price), before and low_of(before), before and high_of(before))
    if all(isinstance(end, Decimal) for end in ends):
        now_low, now_high, old_low, old_high = (end for end in ends if isinstance(end, Decimal))
        return ((now_low + now_high) / (old_low + old_high) - 1) * 100 if old_low + old_high else None
    return price.change_percent


def price_row(price: Price, before: Price | None, key: str, notebook: Notebook) -> PriceRow:
    """A quoted price with its move, in words."""
    row = f"prices/{price.price_id}"
    named = f"{row}/{'provider' if price.provider else 'publisher'}"
    return PriceRow(
        key=key,
        chip=figures.name_fact(price.gpu_model, f"{row}/gpu_model"),
        provider=figures.name_fact(price.provider or price.quote.publisher or "publisher unknown", named),
        market=wording.MARKET_WORDS[price.market],
        before=level_fact(before, notebook) if before else NONE,
        now=level_fact(price, notebook),
        move=move_fact(move_of(price, before), row, notebook.cite((price.quote,))),
    )


def level_fact(price: Price, notebook: Notebook) -> Fact:
    """The level of a price, or that only its move was told."""
    low, high = low_of(price), high_of(price)
    if low is None or high is None:
        return Fact(words="level not told", row=f"prices/{price.price_id}", kind="text")
    row, notes = f"prices/{price.price_id}", notebook.cite((price.quote,))
    return figures.range_fact(Interval(low, high), "usd_per_gpu_hour", row, notes=notes)


def move_fact(percent: Decimal | None, row: str, notes: tuple[int, ...]) -> Fact:
    """``up 15 %``, ``down 4.2 %``, ``unchanged``; a dash where no move can be told."""
    if percent is None:
        return NONE
    if abs(percent) < Decimal("0.05"):
        return Fact(words="unchanged", row=f"{row}/change_percent", kind="text")
    words = f"{'up' if percent > 0 else 'down'} {wording.number(abs(percent), digits=2)}{wording.GAP}%"
    return Fact(words=words, row=f"{row}/change_percent", raw=(abs(percent),), notes=notes)
