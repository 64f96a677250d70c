"""One edition as it will be printed: every figure is a ``Fact``, worded, rounded and tied to its row of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from megawatch.briefs.facts import Fact, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A footnote: the sentence behind a figure, and where it was published."""

    key: str
    number: Fact
    quote: Fact
    title: Fact
    publisher: Fact
    published: Fact
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One figure of the strip at the top, and what it counts."""

    key: str
    fact: Fact
    label: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One of the three sentences at the top, with the rule that chose it."""

    key: str
    order: Fact
    lead: Fact
    sentence: Sentence
    reason: Sentence
    rule: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DealRow:
    """A deal with its terms; ``terms`` and ``rates`` carry their labels, ``refusals`` say why a figure is missing."""

    key: str
    anchor: str
    deal_id: str
    title: Sentence
    kind: Fact
    status: Fact
    headline: tuple[Fact, ...]
    terms: tuple[Fact, ...]
    refusals: tuple[Fact, ...]
    sources: Fact
    confidence: Fact
    flags: tuple[Fact, ...]
    links: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One term before and after."""

    what: str
    field: str
    before: Fact
    after: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What changed of one deal, and the latest day on which it became known."""

    key: str
    anchor: str
    title: Sentence
    known: Fact
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """A deal's implied or stated rate for a GPU-hour beside the market's price of the same chip."""

    key: str
    anchor: str
    title: Sentence
    chip: Fact
    implied: Fact
    how: str
    market: Fact
    ratio: Fact
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldRow:
    """What a lease or a power contract costs by its capacity."""

    key: str
    anchor: str
    title: Sentence
    power: Fact
    first: Fact
    second: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A quoted market price, with the quote before it where there is one."""

    key: str
    chip: Fact
    provider: Fact
    market: str
    before: Fact
    now: Fact
    move: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashRow:
    """Claims on one deal that cannot all hold."""

    key: str
    anchor: str
    title: Sentence
    fields: str
    told: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """Capacity that is due in the days ahead."""

    key: str
    anchor: str
    title: Sentence
    when: Fact
    what: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """A source that failed, and how."""

    key: str
    publisher: Fact
    outcome: Fact
    failures: Fact
    last: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A deal for which a rate cannot be given, and why."""

    key: str
    anchor: str
    title: Sentence
    reason: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One line of a chart: a deal's figure as a range, with the band to compare with (figures are plot positions)."""

    key: str
    name: Fact
    group: Fact
    low: float
    high: float
    value: Fact
    band: tuple[float, float] | None
    band_words: Fact | None
    uncertain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a chart shows; ``alt`` states its finding in words."""

    key: str
    name: str
    title: str
    legend: str
    alt: Sentence
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One edition of the weekly report."""

    key: str
    week: str
    edition: str
    as_of: str
    only: Fact | None
    headline: Sentence | None
    title: Fact
    days: Fact
    known: Fact
    summary: tuple[Tick, ...]
    findings: tuple[Finding, ...]
    new: tuple[DealRow, ...]
    others: tuple[DealRow, ...]
    changes: tuple[ChangeRow, ...]
    rates: tuple[RateRow, ...]
    rate_chart: Chart | None
    refusals: tuple[Refusal, ...]
    leases: tuple[YieldRow, ...]
    lease_chart: Chart | None
    power: tuple[YieldRow, ...]
    prices: tuple[PriceRow, ...]
    clashes: tuple[ClashRow, ...]
    corrections: tuple[ChangeRow, ...]
    due: tuple[DueRow, ...]
    gaps: tuple[GapRow, ...]
    coverage: Sentence
    ahead: Fact
    omitted: Sentence | None
    method: tuple[Sentence, ...]
    notes: tuple[Note, ...]
    deal_ids: tuple[str, ...]
    empty: bool
