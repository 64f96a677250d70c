"""Recording: what a document says goes into the ledger as claims, once, with the time from which it is known.

Rows are keyed by content, so recording the same reading again adds nothing. Another text at the same address, or a
reading by another version of the extractors, closes the rows of the one before and adds its own. One transaction a
document: after a crash it is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, or_, select, text, update

from megawatch.ledger.checks import read_instant
from megawatch.ledger.entry import (
    REOPENED,
    Entry,
    Rows,
    Span,
    document_row,
    mention_id_of,
    named_parties,
    reading_rows,
)
from megawatch.ledger.lineage import match_mentions
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import add_organizations
from megawatch.ledger.rows import add_rows
from megawatch.ledger.tables import (
    ClaimRow,
    DocumentRow,
    LeftoverRow,
    MentionRow,
    PriceRow,
    ReadingRow,
    Unsettled,
    table_of,
)
from megawatch.market import Document, Findings

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
    entry = Entry(document, findings, group_id=group_id)
    return ledger.write(lambda connection: write_entry(connection, entry, instant, reread))


def write_entry(connection: Connection, entry: Entry, instant: str, reread: str) -> RecordCounts:
    """Write one entry within a transaction; what stood at its address before is closed."""
    lock(connection, {entry.document.id, entry.document.url})
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
    counts = _add_reading(connection, entry, Span(since, span.until), closed)
    return RecordCounts(documents=int(is_new), closed=closed.claims, refused=refused) + counts


def lock(connection: Connection, names: set[str]) -> None:
    """Let whoever else records one of these documents or addresses wait until this transaction ends."""
    # SQLite has one writer anyway.
    if connection.dialect.name == "postgresql":
        told = "SELECT pg_advisory_xact_lock(7302, hashtext(name)) FROM unnest(CAST(:names AS text[])) AS name"
        connection.execute(text(told), {"names": sorted(names - {""})})


def _place_document(connection: Connection, entry: Entry, instant: str, closed: _Closed) -> tuple[Span, bool]:
    """The span in which this version holds among those of its address, and whether its row is new."""
    versions = _versions(connection, entry.document)
    for row in versions:
        covers = row.known_from <= instant and (row.known_to is None or row.known_to > instant)
        same = row.document_id == entry.document.id and row.text_sha256 == entry.text_sha256
        if same and (covers or row.known_from == instant):
            return Span(row.known_from, row.known_to), False
    for row in versions:
        if row.known_from <= instant and (row.known_to is None or row.known_to > instant):
            _close_document(connection, row, instant, closed, published=entry.document.published)
    later = [row.known_from for row in versions if row.known_from > instant]
    span = Span(instant, min(later, default=None))
    add_rows(connection, DocumentRow, [document_row(entry, span)])
    return span, True


def _versions(connection: Connection, document: Document) -> Sequence[Row[Any]]:
    same = _DOCUMENTS.c.document_id == document.id
    if document.url:
        same = or_(same, _DOCUMENTS.c.url == document.url)
    return connection.execute(select(_DOCUMENTS).where(same).order_by(_DOCUMENTS.c.known_from)).all()


def _close_document(
    connection: Connection, row: Row[Any], instant: str, closed: _Closed, *, published: str | None
) -> None:
    key = (_DOCUMENTS.c.document_id == row.document_id) & (_DOCUMENTS.c.known_from == row.known_from)
    connection.execute(update(_DOCUMENTS).where(key).values(known_to=instant))
    reading = _current_reading(connection, row.document_id, Span(row.known_from, row.known_to))
    if reading is not None:
        # A page that is published anew (a price list) tells prices of another day; the old ones were true of theirs.
        with_prices = row.published == published
        at = max(instant, reading.known_from)
        _close_reading(connection, reading, at, closed, because="corrected", with_prices=with_prices)


def _current_reading(connection: Connection, document_id: str, span: Span) -> Row[Any] | None:
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


def _add_reading(connection: Connection, entry: Entry, span: Span, closed: _Closed) -> RecordCounts:
    went_on = match_mentions(closed.mentions, entry.facts)
    ids = [went_on.get(position) or mention_id_of(entry, position) for position in range(len(entry.facts))]
    add_organizations(connection, named_parties(entry), instant=span.since)
    rows = reading_rows(entry, ids, span)
    for model, some in rows.items():
        add_rows(connection, model, some, reopen=model in REOPENED)
    return counts_of(rows)


def counts_of(rows: Rows) -> RecordCounts:
    """What writing the rows of a reading adds."""
    return RecordCounts(
        mentions=len(rows[MentionRow]),
        claims=len(rows[ClaimRow]),
        prices=len(rows[PriceRow]),
        leftovers=len(rows[LeftoverRow]),
    )


def recorded_ids(ledger: Ledger, *, extractor_version: str) -> frozenset[str]:
    """The documents that have been read by that version of the extractors, so that only the rest need reading."""
    query = select(_READINGS.c.document_id).where(_READINGS.c.extractor_version == extractor_version)
    with ledger.read() as connection:
        return frozenset(connection.execute(query).scalars())
