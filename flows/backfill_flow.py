"""Flow ``backfill``: a whole archive, read on a Dask cluster and written by one hand.

Workers only read: they open the archive and the store, which they must see under the same paths, and give back what
they found. This process writes it, in order, so that store and ledger are those of a single process. A dead worker's
part goes to another.
"""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from prefect import flow
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner
from prefect_dask.task_runners import DaskTaskRunner

from flows.parts import Done, Stored, packed, read_store, store_archive
from flows.plan import Plan, Read
from megawatch.errors import SourceError

AHEAD = 4
"""Parts a worker that may wait, so that findings do not pile up in memory."""
DEATHS = 20
"""How often a part may take its worker with it before it is given up."""
LOOK_S, PATIENCE_S = 20.0, 300.0
"""After how long without an outcome the workers are counted, and how long there may be none."""
CLUSTER = {
    "distributed.scheduler.allowed-failures": DEATHS,
    # Dask looks a hundred times a second at what each process is doing, for a page that nobody opens here.
    "distributed.worker.profile.enabled": False,
}


@flow(name="backfill")
def backfill(plan: Plan | None = None, archive: str = "", everything: bool = False) -> tuple[Stored, Read]:
    """Store an archive where one is given, then read what is stored and not yet read, on the runner's cluster."""
    plan, run = plan or Plan(), partial(in_order, _client())
    stored = store_archive(Path(archive), plan, run=run, everything=everything) if archive else Stored()
    return stored, read_store(plan, run=run)


def _client() -> Any:
    """The client of the cluster on which the flow runs; workers are given functions of ours, not tasks.

    A task would speak with Prefect's server for every part, and from every worker.
    """
    context = FlowRunContext.get()
    assert context is not None
    assert isinstance(context.task_runner, DaskTaskRunner)
    return context.task_runner.client


def run_backfill(
    plan: Plan, *, archive: str = "", everything: bool = False, scheduler: str = "", workers: int = 2
) -> tuple[Stored, Read]:
    """Run the flow on the Dask cluster of ``scheduler`` (tcp://…), or on one of so many processes made here."""
    import dask

    kwargs = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    logging.getLogger("distributed").setLevel(logging.WARNING)
    made = DaskTaskRunner(address=scheduler) if scheduler else DaskTaskRunner(cluster_kwargs=kwargs)
    runner = cast(TaskRunner[PrefectFuture[Any]], made)
    with dask.config.set(CLUSTER):
        return backfill.with_options(task_runner=runner)(plan, archive, everything)


def in_order(client: Any, work: Callable[[Any], Done], parts: Sequence[Any]) -> Iterator[Done]:
    """Do the work on the workers of a Dask client, a few parts ahead of the outcomes, which come in order.

    Raises SourceError where the cluster stays without any worker.
    """
    workers = max(1, _count(client))
    waiting: list[Any] = []
    for part in parts:
        waiting.append(client.submit(packed, work, part, pure=False))
        if len(waiting) >= AHEAD * workers:
            yield pickle.loads(_outcome(client, waiting.pop(0), workers))
    while waiting:
        yield pickle.loads(_outcome(client, waiting.pop(0), workers))


def _count(client: Any) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])


def _outcome(client: Any, waiting: Any, workers: int) -> bytes:
    """The outcome of one part; workers that did not come back are started anew where the cluster is ours."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return cast(bytes, waiting.result(timeout=LOOK_S))
        except TimeoutError:
            # A part may just be long; only a cluster without anybody is given up.
            left = _count(client)
            if left:
                until = time.monotonic() + PATIENCE_S
            elif time.monotonic() > until:
                raise SourceError(
                    "The cluster has no worker left: start some and call backfill again, it goes on where it stopped."
                ) from None
            if left < workers and hasattr(client.cluster, "scale"):
                client.cluster.scale(workers)
