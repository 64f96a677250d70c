"""Documents from files: ``.txt``, ``.html``, ``.jsonl``, ``.pdf`` and ``.eml``.

A date comes from the file where it has one, else from the caller, never from the clock.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from megawatch.errors import SourceError
from megawatch.market import SOURCES, Document, Source
from megawatch.sources.articles import read_article
from megawatch.sources.dates import to_day
from megawatch.sources.html import decode, tidy
from megawatch.sources.mailboxes import read_message
from megawatch.sources.pdf import read_pdf
from megawatch.sources.refusals import MOST_FILE_BYTES, Refusal, read_bytes
from megawatch.sources.store import document_id_of

ENDINGS = (".txt", ".text", ".html", ".htm", ".jsonl", ".pdf", ".eml")
LONGEST_TEXT = 5_000_000
HEAD_LINES = 15
MOST_NOISE = 0.05  # share of bytes that are control signs; noise has one in ten, a text none
_NO_SIGNS = bytes(sorted({*range(32)} - {*b"\t\n\f\r\x1b"}))
_PLAIN = (".txt", ".text", ".html", ".htm")
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # two bytes a letter, so every other one may be nought
_UNKEPT = re.compile("[\x00\ud800-\udfff]")  # no database keeps these; one sign for one leaves offsets as they were
_KEY_LINE = re.compile(r"^(title|date|published|source|publisher|url)\s*:\s*(\S.*)$", re.IGNORECASE)
_DATELINE = re.compile(r"^[A-Z][\w .,'&/-]{1,60}?[,(–—-]\s*\(?([A-Z][a-z]+\.? \d{1,2},? \d{4})\b[^.]{0,60}?[-–—:]")


def read_folder(path: Path, *, published: str | None = None, source: Source = "news") -> Iterator[Document | Refusal]:
    """Read every document below a folder (or of one file), by name; what cannot be read is a Refusal in its place.

    ``published`` (ISO day) dates the documents whose file has no date; without it they stay undated. ``source`` is the
    genre of those that name none. Raises SourceError where the path is missing or the date is none.
    """
    if published is not None and to_day(published) != published:
        raise SourceError(f"published {published!r} is not a day; write it as 2026-05-14.")
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder.")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        if file.suffix.lower() in ENDINGS and not file.name.startswith("."):
            for found in _read_file(file, source):
                undated = isinstance(found, Document) and found.published is None
                yield replace(found, published=published) if isinstance(found, Document) and undated else found


def _read_file(path: Path, source: Source) -> Iterator[Document | Refusal]:
    if path.suffix.lower() == ".jsonl":
        yield from read_jsonl(path, source=source)
        return
    try:
        body = read_bytes(path, MOST_FILE_BYTES)
        if path.suffix.lower() in _PLAIN:
            _refuse_noise(body, path)
        yield _checked(_READERS[path.suffix.lower()](body, path, source), path)
    except SourceError as error:
        yield Refusal(where=str(path), reason=str(error))


def _refuse_noise(body: bytes, path: Path) -> None:
    noise = len(body) - len(body.translate(None, _NO_SIGNS))
    if noise > MOST_NOISE * len(body) and not body.startswith(_WIDE):
        raise SourceError(
            f"{path}: this is no text, {noise:,} of {len(body):,} bytes are signs that none has; give a page."
        )


def _checked(document: Document, path: Path) -> Document:
    if not document.text.strip():
        raise SourceError(f"{path}: the document holds no text.")
    if len(document.text) > LONGEST_TEXT:
        raise SourceError(f"{path}: {len(document.text):,} characters, more than {LONGEST_TEXT:,}; split it.")
    return document


def _from_text(body: bytes, path: Path, source: Source) -> Document:
    lines = tidy(decode(body)).split("\n")
    facts, lines = _key_lines(lines)
    title, rest = (facts["title"], lines) if "title" in facts else _title_line(lines)
    text = tidy("\n".join(rest)) or title
    genre = facts.get("source", "")
    return Document(
        id=document_id_of(title, text),
        title=title,
        text=text,
        published=to_day(facts.get("published") or facts.get("date")) or _head_date(lines),
        source=next((name for name in SOURCES if name == genre), source),
        publisher=facts.get("publisher", ""),
        url=facts.get("url", ""),
    )


def _key_lines(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split off lines like ``Published: 2026-05-14`` at the head of a text."""
    facts: dict[str, str] = {}
    for place, line in enumerate(lines):
        found = _KEY_LINE.match(line)
        if not found:
            return facts, lines[place:]
        facts[found.group(1).lower()] = found.group(2).strip()
    return facts, []


