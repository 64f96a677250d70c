"""One value walked back: the rule that chose or derived it, its claims, sentences, documents, times and hashes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from megawatch.errors import LedgerError
from megawatch.ledger.claims import Decision
from megawatch.ledger.encode import decode_value, field_order
from megawatch.ledger.open import Ledger
from megawatch.ledger.queries.changes import mentions_judged
from megawatch.ledger.queries.deals import bound_of, resolve_deal
from megawatch.ledger.queries.read import read_deals, read_quotes, version_at
from megawatch.ledger.rows import select_in, visible
from megawatch.ledger.tables import (
    ClaimRow,
    DealMentionRow,
    DealRow,
    DocumentRow,
    JudgementRow,
    TermRow,
    table_of,
)
from megawatch.market import Deal, Quote, Term, Value

_DEALS = table_of(DealRow)
_TERMS = table_of(TermRow)
_CLAIMS = table_of(ClaimRow)
_DOCUMENTS = table_of(DocumentRow)
_PLACES = table_of(DealMentionRow)
_JUDGEMENTS = table_of(JudgementRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStory:
    """A claim with its sentence and where it comes from; ``chosen`` where the value rests on it, else it is a rival.

    ``known_from`` is when the ledger learned it, ``retrieved_at`` when the document was fetched, ``text_sha256`` the
    hash of title and text as they were read.
    """

    field: str
    value: Value
    chosen: bool
    quote: Quote
    sentence: str
    rule: str
    confidence: float
    extractor_version: str
    known_from: str
    retrieved_at: str | None
    text_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermStory:
    """A term, the claims beneath it (chosen ones first), the judgements on it, and what was believed before.

    ``history`` holds ``(known_from, known_to, value as text)``, oldest first.
    """

    term: Term
    claims: tuple[ClaimStory, ...]
    judgements: tuple[Decision, ...]
    history: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A deal with the stories of the terms asked for."""

    deal: Deal
    stories: tuple[TermStory, ...]


def explain(ledger: Ledger, deal_id: str, field: str | None = None, *, as_of: str | None = None) -> Explanation:
    """How a deal's field (all of them where None) came to its value, as known at ``as_of``.

    Raises LedgerError where there is no such deal or the deal has no such field, naming those it has.
    """
    bound = bound_of(as_of)
    with ledger.read() as connection:
        found = resolve_deal(connection, deal_id, bound=bound)
        if found is None:
            raise LedgerError(f"No deal has the id {deal_id}: the view deals lists them.")
        rows = connection.execute(select(_DEALS).where(_DEALS.c.deal_id == found, visible(_DEALS, bound))).all()
        deal = read_deals(connection, rows, bound=bound)[0]
        terms = [term for term in deal.terms if field in (None, term.field)]
        if not terms:
            fields = ", ".join(term.field for term in deal.terms)
            raise LedgerError(f"The deal {found} has no field {field!r}; it has {fields}.")
        return Explanation(deal=deal, stories=tuple(_stories(connection, found, terms, bound)))


def _stories(connection: Connection, deal_id: str, terms: Sequence[Term], bound: str | None) -> Iterable[TermStory]:
    wanted = {quote.claim_id for term in terms for quote in (*term.quotes, *(rival for _, rival in term.rivals))}
    claims = _claim_rows(connection, wanted)
    quotes = read_quotes(connection, wanted)
    documents: dict[str, list[Row[Any]]] = {}
    for row in select_in(connection, _DOCUMENTS, "document_id", {row.document_id for row in claims.values()}):
        documents.setdefault(row.document_id, []).append(row)
    judged = _judged(connection, deal_id, bound)
    history = _history(connection, deal_id)
    for term in terms:
        chosen = dict.fromkeys(quote.claim_id for quote in term.quotes)
        rivals = dict.fromkeys(quote.claim_id for _, quote in term.rivals if quote.claim_id not in chosen)
        stories = [_claim(claims[key], documents, quotes[key], chosen=key in chosen) for key in (*chosen, *rivals)]
        yield TermStory(
            term=term,
            claims=tuple(sorted(stories, key=lambda one: (not one.chosen, field_order(one.field)))),
            judgements=tuple(one for field, one in judged if field in (None, term.field)),
            history=tuple(history.get(term.field, ())),
        )


def _claim_rows(connection: Connection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    return {row.claim_id: row for row in select_in(connection, _CLAIMS, "claim_id", ids)}


def _claim(row: Row[Any], documents: dict[str, list[Row[Any]]], quote: Quote, *, chosen: bool) -> ClaimStory:
    version = version_at(documents[row.document_id], row.known_from)
    return ClaimStory(
        field=row.field,
        value=decode_value(row.field, row.value),
        chosen=chosen,
        quote=quote,
        sentence=row.sentence,
        rule=row.rule,
        confidence=row.confidence,
        extractor_version=row.extractor_version,
        known_from=row.known_from,
        retrieved_at=version.retrieved_at,
        text_sha256=version.text_sha256,
    )


def _judged(connection: Connection, deal_id: str, bound: str | None) -> list[tuple[str | None, Decision]]:
    """Judgements that touch the deal's mentions, with the field they are about (None: the whole deal)."""
    places = select_in(connection, _PLACES, "deal_id", [deal_id], visible(_PLACES, bound))
    mine = {row.mention_id for row in places}
    found = []
    for row in connection.execute(select(_JUDGEMENTS).where(visible(_JUDGEMENTS, bound))):
        target = json.loads(row.target)
        if mine & set(mentions_judged(target)):
            found.append((target.get("field"), Decision(**row._mapping)))
    return sorted(found, key=lambda pair: (pair[1].known_from, pair[1].judgement_id))


def _history(connection: Connection, deal_id: str) -> dict[str, list[tuple[str, str | None, str | None]]]:
    found: dict[str, list[tuple[str, str | None, str | None]]] = {}
    query = select(_TERMS).where(_TERMS.c.deal_id == deal_id).order_by(_TERMS.c.field, _TERMS.c.known_from)
    for row in connection.execute(query):
        spans = found.setdefault(row.field, [])
        if spans and spans[-1][2] == row.value and spans[-1][1] == row.known_from:
            spans[-1] = (spans[-1][0], row.known_to, row.value)
        else:
            spans.append((row.known_from, row.known_to, row.value))
    return found
