"""feedparser's own published test feeds, served over loopback, where they are at hand.

Set ``FEEDPARSER_TESTS`` to the folder ``tests`` of a checkout of feedparser; without it this is skipped.
"""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
from misbehaving import serving
from test_http import HOME

from megawatch.errors import SourceError
from megawatch.sources.feeds import FeedItem, parse_feed, read_entries, read_feed
from megawatch.sources.http import Limits, PoliteClient

SUITE = os.environ.get("FEEDPARSER_TESTS", "")
pytestmark = pytest.mark.skipif(not SUITE, reason="FEEDPARSER_TESTS names no folder of feedparser's tests")
FIELDS = ("title", "link", "published_parsed", "updated_parsed", "created_parsed")


@dataclass(frozen=True)
class Expectation:
    path: Path
    entry: int
    field: str
    value: object


def feeds() -> list[Path]:
    return sorted(path for ext in ("xml", "json") for path in Path(SUITE).rglob(f"*.{ext}"))


def expectations(path: Path) -> Iterator[Expectation]:
    """Read what a feed's first comment expects of an entry's title, link or date, where it says so plainly."""
    told = re.search(r"Expect:\s*(.*?)\s*-->", path.read_bytes().decode("utf-8", "replace"), re.DOTALL)
    try:
        tree = ast.parse(told.group(1) if told else "", mode="eval")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and all(isinstance(sign, ast.Eq) for sign in node.ops):
            *places, value = node.left, *node.comparators
            for entry, field in filter(None, map(place_of, places)):
                try:
                    yield Expectation(path, entry, field, ast.literal_eval(value))
                except (ValueError, SyntaxError):
                    continue


def place_of(node: ast.expr) -> tuple[int, str] | None:
    """Read ``entries[0]['title']`` or ``entries[0].title``."""
    found = re.fullmatch(r"entries\[(\d+)\](?:\['(\w+)'\]|\.(\w+))", ast.unparse(node))
    field = found and (found.group(2) or found.group(3))
    return (int(found.group(1)), field) if found and field in FIELDS else None


def headers_of(path: Path) -> dict[str, str]:
    text = path.read_bytes().decode("utf-8", "replace")
    return {name.lower(): value.strip() for name, value in re.findall(r"(?m)^Header:\s+([^:]+):(.*)$", text)}


def test_every_feed_comes_over_loopback_and_none_ends_in_a_crash() -> None:
    paths, refused = feeds(), []
    assert len(paths) > 1_000
    answers = {}
    for number, path in enumerate(paths):
        body, told = path.read_bytes(), headers_of(path).get("content-type", "application/xml")
        answers[f"/{number}"] = lambda peer, body=body, told=told: peer.answer(200, body, f"Content-Type: {told}")
    with serving(answers) as site, PoliteClient(limits=Limits(host_gap_s=0)) as client:
        for number, path in enumerate(paths):
            got = client.get(site.url(f"/{number}"), allowed=HOME)
            if not got.ok:
                assert got.outcome == "empty_body"
                continue
            assert got.body == path.read_bytes()
            try:
                read_feed(got.body, url=got.final_url, content_type=got.headers["content-type"])
            except SourceError as error:
                refused.append(f"{path.relative_to(SUITE)}: {error}")
    assert len(refused) < 0.02 * len(paths), refused


def agrees(expected: Expectation, item: FeedItem, base: str) -> bool:
    if expected.field == "title":
        told = unescape(re.sub(r"<[^>]*>", "", str(expected.value)))
        return re.sub(r"\W", "", item.title) == re.sub(r"\W", "", unescape(told))
    if expected.field == "link":
        target = urljoin(base, str(expected.value)).partition("#")[0]
        return item.url == (target if target.startswith("http") else "")
    year, month, day, hour, minute, second, *_ = expected.value  # type: ignore[misc]
    return item.instant == datetime(year, month, day, hour, minute, second, tzinfo=UTC).isoformat()


def test_title_link_and_date_agree_with_what_feedparser_expects() -> None:
    disagreements, count = [], 0
    for path in feeds():
        told = headers_of(path)
        base = told.get("content-location", "http://127.0.0.1:8097/feed.xml")
        for expected in expectations(path):
            parsed = parse_feed(path.read_bytes(), base, told.get("content-type", "application/xml"))
            items = read_entries(parsed, base)
            count += 1
            if expected.entry >= len(items) or not agrees(expected, items[expected.entry], base):
                found = items[expected.entry] if expected.entry < len(items) else None
                disagreements.append(f"{path.relative_to(SUITE)}: {expected.field} {expected.value!r} not {found}")
    assert count > 100
    assert disagreements == []
