"""Documents and findings as JSON, one a line: the form of ``megawatch extract --jsonl`` and of annotated documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from megawatch.errors import ExtractionError
from megawatch.market import SOURCES, DealMention, Document, Evidence, Findings, PriceMention, content_id

Json = dict[str, object]


def read_lines(
    lines: Iterable[str], *, on_fault: Callable[[ExtractionError], None] | None = None
) -> Iterator[Document]:
    """Documents of ``{"id","title","text","published","source","publisher"}``; blank lines are passed over.

    A broken line raises ExtractionError with its number, or goes to ``on_fault`` and the rest is read.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield to_document(line, number=number)
        except ExtractionError as fault:
            if on_fault is None:
                raise
            on_fault(fault)


def to_document(line: str, *, number: int) -> Document:
    """One document from its line; raises ExtractionError naming the line where it is not one."""
    try:
        row = json.loads(line)
    except ValueError as fault:
        raise ExtractionError(f"Line {number} is not JSON ({fault}): put one document on each line.") from fault
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ExtractionError(f'Line {number} has no text: give at least {{"text": "…"}}.')
    title, text = str(row.get("title") or ""), row["text"]
    source = row.get("source")
    return Document(
        id=str(row.get("id") or content_id(title, text)),
        title=title,
        text=text,
        published=str(row["published"]) if row.get("published") else None,
        source=source if source in SOURCES else "news",
        publisher=str(row.get("publisher") or ""),
        url=str(row.get("url") or ""),
    )


def write_findings(findings: Findings) -> str:
    """One line of JSON, ``{"id", "deals", "prices"}``, without the line's end."""
    row: Json = {
        "id": findings.document_id,
        "deals": [deal_row(deal) for deal in findings.deals],
        "prices": [price_row(price) for price in findings.prices],
    }
    return json.dumps(row, ensure_ascii=False)


def deal_row(deal: DealMention) -> Json:
    """A deal in the form of the guidelines; evidence as ``{"part","start","end","quote"}``."""
    row: Json = {}
    evidence: Json = {}
    qualifiers: Json = {}
    for term in deal.terms:
        row[term.field] = _plain(term.value)
        evidence[term.field] = evidence_row(term.evidence)
        if term.hedge:
            qualifiers[term.field] = term.hedge
    if qualifiers:
        row["qualifiers"] = qualifiers
    row["evidence"] = evidence
    row["confidence"] = {term.field: term.confidence for term in deal.terms}
    return row


def price_row(price: PriceMention) -> Json:
    """A price in the form of the guidelines."""
    found: Mapping[str, object] = {
        "gpu_model": price.gpu_model,
        "provider": price.provider,
        "market": price.market,
        "low_usd_per_gpu_hour": _plain(price.low_usd_per_gpu_hour),
        "high_usd_per_gpu_hour": _plain(price.high_usd_per_gpu_hour),
        "change_percent": _plain(price.change_percent),
        "evidence": evidence_row(price.evidence),
    }
    return {name: value for name, value in found.items() if value is not None}


def evidence_row(evidence: Evidence) -> Json:
    """A passage with its place."""
    return {"part": evidence.part, "start": evidence.start, "end": evidence.end, "quote": evidence.quote}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(value) if isinstance(value, tuple) else value
