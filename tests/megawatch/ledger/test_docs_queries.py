"""Every query of the documentation runs on both databases with the same answer, and its Python says what it prints."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from megawatch.ledger import Ledger, open_ledger

DOCS = Path(__file__).resolve().parents[3] / "docs"
QUERIES = [
    (page.stem, query)
    for page in sorted(DOCS.glob("*.md"))
    for query in re.findall(r"```sql\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]


def _answer(ledger: Ledger, query: str) -> list[tuple[object, ...]]:
    rows = ledger.query(query).rows
    return [tuple(float(f"{cell:.9g}") if isinstance(cell, float) else cell for cell in row) for row in rows]


@pytest.mark.parametrize(("page", "query"), QUERIES)
def test_query_answers_alike_on_both_databases(page: str, query: str, told_sqlite: str, told_postgres: str) -> None:
    with open_ledger(told_sqlite) as one, open_ledger(told_postgres) as other:
        found = _answer(one, query)
        assert sorted(found, key=str) == sorted(_answer(other, query), key=str)
        assert found


def test_leases_over_100_mw_are_those_of_the_bundled_weeks(told: Ledger) -> None:
    query = next(query for _, query in QUERIES if "power_mw > 100" in query)
    assert [(row[0], row[2]) for row in _answer(told, query)] == [("Hut 8", 352.0), ("Applied Digital", 300.0)]


def test_python_of_the_worked_example_prints_what_it_says() -> None:
    code = re.search(r"```python\n(.+?)```", (DOCS / "example.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code
    said = re.findall(r"^# (.+)$", code[1], re.MULTILINE)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code[1], {})
    assert printed.getvalue().splitlines() == said == ["2.2 times, $307 m a year"]


def test_rate_of_the_worked_example_is_what_the_ledger_says(told: Ledger) -> None:
    rows = _answer(told, "select implied_usd_per_gpu_hour, term_months from deals where supplier = 'SpaceX'")
    assert rows == [(pytest.approx(7.78, abs=0.005), 36.0)]
    earlier = list(told.deals(supplier="SpaceX", as_of="2026-05-10"))
    assert earlier[0].value("implied_usd_per_gpu_hour") is None
    term = earlier[0].get("implied_usd_per_gpu_hour")
    assert term is not None
    assert term.absence == "undisclosed"
