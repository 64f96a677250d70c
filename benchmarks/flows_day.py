"""A day on a server in ten minutes: Prefect's server and the ledger on PostgreSQL, the schedule's runs close together.

Meanwhile documents appear at an outlet, Prefect's server is stopped and killed, the database is stopped, a source hangs
and the disk is full. Then every run must be accounted for, every document be in the ledger once, and every reader have
the brief once. It asks for ``--large``, PostgreSQL's programs and, for the small disk, the right to mount.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.machines import (
    Mailbox,
    Outlet,
    Postgres,
    Program,
    answers,
    free_port,
    full_disk,
    prefect_server,
    small_disk,
    wait_for,
)
from benchmarks.ratio import Ratio
from megawatch.market import Subscriber

DAY_S = 600
PUBLISH_S = 15
EVERY_S = {"watch": 45, "filings": 110, "weekly": 260, "verify": 290}
READERS = ("ada@example.com", "ben@example.com", "cleo@example.com")
OPERATOR = "operator@example.com"
DISK_MB = 24
ANSWER_S = 120
LAST_RUN_S = 600
OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
SCHEDULE = "from benchmarks.flows_day import serve_short; serve_short()"
NAMES = ("Halyard", "Ostrea", "Pellam", "Quarrick", "Tessaly", "Umbral", "Vantor")
ROOT = Path(__file__).resolve().parents[1]


def write_article(number: int) -> tuple[str, str]:
    """A title and a text of its own for each number."""
    supplier, customer = NAMES[number % 7], NAMES[(number // 7 + number + 1) % 7]
    return f"Order {number}: {supplier} rents out chips", (
        f"{supplier} Compute will rent {1000 + number * 8:,} GB200 GPUs to {customer} Labs for four years, the cloud "
        f"company said on its call.\n{customer} will pay ${20 + number} million a month for the machines of hall "
        f"{number}.\nThe hall draws {20 + number} MW from a substation that was finished in the spring of that year."
    )


def serve_short() -> None:
    """Serve the deployments of the schedule, each every few seconds, with the outlet in place of what it stands for."""
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import IntervalSchedule

    from flows.serve_flow import build_deployments, serve_deployments

    deployments = build_deployments(cron="0 6 * * 1", timezone="UTC")
    for one in deployments:
        every = IntervalSchedule(interval=timedelta(seconds=EVERY_S[one.name]))
        one.schedules = [DeploymentScheduleCreate(schedule=every, active=True)]
        if one.name != "verify":
            plan = {**one.parameters.get("plan", {}), "mirror": json.loads(os.environ["DAY_MIRROR"])}
            one.parameters = {**one.parameters, "plan": plan}
        if one.name == "weekly":
            one.parameters["week"] = os.environ["DAY_WEEK"]
    serve_deployments(deployments)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a day takes place on."""

    folder: Path
    home: Path
    api: str
    environment: Mapping[str, str]
    database: Postgres
    outlet: Outlet
    mailbox: Mailbox
    prefect: Program
    schedule: Program

    def ask(self, path: str, body: object) -> Any:
        data = json.dumps(body).encode()
        request = Request(f"{self.api}/{path}", data=data, headers={"Content-Type": "application/json"})
        with urlopen(request, timeout=ANSWER_S) as answer:
            return json.load(answer) if answer.status != 204 else None

    def runs(self) -> list[dict[str, Any]]:
        """The runs of deployments that were due, flows within flows left out."""
        due = {"before_": datetime.now(UTC).isoformat()}
        found = self.ask("flow_runs/filter", {"flow_runs": {"expected_start_time": due}, "limit": 200})
        return [run for run in found if run["deployment_id"]]

    def unfinished(self) -> list[dict[str, Any]]:
        return [run for run in self.runs() if run["state_type"] not in OVER]


