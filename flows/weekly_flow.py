"""Flow ``weekly``: the whole job once."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.brief_flow import brief
from flows.extract_flow import extract
from flows.ingest_flow import ingest
from flows.plan import Account, Ingested, Plan
from flows.reconcile_flow import reconcile
from flows.steps import store_folder


@task(cache_policy=NO_CACHE)
def store_files(folder: str, plan: Plan) -> Ingested:
    """Store the documents of a folder."""
    return store_folder(Path(folder), plan)


@flow(name="weekly")
def weekly(plan: Plan | None = None, folder: str = "", week: str = "") -> Account:
    """Ingest, extract, reconcile and write the brief; of a folder's documents where one is given."""
    plan = plan or Plan()
    ingested = store_files(folder, plan) if folder else ingest(plan)
    read = extract(plan)
    touched = reconcile()
    return Account(ingested=ingested, read=read, touched=touched, edition=brief(week))
