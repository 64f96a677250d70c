"""The steps of a run as plain functions over the rooms; the flows wrap them, the commands call them too.

A step opens what it needs from the settings and a plan and closes it again: between steps only ids, counts and the
words of what went wrong are passed.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.now import utc_now, utc_text
from flows.plan import Ingested, Plan, Problem, Read
from megawatch.errors import ExtractionError, LedgerError, MegawatchError
from megawatch.ledger import open_ledger
from megawatch.ledger.batch import Prepared, prepare, record_all
from megawatch.ledger.open import Ledger
from megawatch.ledger.record import RecordCounts, recorded_ids
from megawatch.market import Document, Findings
from megawatch.settings import Settings, read_settings
from megawatch.sources.http import PoliteClient
from megawatch.sources.language import foreign_language
from megawatch.sources.specs import SourceSpec, read_catalog
from megawatch.sources.store import DocumentStore

if TYPE_CHECKING:
    from extractors.pipeline import Reader

FILING_KINDS = ("edgar", "edgar_index")
BATCH = 50
"""Documents a batch: a task costs Prefect some milliseconds, a document costs the extractors about as much."""


def now_of(plan: Plan) -> datetime:
    """The instant of a run: the plan's where it fixes one, else the clock's (UTC)."""
    return datetime.fromisoformat(plan.now) if plan.now else utc_now()


def catalog_of(settings: Settings) -> tuple[SourceSpec, ...]:
    """Every source of the operator, switched-off ones too: the bundled catalog, and their own files over it by id."""
    own, bundled = settings.own_sources, read_catalog() if settings.catalog == "bundled" else ()
    found = {spec.id: spec for spec in bundled}
    if own.is_dir() or settings.sources:
        found |= {spec.id: spec for spec in read_catalog(own)}
    return tuple(found[key] for key in sorted(found))


def sources_of(plan: Plan, settings: Settings) -> tuple[SourceSpec, ...]:
    """The enabled sources of a plan; SourceError where a TOML file does not keep the form."""
    specs = read_catalog(Path(plan.sources)) if plan.sources else catalog_of(settings)
    wanted = {"filings": (True,), "news": (False,)}.get(plan.only, (True, False))
    return tuple(spec for spec in specs if spec.enabled and (spec.kind in FILING_KINDS) in wanted)


def known_at(document: Document, plan: Plan) -> str | None:
    """From when the ledger knows a document: its retrieval, or by the plan's clock its own date; None without either.

    A file that was handed over was never retrieved: it counts from its own date.
    """
    return _since(document.published, document.retrieved_at, plan)


def _since(published: str | None, retrieved_at: str | None, plan: Plan) -> str | None:
    own = published or plan.undated or None
    return own if plan.clock == "published" else retrieved_at or own


@contextmanager
def open_store(settings: Settings) -> Iterator[DocumentStore]:
    """The operator's document store, closed after the block."""
    with DocumentStore(settings.store) as store:
        yield store


def open_client(plan: Plan, settings: Settings) -> PoliteClient:
    """A client that says who asks; the copies that a plan names are fetched instead of what they stand for."""
    return PoliteClient(contact=settings.contact or None, home=settings.home, mirror=plan.mirror)


def collect_source(source_id: str, plan: Plan) -> Ingested:
    """Ask one source and store what it has; whatever goes wrong with it is named and touches no other."""
    from megawatch.ledger.health import record_health
    from megawatch.sources.collect import collect

    settings = read_settings()
    spec = next(spec for spec in sources_of(plan, settings) if spec.id == source_id)
    with (
        open_store(settings) as store,
        open_client(plan, settings) as client,
        open_ledger(settings.ledger_url) as ledger,
    ):
        try:
            found = collect(spec, store=store, client=client, now=now_of(plan))
        except MegawatchError as error:
            return Ingested(sources=1, problems=(Problem(where=source_id, what=str(error)),))
        record_health(ledger, [found.health])
    faults = tuple(Problem(where=refusal.where, what=refusal.reason) for refusal in found.failures)
    if not faults and found.health.outcome != "ok":
        faults = (Problem(where=source_id, what=found.health.detail),)
    return Ingested(sources=1, items=found.health.items, stored=found.health.stored, problems=faults)


def store_folder(path: Path, plan: Plan) -> Ingested:
    """Store the documents of a folder or file; those without a date, where the plan gives none, are named and left."""
    from megawatch.sources.folders import read_folder
    from megawatch.sources.refusals import Refusal

    items = stored = 0
    problems: list[Problem] = []
    with open_store(read_settings()) as store:
        for found in read_folder(path, published=plan.undated or None):
            items += 1
            if isinstance(found, Refusal):
                problems.append(Problem(where=found.where, what=found.reason))
            elif found.published is None:
                problems.append(Problem(where=found.title or found.id, what="has no date; give one with --published."))
            else:
                stored += store.put(found).outcome == "new"
    return Ingested(sources=1, items=items, stored=stored, problems=tuple(problems))