def _title_line(lines: list[str]) -> tuple[str, list[str]]:
    """Take the first line that reads like a title (not a menu word, not a paragraph) out of the head of a text."""
    for place, line in enumerate(lines[:HEAD_LINES]):
        if len(line.split()) >= 4 and len(line) <= 200:
            return line, lines[:place] + lines[place + 1 :]
    return (lines[0] if lines and len(lines[0]) <= 200 else ""), lines[1:] if len(lines) > 1 else lines


def _head_date(lines: list[str]) -> str | None:
    """Find the one day that the head of a text names as its own: a line that is a date, or a dateline."""
    for line in lines[:HEAD_LINES]:
        dateline = _DATELINE.match(line)
        day = to_day(dateline.group(1)) if dateline else to_day(line) if 0 < len(line) <= 40 else None
        if day:
            return day
    return None


def _from_html(body: bytes, path: Path, source: Source) -> Document:
    article = read_article(body, url="")
    return Document(
        id=document_id_of(article.title, article.text),
        title=article.title,
        text=article.text,
        published=article.published,
        source=source,
        publisher=article.publisher,
        url=article.canonical,
    )


def _from_pdf(body: bytes, path: Path, source: Source) -> Document:
    title, rest = _title_line(read_pdf(body, name=str(path)).split("\n"))
    text = tidy("\n".join(rest)) or title
    return Document(
        id=document_id_of(title, text), title=title, text=text, source=source, published=_head_date(text.split("\n"))
    )


def _from_message(body: bytes, path: Path, source: Source) -> Document:
    return read_message(body, name=str(path), source=source)


_READERS = {
    ".txt": _from_text,
    ".text": _from_text,
    ".html": _from_html,
    ".htm": _from_html,
    ".pdf": _from_pdf,
    ".eml": _from_message,
}


def read_jsonl(path: Path, *, source: Source = "news", keep_ids: bool = False) -> Iterator[Document | Refusal]:
    """Read one document a line, as ``{"id", "title", "text", "published", "source", "publisher", "url"}``.

    Only ``text`` must be there. The id is made from the text, unless ``keep_ids`` keeps the one given. A line that
    cannot be taken is a Refusal naming ``file:line``; the rest goes on.
    """
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_FILE_BYTES):
            number += 1
            if line.strip():
                yield read_line(line, where=f"{path}:{number}", source=source, keep_ids=keep_ids)


def read_line(line: bytes, *, where: str, source: Source = "news", keep_ids: bool = False) -> Document | Refusal:
    """Read the document of one line of JSON; a line that cannot be taken is a Refusal naming ``where``."""
    try:
        return _from_record(json.loads(line), where, source, keep_ids)
    except (SourceError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, SourceError) else f"{where}: not a line of JSON ({error})."
        return Refusal(where=where, reason=reason)


def _from_record(record: Any, where: str, source: Source, keep_ids: bool) -> Document:
    if not isinstance(record, dict) or not isinstance(record.get("text"), str) or not record["text"].strip():
        raise SourceError(f'{where}: not a document; give an object with at least a "text".')
    if len(record["text"]) > LONGEST_TEXT:
        raise SourceError(f"{where}: {len(record['text']):,} characters, more than {LONGEST_TEXT:,}; split it.")
    title, text = _told(record, "title"), _UNKEPT.sub("\ufffd", record["text"])
    genre = record.get("source") or source
    if genre not in SOURCES:
        raise SourceError(f"{where}: source {genre!r} is not one of {', '.join(SOURCES)}.")
    given = record.get("id") if keep_ids else None
    return Document(
        id=str(given) if given else document_id_of(title, text),
        title=title,
        text=text,
        published=to_day(_told(record, "published")),
        source=genre,
        publisher=_told(record, "publisher"),
        url=_told(record, "url"),
        retrieved_at=_told(record, "retrieved_at") or None,
    )


def _told(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return _UNKEPT.sub("\ufffd", value) if isinstance(value, str) else ""
