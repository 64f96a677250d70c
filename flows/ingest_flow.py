"""Flow ``ingest``: the sources into the document store, a task a source, a few sources at once."""

from __future__ import annotations

from typing import Any, cast

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.plan import Ingested, Plan
from flows.progress import tell
from flows.steps import collect_source, sources_of
from megawatch.settings import read_settings


@task(cache_policy=NO_CACHE, task_run_name="collect-{source_id}")
def collect_one(source_id: str, plan: Plan) -> Ingested:
    """Ask one source."""
    return collect_source(source_id, plan)


# ThreadPoolTaskRunner narrows the class that @flow asks for, which mypy takes for another one.
FEW_AT_ONCE = cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=4))


@flow(name="ingest", task_runner=FEW_AT_ONCE)
def ingest(plan: Plan | None = None) -> Ingested:
    """Ask every enabled source once."""
    plan = plan or Plan()
    waiting = [collect_one.submit(spec.id, plan) for spec in sources_of(plan, read_settings())]
    found = Ingested()
    for done, future in enumerate(as_completed(waiting), start=1):
        found += future.result()
        tell("Asking sources", done, len(waiting))
    return found
