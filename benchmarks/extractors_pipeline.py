"""Reading deals, whole documents on one core: words a second beside spaCy's blank tokenizer and a number recogniser.

The bundled documents, each side timed on the same texts in the same process, warm, in seconds of processor time. The
curve over length joins documents into one long text, as a filing is.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.ratio import Ratio
from extractors.pipeline import extract
from megawatch.market import Document

ROOT = Path(__file__).resolve().parent.parent
GOLD = ROOT / "fixtures" / "gold" / "market.jsonl"
FIRST_CLAIM = (
    "from extractors.pipeline import extract; from megawatch.market import Document; "
    "d = Document(id='x', title='', text='Acme Corp. leased 40 MW of critical IT load to Beta Inc. for ten years.'); "
    "print(len(next(iter(extract([d]))).deals))"
)


def measure(*, large: bool) -> Iterator[Ratio]:
    """Words a second beside two others, seconds to the first claim, megabytes, and the curve over length."""
    import spacy
    from quantulum3 import parser

    documents = read_documents() * (4 if large else 1)
    words = sum(count_words(document) for document in documents)
    nlp = spacy.blank("en")
    ours = words / seconds(lambda: run(documents))
    for name, other, goal in (
        ("spaCy's blank tokenizer", lambda: tokenize(nlp, documents), "at least 1/12 of it, and 20,000"),
        ("quantulum3", lambda: [parser.parse(document.text) for document in documents[:10]], "none"),
    ):
        share = documents if "spaCy" in name else documents[:10]
        beside = sum(count_words(document) for document in share) / seconds(other)
        yield Ratio(name="reading deals", ours=ours, unit="words/s", goal=goal, beside_name=name, beside=beside)
    yield Ratio(name="start to first claim", ours=start_up(), unit="s", goal="under 2.5 s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Ratio(name="peak memory, benchmarks included", ours=peak, unit="MB", goal="under 600 MB")
    yield from curve(documents, lengths=(2_000, 20_000, 200_000) if large else (2_000, 20_000))


def curve(documents: list[Document], *, lengths: Iterable[int]) -> Iterator[Ratio]:
    """Microseconds a word of ever longer texts, each beside the shortest."""
    first = None
    for length in lengths:
        document = join(documents, length)
        took = seconds(lambda document=document: run([document])) / count_words(document) * 1e6
        first = first or took
        yield Ratio(
            name=f"a text of {length:,} words",
            ours=took,
            unit="µs a word",
            goal="in step with the length",
            beside_name="the shortest",
            beside=first,
        )


def read_documents() -> list[Document]:
    found = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.append(Document(id=row["id"], title=row["title"], text=row["text"], published=row["published"]))
    return found


def join(documents: list[Document], words: int) -> Document:
    texts: list[str] = []
    while sum(len(text.split()) for text in texts) < words:
        texts += [document.text for document in documents]
    long = " ".join(" ".join(texts).split(" ")[:words])
    return replace(documents[0], id=f"long{words}", text=long)


def count_words(document: Document) -> int:
    return len(document.title.split()) + len(document.text.split())


def run(documents: list[Document]) -> int:
    return sum(1 for _ in extract(documents))


def tokenize(nlp: Callable[[str], object], documents: list[Document]) -> None:
    for document in documents:
        nlp(document.text)


def seconds(work: Callable[[], object]) -> float:
    work()
    start = time.process_time()
    work()
    return time.process_time() - start


def start_up() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST_CLAIM], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start
