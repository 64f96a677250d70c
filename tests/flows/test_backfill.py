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

import pytest
from distributed import Client, LocalCluster

from flows.backfill_flow import in_order
from flows.commands.backfill import backfill
from flows.parts import find_documents, one_by_one, read_store, store_archive
from flows.plan import Plan
from flows.steps import settle_deals
from megawatch.errors import SettingsError

NAMES = ("Halyard", "Ostrea", "Pellam", "Quarrick", "Tessaly")
COUNT = 60
CHOIRS = 12


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    options = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        yield client


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name, numbers in (("a", range(COUNT // 2)), ("b", range(COUNT // 2, COUNT))):
        (folder / f"{name}.jsonl").write_text("\n".join(map(line, numbers)), "utf-8")
    choirs = [json.dumps({"text": f"The choir of ward {n} sang.", "published": "2026-05-02"}) for n in range(CHOIRS)]
    (folder / "c.jsonl").write_text("\n".join(choirs), "utf-8")
    return folder


def line(number: int) -> str:
    supplier, customer = NAMES[number % 5], f"{NAMES[number // 5 % 5]} {number}"
    text = (
        f"{supplier} Compute will rent {1000 + number * 8:,} GB200 GPUs to {customer} Labs for four years, the cloud "
        f"company said. The chips stand in hall {number} of a campus that draws {20 + number} MW."
    )
    return json.dumps({"title": f"Order {number}", "text": text, "published": f"2026-05-{number % 28 + 1:02d}"})


def in_home(path: Path, patch: pytest.MonkeyPatch) -> Path:
    patch.setenv("MEGAWATCH_HOME", str(path))
    return path


def dump(home: Path) -> tuple[list[str], list[str]]:
    with sqlite3.connect(home / "ledger.db") as ledger, sqlite3.connect(home / "store" / "store.sqlite3") as store:
        return sorted(ledger.iterdump()), list(store.iterdump())


def whole(archive: Path, **options: Any) -> tuple[int, int, int]:
    stored, read = store_archive(archive, Plan(), **options), read_store(Plan(), **options)
    assert (stored.problems, read.problems) == ((), ())
    settle_deals()
    return stored.stored, stored.aside, read.documents


def test_two_processes_give_what_one_gives_byte_for_byte(
    client: Client, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = in_home(tmp_path / "one", monkeypatch)
    assert whole(archive) == (COUNT, CHOIRS, COUNT)
    two = in_home(tmp_path / "two", monkeypatch)
    assert whole(archive, run=partial(in_order, client)) == (COUNT, CHOIRS, COUNT)
    assert dump(one) == dump(two)
    assert whole(archive) == (0, 0, 0)


def test_a_worker_that_is_killed_loses_nothing(
    client: Client, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def murderous(work: Any, parts: Sequence[Any]) -> Iterator[Any]:
        for number, outcome in enumerate(in_order(client, work, parts)):
            if number == 0:
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            yield outcome

    one = in_home(tmp_path / "one", monkeypatch)
    whole(archive)
    two = in_home(tmp_path / "two", monkeypatch)
    monkeypatch.setattr("flows.parts.PART", 10)
    store_archive(archive, Plan())
    assert read_store(Plan(), run=murderous).documents == COUNT
    settle_deals()
    assert dump(one) == dump(two)


def test_a_backfill_cut_off_at_any_moment_goes_on_where_it_stopped(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = in_home(tmp_path / "one", monkeypatch)
    whole(archive)
    two = in_home(tmp_path / "two", monkeypatch)
    monkeypatch.setattr("flows.parts.PART", 10)
    recorded = 0
    for _ in range(2):
        program = (
            f"from flows import parts; parts.PART = 10; from flows.cli import app; app(['backfill', {str(archive)!r}])"
        )
        running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while documents(two) <= recorded and time.monotonic() < until:
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.wait()
        recorded = documents(two)
    assert recorded > 0
    assert whole(archive)[2] == COUNT - recorded
    assert dump(one) == dump(two)


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
    (tmp_path / "x.jsonl").write_text('{"title": "Undated", "text": "40 MW"}\n{"text": "50 MW", "published": "2026"}\n')
    stored = store_archive(tmp_path / "x.jsonl", Plan())
    assert [problem.where for problem in stored.problems] == ["Undated", *[p.where for p in stored.problems[1:]]]


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
    assert find_documents.__module__ == "flows.steps"
