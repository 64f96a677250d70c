"""Review: what a person decides about the ledger, with a reason and a name, and how it is taken back.

A judgement is a row of its own that holds from an instant on and until it is undone; nothing else is changed. It speaks
of mentions and of values, not of rows, so it lasts when documents are read again and deals are clustered anew. Call
``settle`` afterwards. What waits for a person is listed by ``waiting.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Row, select, update

from megawatch.errors import LedgerError
from megawatch.ledger.checks import read_instant, storable, value_fault
from megawatch.ledger.claims import Decision
from megawatch.ledger.encode import NAME_FIELDS, encode_json, encode_value, is_amount
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import add_organizations, find_organizations, listed, resolve
from megawatch.ledger.queries.changes import mentions_judged
from megawatch.ledger.queries.deals import resolve_deal
from megawatch.ledger.rows import add_rows, select_in
from megawatch.ledger.tables import (
    ClaimRow,
    DealMentionRow,
    JudgementRow,
    MentionParty,
    MentionRow,
    OrganizationMerge,
    OrganizationRow,
    TermRow,
    Unsettled,
    table_of,
)
from megawatch.market import DEAL_FIELDS, PARTY_FIELDS, Evidence, Stated, Value, content_id

_JUDGEMENTS = table_of(JudgementRow)
_PLACES = table_of(DealMentionRow)
_MENTIONS = table_of(MentionRow)
_PARTIES = table_of(MentionParty)
_TERMS = table_of(TermRow)
_CLAIMS = table_of(ClaimRow)
_MERGES = table_of(OrganizationMerge)
_ORGANIZATIONS = table_of(OrganizationRow)
_NOWHERE = Evidence(part="text", start=0, end=1, quote="-")
_FAR = "9999-12-31T99"


@dataclass(frozen=True, slots=True)
class Signed:
    """Who decides, why, and from when (ISO day or instant); all three are required."""

    reviewer: str
    reason: str
    at: str

    def checked(self) -> Signed:
        """The same with the instant in its one spelling. Raises LedgerError where name or reason is missing."""
        for what, words in (("your name", self.reviewer), ("a reason", self.reason)):
            if not words.strip():
                raise LedgerError(f"A judgement needs {what}: give it with the decision.")
        return Signed(
            storable(self.reviewer.strip()), storable(self.reason.strip()), read_instant(self.at, what="the time")
        )


def accept(ledger: Ledger, deal_id: str, field: str, *, signed: Signed) -> str:
    """Confirm the value of a deal's field: its claims count as reviewed. The id of the judgement.

    Raises LedgerError where the deal or a stated value is not there.
    """
    return _judge_claims(ledger, "accept", deal_id, field, signed)


def reject(ledger: Ledger, deal_id: str, field: str | None = None, *, signed: Signed) -> str:
    """Refuse the claims behind a deal's field, or where ``field`` is None the whole deal. The id of the judgement.

    The next best claim takes the place of a refused one. Raises LedgerError where deal or value is not there.
    """
    if field is not None:
        return _judge_claims(ledger, "reject", deal_id, field, signed)

    def work(connection: Connection) -> str:
        mentions = _members(connection, deal_id)
        return _add(connection, "reject", {"mentions": mentions}, signed.checked(), mentions)

    return ledger.write(work)


def reject_claim(ledger: Ledger, claim_id: str, *, signed: Signed) -> str:
    """Refuse one claim. The id of the judgement. Raises LedgerError where there is no such claim."""

    def work(connection: Connection) -> str:
        row = connection.execute(select(_CLAIMS).where(_CLAIMS.c.claim_id == claim_id)).first()
        if row is None:
            raise LedgerError(f"No claim has the id {claim_id}: the view claims lists them.")
        target = {"field": row.field, "claims": [[row.mention_id, row.value]]}
        return _add(connection, "reject", target, signed.checked(), [row.mention_id])

    return ledger.write(work)


def correct(ledger: Ledger, deal_id: str, field: str, value: str, *, signed: Signed) -> str:
    """Give a deal's field the value that a person knows to be right. The id of the judgement.

    ``value`` is in the unit of the field's name; several chip models are divided by commas. Raises LedgerError where
    the deal is not there, or the value cannot be one of that field.
    """
    known = _read_value(field, value)

    def work(connection: Connection) -> str:
        when = signed.checked()
        mentions = [_anchor(connection, deal_id, field)]
        if field in PARTY_FIELDS and isinstance(known, tuple):
            # Who the parties are holds a deal together: all its mentions are told of it, or they would fall apart.
            mentions = _members(connection, deal_id)
            add_organizations(connection, [known], instant=when.at)
        return _add(connection, "correct", {"mentions": mentions, "field": field}, when, mentions, encode_value(known))

    return ledger.write(work)


def merge(ledger: Ledger, deal_ids: Sequence[str], *, signed: Signed) -> str:
    """Decide that deals are one. The id of the judgement. Raises LedgerError for fewer than two known deals."""

    def work(connection: Connection) -> str:
        found = {_resolved(connection, deal_id): None for deal_id in deal_ids}
        if len(found) < 2:
            raise LedgerError("Merging needs two deals or more that are not one already: give their ids.")
        mentions = [mention for deal_id in found for mention in _members(connection, deal_id)]
        pairs = [[mentions[0], other] for other in mentions[1:]]
        return _add(connection, "merge", {"pairs": pairs}, signed.checked(), mentions)

    return ledger.write(work)


def split(ledger: Ledger, deal_id: str, mention_ids: Iterable[str], *, signed: Signed) -> str:
    """Decide that some mentions of a deal tell another one. The id of the judgement.

    Raises LedgerError where the deal has not these mentions, or no others.
    """
    apart = sorted(set(mention_ids))

    def work(connection: Connection) -> str:
        members = _members(connection, deal_id)
        rest = [mention for mention in members if mention not in apart]
        if not apart or not rest or not set(apart) <= set(members):
            raise LedgerError(f"The deal {deal_id} has the mentions {', '.join(members)}: name some of them, not all.")
        pairs = [[one, other] for one in apart for other in rest]
        return _add(connection, "split", {"pairs": pairs}, signed.checked(), members)

    return ledger.write(work)


def keep_apart(ledger: Ledger, first_id: str, second_id: str, *, signed: Signed) -> str:
    """Decide that two mentions tell different deals. The id of the judgement."""

    def work(connection: Connection) -> str:
        target = {"pairs": [[first_id, second_id]]}
        return _add(connection, "split", target, signed.checked(), [first_id, second_id])

    return ledger.write(work)


def acknowledge(ledger: Ledger, item_id: str, *, signed: Signed) -> str:
    """Take note of something that waits (a contradiction that stands): it is not listed again."""
    return ledger.write(lambda connection: _add(connection, "acknowledge", {"item": item_id}, signed.checked(), []))


def merge_organizations(ledger: Ledger, name: str, into: str, *, signed: Signed) -> str:
    """Decide that two organizations (by id, name, alias or ticker) are one; the first leads to the second from then on.

    The id of the judgement. Raises LedgerError where one is unknown or both are one already.
    """

    def work(connection: Connection) -> str:
        when = signed.checked()
        gone, kept = (_organization(connection, one, when.at) for one in (name, into))
        if gone == kept:
            raise LedgerError(f"{name!r} and {into!r} are one organization already: nothing to merge.")
        mentions = _mentions_of(connection, gone)
        target = {"organization": gone, "into": kept}
        judgement = _add(connection, "merge_organizations", target, when, mentions)
        row = {"organization_id": gone, "known_from": when.at, "known_to": None}
        add_rows(connection, OrganizationMerge, [{**row, "into_id": kept, "judgement_id": judgement}], reopen=True)
        return judgement

    return ledger.write(work)


def undo(ledger: Ledger, judgement_id: str, *, signed: Signed) -> None:
    """Take a judgement back from an instant on; until then it goes on to be seen as of earlier days.

    Raises LedgerError where there is none of that id, or it is undone already.
    """

    def work(connection: Connection) -> None:
        when = signed.checked()
        mine = _JUDGEMENTS.c.judgement_id == judgement_id
        row = connection.execute(select(_JUDGEMENTS).where(mine, _JUDGEMENTS.c.known_to.is_(None))).first()
        if row is None:
            raise LedgerError(f"No standing judgement has the id {judgement_id}: list them with review --judgements.")
        at = max(when.at, row.known_from)
        undone = {"known_to": at, "undone_by": when.reviewer, "undone_because": when.reason}
        connection.execute(update(_JUDGEMENTS).where(mine).values(undone))
        connection.execute(update(_MERGES).where(_MERGES.c.judgement_id == judgement_id).values(known_to=at))
        _look_again(connection, _concerned(connection, row), at)

    ledger.write(work)


def list_judgements(ledger: Ledger, *, standing: bool = True) -> tuple[Decision, ...]:
    """Judgements by time; all of them, undone ones too, where not ``standing``."""
    query = select(_JUDGEMENTS).order_by(_JUDGEMENTS.c.known_from, _JUDGEMENTS.c.judgement_id)
    with ledger.read() as connection:
        rows = connection.execute(query.where(_JUDGEMENTS.c.known_to.is_(None)) if standing else query).all()
    return tuple(Decision(**row._mapping) for row in rows)


def judge_again(connection: Connection) -> None:
    """Let ``settle`` look at everything that was ever judged, at the instants at which it was."""
    for at, mentions in judged_instants(connection):
        _look_again(connection, mentions, at)


def judged_instants(connection: Connection) -> list[tuple[str, list[str]]]:
    """The instants at which something was judged or a judgement undone, each with the mentions concerned."""
    rows = connection.execute(select(_JUDGEMENTS)).all()
    return [(at, _concerned(connection, row)) for row in rows for at in (row.known_from, row.known_to) if at]


def _judge_claims(ledger: Ledger, kind: str, deal_id: str, field: str, signed: Signed) -> str:
    def work(connection: Connection) -> str:
        claims = _claims_behind(connection, _resolved(connection, deal_id), field)
        target = {"field": field, "claims": sorted({(row.mention_id, row.value) for row in claims})}
        return _add(connection, kind, target, signed.checked(), sorted({row.mention_id for row in claims}))

    return ledger.write(work)


def _claims_behind(connection: Connection, deal_id: str, field: str) -> list[Row[Any]]:
    own = (_TERMS.c.deal_id == deal_id) & (_TERMS.c.field == field) & _TERMS.c.known_to.is_(None)
    row = connection.execute(select(_TERMS).where(own)).first()
    if row is None or row.value is None:
        raise LedgerError(f"The deal {deal_id} has no value for {field!r}: give it one with correct.")
    if row.basis == "derived":
        raise LedgerError(f"{field!r} of the deal {deal_id} is derived: judge the fields it comes from, or correct it.")
    ids = json.loads(row.detail)["claims"]
    open_claims = select_in(connection, _CLAIMS, "claim_id", ids, _CLAIMS.c.known_to.is_(None))
    return [claim for claim in open_claims if claim.field == field]


def _resolved(connection: Connection, deal_id: str) -> str:
    found = resolve_deal(connection, deal_id, bound=None)
    if found is None:
        raise LedgerError(f"No deal has the id {deal_id}: the view deals lists them.")
    return found


def _members(connection: Connection, deal_id: str) -> list[str]:
    mine = (_PLACES.c.deal_id == _resolved(connection, deal_id)) & _PLACES.c.known_to.is_(None)
    return list(connection.execute(select(_PLACES.c.mention_id).where(mine).order_by(_PLACES.c.mention_id)).scalars())


def _anchor(connection: Connection, deal_id: str, field: str) -> str:
    """The mention that carries a correction: that of the chosen claim, else the deal's first."""
    members = _members(connection, deal_id)
    claims = select_in(connection, _CLAIMS, "mention_id", members, _CLAIMS.c.known_to.is_(None))
    stating = sorted(claim.mention_id for claim in claims if claim.field == field)
    own = _resolved(connection, deal_id)
    return stating[0] if stating else own if own in members else members[0]


