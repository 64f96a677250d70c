"""Opening: created, migrated, or refused before anything is written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from ledger_texts import keep, tell
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

import megawatch
from megawatch.errors import LedgerError
from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger import open as opening
from megawatch.ledger.queries import list_deals, run_query
from megawatch.ledger.reconcile import settle

DEAL = {"kind": "build", "supplier": ["Northmere Data"], "power_mw": "120"}


def migrate_to(url: str, revision: str) -> None:
    """A ledger as the program of an earlier schema left it."""
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(opening._address(url))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_the_migrated_schema_is_the_one_of_the_tables(ledger: Ledger) -> None:
    with ledger.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_ledger_of_the_first_version_is_upgraded_with_its_data(postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS first")
        connection.execute("CREATE DATABASE first")
    for url in (str(tmp_path / "first.db"), postgres.replace("/postgres?", "/first?")):
        migrate_to(url, "0001")
        engine = create_engine(opening._address(url))
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO document_rows (document_id, known_from, title, source, publisher, published, url, "
                    "group_id, text_sha256, characters) VALUES ('d', '2026-05-04', 'Old', 'news', 'P', '2026-05-04', "
                    "'', 'd', 'x', 3)"
                )
            )
        engine.dispose()
        with open_ledger(url) as ledger:
            assert run_query(ledger, "select document_id, title from documents").rows == (("d", "Old"),)
            keep(ledger, tell(DEAL))
            settle(ledger)
            assert len(list_deals(ledger)) == 1


def test_keys_of_an_earlier_form_are_made_anew(postgres: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS second")
        connection.execute("CREATE DATABASE second")
    lease = {"kind": "lease", "supplier": ["Northmere Data"], "customer": ["Ostrea Labs"], "power_mw": "120"}
    for url in (str(tmp_path / "second.db"), postgres.replace("/postgres?", "/second?")):
        with open_ledger(url) as ledger:
            keep(ledger, tell(DEAL, published="2026-05-02"))
            keep(ledger, tell(lease, published="2026-05-03"))
            settle(ledger)
            keys = {name: run_keys(ledger, name) for name in ("mention_keys", "deal_keys")}
            assert all(keys.values())
            ledger.write(forget_keys)
            keep(ledger, tell({**lease, "term_months": "180"}, published="2026-05-04"))
            settle(ledger)
            assert [deal.documents for deal in list_deals(ledger)] == [2, 1]
            assert all(run_keys(ledger, name) >= found for name, found in keys.items())


def forget_keys(connection: Connection) -> None:
    """What the third migration leaves of the keys of a ledger of the second version."""
    for statement in ("mention_keys", "deal_keys", "settle_state WHERE name = 'keys'"):
        connection.execute(text(f"DELETE FROM {statement}"))


def run_keys(ledger: Ledger, name: str) -> set[tuple[str, ...]]:
    with ledger.read() as connection:
        return {tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))}


def test_a_newer_ledger_is_refused_and_left_alone(url: str) -> None:
    with open_ledger(url) as ledger:
        ledger.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '0999'")))
    with pytest.raises(LedgerError, match="0999, newer than this program"):
        open_ledger(url)
    engine = create_engine(opening._address(url))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0999"
    engine.dispose()


def test_another_program_s_database_is_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="is no ledger"):
        open_ledger(path)
    assert path.read_bytes()[100:] == before[100:]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mysql://host/ledger", "no address of a ledger"),
        ("sqlite://", "no address of a ledger"),
        ("postgresql://nobody@127.0.0.1:9/ledger?connect_timeout=2", "did not take it"),
    ],
)
def test_a_wrong_address_is_one_clear_error(address: str, told: str) -> None:
    with pytest.raises(LedgerError, match=told):
        open_ledger(address)


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and long enough to be read as a page of a database file" * 20)
    with pytest.raises(LedgerError, match="not a database"):
        open_ledger(path)


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "a" / "b" / "ledger.db") as ledger:
        assert ledger.path == tmp_path / "a" / "b" / "ledger.db"
        assert list_deals(ledger) == ()
    with open_ledger(f"sqlite:///{tmp_path}/a/b/ledger.db") as again:
        assert again.path == ledger.path


def test_the_library_opens_a_ledger_and_gives_rows_and_frames(told: Ledger) -> None:
    with megawatch.open_ledger(told.url.render_as_string(hide_password=False)) as ledger:
        deals = ledger.deals(as_of="2026-05-21")
        assert deals == list_deals(told, as_of="2026-05-21")
        frame = deals.frame("pandas")
        assert list(frame["deal_id"]) == [deal.deal_id for deal in deals]
        assert frame["power_mw"].dtype == "float64"
        row = frame.set_index("supplier").loc["SpaceX"]
        assert row["customer"] == "Anthropic"
        assert row["implied_usd_per_gpu_hour"] == pytest.approx(7.783, abs=0.001)
        assert deals.frame("polars").shape == frame.shape
        assert ledger.deals(as_of="2001-01-01").frame().shape == (0, frame.shape[1])
        assert len(ledger.prices()) == len(ledger.query("select * from prices").rows)


def test_the_frame_says_what_the_view_says(told: Ledger) -> None:
    frame = told.deals().frame("pandas").set_index("deal_id").sort_index()
    answer = told.query("select * from deals").frame("pandas").set_index("deal_id").sort_index()
    for name in frame.columns:
        assert list(frame[name].dropna()) == list(answer[name].dropna()), name


def test_a_frame_of_a_library_that_is_missing_is_one_clear_error(told: Ledger) -> None:
    with pytest.raises(LedgerError, match="not installed"):
        told.deals().frame("dataframes_of_nobody")  # type: ignore[arg-type]
