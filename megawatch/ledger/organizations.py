"""Who is who: names to organizations, from the lexicon where it knows them, else organizations of their own.

The id of a company of the lexicon is the lexicon's; a name that only texts know gets an id made of the folded name, so
that the order of documents does not matter. Merging is a judgement (``review.py``): rows of ``organization_merges``
lead one id to another until undone; ids are never reused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import Connection, Row, select, update

from megawatch.ledger.rows import add_rows, select_in
from megawatch.ledger.tables import (
    OrganizationCandidate,
    OrganizationMerge,
    OrganizationName,
    OrganizationRow,
    table_of,
)
from megawatch.lexicons.companies import Company, fold_name, read_companies
from megawatch.market import content_id

LIKENESS = 88.0
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_ORGANIZATIONS = table_of(OrganizationRow)
_NAMES = table_of(OrganizationName)
_CANDIDATES = table_of(OrganizationCandidate)
_MERGES = table_of(OrganizationMerge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A company as the ledger knows it; ``parent_id`` is its owner's id, ``origin`` ``lexicon`` or ``text``."""

    organization_id: str
    name: str
    segment: str = ""
    ticker: str = ""
    cik: str = ""
    parent_id: str = ""
    origin: str = "text"


@lru_cache(maxsize=65536)
def name_key(name: str) -> str:
    """The key under which a name is looked up: folded, or the bare lower-case name where folding leaves nothing.

    >>> name_key("Marlowe Credit Partners, L.P.") == name_key("Marlowe Credit Partners")
    True
    """
    joined = _INITIALS.sub(lambda found: found[0].replace(".", ""), name)
    return fold_name(joined) or " ".join(name.casefold().split())


@cache
def _lexicon() -> dict[str, Company]:
    keys: dict[str, Company] = {}
    for company in read_companies():
        for name in company.names:
            keys.setdefault(name_key(name), company)
    for company in read_companies():
        for ticker in company.tickers:
            keys.setdefault(name_key(ticker), company)
    return keys


@cache
def _companies() -> dict[str, Company]:
    return {company.id: company for company in read_companies()}


def resolve(names: Sequence[str]) -> Organization:
    """The organization that the names of one party mean: the first name that the lexicon knows decides.

    Where it knows none, an organization of its own, named by the first (fullest) name.
    """
    lexicon = _lexicon()
    for name in names:
        company = lexicon.get(name_key(name))
        if company:
            return _from_lexicon(company)
    return Organization(organization_id=content_id("organization", name_key(names[0])), name=names[0])


def resolve_all(names: Sequence[str]) -> tuple[Organization, ...]:
    """Every organization that the names of a party mean, the main one first.

    A name that the lexicon knows counts on its own (co-leads, a target and its seller); the others are taken as other
    spellings of the party.
    """
    found = {resolve(names).organization_id: resolve(names)}
    for name in names:
        company = _lexicon().get(name_key(name))
        if company:
            found.setdefault(company.id, _from_lexicon(company))
    return tuple(found.values())


def _from_lexicon(company: Company) -> Organization:
    return Organization(
        organization_id=company.id,
        name=company.name,
        segment=company.segment,
        ticker=company.tickers[0] if company.tickers else "",
        cik=str(company.cik or ""),
        parent_id=company.parent or "",
        origin="lexicon",
    )


def listed(organization_id: str) -> Organization | None:
    """The company of the lexicon with that id, or None."""
    company = _companies().get(organization_id)
    return None if company is None else _from_lexicon(company)


def parents_of(organization_id: str) -> tuple[str, ...]:
    """The owners of a company of the lexicon, nearest first."""
    found: list[str] = []
    company = _companies().get(organization_id)
    while company and company.parent and company.parent not in found:
        found.append(company.parent)
        company = _companies().get(company.parent)
    return tuple(found)


def find_organizations_named(parties: Iterable[Sequence[str]]) -> tuple[Organization, ...]:
    """The organizations that the parties' names mean, and their owners, each once."""
    named = [(names, resolve(names)) for names in parties]
    unique = {found.organization_id: found for _, found in named}
    unique |= {one.organization_id: one for names, _ in named for one in resolve_all(names)}
    for owner in {owner for found in unique for owner in parents_of(found)} - set(unique):
        unique[owner] = _from_lexicon(_companies()[owner])
    return tuple(unique.values())


def add_organizations(connection: Connection, parties: Iterable[Sequence[str]], *, instant: str) -> None:
    """Write the organizations that the parties' names mean, and their names; those known before stay as they are."""
    write_organizations(connection, [(instant, found) for found in find_organizations_named(parties)])


