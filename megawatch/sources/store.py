"""Documents kept for good: raw bytes by their hash, clean text fixed once, every address and version, every fetch.

One folder holds ``store.sqlite3`` (the index and the texts) and ``raw/`` (gzip files named by the SHA-256 of what is
in them). A raw file is whole before the index speaks of it, and the index changes in transactions: killed at any
moment, the store holds what it held before, or that and the new document. A loss of power can cost the last seconds:
documents put in them, or their raw bytes, but no text of which the index speaks.
"""

from __future__ import annotations

import difflib
import gzip
import hashlib
import re
import shutil
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from megawatch.errors import SourceError
from megawatch.market import Document, content_id
from megawatch.sources.addresses import address_key, view_of
from megawatch.sources.journal import Journal, writing
from megawatch.sources.likeness import ALIKE, bands, likeness, signature
from megawatch.sources.tables import SCHEMA, SCHEMA_VERSION

Outcome = Literal["new", "version", "address", "known"]
SHORT_TEXT = 280
SAME_VIEW = 0.8
FINDABLE = 0.8
GROUP_DAYS = 10
LEAST_FREE_BYTES = 1_000_000
_DOCUMENT = "id, title, text, published, source, publisher, url, retrieved_at"
_VERSION = "address, url, position, document_id, text_id, seen_at, raw_hash, cleaner"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a document that was put.

    ``new``; ``version`` of an address whose text changed (``previous`` is the document that stood there); ``address``,
    a text known from elsewhere; ``known``, nothing new.
    """

    document_id: str
    outcome: Outcome
    group_id: str
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One text that stood at an address, from ``seen_at`` (UTC, ISO) until the next version.

    ``text_id`` is the id of the very text; ``document_id`` differs where it counts as a view of another document.
    """

    address: str
    url: str
    position: int
    document_id: str
    text_id: str
    seen_at: str
    raw_hash: str
    cleaner: str


def document_id_of(title: str, text: str) -> str:
    """Derive the id of a document from its text; from its title too where the text is a few words only."""
    flat = _SPACES.sub(" ", text).strip()
    return content_id(flat) if len(flat) >= SHORT_TEXT else content_id(_SPACES.sub(" ", title).strip(), flat)


