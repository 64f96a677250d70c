"""Clustering of documents whose deals are given, one JSON document a line in and one deal a line out.

In: ``{"id", "deals": [...], "published", "source", ...}``, as annotated or as extracted; parties are a name or a list
of names. Out: ``{"deal_id", "mentions": [{"id", "deal"}, ...]}`` where ``deal`` is the position of the mention in its
document's ``deals``. A ``deal_key``, which names the real deal for scoring, is never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic.dates import date_span
from megawatch.ledger.claims import Claim, DocumentStanding, Mention
from megawatch.ledger.clusters import cluster, deal_key
from megawatch.ledger.names import party_keys
from megawatch.market import (
    AMOUNT_FIELDS,
    DATE_FIELDS,
    DEAL_FIELDS,
    SOURCES,
    DealMention,
    Evidence,
    Stated,
    Value,
    content_id,
)

_LISTS = ("supplier", "customer", "gpu_model")


def cluster_lines(lines: Iterable[str]) -> Iterator[str]:
    """One JSON line a deal for JSON lines of documents, in order of the deals' first mention.

    Raises LedgerError naming the line that is no JSON object with an ``id``.
    """
    documents = [_read(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    mentions = mentions_of(documents)
    place = {mention.mention_id: index for index, mention in enumerate(mentions)}
    by_id = {mention.mention_id: mention for mention in mentions}
    groups = [sorted(found.mention_ids, key=place.__getitem__) for found in cluster(mentions)]
    for group in sorted(groups, key=lambda ids: place[ids[0]]):
        yield _line([by_id[mention_id] for mention_id in group])


def mentions_of(documents: Iterable[Mapping[str, Any]]) -> tuple[Mention, ...]:
    """The mentions of JSON documents, their parties resolved by the lexicon, else by name.

    A folded name that begins with another party's folded name also counts as that party (``anthropic pbc`` as
    ``anthropic``), so that the result depends on all documents given, not on one.
    """
    found = [
        _mention(document, position, deal)
        for document in documents
        for position, deal in enumerate(document.get("deals") or ())
    ]
    names = {name for one in found for name in one.supplier_ids | one.customer_ids}
    return tuple(
        replace(
            one, supplier_ids=_with_short(one.supplier_ids, names), customer_ids=_with_short(one.customer_ids, names)
        )
        for one in found
    )


def _with_short(ids: frozenset[str], names: set[str]) -> frozenset[str]:
    words = [name.split(" ") for name in ids]
    starts = {" ".join(parts[:size]) for parts in words for size in range(1, len(parts))}
    return ids | (starts & names)


def _read(number: int, line: str) -> dict[str, Any]:
    try:
        document = json.loads(line, parse_float=Decimal)
    except ValueError as error:
        raise LedgerError(f"Line {number} is no JSON ({error}): give one document a line.") from error
    if not isinstance(document, dict) or "id" not in document:
        raise LedgerError(f"Line {number} is no document: it needs an object with an id.")
    return document


def _mention(document: Mapping[str, Any], position: int, deal: Mapping[str, Any]) -> Mention:
    standing = _standing(document)
    mention_id = content_id(standing.document_id, str(position))
    terms = tuple(
        _stated(standing.document_id, name, deal) for name in DEAL_FIELDS if deal.get(name) not in (None, "", [])
    )
    return Mention(
        mention_id=mention_id,
        document=standing,
        deal=DealMention(document_id=standing.document_id, position=position, terms=terms),
        claims=tuple(_claim(mention_id, standing, stated) for stated in terms),
        supplier_ids=party_keys(_names(deal.get("supplier"))),
        customer_ids=party_keys(_names(deal.get("customer"))),
    )


def _claim(mention_id: str, document: DocumentStanding, stated: Stated) -> Claim:
    claim_id, evidence = content_id(mention_id, stated.field), stated.evidence
    quote = document.quote(evidence, claim_id=claim_id)
    return Claim(claim_id=claim_id, mention_id=mention_id, stated=stated, quote=quote)


def _standing(document: Mapping[str, Any]) -> DocumentStanding:
    source = document.get("source")
    published = document.get("published")
    return DocumentStanding(
        document_id=str(document["id"]),
        title=str(document.get("title") or ""),
        source=source if source in SOURCES else "news",
        publisher=str(document.get("publisher") or ""),
        published=published,
        url="",
        known_from=published or "",
        group_id=str(document["id"]),
    )


def _stated(document_id: str, name: str, deal: Mapping[str, Any]) -> Stated:
    return Stated(
        field=name,
        value=_value(document_id, name, deal[name]),
        evidence=_evidence((deal.get("evidence") or {}).get(name, "")),
        hedge=(deal.get("qualifiers") or {}).get(name),
    )


def _evidence(found: object) -> Evidence:
    if not isinstance(found, dict):
        return Evidence(part="text", start=0, end=len(str(found)), quote=str(found))
    quote = str(found.get("quote", ""))
    start, end = int(found.get("start", 0)), int(found.get("end", len(quote)))
    return Evidence(part="title" if found.get("part") == "title" else "text", start=start, end=end, quote=quote)


def _value(document_id: str, name: str, value: object) -> Value:
    if name in _LISTS:
        return tuple(_names(value))
    if name in DATE_FIELDS:
        _check_date(document_id, name, str(value))
    if name not in AMOUNT_FIELDS:
        return str(value)
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise LedgerError(f"Document {document_id!r}: {name} is {value!r}, which is no number: correct it.") from None


def _check_date(document_id: str, name: str, value: str) -> None:
    try:
        date_span(value)
    except LedgerError as error:
        raise LedgerError(f"Document {document_id!r}: {name}: {error}") from None


def _names(value: object) -> list[str]:
    if value is None or value == "":
        return []
    return [str(name) for name in value] if isinstance(value, list | tuple) else [str(value)]


def _line(group: list[Mention]) -> str:
    mentions = [{"id": one.deal.document_id, "deal": one.deal.position} for one in group]
    return json.dumps({"deal_id": deal_key(group), "mentions": mentions}, ensure_ascii=False)
