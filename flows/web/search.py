"""Full-text search over quotes and titles: an SQLite FTS5 index beside the ledger, brought up to date when asked.

The index is its own file, so that the ledger is only ever read; it can be thrown away at any time.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from megawatch.ledger import Ledger

_PAGE = 2000
_NEWS = """
    SELECT c.claim_id, c.known_from, c.quote, c.sentence, c.field, c.deal_id, d.title, d.publisher, d.published
    FROM claims c LEFT JOIN documents d ON d.document_id = c.document_id
    WHERE c.known_from > '{since}' OR (c.known_from = '{since}' AND c.claim_id > '{last}')
    ORDER BY c.known_from, c.claim_id"""
_FIND = """
    SELECT claim_id, snippet(passages, 1, '', '', ' … ', 40), field, deal_id, title, publisher, published
    FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?"""
_ALIKE = 8
"""Claims that one sentence holds at most, nearly always: so many more are fetched than are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One passage that holds the words, with the deal that it states and its document."""

    claim_id: str
    text: str
    field: str
    deal_id: str | None
    title: str
    publisher: str
    published: str | None


class SearchIndex:
    """The index of one ledger, in ``path``; safe between threads."""

    def __init__(self, ledger: Ledger, path: Path) -> None:
        self._ledger = ledger
        self._path = path
        self._lock = threading.Lock()
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.execute(
                "CREATE VIRTUAL TABLE passages USING fts5(claim_id UNINDEXED, sentence, title, publisher, "
                "known_from UNINDEXED, field UNINDEXED, deal_id UNINDEXED, published UNINDEXED, tokenize='porter')"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level=None)

    def refresh(self) -> int:
        """Take in the claims recorded since the last time; how many."""
        added = 0
        with self._lock, self._open() as connection:
            while True:
                last = "SELECT known_from, claim_id FROM passages ORDER BY known_from DESC, claim_id DESC LIMIT 1"
                since, claim_id = connection.execute(last).fetchone() or ("", "")
                query = _NEWS.format(since=_quoted(since), last=_quoted(claim_id))
                rows = self._ledger.query(query, max_rows=_PAGE, timeout_s=60).rows
                if not rows:
                    return added
                connection.execute("BEGIN")
                connection.executemany(
                    "INSERT INTO passages (claim_id, known_from, sentence, field, deal_id, title, publisher, published)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [(c, k, s or q, f, d, t, p, u) for c, k, q, s, f, d, t, p, u in rows],
                )
                connection.execute("COMMIT")
                added += len(rows)

    def find(self, words: str, *, most: int = 40) -> tuple[Hit, ...]:
        """The passages that hold all the words, best first; each sentence once."""
        terms = " ".join(f'"{word}"' for word in words.replace('"', " ").split()[:12])
        if not terms:
            return ()
        self.refresh()
        with self._open() as connection:
            rows = connection.execute(_FIND, (terms, most * _ALIKE)).fetchall()
        once = {(row[1], row[3]): row for row in reversed(rows)}
        return tuple(
            Hit(claim_id=c, text=s, field=f, deal_id=d, title=t or "", publisher=p or "", published=u)
            for c, s, f, d, t, p, u in [row for row in rows if once[row[1], row[3]] is row][:most]
        )


def _quoted(text: str) -> str:
    return text.replace("'", "''")
