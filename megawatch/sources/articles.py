"""The article on a page: its title, text, date and publisher, without the page around it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from urllib.parse import urljoin, urlsplit

import trafilatura
from lxml import etree
from trafilatura.settings import Extractor

from megawatch.errors import SourceError
from megawatch.sources.dates import to_day
from megawatch.sources.html import (
    count_elements,
    decode,
    mark_blocks,
    node_text,
    parse,
    plain_text,
    spaced,
    tidy,
    unmark,
)

CLEANER = f"articles-1/trafilatura-{version('trafilatura')}"
"""Names what made a text out of a page; stored beside it. Count up where the same page would give another text."""

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of what is told by our own errors

NEWS_TYPES = frozenset(
    ("newsarticle", "article", "blogposting", "reportagenewsarticle", "analysisnewsarticle", "report")
)
_EMPTY = etree.Element("title")
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
    etree.strip_elements(tree, *FURNITURE, with_tail=False)
    drop_adverts(tree)
    tables = mark_blocks(tree)
    text, shown = without_head(_main_text(tree), heading)
    told = tidy(str(facts.get("articleBody") or ""))
    if len(told) > 2 * len(text):
        text, tables = told, 0
    if not text:
        raise SourceError(f"{url or 'page'}: no text was found on the page; it may be drawn by a script.")
    return Article(
        title=heading, text=text, published=published or shown, publisher=publisher, canonical=canonical, tables=tables
    )


def whole_text(body: bytes, *, content_type: str = "") -> str:
    """Give all visible text of a page, tables and lists kept: for filings, where nothing surrounds the text."""
    tree = parse(decode(body, content_type))
    mark_blocks(tree)
    return plain_text(tree)


def without_head(text: str, title: str) -> tuple[str, str | None]:
    """Take title, date line and byline off the head of a text; also give the day that the date line names, if any."""
    lines = text.split("\n")
    place, day = 0, None
    for at, line in enumerate(lines[:HEAD_LINES]):
        if not line:
            continue
        shown = to_day(line) if len(line) <= 60 and line[-1] != "." else None
        if shown or _is_head(line, title):
            place, day = at + 1, day or shown
        elif len(line) > 40 or line[-1] in ".:!?" or line.startswith("• ") or " | " in line:
            break
    return "\n".join(lines[place:]).strip() or text, day


def _is_head(line: str, title: str) -> bool:
    byline = len(line.split()) <= 8 and line.split()[0] in ("By", "BY", "Published:", "Updated:", "Posted")
    return (bool(title) and _flat(line) == _flat(title)) or (byline and line[-1] != ".")


def without_title(text: str, title: str) -> str:
    """Take the title off the head of a text, for a title is not repeated in its text."""
    head, _, rest = text.partition("\n")
    return rest.strip() if title and _flat(head) == _flat(title) and rest.strip() else text


def _flat(text: str) -> str:
    return _SPACED.sub(" ", text).strip().casefold()


FURNITURE = ("script", "style", "noscript", "template", "svg", "iframe", "nav", "footer", "select", "button", "head")
"""What never holds an article's text; taken out first, for each step after it costs time by the element."""


def drop_adverts(tree: Any) -> None:
    """Take adverts and sign-up boxes out of a tree: small elements whose class or id says so."""
    for node in list(tree.iter("div", "aside", "section", "ins", "amp-ad")):
        names = frozenset(_WORDS.findall(f"{node.get('class') or ''} {node.get('id') or ''}".casefold()))
        if names & ADVERT_NAMES and node.getparent() is not None and len(node_text(node)) <= LONGEST_ADVERT:
            node.drop_tree()


ADVERT_NAMES = frozenset(
    (
        "ad",
        "ads",
        "advert",
        "adverts",
        "advertisement",
        "sponsored",
        "newsletter",
        "signup",
        "paywall",
        "cookie",
        "promo",
    )
)
LONGEST_ADVERT = 600
OPTIONS = Extractor(fast=True, comments=False, tables=True)
"""Fast leaves out a second opinion on each page; on the pages of the tests it gives the same texts."""
MOST_ELEMENTS = 30_000
HEAD_LINES = 10
_WORDS = re.compile(r"[a-z]+")


def _main_text(tree: Any) -> str:
    if count_elements(tree) > MOST_ELEMENTS:  # no article, and minutes of work: all its text is taken
        return plain_text(tree)
    found = trafilatura.extract(tree, options=OPTIONS)
    return spaced(tidy(unmark(found or "")))


def _linked_facts(tree: Any) -> dict[str, Any]:
    """Give the JSON-LD object that describes the article, or an empty one."""
    for script in tree.xpath('//script[@type="application/ld+json"]')[:20]:
        try:
            found = json.loads((script.text or "")[:2_000_000], strict=False)
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
    """Give the content of the first of these meta elements that says anything."""
    told: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (node.get("property") or node.get("name") or node.get("itemprop") or "").casefold()
        told.setdefault(name, node.get("content") or "")
    for name in names:
        content = " ".join(tidy(told.get(name.casefold(), "")).split())
        if content:
            return content
    return ""


def _heading(tree: Any, facts: dict[str, Any]) -> str:
    headings = [tidy(node_text(node)) for node in tree.iter("h1")]
    told = " ".join(tidy(str(facts.get("headline") or "")).split()) or _meta(
        tree, "og:title", "twitter:title", "headline"
    )
    page = tidy(node_text(next(tree.iter("title"), _EMPTY)))
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
    """Give the date a page shows beside its text: that of the first ``time``, else of what is named a date, if one."""
    for path in _DATE_PATHS:
        for node in tree.xpath(path)[:20]:
            day = to_day(node.get("datetime") or node.get("content") or node_text(node)[:120])
            if day:
                return day
    beside = tree.xpath("(//h1)[1]/following::text()[normalize-space()][position() <= 4]")
    days = [to_day(text) for text in beside if len(text.strip()) <= 60 and not text.strip().endswith(".")]
    if any(days):
        return next(filter(None, days))
    texts = [node_text(node) for node in tree.iter("div", "span", "p", "td", "li") if _names_date(node)]
    named = {day for day in (to_day(text) for text in texts[:20] if len(text) < 120) if day}
    return named.pop() if len(named) == 1 else None


def _names_date(node: Any) -> bool:
    return any(name in (node.get("class") or "").casefold() for name in _DATE_CLASSES)


_DATE_PATHS = (
    '//body//*[@itemprop="datePublished"]',
    "//body//time[@pubdate]",
    "//article//time",
    "//main//time",
    "//body//time",
)
_DATE_CLASSES = ("publish", "dateline", "date", "byline", "timestamp", "meta")


def _publisher(tree: Any, facts: dict[str, Any]) -> str:
    told = facts.get("publisher")
    told = told[0] if isinstance(told, list) and told else told
    name = told.get("name") if isinstance(told, dict) else told
    return " ".join(tidy(str(name or "")).split())[:200] or _meta(tree, "og:site_name", "application-name")[:200]


def _canonical(tree: Any, url: str) -> str:
    """The address that the page calls its own, where it lies on the same site: no page speaks for another site."""
    node = next(iter(tree.xpath('//link[@rel="canonical"]')), None)
    try:
        target = urljoin(url, (node.get("href") or "").strip()) if node is not None else ""
        same = not url or _site(target) == _site(url)
    except ValueError:
        return ""
    return target if same and urlsplit(target).scheme in ("http", "https") else ""


def _site(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])
