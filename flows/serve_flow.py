"""The schedule: what runs when, served from one process or, by ``prefect.yaml``, from a work pool.

A run is idempotent by day, and no two runs overlap. Of late runs that piled up while nothing served them, the newest
of each deployment is done and the others are cancelled.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from prefect import serve
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval
from prefect.states import Cancelled
from prefect.types.entrypoint import EntrypointType

from flows.now import utc_now
from flows.verify_flow import verify
from flows.watch_flow import watch
from flows.weekly_flow import weekly

WATCH_MINUTES = 30
FILINGS_CRON = "10 * * * 1-5"
VERIFY_CRON = "30 3 * * *"


def build_deployments(*, cron: str, timezone: str) -> tuple[RunnerDeployment, ...]:
    """The deployments, their hours in ``timezone``.

    ``watch`` asks the news every half hour and ``filings`` the SEC every hour on weekdays, both down to settled deals
    and alerts; ``weekly`` asks everything and writes and sends the brief, by ``cron``; ``verify`` comes each night.

    Each is named by module path, so that a worker elsewhere imports the same flow.
    """
    common: dict[str, Any] = {"entrypoint_type": EntrypointType.MODULE_PATH, "concurrency_limit": 1}
    every = Interval(timedelta(minutes=WATCH_MINUTES), timezone=timezone)
    weekly_runs, hourly, nightly = (Cron(one, timezone=timezone) for one in (cron, FILINGS_CRON, VERIFY_CRON))
    made = (
        watch.to_deployment(name="watch", schedule=every, parameters=_watching("news"), **common),
        watch.to_deployment(name="filings", schedule=hourly, parameters=_watching("filings"), **common),
        weekly.to_deployment(name="weekly", schedule=weekly_runs, parameters={"week": "last", "mail": True}, **common),
        verify.to_deployment(name="verify", schedule=nightly, **common),
    )
    # Prefect types these as either the result or a coroutine of it; called outside an event loop, it is the result.
    return cast(tuple[RunnerDeployment, ...], made)


def _watching(only: str) -> dict[str, Any]:
    return {"plan": {"only": only}, "alert": True}


def serve_schedule(*, cron: str, timezone: str) -> None:
    """Serve the deployments until the process is stopped; the schedules stay on the server for the next start."""
    serve_deployments(build_deployments(cron=cron, timezone=timezone))


def serve_deployments(deployments: Sequence[RunnerDeployment]) -> None:
    """Serve deployments until the process is stopped, one run at a time."""
    with get_client(sync_client=True) as client:
        for deployment in deployments:
            collapse_late_runs(client, str(deployment.name))
    serve(*deployments, limit=1, pause_on_shutdown=False, print_starting_message=False)


def collapse_late_runs(client: SyncPrefectClient, deployment: str) -> int:
    """Cancel all late runs of a deployment but the newest of those with the same parameters; how many."""
    late = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": utc_now()}),
    )
    runs = client.read_flow_runs(
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
        flow_run_filter=late,
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
    )
    kept: set[str] = set()
    cancelled = 0
    for run in runs:
        same = json.dumps(run.parameters, sort_keys=True, default=str)
        if same in kept:
            client.set_flow_run_state(run.id, Cancelled(message="A later run does the same."), force=True)
            cancelled += 1
        kept.add(same)
    return cancelled
