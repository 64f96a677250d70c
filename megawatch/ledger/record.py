"""Recording: what a document says goes into the ledger as claims, once, with the time from which it is known.

Rows are keyed by content, so recording the same reading again adds nothing. Another text at the same address, or a
reading by another version of the extractors, closes the rows of the one before and adds its own. One transaction a
document: after a crash it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, or_, select, text, update

from megawatch.ledger.checks import Sifted, read_instant, sift, storable
from megawatch.ledger.encode import as_number, encode_decimal, encode_json, encode_value
from megawatch.ledger.lineage import facts_of, match_mentions
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import add_organizations, resolve_all
from megawatch.ledger.rows import add_rows
from megawatch.ledger.sentences import sentence_around
from megawatch.ledger.tables import (
    ClaimRow,
    DocumentRow,
    LeftoverRow,
    MentionParty,
    MentionRow,
    PriceRow,
    ReadingRow,
    Unsettled,
    table_of,
)
from megawatch.market import PARTY_FIELDS, DealMention, Document, Evidence, Findings, PriceMention, content_id

_DOCUMENTS = table_of(DocumentRow)
_READINGS = table_of(ReadingRow)
_MENTIONS = table_of(MentionRow)
_CLAIMS = table_of(ClaimRow)
_LEFTOVERS = table_of(LeftoverRow)
_PRICES = table_of(PriceRow)

Facts = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCounts:
    """What recording one document added, closed and refused (by reason)."""

    documents: int = 0
    mentions: int = 0
    claims: int = 0
    prices: int = 0
    leftovers: int = 0
    closed: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: RecordCounts) -> RecordCounts:
        refused = {
            reason: self.refused.get(reason, 0) + other.refused.get(reason, 0)
            for reason in sorted(self.refused | other.refused)
        }
        return RecordCounts(
            documents=self.documents + other.documents,
            mentions=self.mentions + other.mentions,
            claims=self.claims + other.claims,
            prices=self.prices + other.prices,
            leftovers=self.leftovers + other.leftovers,
            closed=self.closed + other.closed,
            refused=refused,
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """From when to when something is believed; ``until`` None: still."""

    since: str
    until: str | None

    @property
    def is_empty(self) -> bool:
        return self.until is not None and self.until <= self.since


@dataclass(slots=True)
class _Closed:
    """What the new reading takes the place of: the mentions with their facts, and how many claims."""

    mentions: dict[str, Facts] = field(default_factory=dict)
    claims: int = 0


def record(
    ledger: Ledger,
    document: Document,
    findings: Findings,
    *,
    known_at: str,
    group_id: str | None = None,
    reread_at: str | None = None,
) -> RecordCounts:
    """Write what was found in a document, as known from ``known_at`` (ISO day or instant).

    ``group_id`` is shared by copies and rewrites of one wire (the document's own id where None). ``reread_at`` is the
    instant from which another reading of a document already recorded holds (``known_at`` where None). Claims whose
    passage or value does not hold are refused and counted by reason.

    Raises LedgerError for a malformed instant, findings of another document, or a database that refuses.
    """
    instant = read_instant(known_at, what=f"known_at of document {document.id}")
    reread = read_instant(reread_at, what=f"reread_at of document {document.id}") if reread_at else instant
    sifted = sift(document, findings)
    entry = _Entry(document, sifted, findings.extractor_version, group_id or document.id)
    return ledger.write(lambda connection: _write(connection, entry, instant, reread))


class _Entry:
    """A document with what may be recorded of it, and the ids that follow from its content."""

    def __init__(self, document: Document, sifted: Sifted, version: str, group_id: str) -> None:
        self.document = document
        self.sifted = sifted
        self.version = version
        self.group_id = group_id
        whole = f"{document.title}\x1f{document.text}".encode("utf-8", "surrogatepass")
        self.text_sha256 = hashlib.sha256(whole).hexdigest()
        self.facts = tuple(facts_of(deal) for deal in sifted.deals)
        said = repr((sifted.deals, sifted.prices, sifted.leftovers))
        self.reading_id = content_id(document.id, self.text_sha256, version, said)


def _write(connection: Connection, entry: _Entry, instant: str, reread: str) -> RecordCounts:
    _lock(connection, entry.document)
    closed = _Closed()
    span, is_new = _place_document(connection, entry, instant, closed)
    refused = entry.sifted.refused
    if span.is_empty:
        return RecordCounts(refused=refused)
    current = _current_reading(connection, entry.document.id, span)
    if current is not None and current.reading_id == entry.reading_id:
        return RecordCounts(documents=int(is_new), refused=refused)
    since = max(span.since, reread if current is not None else instant)
    if current is not None:
        since = max(since, current.known_from)
        _close_reading(connection, current, since, closed, because="extractor", with_prices=True)
    counts = _add_reading(connection, entry, _Span(since, span.until), closed)
    return RecordCounts(documents=int(is_new), closed=closed.claims, refused=refused) + counts


def _lock(connection: Connection, document: Document) -> None:
    # SQLite has one writer anyway; on PostgreSQL two recorders of one address wait for each other.
    if connection.dialect.name == "postgresql":
        for name in sorted({document.id, document.url} - {""}):
            connection.execute(text("SELECT pg_advisory_xact_lock(7302, hashtext(:name))"), {"name": name})


def _place_document(connection: Connection, entry: _Entry, instant: str, closed: _Closed) -> tuple[_Span, bool]:
    """The span in which this version holds among those of its address, and whether its row is new."""
    versions = _versions(connection, entry.document)
    for row in versions:
        covers = row.known_from <= instant and (row.known_to is None or row.known_to > instant)
        same = row.document_id == entry.document.id and row.text_sha256 == entry.text_sha256
        if same and (covers or row.known_from == instant):
            return _Span(row.known_from, row.known_to), False
    for row in versions:
        if row.known_from <= instant and (row.known_to is None or row.known_to > instant):
            _close_document(connection, row, instant, closed, published=entry.document.published)
    later = [row.known_from for row in versions if row.known_from > instant]
    span = _Span(instant, min(later, default=None))
    add_rows(connection, DocumentRow, [_document_row(entry, span)])
    return span, True


def _versions(connection: Connection, document: Document) -> Sequence[Row[Any]]:
    same = _DOCUMENTS.c.document_id == document.id
    if document.url:
        same = or_(same, _DOCUMENTS.c.url == document.url)
    return connection.execute(select(_DOCUMENTS).where(same).order_by(_DOCUMENTS.c.known_from)).all()


def _document_row(entry: _Entry, span: _Span) -> dict[str, Any]:
    document = entry.document
    return {
        "document_id": document.id,
        "known_from": span.since,
        "known_to": span.until,
        "title": storable(document.title),
        "source": document.source,
        "publisher": storable(document.publisher),
        "published": document.published,
        "url": storable(document.url),
        "retrieved_at": document.retrieved_at,
        "group_id": entry.group_id,
        "text_sha256": entry.text_sha256,
        "characters": len(document.text),
    }


def _close_document(
    connection: Connection, row: Row[Any], instant: str, closed: _Closed, *, published: str | None
) -> None:
    key = (_DOCUMENTS.c.document_id == row.document_id) & (_DOCUMENTS.c.known_from == row.known_from)
    connection.execute(update(_DOCUMENTS).where(key).values(known_to=instant))
    reading = _current_reading(connection, row.document_id, _Span(row.known_from, row.known_to))
    if reading is not None:
        # A page that is published anew (a price list) tells prices of another day; the old ones were true of theirs.
        with_prices = row.published == published
        at = max(instant, reading.known_from)
        _close_reading(connection, reading, at, closed, because="corrected", with_prices=with_prices)


def _current_reading(connection: Connection, document_id: str, span: _Span) -> Row[Any] | None:
    """The last reading of a document within a span, or None."""
    columns = _READINGS.c
    query = select(_READINGS).where(columns.document_id == document_id, columns.known_from >= span.since)
    if span.until is None:
        query = query.where(columns.known_to.is_(None))
    else:
        query = query.where(columns.known_to == span.until, columns.known_from < span.until)
    return connection.execute(query).first()


def _close_reading(
    connection: Connection, reading: Row[Any], at: str, closed: _Closed, *, because: str, with_prices: bool
) -> None:
    closed.mentions |= _facts_in(connection, reading)
    closed.claims += int(reading.claims)
    key = (_READINGS.c.reading_id == reading.reading_id) & (_READINGS.c.known_from == reading.known_from)
    connection.execute(update(_READINGS).where(key).values(known_to=at))
    connection.execute(
        update(_MENTIONS)
        .where(_MENTIONS.c.reading_id == reading.reading_id, _MENTIONS.c.known_from == reading.known_from)
        .values(known_to=at, closed_because=because)
    )
    for table in (_CLAIMS, _LEFTOVERS, *([_PRICES] if with_prices else [])):
        own = (table.c.document_id == reading.document_id) & (table.c.known_from == reading.known_from)
        still = table.c.known_to.is_(None) | (table.c.known_to > at)
        connection.execute(update(table).where(own, still).values(known_to=at))
    add_rows(connection, Unsettled, [{"instant": at, "mention_id": key} for key in closed.mentions])


def _facts_in(connection: Connection, reading: Row[Any]) -> dict[str, Facts]:
    query = select(_MENTIONS.c.mention_id).where(
        _MENTIONS.c.reading_id == reading.reading_id, _MENTIONS.c.known_from == reading.known_from
    )
    found: dict[str, set[tuple[str, str]]] = {key: set() for key in connection.execute(query).scalars()}
    claims = select(_CLAIMS.c.mention_id, _CLAIMS.c.field, _CLAIMS.c.value).where(
        _CLAIMS.c.document_id == reading.document_id, _CLAIMS.c.known_from == reading.known_from
    )
    for mention_id, name, value in connection.execute(claims):
        if mention_id in found:
            found[mention_id].add((name, value))
    return {key: frozenset(facts) for key, facts in found.items()}


def _add_reading(connection: Connection, entry: _Entry, span: _Span, closed: _Closed) -> RecordCounts:
    deals = entry.sifted.deals
    went_on = match_mentions(closed.mentions, entry.facts)
    ids = [went_on.get(position) or _mention_id(entry, deal, position) for position, deal in enumerate(deals)]
    claims = [row for key, deal in zip(ids, deals, strict=True) for row in _claim_rows(entry, key, deal, span)]
    prices = [_price_row(entry, price, span) for price in entry.sifted.prices]
    leftovers = _leftover_rows(entry, span)
    add_rows(connection, ReadingRow, [_reading_row(entry, span, len(claims))], reopen=True)
    parties = [term.value for deal in deals for name in PARTY_FIELDS if (term := deal.get(name))]
    add_organizations(connection, [names for names in parties if isinstance(names, tuple)], instant=span.since)
    mentions = [_mention_row(entry, key, deal, span) for key, deal in zip(ids, deals, strict=True)]
    add_rows(connection, MentionRow, mentions, reopen=True)
    add_rows(connection, MentionParty, _party_rows(entry, ids, span))
    add_rows(connection, ClaimRow, claims, reopen=True)
    add_rows(connection, PriceRow, prices, reopen=True)
    add_rows(connection, LeftoverRow, leftovers, reopen=True)
    ends = [span.since] if span.until is None else [span.since, span.until]
    add_rows(connection, Unsettled, [{"instant": at, "mention_id": key} for key in ids for at in ends])
    return RecordCounts(mentions=len(deals), claims=len(claims), prices=len(prices), leftovers=len(leftovers))


def _mention_id(entry: _Entry, deal: DealMention, position: int) -> str:
    # The same words twice in one document are two mentions, told apart by which comes first.
    twins = sum(facts == entry.facts[position] for facts in entry.facts[:position])
    said = encode_json(sorted(entry.facts[position]))
    return content_id("mention", deal.document_id, said, str(twins))


def _reading_row(entry: _Entry, span: _Span, claims: int) -> dict[str, Any]:
    return {
        "reading_id": entry.reading_id,
        "known_from": span.since,
        "known_to": span.until,
        "document_id": entry.document.id,
        "extractor_version": entry.version,
        "mentions": len(entry.sifted.deals),
        "claims": claims,
        "prices": len(entry.sifted.prices),
        "leftovers": len(entry.sifted.leftovers),
        "refused": encode_json(entry.sifted.refused),
    }


def _mention_row(entry: _Entry, mention_id: str, deal: DealMention, span: _Span) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "known_from": span.since,
        "reading_id": entry.reading_id,
        "known_to": span.until,
        "document_id": entry.document.id,
        "position": deal.position,
        "closed_because": "",
    }


def _party_rows(entry: _Entry, ids: Sequence[str], span: _Span) -> list[dict[str, Any]]:
    return [
        {
            "mention_id": mention_id,
            "known_from": span.since,
            "reading_id": entry.reading_id,
            "role": role,
            "ordinal": ordinal,
            "organization_id": organization.organization_id,
        }
        for mention_id, deal in zip(ids, entry.sifted.deals, strict=True)
        for role in PARTY_FIELDS
        if isinstance(names := deal.value(role), tuple)
        for ordinal, organization in enumerate(resolve_all(names))
    ]


def _passage(document: Document, evidence: Evidence) -> dict[str, Any]:
    return {
        "part": evidence.part,
        "start_offset": evidence.start,
        "end_offset": evidence.end,
        "quote": evidence.quote,
        "sentence": storable(sentence_around(document.part(evidence.part), evidence.start, evidence.end)),
    }


def _believed(entry: _Entry, span: _Span) -> dict[str, Any]:
    return {
        "known_from": span.since,
        "known_to": span.until,
        "document_id": entry.document.id,
        "extractor_version": entry.version,
    }


def _claim_rows(entry: _Entry, mention_id: str, deal: DealMention, span: _Span) -> list[dict[str, Any]]:
    rows = []
    for term in deal.terms:
        value = encode_value(term.value)
        place = (term.evidence.part, str(term.evidence.start), str(term.evidence.end))
        said = (mention_id, term.field, value, term.hedge or "")
        rows.append(
            {
                "claim_id": content_id("claim", entry.text_sha256, entry.version, *said, *place),
                "mention_id": mention_id,
                "field": term.field,
                "value": value,
                "amount": as_number(term.value),
                "hedge": term.hedge,
                "resolution": None if term.resolution is None else encode_decimal(term.resolution),
                "words": storable(term.words),
                "rule": term.rule,
                "confidence": term.confidence,
                **_passage(entry.document, term.evidence),
                **_believed(entry, span),
            }
        )
    return rows


def _price_row(entry: _Entry, price: PriceMention, span: _Span) -> dict[str, Any]:
    levels = (price.low_usd_per_gpu_hour, price.high_usd_per_gpu_hour, price.change_percent)
    exact = encode_json([None if level is None else encode_decimal(level) for level in levels])
    said = (price.gpu_model, price.provider or "", price.market, exact, price.hedge or "", str(price.evidence))
    return {
        "price_id": content_id("price", entry.document.id, entry.text_sha256, entry.version, *said),
        "observed": entry.document.published,
        "gpu_model": price.gpu_model,
        "provider": price.provider,
        "market": price.market,
        "low_usd_per_gpu_hour": as_number(levels[0]),
        "high_usd_per_gpu_hour": as_number(levels[1]),
        "change_percent": as_number(levels[2]),
        "exact": exact,
        "hedge": price.hedge,
        "confidence": price.confidence,
        **_passage(entry.document, price.evidence),
        **_believed(entry, span),
    }


def _leftover_rows(entry: _Entry, span: _Span) -> list[dict[str, Any]]:
    rows = []
    for left in entry.sifted.leftovers:
        passage = _passage(entry.document, left.evidence)
        del passage["sentence"]
        said = (left.unit, left.words, left.reason, str(left.evidence))
        rows.append(
            {
                "leftover_id": content_id("leftover", entry.text_sha256, entry.version, *said),
                "unit": left.unit,
                "words": storable(left.words),
                "reason": left.reason,
                **passage,
                **_believed(entry, span),
            }
        )
    return rows


def recorded_ids(ledger: Ledger, *, extractor_version: str) -> frozenset[str]:
    """The documents that have been read by that version of the extractors, so that only the rest need reading."""
    query = select(_READINGS.c.document_id).where(_READINGS.c.extractor_version == extractor_version)
    with ledger.read() as connection:
        return frozenset(connection.execute(query).scalars())
