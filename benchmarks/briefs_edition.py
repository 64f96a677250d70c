"""How long an edition takes, and whether deals outside its window cost anything.

The ledger is the bundled one with its deals and their terms copied many times into the past.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.ratio import Ratio
from megawatch.briefs.check import check_edition
from megawatch.briefs.render import render
from megawatch.briefs.view import build_brief
from megawatch.ledger import open_ledger
from megawatch.ledger.open import Ledger

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "megawatch" / "briefs"))

WEEK, AS_OF = "2026-W21", "2026-05-25"
MIDDLE_WEEK, MIDDLE_DAY = "2024-W21", "2024-05-27"
OUTSIDE_DAYS = 400
SPREAD_DAYS = 1826
DATES = ("known_from", "known_to", "first_seen", "last_seen", "start_date")


def measure(*, large: bool) -> Iterator[Ratio]:
    """Seconds an edition: alone, with 10,000 deals outside its window (100,000 with ``large``), and among as many."""
    from gold_ledger import build_gold_ledger

    many = 100_000 if large else 10_000
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        ledger = build_gold_ledger(path)
        alone = seconds_an_edition(ledger)
        own = multiply(path, many, first_day=OUTSIDE_DAYS)
        outside = seconds_an_edition(open_ledger(path))
        yield Ratio(
            name=f"edition, {own + many:,} deals, all but {own} outside its window",
            ours=outside,
            unit="s",
            goal="under 5 s, and the time of the small ledger",
            beside_name=f"the same edition, {own} deals",
            beside=alone,
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        build_gold_ledger(path)
        multiply(path, many, first_day=0)
        among = seconds_an_edition(open_ledger(path), week=MIDDLE_WEEK, as_of=MIDDLE_DAY)
        yield Ratio(name=f"edition, {many:,} deals spread over five years", ours=among, unit="s", goal="under 5 s")


def seconds_an_edition(ledger: Ledger, *, week: str = WEEK, as_of: str = AS_OF) -> float:
    """Build, render and check; the best of three, in seconds of this process, so that neighbours do not count."""
    return min(_once(ledger, week, as_of) for _ in range(3))


def _once(ledger: Ledger, week: str, as_of: str) -> float:
    start = time.process_time()
    brief = build_brief(ledger, week=week, as_of=as_of)
    built = time.process_time()
    rendered = render(brief)
    drawn = time.process_time()
    check_edition(rendered, brief, ledger=ledger)
    done = time.process_time()
    parts = f"build {built - start:.2f}, render {drawn - built:.2f}, check {done - drawn:.2f} s"
    print(f"  {len(brief.new)} new deals: {parts}", file=sys.stderr)
    return done - start


def multiply(path: Path, many: int, *, first_day: int) -> int:
    """Copy every deal and its terms, each copy on days from ``first_day`` back; how many deals there were."""
    with sqlite3.connect(path) as connection:
        own = int(connection.execute("select count(distinct deal_id) from deal_rows").fetchone()[0])
        copies = many // own + 1
        for table in ("deal_rows", "term_rows"):
            connection.execute(_copying(connection, table, copies, first_day))
    connection.close()
    return own


def _copying(connection: sqlite3.Connection, table: str, copies: int, first_day: int) -> str:
    columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    step = SPREAD_DAYS / copies
    days = f"(cast(-{first_day} - k * {step} as integer) || ' days')"

    def value(column: str) -> str:
        if column == "deal_id":
            return "deal_id || printf('%06d', k)"
        if column in DATES:
            moved = f"date(substr({column}, 1, 10), {days}) || substr({column}, 11)"
            # A month or a quarter has no day to move: its year goes back instead.
            earlier = (
                f"(substr({column}, 1, 4) - 1 - cast({first_day} + k * {step} as integer) / 365) || substr({column}, 5)"
            )
            return f"case when length({column}) >= 10 then {moved} else {earlier} end"
        return column

    listed = ", ".join(value(column) for column in columns)
    numbers = f"with recursive n(k) as (select 1 union all select k + 1 from n where k < {copies})"
    return f"insert into {table} ({', '.join(columns)}) {numbers} select {listed} from {table}, n"
