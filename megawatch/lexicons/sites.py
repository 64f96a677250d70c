"""Places and campuses of this market: states, countries, towns where data centers stand, named sites."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from megawatch.errors import LexiconError
from megawatch.lexicons.loader import Entry, check_unique, read_entries

SITES = Path(__file__).with_name("sites.jsonl")
SITE_KINDS = ("campus", "town", "county", "state", "region", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place; ``kind`` is one of ``SITE_KINDS`` (finest first), ``within`` the id of the place around it."""

    id: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    within: str | None = None
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name in use, the usual one first."""
        return (self.name, *self.aliases)


def read_sites(path: Path = SITES) -> tuple[Site, ...]:
    """Read the places of a file, in its order.

    Raises LexiconError where ids or names are shared, a kind or a surrounding place is unknown, or a line breaks the
    format.
    """
    entries = read_entries(
        path, required=("id", "name", "kind", "examples"), optional=("aliases", "within", "not_examples")
    )
    check_unique(path, entries, key="id")
    sites = tuple(_site(entry) for entry in entries)
    _check(path, sites)
    return sites


def _site(entry: Entry) -> Site:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Site(**values)


def _check(path: Path, sites: tuple[Site, ...]) -> None:
    ids = {site.id for site in sites}
    owners: dict[str, str] = {}
    for site in sites:
        if site.kind not in SITE_KINDS:
            raise LexiconError(f"{path.name}: {site.id} has the unknown kind {site.kind!r}; use one of {SITE_KINDS}")
        if site.within is not None and site.within not in ids - {site.id}:
            raise LexiconError(f"{path.name}: {site.id} lies within {site.within!r}, which is no other line's id")
        for name in site.names:
            owner = owners.setdefault(name, site.id)
            if owner != site.id:
                raise LexiconError(f"{path.name}: the name {name!r} belongs to {owner} and to {site.id}; keep one")


@cache
def site_index() -> dict[str, Site]:
    """Every name of the bundled lexicon, as written, to its place."""
    return {name: site for site in read_sites() for name in site.names}
