"""A real ledger built from the bundled gold annotations: documents recorded in the order of their dates."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from megawatch.ledger import open_ledger
from megawatch.ledger.open import Ledger
from megawatch.ledger.reconcile import settle
from megawatch.ledger.record import record
from megawatch.market import (
    AMOUNT_FIELDS,
    DEAL_FIELDS,
    DealMention,
    Document,
    Evidence,
    Findings,
    PriceMention,
    SourceHealth,
    Stated,
    Value,
)
from megawatch.resources import bundled


def build_gold_ledger(path: Path) -> Ledger:
    """The ledger that perfect extraction of the bundled documents would give."""
    ledger = open_ledger(path)
    lines = (bundled("fixtures") / "gold" / "market.jsonl").read_text(encoding="utf-8").splitlines()
    for line in sorted((json.loads(line) for line in lines), key=lambda each: (each["published"], each["id"])):
        document = Document(
            **{name: line[name] for name in ("id", "title", "text", "published", "source", "publisher", "url")}
        )
        record(ledger, document, findings_of(line, document), known_at=line["published"])
    settle(ledger)
    return ledger


def findings_of(line: dict[str, Any], document: Document) -> Findings:
    deals = tuple(
        DealMention(document_id=document.id, position=place, terms=tuple(_terms(deal, document)))
        for place, deal in enumerate(line["deals"])
    )
    prices = tuple(_price(price, place, document) for place, price in enumerate(line["prices"]))
    return Findings(document_id=document.id, extractor_version="gold", deals=deals, prices=prices)


def _terms(deal: dict[str, Any], document: Document) -> list[Stated]:
    qualifiers = deal.get("qualifiers", {})
    return [
        Stated(
            field=name,
            value=_value(name, deal[name]),
            evidence=_evidence(deal["evidence"][name], document),
            hedge=qualifiers.get(name),
            words=deal["evidence"][name],
            rule="gold",
        )
        for name in DEAL_FIELDS
        if name in deal
    ]


def _value(name: str, value: Any) -> Value:
    if name in AMOUNT_FIELDS:
        return Decimal(str(value))
    return tuple(value) if isinstance(value, list) else str(value)


def _evidence(quote: str, document: Document) -> Evidence:
    part = "text" if quote in document.text else "title"
    start = document.part(part).index(quote)  # type: ignore[arg-type]
    return Evidence(part=part, start=start, end=start + len(quote), quote=quote)  # type: ignore[arg-type]


def _price(price: dict[str, Any], place: int, document: Document) -> PriceMention:
    low, high, change = (
        None if price.get(name) is None else Decimal(str(price[name]))
        for name in ("low_usd_per_gpu_hour", "high_usd_per_gpu_hour", "change_percent")
    )
    return PriceMention(
        document_id=document.id,
        position=place,
        gpu_model=price["gpu_model"],
        provider=price.get("provider"),
        market=price.get("market", "unspecified"),
        low_usd_per_gpu_hour=low,
        high_usd_per_gpu_hour=high,
        change_percent=change,
        evidence=_evidence(_first(price["evidence"]), document),
    )


def _first(evidence: Any) -> str:
    return evidence if isinstance(evidence, str) else next(iter(evidence.values()))


__all__ = ["SourceHealth", "build_gold_ledger"]
