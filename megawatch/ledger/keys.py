"""The keys by which mentions and deals are found, kept beside them, and made anew where their form has changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, delete, select, update

from megawatch.ledger.claims import Mention
from megawatch.ledger.clusters import Reading, blocking_keys
from megawatch.ledger.links import write_deal_keys
from megawatch.ledger.load import OWN_KEY, Loader
from megawatch.ledger.review import judged_instants
from megawatch.ledger.rows import add_rows
from megawatch.ledger.tables import DealKey, DealRow, MentionKey, MentionRow, SettleState, table_of

FORM = "3"
_STATE = table_of(SettleState)


def write_mention_keys(connection: Connection, mentions: Iterable[Mention], reading: Reading) -> None:
    """Keep the keys by which mentions are found; those of earlier times stay."""
    rows = [
        {"key": key, "mention_id": one.mention_id}
        for one in mentions
        for key in sorted(blocking_keys(one, reading=reading))
        if not key.startswith(OWN_KEY)
    ]
    add_rows(connection, MentionKey, rows)


def renew_keys(connection: Connection, form: str | None, *, settled: bool) -> None:
    """Make every key anew where ``form``, the one in which they were written, is not the present one.

    ``settled`` is False in a ledger that has no keys yet.
    """
    if form == FORM:
        return
    if settled:
        _write_anew(connection)
    if form is None:
        add_rows(connection, SettleState, [{"name": "keys", "value": FORM}])
    else:
        connection.execute(update(_STATE).where(_STATE.c.name == "keys").values(value=FORM))


def _write_anew(connection: Connection) -> None:
    for table in (table_of(MentionKey), table_of(DealKey)):
        connection.execute(delete(table))
    for instant, ids in sorted(_instants(connection).items()):
        write_mention_keys(connection, Loader(connection, instant).load(ids).values(), Reading())
    for instant, ids in sorted(_grouped(connection, DealRow, "deal_id").items()):
        write_deal_keys(connection, ids, instant)


def _instants(connection: Connection) -> dict[str, set[str]]:
    """The instants at which mentions became what they are: known, or judged."""
    found = _grouped(connection, MentionRow, "mention_id")
    for instant, ids in judged_instants(connection):
        found[instant] |= set(ids)
    return found


def _grouped(connection: Connection, model: type[MentionRow] | type[DealRow], name: str) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    columns = table_of(model).c
    for instant, key in connection.execute(select(columns.known_from, columns[name])):
        found[instant].add(key)
    return found
