"""Rows back to nouns: deals with their terms, contradictions, links and quotes, in a few statements for many deals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from megawatch.ledger.claims import DocumentStanding
from megawatch.ledger.encode import decode_interval, decode_value, field_order
from megawatch.ledger.load import quote_of, standing_of
from megawatch.ledger.rows import chunks, is_among, select_in, visible
from megawatch.ledger.tables import (
    ClaimRow,
    ContradictionRow,
    DocumentRow,
    LinkRow,
    TermRow,
    table_of,
)
from megawatch.market import Contradiction, Deal, Quote, Term

_TERMS = table_of(TermRow)
_CLAIMS = table_of(ClaimRow)
_DOCUMENTS = table_of(DocumentRow)
_CONTRADICTIONS = table_of(ContradictionRow)
_LINKS = table_of(LinkRow)
_PASSAGE: tuple[ColumnElement[Any], ...] = tuple(
    _CLAIMS.c[name] for name in ("claim_id", "known_from", "document_id", "part", "start_offset", "end_offset", "quote")
)


def read_deals(connection: Connection, rows: Sequence[Row[Any]], *, bound: str | None) -> tuple[Deal, ...]:
    """The deals of these rows, in their order, with all that was believed of them at ``bound``."""
    ids = [row.deal_id for row in rows]
    terms = _by_deal(select_in(connection, _TERMS, "deal_id", ids, visible(_TERMS, bound)))
    clashes = _by_deal(select_in(connection, _CONTRADICTIONS, "deal_id", ids, visible(_CONTRADICTIONS, bound)))
    links = _by_deal(select_in(connection, _LINKS, "deal_id", ids, visible(_LINKS, bound)))
    wanted: set[str] = set()
    for row in rows:
        wanted |= set(json.loads(row.quotes))
        wanted |= {key for clash in clashes[row.deal_id] for key in json.loads(clash.claim_ids)}
    details = {(one.deal_id, one.field): json.loads(one.detail) for found in terms.values() for one in found}
    wanted |= {key for detail in details.values() for key in _claims_of(detail)}
    quotes = read_quotes(connection, wanted)
    return tuple(
        _deal(row, terms[row.deal_id], details, clashes[row.deal_id], links[row.deal_id], quotes) for row in rows
    )


def _by_deal(rows: Iterable[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.deal_id].append(row)
    return found


def _claims_of(detail: Mapping[str, Any]) -> list[str]:
    return [*detail["claims"], *(key for _, key in detail["rivals"])]


def read_quotes(connection: Connection, claim_ids: Iterable[str]) -> dict[str, Quote]:
    """The passages of claims by claim id, whether still believed or not."""
    rows = _passages(connection, claim_ids)
    versions: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in select_in(connection, _DOCUMENTS, "document_id", {row.document_id for row in rows}):
        versions[row.document_id].append(row)
    standings: dict[tuple[str, str], DocumentStanding] = {}
    found = {}
    for row in sorted(rows, key=lambda one: one.known_from):
        version = row.document_id, row.known_from
        if version not in standings:
            standings[version] = standing_of(version_at(versions[row.document_id], row.known_from))
        found[row.claim_id] = quote_of(row, standings[version], claim_id=row.claim_id)
    return found


def _passages(connection: Connection, claim_ids: Iterable[str]) -> list[Row[Any]]:
    found: list[Row[Any]] = []
    for chunk in chunks(claim_ids):
        query = select(*_PASSAGE).where(is_among(connection, _CLAIMS.c.claim_id, chunk))
        found += connection.execute(query).all()
    return found


def version_at(versions: Sequence[Row[Any]], instant: str) -> Row[Any]:
    """The version of a document that held at an instant, or its first where none did yet."""
    ordered = sorted(versions, key=lambda one: one.known_from)
    return next((row for row in reversed(ordered) if row.known_from <= instant), ordered[0])


def term_of(row: Row[Any], detail: Mapping[str, Any], quotes: Mapping[str, Quote]) -> Term:
    """The term from its row and the JSON that its ``detail`` holds."""
    return Term(
        field=row.field,
        value=None if row.value is None else decode_value(row.field, row.value),
        basis=row.basis,
        absence=row.absence,
        reason=row.reason,
        unit=row.unit,
        interval=decode_interval(detail["interval"]),
        hedge=row.hedge,
        words=row.words,
        rule=row.rule,
        confidence=row.confidence,
        assumptions=tuple(detail["assumptions"]),
        quotes=tuple(quotes[key] for key in detail["claims"] if key in quotes),
        rivals=tuple((decode_value(row.field, value), quotes[key]) for value, key in detail["rivals"] if key in quotes),
    )


def contradiction_of(row: Row[Any], quotes: Mapping[str, Quote]) -> Contradiction:
    """The contradiction from its row, as one that stands: what ended it later was not known yet."""
    return Contradiction(
        contradiction_id=row.contradiction_id,
        deal_id=row.deal_id,
        fields=tuple(json.loads(row.fields)),
        explanation=row.explanation,
        quotes=tuple(quotes[key] for key in json.loads(row.claim_ids) if key in quotes),
        known_from=row.known_from,
    )


def _deal(
    row: Row[Any],
    terms: Sequence[Row[Any]],
    details: Mapping[tuple[str, str], Mapping[str, Any]],
    clashes: Sequence[Row[Any]],
    links: Sequence[Row[Any]],
    quotes: Mapping[str, Quote],
) -> Deal:
    return Deal(
        deal_id=row.deal_id,
        kind=row.kind,
        status=row.status,
        terms=tuple(
            term_of(term, details[row.deal_id, term.field], quotes)
            for term in sorted(terms, key=lambda one: field_order(one.field))
        ),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        documents=row.documents,
        independent_sources=row.independent_sources,
        contradictions=tuple(
            contradiction_of(clash, quotes) for clash in sorted(clashes, key=lambda one: one.contradiction_id)
        ),
        links=tuple(sorted((link.relation, link.other_id, link.reason) for link in links)),
        flags=tuple(json.loads(row.flags)),
        quotes=tuple(quotes[key] for key in json.loads(row.quotes) if key in quotes),
    )
