"""The whole pipeline on stored pages, one core: put, read, recorded; words a second beside others, and its curve.

A page is a text of the training documents with the first paragraph of another below it, its numbers moved, so that no
two are the same. They are made as they are needed and never held. Cleaning HTML is measured by ``sources_throughput``,
settling by ``ledger_scale``.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import spacy

from benchmarks.ratio import Ratio
from extractors.lines import read_lines
from extractors.pipeline import Reader
from flows.plan import Plan
from flows.steps import find_documents, open_store, reader_of, record_documents
from megawatch.market import Document, content_id
from megawatch.settings import read_settings

DOCUMENTS = Path(__file__).resolve().parents[1] / "training" / "documents"
BATCH = 100
STRIDE = 7_919
FIRST_DAY = date(2020, 1, 1)
QUANTULUM_PAGES = 40
TRAINED_PAGES = 60
_NUMBER = re.compile(r"(?<![\w.,])[1-9]\d{1,2}(?![\w,]|\.\d)")


def templates() -> list[Document]:
    paths = sorted(DOCUMENTS.glob("train-*.jsonl"))
    return [one for path in paths for one in read_lines(path.read_text(encoding="utf-8").splitlines())]


def page(number: int, made_from: Sequence[Document]) -> Document:
    """Page ``number``, the same on every call."""
    top, below = made_from[number % len(made_from)], made_from[number * STRIDE % len(made_from)]
    text = f"{top.text}\n\n{below.text.split(chr(10), 1)[0]}\n\nThis is page {number}."
    turn = number // len(made_from)
    moved = _NUMBER.sub(lambda found: str(int(found[0]) + (turn * 13 + found.start()) % 9), text)
    return Document(
        id=content_id("page", str(number)),
        title=f"{top.title} ({number})",
        text=moved,
        published=(FIRST_DAY + timedelta(days=number % 2_000)).isoformat(),
        source="news",
        publisher=top.publisher,
        url=f"https://pages.example/{number}",
    )


@dataclass(slots=True)
class Run:
    """How far a run has come: seconds of processor by step, words and pages."""

    pages: int = 0
    words: int = 0
    putting: float = 0.0
    reading: float = 0.0
    recording: float = 0.0

    @property
    def seconds(self) -> float:
        return self.putting + self.reading + self.recording

    @property
    def milliseconds_a_page(self) -> float:
        return 1e3 * self.seconds / self.pages


def go_on(run: Run, upto: int, made_from: Sequence[Document]) -> Run:
    """Put, read and record the pages from where a run stands up to page ``upto``."""
    settings, plan = read_settings(), Plan(clock="published")
    while run.pages < upto:
        batch = [page(number, made_from) for number in range(run.pages, min(upto, run.pages + BATCH))]
        start = time.process_time()
        with open_store(settings) as store:
            ids = [store.put(one).document_id for one in batch]
        put = time.process_time()
        found = find_documents(ids, settings.store, plan, reader_of(settings))
        read = time.process_time()
        counts = record_documents(found, plan)
        run.putting += put - start
        run.reading += read - put
        run.recording += time.process_time() - read
        assert counts.documents == len(batch), counts
        run.words += sum(len(one.text.split()) for one in batch)
        run.pages += len(batch)
    return run


@contextmanager
def home(reader: Reader) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ("MEGAWATCH_HOME", "MEGAWATCH_READER")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MEGAWATCH_HOME": folder, "MEGAWATCH_READER": reader}
        yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def words_a_second(work: Callable[[str], object], texts: Sequence[str]) -> float:
    work(texts[0])
    start = time.process_time()
    for text in texts:
        work(text)
    return sum(len(text.split()) for text in texts) / (time.process_time() - start)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(*, large: bool) -> Iterator[Ratio]:
    """The grammar's curve over the number of pages, then some pages by the trained reader."""
    first, *later = (1_000, 10_000, 100_000) if large else (200, 1_000)
    made_from = templates()
    with home("grammar"):
        go_on(Run(), BATCH, made_from)
    with home("grammar"):
        run = go_on(Run(), first, made_from)
        yield from _beside(run, "grammar", [page(number, made_from).text for number in range(first)])
        yield from _curve(run, later, made_from)
    with home("trained"):
        go_on(Run(), 1, made_from)
        run = go_on(Run(pages=1), TRAINED_PAGES, made_from)
        yield from _beside(run, "trained", [page(number, made_from).text for number in range(1, TRAINED_PAGES)])
    yield Ratio(name="peak memory, trained reader and all", ours=peak_mb(), unit="MB", goal="under 1 GB")


def _curve(run: Run, later: Sequence[int], made_from: Sequence[Document]) -> Iterator[Ratio]:
    first, base, memory = run.pages, run.milliseconds_a_page, peak_mb()
    yield Ratio(name=f"peak memory, {first:,} pages", ours=memory, unit="MB", goal="under 600")
    for count in later:
        go_on(run, count, made_from)
        yield Ratio(
            name=f"time a page, {count:,} pages",
            ours=run.milliseconds_a_page,
            unit="ms",
            goal="at most 1.2 times",
            beside_name=f"{first:,} pages",
            beside=base,
        )
        yield Ratio(
            name=f"peak memory, {count:,} pages",
            ours=peak_mb(),
            unit="MB",
            goal="level",
            beside_name=f"{first:,} pages",
            beside=memory,
        )
    yield from (
        Ratio(name=f"of it {what}", ours=1e3 * took / run.pages, unit="ms a page", goal="a record")
        for what, took in (("storing", run.putting), ("reading", run.reading), ("recording", run.recording))
    )


def _beside(run: Run, reader: Reader, texts: Sequence[str]) -> Iterator[Ratio]:
    with warnings.catch_warnings():
        # It says on import that it runs without its classifier, which is the faster way.
        warnings.simplefilter("ignore")
        from quantulum3 import parser  # type: ignore[import-untyped]
    whole, name = run.words / run.seconds, f"{reader}: whole pipeline on stored pages"
    some = texts[:QUANTULUM_PAGES]
    yield Ratio(name=name, ours=len(texts) / run.seconds, unit="pages/s", goal="a record")
    yield Ratio(
        name=name,
        ours=whole,
        unit="words/s",
        goal="a record",
        beside_name="spaCy blank tokenizer",
        beside=words_a_second(spacy.blank("en"), texts),
    )
    yield Ratio(
        name=name,
        ours=whole,
        unit="words/s",
        goal="a record",
        beside_name=f"quantulum3 on {len(some)} of them",
        beside=words_a_second(parser.parse, some),
    )


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
