"""Pages a second from loopback to stored text, beside trafilatura alone on the same pages in the same run.

Both are counted in seconds of this process's own processor time (a core), for the server runs in another process; the
two are measured in turns, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

import trafilatura

from benchmarks.ratio import Ratio
from megawatch.sources.collect import collect
from megawatch.sources.http import Limits, PoliteClient
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore

HERE = Path(__file__).resolve().parent
WORDS = (
    "power lease accelerators megawatts campus said company the of and to in a for on with agreement cloud compute site"
    " utility customer term year dollars billion hall turbine grid tenant landlord network cooling rack price quarter"
).split()
PAGE_BYTES = 56_000


def sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(10, 24))).capitalize() + "."


def page(number: int) -> bytes:
    """A page of 56 KB as news sites send them: a menu, scripts, an article of 700 words with a table, teasers."""
    chance = random.Random(number)
    menu = "".join(
        f'<li class="item-{n}"><a href="/section/{n}/" data-track="{n}">Section {n}</a></li>' for n in range(60)
    )
    paragraphs = "".join(f"<p>{' '.join(sentence(chance) for _ in range(4))}</p>" for _ in range(10))
    rows = "".join(f"<tr><td>Item {n}</td><td>${chance.random():.2f} million</td></tr>" for n in range(8))
    teasers = "".join(
        f'<div class="card"><a href="/s/{n}"><img src="/i/{n}.jpg" alt=""><h3>{sentence(chance)}</h3></a></div>'
        for n in range(30)
    )
    head = (
        f"<title>Story {number} | Paper</title><meta property='article:published_time' content='2026-05-14T09:00:00Z'>"
    )
    body = (
        f"<header><ul class='nav'>{menu}</ul></header><main><article><h1>Story {number}</h1>{paragraphs}<table><tr>"
        f"<th>Item</th><th>Value</th></tr>{rows}</table></article></main><aside class='related'>{teasers}</aside>"
    )
    script = "var a=[0];" * max(0, (PAGE_BYTES - len(head) - len(body)) // 10)
    return f"<!DOCTYPE html><html><head>{head}<script>{script}</script></head><body>{body}</body></html>".encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each body waits for the acknowledgement of its head
    pages: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        body = self.pages.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(pages: dict[str, bytes], told: Connection) -> None:
    Handler.pages = pages
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.send(server.server_port)
    server.serve_forever()


def listing(numbers: range) -> bytes:
    return "".join(f'<a href="/story/{number}">Story {number}</a>' for number in numbers).encode()


def measure(*, large: bool) -> Iterable[Ratio]:
    rounds, size = (10, 60) if large else (5, 40)
    pages = {f"/story/{number}": page(number) for number in range(rounds * size)}
    lists = {f"/list/{turn}": listing(range(turn * size, (turn + 1) * size)) for turn in range(rounds)}
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(pages | lists, there), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{here.recv()}"
    try:
        ours, alone, wall = compare(base, pages, rounds, size)
    finally:
        server.terminate()
    count = rounds * size
    yield Ratio(
        name="page to stored text, a core",
        ours=count / ours,
        unit="pages/s",
        goal="at least 0.6 of it",
        beside_name="trafilatura alone",
        beside=count / alone,
    )
    yield Ratio(name="page to stored text, by the clock", ours=count / wall, unit="pages/s", goal="none")


def compare(base: str, pages: dict[str, bytes], rounds: int, size: int) -> tuple[float, float, float]:
    ours = alone = wall = 0.0
    bodies = list(pages.values())
    trafilatura.extract(bodies[0])
    with (
        tempfile.TemporaryDirectory() as folder,
        DocumentStore(Path(folder)) as store,
        PoliteClient(limits=Limits(host_gap_s=0)) as client,
    ):
        for turn in range(rounds):
            start = time.process_time()
            for body in bodies[turn * size : (turn + 1) * size]:
                trafilatura.extract(body)
            alone += time.process_time() - start
            start, clock = time.process_time(), time.perf_counter()
            done = collect(list_spec(f"{base}/list/{turn}", size), store=store, client=client)
            ours += time.process_time() - start
            wall += time.perf_counter() - clock
            assert done.health.stored == size, done.health
    return ours, alone, wall


def list_spec(address: str, size: int) -> SourceSpec:
    return SourceSpec(
        id="bench",
        publisher="Paper",
        kind="newsroom",
        address=address,
        link_pattern="/story/",
        max_items=size,
        allow_private=True,
    )


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
