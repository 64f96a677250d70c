"""Archives too large for one process: JSON lines, WARC files and folders, cut into parts that are read on their own.

A part is a stretch of one file (the lines, or the records of a ``.warc.gz``, that begin in it) or a few small files.
Two processes can read two parts of one file, and every document is in exactly one.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from megawatch.errors import SourceError
from megawatch.market import Document, content_id
from megawatch.sources.articles import read_article
from megawatch.sources.folders import ENDINGS, read_folder, read_line
from megawatch.sources.refusals import MOST_FILE_BYTES, Refusal
from megawatch.sources.store import document_id_of

LINES, WARCS = (".jsonl", ".jsonl.gz"), (".warc", ".warc.gz")
PART_BYTES = 8_000_000
PART_FILES = 100
_GZIP = b"\x1f\x8b\x08"
_WINDOW = 1 << 20
_PAGES = ("text/html", "application/xhtml+xml")
_BROKEN = (OSError, EOFError, ValueError, zlib.error)

Judge = Callable[[str | bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Files to read whole, or of one file what begins at the bytes from ``start`` to before ``end``."""

    files: tuple[str, ...]
    start: int = 0
    end: int | None = None

    @property
    def key(self) -> str:
        """Names the part by its files as they are now: their names, sizes and times of writing."""
        stats = [Path(name).stat() for name in self.files]
        told = [f"{name}\x1f{stat.st_size}\x1f{stat.st_mtime_ns}" for name, stat in zip(self.files, stats, strict=True)]
        return content_id(*told, str(self.start), str(self.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRead:
    """What a part holds: its documents in order, what could not be read, and how many others were ``aside``."""

    documents: tuple[Document, ...]
    refusals: tuple[Refusal, ...]
    aside: int = 0


def find_parts(path: Path, *, part_bytes: int = PART_BYTES) -> tuple[Part, ...]:
    """Cut a file, or every file below a folder by name, into parts; SourceError where the path is missing."""
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder.")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    parts: list[Part] = []
    small: list[str] = []
    for file in files:
        if file.name.startswith(".") or not file.name.lower().endswith((*ENDINGS, *LINES, *WARCS)):
            continue
        if file.name.lower().endswith((*LINES, *WARCS)):
            parts += _together(small)
            small = []
            parts += _stretches(file, part_bytes)
        else:
            small.append(str(file.absolute()))
    return (*parts, *_together(small))


def read_part(part: Part, *, keep: Judge | None = None, published: str = "") -> PartRead:
    """Read the documents of a part for which ``keep`` is true (all where None is given).

    A page is judged by its bytes, before it is parsed, and again by its article alone. ``published`` (ISO day) dates
    the documents whose file has no date. What cannot be read is refused with its place, and the rest goes on.
    """
    documents, refusals, aside = [], [], 0
    for found in _read(part, keep):
        if isinstance(found, Refusal):
            refusals.append(found)
        elif found is None or (keep and not keep(f"{found.title}\n{found.text}")):
            aside += 1
        else:
            documents.append(found if found.published or not published else replace(found, published=published))
    return PartRead(documents=tuple(documents), refusals=tuple(refusals), aside=aside)


def _together(files: list[str]) -> list[Part]:
    return [Part(files=tuple(files[start : start + PART_FILES])) for start in range(0, len(files), PART_FILES)]


def _stretches(file: Path, part_bytes: int) -> list[Part]:
    name, size = str(file.absolute()), file.stat().st_size
    # A gzip of lines is one stream, and nothing marks the records of a plain WARC: both are read from their start.
    if file.name.lower().endswith((".jsonl.gz", ".warc")):
        return [Part(files=(name,))]
    return [Part(files=(name,), start=start, end=start + part_bytes) for start in range(0, size, part_bytes)]


def _read(part: Part, keep: Judge | None) -> Iterator[Document | Refusal | None]:
    for name in part.files:
        path = Path(name)
        try:
            if name.lower().endswith(LINES):
                yield from _read_lines(path, part)
            elif name.lower().endswith(WARCS):
                yield from _read_records(path, part, keep)
            else:
                yield from read_folder(path)
        except _BROKEN as error:
            yield Refusal(where=name, reason=f"{name}: cannot be read to its end ({error}); fetch it anew.")


def _read_lines(path: Path, part: Part) -> Iterator[Document | Refusal]:
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        if part.start:
            file.seek(part.start - 1)
            file.readline()  # the rest of a line that begins in the part before
        while part.end is None or file.tell() < part.end:
            place = file.tell()
            line = file.readline(MOST_FILE_BYTES)
            if not line:
                return
            if line.strip():
                yield read_line(line, where=f"{path} at byte {place}")


def _read_records(path: Path, part: Part, keep: Judge | None) -> Iterator[Document | Refusal | None]:
    with path.open("rb") as file:
        first = _first_record(file, part)
        if first is None:
            return
        file.seek(first)
        for record in ArchiveIterator(file, record_types=WarcRecordType.any_type, auto_decode="all"):
            if part.end is not None and record.stream_pos >= part.end:
                return
            if record.record_type == WarcRecordType.response and _is_page(record):
                yield _read_page(record, keep)


def _first_record(file: BinaryIO, part: Part) -> int | None:
    """Where the first record of a part begins; None where none does."""
    if not part.start:
        return 0
    place = part.start
    while part.end is None or place < part.end:
        file.seek(place)
        window = file.read(_WINDOW)
        at = window.find(_GZIP)
        while at >= 0:
            if part.end is not None and place + at >= part.end:
                return None
            if _begins_record(window[at:] if len(window) - at > 512 else _more(file, place + at)):
                return place + at
            at = window.find(_GZIP, at + 1)
        if len(window) < _WINDOW:
            return None
        place += _WINDOW - len(_GZIP) + 1
    return None


def _more(file: BinaryIO, place: int) -> bytes:
    file.seek(place)
    return file.read(4096)


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(packed[:4096], 5) == b"WARC/"
    except zlib.error:
        return False


def _is_page(record: WarcRecord) -> bool:
    return (record.http_content_type or "") in _PAGES and record.http_headers.status_code == 200


def _read_page(record: WarcRecord, keep: Judge | None) -> Document | Refusal | None:
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    body = record.reader.read(MOST_FILE_BYTES)
    if keep and not keep(body):
        return None
    kind = f"text/html; charset={record.http_charset}" if record.http_charset else "text/html"
    try:
        article = read_article(body, content_type=kind, url=url)
    except SourceError as error:
        return Refusal(where=url, reason=str(error))
    return Document(
        id=document_id_of(article.title, article.text),
        title=article.title,
        text=article.text,
        published=article.published,
        publisher=article.publisher,
        url=article.canonical or url,
        retrieved_at=_instant(record.record_date),
    )


def _instant(seen: datetime | None) -> str | None:
    return seen.astimezone(UTC).isoformat(timespec="seconds") if seen else None
