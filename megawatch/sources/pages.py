"""From an entry of a source and the page it leads to, to a document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from megawatch.errors import SourceError
from megawatch.market import Document, Source
from megawatch.sources import articles
from megawatch.sources.addresses import own_address, plain_address
from megawatch.sources.edgar import told_part
from megawatch.sources.html import decode, tidy
from megawatch.sources.http import Fetched
from megawatch.sources.pdf import read_pdf
from megawatch.sources.specs import SourceSpec

PDF_CLEANER = "pdf-1"
FEED_CLEANER = "feeds-1"
FILING_CLEANER = f"filings-1/{articles.CLEANER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something a source lists. ``text`` is what the list itself tells; ``form`` is set for documents of a filing.

    ``mark`` changes when the list tells it otherwise; ``source`` is its genre where that is not the source's own.
    """

    key: str
    url: str
    title: str = ""
    published: str | None = None
    text: str = ""
    mark: str = ""
    follow: bool = True
    source: Source | None = None
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cleaned:
    title: str
    text: str
    published: str | None
    url: str
    cleaner: str


def to_document(entry: Entry, got: Fetched, spec: SourceSpec, moment: str) -> tuple[Document, str]:
    """Make the document of an entry from its fetched page (or its own text), with the name of the cleaner.

    The page's own date counts, else the list's. Raises SourceError where there is no text.
    """
    cleaned = _from_page(entry, got) if entry.follow else _from_entry(entry)
    if not cleaned.text:
        raise SourceError(f"{entry.url}: there is no text to read.")
    document = Document(
        id="",
        title=cleaned.title,
        text=cleaned.text,
        published=cleaned.published,
        source=entry.source or spec.authority,
        publisher=spec.publisher,
        url=cleaned.url,
        retrieved_at=moment,
    )
    return document, cleaned.cleaner


def clean_again(entry: Entry, got: Fetched) -> Callable[[bytes], str]:
    """Give a function that cleans older bytes of the same page as today's are cleaned."""

    def again(raw: bytes) -> str:
        return _read(entry, raw, got.headers.get("content-type", ""), got.final_url or entry.url).text

    return again


def _from_entry(entry: Entry) -> _Cleaned:
    text = articles.without_title(entry.text, entry.title)
    return _Cleaned(
        title=entry.title, text=text, published=entry.published, url=plain_address(entry.url), cleaner=FEED_CLEANER
    )


def _from_page(entry: Entry, got: Fetched) -> _Cleaned:
    return _read(entry, got.body, got.headers.get("content-type", ""), got.final_url or entry.url)


def _read(entry: Entry, body: bytes, content_type: str, url: str) -> _Cleaned:
    kind = content_type.partition(";")[0].strip().lower()
    if body.startswith(b"%PDF-") or kind == "application/pdf":
        text, cleaner = read_pdf(body, name=url), PDF_CLEANER
    elif entry.form:
        text, cleaner = told_part(_filing_text(body, content_type, url), entry.form), FILING_CLEANER
    elif kind in ("text/plain", "text/markdown"):
        text, cleaner = tidy(decode(body, content_type)), "text-1"
    elif kind.startswith(("image/", "audio/", "video/", "font/")) or b"\x00" in body[:1024]:
        raise SourceError(f"{url}: {kind or 'bytes'}, not a page that can be read.")
    else:
        article = articles.read_article(body, content_type=content_type, url=url)
        return _Cleaned(
            title=article.title or entry.title,
            text=article.text,
            published=article.published or entry.published,
            url=own_address(url, article.canonical),
            cleaner=article.cleaner,
        )
    text = articles.without_title(text, entry.title)
    title = entry.title or text.partition("\n")[0][:200]
    return _Cleaned(title=title, text=text, published=entry.published, url=plain_address(url), cleaner=cleaner)


def _filing_text(body: bytes, content_type: str, url: str) -> str:
    if url.lower().endswith(".txt"):
        return tidy(decode(body, content_type))
    return articles.whole_text(body, content_type=content_type)
