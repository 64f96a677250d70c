"""What waits for a person: doubtful values, ties, contradictions, deals and organizations that may be one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, Row, select

from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import listed
from megawatch.ledger.queries.changes import mentions_judged
from megawatch.ledger.queries.read import read_quotes
from megawatch.ledger.rows import select_in
from megawatch.ledger.tables import (
    CandidateRow,
    ClaimRow,
    ContradictionRow,
    DealMentionRow,
    JudgementRow,
    MentionRow,
    OrganizationCandidate,
    OrganizationMerge,
    OrganizationName,
    OrganizationRow,
    TermRow,
    table_of,
)
from megawatch.market import Quote, content_id

LOW_CONFIDENCE = 0.5
SHORTEST_NAME = 5
What = Literal["doubtful", "tie", "contradiction", "merge", "organization", "adrift"]

_TERMS = table_of(TermRow)
_CLAIMS = table_of(ClaimRow)
_CONTRADICTIONS = table_of(ContradictionRow)
_CANDIDATES = table_of(CandidateRow)
_PLACES = table_of(DealMentionRow)
_JUDGEMENTS = table_of(JudgementRow)
_MENTIONS = table_of(MentionRow)
_LIKE = table_of(OrganizationCandidate)
_MERGES = table_of(OrganizationMerge)
_ORGANIZATIONS = table_of(OrganizationRow)
_NAMES = table_of(OrganizationName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing for a person to judge, with its sentences (as long as ``quotes``, in their order).

    ``ids`` are what a judgement would name: the two mentions of a ``merge``, the two organizations of an
    ``organization``, the judgement that lost its mentions (``adrift``), else the deal.
    """

    item_id: str
    what: What
    deal_id: str
    field: str
    summary: str
    ids: tuple[str, ...] = ()
    claim_ids: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    sentences: tuple[str, ...] = ()


def list_waiting(ledger: Ledger, *, what: What | None = None, limit: int | None = None) -> tuple[Waiting, ...]:
    """What waits for a person now, kind by kind; at most ``limit``. What was judged or acknowledged is left out."""
    with ledger.read() as connection:
        judged = connection.execute(select(_JUDGEMENTS).where(_JUDGEMENTS.c.known_to.is_(None))).all()
        done = {json.loads(row.target).get("item") for row in judged if row.kind == "acknowledge"}
        found = [item for item in _all(connection, judged) if item.item_id not in done and what in (None, item.what)]
        return tuple(_with_sentences(connection, found[:limit]))


def _all(connection: Connection, judged: Iterable[Row[Any]]) -> Iterator[Waiting]:
    yield from _terms(connection)
    yield from _contradictions(connection)
    yield from _merges(connection, judged)
    yield from _organizations(connection)
    yield from _short_names(connection)
    yield from _adrift(connection, judged)


def _terms(connection: Connection) -> Iterator[Waiting]:
    doubtful = (_TERMS.c.confidence < LOW_CONFIDENCE) & (_TERMS.c.basis == "stated") & _TERMS.c.value.is_not(None)
    tie = _TERMS.c.absence == "conflicting"
    query = select(_TERMS).where(_TERMS.c.known_to.is_(None), doubtful | tie)
    for row in connection.execute(query.order_by(_TERMS.c.deal_id, _TERMS.c.field)):
        kind: What = "tie" if row.absence == "conflicting" else "doubtful"
        told = f"{row.field}: {row.reason or 'sources tie'}" if kind == "tie" else f"{row.field} = {row.value}"
        yield Waiting(
            item_id=content_id(kind, row.deal_id, row.field, row.value or "", row.detail),
            what=kind,
            deal_id=row.deal_id,
            field=row.field,
            summary=told if kind == "tie" else f"{told} (confidence {row.confidence:.2f})",
            ids=(row.deal_id,),
            claim_ids=_claims_of(row),
        )


def _claims_of(row: Row[Any]) -> tuple[str, ...]:
    detail = json.loads(row.detail)
    return (*detail["claims"], *(claim for _, claim in detail["rivals"]))


def _contradictions(connection: Connection) -> Iterator[Waiting]:
    query = select(_CONTRADICTIONS).where(_CONTRADICTIONS.c.known_to.is_(None))
    for row in connection.execute(query.order_by(_CONTRADICTIONS.c.deal_id, _CONTRADICTIONS.c.contradiction_id)):
        yield Waiting(
            item_id=content_id("contradiction", row.contradiction_id),
            what="contradiction",
            deal_id=row.deal_id,
            field=", ".join(json.loads(row.fields)),
            summary=row.explanation,
            ids=(row.deal_id,),
            claim_ids=tuple(json.loads(row.claim_ids)),
        )


