"""The companies of this market, as facts: names, tickers, segment, owner."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from megawatch.errors import LexiconError
from megawatch.lexicons.loader import Entry, check_unique, read_entries

COMPANIES = Path(__file__).with_name("companies.jsonl")
SEGMENTS = frozenset(
    (
        *("neocloud", "hpc_landlord", "hyperscaler", "ai_lab", "chipmaker", "server_maker", "power", "marketplace"),
        *("data_provider", "financier", "developer", "telecom", "enterprise"),
    )
)
SUFFIXES = frozenset(
    (
        *("inc", "incorporated", "corp", "corporation", "ltd", "limited", "plc", "llc", "lp", "llp", "co", "company"),
        *("nv", "ag", "sa", "se", "asa", "ab", "gmbh", "bv", "the", "holdings", "holding", "group", "pte", "pty", "kk"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company of the lexicon; ``names`` holds its name and then its aliases, ``parent`` the id of its owner."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    tickers: tuple[str, ...] = ()
    cik: int | None = None
    segment: str = ""
    parent: str | None = None
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name in use, the usual one first."""
        return (self.name, *self.aliases)


def fold_name(name: str) -> str:
    """Fold a name for comparison: no case, accents, punctuation, possessive or legal form.

    >>> fold_name("Applied Digital Corp.") == fold_name("APPLIED DIGITAL")
    True
    """
    plain = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("&", " and ").replace("'s", ""))
    return " ".join([word for word in words if word not in SUFFIXES] or words)


def read_companies(path: Path = COMPANIES) -> tuple[Company, ...]:
    """Read the companies of a file, in its order.

    Raises LexiconError where ids or names are shared, a segment or an owner is unknown, or a line breaks the format.
    """
    entries = read_entries(
        path,
        required=("id", "name", "segment", "examples"),
        optional=("aliases", "tickers", "cik", "parent", "not_examples"),
    )
    check_unique(path, entries, key="id")
    companies = tuple(_company(entry) for entry in entries)
    _check(path, companies)
    return companies


def _company(entry: Entry) -> Company:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Company(**values)


def _check(path: Path, companies: tuple[Company, ...]) -> None:
    ids = {company.id for company in companies}
    owners: dict[str, str] = {}
    for company in companies:
        if company.segment not in SEGMENTS:
            raise LexiconError(f"{path.name}: {company.id} has the unknown segment {company.segment!r}")
        if company.parent is not None and company.parent not in ids - {company.id}:
            raise LexiconError(
                f"{path.name}: {company.id} has the parent {company.parent!r}, which is no other line's id"
            )
        for name in company.names:
            owner = owners.setdefault(name, company.id)
            if owner != company.id:
                raise LexiconError(f"{path.name}: the name {name!r} belongs to {owner} and to {company.id}; keep one")


@cache
def company_index() -> dict[str, Company]:
    """Every folded name of the bundled lexicon, to its company; see ``fold_name``."""
    return {fold_name(name): company for company in reversed(read_companies()) for name in reversed(company.names)}


@cache
def ticker_index() -> dict[str, Company]:
    """Every ticker of the bundled lexicon, to its company."""
    return {ticker: company for company in read_companies() for ticker in company.tickers}
