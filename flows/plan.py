"""What one run is asked to do, in plain values only: Prefect keeps the parameters of every run in its database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Clock = Literal["retrieved", "published"]
Only = Literal["", "filings", "news"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which sources a run asks and by which clock the ledger learns of their documents.

    ``sources`` is a folder of TOML files (empty: the operator's sources), of which ``only`` picks those at the SEC
    (``filings``) or all but those (``news``); ``mirror`` maps
    prefixes of addresses to those they are fetched from instead. ``now`` fixes the instant of the run (UTC, ISO; empty:
    the clock's). With the clock ``published`` the ledger knows a document from its own date on, so that an edition of
    old documents is the same on any day; ``undated`` is the date of those that have none (empty: they are refused).
    """

    sources: str = ""
    only: Only = ""
    mirror: dict[str, str] = field(default_factory=dict)
    now: str = ""
    clock: Clock = "retrieved"
    undated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that could not be done: which source, document or file, and what was wrong with it."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What asking the sources came to; counts are of this run alone."""

    sources: int = 0
    items: int = 0
    stored: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Ingested) -> Ingested:
        """Both together."""
        return Ingested(
            sources=self.sources + other.sources,
            items=self.items + other.items,
            stored=self.stored + other.stored,
            problems=self.problems + other.problems,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What reading documents into the ledger came to."""

    documents: int = 0
    deals: int = 0
    prices: int = 0
    claims: int = 0
    leftovers: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Read) -> Read:
        """Both together."""
        return Read(
            documents=self.documents + other.documents,
            deals=self.deals + other.deals,
            prices=self.prices + other.prices,
            claims=self.claims + other.claims,
            leftovers=self.leftovers + other.leftovers,
            problems=self.problems + other.problems,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition in the folder of briefs; ``folder`` is empty where it may not leave, and ``problems`` say why."""

    week: str
    as_of: str
    folder: str = ""
    deals: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a whole run came to."""

    ingested: Ingested
    read: Read
    touched: int
    edition: Edition

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that could not be done, in the order of the steps."""
        return (*self.ingested.problems, *self.read.problems, *self.edition.problems)
