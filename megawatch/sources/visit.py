"""A source under way in one run: what it works with, what it has counted, and how one entry is dealt with."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from megawatch.errors import MegawatchError, SourceError
from megawatch.sources.http import Fetched, PoliteClient
from megawatch.sources.journal import Seen
from megawatch.sources.pages import Entry, clean_again, to_document
from megawatch.sources.refusals import Refusal
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore

MOST_HANGING = 3
"""So many pages in a row that hang or cannot be reached, and the rest of the source waits for the next run."""
MOST_REFUSALS = 300
LONGEST_RUN_S = 900.0
HANGING = ("timeout", "connection_failed", "name_unknown", "certificate", "host_on_hold")
RECHECK_AFTER = timedelta(hours=24)
FALLBACK_LENGTH = 200
UNREADABLE = ("robots_refused", "forbidden", "unauthorized", "no_text", "client_error")
"""Outcomes of a page after which the feed's own text is taken, where it is long enough to tell something."""


class ListError(SourceError):
    """The list of a source's entries could not be had; ``outcome`` names why."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(slots=True, kw_only=True)
class Visit:
    """A run under way: what it works with, and what it has counted so far."""

    spec: SourceSpec
    store: DocumentStore
    client: PoliteClient
    now: datetime
    items: int = 0
    pages: int = 0
    fresh: int = 0
    empty: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    unfinished: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    ids: dict[str, None] = field(default_factory=dict)
    hanging: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def moment(self) -> str:
        """The instant of the run, UTC, ISO."""
        return self.now.isoformat(timespec="seconds")

    def ask(self, url: str, seen: Seen | None = None) -> tuple[Fetched, str]:
        """Ask for an address, with the marks of the last time; how it ended, and the hash under which its bytes lie."""
        got = self.client.get(
            url,
            etag=seen.etag if seen else None,
            modified=seen.modified if seen else None,
            allowed=self.spec.allowed_hosts,
        )
        return got, self.store.put_raw(got.body) if got.ok else ""

    def fetch(self, url: str, seen: Seen | None = None) -> Fetched:
        """Ask for an address and log how it ended."""
        got, raw_hash = self.ask(url, seen)
        self.store.journal.log_fetch(self.spec.id, got, raw_hash)
        return got

    def fetch_list(self, url: str) -> Fetched | None:
        """Ask for a list of entries; None where it has not changed. Raises ListError."""
        seen = self.store.journal.seen(self.spec.id, url)
        got = self.fetch(url, seen)
        if got.outcome == "not_modified":
            return None
        if not got.ok:
            raise ListError(got.outcome, f"{url}: {got.detail or got.outcome}")
        return got

    def keep_list(self, url: str, got: Fetched) -> None:
        """Remember the server's marks of a list: only once every entry was dealt with, or a crash would lose some."""
        if not self.unfinished:
            marks = {"etag": got.headers.get("etag", ""), "modified": got.headers.get("last-modified", "")}
            seen = Seen(key=url, first_seen=self.moment, checked_at=self.moment, outcome="ok", **marks)
            self.store.journal.save_seen(self.spec.id, seen)

    def fail(self, outcome: str, where: str, reason: str, *, again: bool) -> None:
        """Count what did not become a document, and why; ``again`` where a later run is to try it."""
        self.failures[outcome] += 1
        self.unfinished += again
        if len(self.refusals) < MOST_REFUSALS:
            told = reason if reason.startswith(where) else f"{where}: {reason}"
            self.refusals.append(Refusal(where=where, reason=f"{told} ({outcome})"))

    def take(self, entry: Entry) -> None:
        """Deal with one entry, whatever is wrong with it."""
        self.items += 1
        try:
            self._take(entry)
        except MegawatchError as error:
            self.fail("refused", entry.url, str(error), again=False)
        except (sqlite3.Error, OSError):
            raise
        except Exception as error:  # one odd page must not end the run of its source
            self.fail("error", entry.url, f"{type(error).__name__}: {error}", again=True)

    def _take(self, entry: Entry) -> None:
        seen = self.store.journal.seen(self.spec.id, entry.key)
        if seen is None:
            self.fresh += 1
        if seen and not self._due(entry, seen):
            return
        if not entry.follow:
            self._keep(Look(entry, seen, Fetched(url=entry.url, outcome="ok"), ""))
            return
        if self.hanging >= MOST_HANGING or time.monotonic() - self.started > LONGEST_RUN_S:
            self.fail("left_for_next_run", entry.url, "the pages before it took too long", again=True)
            return
        self.pages += 1
        look = Look(entry, seen, *self.ask(entry.url, seen))
        self.hanging = self.hanging + 1 if look.got.outcome in HANGING else 0
        if look.got.ok and not look.same_bytes:
            self._keep(look)
        elif seen and (look.got.ok or look.got.outcome == "not_modified"):
            self._remember(look, seen.document_id, seen.outcome)
        else:
            self._fall_back(look)

    def _due(self, entry: Entry, seen: Seen) -> bool:
        if entry.mark != seen.mark or seen.outcome == "again" or self.spec.kind == "page":
            return True
        since = self.now - datetime.fromisoformat(seen.first_seen)
        idle = self.now - datetime.fromisoformat(seen.checked_at)
        return entry.follow and since <= timedelta(days=self.spec.recheck_days) and idle >= RECHECK_AFTER

    def _keep(self, look: Look, *, outcome: str = "ok") -> None:
        try:
            document, cleaner = to_document(look.entry, look.got, self.spec, self.moment)
        except SourceError as error:
            self.empty += 1
            self._fall_back(replace(look, got=replace(look.got, outcome="no_text", detail=str(error))))
            return
        again = clean_again(look.entry, look.got)
        stored = self.store.put(document, raw_hash=look.raw_hash, cleaner=cleaner, clean_again=again)
        if stored.outcome in ("new", "version"):
            self.ids[stored.document_id] = None
        self._remember(look, stored.document_id, outcome)

    def _fall_back(self, look: Look) -> None:
        """Take the feed's own text where the page cannot be read for good; otherwise tell, and perhaps try again."""
        entry, seen, got = look.entry, look.seen, look.got
        known = seen.document_id if seen else None
        if got.outcome in UNREADABLE and len(entry.text) >= FALLBACK_LENGTH and look.may_be_told:
            self._keep(replace(look, entry=replace(entry, follow=False), raw_hash=""), outcome="told")
        elif got.outcome in UNREADABLE and seen and known:
            self._remember(look, known, seen.outcome)
        else:
            self.fail(got.outcome, entry.url, got.detail or got.outcome, again=got.transient)
            self._remember(look, known, "again" if got.transient else got.outcome)

    def _remember(self, look: Look, document_id: str | None, outcome: str) -> None:
        seen, got = look.seen, look.got
        kept = seen if seen and not got.ok else None
        fresh = Seen(
            key=look.entry.key,
            document_id=document_id,
            first_seen=seen.first_seen if seen else self.moment,
            checked_at=self.moment,
            mark=look.entry.mark,
            etag=kept.etag if kept else got.headers.get("etag", ""),
            modified=kept.modified if kept else got.headers.get("last-modified", ""),
            raw_hash=kept.raw_hash if kept else look.raw_hash,
            outcome=outcome,
        )
        self.store.journal.save_seen(self.spec.id, fresh, got=got)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an entry: what was known of it, how the request for its page ended, where the bytes lie."""

    entry: Entry
    seen: Seen | None
    got: Fetched
    raw_hash: str

    @property
    def same_bytes(self) -> bool:
        """Whether the page is byte for byte what it was when its document was made."""
        return bool(self.seen and self.seen.document_id and self.raw_hash and self.seen.raw_hash == self.raw_hash)

    @property
    def may_be_told(self) -> bool:
        """Whether the list's own text may stand for the page: it does not replace a text that was read from one."""
        seen = self.seen
        return seen is None or seen.document_id is None or (seen.outcome == "told" and seen.mark != self.entry.mark)


Reader = Callable[[Visit], None]
