"""Documents and findings for the ledger's tests: from gold annotations, or written in place from facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from megawatch.ledger import Ledger
from megawatch.ledger.record import RecordCounts, record
from megawatch.market import (
    AMOUNT_FIELDS,
    DEAL_FIELDS,
    DealMention,
    Document,
    Evidence,
    Findings,
    Part,
    PriceMention,
    Source,
    Stated,
    content_id,
)

GOLD = Path(__file__).resolve().parents[3] / "fixtures" / "gold" / "market.jsonl"
VERSION = "test-1"


def read_gold(path: Path = GOLD) -> Iterator[tuple[Document, Findings]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line, parse_float=Decimal)
        document = Document(
            id=entry["id"],
            title=entry["title"],
            text=entry["text"],
            published=entry["published"],
            source=entry["source"],
            publisher=entry["publisher"],
            url=entry.get("url", ""),
        )
        deals = tuple(_deal(document, number, deal) for number, deal in enumerate(entry["deals"]))
        prices = tuple(_price(document, number, price) for number, price in enumerate(entry["prices"]))
        yield document, Findings(document_id=document.id, extractor_version=VERSION, deals=deals, prices=prices)


def _evidence(document: Document, quote: str) -> Evidence:
    part: Part = "text" if quote in document.text else "title"
    start = document.part(part).find(quote)
    return Evidence(part=part, start=start, end=start + len(quote), quote=quote)


def _deal(document: Document, position: int, deal: Mapping[str, Any]) -> DealMention:
    terms = [
        Stated(
            field=name,
            value=_value(name, deal[name]),
            evidence=_evidence(document, deal["evidence"].get(name) or deal["evidence"]["kind"]),
            hedge=deal.get("qualifiers", {}).get(name),
            rule="gold",
        )
        for name in DEAL_FIELDS
        if name in deal
    ]
    return DealMention(document_id=document.id, position=position, terms=tuple(terms))


def _value(name: str, value: Any) -> Any:
    if name in AMOUNT_FIELDS:
        return Decimal(value)
    return tuple(value) if isinstance(value, list) else value


def _price(document: Document, position: int, price: Mapping[str, Any]) -> PriceMention:
    levels = {
        name: Decimal(price[name])
        for name in ("low_usd_per_gpu_hour", "high_usd_per_gpu_hour", "change_percent")
        if name in price
    }
    evidence = price["evidence"]
    quote = evidence if isinstance(evidence, str) else next(iter(evidence.values()))
    return PriceMention(
        document_id=document.id,
        position=position,
        gpu_model=price["gpu_model"],
        provider=price.get("provider"),
        market=price["market"],
        evidence=_evidence(document, quote),
        **levels,
    )


def tell(
    *deals: Mapping[str, Any],
    published: str | None = "2026-05-04",
    source: Source = "news",
    publisher: str = "The Gridpost",
    url: str = "",
    title: str = "A deal",
    hedges: Mapping[str, str] | None = None,
    version: str = VERSION,
    extra: str = "",
) -> tuple[Document, Findings]:
    """A document that states the facts of some deals, one line each, and its findings: quotes stand in the text."""
    lines: list[str] = []
    found: list[DealMention] = []
    places: list[list[tuple[str, Any, int, str]]] = []
    offset = 0
    for facts in deals:
        place = []
        for name, value in {"status": "signed", **facts}.items():
            quote = f"{name} is {value}"
            place.append((name, value, offset, quote))
            lines.append(f"The {quote}.")
            offset += len(lines[-1]) + 1
        places.append(place)
    text = "\n".join([*lines, extra])
    document = Document(
        id=content_id(title, text, url),
        title=title,
        text=text,
        published=published,
        source=source,
        publisher=publisher,
        url=url,
    )
    for number, place in enumerate(places):
        terms = tuple(
            Stated(
                field=name,
                value=_value(name, value),
                evidence=Evidence(part="text", start=start + 4, end=start + 4 + len(quote), quote=quote),
                hedge=(hedges or {}).get(name),  # type: ignore[arg-type]
                rule="told",
            )
            for name, value, start, quote in place
        )
        found.append(DealMention(document_id=document.id, position=number, terms=terms))
    return document, Findings(document_id=document.id, extractor_version=version, deals=tuple(found))


def keep(
    ledger: Ledger, told: tuple[Document, Findings], *, known_at: str | None = None, **options: Any
) -> RecordCounts:
    """Record what ``tell`` made, known on the day it was published where no other is given."""
    document, findings = told
    return record(ledger, document, findings, known_at=known_at or document.published or "2026-05-04", **options)


def rows_of(ledger: Ledger, *, recorded: bool = True) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger by table, sorted, so that two ledgers compare; what leads nowhere in itself left out."""
    left_out = {"settle_state", "deal_keys", "mention_keys", *(() if recorded else RECORDED)}
    with ledger.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
            if table.name not in left_out
        }


def open_rows(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that is believed now, by table, whatever the day since when; judgements, which are kept, left out."""
    found = {}
    with ledger.read() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if "known_to" in table.c and table.name != "judgement_rows":
                columns = [column for column in table.c if column.name != "known_from"]
                rows = connection.execute(select(*columns).where(table.c.known_to.is_(None)))
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


RECORDED = ("document_rows", "reading_rows", "mention_rows", "mention_parties", "claim_rows", "price_rows")
