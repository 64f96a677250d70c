"""The schedule on a real Prefect server on loopback: what is served, and a run of it."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.plan import Plan
from flows.prefect_server import own_server
from flows.quiet import DEFAULTS
from flows.serve_flow import build_deployments, close_cut_off_runs, collapse_late_runs
from flows.steps import sources_of
from flows.watch_flow import watch
from megawatch.resources import bundled
from megawatch.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEXT = (
    "AUSTIN, May 19 - Halyard Compute will rent 8,192 GB200 GPUs to Ostrea Labs for four years, the cloud company "
    "said on Tuesday. Ostrea will pay $22 million a month."
)
PATIENCE_S = 100


def ask(address: str, body: object | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request, until = Request(address, data=data, headers={"Content-Type": "application/json"}), time.monotonic() + 30
    while True:
        try:
            with urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except HTTPError as fault:
            # The server's database was locked by what it serves: it says to come back, as Prefect's own client does.
            if fault.code != 503 or time.monotonic() > until:
                raise
            time.sleep(0.5)


def wait_for(look: Any, what: str) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"{what} did not come within {PATIENCE_S} s")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in DEFAULTS.items():
            patch.setenv(name, value)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        patch.delenv("PREFECT_API_URL", raising=False)
        with own_server() as address:
            yield address


@pytest.fixture
def home(tmp_path: Path) -> Path:
    texts, sources, home = tmp_path / "texts", tmp_path / "sources", tmp_path / "home"
    for folder in (texts, sources, home):
        folder.mkdir()
    (texts / "note.txt").write_text(f"Published: 2026-05-19\n\nHalyard rents out chips again\n\n{TEXT}\n", "utf-8")
    (sources / "desk.toml").write_text(
        f'publisher = "Desk"\naddress = "{texts}"\nkind = "folder"\nauthority = "news"\ncadence = "daily"\n'
        'terms = ""\nchecked = false\n[expected]\nmin = 0\nmax = 20\n',
        "utf-8",
    )
    return home


@pytest.mark.timeout(300)
def test_the_weekly_flow_is_served_and_a_run_of_it_completes(server: str, home: Path) -> None:
    environment = {
        **os.environ,
        "MEGAWATCH_HOME": str(home),
        "MEGAWATCH_SOURCES": str(home.parent / "sources"),
        "MEGAWATCH_CATALOG": "none",
        "PREFECT_API_URL": server,
    }
    command = [sys.executable, "-m", "flows.cli", "schedule", "--cron", "30 7 * * 2", "--timezone", "Europe/Berlin"]
    serving = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        found = wait_for(lambda: len(all_ := ask(f"{server}/deployments/filter", {})) == 4 and all_, "the deployments")
        deployments = {one["name"]: one for one in found}
        weekly = deployments["weekly"]
        assert weekly["entrypoint"] == "flows.weekly_flow.weekly"
        assert weekly["schedules"][0]["schedule"] | {"day_or": True} == {
            "cron": "30 7 * * 2",
            "timezone": "Europe/Berlin",
            "day_or": True,
        }
        assert deployments["watch"]["schedules"][0]["schedule"]["interval"] == 1800
        verify = deployments["verify"]["schedules"][0]["schedule"]
        assert (verify["cron"], verify["timezone"]) == ("30 3 * * *", "Europe/Berlin")
        run = ask(f"{server}/deployments/{weekly['id']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
        address = f"{server}/flow_runs/{run['id']}"
        ended = wait_for(
            lambda: (one := ask(address))["state_type"] not in ("SCHEDULED", "PENDING", "RUNNING") and one, "the run"
        )
        assert ended["state_type"] == "COMPLETED", ended["state"]
    finally:
        serving.terminate()
        serving.wait(timeout=30)
    [week] = [folder for folder in (home / "briefs").iterdir() if (folder / "brief.html").is_file()]
    assert {path.name for path in week.iterdir() if path.is_file()} >= {"brief.html", "brief.txt", "brief.eml"}


@pytest.mark.timeout(300)
def test_of_late_runs_that_do_the_same_the_newest_is_kept(server: str) -> None:
    with temporary_settings({PREFECT_API_URL: server}):
        [served] = [one for one in build_deployments(cron="0 6 * * 1", timezone="UTC") if one.name == "watch"]
        key = served.apply()
        for hour, parameters in ((1, {}), (2, {}), (3, {}), (4, {"alert": False})):
            late = {"type": "SCHEDULED", "state_details": {"scheduled_time": f"2026-05-04T0{hour}:00:00Z"}}
            ask(f"{server}/deployments/{key}/create_flow_run", {"state": late, "parameters": parameters})
        with get_client(sync_client=True) as client:
            assert collapse_late_runs(client, "watch") == 2
            assert collapse_late_runs(client, "watch") == 0
    runs = ask(f"{server}/flow_runs/filter", {"flow_runs": {"deployment_id": {"any_": [str(key)]}}})
    early = {
        one["expected_start_time"][:13]: one["state_type"] for one in runs if one["expected_start_time"] < "2026-06"
    }
    assert early == {
        "2026-05-04T01": "CANCELLED",
        "2026-05-04T02": "CANCELLED",
        "2026-05-04T03": "SCHEDULED",
        "2026-05-04T04": "SCHEDULED",
    }


@pytest.mark.timeout(300)
def test_a_run_that_ended_with_the_schedule_is_closed(server: str) -> None:
    with temporary_settings({PREFECT_API_URL: server}):
        [served] = [one for one in build_deployments(cron="0 6 * * 1", timezone="UTC") if one.name == "filings"]
        key = served.apply()
        late = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2026-05-04T01:00:00Z"}}
        run = ask(f"{server}/deployments/{key}/create_flow_run", {"state": late})
        for state in ("PENDING", "RUNNING"):
            ask(f"{server}/flow_runs/{run['id']}/set_state", {"state": {"type": state}, "force": True})
        with get_client(sync_client=True) as client:
            assert close_cut_off_runs(client, "filings", before=datetime(2026, 5, 5, tzinfo=UTC)) == 0
            assert close_cut_off_runs(client, "filings", before=datetime.now(UTC)) == 1
            assert close_cut_off_runs(client, "filings", before=datetime.now(UTC)) == 0
    assert ask(f"{server}/flow_runs/{run['id']}")["state_type"] == "CRASHED"


@pytest.mark.timeout(300)
def test_a_backfill_on_two_processes_equals_that_of_one(server: str, tmp_path: Path) -> None:
    gold = bundled("fixtures") / "gold" / "market.jsonl"
    homes = {}
    for name, how in (("one", []), ("two", ["--workers", "2"])):
        environment = {**os.environ, "MEGAWATCH_HOME": str(tmp_path / name), "PREFECT_API_URL": server}
        command = [sys.executable, "-m", "flows.cli", "backfill", str(gold), "--json", *how]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT, timeout=200)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["read"]["documents"] == 43
        with sqlite3.connect(tmp_path / name / "ledger.db") as ledger:
            homes[name] = sorted(ledger.iterdump())
    assert homes["one"] == homes["two"]


def test_the_work_pool_gets_the_same_deployments() -> None:
    told = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    served = build_deployments(cron="0 6 * * 1", timezone="UTC")
    assert [
        (one["name"], one["entrypoint"], one.get("parameters", {}), one["concurrency_limit"])
        for one in told["deployments"]
    ] == [(one.name, one.entrypoint, one.parameters, one.concurrency_limit) for one in served]
    assert [one["schedules"][0].get("cron") for one in told["deployments"]] == [
        getattr(one.schedules[0].schedule, "cron", None) for one in served
    ]
    assert told["pull"] == []


def test_filings_and_news_are_asked_apart() -> None:
    served = {one.name: one for one in build_deployments(cron="0 6 * * 1", timezone="UTC")}
    asked = {}
    for name in ("watch", "filings"):
        plan = watch.validate_parameters(served[name].parameters)["plan"]
        assert isinstance(plan, Plan)
        asked[name] = {spec.kind.startswith("edgar") for spec in sources_of(plan, Settings())}
    assert asked == {"watch": {False}, "filings": {True}}
    assert len(sources_of(Plan(), Settings())) == sum(
        len(sources_of(Plan(only=only), Settings())) for only in ("news", "filings")
    )


@pytest.mark.parametrize("flow", ["ingest", "extract", "reconcile", "brief", "watch", "weekly", "verify"])
def test_every_flow_is_imported_by_its_module_path(flow: str) -> None:
    module = __import__(f"flows.{flow}_flow", fromlist=[flow])
    assert getattr(module, flow).name == flow
