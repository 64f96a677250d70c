"""The tables of the ledger, the same on SQLite and PostgreSQL.

Rows that tell what was believed carry ``known_from`` and ``known_to`` (ISO days or instants, UTC): a row held from the
first, inclusive, to the second, exclusive; an open row has no ``known_to``. Closing a row is the only change ever made
to what was recorded. What ``settle`` writes (deals, terms, links, contradictions) follows from the recorded rows alone.
Names that people query are the views of ``views.py``; these tables stand behind them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Index, Integer, Table, text
from sqlmodel import Field, SQLModel

from megawatch.ledger.columns import Words

_OPEN = text("known_to IS NULL")
_ENDED = text("known_to IS NOT NULL")


def _key() -> Any:
    return Field(primary_key=True, sa_type=Words)


def _words() -> Any:
    return Field(default="", sa_type=Words)


def _maybe() -> Any:
    return Field(default=None, sa_type=Words)


def _number() -> Any:
    return Field(default=None, sa_type=Float(53))


def _count() -> Any:
    return Field(default=0, sa_type=Integer)


class DocumentRow(SQLModel, table=True):
    """One version of one article, press release or filing; its text stays in the document store."""

    __tablename__ = "document_rows"
    __table_args__ = (Index("ix_document_rows_url", "url"), Index("ix_document_rows_known_from", "known_from"))

    document_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    title: str = _words()
    source: str = _words()
    publisher: str = _words()
    published: str | None = _maybe()
    url: str = _words()
    retrieved_at: str | None = _maybe()
    group_id: str = _words()
    text_sha256: str = _words()
    characters: int = _count()


class ReadingRow(SQLModel, table=True):
    """What one version of the extractors read off one document: how much, and what was refused why (JSON)."""

    __tablename__ = "reading_rows"
    __table_args__ = (Index("ix_reading_rows_document", "document_id"),)

    reading_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    document_id: str = _words()
    extractor_version: str = _words()
    mentions: int = _count()
    claims: int = _count()
    prices: int = _count()
    leftovers: int = _count()
    refused: str = _words()


class MentionRow(SQLModel, table=True):
    """A deal as one reading of one document tells it; ``mention_id`` lasts over later readings of that document."""

    __tablename__ = "mention_rows"
    __table_args__ = (
        Index("ix_mention_rows_document", "document_id"),
        Index("ix_mention_rows_reading", "reading_id"),
        Index("ix_mention_rows_known_from", "known_from"),
        Index("ix_mention_rows_known_to", "known_to", sqlite_where=_ENDED, postgresql_where=_ENDED),
    )

    mention_id: str = _key()
    known_from: str = _key()
    reading_id: str = _key()
    known_to: str | None = _maybe()
    document_id: str = _words()
    position: int = _count()
    closed_because: str = _words()


class MentionParty(SQLModel, table=True):
    """The organization that a party of a mention resolved to when it was recorded."""

    __tablename__ = "mention_parties"
    __table_args__ = (Index("ix_mention_parties_organization", "organization_id"),)

    mention_id: str = _key()
    known_from: str = _key()
    reading_id: str = _key()
    role: str = _key()
    ordinal: int = Field(primary_key=True, sa_type=Integer)
    organization_id: str = _words()


class MentionKey(SQLModel, table=True):
    """A blocking key under which a mention is found by those that may tell the same deal."""

    __tablename__ = "mention_keys"
    __table_args__ = {"sqlite_with_rowid": False}

    key: str = _key()
    mention_id: str = _key()


class ClaimRow(SQLModel, table=True):
    """One stated field: exact ``value`` as text, ``amount`` as a number in the field's unit, and its passage."""

    __tablename__ = "claim_rows"
    __table_args__ = (Index("ix_claim_rows_mention", "mention_id"), Index("ix_claim_rows_document", "document_id"))

    claim_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    mention_id: str = _words()
    document_id: str = _words()
    extractor_version: str = _words()
    field: str = _words()
    value: str = _words()
    amount: float | None = _number()
    hedge: str | None = _maybe()
    resolution: str | None = _maybe()
    words: str = _words()
    rule: str = _words()
    confidence: float = _number()
    part: str = _words()
    start_offset: int = _count()
    end_offset: int = _count()
    quote: str = _words()
    sentence: str = _words()


