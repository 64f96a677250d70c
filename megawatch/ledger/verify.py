"""Checking the ledger against its sources and against itself: every quote, every derived value, every place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from megawatch.ledger.dealrows import Names, deal_row, term_row
from megawatch.ledger.deals import assemble_deal
from megawatch.ledger.load import Loader
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import read_redirects
from megawatch.ledger.rows import chunks, select_in
from megawatch.ledger.tables import (
    ClaimRow,
    DealMentionRow,
    DealRow,
    DocumentRow,
    MentionRow,
    PriceRow,
    TermRow,
    Unsettled,
    table_of,
)
from megawatch.market import Deal, Document, Evidence

_DOCUMENTS = table_of(DocumentRow)
_DEALS = table_of(DealRow)
_TERMS = table_of(TermRow)
_PLACES = table_of(DealMentionRow)
_MENTIONS = table_of(MentionRow)
_UNSETTLED = table_of(Unsettled)
_FAR = "9999-12-31T99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that does not hold: ``what`` names the kind, ``where`` the row, ``detail`` says it in words."""

    what: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How much was checked, and what does not hold."""

    documents: int
    quotes: int
    deals: int
    terms: int
    faults: tuple[Fault, ...]


def verify(
    ledger: Ledger,
    get_document: Callable[[str], Document | None],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Verified:
    """Check every quote against its document, and every deal against what its claims come to.

    ``get_document`` gives a stored document by id, or None; ``progress`` is called with documents done and their
    number. What recording closed is checked too: its documents are kept.
    """
    with ledger.read() as connection:
        ids = sorted(set(connection.execute(select(_DOCUMENTS.c.document_id)).scalars()))
        quotes = 0
        faults: list[Fault] = []
        for number, document_id in enumerate(ids, start=1):
            checked, found = _check_document(connection, document_id, get_document(document_id))
            quotes += checked
            faults += found
            if progress:
                progress(number, len(ids))
        deals, terms, found = _check_deals(connection)
        faults += [*found, *_check_places(connection)]
    return Verified(documents=len(ids), quotes=quotes, deals=deals, terms=terms, faults=tuple(faults))


def _check_document(connection: Connection, key: str, document: Document | None) -> tuple[int, list[Fault]]:
    rows = [
        row
        for table in (table_of(ClaimRow), table_of(PriceRow))
        for row in connection.execute(select(table).where(table.c.document_id == key))
    ]
    if document is None:
        return 0, [Fault(what="document missing", where=key, detail=f"{len(rows)} quotes cannot be checked")]
    faults: list[Fault] = []
    hashes = set(connection.execute(select(_DOCUMENTS.c.text_sha256).filter_by(document_id=key)).scalars())
    whole = f"{document.title}\x1f{document.text}".encode("utf-8", "surrogatepass")
    if hashlib.sha256(whole).hexdigest() not in hashes:
        faults.append(Fault(what="text changed", where=key, detail="the stored text is not the one that was read"))
    for row in rows:
        evidence = Evidence(part=row.part, start=row.start_offset, end=row.end_offset, quote=row.quote)
        if not evidence.holds_in(document):
            faults.append(Fault(what="quote missing", where=str(row[0]), detail=f"not in {key}: {row.quote[:80]!r}"))
    return len(rows), faults


def _check_deals(connection: Connection) -> tuple[int, int, list[Fault]]:
    faults: list[Fault] = []
    deals, terms = 0, 0
    ids = connection.execute(select(_DEALS.c.deal_id).where(_DEALS.c.known_to.is_(None))).scalars().all()
    for chunk in chunks(ids):
        for deal, row, stored in _assembled(connection, chunk):
            deals, terms = deals + 1, terms + len(stored)
            faults += _differences(connection, deal, row, stored)
    return deals, terms, faults


def _assembled(
    connection: Connection, deal_ids: list[str]
) -> Iterator[tuple[Deal | None, Row[Any], dict[str, Row[Any]]]]:
    places = select_in(connection, _PLACES, "deal_id", deal_ids, _PLACES.c.known_to.is_(None))
    mentions = Loader(connection, _FAR).load({row.mention_id for row in places})
    terms = select_in(connection, _TERMS, "deal_id", deal_ids, _TERMS.c.known_to.is_(None))
    for row in select_in(connection, _DEALS, "deal_id", deal_ids, _DEALS.c.known_to.is_(None)):
        mine = sorted(place.mention_id for place in places if place.deal_id == row.deal_id)
        told = [mentions[key] for key in mine if key in mentions]
        deal = assemble_deal(row.deal_id, told, known_from=row.known_from) if told else None
        yield deal, row, {term.field: term for term in terms if term.deal_id == row.deal_id}


def _differences(
    connection: Connection, deal: Deal | None, row: Row[Any], stored: dict[str, Row[Any]]
) -> Iterator[Fault]:
    if deal is None:
        yield Fault(what="deal without claims", where=row.deal_id, detail="no mention of it is believed any more")
        return
    names = Names(connection, [deal], read_redirects(connection, bound=_FAR))
    fresh = {term.field: term_row(term, names) for term in deal.terms}
    for field in sorted(fresh.keys() | stored.keys()):
        now = fresh.get(field)
        then = dict(stored[field]._mapping) if field in stored else None
        if now is None or then is None or any(then[name] != value for name, value in now.items()):
            told = f"{field} is {then and then['value']!r}, its claims give {now and now['value']!r}"
            yield Fault(what="value differs", where=row.deal_id, detail=told)
    wide = deal_row(deal, names)
    wrong = sorted(name for name, value in wide.items() if row._mapping[name] != value)
    if wrong:
        yield Fault(what="row differs", where=row.deal_id, detail=f"columns {', '.join(wrong)}")


def _check_places(connection: Connection) -> Iterator[Fault]:
    """Every believed mention that is settled stands in exactly one deal, unless a person refused it."""
    waiting = set(connection.execute(select(_UNSETTLED.c.mention_id)).scalars())
    believed = set(connection.execute(select(_MENTIONS.c.mention_id).where(_MENTIONS.c.known_to.is_(None))).scalars())
    placed: dict[str, int] = {}
    for key in connection.execute(select(_PLACES.c.mention_id).where(_PLACES.c.known_to.is_(None))).scalars():
        placed[key] = placed.get(key, 0) + 1
    refused = Loader(connection, _FAR).judged.rejected_mentions
    for key in sorted((believed | placed.keys()) - waiting - refused):
        if placed.get(key, 0) != 1 or key not in believed:
            yield Fault(what="mention misplaced", where=key, detail=f"it stands in {placed.get(key, 0)} deals")
