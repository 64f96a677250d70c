"""A backfill: the same whoever reads, each document once, cut off at any moment or not."""

import builtins
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import Client, LocalCluster

from flows.backfill_flow import in_order
from flows.commands.backfill import backfill
from flows.parts import one_by_one, read_store, store_archive
from flows.plan import Plan
from megawatch.errors import SettingsError, SourceError
from megawatch.ledger import open_ledger
from megawatch.settings import read_settings

NAMES = ("Halyard", "Ostrea", "Pellam", "Quarrick", "Tessaly")
COUNT = 24
CHOIRS = 12
PART = 6
PATIENCE_S = 60
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from flows import parts
from flows.plan import Plan
parts.PART = 6
parts.store_archive(Path(sys.argv[1]), Plan())
parts.read_store(Plan())
"""


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for name, numbers in (("a", range(COUNT // 2)), ("b", range(COUNT // 2, COUNT))):
        (folder / f"{name}.jsonl").write_text("\n".join(map(line, numbers)), "utf-8")
    choirs = [json.dumps({"text": f"The choir of ward {n} sang.", "published": "2026-05-02"}) for n in range(CHOIRS)]
    (folder / "c.jsonl").write_text("\n".join(choirs), "utf-8")
    return folder


@pytest.fixture(scope="module")
def told_by_one(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """What one process, never cut off, writes into ledger and store."""
    home = tmp_path_factory.mktemp("one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEGAWATCH_HOME", str(home))
        assert whole(archive) == (COUNT, CHOIRS, COUNT)
        assert whole(archive) == (0, 0, 0)
    return dump(home)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MEGAWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("flows.parts.PART", PART)
    return tmp_path / "home"


def line(number: int) -> str:
    supplier, customer = NAMES[number % 5], f"{NAMES[number // 5 % 5]} {number}"
    text = (
        f"{supplier} Compute will rent {1000 + number * 8:,} GB200 GPUs to {customer} Labs for four years, the cloud "
        f"company said. The chips stand in hall {number} of a campus that draws {20 + number} MW."
    )
    return json.dumps({"title": f"Order {number}", "text": text, "published": f"2026-05-{number % 28 + 1:02d}"})


def dump(home: Path) -> tuple[list[str], list[str]]:
    with sqlite3.connect(home / "ledger.db") as ledger, sqlite3.connect(home / "store" / "store.sqlite3") as store:
        return sorted(ledger.iterdump()), list(store.iterdump())


def whole(archive: Path, **options: Any) -> tuple[int, int, int]:
    stored, read = store_archive(archive, Plan(), **options), read_store(Plan(), **options)
    assert (stored.problems, read.problems) == ((), ())
    return stored.stored, stored.aside, read.documents


def test_two_processes_give_what_one_gives_byte_for_byte(
    client: Client, archive: Path, home: Path, told_by_one: object
) -> None:
    assert whole(archive, run=partial(in_order, client)) == (COUNT, CHOIRS, COUNT)
    assert dump(home) == told_by_one


def test_a_worker_that_is_killed_loses_nothing(client: Client, archive: Path, home: Path, told_by_one: object) -> None:
    def murderous(work: Any, parts: Sequence[Any]) -> Iterator[Any]:
        for number, outcome in enumerate(in_order(client, work, parts)):
            if number == 0:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            yield outcome

    store_archive(archive, Plan())
    assert read_store(Plan(), run=murderous).documents == COUNT
    assert dump(home) == told_by_one


def test_a_backfill_that_is_killed_goes_on_where_it_stopped(archive: Path, home: Path, told_by_one: object) -> None:
    running = subprocess.Popen([sys.executable, "-c", PROGRAM, str(archive)], cwd=ROOT)
    until = time.monotonic() + PATIENCE_S
    while not documents(home) and time.monotonic() < until:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    recorded = documents(home)
    assert recorded > 0
    assert whole(archive) == (0, 0, COUNT - recorded)
    assert dump(home) == told_by_one


def documents(home: Path) -> int:
    try:
        with sqlite3.connect(f"file:{home / 'ledger.db'}?mode=ro", uri=True) as ledger:
            return int(ledger.execute("SELECT count(*) FROM document_rows").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_all_keeps_what_the_first_pass_would_set_aside(archive: Path) -> None:
    stored = store_archive(archive, Plan(), everything=True)
    assert (stored.stored, stored.aside) == (COUNT + CHOIRS, 0)


def test_a_document_without_a_date_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"title": "Undated", "text": "40 MW"}\n{"text": "50 MW", "published": "2026-05-03"}\n', "utf-8")
    stored = store_archive(path, Plan())
    assert [problem.where for problem in stored.problems] == ["Undated"]
    assert stored.stored == 1


def test_a_document_that_the_ledger_refuses_is_named_and_the_rest_goes_on(archive: Path, home: Path) -> None:
    store_archive(archive, Plan())
    open_ledger(read_settings().ledger_url).close()
    with sqlite3.connect(home / "ledger.db") as ledger:
        ledger.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON document_rows WHEN new.title = 'Order 7' "
            "BEGIN SELECT raise(ABORT, 'no sevens'); END"
        )
    read = read_store(Plan())
    assert read.documents == COUNT - 1
    [problem] = read.problems
    assert problem.where == "Order 7"
    assert "no sevens" in problem.what


def test_without_dask_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith(("dask", "distributed", "prefect_dask")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])
        return real(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "flows.backfill_flow")
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SettingsError, match=r"A cluster needs prefect_dask: pip install 'megawatch\[dask\]'"):
        backfill(workers=2)


def test_the_outcomes_come_in_the_order_of_the_parts(client: Client) -> None:
    assert list(in_order(client, str, list(range(30)))) == list(one_by_one(str, range(30)))


def test_workers_that_never_come_back_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.backfill_flow.LOOK_S", 0.5)
    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1s"}),
        LocalCluster(n_workers=1, **options) as cluster,
        Client(cluster) as client,
    ):
        outcomes = in_order(client, str, list(range(12)))
        assert next(outcomes) == "0"
        client.sync(next(iter(cluster.workers.values())).close)
        assert list(outcomes) == [str(number) for number in range(1, 12)]


def test_a_cluster_that_stays_without_workers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.backfill_flow.LOOK_S", 0.2)
    monkeypatch.setattr("flows.backfill_flow.PATIENCE_S", 0.5)
    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster,
        Client(cluster.scheduler_address) as client,
        pytest.raises(SourceError, match="has no worker left"),
    ):
        list(in_order(client, str, [1]))
