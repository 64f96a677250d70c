"""The article on a page: its title, text, date and publisher, without the page around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urljoin, urlsplit

from resiliparse.extract.html2text import extract_plain_text

from megawatch.errors import SourceError
from megawatch.sources.dates import to_day
from megawatch.sources.html import decode, mark_blocks, parse, tidy, unmark

CLEANER = f"articles-1/resiliparse-{version('resiliparse')}"
"""Names what made a text out of a page; stored beside it. Count up where the same page would give another text."""

NEWS_TYPES = frozenset(
    ("newsarticle", "article", "blogposting", "reportagenewsarticle", "analysisnewsarticle", "report")
)
_SPACED = re.compile(r"\s+")
_SUFFIX = re.compile(r"\s+[|–—-]\s+([^|–—]{2,40})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page tells. ``published`` is an ISO day in the page's own zone, or None; ``tables`` counts those kept."""

    title: str
    text: str
    published: str | None = None
    publisher: str = ""
    canonical: str = ""
    tables: int = 0
    cleaner: str = CLEANER


def read_article(body: bytes, *, content_type: str = "", url: str = "") -> Article:
    """Read the article of a page given as bytes; raises SourceError where the page holds no text."""
    tree = parse(decode(body, content_type))
    facts = _linked_facts(tree)
    heading = _heading(tree, facts)
    published = _published(tree, facts)
    publisher = _publisher(tree, facts)
    canonical = _canonical(tree, url)
    tables = mark_blocks(tree)
    text = without_title(tidy(unmark(_main_text(tree))), heading)
    told = tidy(str(facts.get("articleBody") or ""))
    if len(told) > 2 * len(text):
        text, tables = told, 0
    if not text:
        raise SourceError(f"{url or 'page'}: no text was found on the page; it may be drawn by a script.")
    return Article(
        title=heading, text=text, published=published, publisher=publisher, canonical=canonical, tables=tables
    )


def whole_text(body: bytes, *, content_type: str = "") -> str:
    """Give all visible text of a page, tables and lists kept: for filings, where nothing surrounds the text."""
    tree = parse(decode(body, content_type))
    mark_blocks(tree)
    return tidy(unmark(_plain(tree, main=False)))


def without_title(text: str, title: str) -> str:
    """Take the title off the head of a text, for a title is not repeated in its text."""
    head, _, rest = text.partition("\n")
    return rest.strip() if title and _flat(head) == _flat(title) and rest.strip() else text


def _flat(text: str) -> str:
    return _SPACED.sub(" ", text).strip().casefold()


def _plain(tree: Any, *, main: bool, skip: tuple[str, ...] = ()) -> str:
    return str(
        extract_plain_text(
            tree, preserve_formatting=True, main_content=main, alt_texts=False, skip_elements=list(skip) or None
        )
    )


SKIPPED = ()


def _main_text(tree: Any) -> str:
    return _plain(tree, main=True, skip=SKIPPED)


def _linked_facts(tree: Any) -> dict[str, Any]:
    """Give the JSON-LD object that describes the article, or an empty one."""
    for script in tree.document.query_selector_all('script[type="application/ld+json"]')[:20]:
        try:
            found = json.loads(script.text[:2_000_000], strict=False)
        except (ValueError, RecursionError):
            continue
        for fact in _objects(found, 0):
            kinds = fact.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(str(name).casefold() in NEWS_TYPES for name in names):
                return fact
    return {}


def _objects(found: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(found, dict):
        yield found
        yield from _objects(found.get("@graph"), depth + 1)
    elif isinstance(found, list):
        for part in found[:200]:
            yield from _objects(part, depth + 1)


def _meta(tree: Any, *names: str) -> str:
    for name in names:
        for key in ("property", "name", "itemprop"):
            node = tree.document.query_selector(f'meta[{key}="{name}"]')
            content = tidy(node.getattr("content") or "") if node is not None else ""
            if content:
                return " ".join(content.split())
    return ""


def _heading(tree: Any, facts: dict[str, Any]) -> str:
    headings = [" ".join(tidy(node.text).split()) for node in tree.body.query_selector_all("h1")]
    told = " ".join(tidy(str(facts.get("headline") or "")).split()) or _meta(
        tree, "og:title", "twitter:title", "headline"
    )
    page = " ".join(tidy(tree.title or "").split())
    for heading in headings:
        if heading and (_flat(heading) in _flat(told or page) or _flat(told or page) in _flat(heading)):
            return heading
    if told:
        return _SUFFIX.sub("", told) if _flat(told) == _flat(page) else told
    single = [heading for heading in headings if heading]
    return single[0] if len(single) == 1 else _SUFFIX.sub("", page)


def _published(tree: Any, facts: dict[str, Any]) -> str | None:
    told = to_day(str(facts.get("datePublished") or ""))
    told = told or to_day(
        _meta(
            tree,
            "article:published_time",
            "og:article:published_time",
            "datePublished",
            "date",
            "pubdate",
            "publishdate",
            "publish-date",
            "dc.date",
            "DC.date.issued",
            "dcterms.created",
            "parsely-pub-date",
            "sailthru.date",
        )
    )
    return told or _shown_date(tree)


def _shown_date(tree: Any) -> str | None:
    """The date a page shows beside its heading, where exactly one is shown as such."""
    for selector in ('[itemprop="datePublished"]', "time[pubdate]", "article time", "main time", "header time", "time"):
        days = [
            to_day(node.getattr("datetime") or node.getattr("content") or node.text) for node in _some(tree, selector)
        ]
        known = [day for day in days if day]
        if known:
            return known[0]
    for selector in _DATE_CLASSES:
        known = [day for day in (to_day(node.text) for node in _some(tree, selector) if len(node.text) < 120) if day]
        if known:
            return known[0] if len(set(known)) == 1 else None
    return None


_DATE_CLASSES = tuple(f'[class*="{name}" i]' for name in ("publish", "dateline", "date", "byline", "timestamp", "meta"))


def _some(tree: Any, selector: str) -> list[Any]:
    return list(tree.body.query_selector_all(selector))[:20]


def _publisher(tree: Any, facts: dict[str, Any]) -> str:
    told = facts.get("publisher")
    told = told[0] if isinstance(told, list) and told else told
    name = told.get("name") if isinstance(told, dict) else told
    return " ".join(tidy(str(name or "")).split())[:200] or _meta(tree, "og:site_name", "application-name")[:200]


def _canonical(tree: Any, url: str) -> str:
    """The address that the page calls its own, where it lies on the same site: no page speaks for another site."""
    node = tree.document.query_selector('link[rel="canonical"]')
    try:
        target = urljoin(url, (node.getattr("href") or "").strip()) if node is not None else ""
        same = not url or _site(target) == _site(url)
    except ValueError:
        return ""
    return target if same and urlsplit(target).scheme in ("http", "https") else ""


def _site(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])