def _organization(connection: Connection, name: str, instant: str) -> str:
    found = find_organizations(connection, name, bound=_FAR)
    company = listed(name) or resolve([name])
    if not found and company.origin == "lexicon":
        add_organizations(connection, [[company.name]], instant=instant)
        return company.organization_id
    if len(found) != 1:
        raise LedgerError(f"No organization goes by {name!r}: the view organizations lists them.")
    return next(iter(found))


def _mentions_of(connection: Connection, organization_id: str) -> list[str]:
    """Mentions with a party of this organization, or of one that was merged into it."""
    rows = connection.execute(select(_MERGES).where(_MERGES.c.known_to.is_(None))).all()
    ids, size = {organization_id}, 0
    while size != len(ids):
        size = len(ids)
        ids |= {row.organization_id for row in rows if row.into_id in ids}
    return sorted({row.mention_id for row in select_in(connection, _PARTIES, "organization_id", ids)})


def _read_value(field: str, value: str) -> Value:
    if field not in DEAL_FIELDS:
        raise LedgerError(f"{field!r} is no field that can be corrected: take one of {', '.join(DEAL_FIELDS)}.")
    known: Value = value.strip()
    if is_amount(field):
        try:
            known = Decimal(value.replace(",", "").strip())
        except InvalidOperation as error:
            raise LedgerError(f"{field!r} takes a plain number, not {value!r}.") from error
    elif field in NAME_FIELDS:
        parts = value.split(",") if field == "gpu_model" else [value]
        known = tuple(part.strip() for part in parts if part.strip())
    fault = value_fault(Stated(field=field, value=known, evidence=_NOWHERE))
    if fault:
        raise LedgerError(f"{value!r} cannot be the {field} of a deal: {fault}.")
    return known


