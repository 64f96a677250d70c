"""Flow ``watch``: between two briefs, the sources into the ledger."""

from __future__ import annotations

from prefect import flow

from flows.accounts import keep_account, tell_operator, write_account
from flows.extract_flow import extract
from flows.ingest_flow import ingest
from flows.plan import Ingested, Plan, Read
from flows.reconcile_flow import reconcile


@flow(name="watch", on_failure=[tell_operator], on_crashed=[tell_operator])
def watch(plan: Plan | None = None) -> tuple[Ingested, Read, int]:
    """Ingest, extract and reconcile."""
    plan = plan or Plan()
    ingested, read, touched = ingest(plan), extract(plan), reconcile()
    keep_account("watch", write_account(ingested, read, touched))
    return ingested, read, touched
