"""Deals told in a few words, for tests of the ledger's reasoning."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from megawatch.ledger.claims import Mention
from megawatch.ledger.cluster_lines import mentions_of
from megawatch.market import Deal, Quote, Term


def tell(
    document: str, *deals: dict[str, Any], published: str = "2026-05-20", source: str = "news"
) -> tuple[Mention, ...]:
    """The mentions of one document that tells those deals, each signed unless it says otherwise."""
    told = [{"status": "signed", **deal} for deal in deals]
    return mentions_of(
        [{"id": document, "published": published, "source": source, "publisher": f"The {document}", "deals": told}]
    )


def quote(claim_id: str = "c1", words: str = "has executed a lease", document: str = "d1") -> Quote:
    return Quote(
        claim_id=claim_id,
        document_id=document,
        title="",
        publisher="",
        source="news",
        published="2026-05-20",
        url="",
        part="text",
        start=0,
        end=len(words),
        quote=words,
    )


def terms(**values: Any) -> tuple[Term, ...]:
    """Stated terms by field; numbers become decimals."""
    return tuple(
        Term(
            field=field,
            value=Decimal(str(value)) if isinstance(value, int | float) else value,
            quotes=(quote(f"claim-{field}"),),
        )
        for field, value in values.items()
    )


def deal(deal_id: str, kind: Any, found: Sequence[Term] = (), *, quotes: tuple[Quote, ...] = (), **more: Any) -> Deal:
    return Deal(
        deal_id=deal_id,
        kind=kind,
        status=more.pop("status", "signed"),
        terms=tuple(found),
        first_seen=more.pop("first_seen", "2026-05-20"),
        last_seen=more.pop("last_seen", "2026-05-20"),
        documents=1,
        independent_sources=1,
        quotes=quotes,
        **more,
    )
