from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hostile import ATTACKS, LINKS, hostile_ledger
from markdown_it import MarkdownIt
from market_of_may import AS_OF, WEEK, deal, usd

from megawatch.briefs.archive import write_archive
from megawatch.briefs.check import check_edition
from megawatch.briefs.mail import MailSettings, build_message, message_bytes
from megawatch.briefs.render import Rendered, render
from megawatch.briefs.view import Brief, build_brief

SETTINGS = MailSettings(base_url="https://brief.example", unsubscribe_key="k" * 20)
TAGS = frozenset(
    "html head meta title style body div table tbody thead tr td th caption p h1 h2 h3 a span strong sup br ul li img "
    "header main footer nav svg g defs path use text clippath rect link form button".split()
)


class Tags(HTMLParser):
    """Which tags and attributes a page has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "action")]


@pytest.fixture(scope="module")
def edition() -> tuple[Brief, Rendered]:
    told = build_brief(hostile_ledger(), week=WEEK, as_of=AS_OF)
    return told, render(told, base_url="https://brief.example")


def test_hostile_text_passes_the_check_as_harmless_text(edition: tuple[Brief, Rendered]) -> None:
    told, rendered = edition
    assert check_edition(rendered, told) > 100


def test_no_tag_handler_or_link_comes_from_a_source(edition: tuple[Brief, Rendered], tmp_path: Path) -> None:
    told, rendered = edition
    pages = [rendered.html, rendered.page]
    paths = write_archive(told, tmp_path, ledger=hostile_ledger())
    pages += [path.read_text(encoding="utf-8") for path in paths if path.suffix == ".html"]
    for page in pages:
        found = Tags(page)
        assert found.tags <= TAGS
        assert not [name for name in found.attributes if name.startswith("on")]
        assert all(re.match(r"https://|http://|cid:|#|\.\./|editions/|deals/|feed\.xml", link) for link in found.links)
    ElementTree.parse(tmp_path / "feed.xml")


def test_controls_and_direction_marks_reach_no_twin(edition: tuple[Brief, Rendered]) -> None:
    _, rendered = edition
    for text in (rendered.html, rendered.page, rendered.text, rendered.markdown):
        odd = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")} - {"\n"}
        assert odd == set()


def test_a_name_of_ten_thousand_letters_is_cut(edition: tuple[Brief, Rendered]) -> None:
    _, rendered = edition
    assert "N" * 330 not in rendered.html + rendered.text + rendered.page
    assert len(rendered.html.encode()) < 90_000


def test_markdown_shows_source_text_as_text(edition: tuple[Brief, Rendered]) -> None:
    _, rendered = edition
    html = MarkdownIt("commonmark").enable("table").render(rendered.markdown)
    found = Tags(html)
    assert not found.tags & {"script", "img", "style", "b", "code"}
    assert [link for link in found.links if not link.startswith(("https://", "http://"))] == []


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda text: ascii(text[:18]))
def test_headers_stay_single_lines(attack: str) -> None:
    from market_of_may import MemoryLedger

    hostile = deal("x", "compute", attack, attack, usd("total_value_usd", "9000000000", "$9 billion"))
    told = build_brief(MemoryLedger(deals=(hostile,)), week=WEEK, as_of=AS_OF, only=None)
    rendered = render(told)
    from dataclasses import replace

    message = build_message(
        replace(rendered, subject=f"Megawatch {attack}"), recipient="a@desk.example", settings=SETTINGS
    )
    head = message_bytes(message, SETTINGS).split(b"\r\n\r\n", 1)[0]
    names = [line.split(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert b"bcc" not in names
    assert b"set-cookie" not in names
    assert len(names) == len(set(names))
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))


def test_hostile_links_are_given_as_no_link(edition: tuple[Brief, Rendered]) -> None:
    told, rendered = edition
    assert all(note.url is None for note in told.notes)
    assert not any(f'="{link}' in rendered.html + rendered.page for link in LINKS)
