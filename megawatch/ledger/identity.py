"""Which cluster is which deal: ids last, are never reused, and lead on where deals were joined.

A deal's id is that of its earliest mention, so an old id leads to the deal that now holds that mention. A cluster keeps
the id of the deal that its earliest mention was in just before; where two clusters come out of one deal, the earlier
keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from megawatch.ledger.clusters import Cluster
from megawatch.market import content_id


class Standing(NamedTuple):
    """How early a mention is; the least is the earliest."""

    known_from: str
    published: str
    mention_id: str


def name_deals(
    clusters: Sequence[Cluster], standings: Mapping[str, Standing], before: Mapping[str, frozenset[str]]
) -> dict[str, Cluster]:
    """The clusters by deal id; ``before`` holds the deals just before, with their mentions."""
    homes = {mention: deal for deal, mentions in before.items() for mention in mentions}
    named: dict[str, Cluster] = {}
    for group in sorted(clusters, key=lambda one: min(standings[key] for key in one.mention_ids)):
        earliest = sorted(group.mention_ids, key=lambda key: standings[key])
        kept = [homes[key] for key in earliest if key in homes and homes[key] not in named]
        named[_free(kept[0] if kept else earliest[0], earliest, named, before)] = group
    return named


def _free(
    wanted: str, earliest: Sequence[str], named: Mapping[str, Cluster], before: Mapping[str, frozenset[str]]
) -> str:
    # A deal may go on without its first mention; should that mention come back alone, it gets an id of its own.
    while wanted in named or (wanted in before and before[wanted].isdisjoint(earliest)):
        wanted = content_id(wanted, "again")
    return wanted
