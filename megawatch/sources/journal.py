"""What the store remembers of its sources: every fetch, every entry looked at, every run."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from megawatch.market import SourceHealth
from megawatch.sources.http import Fetched

LONGEST_DETAIL = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entry or a list page of a source as last looked at; ``mark`` changes when the source changes the entry.

    ``etag`` and ``modified`` are the server's marks of the page; ``raw_hash`` names the bytes it had.
    """

    key: str
    document_id: str | None = None
    first_seen: str = ""
    checked_at: str = ""
    mark: str = ""
    etag: str = ""
    modified: str = ""
    raw_hash: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one source: ``fresh`` entries never seen before, ``empty`` pages that held no text."""

    health: SourceHealth
    fresh: int
    empty: int


@contextmanager
def writing(lock: threading.RLock, db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One transaction: all of what is written inside, or nothing."""
    with lock:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already.
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


class Journal:
    """The store's memory of its sources; one for each store, made by it."""

    def __init__(self, lock: threading.RLock, db: sqlite3.Connection) -> None:
        self._lock = lock
        self._db = db

    def log_fetch(self, source_id: str, got: Fetched, raw_hash: str = "") -> None:
        """Keep how one request ended."""
        with writing(self._lock, self._db) as db:
            _insert_fetch(db, source_id, got, raw_hash)

    def fetches(self, source_id: str) -> tuple[tuple[str, str, str], ...]:
        """Give (address, instant, outcome) of every request of a source, the oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT url, fetched_at, outcome FROM fetches WHERE source_id = ? ORDER BY seq", (source_id,)
            ).fetchall()
        return tuple((url, moment, outcome) for url, moment, outcome in rows)

    def seen(self, source_id: str, key: str) -> Seen | None:
        """Give what is known of an entry of a source, or None where it was never looked at."""
        with self._lock:
            row = self._db.execute(
                "SELECT key, document_id, first_seen, checked_at, mark, etag, modified, raw_hash, outcome FROM items"
                " WHERE source_id = ? AND key = ?",
                (source_id, key),
            ).fetchone()
        if row is None:
            return None
        return Seen(**dict(zip(_SEEN, row, strict=True)))

    def save_seen(self, source_id: str, seen: Seen, *, got: Fetched | None = None) -> None:
        """Keep what is known of an entry, and how the request for it ended; its ``first_seen`` stays what it was."""
        values = tuple(getattr(seen, name) for name in _SEEN)
        with writing(self._lock, self._db) as db:
            db.execute(
                f"INSERT INTO items (source_id, {', '.join(_SEEN)}) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE"
                " SET document_id = excluded.document_id, checked_at = excluded.checked_at, mark = excluded.mark,"
                " etag = excluded.etag, modified = excluded.modified, raw_hash = excluded.raw_hash,"
                " outcome = excluded.outcome",
                (source_id, *values),
            )
            if got is not None and got.retrieved_at:
                _insert_fetch(db, source_id, got, seen.raw_hash)

    def add_run(self, run: Run) -> None:
        """Keep how a run of a source ended."""
        health = run.health
        with writing(self._lock, self._db) as db:
            db.execute(
                "INSERT INTO runs (source_id, publisher, checked_at, outcome, items, stored, detail, fresh, empty)"
                " VALUES (?,?,?,?,?,?,?,?,?)",
                (
                    health.source_id,
                    health.publisher,
                    health.checked_at,
                    health.outcome,
                    health.items,
                    health.stored,
                    health.detail[:LONGEST_DETAIL],
                    run.fresh,
                    run.empty,
                ),
            )

    def runs(self, source_id: str, *, most: int = 200) -> tuple[Run, ...]:
        """Give the latest runs of a source, the newest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT source_id, publisher, checked_at, outcome, items, stored, detail, fresh, empty FROM runs"
                " WHERE source_id = ? ORDER BY seq DESC LIMIT ?",
                (source_id, most),
            ).fetchall()
        names = ("source_id", "publisher", "checked_at", "outcome", "items", "stored", "detail")
        return tuple(
            Run(health=SourceHealth(**dict(zip(names, row[:7], strict=True))), fresh=row[7], empty=row[8])
            for row in rows
        )


def _insert_fetch(db: sqlite3.Connection, source_id: str, got: Fetched, raw_hash: str) -> None:
    values = (source_id, got.url, got.final_url, got.retrieved_at, got.outcome, got.status, raw_hash)
    db.execute(
        "INSERT INTO fetches (source_id, url, final_url, fetched_at, outcome, status, raw_hash, detail)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (*values, got.detail[:LONGEST_DETAIL]),
    )


_SEEN = ("key", "document_id", "first_seen", "checked_at", "mark", "etag", "modified", "raw_hash", "outcome")
