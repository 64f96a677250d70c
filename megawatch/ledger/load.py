"""Mentions as they were believed at one instant, read back from their rows, with judgements applied."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, select

from megawatch.ledger.claims import Claim, DocumentStanding, Mention
from megawatch.ledger.clusters import Judgement
from megawatch.ledger.encode import decode_value
from megawatch.ledger.organizations import Organization, parents_of, read_names, read_redirects, resolve, resolve_all
from megawatch.ledger.rows import chunks, is_among, select_in, visible
from megawatch.ledger.tables import (
    ClaimRow,
    DocumentRow,
    JudgementRow,
    MentionKey,
    MentionParty,
    MentionRow,
    table_of,
)
from megawatch.market import DEAL_FIELDS, PARTY_FIELDS, DealMention, Evidence, Quote, Stated

_DOCUMENTS = table_of(DocumentRow)
_MENTIONS = table_of(MentionRow)
_CLAIMS = table_of(ClaimRow)
_CLAIM_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(
    _CLAIMS.c[name]
    for name in (
        *("claim_id", "mention_id", "field", "value", "hedge", "resolution", "words", "rule", "confidence"),
        *("part", "start_offset", "end_offset", "quote"),
    )
)
_PARTIES = table_of(MentionParty)
_KEYS = table_of(MentionKey)
_JUDGEMENTS = table_of(JudgementRow)
Verdict = Literal["same", "different"]
OWN_KEY = "mention:"
"""Before the id of a mention: a blocking key that is its own and needs no keeping."""
_ORDER = {name: number for number, name in enumerate(DEAL_FIELDS)}


@dataclass(slots=True)
class Judged:
    """What reviewers decided, as it stood at one instant."""

    pairs: list[Judgement] = field(default_factory=list)
    rejected_mentions: set[str] = field(default_factory=set)
    rejected_claims: set[tuple[str, str, str]] = field(default_factory=set)
    accepted_claims: set[tuple[str, str, str]] = field(default_factory=set)
    corrections: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))


def read_judged(connection: Connection, bound: str) -> Judged:
    """The judgements that stood at ``bound``, later ones over earlier ones."""
    judged = Judged()
    pairs: dict[tuple[str, str], Verdict] = {}
    query = select(_JUDGEMENTS).where(visible(_JUDGEMENTS, bound))
    for row in connection.execute(query.order_by(_JUDGEMENTS.c.known_from, _JUDGEMENTS.c.judgement_id)):
        target = json.loads(row.target)
        if row.kind in ("merge", "split"):
            verdict: Verdict = "same" if row.kind == "merge" else "different"
            pairs |= {(min(pair), max(pair)): verdict for pair in target["pairs"]}
        elif row.kind == "reject" and "field" not in target:
            judged.rejected_mentions |= set(target["mentions"])
        elif row.kind == "reject":
            judged.rejected_claims |= {(key, target["field"], value) for key, value in target["claims"]}
        elif row.kind == "accept" and "field" in target:
            judged.accepted_claims |= {(key, target["field"], value) for key, value in target["claims"]}
        elif row.kind == "correct":
            for mention in target["mentions"]:
                judged.corrections[mention][target["field"]] = row.value
    judged.pairs = [Judgement(verdict, left, right) for (left, right), verdict in sorted(pairs.items())]
    return judged


class Loader:
    """Reads mentions as believed at one instant; each only once."""

    def __init__(self, connection: Connection, instant: str) -> None:
        self.connection = connection
        self.instant = instant
        self.judged = read_judged(connection, instant)
        self._redirects = read_redirects(connection, bound=instant)
        self._names = read_names(connection, self._redirects.values())
        self._seen: dict[str, Mention | None] = {}

    def load(self, ids: Iterable[str]) -> dict[str, Mention]:
        """Those of the mentions that were believed then."""
        wanted = set(ids)
        missing = wanted - self._seen.keys()
        if missing:
            self._seen |= dict.fromkeys(missing) | self._read(missing - self.judged.rejected_mentions)
        return {key: found for key in wanted if (found := self._seen[key]) is not None}

    def find(self, keys: Collection[str]) -> tuple[Mention, ...]:
        """The mentions that were believed then and have one of the blocking keys."""
        ids = {key.removeprefix(OWN_KEY) for key in keys if key.startswith(OWN_KEY)}
        for chunk in chunks(key for key in keys if not key.startswith(OWN_KEY)):
            query = select(_KEYS.c.mention_id).where(is_among(self.connection, _KEYS.c.key, chunk))
            ids |= set(self.connection.execute(query).scalars().all())
        found = self.load(ids)
        return tuple(found[key] for key in sorted(found))

    def _read(self, ids: Iterable[str]) -> dict[str, Mention]:
        rows = select_in(self.connection, _MENTIONS, "mention_id", ids, visible(_MENTIONS, self.instant))
        standings = self._standings({row.document_id for row in rows})
        claims = self._claims([row.mention_id for row in rows])
        parties = self._parties(rows)
        found = {}
        for row in rows:
            standing = standings.get(row.document_id)
            if standing is not None and row.mention_id in claims:
                found[row.mention_id] = self._mention(row, standing, claims[row.mention_id], parties)
        return {key: mention for key, mention in found.items() if mention.deal.get("kind")}

    def _standings(self, ids: Iterable[str]) -> dict[str, DocumentStanding]:
        rows = select_in(self.connection, _DOCUMENTS, "document_id", ids, visible(_DOCUMENTS, self.instant))
        return {row.document_id: standing_of(row) for row in rows}

    def _claims(self, ids: Iterable[str]) -> dict[str, list[Row[Any]]]:
        found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
        rejected = self.judged.rejected_claims
        for chunk in chunks(ids):
            mine = is_among(self.connection, _CLAIMS.c.mention_id, chunk)
            query = select(*_CLAIM_COLUMNS).where(mine, visible(_CLAIMS, self.instant))
            for row in self.connection.execute(query).all():
                if not rejected or (row.mention_id, row.field, row.value) not in rejected:
                    found[row.mention_id].append(row)
        return found

    def _parties(self, rows: Sequence[Row[Any]]) -> dict[tuple[str, str], frozenset[str]]:
        current = {(row.mention_id, row.known_from, row.reading_id) for row in rows}
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for row in select_in(self.connection, _PARTIES, "mention_id", {row.mention_id for row in rows}):
            if (row.mention_id, row.known_from, row.reading_id) in current:
                main = self._redirects.get(row.organization_id, row.organization_id)
                found[row.mention_id, row.role] |= {main, *parents_of(main)}
        return {key: frozenset(ids) for key, ids in found.items()}

    def _mention(
        self,
        row: Row[Any],
        standing: DocumentStanding,
        rows: Sequence[Row[Any]],
        parties: Mapping[tuple[str, str], frozenset[str]],
    ) -> Mention:
        key = row.mention_id
        accepted = self.judged.accepted_claims
        ordered = sorted(rows, key=lambda one: (_ORDER.get(one.field, 99), one.claim_id))
        claims = [_claim(one, standing, accepted) for one in ordered]
        claims = [self._with_usual_name(claim) if claim.stated.field in PARTY_FIELDS else claim for claim in claims]
        if key in self.judged.corrections:
            claims = _corrected(claims, self.judged.corrections[key])
        return Mention(
            mention_id=key,
            document=standing,
            deal=DealMention(
                document_id=row.document_id, position=row.position, terms=tuple(claim.stated for claim in claims)
            ),
            claims=tuple(claims),
            supplier_ids=self._ids_of(key, "supplier", parties),
            customer_ids=self._ids_of(key, "customer", parties),
        )

    def _with_usual_name(self, claim: Claim) -> Claim:
        """The claim of a party with the organization's usual name among its names, so that spellings agree."""
        names = claim.stated.value
        if claim.stated.field not in PARTY_FIELDS or not isinstance(names, tuple):
            return claim
        found = resolve(names)
        main = self._redirects.get(found.organization_id)
        name = self._names.get(main, "") if main else found.name
        if not name or name in names:
            return claim
        return replace(claim, stated=replace(claim.stated, value=(*names, name)))

    def _ids_of(self, key: str, role: str, parties: Mapping[tuple[str, str], frozenset[str]]) -> frozenset[str]:
        corrected = self.judged.corrections.get(key, {}).get(role)
        if corrected is None:
            return parties.get((key, role), frozenset())
        mains = [self._redirects.get(one.organization_id, one.organization_id) for one in _named(role, corrected)]
        return frozenset(one for main in mains for one in (main, *parents_of(main)))


