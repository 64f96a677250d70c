"""A release is read back by the tools that people use, and says what the ledger says."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from pathlib import Path

import duckdb
import frictionless
import pandas
import polars
import pytest

from megawatch.errors import LedgerError
from megawatch.ledger import Ledger
from megawatch.ledger.dictionary import read_dictionary
from megawatch.ledger.export import apply_changes, export_release
from megawatch.ledger.views import VIEWS

EARLY, LATE = "2026-05-10", "2026-05-24"


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_dictionary_describes_every_column_of_every_view(told: Ledger) -> None:
    assert {view.name for view in read_dictionary()} == set(VIEWS)
    for view in read_dictionary():
        answer = told.query(f"select * from {view.name}")
        assert {column.name for column in view.columns} == set(answer.columns), view.name


def test_release_says_what_the_ledger_says(told: Ledger, tmp_path: Path) -> None:
    release = export_release(told, tmp_path / "release", as_of=LATE)
    total = told.query("select count(*), sum(total_value_usd), sum(power_mw) from deals").rows[0]
    parquet = str(tmp_path / "release" / "parquet" / "deals.parquet")
    counted = "select count(*), sum(total_value_usd), sum(power_mw) from"
    assert duckdb.sql(f"{counted} '{parquet}'").fetchall()[0] == pytest.approx(total)
    frame = pandas.read_csv(tmp_path / "release" / "csv" / "deals.csv")
    assert (len(frame), frame.total_value_usd.sum(), frame.power_mw.sum()) == pytest.approx(total)
    columns = polars.read_parquet(parquet)
    assert (columns.height, columns["total_value_usd"].sum(), columns["power_mw"].sum()) == pytest.approx(total)
    with sqlite3.connect(tmp_path / "release" / "megawatch.sqlite") as connection:
        assert connection.execute(f"{counted} deals").fetchone() == pytest.approx(total)
    assert release.rows["deals"] == total[0] > 20


def test_release_passes_frictionless(told: Ledger, tmp_path: Path) -> None:
    export_release(told, tmp_path / "release", as_of=LATE)
    report = frictionless.validate(str(tmp_path / "release" / "datapackage.json"))
    assert report.flatten(["resourceName", "rowNumber", "fieldName", "type"]) == []
    assert report.stats["tasks"] == 2 * len(VIEWS)


def test_same_ledger_and_day_give_the_same_bytes(told: Ledger, tmp_path: Path) -> None:
    export_release(told, tmp_path / "one", as_of=LATE)
    export_release(told, tmp_path / "two", as_of=LATE)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_a_release_and_the_changes_of_the_next_give_the_next(told: Ledger, tmp_path: Path) -> None:
    export_release(told, tmp_path / "early", as_of=EARLY)
    release = export_release(told, tmp_path / "late", as_of=LATE, previous=tmp_path / "early")
    apply_changes(tmp_path / "early", tmp_path / "late" / "changes", tmp_path / "rebuilt")
    assert _files(tmp_path / "rebuilt") == _files(tmp_path / "late" / "csv")
    assert release.changes is not None
    assert release.changes > 100


def test_earlier_day_holds_what_was_known_then(told: Ledger, tmp_path: Path) -> None:
    release = export_release(told, tmp_path / "early", as_of=EARLY)
    assert release.rows["documents"] == len(
        told.query(f"select 1 from documents where known_from <= '{EARLY}T99'").rows
    )
    assert release.rows["deals"] == len(told.deals(as_of=EARLY))


def test_quotes_are_short_and_sentences_stay_home(told: Ledger, tmp_path: Path) -> None:
    export_release(told, tmp_path / "release", as_of=LATE)
    with (tmp_path / "release" / "csv" / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "sentence" not in rows[0]
    assert max(len(row["quote"].split()) for row in rows) <= 31


def test_checksums_hold_and_units_travel(told: Ledger, tmp_path: Path) -> None:
    export_release(told, tmp_path / "release", as_of=LATE)
    files = _files(tmp_path / "release")
    del files["SHA256SUMS"]
    lines = (tmp_path / "release" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert {line.split("  ")[1]: line.split("  ")[0] for line in lines} == files
    package = json.loads((tmp_path / "release" / "datapackage.json").read_text(encoding="utf-8"))
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert fields["usd_per_mw_year"]["unit"] == "USD per MW-year"


def test_a_folder_with_something_else_is_left_alone(told: Ledger, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(LedgerError, match="something else than a release"):
        export_release(told, tmp_path, as_of=LATE)
    with pytest.raises(LedgerError, match="holds no release"):
        export_release(told, tmp_path / "release", as_of=LATE, previous=tmp_path / "missing")


def test_formula_in_a_name_is_harmless_in_csv(told: Ledger, tmp_path: Path) -> None:
    from megawatch.ledger.export.files import write_csv
    from megawatch.ledger.export.rows import Table

    view = next(one for one in read_dictionary() if one.name == "links")
    row = tuple("=HYPERLINK(1)" if column.name == "reason" else "x" for column in view.columns)
    write_csv(Table(view=view, columns=view.columns, rows=(row,)), tmp_path / "links.csv")
    assert "'=HYPERLINK(1)" in (tmp_path / "links.csv").read_text(encoding="utf-8")
