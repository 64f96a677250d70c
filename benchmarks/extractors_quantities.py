"""Reading figures, dates, models, tables and prices: beside spaCy's blank tokenizer on the same documents, one core.

The documents are the bundled ones, read as often as makes a steady clock; the long ones are the same paragraphs laid
end to end, up to the length of an S-1.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable

import spacy

from benchmarks.ratio import Ratio
from extractors.prices import find_prices
from extractors.reading import read_document
from megawatch.market import Document
from megawatch.resources import bundled

ROUNDS = 5


def measure(*, large: bool) -> Iterable[Ratio]:
    """The readers' time over the tokenizer's, their words a second, and the time a word as documents grow."""
    documents = _documents()
    words = sum(len(document.text.split()) for document in documents)
    tokenizer = spacy.blank("en")

    def tokenize(document: Document) -> None:
        tokenizer.make_doc(document.text)

    def read(document: Document) -> None:
        find_prices(read_document(document))

    beside, ours = _seconds(tokenize, documents), _seconds(read, documents)
    yield Ratio(
        name=f"quantities, dates, tables and prices of {len(documents)} documents",
        ours=ours * 1e3,
        beside=beside * 1e3,
        beside_name="spaCy blank tokenizer",
        unit="milliseconds",
        goal="at most 6 times (half of what extraction may take in all)",
    )
    yield Ratio(name="quantities to prices", ours=words / ours, unit="words a second", goal="at least 40,000")
    yield from _growth(documents, 200_000 if large else 50_000)


def _documents() -> list[Document]:
    lines = (bundled("fixtures") / "gold" / "market.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        Document(id=row["id"], title=row["title"], text=row["text"], published=row["published"], source=row["source"])
        for row in rows
    ]


def _seconds(task: Callable[[Document], None], documents: list[Document]) -> float:
    """The best of a few rounds over all documents, in processor seconds; the first round only warms up."""
    best = float("inf")
    for turn in range(ROUNDS + 1):
        started = time.process_time()
        for document in documents:
            task(document)
        if turn:
            best = min(best, time.process_time() - started)
    return best


def _growth(documents: list[Document], longest: int) -> Iterable[Ratio]:
    text = "\n\n".join(document.text for document in documents)
    words = len(text.split())

    def seconds_a_word(wanted: int) -> float:
        copies = max(1, wanted // words)
        document = Document(id="long", title="", text="\n\n".join([text] * copies), published="2026-05-20")
        started = time.process_time()
        find_prices(read_document(document))
        return (time.process_time() - started) / (copies * words)

    seconds_a_word(words)
    for wanted in (longest // 4, longest // 2, longest):
        yield Ratio(
            name=f"time a word in a document of {wanted:,} words",
            ours=seconds_a_word(wanted) * 1e6,
            beside=seconds_a_word(words) * 1e6,
            beside_name=f"in one of {words:,}",
            unit="microseconds",
            goal="at most 1.5 times",
        )
