"""Flow ``extract``: stored documents into the ledger, a task a batch."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.plan import Plan, Read
from flows.progress import tell
from flows.steps import BATCH, read_documents, unread


@task(cache_policy=NO_CACHE)
def read_batch(ids: tuple[str, ...], plan: Plan) -> Read:
    """Extract and record one batch of documents."""
    return read_documents(ids, plan)


@flow(name="extract")
def extract(plan: Plan | None = None) -> Read:
    """Read every stored document that this version of the extractors has not yet read."""
    plan = plan or Plan()
    waiting = unread(plan)
    found = Read()
    for start in range(0, len(waiting), BATCH):
        tell("Reading documents", start, len(waiting))
        found += read_batch(waiting[start : start + BATCH], plan)
    tell("Reading documents", len(waiting), len(waiting))
    return found
