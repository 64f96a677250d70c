"""Recording many documents in one transaction, made ready beforehand, perhaps by other processes.

What ``record`` would write of a document that is new is a matter of that document alone: ``prepare`` makes these rows
wherever it is called. ``record_all`` adds those of many documents together, and takes the way of ``record`` for any
document, or address, of which the ledger knows already. The rows are those of ``record``, one document after another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from megawatch.ledger.checks import read_instant
from megawatch.ledger.entry import REOPENED, Entry, Rows, Span, document_row, mention_id_of, named_parties, reading_rows
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import Organization, find_organizations_named, write_organizations
from megawatch.ledger.record import RecordCounts, counts_of, lock, write_entry
from megawatch.ledger.rows import add_rows, select_in
from megawatch.ledger.tables import DocumentRow, table_of
from megawatch.market import Document, Findings

_DOCUMENTS = table_of(DocumentRow)
Whole = tuple[Document, Findings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The rows that a document becomes where the ledger knows neither it nor its address, in values of every driver.

    ``instant`` is that from which the ledger knows it; ``refused`` counts what is not recorded, by reason.
    """

    document_id: str
    url: str
    group_id: str
    instant: str
    document: dict[str, Any]
    rows: Rows
    organizations: tuple[Organization, ...]
    refused: dict[str, int]

    @property
    def names(self) -> set[str]:
        """By what the ledger may know of it: its id and its address."""
        return {self.document_id, self.url} - {""}


def prepare(document: Document, findings: Findings, *, known_at: str, group_id: str | None = None) -> Prepared:
    """Make ready what ``record`` would be given; asks no database, and what it gives can be sent to another process.

    Raises LedgerError for a malformed instant.
    """
    instant = read_instant(known_at, what=f"known_at of document {document.id}")
    entry, span = Entry(document, findings, group_id=group_id), Span(instant, None)
    ids = [mention_id_of(entry, position) for position in range(len(entry.facts))]
    return Prepared(
        document_id=document.id,
        url=document.url,
        group_id=entry.group_id,
        instant=instant,
        document=document_row(entry, span),
        rows=reading_rows(entry, ids, span),
        organizations=find_organizations_named(named_parties(entry)),
        refused=entry.sifted.refused,
    )


def record_all(
    ledger: Ledger,
    prepared: Sequence[Prepared],
    *,
    whole: Callable[[str], Whole],
    reread_at: str | None = None,
) -> tuple[RecordCounts, ...]:
    """Write documents in one transaction, all or none of them; what each came to, in their order.

    ``whole`` gives a document and its findings by its id: it is asked where the ledger knows that document or its
    address already. ``reread_at`` is as for ``record``. Raises LedgerError where the database refuses.
    """
    reread = read_instant(reread_at, what="reread_at") if reread_at else ""
    return ledger.write(lambda connection: _write_all(connection, prepared, whole, reread))


def _write_all(
    connection: Connection, prepared: Sequence[Prepared], whole: Callable[[str], Whole], reread: str
) -> tuple[RecordCounts, ...]:
    lock(connection, {name for one in prepared for name in one.names})
    known = _known(connection, prepared)
    fresh = [one for one in prepared if not known & one.names]
    _add(connection, fresh)
    return tuple(
        _write_known(connection, one, whole, reread) if known & one.names else _counts(one) for one in prepared
    )


def _known(connection: Connection, prepared: Sequence[Prepared]) -> set[str]:
    """The ids and addresses that the ledger knows, or that more than one of these documents has."""
    told = Counter(name for one in prepared for name in one.names)
    found = {name for name, count in told.items() if count > 1}
    for column in ("document_id", "url"):
        found |= {row._mapping[column] for row in select_in(connection, _DOCUMENTS, column, told)}
    return found


def _add(connection: Connection, fresh: Sequence[Prepared]) -> None:
    add_rows(connection, DocumentRow, [one.document for one in fresh])
    write_organizations(connection, [(one.instant, found) for one in fresh for found in one.organizations])
    for model in fresh[0].rows if fresh else ():
        rows = [row for one in fresh for row in one.rows[model]]
        add_rows(connection, model, rows, reopen=model in REOPENED)


def _counts(one: Prepared) -> RecordCounts:
    return replace(counts_of(one.rows), documents=1, refused=one.refused)


def _write_known(connection: Connection, one: Prepared, whole: Callable[[str], Whole], reread: str) -> RecordCounts:
    document, findings = whole(one.document_id)
    return write_entry(connection, Entry(document, findings, group_id=one.group_id), one.instant, reread or one.instant)
