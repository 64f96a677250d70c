"""The small readers: dates, tables, lists, links, feeds, and texts that mean harm."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from megawatch.errors import SourceError
from megawatch.sources.articles import read_article, whole_text
from megawatch.sources.dates import to_day
from megawatch.sources.feeds import read_feed
from megawatch.sources.html import decode, mark_blocks, parse, plain_text, tidy
from megawatch.sources.newsrooms import read_links

DATES = {
    "Thu, 14 May 2026 23:30:00 -0700": "2026-05-14",
    "Thu, 14 May 2026 23:30:00 GMT": "2026-05-14",
    "14 May 2026 10:00 EDT": "2026-05-14",
    "Thursday, 14-May-26 10:00:00 GMT": "2026-05-14",
    "Thu May 14 10:00:00 2026": "2026-05-14",
    "Thu May 14 10:00:00 EDT 2026": "2026-05-14",
    "2026-05-14": "2026-05-14",
    "2026-05-14T23:30:00Z": "2026-05-14",
    "2026-05-14T23:30:00.123456+09:00": "2026-05-14",
    "2026-05-14 23:30": "2026-05-14",
    "2026/05/14": "2026-05-14",
    "2026.5.14": "2026-05-14",
    "20260514": "2026-05-14",
    "20260514T233000Z": "2026-05-14",
    "2026-W20-4": "2026-05-14",
    "2026-134": "2026-05-14",
    "May 14, 2026": "2026-05-14",
    "May 14th, 2026, 9:00 am ET": "2026-05-14",
    "MAY 14 2026": "2026-05-14",
    "14 May 2026": "2026-05-14",
    "14th of May 2026": "2026-05-14",
    "14. May 2026": "2026-05-14",
    "Sept. 3, 2026": "2026-09-03",
    "Published on Thursday, 14 May 2026 by the desk": "2026-05-14",
    "14/05/2026": "2026-05-14",
    "05/14/2026": "2026-05-14",
    "14.05.2026": "2026-05-14",
    "04/04/2026": "2026-04-04",
    "2026年5月14日": "2026-05-14",
    "2026년 5월 14일": "2026-05-14",
    "05/06/2026": None,
    "5.6.2026": None,
    "2026-13-45": None,
    "2026-05": None,
    "May 2026": None,
    "yesterday": None,
    "1789000000": None,
    "0001-01-01": None,
    "": None,
}


@pytest.mark.parametrize("text", DATES)
def test_dates_in_forty_forms(text: str) -> None:
    assert to_day(text) == DATES[text]


def text_of(html: str) -> str:
    tree = parse(html)
    mark_blocks(tree)
    return plain_text(tree)


TABLES = {
    "a filing's table, signs and spans apart": (
        "<table><tr><td></td><td colspan=3>Three months</td><td></td><td colspan=3>Six months</td></tr>"
        "<tr><td>Revenue</td><td>$</td><td>1,234</td><td></td><td></td><td>$</td><td>2,345</td><td></td></tr>"
        "<tr><td>Growth</td><td></td><td>12</td><td>%</td><td></td><td></td><td>13</td><td>%</td></tr>"
        "<tr><td>Loss</td><td>$</td><td>(5</td><td>)</td><td></td><td>$</td><td>(6</td><td>)</td></tr></table>",
        "| Three months | Six months\nRevenue | $1,234 | $2,345\nGrowth | 12% | 13%\nLoss | $(5) | $(6)",
    ),
    "rows that reach down": (
        "<table><tr><th rowspan=2>GPU</th><th colspan=2>Price</th></tr><tr><th>spot</th><th>reserved</th></tr>"
        "<tr><td>H100</td><td>2</td><td>3</td></tr></table>",
        "GPU | Price\nGPU | spot | reserved\nH100 | 2 | 3",
    ),
    "an empty cell in the middle": (
        "<table><tr><td>a</td><td>b</td><td>c</td></tr><tr><td>1</td><td></td><td>3</td></tr></table>",
        "a | b | c\n1 | | 3",
    ),
    "cells of several lines": (
        "<table><tr><th>a</th><th>b</th></tr><tr><td><p>one</p><p>two</p></td><td>x<br>y</td></tr></table>",
        "a | b\none two | x y",
    ),
    "a bullet as a table": ("<table><tr><td>•</td><td>A point of a list</td></tr></table>", "• A point of a list"),
    "a list": ("<ul><li>One <b>bold</b></li><li>Two</li></ul>", "• One bold\n• Two"),
    "a numbered list": ("<ol><li>One</li><li>Two</li></ol>", "1. One\n2. Two"),
    "a table in a table for layout": (
        "<table><tr><td><h2>T</h2></td><td><table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>"
        "</td></tr></table>",
        "T\n\na | b\n1 | 2",
    ),
    "marks of our own in a page": ("<p>⸢fake ⸤ table⸣</p>", "fake table"),
    "marks of our own as entities": ("<p>&#x2E22;fake&#x2E24;table&#x2E23; x</p>", "fake\n\ntable\n\nx"),
    "absurd spans": (
        "<table><tr><td colspan=99999999>a</td><td rowspan=-3>b</td></tr><tr><td>1</td><td>2</td></tr></table>",
        None,
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_and_lists_keep_their_lines(name: str) -> None:
    html, text = TABLES[name]
    found = text_of(f"<html><body>{html}</body></html>")
    assert text is None or found == text


def test_a_table_stands_between_blank_lines() -> None:
    rows = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    assert text_of(f"<p>Before.</p>{rows}<p>After.</p>") == "Before.\n\na | b\n1 | 2\n\nAfter."


HOSTILE = {
    "deep": "<div>" * 50_000 + "text",
    "deep tables": "<table><tr><td>" * 3_000 + "text",
    "unclosed": "<p" * 50_000,
    "attributes": f"<p {'x=1 ' * 50_000}>text",
    "entities": "&amp;" * 200_000,
    "numbers": "<p>&#x110000;&#0;&#xD800;text</p>",
    "cells": "<table><tr>" + "<td>1</td>" * 60_000 + "</tr></table><p>text</p>",
    "spans": "<table>" + "<tr><td colspan=999 rowspan=999>1</td></tr>" * 2_000 + "</table><p>text</p>",
    "comments": "<!--" * 50_000 + "text",
    "facts": f'<script type="application/ld+json">{"[" * 100_000}</script><p>text</p>',
    "many facts": '<script type="application/ld+json">{"@type":"Article","articleBody":7}</script>' * 500
    + "<p>text</p>",
    "dates": '<time datetime="' + "9" * 10_000 + '">x</time><p>text</p>',
    "menus": "<ul>" + "<li><a href=x>y</a></li>" * 20_000 + "</ul><p>text</p>",
    "nested lists": "<ul><li>" * 3_000 + "text",
    "bidi": "<p>te\u202ext \u2066hidden\u2069 \u200b\ufeff</p>",
    "nothing": "",
    "xml": '<?xml version="1.0" encoding="utf-16"?><html xmlns="http://www.w3.org/1999/xhtml"><p>text</p></html>',
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><html><body>&b;</body></html>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_that_means_harm_costs_little_and_ends_in_a_text_or_an_error(name: str) -> None:
    start = time.process_time()
    for reader in (lambda body: read_article(body).text, whole_text):
        try:
            text = reader(HOSTILE[name].encode("utf-8", "surrogatepass"))
        except SourceError:
            continue
        assert not any(sign in text for sign in "\u202e\u2066\u200b\ufeff\x00\u2e22\u2e23")
    assert time.process_time() - start < 10


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "text/html; charset=utf-16", "text/html; charset=koi8-r", "x/y"]))
def test_bytes_of_any_kind_end_in_a_text_or_an_error(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type), str)
    for reader in (read_article, read_feed):
        try:
            reader(body, content_type=content_type)
        except SourceError:
            continue


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_tidied_text_is_tidy_and_stays_so(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once == once.strip()
    assert "\n\n\n" not in once
    assert "  " not in once


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text("abc 1$%.", min_size=1, max_size=5), min_size=2, max_size=4), min_size=2, max_size=4))
def test_no_word_of_a_table_is_lost(rows: list[list[str]]) -> None:
    html = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    found = text_of(f"<html><body><p>x</p><table>{html}</table></body></html>")
    for row in rows:
        for cell in row:
            assert "".join(cell.split()) in "".join(found.replace("|", "").split())


def test_links_of_a_list_page() -> None:
    html = (
        '<a href="/news/1?utm_source=x">One</a><a href="/news/1">One, with more words</a><a href="news/2#top">Two</a>'
        '<a href="javascript:x">/news/3</a><a href="http://[bad/news/4">Four</a><a href="mailto:news/5@x.example">M</a>'
    )
    links = read_links(html.encode(), url="https://paper.example/", pattern=r"/news/\d")
    assert [(link.url, link.title) for link in links] == [
        ("https://paper.example/news/1?utm_source=x", "One, with more words"),
        ("https://paper.example/news/2", "Two"),
    ]
    with pytest.raises(SourceError, match="no link"):
        read_links(html.encode(), url="https://paper.example/", pattern="/deals/")


def test_an_article_takes_its_facts_from_where_they_are_told() -> None:
    facts = {"@type": ["NewsArticle"], "headline": "H &amp; M", "publisher": [{"name": "The Paper"}]}
    facts["datePublished"] = "2026-05-14T23:30:00-07:00"
    body = "<p>" + "Words of the article that say something about megawatts and leases. " * 4 + "</p>"
    page = (
        f"<html><head><title>x</title><link rel=canonical href='https://www.paper.example/own'>"
        f"<script type='application/ld+json'>{json.dumps(facts)}</script></head><body><article>{body}</article></body>"
    )
    article = read_article(page.encode(), url="https://paper.example/a?x=1")
    assert (article.published, article.publisher) == ("2026-05-14", "The Paper")
    assert article.canonical == "https://www.paper.example/own"
    away = page.replace("www.paper.example", "bank.example")
    assert read_article(away.encode(), url="https://paper.example/a").canonical == ""


def test_an_undated_page_stays_undated() -> None:
    body = "<p>" + "In 2025 the price of a lease rose, and in March 2026 it fell again, they said. " * 4 + "</p>"
    page = f"<html><body><article><h1>T</h1>{body}</article><footer>© 2026</footer></body></html>"
    assert read_article(page.encode()).published is None
