"""The schedule: what runs when, served from one process or, by ``prefect.yaml``, from a work pool.

A run is idempotent by day, and no two runs overlap. Of late runs that piled up while nothing served them, the newest
of each deployment is done and the others are cancelled; runs that ended with a schedule before are closed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
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
from prefect.states import Cancelled, Crashed
from prefect.types.entrypoint import EntrypointType

from flows.alarms import send_alarm
from flows.now import utc_now
from flows.verify_flow import verify
from flows.watch_flow import watch
from flows.weekly_flow import weekly
from megawatch.errors import MegawatchError
from megawatch.settings import read_settings

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
    names = [str(deployment.name) for deployment in deployments]
    with get_client(sync_client=True) as client:
        for name in names:
            collapse_late_runs(client, name)
        cut_off = sum(close_cut_off_runs(client, name, before=utc_now()) for name in names)
    if cut_off:
        _tell(f"{cut_off} runs were cut off when the schedule stopped. The next runs do what they left undone.")
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


def close_cut_off_runs(client: SyncPrefectClient, deployment: str, *, before: datetime) -> int:
    """End the runs of a deployment that began before an instant and never told of their end; how many.

    A schedule that ends takes its runs with it, as systemd does; where Prefect's server, its database or the machine
    is down at that moment, nobody else says so.
    """
    begun = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])),
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": before}),
    )
    named = DeploymentFilter(name=DeploymentFilterName(any_=[deployment]))
    runs = client.read_flow_runs(deployment_filter=named, flow_run_filter=begun)
    lost = [run for run in runs if run.state and run.state.timestamp < before]
    for run in lost:
        client.set_flow_run_state(run.id, Crashed(message="The schedule stopped during this run."), force=True)
    return len(lost)


def _tell(text: str) -> None:
    settings = read_settings()
    if not settings.alert_to or not settings.smtp_host:
        return
    try:
        send_alarm(text, settings)
    except MegawatchError as error:
        logging.getLogger("megawatch.flows").warning("%s", error)
