"""The schedule: what runs when, served from one process or, by ``prefect.yaml``, from a work pool.

A run is idempotent by day, so late runs that pile up while a server was down do no harm; no two runs of one deployment
overlap.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval
from prefect.types.entrypoint import EntrypointType

from flows.watch_flow import watch
from flows.weekly_flow import weekly

WATCH_MINUTES = 30


def build_deployments(*, cron: str, timezone: str) -> tuple[RunnerDeployment, ...]:
    """The deployments: ``watch`` every half hour, ``weekly`` by ``cron`` (five fields) in ``timezone``.

    Each is named by module path, so that a worker elsewhere imports the same flow.
    """
    common: dict[str, Any] = {"entrypoint_type": EntrypointType.MODULE_PATH, "concurrency_limit": 1}
    every = Interval(timedelta(minutes=WATCH_MINUTES), timezone=timezone)
    weekly_runs = Cron(cron, timezone=timezone)
    made = (
        watch.to_deployment(name="watch", schedule=every, parameters={"alert": True}, **common),
        weekly.to_deployment(name="weekly", schedule=weekly_runs, parameters={"week": "last", "mail": True}, **common),
    )
    # Prefect types these as either the result or a coroutine of it; called outside an event loop, it is the result.
    return cast(tuple[RunnerDeployment, ...], made)


def serve_schedule(*, cron: str, timezone: str) -> None:
    """Serve the deployments until the process is stopped; the schedules stay on the server for the next start."""
    serve(*build_deployments(cron=cron, timezone=timezone), pause_on_shutdown=False, print_starting_message=False)