def write_organizations(connection: Connection, dated: Iterable[tuple[str, Organization]]) -> None:
    """Write organizations, each with the instant from which it is known: of several the earliest counts."""
    earliest: dict[str, tuple[str, Organization]] = {}
    for instant, found in dated:
        before = earliest.get(found.organization_id)
        if before is None or (instant, found.name) < (before[0], before[1].name):
            earliest[found.organization_id] = (instant, found)
    known = {row.organization_id: row for row in select_in(connection, _ORGANIZATIONS, "organization_id", earliest)}
    for key, row in known.items():
        instant, found = earliest[key]
        _date_back(connection, row, found, instant)
    fresh = [one for key, one in earliest.items() if key not in known]
    add_rows(connection, OrganizationRow, [_row(found, instant) for instant, found in fresh])
    add_rows(connection, OrganizationName, [row for _, found in fresh for row in _name_rows(found)])
    _add_candidates(connection, [one for one in fresh if one[1].origin == "text"])


def _row(found: Organization, instant: str) -> dict[str, object]:
    return {
        "organization_id": found.organization_id,
        "known_from": instant,
        "name": found.name,
        "segment": found.segment,
        "ticker": found.ticker,
        "cik": found.cik,
        "parent_id": found.parent_id,
        "origin": found.origin,
    }


def _name_rows(found: Organization) -> list[dict[str, object]]:
    company = _companies().get(found.organization_id)
    names = (*company.names, *company.tickers) if company else (found.name,)
    keys = {name_key(name): name for name in reversed(names)}
    return [{"name_key": key, "organization_id": found.organization_id, "name": name} for key, name in keys.items()]


def _date_back(connection: Connection, row: Row[Any], found: Organization, instant: str) -> None:
    # Whatever the order of recording, an organization is known from its earliest document, under the name it has there.
    if (instant, found.name) < (row.known_from, row.name):
        known = {"known_from": instant}
        named = {"name": found.name} if row.origin == "text" else {}
        for table, own in ((_ORGANIZATIONS, known | named), (_CANDIDATES, known), (_NAMES, named)):
            if not own:
                continue
            connection.execute(update(table).where(table.c.organization_id == row.organization_id).values(own))


def _add_candidates(connection: Connection, unknown: Iterable[tuple[str, Organization]]) -> None:
    rows = [
        {"organization_id": found.organization_id, "like_id": like, "known_from": instant, "score": score}
        for instant, found in unknown
        for like, score in find_like(found.name)
    ]
    add_rows(connection, OrganizationCandidate, rows)


@cache
def _lexicon_keys() -> tuple[str, ...]:
    return tuple(key for key in _lexicon() if len(key) > 4)


@lru_cache(maxsize=65536)
def find_like(name: str) -> tuple[tuple[str, float], ...]:
    """Companies of the lexicon whose names look like this one, with the likeness in percent; at most three."""
    key = name_key(name)
    if len(key) <= 4:
        return ()
    best: dict[str, float] = {}
    for other, score, _ in process.extract(key, _lexicon_keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=3):
        company = _lexicon()[other].id
        best[company] = max(score, best.get(company, 0.0))
    return tuple(best.items())


def read_redirects(connection: Connection, *, bound: str) -> dict[str, str]:
    """Where merged ids lead, as believed at ``bound``: each to its last target."""
    visible = (_MERGES.c.known_from <= bound) & (_MERGES.c.known_to.is_(None) | (_MERGES.c.known_to > bound))
    direct = {row.organization_id: row.into_id for row in connection.execute(select(_MERGES).where(visible))}
    return {key: _follow(direct, key) for key in direct}


def read_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of organizations by id."""
    return {row.organization_id: row.name for row in select_in(connection, _ORGANIZATIONS, "organization_id", ids)}


def _follow(direct: Mapping[str, str], key: str) -> str:
    seen = {key}
    while key in direct and direct[key] not in seen:
        key = direct[key]
        seen.add(key)
    return key


def find_organizations(connection: Connection, name: str, *, bound: str) -> frozenset[str]:
    """Ids that a name, alias, ticker, CIK or id stands for, merged ones as what they lead to; empty where unknown."""
    query = select(_NAMES.c.organization_id).where(_NAMES.c.name_key == name_key(name))
    ids = set(connection.execute(query).scalars())
    ids |= set(connection.execute(select(_ORGANIZATIONS.c.organization_id).filter_by(organization_id=name)).scalars())
    cik = name.strip().lstrip("0")
    if cik.isdigit():
        ids |= set(connection.execute(select(_ORGANIZATIONS.c.organization_id).filter_by(cik=cik)).scalars())
    redirects = read_redirects(connection, bound=bound)
    return frozenset(redirects.get(key, key) for key in ids)