class PriceRow(SQLModel, table=True):
    """A market price of one accelerator for one hour as one document states it."""

    __tablename__ = "price_rows"
    __table_args__ = (
        Index("ix_price_rows_observed", "observed"),
        Index("ix_price_rows_document", "document_id"),
    )

    price_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    document_id: str = _words()
    extractor_version: str = _words()
    observed: str | None = _maybe()
    gpu_model: str = _words()
    provider: str | None = _maybe()
    market: str = _words()
    low_usd_per_gpu_hour: float | None = _number()
    high_usd_per_gpu_hour: float | None = _number()
    change_percent: float | None = _number()
    exact: str = _words()
    hedge: str | None = _maybe()
    confidence: float = _number()
    part: str = _words()
    start_offset: int = _count()
    end_offset: int = _count()
    quote: str = _words()
    sentence: str = _words()


class LeftoverRow(SQLModel, table=True):
    """A quantity that went into no field, and why."""

    __tablename__ = "leftover_rows"
    __table_args__ = (Index("ix_leftover_rows_document", "document_id"),)

    leftover_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    document_id: str = _words()
    extractor_version: str = _words()
    unit: str = _words()
    words: str = _words()
    reason: str = _words()
    part: str = _words()
    start_offset: int = _count()
    end_offset: int = _count()
    quote: str = _words()


class OrganizationRow(SQLModel, table=True):
    """A company: from the lexicon (``origin`` ``lexicon``) or named by a text only (``text``)."""

    __tablename__ = "organization_rows"

    organization_id: str = _key()
    known_from: str = _words()
    name: str = _words()
    segment: str = _words()
    ticker: str = _words()
    cik: str = _words()
    parent_id: str = _words()
    origin: str = _words()


class OrganizationName(SQLModel, table=True):
    """A name, alias or ticker, folded, and the organization that it means."""

    __tablename__ = "organization_names"
    __table_args__ = (Index("ix_organization_names_organization", "organization_id"),)

    name_key: str = _key()
    organization_id: str = _words()
    name: str = _words()


class OrganizationMerge(SQLModel, table=True):
    """A judgement that two organizations are one: the first id leads to the second while the row is open."""

    __tablename__ = "organization_merges"

    organization_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    into_id: str = _words()
    judgement_id: str = _words()


class OrganizationCandidate(SQLModel, table=True):
    """An unknown name that looks like a known one, for a person to judge."""

    __tablename__ = "organization_candidates"

    organization_id: str = _key()
    like_id: str = _key()
    known_from: str = _words()
    score: float | None = _number()


class Unsettled(SQLModel, table=True):
    """A mention that appeared, changed or went at an instant, and that ``settle`` has not yet looked at."""

    __tablename__ = "unsettled"

    instant: str = _key()
    mention_id: str = _key()


class SettleState(SQLModel, table=True):
    """How far ``settle`` has come: ``until`` is the latest instant it has walked."""

    __tablename__ = "settle_state"

    name: str = _key()
    value: str = _words()


