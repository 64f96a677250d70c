"""Flow ``backfill``: a whole archive, read on a Dask cluster and written by one hand.

Workers only read: they open the store, which they must see under the same path, and give back findings. This process
records them in the order of the documents, so that the ledger is that of a single process; what it has recorded is not
read again, so that a backfill that was cut off goes on where it stopped. A dead worker's part goes to another.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from prefect import flow
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner
from prefect_dask.task_runners import DaskTaskRunner

from flows.plan import Plan, Read
from flows.progress import tell
from flows.steps import Found, find_documents, record_documents, unread
from megawatch.settings import read_settings

PART = 100
"""Documents a part: a second or two of a worker's time."""
AHEAD = 4
"""Parts a worker that may wait, so that findings do not pile up in memory."""
DEATHS = 20
"""How often a part may take its worker with it before it is given up."""


@flow(name="backfill")
def backfill(plan: Plan | None = None) -> Read:
    """Read every stored document that this version of the extractors has not yet read, on the runner's cluster."""
    plan = plan or Plan()
    ids = unread(plan)
    parts = [ids[start : start + PART] for start in range(0, len(ids), PART)]
    found, done = Read(), 0
    for part in _in_order(_client(), parts):
        found += record_documents(part, plan)
        done += len(part)
        tell("Reading documents", done, len(ids))
    return found


def _client() -> Any:
    """The client of the cluster on which the flow runs; workers are given functions of ours, not tasks.

    A task would speak with Prefect's server for every part, and from every worker.
    """
    context = FlowRunContext.get()
    assert context is not None
    assert isinstance(context.task_runner, DaskTaskRunner)
    return context.task_runner.client


def run_backfill(plan: Plan, *, scheduler: str = "", workers: int = 2) -> Read:
    """Run the flow on the Dask cluster of ``scheduler`` (tcp://…), or on one of so many processes made here."""
    import dask

    kwargs = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    logging.getLogger("distributed").setLevel(logging.WARNING)
    made = DaskTaskRunner(address=scheduler) if scheduler else DaskTaskRunner(cluster_kwargs=kwargs)
    runner = cast(TaskRunner[PrefectFuture[Any]], made)
    with dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}):
        return backfill.with_options(task_runner=runner)(plan)


def _in_order(client: Any, parts: Sequence[tuple[str, ...]]) -> Iterator[tuple[Found, ...]]:
    folder: Path = read_settings().store.resolve()
    room = AHEAD * max(1, len(client.scheduler_info()["workers"]))
    waiting: list[Any] = []
    for part in parts:
        waiting.append(client.submit(find_documents, part, folder, pure=False))
        if len(waiting) >= room:
            yield waiting.pop(0).result()
    while waiting:
        yield waiting.pop(0).result()
