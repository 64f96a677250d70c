"""Two hundred people reading pages of deals while a run writes: how long a page takes, and whether any fails.

Each reader asks for a deal of its own choice, then reads for ``READING_SECONDS``: 40 pages a second in all. Beside it
stands the time of the same page asked for alone, with nobody writing.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.briefs_edition import multiply
from benchmarks.ratio import Ratio

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "megawatch" / part) for part in ("briefs", "ledger")]

READERS = 200
PAGES_EACH = 4
READING_SECONDS = 5.0


def measure(*, large: bool) -> Iterator[Ratio]:
    """Median milliseconds a deal page on 10,000 deals (100,000 with ``large``), alone and under load."""
    many = 100_000 if large else 10_000
    with TemporaryDirectory() as folder:
        home = Path(folder)
        addresses = build(home, many)
        port = free_port()
        server = start(home, port)
        try:
            alone = asyncio.run(read(port, addresses, readers=1, pages=20, pause=0.05))
            writer = subprocess.Popen([sys.executable, "-c", WRITING, str(home / "ledger.db")], cwd=ROOT)
            crowd = asyncio.run(read(port, addresses, readers=READERS, pages=PAGES_EACH, pause=READING_SECONDS))
            writer.kill()
            writer.wait()
        finally:
            server.kill()
            server.wait()
    yield Ratio(
        name=f"deal page, {many:,} deals, {READERS} readers while a run writes: median",
        ours=statistics.median(crowd) * 1000,
        unit="ms",
        goal="under 100 ms, no error",
        beside_name="one reader, nobody writing",
        beside=statistics.median(alone) * 1000,
    )


WRITING = """
import sys
sys.path.insert(0, "tests/megawatch/ledger")
from ledger_texts import keep, tell
from megawatch.ledger import open_ledger
from megawatch.ledger.reconcile import settle
with open_ledger(sys.argv[1]) as ledger:
    for n in range(100_000):
        facts = {"kind": "lease", "supplier": (f"Landlord {n}",), "customer": (f"Tenant {n}",), "power_mw": "40"}
        keep(ledger, tell(facts, published="2026-05-24", title=f"Lease {n}"))
        if n % 10 == 9:
            settle(ledger)
"""


def build(home: Path, many: int) -> list[str]:
    from gold_ledger import build_gold_ledger

    path = home / "ledger.db"
    build_gold_ledger(path).close()
    multiply(path, many, first_day=0)
    import sqlite3

    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT deal_id FROM deal_rows WHERE known_to IS NULL").fetchall()
    return [f"/deals/{deal_id}" for (deal_id,) in rows]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def start(home: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "flows.cli", "--home", str(home), "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=dict(os.environ))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=30).raise_for_status()
            return server
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start in two minutes")


async def read(port: int, addresses: list[str], *, readers: int, pages: int, pause: float) -> list[float]:
    # A server may close a connection just as the next page is asked for: each page has one of its own.
    limits = httpx.Limits(max_connections=readers, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client:
        taken: list[float] = []
        await asyncio.gather(*(one_reader(client, addresses, n, pages, pause, taken) for n in range(readers)))
    return taken


async def one_reader(
    client: httpx.AsyncClient, addresses: list[str], number: int, pages: int, pause: float, taken: list[float]
) -> None:
    choice = random.Random(number)
    await asyncio.sleep(choice.random() * pause)
    for _ in range(pages):
        begun = time.perf_counter()
        answer = await client.get(choice.choice(addresses))
        taken.append(time.perf_counter() - begun)
        answer.raise_for_status()
        await asyncio.sleep(pause)
