"""Newsletters as messages: single ``.eml`` files and Maildir folders."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from megawatch.errors import SourceError
from megawatch.market import Document, Source
from megawatch.sources.articles import whole_text
from megawatch.sources.dates import to_day
from megawatch.sources.html import tidy
from megawatch.sources.refusals import MOST_FILE_BYTES, Refusal, read_bytes
from megawatch.sources.store import document_id_of

CLEANER = "mailboxes-1"


def read_message(body: bytes, *, name: str = "message", source: Source = "news") -> Document:
    """Read one message: its subject is the title, its day that of its Date header, in the sender's zone.

    The HTML part is preferred, for it keeps tables; attachments are left aside. Raises SourceError naming the message.
    """
    try:
        message = email.message_from_bytes(body, policy=email.policy.default)
        title, sender, sent = (_header(message, key) for key in ("Subject", "From", "Date"))
        text = _text(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, IndexError) as error:
        raise SourceError(f"{name}: not a readable message ({type(error).__name__}: {error}).") from error
    if not text:
        raise SourceError(f"{name}: the message holds no text.")
    return Document(
        id=document_id_of(title, text),
        title=title,
        text=text,
        published=to_day(sent),
        source=source,
        publisher=sender.partition("<")[0].strip(' "') or sender,
    )


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(tidy(str(message.get(name) or "")).split())[:1000]


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("html", "plain"))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    content_type = f"text/html; charset={part.get_content_charset() or 'utf-8'}"
    if part.get_content_subtype() == "html":
        return whole_text(body, content_type=content_type)
    try:
        return tidy(body.decode(part.get_content_charset() or "utf-8", "replace"))
    except LookupError:
        return tidy(body.decode("utf-8", "replace"))


def read_mailbox(path: Path, *, source: Source = "news") -> Iterator[tuple[str, bytes, Document] | Refusal]:
    """Read every message of a Maildir (``new`` and ``cur``) or of a folder of ``.eml`` files, by name.

    Gives (name, bytes, document), or a Refusal naming the file; nothing is moved or marked as read. Raises SourceError
    where the folder is missing.
    """
    if not path.is_dir():
        raise SourceError(f"{path}: there is no such folder of messages; make it or correct the address.")
    folders = [path / name for name in ("new", "cur") if (path / name).is_dir()]
    files = [file for folder in folders for file in folder.iterdir()] if folders else list(path.glob("*.eml"))
    for file in sorted(files):
        if not file.is_file():
            continue
        try:
            body = read_bytes(file, MOST_FILE_BYTES)
            yield file.name, body, read_message(body, name=str(file), source=source)
        except SourceError as error:
            yield Refusal(where=str(file), reason=str(error))