class DocumentStore:
    """The documents of one folder; safe to share between threads, and between processes of one machine.

    Raises SourceError where the folder cannot be written or was made by a newer Megawatch.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self._make_folders()
            self._db = sqlite3.connect(
                root / "store.sqlite3", timeout=60, isolation_level=None, check_same_thread=False
            )
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise SourceError(f"{root}: the document store cannot be opened ({_why(root, error)}).") from error
        self._lock = threading.RLock()
        self.journal = Journal(self._lock, self._db)

    def _make_folders(self) -> None:
        """Make the 256 folders of raw files at once, so that no put has to."""
        if not (self.root / "raw" / "ff").is_dir():
            for number in range(256):
                (self.root / "raw" / f"{number:02x}").mkdir(parents=True, exist_ok=True)

    def _use_wal(self) -> None:
        """Switch a new index to a write-ahead log; another process may be doing just that."""
        for _ in range(100):
            try:
                if self._db.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                    return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) and "busy" not in str(error):
                    raise
            time.sleep(0.05)
        raise SourceError(f"{self.root}: the document store is locked by another program; end that one.")

    def _prepare(self) -> None:
        self._use_wal()
        self._db.execute("PRAGMA synchronous=NORMAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise SourceError(f"{self.root}: this store was made by a newer Megawatch; use that one.")
        if version < SCHEMA_VERSION:
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")

    def close(self) -> None:
        """Close the index; what was put is kept."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> DocumentStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with writing(self._lock, self._db) as db:
            yield db

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def put(
        self,
        document: Document,
        *,
        raw: bytes = b"",
        raw_hash: str = "",
        cleaner: str = "",
        clean_again: Callable[[bytes], str] | None = None,
    ) -> Stored:
        """Keep a document that was found at ``document.url``; its id is made here from its text.

        ``raw`` is what it was cleaned from, by ``cleaner``; or ``raw_hash`` names it, where it was put before. Where an
        older cleaner made the text that stands at the address, ``clean_again`` is given the old bytes: a text that
        differs for the cleaner's sake is no new version.
        """
        if not document.text.strip():
            raise SourceError(f"{document.url or document.id}: a document without text is not stored.")
        own = document_id_of(document.title, document.text)
        raw_hash = raw_hash or (self.put_raw(raw) if raw else "")
        key = address_key(document.url) if document.url else f"text:{own}"
        signed = signature(document.text)
        with self._writing() as db:
            standing = self._standing(key)
            if standing and standing.text_id == own:
                return self._known(standing.document_id)
            if standing and self._same_under(standing, document, cleaner, clean_again):
                return self._known(standing.document_id)
            if standing:
                document = replace(document, url=self._first_url(key) or document.url)
            return self._put(db, document, own, key, (raw_hash, cleaner), signed, standing)

    def _put(
        self,
        db: sqlite3.Connection,
        document: Document,
        own: str,
        key: str,
        made: tuple[str, str],
        signed: bytes,
        standing: Version | None,
    ) -> Stored:
        known = self.has(own)
        twin = None if known or standing else self._viewed(key, signed)
        if twin:
            self._add_version(db, key, document, (twin, own), made, 1)
            return Stored(document_id=twin, outcome="address", group_id=self.group_of(twin))
        if known:
            group = self.group_of(own)
        else:
            alike, group = self._alike(signed, document.published)
            group = self.group_of(standing.document_id) if standing else group or own
            self._add_document(db, document, own, group, made, signed)
            if alike < FINDABLE:
                self._add_bands(db, own, signed)
        self._add_version(db, key, document, (own, own), made, standing.position + 1 if standing else 1)
        outcome: Outcome = "version" if standing else "address" if known else "new"
        previous = standing.document_id if standing else None
        return Stored(document_id=own, outcome=outcome, group_id=group, previous=previous)

    def _known(self, document_id: str) -> Stored:
        return Stored(document_id=document_id, outcome="known", group_id=self.group_of(document_id))

    def _same_under(
        self, standing: Version, document: Document, cleaner: str, again: Callable[[bytes], str] | None
    ) -> bool:
        if not again or not standing.raw_hash or standing.cleaner == cleaner:
            return False
        try:
            return _SPACES.sub(" ", again(self.raw(standing.raw_hash))) == _SPACES.sub(" ", document.text)
        except SourceError:
            return False

    def _viewed(self, key: str, signed: bytes) -> str | None:
        """Find the document of which the address shows an AMP or print view, with nearly the same text."""
        view = view_of(f"https://{key}") if not key.startswith("text:") else key
        rows = self._rows(
            "SELECT documents.id, documents.signature FROM versions JOIN documents ON documents.id = document_id"
            " WHERE view = ? AND address <> ? ORDER BY versions.seq DESC LIMIT 5",
            view,
            key,
        )
        return next((found for found, other in rows if likeness(signed, other) >= SAME_VIEW), None)

    def _alike(self, signed: bytes, published: str | None) -> tuple[float, str]:
        """Find the stored document most alike, within days of this one: how alike, and its group if alike enough."""
        marks = bands(signed)
        rows = self._rows(
            "SELECT DISTINCT documents.seq, group_id, signature, published FROM bands JOIN documents"
            f" ON documents.seq = bands.document_seq WHERE key IN ({','.join('?' * len(marks))})"
            " ORDER BY documents.seq DESC LIMIT 200",
            *marks,
        )
        near = [(likeness(signed, other), -seq, group) for seq, group, other, day in rows if _near(day, published)]
        alike, _, group = max(near, default=(0.0, 0, ""))
        return alike, group if alike >= ALIKE else ""

    def _add_document(
        self, db: sqlite3.Connection, document: Document, own: str, group: str, made: tuple[str, str], signed: bytes
    ) -> None:
        db.execute(
            f"INSERT INTO documents ({_DOCUMENT}, raw_hash, cleaner, group_id, signature)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                own,
                document.title,
                document.text,
                document.published,
                document.source,
                document.publisher,
                document.url,
                document.retrieved_at,
                *made,
                group,
                signed,
            ),
        )

    def _add_bands(self, db: sqlite3.Connection, own: str, signed: bytes) -> None:
        """Let later texts find this one; one that is nearly another's twin is found through that other."""
        (seq,) = db.execute("SELECT seq FROM documents WHERE id = ?", (own,)).fetchone()
        db.executemany("INSERT INTO bands (key, document_seq) VALUES (?, ?)", [(key, seq) for key in bands(signed)])

    def _add_version(
        self,
        db: sqlite3.Connection,
        key: str,
        document: Document,
        ids: tuple[str, str],
        made: tuple[str, str],
        position: int,
    ) -> None:
        view = view_of(f"https://{key}") if not key.startswith("text:") else key
        db.execute(
            "INSERT INTO versions (address, view, url, position, document_id, text_id, seen_at, raw_hash, cleaner)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            (key, view, document.url, position, *ids, document.retrieved_at or "", *made),
        )

    def put_raw(self, raw: bytes) -> str:
        """Keep bytes under their SHA-256, which is returned (64 hex digits); whole, or not at all."""
        name = hashlib.sha256(raw).hexdigest()
        path = self._raw_path(name)
        try:
            whole = path.stat().st_size > 0
        except FileNotFoundError:
            whole = False
        if not whole:
            beside = path.with_name(f".{uuid.uuid4().hex}")
            beside.write_bytes(gzip.compress(raw, 1, mtime=0))
            beside.replace(path)
        return name

    def raw(self, raw_hash: str) -> bytes:
        """Give the bytes kept under a hash; SourceError where they are missing or no longer match it."""
        if not re.fullmatch(r"[0-9a-f]{64}", raw_hash):
            raise SourceError(f"{raw_hash[:80]!r} is not the hash of stored bytes.")
        try:
            raw = gzip.decompress(self._raw_path(raw_hash).read_bytes())
        except (OSError, EOFError, ValueError) as error:
            raise SourceError(f"raw bytes {raw_hash}: missing or broken in {self.root} ({error}).") from error
        if hashlib.sha256(raw).hexdigest() != raw_hash:
            raise SourceError(f"raw bytes {raw_hash}: the file in {self.root} holds something else; restore it.")
        return raw

    def _raw_path(self, name: str) -> Path:
        return self.root / "raw" / name[:2] / f"{name[2:]}.gz"

    def has(self, document_id: str) -> bool:
        """Whether a document of that id is stored."""
        return bool(self._rows("SELECT 1 FROM documents WHERE id = ?", document_id))

    def get(self, document_id: str) -> Document:
        """Give the document of that id; SourceError where there is none."""
        rows = self._rows(f"SELECT {_DOCUMENT} FROM documents WHERE id = ?", document_id)
        if not rows:
            raise SourceError(f"document {document_id!r} is not in the store {self.root}.")
        return _document(rows[0])

    def documents(self) -> Iterator[Document]:
        """Give every document, in the order of first storing."""
        last = 0
        while rows := self._rows(f"SELECT seq, {_DOCUMENT} FROM documents WHERE seq > ? ORDER BY seq LIMIT 500", last):
            last = rows[-1][0]
            yield from (_document(row[1:]) for row in rows)

    def dates(self) -> list[tuple[str, str | None, str | None]]:
        """Give id, date of publication and instant of retrieval of every document, in the order of first storing."""
        return self._rows("SELECT id, published, retrieved_at FROM documents ORDER BY seq")

    def count(self) -> int:
        """Count the documents."""
        return int(self._rows("SELECT count(*) FROM documents")[0][0])

    def group_of(self, document_id: str) -> str:
        """Give the id that a document shares with its rewrites and versions; its own where it stands alone."""
        rows = self._rows("SELECT group_id FROM documents WHERE id = ?", document_id)
        return str(rows[0][0]) if rows else document_id

    def group(self, group_id: str) -> tuple[str, ...]:
        """Give the ids of the documents of a group, in the order of first storing."""
        return tuple(row[0] for row in self._rows("SELECT id FROM documents WHERE group_id = ? ORDER BY seq", group_id))

    def addresses(self, document_id: str) -> tuple[str, ...]:
        """Give every address at which the text of a document was seen, the first one first."""
        rows = self._rows("SELECT url FROM versions WHERE document_id = ? ORDER BY seq", document_id)
        return tuple(dict.fromkeys(row[0] for row in rows if row[0]))

    def version_at(self, address: str) -> Version | None:
        """Give what stands at an address now."""
        return self._standing(address_key(address))

    def _standing(self, key: str) -> Version | None:
        rows = self._rows(f"SELECT {_VERSION} FROM versions WHERE address = ? ORDER BY position DESC LIMIT 1", key)
        return Version(*rows[0]) if rows else None

    def _first_url(self, key: str) -> str:
        return str(self._rows("SELECT url FROM versions WHERE address = ? AND position = 1", key)[0][0])

    def versions(self, address: str) -> tuple[Version, ...]:
        """Give every version that stood at an address, the oldest first."""
        sql = f"SELECT {_VERSION} FROM versions WHERE address = ? ORDER BY position"
        return tuple(Version(*row) for row in self._rows(sql, address_key(address)))

    def replaced(self) -> dict[str, str]:
        """Map each document that no longer stands at any address to the document that took its last place."""
        rows = self._rows(
            "SELECT old.document_id, new.document_id FROM versions AS old JOIN versions AS new"
            " ON new.address = old.address AND new.position = old.position + 1 ORDER BY new.seq"
        )
        standing = {row[0] for row in self._rows(_STANDING)}
        return {old: new for old, new in rows if old not in standing}

    def diff(self, old: str, new: str) -> str:
        """Give the lines that differ between two documents, in the unified form."""
        one, other = self.get(old), self.get(new)
        lines = difflib.unified_diff(
            [one.title, *one.text.splitlines()], [other.title, *other.text.splitlines()], old, new, lineterm="", n=1
        )
        return "\n".join(lines)


_STANDING = (
    "SELECT document_id FROM versions AS v WHERE position ="
    " (SELECT max(position) FROM versions WHERE address = v.address)"
)


def _why(root: Path, error: Exception) -> str:
    """What went wrong; a full disk by its name, which SQLite tells in many ways."""
    try:
        full = shutil.disk_usage(root).free < LEAST_FREE_BYTES
    except OSError:
        full = False
    return f"{error}; its disk is full: make room" if full else str(error)


def _document(row: tuple[Any, ...]) -> Document:
    names = ("id", "title", "text", "published", "source", "publisher", "url", "retrieved_at")
    return Document(**dict(zip(names, row, strict=True)))


def _near(one: str | None, other: str | None) -> bool:
    if not one or not other or len(one) < 10 or len(other) < 10:
        return True
    return abs((date.fromisoformat(one[:10]) - date.fromisoformat(other[:10])).days) <= GROUP_DAYS
