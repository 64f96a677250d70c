"""List pages without a feed: the links of a page whose addresses fit the source's pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from megawatch.errors import SourceError
from megawatch.sources.addresses import address_key
from megawatch.sources.html import decode, node_text, parse, tidy

MOST_LINKS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a list page: its absolute address and its words."""

    url: str
    title: str


def read_links(body: bytes, *, url: str, pattern: str, content_type: str = "") -> tuple[Link, ...]:
    """Read the links of a list page whose address the pattern finds, each page once, in the order of the page.

    Raises SourceError where the page has links and none fits: its layout or its addresses have changed.
    """
    fitting = re.compile(pattern)
    tree = parse(decode(body, content_type))
    found: dict[str, Link] = {}
    for node in tree.xpath("//a[@href]")[:MOST_LINKS]:
        try:
            target = urljoin(url, (node.get("href") or "").strip()).partition("#")[0]
            good = urlsplit(target).scheme in ("http", "https") and len(target) < 2_000
        except ValueError:
            continue
        if good and fitting.search(target):
            title = tidy(node_text(node))[:500]
            key = address_key(target)
            if key not in found or len(title) > len(found[key].title):
                found[key] = Link(url=found[key].url if key in found else target, title=title)
    if not found:
        raise SourceError(f"{url}: no link of the page fits the pattern {pattern!r}; look whether its layout changed.")
    return tuple(found.values())