def set_up(folder: Path, stack: ExitStack) -> Stage:
    """Start a database, an outlet, a mailbox and Prefect's server; the schedule is made and not yet started."""
    home, sources = folder / "home", folder / "sources"
    if not stack.enter_context(small_disk(home, megabytes=DISK_MB)):
        print("No small disk can be made here: it is not filled.", file=sys.stderr)
    sources.mkdir()
    for name, host in (("outlet", Outlet.HOST), ("silent", Outlet.SILENT)):
        (sources / f"{name}.toml").write_text(
            f'publisher = "{name}"\naddress = "https://{host}/feed.xml"\nkind = "feed"\nauthority = "news"\n'
            'cadence = "hourly"\nterms = ""\nchecked = false\nrecheck_days = 0\n[expected]\nmin = 0\nmax = 500\n',
            encoding="utf-8",
        )
    database, outlet, mailbox, port = Postgres(folder / "postgres"), Outlet(write_article), Mailbox(), free_port()
    stack.callback(database.stop)
    stack.callback(outlet.close)
    stack.callback(mailbox.close)
    year, week, _ = datetime.now(UTC).isocalendar()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("MEGAWATCH_", "PREFECT_"))},
        **prefect_defaults(),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_API_DATABASE_CONNECTION_URL": database.url("prefect", scheme="postgresql+asyncpg"),
        "PREFECT_RUNNER_POLL_FREQUENCY": "3",
        "PYTHONPATH": str(ROOT),
        "MEGAWATCH_HOME": str(home),
        "MEGAWATCH_LEDGER": database.url("megawatch"),
        "MEGAWATCH_CATALOG": "none",
        "MEGAWATCH_SOURCES": str(sources),
        "MEGAWATCH_SMTP_HOST": "127.0.0.1",
        "MEGAWATCH_SMTP_PORT": str(mailbox.port),
        "MEGAWATCH_SMTP_SECURITY": "none",
        "MEGAWATCH_MAIL_FROM": "Megawatch <brief@example.com>",
        "MEGAWATCH_ALERT_TO": OPERATOR,
        "DAY_MIRROR": json.dumps(outlet.mirror),
        "DAY_WEEK": f"{year}-W{week:02d}",
    }
    prefect = prefect_server(port, environment, folder / "prefect.log")
    schedule = Program([sys.executable, "-c", SCHEDULE], environment, folder / "schedule.log")
    stack.callback(prefect.stop)
    stack.callback(schedule.stop)
    api = environment["PREFECT_API_URL"]
    return Stage(folder, home, api, environment, database, outlet, mailbox, prefect, schedule)


def prefect_defaults() -> dict[str, str]:
    from flows.quiet import DEFAULTS

    return DEFAULTS


def subscribe(stage: Stage) -> None:
    from megawatch.ledger import open_ledger
    from megawatch.ledger.deliveries import Subscribers

    with open_ledger(stage.database.url("megawatch")) as ledger:
        for reader in READERS:
            Subscribers(ledger).add(Subscriber(address=reader, since="2026-01-01T00:00:00Z"))


def start_prefect(stage: Stage) -> None:
    stage.prefect.start()
    wait_for(lambda: answers(f"{stage.api}/health"), "Prefect's server")


def pass_a_day(stage: Stage) -> None:
    """Everything that goes wrong, each at its time; a moment is a share of the day."""
    start, disk = time.monotonic(), ExitStack()
    moments: list[tuple[float, str, Callable[[], object]]] = [
        (0.12, "Prefect's server is stopped", stage.prefect.stop),
        (0.17, "and started", lambda: start_prefect(stage)),
        (0.25, "a source hangs", stage.outlet.fall_silent),
        (0.36, "the database is stopped", stage.database.stop),
        (0.40, "and started", stage.database.start),
        (0.52, "the source answers again", stage.outlet.wake),
        (0.58, "the disk is full", lambda: disk.enter_context(full_disk(stage.home))),
        (0.68, "and has room", disk.close),
        (0.76, "Prefect's server is killed", lambda: stage.prefect.stop(signal.SIGKILL)),
        (0.80, "and started", lambda: start_prefect(stage)),
    ]
    for share, told, act in moments:
        if not os.path.ismount(stage.home) and "disk" in told:
            continue
        time.sleep(max(0.0, start + share * DAY_S - time.monotonic()))
        print(f"{time.monotonic() - start:6.1f} s: {told}", file=sys.stderr, flush=True)
        act()
    time.sleep(max(0.0, start + DAY_S - time.monotonic()))


