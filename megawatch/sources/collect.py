"""One source, one run: its entries, their pages, the documents, and how it went."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from megawatch.errors import SourceError
from megawatch.market import SourceHealth
from megawatch.sources import health as health_rules
from megawatch.sources.http import PoliteClient
from megawatch.sources.journal import Run
from megawatch.sources.readers import READERS
from megawatch.sources.refusals import Refusal
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore
from megawatch.sources.visit import ListError, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a run brought: its row of health, and the ids of documents that are new or changed since the last run.

    ``failures`` names the pages, filings and files that did not become documents and why; the first 300 of them.
    """

    health: SourceHealth
    document_ids: tuple[str, ...]
    failures: tuple[Refusal, ...] = ()


def collect(
    spec: SourceSpec, *, store: DocumentStore, client: PoliteClient, now: datetime | str | None = None
) -> Collected:
    """Read one source once: what is new or changed goes to the store, and how it went is told.

    Never raises for what the source does: the row of health names it. ``now`` is the instant of the run (UTC), which
    becomes ``retrieved_at``; the clock's where none is given. A run that was cut off is made good by the next.
    """
    moment = _instant(now)
    visit = Visit(spec=spec, store=store, client=client, now=moment)
    rest = health_rules.resting(store.journal.runs(spec.id), moment)
    if rest:
        return _ended(visit, "switched_off", rest)
    try:
        READERS[spec.kind](visit)
    except ListError as error:
        return _ended(visit, error.outcome, str(error))
    except SourceError as error:
        return _ended(visit, "not_readable", str(error))
    except (sqlite3.Error, OSError) as error:
        detail = f"{store.root}: {error}; look whether the disk is full, then run again"
        return Collected(
            health=_row(visit, "store_failed", detail), document_ids=tuple(visit.ids), failures=tuple(visit.refusals)
        )
    except Exception as error:  # a fault of ours in one source must not stop the others
        return _ended(visit, "error", f"{type(error).__name__}: {error}")
    return _ended(visit, *_outcome(visit))


def _instant(now: datetime | str | None) -> datetime:
    moment = datetime.fromisoformat(now) if isinstance(now, str) else now or datetime.now(UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _outcome(visit: Visit) -> tuple[str, str]:
    runs = (Run(health=_row(visit, "ok", ""), fresh=visit.fresh, empty=visit.empty), *_runs(visit))
    name, told = health_rules.warning(visit.spec, runs, visit.now, pages=visit.pages, empty=visit.empty)
    failed = visit.failures.total()
    if failed:
        kinds = ", ".join(f"{kind} {count}" for kind, count in visit.failures.most_common(5))
        told = "; ".join(
            part for part in (told, f"{failed} of {visit.items} failed ({kinds})", visit.refusals[0].reason) if part
        )
    return name or ("partial" if failed else "ok"), told


def _runs(visit: Visit) -> tuple[Run, ...]:
    return visit.store.journal.runs(visit.spec.id, most=2_000)


def _row(visit: Visit, outcome: str, detail: str) -> SourceHealth:
    return SourceHealth(
        source_id=visit.spec.id,
        publisher=visit.spec.publisher,
        checked_at=visit.moment,
        outcome=outcome,
        items=visit.items,
        stored=len(visit.ids),
        detail=detail[:1_000],
    )


def _ended(visit: Visit, outcome: str, detail: str) -> Collected:
    row = _row(visit, outcome, detail)
    visit.store.journal.add_run(Run(health=row, fresh=visit.fresh, empty=visit.empty))
    return Collected(health=row, document_ids=tuple(visit.ids), failures=tuple(visit.refusals))
