"""The first pass: megabytes of text a second on one core beside reading the file, and what it keeps and sets aside."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from pydoc_data.topics import topics

from benchmarks.ratio import Ratio
from extractors.firstpass import may_tell_deals

ANNOTATED = Path(__file__).resolve().parents[1] / "training" / "documents"
BYTES_A_TEXT = 4000
MARKET_SHARE = 50
"""One text in so many is of this market, which is more than a news archive has."""


def annotated() -> Iterator[tuple[str, bool]]:
    """The annotated texts and whether each tells a deal."""
    for path in sorted(ANNOTATED.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield f"{row['title']}\n{row['text']}", bool(row["deals"])


def other_texts() -> list[str]:
    """English prose of another matter that every Python brings: its own reference."""
    whole = "\n".join(topics.values())
    return [whole[start : start + BYTES_A_TEXT] for start in range(0, len(whole), BYTES_A_TEXT)]


def archive(megabytes: int) -> list[str]:
    market = [text for text, _ in annotated()]
    others = other_texts()
    count = megabytes * 1_000_000 // BYTES_A_TEXT
    return [
        market[place % len(market)] if place % MARKET_SHARE == 0 else others[place % len(others)]
        for place in range(count)
    ]


def best(work: Callable[[], object], times: int = 3) -> float:
    took = []
    for _ in range(times):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def read_lines(path: Path) -> None:
    with path.open("rb") as file:
        for _ in file:
            pass


def judge(texts: Sequence[bytes]) -> None:
    for text in texts:
        may_tell_deals(text)


def measure(*, large: bool) -> Iterator[Ratio]:
    texts = [text.encode("utf-8") for text in archive(100 if large else 20)]
    size = sum(map(len, texts)) / 1e6
    may_tell_deals(b"")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.jsonl"
        path.write_bytes(b"\n".join(text.replace(b"\n", b" ") for text in texts))
        reading = best(lambda: read_lines(path))
    judging = best(lambda: judge(texts))
    yield Ratio(
        name="first pass, one core",
        ours=size / judging,
        unit="MB/s of text",
        goal="at least 100, or a third of reading",
        beside_name="reading the file by lines",
        beside=size / reading,
    )
    deals = [may_tell_deals(text) for text, tells in annotated() if tells]
    yield Ratio(name="annotated deal documents kept", ours=sum(deals) / len(deals), unit="share", goal="at least 0.995")
    aside = [not may_tell_deals(text) for text in other_texts()]
    yield Ratio(name="texts of another matter set aside", ours=sum(aside) / len(aside), unit="share", goal="most")
