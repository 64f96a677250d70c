"""Flow ``watch``: between two briefs, the sources into the ledger."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.accounts import keep_account, tell_operator, write_account
from flows.extract_flow import extract
from flows.ingest_flow import ingest
from flows.plan import Ingested, Plan, Read
from flows.reconcile_flow import reconcile
from flows.sending import send_alerts
from flows.steps import count_contradictions
from megawatch.errors import BriefError
from megawatch.settings import read_settings


@task(cache_policy=NO_CACHE)
def mail_alerts() -> int:
    """Tell of large deals; how many messages left."""
    sent = send_alerts()
    if sent.problems:
        raise BriefError("; ".join(f"{problem.where}: {problem.what}" for problem in sent.problems[:10]))
    return len(sent.sent)


@flow(name="watch", on_failure=[tell_operator], on_crashed=[tell_operator])
def watch(plan: Plan | None = None, alert: bool = False) -> tuple[Ingested, Read, int]:
    """Ingest, extract and reconcile; with ``alert``, mail the readers who asked to hear of large deals at once."""
    plan = plan or Plan()
    ingested, read, touched = ingest(plan), extract(plan), reconcile()
    keep_account("watch", write_account(ingested, read, touched, contradictions=count_contradictions()))
    if alert and read_settings().smtp_host:
        mail_alerts()
    return ingested, read, touched
