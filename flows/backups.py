"""A copy of all that Megawatch keeps, taken while it works, and put back whole or not at all.

The archive is a gzipped tar of ``ledger.db`` (SQLite, copied by its own backup API, so that a writer is no trouble) or
``ledger.dump`` (PostgreSQL, by ``pg_dump``), the store's index and raw bytes, the operator's sources and the briefs.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from megawatch.errors import SettingsError
from megawatch.settings import Settings

LEDGER, DUMP, INDEX = "ledger.db", "ledger.dump", "store.sqlite3"
FOLDERS = ("briefs", "sources")


def backup(settings: Settings, path: Path) -> int:
    """Write an archive of everything at home to ``path``; its size in bytes.

    Raises SettingsError where there is nothing to copy, a file cannot be written, or pg_dump is missing or fails.
    """
    with tempfile.TemporaryDirectory(dir=path.resolve().parent if path.resolve().parent.is_dir() else None) as folder:
        copy = Path(folder)
        _copy_ledger(settings, copy)
        if (settings.store / INDEX).is_file():
            (copy / "store").mkdir()
            _copy_sqlite(settings.store / INDEX, copy / "store" / INDEX)
        beside = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tarfile.open(beside, "w:gz") as archive:
                archive.add(copy, arcname="", filter=_nameless)
                for source in (settings.store / "raw", *(settings.home / name for name in FOLDERS)):
                    if source.is_dir():
                        archive.add(source, arcname=str(source.relative_to(settings.home)), filter=_nameless)
        except OSError as error:
            raise SettingsError(f"{path} cannot be written ({error.strerror}): give another file.") from error
        beside.replace(path)
    return path.stat().st_size


def restore(settings: Settings, path: Path) -> None:
    """Put an archive back into an empty home (or one without ledger and store).

    Raises SettingsError where the archive is none, something is there already, or pg_restore fails.
    """
    for there in (settings.home / LEDGER, settings.store):
        if there.exists():
            raise SettingsError(f"{there} is there already: move it away first, nothing was changed.")
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        try:
            with tarfile.open(path, "r:gz") as archive:
                archive.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise SettingsError(f"{path} is no backup that can be read ({error}).") from error
        if (Path(folder) / DUMP).is_file():
            _run("pg_restore", "--clean", "--if-exists", "--dbname", settings.ledger_url, str(Path(folder) / DUMP))
            (Path(folder) / DUMP).unlink()
        for found in sorted(Path(folder).iterdir()):
            shutil.move(str(found), settings.home / found.name)


def _copy_ledger(settings: Settings, folder: Path) -> None:
    if not settings.ledger_url.startswith("sqlite:///"):
        _run("pg_dump", "--format", "custom", "--file", str(folder / DUMP), "--dbname", settings.ledger_url)
        return
    source = Path(settings.ledger_url.removeprefix("sqlite:///"))
    if not source.is_file():
        raise SettingsError(f"There is no ledger at {source} to back up.")
    _copy_sqlite(source, folder / LEDGER)


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as read,
        closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SettingsError(f"{command[0]} is not installed; it comes with PostgreSQL's client programs.") from error
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SettingsError(f"{command[0]} failed: {why}")
