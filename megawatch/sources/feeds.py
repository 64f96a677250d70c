"""RSS of every age, Atom, RDF and JSON Feed, read from bytes that were fetched before; nothing in them is obeyed."""

from __future__ import annotations

import io
import json
import re
import time
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from megawatch.errors import SourceError
from megawatch.market import content_id
from megawatch.sources.articles import whole_text
from megawatch.sources.dates import to_day
from megawatch.sources.html import node_text, parse, tidy

MOST_ITEMS = 500
MOST_BYTES = 32_000_000
_ITEM_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)

_DECLARED = re.compile(rb"<!DOCTYPE[^\[>]{0,1000}\[.*?\]\s*>", re.IGNORECASE | re.DOTALL)
"""A document type that declares things of its own, entities perhaps: cut out, so that none expands or leads outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry. ``published`` is the day in the feed's own zone, ``instant`` the moment in UTC, where it has them.

    ``url`` is absolute, or empty where the entry links to nothing; ``text`` is what the feed itself tells of it;
    ``mark`` changes whenever the entry does.
    """

    id: str
    title: str
    url: str
    published: str | None
    instant: str | None
    text: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed's entries in their order, each id once; ``left_out`` counts those beyond the limit and doubles."""

    title: str
    version: str
    items: tuple[FeedItem, ...]
    left_out: int = 0


def read_feed(body: bytes, *, url: str = "", content_type: str = "", most_items: int = MOST_ITEMS) -> Feed:
    """Read a feed of any kind; raises SourceError naming the address where the bytes are none."""
    if len(body) > MOST_BYTES:
        raise SourceError(f"{url}: the feed has {len(body):,} bytes, more than {MOST_BYTES:,}; it is not read.")
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url, most_items)
    kept, cut = _first_items(_DECLARED.sub(b"", body, count=1), most_items)
    parsed = parse_feed(kept, url, content_type)
    if not parsed.entries and "charset" in content_type:  # servers name charsets that their feeds are not in
        parsed = parse_feed(kept, url, "application/xml")
    version = parsed.get("version") or ""
    if not version and not parsed.entries:
        raise SourceError(f"{url}: not a feed ({_fault(parsed)}); look whether its address has changed.")
    found = read_entries(parsed, url)[:most_items]
    items = _each_once(found)
    left_out = cut + max(0, len(parsed.entries) - most_items) + len(found) - len(items)
    return Feed(title=_line(parsed.feed.get("title")), version=version, items=items, left_out=left_out)


def read_entries(parsed: Any, url: str) -> list[FeedItem]:
    """Turn what feedparser made of a feed into entries: all of them, doubles and empty ones too."""
    return [_item(entry, url) for entry in parsed.entries]


def parse_feed(body: bytes, url: str, content_type: str) -> Any:
    """Let feedparser read the bytes; raises SourceError where it fails."""
    headers = {"content-location": url, "content-type": content_type or "application/xml"}
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:
        raise SourceError(f"{url}: the feed cannot be read ({type(error).__name__}: {error}).") from error


def _fault(parsed: Any) -> str:
    return str(parsed.get("bozo_exception") or "it holds no entries")[:200]


def _first_items(body: bytes, most: int) -> tuple[bytes, int]:
    """Keep the head of a feed up to its last allowed entry, and what follows its very last one."""
    ends = [found.end() for found in _ITEM_END.finditer(body)]
    if len(ends) <= most:
        return body, 0
    return body[: ends[most - 1]] + body[ends[-1] :], len(ends) - most


def _each_once(items: list[FeedItem]) -> tuple[FeedItem, ...]:
    kept: dict[str, FeedItem] = {}
    for item in items:
        key = item.url or item.id
        if item.title or item.text or item.url:
            kept.setdefault(key, item)
    return tuple(kept.values())