def _add(
    connection: Connection, kind: str, target: dict[str, Any], when: Signed, mentions: Sequence[str], value: str = ""
) -> str:
    said = encode_json(target)
    judgement_id = content_id("judgement", kind, said, value, when.reviewer, when.reason, when.at)
    row = {
        "judgement_id": judgement_id,
        "known_from": when.at,
        "known_to": None,
        "kind": kind,
        "target": said,
        "value": value,
        "reason": when.reason,
        "reviewer": when.reviewer,
        "undone_by": "",
        "undone_because": "",
    }
    add_rows(connection, JudgementRow, [row], reopen=True)
    _look_again(connection, mentions, when.at)
    return judgement_id


def _concerned(connection: Connection, row: Row[Any]) -> list[str]:
    target = json.loads(row.target)
    if row.kind == "merge_organizations":
        return _mentions_of(connection, target["organization"])
    return list(mentions_judged(target))


def _look_again(connection: Connection, mentions: Iterable[str], at: str) -> None:
    """Let ``settle`` look at mentions at an instant; those known only later are looked at when they become known."""
    starts: dict[str, str] = {}
    for row in select_in(connection, _MENTIONS, "mention_id", mentions):
        starts[row.mention_id] = min(row.known_from, starts.get(row.mention_id, row.known_from))
    rows = [{"instant": max(at, first), "mention_id": key} for key, first in sorted(starts.items())]
    add_rows(connection, Unsettled, rows)