def standing_of(row: Row[Any]) -> DocumentStanding:
    """The standing of a document from its row."""
    return DocumentStanding(
        document_id=row.document_id,
        title=row.title,
        source=row.source,
        publisher=row.publisher,
        published=row.published,
        url=row.url,
        known_from=row.known_from,
        group_id=row.group_id,
    )


def quote_of(row: Row[Any], standing: DocumentStanding, *, claim_id: str) -> Quote:
    """The passage of a claim or price from its row."""
    evidence = Evidence(part=row.part, start=row.start_offset, end=row.end_offset, quote=row.quote)
    return standing.quote(evidence, claim_id=claim_id)


def _claim(row: Row[Any], standing: DocumentStanding, accepted: Set[tuple[str, str, str]]) -> Claim:
    """The claim from the row of ``_CLAIM_COLUMNS``: a ledger has millions, so each column is read once."""
    claim_id, mention_id, name, value, hedge, resolution, words, rule, confidence, part, start, end, quote = tuple[
        Any, ...
    ](row)
    stated = Stated(
        field=name,
        value=decode_value(name, value),
        evidence=Evidence(part=part, start=start, end=end, quote=quote),
        hedge=hedge,
        resolution=None if resolution is None else Decimal(resolution),
        words=words,
        rule=rule,
        confidence=confidence,
    )
    return Claim(
        claim_id=claim_id,
        mention_id=mention_id,
        stated=stated,
        quote=standing.quote(stated.evidence, claim_id=claim_id),
        reviewed=bool(accepted) and (mention_id, name, value) in accepted,
    )


def _named(role: str, value: str) -> tuple[Organization, ...]:
    names = decode_value(role, value)
    return resolve_all(names) if isinstance(names, tuple) else ()


def _corrected(claims: Sequence[Claim], corrections: Mapping[str, str]) -> list[Claim]:
    kept = {claim.stated.field: claim for claim in claims}
    for name, value in corrections.items():
        # A value that no claim states leans on the passage that tells of the deal.
        base = kept.get(name) or kept.get("kind") or claims[0]
        stated = replace(
            base.stated,
            field=name,
            value=decode_value(name, value),
            hedge=None,
            resolution=None,
            words="",
            rule="reviewed",
            confidence=1.0,
        )
        kept[name] = replace(base, stated=stated, reviewed=True)
    return [kept[name] for name in sorted(kept, key=lambda one: _ORDER.get(one, 99))]
