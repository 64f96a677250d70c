"""What passes between recording and reasoning: claims and mentions with the standing of their document."""

from __future__ import annotations

from dataclasses import dataclass

from megawatch.market import DealMention, Evidence, Quote, Source, Stated


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStanding:
    """What reasoning needs to know of a document: never its text.

    ``known_from`` is the ISO day or instant at which the ledger knew it; ``group_id`` is shared by syndicated copies
    and rewrites of one wire, which count as one source.
    """

    document_id: str
    title: str
    source: Source
    publisher: str
    published: str | None
    url: str
    known_from: str
    group_id: str

    def quote(self, evidence: Evidence, *, claim_id: str) -> Quote:
        """A passage of this document as the quote behind a claim or price."""
        return Quote(
            claim_id=claim_id,
            document_id=self.document_id,
            title=self.title,
            publisher=self.publisher,
            source=self.source,
            published=self.published,
            url=self.url,
            part=evidence.part,
            start=evidence.start,
            end=evidence.end,
            quote=evidence.quote,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One stated field of one mention, with the id under which the ledger holds it."""

    claim_id: str
    mention_id: str
    stated: Stated
    quote: Quote
    reviewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A deal as one document tells it, ready to be clustered.

    ``supplier_ids`` and ``customer_ids`` are the organizations that its names resolve to (empty where unnamed).
    """

    mention_id: str
    document: DocumentStanding
    deal: DealMention
    claims: tuple[Claim, ...]
    supplier_ids: frozenset[str] = frozenset()
    customer_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decided in review: what it is about (JSON), from when and until when it holds, and why."""

    judgement_id: str
    kind: str
    target: str
    value: str
    reason: str
    reviewer: str
    known_from: str
    known_to: str | None = None
    undone_by: str = ""
    undone_because: str = ""
