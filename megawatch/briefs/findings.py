"""Which three things open an edition: rules with their thresholds, the strongest first, never chance.

Each rule gives its findings a strength, to which a deal adds the logarithm of its value: a step for each factor of ten
above $10 m, four at most. The strongest three are printed, at most one a pair of parties and two a rule. Ties go to the
rule that stands first in ``RULES``, then to the larger deal, then to the smaller id.

===============  =====================================================================  =========================
rule             finds                                                                  strength
===============  =====================================================================  =========================
reversal         a large deal that ended, or slipped                                    4, or 2.5
rate             a new deal's rate wholly outside the quarter's quotes for its chip     0.5 + 2 (distance - 1), to 6
contradiction    sources that disagree on a large deal                                  2.5
size             a new deal of twice the median of its kind in the quarter before       1 + log2 of the multiple, to 4
size             a large new deal of two figures or more, where peers are under three   2.5
price            a quoted price that moved by ten percent or more                       1.5 + a tenth of the percent
newcomer         a party that no deal had before                                        1
===============  =====================================================================  =========================

Large means at least $1 bn in all or 100 MW.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from statistics import median

from megawatch.briefs import sentences
from megawatch.briefs.facts import Fact
from megawatch.briefs.rows import figures, rates
from megawatch.briefs.rows.deals import anchor_of
from megawatch.briefs.rows.figures import Notebook, value_names
from megawatch.briefs.rows.gather import Material, by_size, size_of
from megawatch.briefs.rows.rates import Band
from megawatch.briefs.rows.types import Finding
from megawatch.briefs.sentences import Written
from megawatch.market import Deal

MOST_FINDINGS = 3
MOST_A_RULE = 2
LARGE_USD = Decimal(1_000_000_000)
SMALL_USD = Decimal(10_000_000)
LARGE_MW = Decimal(100)
SIZE_TIMES_MEDIAN = Decimal(2)
LEAST_PEERS = 3
PRICE_MOVE_PERCENT = Decimal(10)
TWO = Decimal(2)
SIZES = ("total_value_usd", "power_mw", "gpu_count", "monthly_payment_usd", "term_months")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding that a rule proposes; strengths can be compared between rules."""

    rule: str
    subject: str
    strength: Decimal
    size: tuple[Decimal, Decimal, Decimal, str]
    write: Callable[[Notebook], Written]
    anchor: str


def find_findings(material: Material, bands: dict[str, Band], notebook: Notebook) -> tuple[Finding, ...]:
    """The strongest findings of the week, at most three, worded and with their footnotes."""
    candidates = [found for rule in RULES.values() for found in rule(material, bands)]
    order = {name: place for place, name in enumerate(RULES)}
    candidates.sort(key=lambda found: (-found.strength, order[found.rule], found.size, found.subject))
    chosen: list[Candidate] = []
    for found in candidates:
        same_rule = sum(other.rule == found.rule for other in chosen)
        same_subject = any(other.subject == found.subject for other in chosen)
        if len(chosen) < MOST_FINDINGS and same_rule < MOST_A_RULE and not same_subject:
            chosen.append(found)
    return tuple(_finding(found, place, notebook) for place, found in enumerate(chosen, start=1))


def _finding(found: Candidate, place: int, notebook: Notebook) -> Finding:
    written = found.write(notebook)
    return Finding(
        key=f"f{place}",
        order=Fact(words=str(place), row="edition/findings", raw=(Decimal(place),)),
        lead=written.lead,
        sentence=written.sentence,
        reason=written.reason,
        rule=found.rule,
        anchor=found.anchor,
    )


def is_large(deal: Deal) -> bool:
    """At least $1 bn in all, or 100 MW."""
    total, power = size_of(deal, "total_value_usd"), size_of(deal, "power_mw")
    return (total is not None and total >= LARGE_USD) or (power is not None and power >= LARGE_MW)


def _weight(deal: Deal) -> Decimal:
    """The logarithm of the value in tens of millions of dollars: a rule weighs more on a larger deal."""
    total = size_of(deal, "total_value_usd") or Decimal(0)
    return min(max((total / SMALL_USD).log10(), Decimal(0)), Decimal(4)) if total > 0 else Decimal(0)