def _merges(connection: Connection, judged: Iterable[Row[Any]]) -> Iterator[Waiting]:
    told = [json.loads(row.target) for row in judged if row.kind in ("merge", "split")]
    decided = {frozenset(pair) for target in told for pair in target["pairs"]}
    rows = connection.execute(select(_CANDIDATES).where(_CANDIDATES.c.known_to.is_(None))).all()
    pairs = {(row.first_id, row.second_id): row for row in rows}
    homes = select_in(connection, _PLACES, "mention_id", {one for pair in pairs for one in pair})
    deals = {row.mention_id: row.deal_id for row in homes if row.known_to is None}
    for pair in sorted(pairs, key=lambda pair: (-(pairs[pair].score or 0), pair)):
        first, second = (deals.get(one) for one in pair)
        if first and second and first != second and frozenset(pair) not in decided:
            yield Waiting(
                item_id=content_id("merge", *pair),
                what="merge",
                deal_id=first,
                field="",
                summary=f"{first} and {second} may be one deal: {pairs[pair].reason}",
                ids=pair,
            )


def _organizations(connection: Connection) -> Iterator[Waiting]:
    merged = set(connection.execute(select(_MERGES.c.organization_id).where(_MERGES.c.known_to.is_(None))).scalars())
    rows = connection.execute(select(_LIKE).order_by(_LIKE.c.score.desc(), _LIKE.c.organization_id)).all()
    ids = {row.organization_id for row in rows} | {row.like_id for row in rows}
    found = select_in(connection, _ORGANIZATIONS, "organization_id", ids)
    names = {row.organization_id: row.name for row in found}
    for row in rows:
        if row.organization_id not in merged:
            own, like = names.get(row.organization_id, ""), _name_of(row.like_id, names)
            yield Waiting(
                item_id=content_id("organization", row.organization_id, row.like_id),
                what="organization",
                deal_id="",
                field="",
                summary=f"{own!r} looks like {like!r} ({row.score:.0f} %)",
                ids=(row.organization_id, row.like_id),
            )


def _short_names(connection: Connection) -> Iterator[Waiting]:
    """Names that only texts know, of which one begins another word for word: two spellings of one, perhaps."""
    merged = select(_MERGES.c.organization_id).where(_MERGES.c.known_to.is_(None))
    own = (_ORGANIZATIONS.c.origin == "text") & _ORGANIZATIONS.c.organization_id.not_in(merged)
    query = select(_NAMES.c.name_key, _ORGANIZATIONS.c.organization_id, _ORGANIZATIONS.c.name).where(own)
    joined = query.join_from(_NAMES, _ORGANIZATIONS, _NAMES.c.organization_id == _ORGANIZATIONS.c.organization_id)
    known = {key: (organization_id, name) for key, organization_id, name in connection.execute(joined).all()}
    for key in sorted(known):
        words = key.split(" ")
        for shorter in (" ".join(words[:size]) for size in range(1, len(words))):
            if len(shorter) >= SHORTEST_NAME and shorter in known and known[shorter][0] != known[key][0]:
                yield _short_name(*known[shorter], *known[key])


def _short_name(short_id: str, short: str, long_id: str, long: str) -> Waiting:
    return Waiting(
        item_id=content_id("organization", short_id, long_id),
        what="organization",
        deal_id="",
        field="",
        summary=f"{short!r} may be short for {long!r}",
        ids=(short_id, long_id),
    )


def _name_of(organization_id: str, names: Mapping[str, str]) -> str:
    company = listed(organization_id)
    return names.get(organization_id) or (company.name if company else organization_id)


def _adrift(connection: Connection, judged: Iterable[Row[Any]]) -> Iterator[Waiting]:
    """Judgements none of whose mentions is believed any more: a document changed so much that they lost hold."""
    about = {row.judgement_id: set(mentions_judged(json.loads(row.target))) for row in judged}
    wanted = {mention for mentions in about.values() for mention in mentions}
    alive = {row.mention_id for row in select_in(connection, _MENTIONS, "mention_id", wanted) if row.known_to is None}
    for row in judged:
        if about[row.judgement_id] and not about[row.judgement_id] & alive:
            yield Waiting(
                item_id=content_id("adrift", row.judgement_id),
                what="adrift",
                deal_id="",
                field=json.loads(row.target).get("field", ""),
                summary=f"{row.kind} by {row.reviewer} ({row.reason}) no longer meets any mention",
                ids=(row.judgement_id,),
            )


def _with_sentences(connection: Connection, items: list[Waiting]) -> Iterator[Waiting]:
    wanted = {key for item in items for key in item.claim_ids}
    quotes = read_quotes(connection, wanted)
    sentences = {row.claim_id: row.sentence for row in select_in(connection, _CLAIMS, "claim_id", wanted)}
    for item in items:
        ids = [key for key in item.claim_ids if key in quotes]
        shown = (tuple(quotes[key] for key in ids), tuple(sentences[key] for key in ids))
        yield replace(item, quotes=shown[0], sentences=shown[1])