def publishing(stage: Stage, day: threading.Event) -> None:
    while not day.wait(PUBLISH_S):
        stage.outlet.publish()


def end_the_day(stage: Stage) -> None:
    """Let no further run come due, see those through that did, and ask the sources once more."""
    deployments = {one["name"]: one["id"] for one in stage.ask("deployments/filter", {})}
    for key in deployments.values():
        stage.ask(f"deployments/{key}/pause_deployment", {})
    for name in ("watch", "weekly"):
        wait_for(lambda: not stage.unfinished(), "the end of the last run", seconds=LAST_RUN_S)
        stage.ask(f"deployments/{deployments[name]}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    wait_for(lambda: not stage.unfinished(), "the end of the last run", seconds=LAST_RUN_S)


def addresses_in_ledger(stage: Stage) -> Counter[str]:
    from megawatch.ledger import open_ledger

    with open_ledger(stage.database.url("megawatch")) as ledger, ledger.read() as connection:
        return Counter(connection.exec_driver_sql("SELECT url FROM document_rows").scalars())


def tell(stage: Stage, runs: Sequence[Mapping[str, Any]]) -> None:
    """Name each run that did not complete, for whoever reads the day."""
    print(Counter(run["state_type"] for run in runs), file=sys.stderr)
    for run in sorted(runs, key=lambda one: one["expected_start_time"]):
        if run["state_type"] != "COMPLETED":
            words = str((run["state"] or {}).get("message"))[:160]
            print(f"{run['expected_start_time'][11:19]} {run['state_type']} {words}", file=sys.stderr)
    print(f"the schedule was started again {stage.schedule.restarts} times", file=sys.stderr)
    print(f"the operator was told: {stage.mailbox.told(OPERATOR)}", file=sys.stderr)


def measure(*, large: bool) -> Iterator[Ratio]:
    if not large:
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        # The database's user must reach its folder.
        Path(name).chmod(0o755)
        stage, day = set_up(Path(name), stack), threading.Event()
        start_prefect(stage)
        subscribe(stage)
        threading.Thread(target=publishing, args=(stage, day), daemon=True).start()
        stage.schedule.start()
        try:
            pass_a_day(stage)
            day.set()
            end_the_day(stage)
        finally:
            keep = os.environ.get("DAY_LOGS")
            if keep:
                for log in Path(name).glob("*.log"):
                    (Path(keep) / log.name).write_bytes(log.read_bytes())
        runs = stage.runs()
        tell(stage, runs)
        yield from _rows(stage, runs)


def _rows(stage: Stage, runs: Sequence[Mapping[str, Any]]) -> Iterator[Ratio]:
    states = Counter(run["state_type"] for run in runs)
    yield Ratio(
        name="runs of a day on a server that ended in a state that says how",
        ours=sum(states[state] for state in OVER),
        unit="runs",
        goal="all, at least 20",
        beside_name="runs due",
        beside=len(runs),
    )
    yield Ratio(name="of them completed", ours=states["COMPLETED"], unit="runs", goal="all but those disturbed")
    failed = states["FAILED"] + states["CRASHED"]
    told = len(stage.mailbox.told(OPERATOR))
    yield Ratio(
        name="words to the operator",
        ours=told,
        unit="mails",
        goal="one for each that failed",
        beside_name="runs that failed or crashed",
        beside=failed,
    )
    found, published = addresses_in_ledger(stage), stage.outlet.addresses()
    once = [address for address, count in found.items() if count == 1 and address in published]
    yield Ratio(
        name="documents of that day in the ledger, each once",
        ours=len(once),
        unit="documents",
        goal="all",
        beside_name="published",
        beside=len(published),
    )
    briefs = [len(stage.mailbox.told(reader)) for reader in READERS]
    yield Ratio(
        name="briefs of that day that reached a reader",
        ours=sum(briefs),
        unit="mails",
        goal="one a reader",
        beside_name="readers",
        beside=len(READERS),
    )


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
