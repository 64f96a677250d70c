"""Ingest a feed of many pages in a process that is killed again and again, then once to the end."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

from misbehaving import Answer, serving

from megawatch.sources.collect import collect
from megawatch.sources.http import Limits, PoliteClient
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore


def story(number: int) -> bytes:
    chance = random.Random(number)
    figures = [chance.randint(10, 900) for _ in range(12)]
    text = f"Company {number} rents {figures[0]} megawatts from landlord {figures[1]} for {figures[2]} months. "
    more = " ".join(
        f"Hall {n} of {figures[3]} holds {figure} racks of model {figure * n}." for n, figure in enumerate(figures)
    )
    return f"<html><body><article><h1>Story {number}</h1><p>{text}</p><p>{more}</p></article></body></html>".encode()


def answers(count: int) -> dict[str, Answer]:
    items = "".join(f"<item><title>Story {n}</title><link>/s/{n}</link></item>" for n in range(count))
    feed = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    pages: dict[str, Answer] = {f"/s/{n}": (lambda peer, n=n: peer.answer(200, story(n))) for n in range(count)}  # type: ignore[misc]
    return pages | {"/feed": lambda peer: peer.answer(200, feed, 'ETag: "whole"')}


def ingest(address: str, root: str, count: int, begun: object = None) -> int:
    spec = SourceSpec(
        id="paper", publisher="Paper", kind="feed", address=address, max_items=count, allow_private=True, recheck_days=0
    )
    with DocumentStore(Path(root)) as store, PoliteClient(limits=Limits(host_gap_s=0)) as client:
        if begun is not None:
            begun.set()  # type: ignore[attr-defined]
        return collect(spec, store=store, client=client, now="2026-05-20T08:00:00+00:00").health.stored


def killed_at(moments: int, count: int, root: Path, *, seed: int) -> tuple[int, list[str], list[str]]:
    """Kill an ingest of ``count`` pages at so many random moments, then let it end.

    Gives how many moments fell into a run, the texts then stored, and the texts of an ingest that was never killed.
    The moments are spread so that the killed runs together come about as far as the one that is not.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["megawatch.sources.collect", "killing"])
    chance, hit = random.Random(seed), 0
    with serving(answers(count)) as site:
        ingest(site.url("/feed"), str(root / "warm"), 2)
        start = time.monotonic()
        ingest(site.url("/feed"), str(root / "whole"), count)
        longest_s = 2 * (time.monotonic() - start) / moments
        for _ in range(moments):
            begun = context.Event()
            worker = context.Process(target=ingest, args=(site.url("/feed"), str(root), count, begun))
            worker.start()
            begun.wait(30)
            time.sleep(chance.uniform(0, longest_s))
            hit += worker.is_alive()
            worker.kill()
            worker.join()
        ingest(site.url("/feed"), str(root), count)
    return hit, texts_of(root), texts_of(root / "whole")


def texts_of(root: Path) -> list[str]:
    with DocumentStore(root) as store:
        return [f"{document.id} {document.title}\n{document.text}" for document in store.documents()]
