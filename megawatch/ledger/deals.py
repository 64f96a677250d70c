"""A whole deal from its mentions: reconciled, derived and refused terms, contradictions, remarks, and its sources.

Pure: the same mentions in any order give the same deal. ``independent_sources`` counts groups of documents, where
syndicated copies and rewrites of one wire share a group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic import derive_terms
from megawatch.ledger.choose import choose_terms
from megawatch.ledger.claims import DocumentStanding, Mention
from megawatch.ledger.contradictions import clashes_of, find_contradictions
from megawatch.ledger.sanity import find_flags
from megawatch.ledger.voices import kind_of
from megawatch.market import KINDS, STATUSES, Deal, Kind, Status, Term


def assemble_deal(
    deal_id: str,
    mentions: Sequence[Mention],
    *,
    known_from: str | None = None,
    links: tuple[tuple[str, str, str], ...] = (),
) -> Deal:
    """The deal that the mentions come to. ``known_from`` dates its contradictions, else their claims do.

    Raises LedgerError where there is no mention.
    """
    if not mentions:
        raise LedgerError(f"The deal {deal_id} has no mention: close it instead of settling it.")
    clashes = clashes_of(mentions)
    chosen = choose_terms(mentions, clashes=clashes)
    kind = _kind(chosen, mentions)
    derived = derive_terms(chosen, kind=kind)
    better = {term.field for term in derived}
    stated = tuple(term for term in chosen if term.field not in better)
    documents = {one.document.document_id: one.document for one in mentions}
    days = sorted(_day(document) for document in documents.values())
    claims = sorted((claim for one in mentions for claim in one.claims), key=lambda claim: claim.claim_id)
    return Deal(
        deal_id=deal_id,
        kind=kind,
        status=_status(stated, mentions),
        terms=(*stated, *derived),
        first_seen=days[0],
        last_seen=days[-1],
        documents=len(documents),
        independent_sources=len({document.group_id for document in documents.values()}),
        contradictions=find_contradictions(mentions, deal_id=deal_id, known_from=known_from, clashes=clashes),
        links=links,
        flags=find_flags((*stated, *derived), kind=kind),
        quotes=tuple({claim.quote.claim_id: claim.quote for claim in claims}.values()),
    )


def _day(document: DocumentStanding) -> str:
    return (document.published or document.known_from)[:10]


def _kind(terms: Sequence[Term], mentions: Sequence[Mention]) -> Kind:
    chosen = next((term.value for term in terms if term.field == "kind"), None)
    return next((word for word in KINDS if word == chosen), kind_of(mentions))


def _status(terms: Sequence[Term], mentions: Sequence[Mention]) -> Status:
    # A deal always has a status: where its sources tie, the commonest, then the first of the guidelines.
    chosen = next((term.value for term in terms if term.field == "status"), None)
    stated = Counter(one.deal.value("status") for one in mentions)
    return next((word for word in STATUSES if word == chosen), max(STATUSES, key=lambda word: stated[word]))
