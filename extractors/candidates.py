"""Candidate types that pass between the parts of this room: what was found in a text, before any deal claims it.

Every candidate stands at ``document.part(part)[start:end] == quote``; offsets are characters, end exclusive.
Values are Decimals in one unit a kind, so that nothing downstream converts again:

========== ======================== ==================================================================
kind       unit                     value
========== ======================== ==================================================================
money      ``usd`` or ISO code      the amount in whole currency units (``$1.25bn`` is 1250000000)
power      ``mw``                   megawatts (GW x 1000, kW / 1000)
gpus       ``gpus``                 accelerators
duration   ``months``               months (years x 12, weeks and days in fractions)
gpu_rate   ``usd_per_gpu_hour``     money for one accelerator for one hour (unit names the currency)
power_rate ``usd_per_kw_month`` ... money for power; ``per``: ``kw_month``, ``mw_year``, ``mwh``, ``kwh``, ``mw``
percent    ``percent``              per cent
========== ======================== ==================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from megawatch.market import Document, Evidence, Hedge, Part

QuantityKind = Literal["money", "power", "gpus", "duration", "gpu_rate", "power_rate", "percent"]
Period = Literal["hour", "day", "week", "month", "quarter", "year", "gpu_hour", "node_hour", "second"]
PowerBasis = Literal["critical_it", "gross", "utility", "nameplate", "installed", "generation", "guaranteed"]
DateCue = Literal["start", "end", "delivery", "signing", "maturity", "closing"]
Precision = Literal["year", "half", "quarter", "month", "day"]
SentenceKind = Literal["title", "heading", "prose", "bullet", "row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of one part of a document."""

    part: Part
    start: int
    end: int
    quote: str

    @property
    def evidence(self) -> Evidence:
        """The same stretch as evidence for a claim."""
        return Evidence(part=self.part, start=self.start, end=self.end, quote=self.quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Span):
    """A figure with its unit, as one place of the text states it.

    ``high`` is the upper end of a range (``value`` the lower), else None. ``currency`` is an ISO code for money and
    rates, ``None`` where a bare ``$`` may be any dollar (declined). ``per`` is the period or unit a money amount recurs
    by (``value`` is per that period, not yet per month: see ``monthly``). ``resolution`` is the half width that the
    digits leave open, in the unit of ``value``. ``hedge_start`` is where the hedging words begin (``start`` where
    there are none), so that ``[hedge_start:end]`` is the hedged passage. ``basis`` tells what kind of megawatts.
    ``models`` are accelerator models attached to a count or rate. ``same_as`` is the start of the amount in the same
    part that states this one in another currency. ``cues`` are role cues read off the words around it, each one of:

    ``option``, ``further``, ``total``, ``cumulative``, ``backlog``, ``revenue``, ``market_cap``, ``share_price``,
    ``guidance``, ``fund_size``, ``valuation``, ``prepayment``, ``deposit``, ``guarantee``, ``renewal``, ``campus``,
    ``pipeline``, ``each``, ``list_price``, ``cost``, ``interest``, ``change``, ``unit_price``, ``age``, ``ago``,
    ``accordion``, ``tranche``, ``per_unit``.
    """

    kind: QuantityKind
    value: Decimal
    unit: str
    high: Decimal | None = None
    currency: str | None = None
    per: str | None = None
    hedge: Hedge | None = None
    hedge_start: int = -1
    resolution: Decimal | None = None
    basis: PowerBasis | None = None
    models: tuple[str, ...] = ()
    same_as: int | None = None
    cues: frozenset[str] = field(default_factory=frozenset)
    rule: str = ""

    @property
    def monthly(self) -> Decimal | None:
        """The amount a month where it recurs by a calendar period (year / 12, quarter / 3), else None."""
        divisor = {"month": 1, "quarter": 3, "year": 12}.get(self.per or "")
        return None if self.kind != "money" or divisor is None else self.value / divisor


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention(Span):
    """A date at the precision of the guidelines: ``2026``, ``2026-H2``, ``2026-Q4``, ``2026-05``, ``2026-05-14``.

    ``cue`` is the role that the words before it suggest, ``relative`` that it was resolved from the day of publishing
    (``next January``, ``this year``), ``dateline`` that it only dates the article or a filing's report.
    """

    value: str
    precision: Precision
    cue: DateCue | None = None
    relative: bool = False
    dateline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMention(Span):
    """An accelerator model as the field writes it (``H100``, ``TPU v7``), with its maker."""

    gpu_model: str
    maker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Span):
    """One sentence, bullet, heading or table row; ``paragraph`` counts blocks divided by blank lines, title is 0."""

    kind: SentenceKind
    paragraph: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Span):
    """One cell of a table row, stripped of blanks; ``above`` holds the words of a header's line over this one."""

    column: int
    above: str = ""

    @property
    def label(self) -> str:
        """What a header cell says in all its lines."""
        return f"{self.above} {self.quote}" if self.above else self.quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its header row (empty where it has none) and its body rows, each a tuple of cells."""

    part: Part
    start: int
    end: int
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything the grammar found in one document, in order of title then text, then offset.

    ``dollar`` is what a bare ``$`` stands for: an ISO code, or None where the context leaves it open.
    """

    document: Document
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...]
    quantities: tuple[Quantity, ...]
    dates: tuple[DateMention, ...]
    models: tuple[ModelMention, ...]
    dollar: str | None = "USD"
