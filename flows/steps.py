"""The steps of a run as plain functions over the rooms; the flows wrap them, the commands call them too.

A step opens what it needs from the settings and a plan and closes it again: between steps only ids, counts and the
words of what went wrong are passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from flows.plan import Ingested, Plan, Problem, Read
from megawatch.ledger import open_ledger
from megawatch.ledger.open import Ledger
from megawatch.market import Document, SourceHealth
from megawatch.settings import Settings, read_settings
from megawatch.sources.http import PoliteClient
from megawatch.sources.specs import SourceSpec, read_catalog
from megawatch.sources.store import DocumentStore

BATCH = 50
"""Documents a batch: a task costs Prefect some milliseconds, a document costs the extractors about as much."""


def now_of(plan: Plan) -> datetime:
    """The instant of a run: the plan's where it fixes one, else the clock's (UTC)."""
    return datetime.fromisoformat(plan.now) if plan.now else datetime.now(UTC)


def sources_of(plan: Plan, settings: Settings) -> tuple[SourceSpec, ...]:
    """The enabled sources of a plan; SourceError where a TOML file does not keep the form."""
    folder = plan.sources or settings.sources
    return tuple(spec for spec in read_catalog(Path(folder) if folder else None) if spec.enabled)


def known_at(document: Document, plan: Plan) -> str | None:
    """From when the ledger knows a document: its retrieval, or by the plan's clock its own date; None without one."""
    if plan.clock == "published":
        return document.published or plan.undated or None
    return document.retrieved_at or now_of(plan).isoformat(timespec="seconds")
