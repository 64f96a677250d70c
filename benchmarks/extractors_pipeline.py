"""The whole of extraction beside spaCy's blank tokenizer, on the same documents in the same run, and its curve."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy

from benchmarks.ratio import Ratio
from extractors.lines import read_lines
from extractors.pipeline import Reader, extract
from megawatch.market import Document

HERE = Path(__file__).resolve().parent.parent
FIRST_CLAIM = """
import json, sys
from extractors.pipeline import extract
from extractors.lines import to_document
print(len(next(extract([to_document(sys.stdin.readline(), number=1)], reader=sys.argv[1])).deals))
"""
LOADED = """
import time
start = time.perf_counter()
from extractors.reader.network import read_network
read_network()
print(time.perf_counter() - start)
"""
GOALS = {
    "grammar": ("at least 20,000, at most 12 times the tokenizer's time", "under 600 MB"),
    "trained": ("at least 3,000", "under 1 GB"),
}


def measure(*, large: bool = False) -> Iterator[Ratio]:
    """By reader words a second against the tokenizer, the first claim, peak memory, and the curve over length."""
    paths = sorted((HERE / "training" / "documents").glob("train-[hm].jsonl"))
    documents = [one for path in paths for one in read_lines(path.read_text(encoding="utf-8").splitlines())]
    texts = [_long_text(documents, length) for length in (10_000, 50_000, *((200_000,) if large else ()))]
    yield from _of_reader("grammar", documents, texts, paths[0])
    yield from _of_reader("trained", documents[::4], texts if large else texts[:1], paths[0])
    told = subprocess.run([sys.executable, "-c", LOADED], text=True, check=True, cwd=HERE, capture_output=True)
    yield Ratio(name="trained: its packages and model loaded", ours=float(told.stdout), unit="s", goal="under 1.5 s")


def _of_reader(reader: Reader, documents: list[Document], texts: Iterable[str], path: Path) -> Iterator[Ratio]:
    nlp, (fast, small) = spacy.blank("en"), GOALS[reader]
    for _ in range(2):
        tokenizing = _clock(lambda: [nlp(one.text) for one in documents])
        extracting = _clock(lambda: list(extract(documents, reader=reader)))
    words = sum(len(one.text.split()) for one in documents)
    yield Ratio(
        name=f"{reader}: extraction, warm",
        ours=words / extracting,
        unit="words/s",
        goal=fast,
        beside_name="spaCy blank tokenizer",
        beside=words / tokenizing,
    )
    first = _first_claim(path, reader)
    yield Ratio(name=f"{reader}: start to first claim", ours=first, unit="s", goal="under 2.5 s")
    for text in texts:
        filing = [Document(id="long", title="S-1", text=text, source="filing")]
        took, length = _clock(lambda filing=filing: list(extract(filing, reader=reader))), len(text.split())
        name = f"{reader}: one document of {length:,} words"
        yield Ratio(name=name, ours=length / took, unit="words/s", goal="level")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Ratio(name=f"{reader}: peak memory", ours=peak, unit="MB", goal=small)


def _clock(work: object) -> float:
    start = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - start


def _first_claim(path: Path, reader: Reader) -> float:
    line = path.read_text(encoding="utf-8").splitlines()[0]
    start = time.perf_counter()
    command = [sys.executable, "-c", FIRST_CLAIM, reader]
    subprocess.run(command, input=line, text=True, check=True, cwd=HERE, capture_output=True)
    return time.perf_counter() - start


def _long_text(documents: list[Document], words: int) -> str:
    paragraphs: list[str] = []
    count = 0
    while count < words:
        for one in documents:
            paragraphs.append(one.text)
            count += len(one.text.split())
            if count >= words:
                break
    return "\n\n".join(paragraphs)
