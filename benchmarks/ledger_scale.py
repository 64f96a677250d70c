"""How the ledger grows: time a mention from the first to the last, one new document, and the queries of a brief.

Synthetic news of made-up companies with realistic collisions: some companies are in it far more often than others,
six mentions in ten tell a deal of the last days again with partly other terms, and a company is new every twenty
mentions. Each day's documents are recorded together, as a backfill does, and settled. 10,000 mentions, with ``large``
100,000; by hand any number:

    python -m benchmarks.ledger_scale 1000000
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.ratio import Ratio
from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger.batch import prepare, record_all
from megawatch.ledger.queries import list_changes, list_contradictions, list_deals
from megawatch.ledger.reconcile import settle
from megawatch.ledger.record import record
from megawatch.market import AMOUNT_FIELDS, DealMention, Document, Evidence, Findings, Stated, content_id

FIRST_DAY = date(2024, 1, 1)
MENTIONS_A_DAY = 250
COMPANY_EVERY = 20
_KINDS = ("compute", "compute", "lease", "lease", "power", "hardware", "financing")
_MODELS = ("H100", "H200", "B200", "GB200", "GB300", "MI300X")
_SYLLABLES = ("bar", "cor", "dal", "fen", "gor", "hal", "kel", "lum", "mar", "nor", "pel", "quin", "ros", "tam", "vel")


def measure(*, large: bool) -> Iterable[Ratio]:
    """The ratios for 10,000 mentions, with ``large`` for 100,000."""
    return list(_measure(100_000 if large else 10_000))


def _measure(mentions: int) -> Iterator[Ratio]:
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder) / "ledger.db") as ledger:
        first, last = _fill(ledger, mentions)
        name = f"ledger of {mentions:,} mentions"
        goal = "at most 1.5 times"
        yield Ratio(
            name=f"{name}: processor time a mention, last tenth",
            ours=last * 1000,
            unit="ms",
            goal=goal,
            beside_name="first tenth",
            beside=first * 1000,
        )
        for what, took, limit in (("one new document", _one_more(ledger, mentions), 100), *_queries(ledger, mentions)):
            yield Ratio(
                name=f"{name}: {what}",
                ours=took.wall,
                unit="ms",
                goal=f"under {limit} ms",
                beside_name="processor time",
                beside=took.processor,
            )


class _Took(NamedTuple):
    """Milliseconds by the clock and of the processor."""

    wall: float
    processor: float


def _time(work: Callable[[], object]) -> _Took:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return _Took(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor))


def _fill(ledger: Ledger, mentions: int) -> tuple[float, float]:
    """Record and settle day by day; processor seconds a mention over the first and the last tenth."""
    tenths, begin = [_Tenth() for _ in range(10)], time.perf_counter()
    done = 0
    for day, documents in tell_days(mentions):
        tenth = tenths[min(9, 10 * done // mentions)]
        start = time.process_time()
        prepared = [prepare(document, findings, known_at=day) for document, findings in documents]
        count = sum(counts.mentions for counts in record_all(ledger, prepared, whole=_unasked))
        settle(ledger)
        tenth.seconds += time.process_time() - start
        tenth.mentions += count
        done += count
        if done == mentions or 100 * done // mentions > 100 * (done - count) // mentions:
            spent = time.perf_counter() - begin
            print(f"  {done:,} mentions, {1000 * tenth.each:.2f} ms each, {spent:,.0f} s", file=sys.stderr, flush=True)
    return tenths[0].each, tenths[-1].each


@dataclass(slots=True)
class _Tenth:
    """Processor seconds spent on a tenth of the mentions."""

    seconds: float = 0.0
    mentions: int = 0

    @property
    def each(self) -> float:
        return self.seconds / max(1, self.mentions)


def _unasked(document_id: str) -> tuple[Document, Findings]:
    raise AssertionError(f"{document_id} was recorded before")


def tell_days(mentions: int, *, seed: int = 7) -> Iterator[tuple[str, list[tuple[Document, Findings]]]]:
    """Day by day, documents that tell deals, until there are that many mentions."""
    chance = random.Random(seed)
    companies = _names(chance, 300 + mentions // COMPANY_EVERY)
    told = 0
    live: list[dict[str, Any]] = []
    for number in range(10**9):
        day = (FIRST_DAY + timedelta(days=number)).isoformat()
        documents: list[tuple[Document, Findings]] = []
        while len(documents) < MENTIONS_A_DAY // 1.4 and told < mentions:
            deals = [_deal(chance, companies, live) for _ in range(chance.choice((1, 1, 1, 2, 2)))]
            documents.append(_document(chance, day, len(documents), deals))
            told += len(deals)
        yield day, documents
        live = live[-400:]
        if told >= mentions:
            return


def _names(chance: random.Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        name = "".join(chance.choice(_SYLLABLES) for _ in range(4)).title()
        found[f"{name} {chance.choice(('Cloud', 'Compute', 'Power', 'Labs', 'Data'))}"] = None
    return list(found)


def _deal(chance: random.Random, companies: list[str], live: list[dict[str, Any]]) -> dict[str, Any]:
    if live and chance.random() < 0.6:
        known = dict(chance.choice(live))
        for name in chance.sample(sorted(known), k=min(2, len(known))):
            if name not in ("kind", "status", "supplier", "customer"):
                del known[name]
        return known
    # Some companies are in the news far more often than others.
    supplier, customer = (companies[int(len(companies) * chance.random() ** 2)] for _ in range(2))
    power = chance.choice((20, 50, 75, 100, 130, 150, 200, 250, 300, 400))
    months = chance.choice((24, 36, 48, 60, 120, 180))
    deal = {
        "kind": chance.choice(_KINDS),
        "status": "signed",
        "supplier": (supplier,),
        "customer": (customer,),
        "power_mw": Decimal(power + chance.randint(0, 9)),
        "term_months": Decimal(months),
        "total_value_usd": Decimal(chance.randint(50, 9999)) * 1_000_000,
        "start_date": f"{chance.randint(2024, 2028)}-{chance.randint(1, 12):02}",
        "gpu_model": (chance.choice(_MODELS),),
        "gpu_count": Decimal(chance.randint(1, 900) * 128),
    }
    live.append(deal)
    return deal


def _document(chance: random.Random, day: str, number: int, deals: list[dict[str, Any]]) -> tuple[Document, Findings]:
    text = ""
    mentions = []
    title = f"Item {number} of {day}"
    places: list[list[tuple[str, Any, int, int]]] = []
    for deal in deals:
        place = []
        for name, value in deal.items():
            quote = f"The {name} is {value}."
            place.append((name, value, len(text), len(text) + len(quote)))
            text += quote + " "
        places.append(place)
    document = Document(
        id=content_id(title, text),
        title=title,
        text=text,
        published=day,
        source=chance.choice(("filing", "press_release", "news", "news", "blog")),
        publisher=f"Paper {chance.randint(1, 80)}",
        url=f"https://paper.example/{day}/{number}",
    )
    for position, place in enumerate(places):
        terms = tuple(
            Stated(
                field=name,
                value=value,
                evidence=Evidence(part="text", start=start, end=end, quote=text[start:end]),
                resolution=Decimal("0.5") if name in AMOUNT_FIELDS else None,
                rule="synthetic",
            )
            for name, value, start, end in place
        )
        mentions.append(DealMention(document_id=document.id, position=position, terms=terms))
    return document, Findings(document_id=document.id, extractor_version="bench", deals=tuple(mentions))


def _one_more(ledger: Ledger, mentions: int) -> _Took:
    """From a new document to its settled deals: the middle of 15."""
    companies = _names(random.Random(7), 300 + mentions // COMPANY_EVERY)
    taken = []
    for number in range(15):
        chance = random.Random(number)
        told = _document(chance, "2099-01-01", number, [_deal(chance, companies, [])])
        taken.append(_time(partial(_record_one, ledger, *told, f"2099-01-01T00:00:{number:02}Z")))
    return sorted(taken)[len(taken) // 2]


def _record_one(ledger: Ledger, document: Document, findings: Findings, known_at: str) -> None:
    record(ledger, document, findings, known_at=known_at)
    settle(ledger)


def _queries(ledger: Ledger, mentions: int) -> Iterator[tuple[str, _Took, int]]:
    last = FIRST_DAY + timedelta(days=int(mentions / MENTIONS_A_DAY * 0.9))
    week = (last - timedelta(days=7)).isoformat(), last.isoformat()
    questions: dict[str, Callable[[], object]] = {
        "new deals of a week (the first 100)": lambda: list_deals(
            ledger, as_of=week[1], since=week[0], until=week[1], limit=100
        ),
        "changes of a day": lambda: list_changes(ledger, since=(last - timedelta(days=1)).isoformat(), until=week[1]),
        "contradictions of a day": lambda: list_contradictions(
            ledger, as_of=week[1], since=(last - timedelta(days=1)).isoformat(), until=week[1]
        ),
    }
    for name, ask in questions.items():
        yield name, sorted(_time(ask) for _ in range(5))[2], 200


if __name__ == "__main__":
    for row in _measure(int(sys.argv[1].replace(",", "").replace("_", "")) if sys.argv[1:] else 10_000):
        print(f"{row.name}: {row.ours:.1f} {row.unit} ({row.goal}; {row.beside_name} {row.beside or 0:.2f})")
