"""Settling: mentions become deals, instant by instant, touching only the deals that a change may concern.

What is written follows from the recorded rows alone: at each instant at which a mention appeared, changed or went, the
mentions it may concern are clustered anew and each deal is assembled from what was believed then; rows that say the
same stay open, others are closed and followed. A document recorded late but known earlier makes ``settle`` walk again
from that day, for its neighbours only. One transaction a step: a crash loses nothing and the next call goes on.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlmodel import SQLModel

from megawatch.ledger.claims import Mention
from megawatch.ledger.clusters import Cluster, Reading, cluster, concerned, sought_keys
from megawatch.ledger.dealrows import Names, contradiction_row, deal_row, term_row
from megawatch.ledger.deals import assemble_deal
from megawatch.ledger.identity import Standing, name_deals
from megawatch.ledger.keys import renew_keys, write_mention_keys
from megawatch.ledger.links import write_links
from megawatch.ledger.load import Loader
from megawatch.ledger.open import Ledger
from megawatch.ledger.organizations import read_redirects
from megawatch.ledger.review import judge_again
from megawatch.ledger.rows import add_rows, delete_rows, is_among, select_in
from megawatch.ledger.spans import DEAL_KINDS, Believed
from megawatch.ledger.tables import (
    CandidateRow,
    ContradictionRow,
    DealKey,
    DealMentionRow,
    DealRow,
    LinkRow,
    MentionKey,
    MentionRow,
    SettleState,
    TermRow,
    Unsettled,
    table_of,
)
from megawatch.market import Deal

STEP = 400
_UNSETTLED = table_of(Unsettled)
_KEYS = table_of(MentionKey)
_MENTIONS = table_of(MentionRow)
_PLACES = table_of(DealMentionRow)
_STATE = table_of(SettleState)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCounts:
    """What settling looked at and wrote: mentions, deals assembled, deals whose rows changed, and steps taken."""

    mentions: int = 0
    deals: int = 0
    changed: int = 0
    steps: int = 0

    def __add__(self, other: SettleCounts) -> SettleCounts:
        return SettleCounts(
            mentions=self.mentions + other.mentions,
            deals=self.deals + other.deals,
            changed=self.changed + other.changed,
            steps=self.steps + other.steps,
        )


def settle(ledger: Ledger, *, progress: Callable[[SettleCounts], None] | None = None) -> SettleCounts:
    """Bring the deals up to date with everything recorded; nothing where nothing was.

    ``progress`` is called after each step with the counts so far. Raises LedgerError where the database refuses.
    """
    counts = SettleCounts()
    while step := ledger.write(_settle_uncollected):
        counts += step
        if progress:
            progress(counts)
    return counts


def settle_anew(ledger: Ledger, *, progress: Callable[[SettleCounts], None] | None = None) -> SettleCounts:
    """Forget every deal and settle all that was recorded from the first day on, as after a change of the rules.

    The result is what an uninterrupted history under the present rules would have left; what was recorded or judged
    stays. Raises LedgerError where the database refuses.
    """
    ledger.write(_forget)
    return settle(ledger, progress=progress)


def _forget(connection: Connection) -> None:
    _lock(connection)
    forgotten: tuple[type[SQLModel], ...] = (*DEAL_KINDS, LinkRow, DealKey, MentionKey, SettleState, Unsettled)
    for model in forgotten:
        connection.execute(delete(table_of(model)))
    ends = select(_MENTIONS.c.known_to, _MENTIONS.c.mention_id).where(_MENTIONS.c.known_to.is_not(None))
    events = select(_MENTIONS.c.known_from, _MENTIONS.c.mention_id).union(ends)
    connection.execute(insert(_UNSETTLED).from_select(["instant", "mention_id"], events))
    judge_again(connection)


def count_unsettled(ledger: Ledger) -> int:
    """How many mentions wait for ``settle``."""
    with ledger.read() as connection:
        return int(connection.execute(select(func.count()).select_from(_UNSETTLED)).scalar_one())


def _settle_uncollected(connection: Connection) -> SettleCounts | None:
    # A step makes some hundred thousand small objects and no cycles: collecting in the middle of it finds nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _settle_step(connection)
    finally:
        if collecting:
            gc.enable()


def _settle_step(connection: Connection) -> SettleCounts | None:
    _lock(connection)
    instant = connection.execute(select(func.min(_UNSETTLED.c.instant))).scalar()
    if instant is None:
        return None
    waiting = select(_UNSETTLED.c.mention_id).where(_UNSETTLED.c.instant == instant)
    ids = list(connection.execute(waiting.order_by(_UNSETTLED.c.mention_id).limit(STEP)).scalars())
    state = {row.name: row.value for row in connection.execute(select(_STATE))}
    until = state.get("until")
    renew_keys(connection, state.get("keys"), settled=until is not None)
    counts = _Step(connection, instant, late=until is not None and instant < until).run(ids)
    delete_rows(connection, _UNSETTLED, [{"instant": instant, "mention_id": key} for key in ids])
    _remember(connection, until, instant)
    return counts


def _lock(connection: Connection) -> None:
    # One settles at a time; SQLite sees to that by itself.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7303)"))


def _remember(connection: Connection, until: str | None, instant: str) -> None:
    if until is None:
        add_rows(connection, SettleState, [{"name": "until", "value": instant}])
    elif instant > until:
        connection.execute(update(_STATE).where(_STATE.c.name == "until").values(value=instant))


class _Step:
    """Settles some mentions at one instant; ``late`` where later instants have been settled before."""

    def __init__(self, connection: Connection, instant: str, *, late: bool) -> None:
        self.connection = connection
        self.instant = instant
        self.late = late
        self.loader = Loader(connection, instant)
        self.reading = Reading()

    def run(self, ids: Sequence[str]) -> SettleCounts:
        present = self.loader.load(ids)
        write_mention_keys(self.connection, present.values(), self.reading)
        if self.late:
            self._walk_again_with_neighbours(present.values())
        scope, held = self._scope(ids, present)
        believed = Believed(self.connection, self.instant, set(held))
        if self.late:
            self._walk_again(believed)
        believed.rewind()
        pairs = self.loader.judged.pairs
        clusters = cluster(scope.values(), judgements=pairs, reading=self.reading)
        named = name_deals(clusters, self._standings(scope), believed.members())
        deals = {key: self._assemble(key, group, scope) for key, group in named.items()}
        changed = self._write(believed, named, deals)
        return SettleCounts(mentions=len(ids), deals=len(deals), changed=changed, steps=1)

    def _scope(self, ids: Sequence[str], present: Mapping[str, Mention]) -> tuple[dict[str, Mention], frozenset[str]]:
        """Every mention whose deal may change, and the deals that hold them now or held them from this instant on."""
        new = dict(present)
        looked = set(ids)
        while True:
            pairs = self.loader.judged.pairs
            found = concerned(new.values(), self.loader.find, judgements=pairs, reading=self.reading)
            scope = {one.mention_id: one for one in found}
            looked |= set(scope)
            deals, members = self._deals_of(looked)
            mates = self.loader.load(members - looked)
            looked |= members
            if not mates:
                return scope, frozenset(deals)
            new = scope | mates

    def _deals_of(self, mention_ids: Iterable[str]) -> tuple[set[str], set[str]]:
        still = _PLACES.c.known_to.is_(None) | (_PLACES.c.known_to >= self.instant)
        if self.late is False:
            still = still & (_PLACES.c.known_from <= self.instant)
        deals = {row.deal_id for row in select_in(self.connection, _PLACES, "mention_id", mention_ids, still)}
        members = {row.mention_id for row in select_in(self.connection, _PLACES, "deal_id", deals, still)}
        return deals, members

    def _walk_again_with_neighbours(self, mentions: Iterable[Mention]) -> None:
        """Mentions that became known later, and were settled then without these, are looked at again."""
        rows = []
        waiting = select(_UNSETTLED.c.mention_id).where(
            _UNSETTLED.c.instant == _MENTIONS.c.known_from, _UNSETTLED.c.mention_id == _MENTIONS.c.mention_id
        )
        for one in mentions:
            keys = sorted(sought_keys(one, reading=self.reading))
            near = select(_KEYS.c.mention_id).where(is_among(self.connection, _KEYS.c.key, keys))
            later = select(_MENTIONS.c.known_from, _MENTIONS.c.known_to).where(
                _MENTIONS.c.mention_id.in_(near), ~waiting.exists()
            )
            instants = {at for row in self.connection.execute(later) for at in row if at and at > self.instant}
            rows += [{"instant": at, "mention_id": one.mention_id} for at in sorted(instants)]
        add_rows(self.connection, Unsettled, rows)

    def _walk_again(self, believed: Believed) -> None:
        members = believed.members_ever()
        rows = [{"instant": at, "mention_id": key} for at in believed.later_instants() for key in sorted(members)]
        add_rows(self.connection, Unsettled, rows)

    def _standings(self, scope: Mapping[str, Mention]) -> dict[str, Standing]:
        return {key: Standing(one.document.known_from, one.document.published or "", key) for key, one in scope.items()}

    def _assemble(self, deal_id: str, group: Cluster, scope: Mapping[str, Mention]) -> Deal:
        mentions = [scope[key] for key in group.mention_ids]
        return assemble_deal(deal_id, mentions, known_from=self.instant)

    def _write(self, believed: Believed, named: Mapping[str, Cluster], deals: Mapping[str, Deal]) -> int:
        redirects = read_redirects(self.connection, bound=self.instant)
        gone = believed.members().keys() - deals.keys()
        names = Names(self.connection, list(deals.values()), redirects)
        changed = believed.replace(DealRow, {(key,): deal_row(deal, names) for key, deal in deals.items()})
        changed |= believed.replace(
            TermRow, {(key, term.field): term_row(term, names) for key, deal in deals.items() for term in deal.terms}
        )
        believed.replace(
            ContradictionRow,
            {
                (one.contradiction_id, key): contradiction_row(one)
                for key, deal in deals.items()
                for one in deal.contradictions
            },
        )
        believed.replace(
            CandidateRow,
            {
                (key, one.left, one.right): {"score": float(one.score), "reason": "; ".join(one.reasons)}
                for key, group in named.items()
                for one in group.candidates
            },
        )
        changed |= believed.replace(
            DealMentionRow, {(key, mention): {} for key, group in named.items() for mention in group.mention_ids}
        )
        told = {key: deal for key, deal in deals.items() if key in changed}
        write_links(self.connection, self.instant, told, (changed | gone) - told.keys(), late=self.late)
        return len(changed)
