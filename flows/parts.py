"""An archive into the store, and the store into the ledger, in parts: many processes may read, one hand writes.

What reads a part gives back values and writes nothing; what it gave is written in the order of the parts. So the
outcome is that of a single process, whoever read. Finished parts of an archive are noted at home, and what the ledger
holds is not read again: a backfill that was cut off goes on where it stopped.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flows.plan import Plan, Problem, Read
from flows.progress import tell
from flows.steps import find_documents, known_at, open_store, reader_of, record_found, unread
from megawatch.errors import SourceError
from megawatch.ledger import open_ledger
from megawatch.market import Document, content_id
from megawatch.settings import Settings, read_settings
from megawatch.sources.archives import Part, PartRead, find_parts, read_part
from megawatch.sources.language import foreign_language
from megawatch.sources.store import DocumentStore

PART = 100
"""Stored documents a part: a second or two of a process's time."""
SHOWN_PROBLEMS = 300
Done = TypeVar("Done")


class Run(Protocol):
    """Does a piece of work on each part, wherever, and gives what came of each in the order of the parts."""

    def __call__(self, work: Callable[[Any], Done], parts: Sequence[Any]) -> Iterator[Done]:
        """Start, and give the outcomes as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an archive came to: documents looked at, ``aside`` of them not of this market, ``stored`` anew."""

    items: int = 0
    aside: int = 0
    stored: int = 0
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: Stored) -> Stored:
        """Both together; of endless problems the first are told."""
        return Stored(
            items=self.items + other.items,
            aside=self.aside + other.aside,
            stored=self.stored + other.stored,
            problems=(*self.problems, *other.problems)[:SHOWN_PROBLEMS],
        )


def packed(work: Callable[[Any], Done], part: Any) -> bytes:
    """The outcome of a part as bytes, which a cluster hands on as they are."""
    return pickle.dumps(work(part))


def one_by_one(work: Callable[[Any], Done], parts: Sequence[Any]) -> Iterator[Done]:
    """Do the work here, a part after the other."""
    return map(work, parts)


def store_archive(path: Path, plan: Plan, *, run: Run = one_by_one, everything: bool = False) -> Stored:
    """Store the documents of a file or folder, those alone that may speak of this market unless ``everything``.

    The plan's ``undated`` dates those without a date. Raises SourceError where the path is missing.
    """
    settings = read_settings()
    notes = _Notes(settings, path, f"{plan.undated}\x1f{everything}")
    parts = find_parts(path)
    keys = {part: notes.key(part) for part in parts}
    waiting = [part for part in parts if keys[part] not in notes.done]
    behind, found = len(parts) - len(waiting), Stored()
    work = partial(read_archive_part, published=plan.undated, everything=everything)
    with open_store(settings) as store:
        for number, (part, read) in enumerate(zip(waiting, run(work, waiting), strict=True), start=1):
            found += _put_part(read, plan, store)
            notes.add(keys[part])
            tell("Reading the archive", behind + number, len(parts))
    return found


def read_archive_part(part: Part, *, published: str, everything: bool) -> PartRead:
    """Read one part of an archive, in any process that sees its files under the same path."""
    from extractors.firstpass import may_tell_deals

    if everything:
        return read_part(part, published=published)
    read = read_part(part, keep=may_tell_deals, published=published)
    readable = tuple(one for one in read.documents if not foreign_language(f"{one.title}\n{one.text}"))
    return replace(read, documents=readable, aside=read.aside + len(read.documents) - len(readable))


def read_store(plan: Plan, *, run: Run = one_by_one) -> Read:
    """Read into the ledger every stored document that this version of the extractors has not yet read."""
    settings = read_settings()
    ids, found, done = unread(plan), Read(), 0
    parts = [ids[start : start + PART] for start in range(0, len(ids), PART)]
    work = partial(find_documents, folder=settings.store.resolve(), plan=plan, reader=reader_of(settings))
    with open_ledger(settings.ledger_url) as ledger, open_store(settings) as store:
        for part, findings in zip(parts, run(work, parts), strict=True):
            found += record_found(findings, plan, ledger, store)
            done += len(part)
            tell("Reading documents", done, len(ids))
    return found


def _put_part(read: PartRead, plan: Plan, store: DocumentStore) -> Stored:
    found = [_put(document, plan, store) for document in read.documents]
    refused = tuple(Problem(where=one.where, what=one.reason) for one in read.refusals)
    items = len(read.documents) + len(refused) + read.aside
    return sum(found, Stored(items=items, aside=read.aside, problems=refused[:SHOWN_PROBLEMS]))


def _put(document: Document, plan: Plan, store: DocumentStore) -> Stored:
    where = document.url or document.title or document.id
    if known_at(document, plan) is None:
        return Stored(problems=(Problem(where=where, what="has no date; give one with --published."),))
    try:
        return Stored(stored=int(store.put(document).outcome in ("new", "version")))
    except SourceError as error:
        return Stored(problems=(Problem(where=where, what=str(error)),))


class _Notes:
    """Which parts of an archive are in the store, a line each, so that none is read twice by the same rules."""

    def __init__(self, settings: Settings, path: Path, how: str) -> None:
        from extractors.pipeline import EXTRACTOR_VERSION

        self._rules = f"{EXTRACTOR_VERSION}\x1f{how}"
        self._file = settings.home / "backfill" / f"{content_id(str(path.resolve()))}.done"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self.done = frozenset(self._file.read_text("ascii").split()) if self._file.is_file() else frozenset()

    def key(self, part: Part) -> str:
        """Names a part, the rules by which it is read, and the state of its files."""
        return content_id(part.key, self._rules)

    def add(self, key: str) -> None:
        """Note a part whose documents are stored."""
        with self._file.open("a", encoding="ascii") as file:
            file.write(f"{key}\n")
            file.flush()
            os.fsync(file.fileno())
