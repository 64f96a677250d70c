"""Killed at any moment, run again: the same rows. Two at once: nothing lost, nobody told to wait."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event as EventType
from pathlib import Path

import pytest
from ledger_texts import keep, read_gold, rows_of, tell

from megawatch.ledger import open_ledger
from megawatch.ledger.queries import list_deals
from megawatch.ledger.reconcile import settle

MOMENTS = 3
# A forked child has everything loaded, so that the moment of the kill falls into the work itself.
PROCESSES = multiprocessing.get_context("fork")


def record_all(url: str, opened: EventType) -> None:
    with open_ledger(url) as ledger:
        opened.set()
        for number, told in enumerate(read_gold()):
            keep(ledger, told)
            if number % 5 == 4:
                settle(ledger)
        settle(ledger)


def test_killed_while_recording_and_settling_it_ends_the_same(url: str, told_sqlite: str) -> None:
    with open_ledger(told_sqlite) as whole:
        expected = rows_of(whole)
    chance = random.Random(5)
    for _ in range(MOMENTS):
        opened = PROCESSES.Event()
        job = PROCESSES.Process(target=record_all, args=(url, opened))
        job.start()
        assert opened.wait(60)
        time.sleep(chance.uniform(0.0, 0.6))
        job.kill()
        job.join()
    with open_ledger(url) as ledger:
        for told in read_gold():
            keep(ledger, told)
        settle(ledger)
        assert rows_of(ledger) == expected


def record_some(url: str, numbers: list[int], failed: Queue[str]) -> None:
    try:
        with open_ledger(url) as ledger:
            for number in numbers:
                deal = {"kind": "compute", "supplier": [f"Supplier {number % 7}"], "customer": [f"Customer {number}"]}
                keep(ledger, tell({**deal, "power_mw": "100"}, title=f"Item {number}"))
                if number % 10 == 0:
                    settle(ledger)
            settle(ledger)
    except Exception as error:
        failed.put(repr(error))


def test_two_recording_at_once_lose_no_claim(url: str) -> None:
    failed: Queue[str] = PROCESSES.Queue()
    # Half of the documents are recorded by both.
    jobs = [
        PROCESSES.Process(target=record_some, args=(url, list(range(first, first + 12)), failed)) for first in (0, 6)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(60)
    assert failed.empty(), failed.get()
    with open_ledger(url) as ledger:
        settle(ledger)
        assert len(list_deals(ledger)) == 18
        assert ledger.query("select count(*) from claims").rows == ((90,),)


def test_a_reader_during_a_writer_is_not_told_to_wait(sqlite_url: str) -> None:
    failed: Queue[str] = PROCESSES.Queue()
    job = PROCESSES.Process(target=record_some, args=(sqlite_url, list(range(25)), failed))
    job.start()
    seen = []
    with open_ledger(sqlite_url) as ledger:
        while job.is_alive():
            deals = list_deals(ledger)
            assert len(ledger.query("select * from deals").rows) >= len(deals)
            seen.append(len(deals))
    job.join()
    assert failed.empty(), failed.get()
    assert seen == sorted(seen)


def test_two_opening_a_new_ledger_at_once_both_get_it(tmp_path: Path) -> None:
    failed: Queue[str] = PROCESSES.Queue()
    path = str(tmp_path / "new.db")
    jobs = [PROCESSES.Process(target=record_some, args=(path, [number], failed)) for number in (1, 2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(60)
    assert failed.empty(), failed.get()
    with open_ledger(path) as ledger:
        assert len(list_deals(ledger)) == 2


@pytest.fixture(autouse=True)
def _room(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 100_000_000:
        pytest.skip("less than 100 MB free")
