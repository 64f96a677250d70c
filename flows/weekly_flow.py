"""Flow ``weekly``: the whole job once."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.accounts import keep_account, tell_operator, write_account
from flows.brief_flow import brief
from flows.extract_flow import extract
from flows.ingest_flow import ingest
from flows.plan import Account, Edition, Ingested, Plan
from flows.reconcile_flow import reconcile
from flows.sending import send_edition
from flows.steps import count_contradictions, store_folder
from megawatch.errors import BriefError
from megawatch.settings import read_settings


@task(cache_policy=NO_CACHE)
def store_files(folder: str, plan: Plan) -> Ingested:
    """Store the documents of a folder."""
    return store_folder(Path(folder), plan)


@task(cache_policy=NO_CACHE)
def mail_brief(edition: Edition) -> int:
    """Mail an edition to its subscribers; how many got it now."""
    sent = send_edition(week=edition.week)
    if sent.problems:
        told = "; ".join(f"{problem.where}: {problem.what}" for problem in sent.problems[:10])
        raise BriefError(f"{len(sent.problems)} readers of {edition.week} did not get it: {told}")
    return len(sent.sent)


@flow(name="weekly", on_failure=[tell_operator], on_crashed=[tell_operator])
def weekly(plan: Plan | None = None, folder: str = "", week: str = "", mail: bool = False) -> Account:
    """Ingest, extract, reconcile and write the brief; of a folder's documents where one is given.

    With ``mail`` the brief goes to its subscribers, where a mail server is set, and an edition that may not leave, or
    that did not reach everybody, fails the run.
    """
    plan = plan or Plan()
    ingested = store_files(folder, plan) if folder else ingest(plan)
    read = extract(plan)
    touched = reconcile()
    edition = brief(week)
    told, site = count_contradictions(), read_settings().site
    keep_account("weekly", write_account(ingested, read, touched, contradictions=told, edition=edition, site=site))
    if mail and not edition.folder:
        raise BriefError(edition.problems[0].what)
    if mail and read_settings().smtp_host:
        mail_brief(edition)
    return Account(ingested=ingested, read=read, touched=touched, edition=edition)
