"""The nouns of the project: frozen, standard library only, shared by every room.

Field names, kinds and statuses are those of the annotation guidelines, letter by letter. Units end a name:
``power_mw`` is in megawatts, ``rate_usd_per_gpu_hour`` in US dollars for one accelerator for one hour. Money is in
US dollars unless a ``currency`` (ISO 4217) stands beside it. Dates are ISO texts at the precision of their source:
``2026``, ``2026-H1``, ``2026-Q4``, ``2026-05``, ``2026-05-14``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Kind = Literal["compute", "lease", "power", "hardware", "financing", "acquisition", "build"]
Status = Literal["signed", "planned", "terminated"]
Hedge = Literal["up_to", "about", "at_least"]
Source = Literal["filing", "press_release", "news", "blog"]
Market = Literal["spot", "on_demand", "reserved", "index", "unspecified"]
Part = Literal["title", "text"]
Basis = Literal["stated", "derived", "reviewed"]
Absence = Literal["undisclosed", "redacted", "conflicting", "not_applicable"]

KINDS: tuple[Kind, ...] = ("compute", "lease", "power", "hardware", "financing", "acquisition", "build")
STATUSES: tuple[Status, ...] = ("signed", "planned", "terminated")
SOURCES: tuple[Source, ...] = ("filing", "press_release", "news", "blog")
MARKETS: tuple[Market, ...] = ("spot", "on_demand", "reserved", "index", "unspecified")

PARTY_FIELDS = ("supplier", "customer")
AMOUNT_FIELDS = (
    "total_value_usd",
    "monthly_payment_usd",
    "term_months",
    "power_mw",
    "gross_power_mw",
    "option_power_mw",
    "gpu_count",
    "rate_usd_per_gpu_hour",
    "total_value",
)
DATE_FIELDS = ("start_date", "end_date")
DEAL_FIELDS = ("kind", *PARTY_FIELDS, "status", *AMOUNT_FIELDS, "currency", *DATE_FIELDS, "gpu_model", "site")

Value = Decimal | str | tuple[str, ...]


def content_id(*parts: str) -> str:
    """Sixteen hex digits that depend on the parts and on nothing else.

    >>> content_id("a", "b") == content_id("a", "b") != content_id("ab", "")
    True
    """
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One article, press release or filing; ``text`` is fixed once and every offset points into it.

    ``published`` is an ISO date, or None where no date is known: never the day of reading. ``retrieved_at`` is the
    ISO instant (UTC) at which the text became known to the ledger.
    """

    id: str
    title: str
    text: str
    published: str | None = None
    source: Source = "news"
    publisher: str = ""
    url: str = ""
    retrieved_at: str | None = None

    def part(self, part: Part) -> str:
        """The text of one part, into which the offsets of its evidence point."""
        return self.title if part == "title" else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The passage that states a value: ``part[start:end] == quote``, offsets in characters, end exclusive."""

    part: Part
    start: int
    end: int
    quote: str

    def holds_in(self, document: Document) -> bool:
        """Whether the quote stands in the document where the offsets say."""
        return bool(self.quote) and document.part(self.part)[self.start : self.end] == self.quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One field of one deal as one document states it.

    ``value`` is a Decimal in the unit of the field's name, a tuple of names (parties: every name the text uses for
    the party, the fullest first; ``gpu_model``: the models), or a text (kind, status, dates, site). ``resolution`` is
    the half width that the digits as written leave open, in the same unit: ``$1.25 billion`` gives 5,000,000.
    ``words`` is the figure as written; ``rule`` names what read it; ``confidence`` lies in 0 to 1.
    """

    field: str
    value: Value
    evidence: Evidence
    hedge: Hedge | None = None
    resolution: Decimal | None = None
    words: str = ""
    rule: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DealMention:
    """A deal as one document tells it; ``terms`` holds one ``Stated`` a field at most, always kind and status."""

    document_id: str
    position: int
    terms: tuple[Stated, ...]

    def get(self, name: str) -> Stated | None:
        """The stated term of that field, or None."""
        return next((term for term in self.terms if term.field == name), None)

    def value(self, name: str) -> Value | None:
        """The value of that field, or None."""
        term = self.get(name)
        return None if term is None else term.value


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceMention:
    """A market price of one accelerator for one hour, in US dollars; of no one deal."""

    document_id: str
    position: int
    gpu_model: str
    evidence: Evidence
    provider: str | None = None
    market: Market = "unspecified"
    low_usd_per_gpu_hour: Decimal | None = None
    high_usd_per_gpu_hour: Decimal | None = None
    change_percent: Decimal | None = None
    hedge: Hedge | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A quantity that was found and went into no field; ``reason`` says why (``tie``, ``guidance``, ``no_deal`` …)."""

    unit: str
    words: str
    evidence: Evidence
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the extractors read off one document."""

    document_id: str
    extractor_version: str
    deals: tuple[DealMention, ...] = ()
    prices: tuple[PriceMention, ...] = ()
    leftovers: tuple[Leftover, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed range of numbers in one unit; None means open on that side."""

    low: Decimal | None
    high: Decimal | None

    def contains(self, value: Decimal) -> bool:
        """Whether the value lies in the range."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A claim's sentence and where it stands, enough for a footnote."""

    claim_id: str
    document_id: str
    title: str
    publisher: str
    source: Source
    published: str | None
    url: str
    part: Part
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One field of a reconciled deal: its value with its range, how it came to be, what it rests on, and its rivals.

    ``value`` is None exactly when ``absence`` says why; ``reason`` then tells it in words. ``rule`` names the rule that
    chose or derived. ``unit`` is that of the number (``usd``, ``usd_per_gpu_hour``, ``mw``, ``months``, ``gpus``).
    """

    field: str
    value: Value | None
    basis: Basis = "stated"
    absence: Absence | None = None
    reason: str = ""
    unit: str = ""
    interval: Interval | None = None
    hedge: Hedge | None = None
    words: str = ""
    rule: str = ""
    confidence: float = 1.0
    assumptions: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    rivals: tuple[tuple[Value, Quote], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """The smallest set of claims on one deal that cannot all hold."""

    contradiction_id: str
    deal_id: str
    fields: tuple[str, ...]
    explanation: str
    quotes: tuple[Quote, ...]
    known_from: str
    known_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One agreement, as the ledger knew it on the day asked about.

    ``first_seen`` and ``last_seen`` are the ISO days of its first and latest document; ``links`` are
    ``(relation, deal_id, reason)`` with relations ``expands``, ``amends``, ``supersedes``, ``terminates``,
    ``stands_on``, ``funds``. ``flags`` are remarks of the sanity ranges, which never change a value.
    """

    deal_id: str
    kind: Kind
    status: Status
    terms: tuple[Term, ...]
    first_seen: str
    last_seen: str
    documents: int
    independent_sources: int
    contradictions: tuple[Contradiction, ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()
    flags: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = field(default=())

    def get(self, name: str) -> Term | None:
        """The term of that field, or None where nothing is known of it."""
        return next((term for term in self.terms if term.field == name), None)

    def value(self, name: str) -> Value | None:
        """The value of that field, or None."""
        term = self.get(name)
        return None if term is None else term.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one deal that the ledger came to believe differently between two days.

    ``what`` is ``new``, ``changed``, ``expanded``, ``slipped``, ``terminated`` or ``withdrawn``.
    """

    deal_id: str
    what: str
    field: str
    before: Value | None
    after: Value | None
    known_at: str
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price observation in the ledger, with the day it speaks of and its sentence."""

    price_id: str
    gpu_model: str
    provider: str | None
    market: Market
    low_usd_per_gpu_hour: Decimal | None
    high_usd_per_gpu_hour: Decimal | None
    change_percent: Decimal | None
    observed: str | None
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How one source did in one run: ``outcome`` is ``ok`` or names what went wrong; ``detail`` says it in words."""

    source_id: str
    publisher: str
    checked_at: str
    outcome: str
    items: int
    stored: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who gets the brief, and what of it.

    ``segments`` and ``companies`` narrow the edition to deals with such a party (empty: all); ``minimum_mw`` and
    ``minimum_usd`` to deals at least that large. ``cadence`` is ``weekly`` or ``alert`` (a message when a deal that
    passes the filter appears). ``since`` and ``until`` are ISO instants: ``until`` is set once they unsubscribed.
    """

    address: str
    segments: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    minimum_mw: Decimal | None = None
    minimum_usd: Decimal | None = None
    timezone: str = "UTC"
    cadence: Literal["weekly", "alert"] = "weekly"
    language: str = "en"
    since: str = ""
    until: str | None = None


DeliveryState = Literal["started", "handing_over", "sent", "deferred", "refused", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One step in sending one edition to one address; steps are only ever added.

    ``started`` stands before anything is said to the server, ``handing_over`` before the final dot that makes the
    server answerable for the message, and one of the other states after: ``sent``, ``deferred`` (4xx or no
    connection: may be tried again), ``refused`` (5xx: never again), ``unknown`` (the answer was lost after the dot:
    never again, and reported). ``code`` is the server's reply code, ``at`` the ISO instant (UTC).
    """

    edition: str
    address: str
    attempt: int
    state: DeliveryState
    message_id: str
    at: str
    code: int | None = None
    reason: str = ""
