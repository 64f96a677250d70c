"""Market sheets give the same answers on both databases, and those that a person worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from megawatch.errors import LexiconError
from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger.sheets import Sheet, get_sheet, read_sheets


@pytest.mark.parametrize("sheet", read_sheets(), ids=lambda sheet: sheet.name)
def test_a_sheet_runs_and_its_chart_finds_its_columns(told: Ledger, sheet: Sheet) -> None:
    columns = set(told.query(sheet.bound_sql()).columns)
    assert sheet.chart is None or {sheet.chart.x, sheet.chart.y, sheet.chart.colour} <= columns


def _answer(ledger: Ledger, name: str, **values: str) -> list[dict[str, Any]]:
    answer = ledger.query(get_sheet(name).bound_sql(values))
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def test_implied_rate_of_colossus_lies_beside_what_was_reported(told: Ledger) -> None:
    row = next(one for one in _answer(told, "implied-rates") if one["supplier"] == "SpaceX")
    assert row["implied_usd_per_gpu_hour"] == pytest.approx(7.78, abs=0.01)
    assert row["rate_usd_per_gpu_hour"] == pytest.approx(7.8)
    assert row["implied_usd_per_gpu_hour_low"] < 7.78 < row["implied_usd_per_gpu_hour_high"]


def test_payments_of_colossus_add_up_over_its_term(told: Ledger) -> None:
    rows = [one for one in _answer(told, "payments-by-year") if one["supplier"] == "SpaceX"]
    # $1.25 bn a month from May 2026: eight months in 2026, four in 2029, $45 bn in all.
    assert [(one["year"], one["payments_usd"]) for one in rows] == [
        (2026, 10.0e9),
        (2027, 15.0e9),
        (2028, 15.0e9),
        (2029, 5.0e9),
    ]
    assert rows[-1]["cumulative_usd"] == pytest.approx(45e9)


def test_exposure_names_who_owes_whom(told: Ledger) -> None:
    rows = [one for one in _answer(told, "exposure") if one["debtor"] == "Anthropic" and one["year"] == 2027]
    assert [(one["creditor"], one["debtor_segment"], one["owed_usd"]) for one in rows] == [("SpaceX", "ai_lab", 15e9)]


def test_company_exposure_tells_both_sides(told: Ledger) -> None:
    owed = [row for row in _answer(told, "company-exposure", company="spacex") if row["year"] == 2028]
    owes = [row for row in _answer(told, "company-exposure", company="anthropic") if row["year"] == 2028]
    assert [(row["side"], row["owed_usd"]) for row in owed] == [("is owed", 15e9)]
    assert [(row["side"], row["owed_usd"]) for row in owes] == [("owes", 15e9)]


def test_comparable_units_are_filtered_by_chip_place_and_term(told: Ledger) -> None:
    rows = _answer(told, "comparable-units", chip="gb300")
    assert {row["unit"] for row in rows} == {"USD per GPU-hour"}
    assert all("GB300" in row["gpu_model"] for row in rows)
    assert [row["supplier"] for row in _answer(told, "comparable-units", place="memphis")] == ["SpaceX"]
    assert min(row["term_months"] for row in _answer(told, "comparable-units", least_months="120")) >= 120


def test_both_databases_answer_alike(told_sqlite: str, told_postgres: str) -> None:
    with open_ledger(told_sqlite) as one, open_ledger(told_postgres) as other:
        for sheet in read_sheets():
            assert _rounded(one, sheet) == _rounded(other, sheet), sheet.name


def _rounded(ledger: Ledger, sheet: Sheet) -> list[tuple[Any, ...]]:
    rows = ledger.query(sheet.bound_sql()).rows
    numbers = [tuple(float(f"{cell:.9g}") if isinstance(cell, float) else cell for cell in row) for row in rows]
    return sorted(numbers, key=str)


def test_known_on_a_day_leaves_out_what_came_later(told: Ledger) -> None:
    early, late = (_answer(told, "known-on", day=day) for day in ("2026-05-03", "2026-05-24"))
    assert len({row["deal_id"] for row in early}) == len(told.deals(as_of="2026-05-03"))
    assert len({row["deal_id"] for row in late}) == len(told.deals(as_of="2026-05-24"))


def test_a_parameter_cannot_break_out_of_its_quotes(told: Ledger) -> None:
    assert _answer(told, "company", company="x'; drop table deal_rows; --") == []
    assert len(told.deals()) > 20


def test_unknown_sheet_and_parameter_are_named() -> None:
    with pytest.raises(LexiconError, match="There is no sheet 'rates'; there are build-costs"):
        get_sheet("rates")
    with pytest.raises(LexiconError, match="no parameter day; it has company"):
        get_sheet("company").bound_sql({"day": "2026-05-10"})
