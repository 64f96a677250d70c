"""Trying the sources of the catalog, and adding one: find the feed of a page, write its TOML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from megawatch.errors import SourceError
from megawatch.sources.edgar import daily_address, read_daily_index, read_submissions
from megawatch.sources.feeds import Feed, read_feed
from megawatch.sources.html import decode, node_text, parse, tidy
from megawatch.sources.http import Fetched, PoliteClient
from megawatch.sources.newsrooms import read_links
from megawatch.sources.specs import REQUIRED, SourceSpec, read_spec

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
LIKELY_PATHS = ("feed", "rss.xml", "feed.xml", "atom.xml", "rss", "index.xml", "feed.json")
MOST_CANDIDATES = 5
_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a source answered when it was tried: ``ok`` or what went wrong, and how many entries it lists."""

    spec: SourceSpec
    outcome: str
    entries: int = 0
    detail: str = ""


def check_source(spec: SourceSpec, *, client: PoliteClient, today: date) -> Tried:
    """Ask a source for its list once and read it; nothing is stored."""
    if spec.kind in ("folder", "mailbox"):
        found = Path(spec.address).expanduser().exists()
        return Tried(spec=spec, outcome="ok" if found else "not_found", detail=spec.address)
    address = daily_address(spec, _weekday_before(today)) if spec.kind == "edgar_index" else spec.address
    got = client.get(address, allowed=spec.allowed_hosts)
    if not got.ok:
        return Tried(spec=spec, outcome=got.outcome, detail=got.detail)
    try:
        return Tried(spec=spec, outcome="ok", entries=_count(spec, got), detail=_moved(got))
    except SourceError as error:
        return Tried(spec=spec, outcome="not_readable", detail=str(error))


def _count(spec: SourceSpec, got: Fetched) -> int:
    content_type = got.headers.get("content-type", "")
    if spec.kind == "feed":
        return len(read_feed(got.body, url=got.final_url, content_type=content_type).items)
    if spec.kind == "newsroom":
        links = read_links(got.body, url=got.final_url, pattern=spec.link_pattern, content_type=content_type)
        return len(links)
    if spec.kind == "edgar":
        return len(read_submissions(got.body, spec))
    return len(read_daily_index(got.body, spec)) if spec.kind == "edgar_index" else 1


def _moved(got: Fetched) -> str:
    return f"now at {got.final_url}" if got.redirects else ""


def _weekday_before(day: date) -> date:
    day -= timedelta(days=1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day


def mark_checked(path: Path, *, day: date) -> None:
    """Write into a source's TOML that its address was tried with success on a day."""
    text = path.read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^checked = .*$", f'checked = "{day.isoformat()}"', text, count=1)
    path.write_text(changed, encoding="utf-8")
    read_spec(path)


def find_source(url: str, *, client: PoliteClient, allowed: frozenset[str] = frozenset()) -> SourceSpec:
    """Find the feed of a page (or take the address itself, where it is one) and describe it as a source.

    Raises SourceError that says what was tried, where neither the page nor the usual addresses lead to a feed.
    """
    got = client.get(url, allowed=allowed)
    if not got.ok:
        raise SourceError(f"{url}: {got.detail or got.outcome}; look whether the address is right.")
    feed = _as_feed(got)
    if feed is not None:
        return _spec_of(got.final_url, feed, "", bool(allowed))
    tree = parse(decode(got.body, got.headers.get("content-type", "")))
    tried = feed_addresses(tree, got.final_url)
    for address in tried:
        found = client.get(address, allowed=allowed)
        feed = _as_feed(found) if found.ok else None
        if feed is not None:
            return _spec_of(found.final_url, feed, _site_name(tree), bool(allowed))
    raise SourceError(
        f"{url}: no feed was found (tried {', '.join(tried)}); write a TOML of kind newsroom with a link_pattern."
    )


def _as_feed(got: Fetched) -> Feed | None:
    try:
        feed = read_feed(got.body, url=got.final_url, content_type=got.headers.get("content-type", ""))
    except SourceError:
        return None
    return feed if feed.items else None


def feed_addresses(tree: Any, url: str) -> tuple[str, ...]:
    """Give where a page's feed may be: the addresses it names, then links that look so, then the usual ones."""
    named = [link.get("href") for link in tree.iter("link") if (link.get("type") or "").lower() in FEED_TYPES]
    linked = [
        link.get("href") for link in tree.iter("a") if re.search(r"(?i)\b(rss|atom|feed)\b", link.get("href") or "")
    ]
    usual = [f"{url.rstrip('/')}/{path}" for path in LIKELY_PATHS[:2]] + [urljoin(url, f"/{p}") for p in LIKELY_PATHS]
    found = [urljoin(url, href.strip()) for href in [*named, *linked[:MOST_CANDIDATES]] if href] + usual
    good = (address for address in found if urlsplit(address).scheme in ("http", "https"))
    return tuple(dict.fromkeys(good))[: MOST_CANDIDATES + len(usual)]


def _site_name(tree: Any) -> str:
    for node in tree.iter("meta"):
        if node.get("property") == "og:site_name" and node.get("content"):
            return tidy(node.get("content"))
    return tidy(" ".join(node_text(node) for node in list(tree.iter("title"))[:1]))


def _spec_of(address: str, feed: Feed, site: str, private: bool) -> SourceSpec:
    publisher = " ".join((site or feed.title or urlsplit(address).hostname or "").split())[:80]
    dated = sorted(item.published for item in feed.items if item.published)
    days = (date.fromisoformat(dated[-1]) - date.fromisoformat(dated[0])).days if dated else 0
    week = round(7 * len(dated) / max(days, 1)) if days else len(feed.items)
    return SourceSpec(
        id=_ID.sub("-", publisher.lower()).strip("-")[:60] or "source",
        publisher=publisher,
        address=address,
        kind="feed",
        cadence="hourly" if week > 7 else "daily",
        terms="Not yet looked at: read the publisher's terms of use before keeping its texts.",
        expected_max=max(10, 3 * week),
        allow_private=private,
    )


def write_spec(spec: SourceSpec, folder: Path, *, checked: date | None = None) -> Path:
    """Write a source as a TOML file of the folder, named by its id; the path. SourceError where that name is taken."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,80}", spec.id):
        raise SourceError(f"{spec.id!r} is not an id: use small letters, digits and hyphens.")
    path = folder / f"{spec.id}.toml"
    if path.exists():
        raise SourceError(f"{path} is there already; edit it, or give another id.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(_toml(spec, checked), encoding="utf-8")
    read_spec(path)
    return path


def _toml(spec: SourceSpec, checked: date | None) -> str:
    plain = {name: getattr(spec, name) for name in REQUIRED if name not in ("expected", "checked")}
    lines = [f"{name} = {_quoted(value)}" for name, value in plain.items()]
    lines.append(f'checked = "{checked.isoformat()}"' if checked else "checked = false")
    lines += [
        f"{name} = {_quoted(getattr(spec, name))}" for name in ("link_pattern", "title_pattern") if getattr(spec, name)
    ]
    lines += ["allow_private = true"] if spec.allow_private else []
    return "\n".join([*lines, "", "[expected]", f"min = {spec.expected_min}", f"max = {spec.expected_max}", ""])


def _quoted(text: str) -> str:
    safe = "".join(letter for letter in text if letter.isprintable())
    return '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
