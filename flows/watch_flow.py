"""Flow ``watch``: between two briefs, the sources into the ledger."""

from __future__ import annotations

from prefect import flow

from flows.extract_flow import extract
from flows.ingest_flow import ingest
from flows.plan import Ingested, Plan, Read
from flows.reconcile_flow import reconcile


@flow(name="watch")
def watch(plan: Plan | None = None) -> tuple[Ingested, Read, int]:
    """Ingest, extract and reconcile."""
    plan = plan or Plan()
    return ingest(plan), extract(plan), reconcile()