def unread(plan: Plan) -> tuple[str, ...]:
    """The stored documents that this version of the extractors has not yet read, in the order they became known."""
    from extractors.pipeline import version_of

    settings = read_settings()
    with open_ledger(settings.ledger_url) as ledger, open_store(settings) as store:
        done = recorded_ids(ledger, extractor_version=version_of(reader_of(settings)))
        waiting = [
            (_since(published, retrieved_at, plan) or "", key)
            for key, published, retrieved_at in store.dates()
            if key not in done
        ]
    return tuple(found for _, found in sorted(waiting))


def reader_of(settings: Settings) -> Reader:
    """What reads, by the settings."""
    return "trained" if settings.reader == "trained" else "grammar"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What reading one stored document came to: what the ledger is to record of it, or why there is nothing.

    ``findings`` are pickled, since they are seldom asked for: where the ledger knows the document already.
    """

    document_id: str
    where: str
    prepared: Prepared | None = None
    findings: bytes = b""
    problem: str = ""


def find_documents(ids: Sequence[str], folder: Path, plan: Plan, reader: Reader) -> tuple[Found, ...]:
    """Read documents of the store in a folder, in their order; works wherever that folder can be seen."""
    with DocumentStore(folder) as store:
        return tuple(_find_one(store.get(key), store.group_of(key), plan, reader) for key in ids)


def _find_one(document: Document, group_id: str, plan: Plan, reader: Reader) -> Found:
    from extractors.pipeline import read_findings

    found = Found(document_id=document.id, where=document.url or document.title or document.id)
    since = known_at(document, plan)
    if since is None:
        return replace(found, problem="has no date; give one with --published.")
    if language := foreign_language(f"{document.title}\n{document.text}"):
        return replace(found, problem=f"is not in English ({language}); it is kept and not read.")
    try:
        findings = read_findings(document, reader=reader)
        prepared = prepare(document, findings, known_at=since, group_id=group_id)
    except (ExtractionError, LedgerError) as error:
        return replace(found, problem=str(error))
    return replace(found, prepared=prepared, findings=pickle.dumps(findings))


def record_documents(found: Sequence[Found], plan: Plan) -> Read:
    """Write what was found into the operator's ledger, as ``record_found`` does."""
    settings = read_settings()
    with open_ledger(settings.ledger_url) as ledger, open_store(settings) as store:
        return record_found(found, plan, ledger, store)


def record_found(found: Sequence[Found], plan: Plan, ledger: Ledger, store: DocumentStore) -> Read:
    """Write what was found into a ledger, together; where it cannot be, one by one, what fails being named."""
    # By the clock, what a new reading corrects was believed until now; told by dates, a story has one reading.
    reread = None if plan.clock == "published" else utc_text()
    try:
        return _record(found, ledger, store, reread)
    except LedgerError as error:
        if len(found) == 1:
            return Read(problems=(Problem(where=found[0].where, what=str(error)),))
    return sum((record_found([one], plan, ledger, store) for one in found), Read())


def _record(found: Sequence[Found], ledger: Ledger, store: DocumentStore, reread_at: str | None) -> Read:
    findings = {one.document_id: one.findings for one in found}

    def whole(document_id: str) -> tuple[Document, Findings]:
        return store.get(document_id), pickle.loads(findings[document_id])

    ready = [one.prepared for one in found if one.prepared]
    counts = iter(record_all(ledger, ready, whole=whole, reread_at=reread_at))
    return sum((_told(one, next(counts) if one.prepared else None) for one in found), Read())


def _told(one: Found, counts: RecordCounts | None) -> Read:
    if counts is None:
        return Read(problems=(Problem(where=one.where, what=one.problem),))
    refused = tuple(Problem(where=one.where, what=f"{n} claims refused: {why}") for why, n in counts.refused.items())
    return Read(
        documents=counts.documents,
        deals=counts.mentions,
        prices=counts.prices,
        claims=counts.claims,
        leftovers=counts.leftovers,
        problems=refused,
    )


def read_documents(ids: Sequence[str], plan: Plan) -> Read:
    """Extract a batch of stored documents and record them."""
    settings = read_settings()
    return record_documents(find_documents(ids, settings.store, plan, reader_of(settings)), plan)


def settle_deals(*, anew: bool = False) -> int:
    """Cluster and reconcile what was recorded since the last time, or all of it anew; how many deals were touched."""
    from megawatch.ledger.reconcile import settle, settle_anew

    with open_ledger(read_settings().ledger_url) as ledger:
        return (settle_anew if anew else settle)(ledger).deals


def count_contradictions() -> int:
    """How many contradictions stand in the ledger now."""
    from megawatch.ledger.queries import run_query

    with open_ledger(read_settings().ledger_url) as ledger:
        return int(str(run_query(ledger, "select count(*) from contradictions").rows[0][0]))


def newest_week() -> tuple[str, str]:
    """The ISO week of the newest document that the ledger knows, and that week's Sunday.

    Raises LedgerError where the ledger holds no document yet.
    """
    from megawatch.ledger.queries import newest_document_day

    with open_ledger(read_settings().ledger_url) as ledger:
        day = newest_document_day(ledger)
    if day is None:
        raise LedgerError("The ledger holds no document yet: start with `megawatch run` or `megawatch ingest`.")
    year, week, _ = date.fromisoformat(day[:10]).isocalendar()
    return f"{year}-W{week:02d}", date.fromisocalendar(year, week, 7).isoformat()
