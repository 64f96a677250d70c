"""A backfill on a Dask cluster: two workers beside one, the same bytes as one process, workers killed on the way.

Workers only read; this process writes, and needs a core of its own: with two workers, three cores are in use.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster

import flows.parts
from benchmarks.ratio import Ratio
from flows.backfill_flow import in_order
from flows.parts import Run, one_by_one, read_store, store_archive
from flows.plan import Plan
from flows.steps import find_documents
from megawatch.resources import bundled
from megawatch.sources.store import DocumentStore

KILLS = 5
PART = 25


def write_archive(path: Path, count: int) -> None:
    gold = (bundled("fixtures") / "gold" / "market.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in gold]
    with path.open("w", encoding="utf-8") as file:
        for place in range(count):
            row = rows[place % len(rows)]
            told = {key: row.get(key) for key in ("title", "published", "source", "publisher")}
            text = f"{row['text']}\n\nThis is telling number {place}."
            file.write(json.dumps({**told, "text": text, "url": f"https://archive.example/{place}"}) + "\n")


def backfill(home: Path, archive: Path, run: Run) -> float:
    """How long reading what the archive put into the store took, in seconds."""
    os.environ["MEGAWATCH_HOME"] = str(home)
    store_archive(archive, Plan())
    start = time.perf_counter()
    read_store(Plan(), run=run)
    return time.perf_counter() - start


def on_cluster(workers: int, work: Callable[[Client], float]) -> float:
    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=workers, **options) as cluster, Client(cluster) as client:
        client.run(warm)
        return work(client)


def warm() -> None:
    """Load what a worker needs once, which takes seconds and is not what is compared."""
    from extractors.pipeline import extract
    from megawatch.market import Document

    list(extract([Document(id="x", title="", text="Halyard rents 40 MW to Ostrea.")]))


def killing(client: Client, moments: set[int], *, seed: int = 11) -> Run:
    """A run that kills a worker before each outcome whose number is in ``moments``."""
    chance = random.Random(seed)

    def run(work: Callable[[Any], Any], parts: Sequence[Any]) -> Iterator[Any]:
        for number, outcome in enumerate(in_order(client, work, parts)):
            if number in moments:
                workers = sorted(client.run(os.getpid).values())
                os.kill(chance.choice(workers), signal.SIGKILL)
            yield outcome

    return run


def dump(home: Path) -> list[str]:
    with sqlite3.connect(home / "ledger.db") as ledger:
        return sorted(ledger.iterdump())


def measure(*, large: bool) -> Iterator[Ratio]:
    count = 20_000 if large else 1_000
    before = os.environ.get("MEGAWATCH_HOME")
    flows.parts.PART = PART
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "archive.jsonl"
        write_archive(archive, count)
        warm()
        alone = backfill(folder / "alone", archive, one_by_one)
        took = {n: on_cluster(n, partial(_timed, folder / str(n), archive)) for n in (1, 2)}
        with DocumentStore(folder / "alone" / "store") as store:
            ids = [document.id for document in store.documents()]
        reads = {n: on_cluster(n, partial(_reading, folder, ids)) for n in (1, 2)}
        parts = count // PART
        moments = set(range(1, parts, max(1, parts // KILLS))[:KILLS])
        on_cluster(2, lambda client: backfill(folder / "killed", archive, killing(client, moments)))
        dumps = {home: dump(folder / home) for home in ("alone", "1", "2", "killed")}
    if before is None:
        os.environ.pop("MEGAWATCH_HOME")
    else:
        os.environ["MEGAWATCH_HOME"] = before
    assert all(one == dumps["alone"] for one in dumps.values()), "a ledger differs from that of a single process"
    yield Ratio(
        name="reading on two Dask workers, nothing written",
        ours=count / reads[2],
        unit="documents/s",
        goal="at least 1.7 times one",
        beside_name="one worker",
        beside=count / reads[1],
    )
    yield Ratio(
        name="backfill, two Dask workers",
        ours=count / took[2],
        unit="documents/s, written",
        goal="at least 1.7 times one, on three cores",
        beside_name="one worker",
        beside=count / took[1],
    )
    yield Ratio(
        name="backfill, one Dask worker",
        ours=count / took[1],
        unit="documents/s, written",
        goal="near one process",
        beside_name="one process without Dask",
        beside=count / alone,
    )
    yield Ratio(
        name=f"ledger rows after {len(moments)} workers were killed",
        ours=len(dumps["killed"]),
        unit="rows, the same bytes",
        goal="those of one process",
        beside_name="one process",
        beside=len(dumps["alone"]),
    )


def _reading(folder: Path, ids: Sequence[str], client: Client) -> float:
    parts = [tuple(ids[start : start + PART]) for start in range(0, len(ids), PART)]
    start = time.perf_counter()
    for _ in in_order(client, partial(find_documents, folder=folder / "alone" / "store", plan=Plan()), parts):
        pass
    return time.perf_counter() - start


def _timed(home: Path, archive: Path, client: Client) -> float:
    return backfill(home, archive, partial(in_order, client))


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