def _item(entry: Any, base: str) -> FeedItem:
    raw = next((entry[key] for key in ("published", "created", "updated") if entry.get(key)), None)
    parsed = next((entry[f"{key}_parsed"] for key in ("published", "created", "updated") if entry.get(key)), None)
    title = _title(entry.get("title") or "")
    contents = entry.get("content") or [entry.get("summary_detail") or {"value": entry.get("summary") or ""}]
    longest = max(contents, key=lambda content: len(content.get("value") or ""))
    text = _as_text(longest.get("value") or "", longest.get("type") or "text/html")
    return _made(
        given=str(entry.get("id") or ""),
        title=title,
        url=_web_address(_link(entry), base),
        published=to_day(raw) or _parsed_day(raw, parsed),
        instant=_instant(parsed),
        text=text,
        mark=content_id(title, text, str(entry.get("updated") or "")),
    )


def _made(
    *, given: str, title: str, url: str, text: str, mark: str, published: str | None, instant: str | None
) -> FeedItem:
    return FeedItem(
        id=given or url or content_id(title, text),
        title=title,
        url=url,
        published=published,
        instant=instant,
        text=text,
        mark=mark,
    )


def _as_text(value: str, kind: str) -> str:
    if "<" in value or "&" in value or "html" in kind:
        try:
            return whole_text(
                f"<body>{value}</body>".encode("utf-8", "replace"), content_type="text/html; charset=utf-8"
            )
        except SourceError:
            return tidy(value)
    return tidy(value)


def _link(entry: Any) -> str:
    """Give the page that an entry is about: its alternate link before others, its id where that is an address."""
    named = (link.get("href") for link in entry.get("links", ()) if link.get("rel") == "alternate")
    return str(next(filter(None, named), None) or entry.get("link") or entry.get("id") or "")


def _title(value: str) -> str:
    """Give the words of a title, which may be HTML."""
    if "<" not in value and "&" not in value:
        return _line(value)
    try:
        return _line(node_text(parse(f"<body><p>{value}</p></body>").find("body")))
    except SourceError:
        return _line(value)


def _line(value: str | None) -> str:
    return " ".join(tidy(value or "").split())[:1000]


def _web_address(value: str, base: str) -> str:
    if not value.strip():
        return ""
    try:
        target = urljoin(base, value.strip())
        parts = urlsplit(target)
    except ValueError:
        return ""
    good = parts.scheme in ("http", "https") and parts.hostname and target.isprintable() and len(target) < 2000
    return target.partition("#")[0] if good else ""


def _instant(parsed: time.struct_time | None) -> str | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _parsed_day(raw: Any, parsed: time.struct_time | None) -> str | None:
    """Give feedparser's reading of a date that is in none of our forms, but for those with two readings (5/6/2026)."""
    if not parsed or re.fullmatch(r"\s*\d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*", str(raw or "")):
        return None
    return to_day(f"{parsed[0]:04d}-{parsed[1]:02d}-{parsed[2]:02d}")


def _json_feed(body: bytes, url: str, most: int) -> Feed:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{url}: neither XML nor readable JSON ({error}).") from error
    rows = told.get("items")
    if "jsonfeed.org" not in str(told.get("version")) or not isinstance(rows, list):
        raise SourceError(f"{url}: JSON, but not a JSON Feed (no version of jsonfeed.org, or no items).")
    found = list(_json_items(rows[:most], url))
    items = _each_once(found)
    left_out = len(rows) - len(items)
    return Feed(title=_line(str(told.get("title") or "")), version="json", items=items, left_out=left_out)


def _json_items(rows: list[Any], base: str) -> Iterator[FeedItem]:
    for row in rows:
        if not isinstance(row, dict):
            continue
        moment = str(row.get("date_published") or row.get("date_modified") or "")
        title = _line(str(row.get("title") or ""))
        html, plain = str(row.get("content_html") or ""), str(row.get("content_text") or row.get("summary") or "")
        text = _as_text(html, "text/html") if html else tidy(plain)
        yield _made(
            given=str(row.get("id") or ""),
            title=title,
            url=_web_address(str(row.get("url") or row.get("id") or ""), base),
            published=to_day(moment),
            instant=_iso_instant(moment),
            text=text,
            mark=content_id(title, text, str(row.get("date_modified") or "")),
        )


def _iso_instant(text: str) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else None
