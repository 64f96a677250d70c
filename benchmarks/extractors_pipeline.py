"""The whole of extraction beside spaCy's blank tokenizer, on the same documents in the same run, and its curve."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import spacy

from benchmarks.ratio import Ratio
from extractors.lines import read_lines
from extractors.pipeline import extract
from megawatch.market import Document

HERE = Path(__file__).resolve().parent.parent
FIRST_CLAIM = """
import json, sys
from extractors.pipeline import extract
from extractors.lines import to_document
print(len(next(extract([to_document(sys.stdin.readline(), number=1)])).deals))
"""


def measure(*, large: bool = False) -> Iterator[Ratio]:
    """Words a second against the tokenizer, time to the first claim, peak memory, and the curve over length."""
    paths = sorted((HERE / "training" / "documents").glob("train-[hm].jsonl"))
    documents = [one for path in paths for one in read_lines(path.read_text(encoding="utf-8").splitlines())]
    words = sum(len(one.text.split()) for one in documents)
    nlp = spacy.blank("en")
    for _ in range(2):
        tokenizing = _clock(lambda: [nlp(one.text) for one in documents])
        extracting = _clock(lambda: list(extract(documents)))
    yield Ratio(
        name="extraction, warm",
        ours=words / extracting,
        unit="words/s",
        goal="at least 20,000, at most 12 times the tokenizer's time",
        beside_name="spaCy blank tokenizer",
        beside=words / tokenizing,
    )
    yield Ratio(name="start to first claim", ours=_first_claim(paths[0]), unit="s", goal="under 2.5 s")
    for length in (10_000, 50_000, *((200_000,) if large else ())):
        text = _long_text(documents, length)
        took = _clock(lambda text=text: list(extract([Document(id="long", title="S-1", text=text, source="filing")])))
        yield Ratio(name=f"one document of {length:,} words", ours=length / took, unit="words/s", goal="level")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Ratio(name="peak memory", ours=peak, unit="MB", goal="under 600 MB")


def _clock(work: object) -> float:
    start = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - start


def _first_claim(path: Path) -> float:
    line = path.read_text(encoding="utf-8").splitlines()[0]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", FIRST_CLAIM], input=line, text=True, check=True, cwd=HERE, capture_output=True
    )
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