def _on_deal(deal: Deal, rule: str, strength: Decimal, write: Callable[[Notebook], Written]) -> Candidate:
    return Candidate(
        rule=rule,
        subject="/".join(str(figures.party_fact(deal, side)) for side in ("supplier", "customer")),
        strength=strength + _weight(deal),
        size=by_size(deal),
        write=write,
        anchor=anchor_of(deal.deal_id),
    )


def _by_reversal(material: Material, bands: dict[str, Band]) -> Iterator[Candidate]:
    """A large deal that was terminated, or whose dates slipped."""
    for change in material.changes:
        deal = material.known[change.deal_id]
        if change.what in ("terminated", "slipped") and is_large(deal):
            strength = Decimal(4) if change.what == "terminated" else Decimal("2.5")
            yield _on_deal(deal, "reversal", strength, partial(sentences.write_reversal, deal, change))


def _by_rate(material: Material, bands: dict[str, Band]) -> Iterator[Candidate]:
    """A new deal whose rate lies wholly outside the band of market quotes for its chip."""
    for deal in material.new:
        term, band = rates.rate_of(deal), bands.get(rates.chip_of(deal) or "")
        if term is None or term.interval is None or band is None:
            continue
        ratio = rates.ratio_of(term.interval, band)
        assert ratio.low is not None
        assert ratio.high is not None
        if ratio.low > 1 or ratio.high < 1:
            distance = ratio.low if ratio.low > 1 else 1 / ratio.high
            write = partial(sentences.write_rate, deal, term, term.interval, band)
            yield _on_deal(deal, "rate", Decimal("0.5") + min(2 * (distance - 1), Decimal(6)), write)


def _by_contradiction(material: Material, bands: dict[str, Band]) -> Iterator[Candidate]:
    """Sources that disagree on a large deal."""
    for clash in material.contradictions:
        deal = material.known[clash.deal_id]
        if is_large(deal):
            write = partial(sentences.write_contradiction, deal, clash)
            yield _on_deal(deal, "contradiction", Decimal("2.5"), write)


def _by_size(material: Material, bands: dict[str, Band]) -> Iterator[Candidate]:
    """A new deal worth twice the median of its kind in the quarter before; a large one where peers are too few."""
    for deal in material.new:
        total = size_of(deal, "total_value_usd")
        if deal.status == "terminated":
            continue
        values = (size_of(peer, "total_value_usd") for peer in material.quarter if peer.kind == deal.kind)
        peers = [value for value in values if value]
        if total is not None and len(peers) >= LEAST_PEERS:
            times = total / median(peers)
            if times >= SIZE_TIMES_MEDIAN:
                write = partial(sentences.write_size, deal, times, len(peers))
                yield _on_deal(deal, "size", min(1 + times.log10() / TWO.log10(), Decimal(4)), write)
        elif is_large(deal) and sum(size_of(deal, name) is not None for name in SIZES) >= 2:
            yield _on_deal(deal, "size", Decimal("2.5"), partial(sentences.write_size, deal, None, len(peers)))


def _by_price(material: Material, bands: dict[str, Band]) -> Iterator[Candidate]:
    """A quoted price that moved by ten percent or more."""
    for price, before in rates.moves_of(material):
        moved = abs(rates.move_of(price, before) or Decimal(0))
        if moved >= PRICE_MOVE_PERCENT:
            yield Candidate(
                rule="price",
                subject=f"prices/{price.gpu_model}",
                strength=Decimal("1.5") + min(moved / 10, Decimal(5)),
                size=(Decimal(0), Decimal(0), Decimal(0), price.price_id),
                write=partial(sentences.write_price, price, before),
                anchor="prices",
            )


def _by_newcomer(material: Material, bands: dict[str, Band]) -> Iterator[Candidate]:
    """A party that no deal of the ledger had before, in a deal with a size."""
    for deal in material.new:
        names = [value[0] for side in ("supplier", "customer") if (value := value_names(deal.value(side)))]
        fresh = tuple(name for name in names if name in material.newcomers)
        if fresh and any(size_of(deal, name) for name in ("total_value_usd", "power_mw", "gpu_count")):
            write = partial(sentences.write_newcomer, deal, fresh)
            yield _on_deal(deal, "newcomer", Decimal(1), write)


RULES: dict[str, Callable[[Material, dict[str, Band]], Iterator[Candidate]]] = {
    "reversal": _by_reversal,
    "rate": _by_rate,
    "contradiction": _by_contradiction,
    "size": _by_size,
    "price": _by_price,
    "newcomer": _by_newcomer,
}