class DealRow(SQLModel, table=True):
    """One deal as it was believed over a span of time; the columns of the view ``deals``, and what reading needs."""

    __tablename__ = "deal_rows"
    __table_args__ = (
        Index("ix_deal_rows_first_seen", "first_seen"),
        Index("ix_deal_rows_known_from", "known_from"),
        Index("ix_deal_rows_known_to", "known_to", sqlite_where=_ENDED, postgresql_where=_ENDED),
        Index("ix_deal_rows_supplier", "supplier_id", "first_seen"),
        Index("ix_deal_rows_customer", "customer_id", "first_seen"),
        Index("ix_deal_rows_start", "start_date"),
        Index("ix_deal_rows_open", "kind", "first_seen", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    deal_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    kind: str = _words()
    supplier: str | None = _maybe()
    customer: str | None = _maybe()
    status: str = _words()
    total_value_usd: float | None = _number()
    monthly_payment_usd: float | None = _number()
    term_months: float | None = _number()
    start_date: str | None = _maybe()
    end_date: str | None = _maybe()
    power_mw: float | None = _number()
    gross_power_mw: float | None = _number()
    option_power_mw: float | None = _number()
    gpu_count: float | None = _number()
    gpu_model: str | None = _maybe()
    rate_usd_per_gpu_hour: float | None = _number()
    implied_usd_per_gpu_hour: float | None = _number()
    implied_usd_per_gpu_hour_low: float | None = _number()
    implied_usd_per_gpu_hour_high: float | None = _number()
    usd_per_kw_month: float | None = _number()
    usd_per_mw_year: float | None = _number()
    usd_per_mwh: float | None = _number()
    usd_per_mw: float | None = _number()
    site: str | None = _maybe()
    total_value: float | None = _number()
    currency: str | None = _maybe()
    first_seen: str = _words()
    last_seen: str = _words()
    documents: int = _count()
    independent_sources: int = _count()
    contradictions: int = _count()
    supplier_id: str | None = _maybe()
    customer_id: str | None = _maybe()
    flags: str = _words()
    quotes: str = _words()


class DealMentionRow(SQLModel, table=True):
    """A mention's place in a deal over a span of time."""

    __tablename__ = "deal_mentions"
    __table_args__ = (Index("ix_deal_mentions_mention", "mention_id"),)

    deal_id: str = _key()
    mention_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()


class TermRow(SQLModel, table=True):
    """One field of a deal over a span of time; ``detail`` holds, as JSON, what it rests on."""

    __tablename__ = "term_rows"
    __table_args__ = (
        Index("ix_term_rows_known_from", "known_from"),
        Index("ix_term_rows_known_to", "known_to", sqlite_where=_ENDED, postgresql_where=_ENDED),
    )

    deal_id: str = _key()
    field: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    value: str | None = _maybe()
    amount: float | None = _number()
    low: float | None = _number()
    high: float | None = _number()
    unit: str = _words()
    basis: str = _words()
    absence: str | None = _maybe()
    reason: str = _words()
    hedge: str | None = _maybe()
    words: str = _words()
    rule: str = _words()
    confidence: float = _number()
    detail: str = _words()


class ContradictionRow(SQLModel, table=True):
    """Claims on one deal that cannot all hold; fields and claim ids as JSON lists."""

    __tablename__ = "contradiction_rows"
    __table_args__ = (
        Index("ix_contradiction_rows_deal", "deal_id"),
        Index("ix_contradiction_rows_known_from", "known_from"),
    )

    contradiction_id: str = _key()
    deal_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    fields: str = _words()
    explanation: str = _words()
    claim_ids: str = _words()


class CandidateRow(SQLModel, table=True):
    """Two mentions that may tell one deal, for a person to judge; ``deal_id`` holds one of them."""

    __tablename__ = "candidate_rows"

    deal_id: str = _key()
    first_id: str = _key()
    second_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    score: float | None = _number()
    reason: str = _words()


class DealKey(SQLModel, table=True):
    """What a deal looks for to be linked to (``side`` ``out``) or is found by (``in``), now or at any time before."""

    __tablename__ = "deal_keys"
    __table_args__ = (Index("ix_deal_keys_deal", "deal_id"), {"sqlite_with_rowid": False})

    key: str = _key()
    side: str = _key()
    deal_id: str = _key()


class LinkRow(SQLModel, table=True):
    """How one deal stands to another over a span of time; ``spread`` is JSON, USD a MW-year."""

    __tablename__ = "link_rows"
    __table_args__ = (Index("ix_link_rows_other", "other_id"),)

    deal_id: str = _key()
    relation: str = _key()
    other_id: str = _key()
    known_from: str = _key()
    known_to: str | None = _maybe()
    reason: str = _words()
    spread: str = _words()


class JudgementRow(SQLModel, table=True):
    """What a person decided, why, and until when it held (``known_to`` is set when it is undone)."""

    __tablename__ = "judgement_rows"

    judgement_id: str = _key()
    known_from: str = _words()
    known_to: str | None = _maybe()
    kind: str = _words()
    target: str = _words()
    value: str = _words()
    reason: str = _words()
    reviewer: str = _words()
    undone_by: str = _words()
    undone_because: str = _words()


class HealthRow(SQLModel, table=True):
    """How one source did in one run."""

    __tablename__ = "health_rows"
    __table_args__ = (Index("ix_health_rows_checked", "checked_at"),)

    source_id: str = _key()
    checked_at: str = _key()
    publisher: str = _words()
    outcome: str = _words()
    items: int = _count()
    stored: int = _count()
    detail: str = _words()


class SubscriberRow(SQLModel, table=True):
    """Who gets the brief; ``filters`` is JSON."""

    __tablename__ = "subscriber_rows"

    address: str = _key()
    since: str = _key()
    until: str | None = _maybe()
    timezone: str = _words()
    cadence: str = _words()
    language: str = _words()
    filters: str = _words()


class DeliveryRow(SQLModel, table=True):
    """One step in sending one edition to one address."""

    __tablename__ = "delivery_rows"
    __table_args__ = (Index("ux_delivery_rows_step", "edition", "address", "attempt", "state", unique=True),)

    number: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    edition: str = _words()
    address: str = _words()
    attempt: int = _count()
    state: str = _words()
    message_id: str = _words()
    at: str = _words()
    code: int | None = Field(default=None, sa_type=Integer)
    reason: str = _words()


def table_of(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table behind a model, for statements over many rows."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
