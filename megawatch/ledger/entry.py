"""What is to be recorded of one document, and the rows it becomes: nothing here asks the database.

So any process may make them ready; one that holds the ledger writes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from megawatch.ledger.checks import Sifted, sift, storable
from megawatch.ledger.encode import as_number, encode_decimal, encode_json, encode_value
from megawatch.ledger.lineage import facts_of
from megawatch.ledger.organizations import resolve_all
from megawatch.ledger.sentences import sentence_around
from megawatch.ledger.tables import (
    ClaimRow,
    LeftoverRow,
    MentionParty,
    MentionRow,
    PriceRow,
    ReadingRow,
    Unsettled,
)
from megawatch.market import PARTY_FIELDS, DealMention, Document, Evidence, Findings, PriceMention, content_id

Rows = dict[type[SQLModel], list[dict[str, Any]]]
REOPENED = (ReadingRow, MentionRow, ClaimRow, PriceRow, LeftoverRow)
"""The tables whose rows, where they are there already, are believed as long as the new."""


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something is believed; ``until`` None: still."""

    since: str
    until: str | None

    @property
    def is_empty(self) -> bool:
        """Whether it is believed at no time."""
        return self.until is not None and self.until <= self.since


class Entry:
    """A document with what may be recorded of it, and the ids that follow from its content."""

    def __init__(self, document: Document, findings: Findings, *, group_id: str | None = None) -> None:
        sifted, version = sift(document, findings), findings.extractor_version
        self.document = document
        self.sifted: Sifted = sifted
        self.version = version
        self.group_id = group_id or document.id
        whole = f"{document.title}\x1f{document.text}".encode("utf-8", "surrogatepass")
        self.text_sha256 = hashlib.sha256(whole).hexdigest()
        self.facts = tuple(facts_of(deal) for deal in sifted.deals)
        said = repr((sifted.deals, sifted.prices, sifted.leftovers))
        self.reading_id = content_id(document.id, self.text_sha256, version, said)


def document_row(entry: Entry, span: Span) -> dict[str, Any]:
    """The row of this version of a document."""
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


def named_parties(entry: Entry) -> list[tuple[str, ...]]:
    """The names of every party, a tuple a party."""
    terms = [deal.value(name) for deal in entry.sifted.deals for name in PARTY_FIELDS]
    return [names for names in terms if isinstance(names, tuple)]


def mention_id_of(entry: Entry, position: int) -> str:
    """The id of a mention that goes on no earlier one."""
    # The same words twice in one document are two mentions, told apart by which comes first.
    twins = sum(facts == entry.facts[position] for facts in entry.facts[:position])
    said = encode_json(sorted(entry.facts[position]))
    return content_id("mention", entry.document.id, said, str(twins))


def _id_within(entry: Entry, *parts: str) -> str:
    """An id that begins as those of the same document do, so that their rows lie side by side in a large ledger."""
    return content_id(entry.document.id)[:8] + content_id(entry.document.id, *parts)[:12]


def reading_rows(entry: Entry, ids: Sequence[str], span: Span) -> Rows:
    """The rows of a reading by table, in the order they are written; ``ids`` are those of its mentions."""
    deals = entry.sifted.deals
    claims = [row for key, deal in zip(ids, deals, strict=True) for row in _claim_rows(entry, key, deal, span)]
    ends = [span.since] if span.until is None else [span.since, span.until]
    return {
        ReadingRow: [_reading_row(entry, span, len(claims))],
        MentionRow: [_mention_row(entry, key, deal, span) for key, deal in zip(ids, deals, strict=True)],
        MentionParty: _party_rows(entry, ids, span),
        ClaimRow: claims,
        PriceRow: [_price_row(entry, price, span) for price in entry.sifted.prices],
        LeftoverRow: _leftover_rows(entry, span),
        Unsettled: [{"instant": at, "mention_id": key} for key in ids for at in ends],
    }


def _reading_row(entry: Entry, span: Span, claims: int) -> dict[str, Any]:
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


def _mention_row(entry: Entry, mention_id: str, deal: DealMention, span: Span) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "known_from": span.since,
        "reading_id": entry.reading_id,
        "known_to": span.until,
        "document_id": entry.document.id,
        "position": deal.position,
        "closed_because": "",
    }


def _party_rows(entry: Entry, ids: Sequence[str], span: Span) -> list[dict[str, Any]]:
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


def _believed(entry: Entry, span: Span) -> dict[str, Any]:
    return {
        "known_from": span.since,
        "known_to": span.until,
        "document_id": entry.document.id,
        "extractor_version": entry.version,
    }


def _claim_rows(entry: Entry, mention_id: str, deal: DealMention, span: Span) -> list[dict[str, Any]]:
    rows = []
    for term in deal.terms:
        value = encode_value(term.value)
        place = (term.evidence.part, str(term.evidence.start), str(term.evidence.end))
        said = (mention_id, term.field, value, term.hedge or "")
        rows.append(
            {
                "claim_id": _id_within(entry, "claim", entry.text_sha256, entry.version, *said, *place),
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


def _price_row(entry: Entry, price: PriceMention, span: Span) -> dict[str, Any]:
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


def _leftover_rows(entry: Entry, span: Span) -> list[dict[str, Any]]:
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
