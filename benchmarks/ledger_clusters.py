"""Clustering in memory: time a mention as the mentions grow tenfold, and one more document beside all of them.

The mentions are synthetic with collisions as in the market: few suppliers with many deals, several tellings of each,
figures that repeat, a party left out in one telling of five.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from benchmarks.ratio import Ratio
from megawatch.ledger.claims import Mention
from megawatch.ledger.cluster_lines import mentions_of
from megawatch.ledger.clusters import blocking_keys, cluster, concerned

TELLINGS = 5


def measure(*, large: bool) -> Iterable[Ratio]:
    """Processor time a mention for 10,000 against 1,000 mentions (``large``: 100,000), and for one new document."""
    small, big = _mentions(1_000), _mentions(100_000 if large else 10_000)
    before, after = _seconds_each(small), _seconds_each(big)
    yield Ratio(
        name=f"clustering a mention of {len(big):,} against one of {len(small):,}",
        ours=after * 1e6,
        beside=before * 1e6,
        beside_name="fewer mentions",
        unit="microseconds",
        goal="at most 1.5 times",
    )
    yield Ratio(
        name=f"one new document beside {len(big):,} mentions",
        ours=_seconds_of_one_more(big) * 1e3,
        unit="milliseconds",
        goal="under 100",
    )


def _mentions(count: int) -> tuple[Mention, ...]:
    return mentions_of(_documents(count, random.Random(count)))


def _documents(count: int, chance: random.Random) -> Iterator[Mapping[str, Any]]:
    suppliers = count // 50 + 1
    weights = [1 / (rank + 10) for rank in range(suppliers)]
    for number in range(count // TELLINGS):
        (supplier,) = chance.choices(range(suppliers), weights)
        deal = {
            "kind": chance.choice(["compute", "lease", "power", "financing"]),
            "supplier": f"Supplier {supplier}",
            "customer": f"Customer {chance.randrange(count // 50 + 1)}",
            "status": "signed",
            "total_value_usd": chance.randrange(10, 999) * 10**7,
            "power_mw": chance.randrange(1, 80) * 5,
            "term_months": chance.choice([36, 60, 120, 180]),
            "start_date": f"{chance.randrange(2024, 2029)}",
        }
        for telling in range(TELLINGS):
            left_out = chance.choice(["supplier", "customer", "total_value_usd", "power_mw", "term_months"])
            yield {"id": f"{number}-{telling}", "deals": [{name: deal[name] for name in deal if name != left_out}]}


def _seconds_each(mentions: tuple[Mention, ...]) -> float:
    started = time.process_time()
    cluster(mentions)
    return (time.process_time() - started) / len(mentions)


def _seconds_of_one_more(mentions: tuple[Mention, ...]) -> float:
    by_key: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in mentions[:-1]:
        for key in blocking_keys(mention):
            by_key[key].append(mention)
    started = time.perf_counter()
    cluster(
        concerned(mentions[-1:], lambda keys: {one.mention_id: one for key in keys for one in by_key[key]}.values())
    )
    return time.perf_counter() - started
