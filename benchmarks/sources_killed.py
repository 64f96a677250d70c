"""Killed at 50 random moments while ingesting 500 documents, then run to the end: how many are there, once each."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.ratio import Ratio

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "megawatch" / "sources"))


def measure(*, large: bool) -> Iterable[Ratio]:
    from killing import killed_at

    moments, count = (50, 500) if large else (10, 100)
    with tempfile.TemporaryDirectory() as folder:
        hit, texts, whole = killed_at(moments, count, Path(folder), seed=11)
    assert sorted(texts) == sorted(whole), "the store differs from one that was never killed"
    yield Ratio(
        name=f"documents once each after {hit} kills",
        ours=len(set(texts)),
        unit="documents",
        goal="the same as without",
        beside_name="never killed",
        beside=len(whole),
    )


if __name__ == "__main__":
    for row in measure(large="--large" in sys.argv):
        print(row, row.ratio)
