"""A backfill on a Dask cluster: two workers beside one, the same bytes as one process, workers killed on the way.

Workers read and make ready; this process writes. With two workers on two cores it takes its share of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import dask
from distributed import Client, LocalCluster

import flows.parts
from benchmarks.ratio import Ratio
from extractors.pipeline import Reader
from flows.backfill_flow import CLUSTER, in_order
from flows.parts import Run, one_by_one, read_store, store_archive
from flows.plan import Plan
from flows.steps import find_documents, reader_of
from megawatch.market import Document
from megawatch.resources import bundled
from megawatch.settings import read_settings
from megawatch.sources.store import DocumentStore

KILLS = 5
PARTS = 40
SECONDS = 10
READERS: tuple[Reader, ...] = ("grammar", "trained")
Outcome = TypeVar("Outcome")


def write_archive(path: Path, count: int) -> None:
    gold = (bundled("fixtures") / "gold" / "market.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in gold]
    with path.open("w", encoding="utf-8") as file:
        for place in range(count):
            row = rows[place % len(rows)]
            told = {key: row.get(key) for key in ("title", "published", "source", "publisher")}
            text = f"{row['text']}\n\nThis is telling number {place}."
            file.write(json.dumps({**told, "text": text, "url": f"https://archive.example/{place}"}) + "\n")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the clock, and of the processor that the one that writes used."""

    clock: float
    writer: float


def backfill(home: Path, archive: Path, run: Run) -> Took:
    """What reading what the archive put into the store took."""
    os.environ["MEGAWATCH_HOME"] = str(home)
    store_archive(archive, Plan())
    start, used = time.perf_counter(), time.process_time()
    read_store(Plan(), run=run)
    return Took(time.perf_counter() - start, time.process_time() - used)


def on_cluster(workers: int, work: Callable[[Client], Outcome]) -> Outcome:
    options = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with (
        dask.config.set(CLUSTER),
        LocalCluster(n_workers=workers, **options) as cluster,
        Client(cluster) as client,
    ):
        client.run(warm, reader_of(read_settings()))
        return work(client)


def warm(reader: Reader) -> None:
    """Load what a worker needs once, which takes seconds and is not what is compared."""
    from extractors.pipeline import read_findings
    from megawatch.ledger.batch import prepare
    from megawatch.sources.language import foreign_language

    told = Document(id="x", title="", text="Halyard rents 40 MW to Ostrea for four years. " * 9)
    foreign_language(told.text)
    prepare(told, read_findings(told, reader=reader), known_at="2026-01-01")


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


def digest(home: Path) -> tuple[int, str]:
    """How many rows a ledger holds, and a hash of them all."""
    with sqlite3.connect(home / "ledger.db") as ledger:
        rows = sorted(ledger.iterdump())
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


@contextmanager
def workplace(reader: Reader) -> Iterator[Path]:
    before = {name: os.environ.get(name) for name in ("MEGAWATCH_HOME", "MEGAWATCH_READER")}
    os.environ["MEGAWATCH_READER"] = reader
    warm(reader)
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def measure(*, large: bool) -> Iterator[Ratio]:
    """The speed by each reader; with workers killed by the grammar alone, since what writes is the same."""
    for reader in () if large else READERS:
        with workplace(reader) as folder:
            yield from _speed(folder, _bearable(reader), reader)
    with workplace("grammar") as folder:
        yield _killed(folder, 20_000 if large else 400)


def _bearable(reader: Reader) -> int:
    """How many documents one process reads in ten seconds: a few a part at least, 2,000 at most."""
    start = time.perf_counter()
    for _ in range(5):
        warm(reader)
    count = int(SECONDS * 5 / (time.perf_counter() - start))
    return max(2, min(2_000, count) // PARTS) * PARTS


def _speed(folder: Path, count: int, reader: Reader) -> Iterator[Ratio]:
    flows.parts.PART = count // PARTS
    archive = folder / "archive.jsonl"
    write_archive(archive, count)
    alone = backfill(folder / "alone", archive, one_by_one)
    took = {n: on_cluster(n, partial(_timed, folder / str(n), archive)) for n in (1, 2)}
    with DocumentStore(folder / "alone" / "store") as store:
        ids = [key for key, *_ in store.dates()]
    reads = {n: on_cluster(n, partial(_reading, folder, ids)) for n in (1, 2)}
    digests = {digest(folder / home) for home in ("alone", "1", "2")}
    assert len(digests) == 1, "a ledger differs from that of a single process"
    yield Ratio(
        name=f"{reader}: backfill, two Dask workers",
        ours=count / took[2].clock,
        unit="documents/s, written",
        goal="at least 1.7 times one",
        beside_name="one worker",
        beside=count / took[1].clock,
    )
    yield Ratio(
        name=f"{reader}: reading on two Dask workers, nothing written",
        ours=count / reads[2],
        unit="documents/s",
        goal="at least 1.7 times one",
        beside_name="one worker",
        beside=count / reads[1],
    )
    yield Ratio(
        name=f"{reader}: backfill, one Dask worker",
        ours=count / took[1].clock,
        unit="documents/s, written",
        goal="near one process",
        beside_name="one process without Dask",
        beside=count / alone.clock,
    )
    yield Ratio(
        name=f"{reader}: processor time of the one that writes, cluster and all",
        ours=1e3 * took[2].writer / count,
        unit="ms a document",
        goal="at most 0.17 times, for two workers on two cores",
        beside_name="reading and writing in one process",
        beside=1e3 * alone.writer / count,
    )


def _killed(folder: Path, count: int) -> Ratio:
    archive = folder / "archive.jsonl"
    write_archive(archive, count)
    flows.parts.PART = max(25, count // 200)
    backfill(folder / "alone", archive, one_by_one)
    parts = count // flows.parts.PART
    moments = set(range(1, parts, max(1, parts // KILLS))[:KILLS])
    on_cluster(2, lambda client: backfill(folder / "killed", archive, killing(client, moments)))
    alone, killed = digest(folder / "alone"), digest(folder / "killed")
    assert alone == killed, "a ledger differs from that of a single process"
    return Ratio(
        name=f"ledger rows of {count:,} documents after {len(moments)} workers were killed",
        ours=killed[0],
        unit="rows, the same bytes",
        goal="those of one process",
        beside_name="one process",
        beside=alone[0],
    )


def _reading(folder: Path, ids: Sequence[str], client: Client) -> float:
    size = flows.parts.PART
    parts = [tuple(ids[start : start + size]) for start in range(0, len(ids), size)]
    start = time.perf_counter()
    work = partial(find_documents, folder=folder / "alone" / "store", plan=Plan(), reader=reader_of(read_settings()))
    for _ in in_order(client, work, parts):
        pass
    return time.perf_counter() - start


def _timed(home: Path, archive: Path, client: Client) -> Took:
    return backfill(home, archive, partial(in_order, client))


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
