"""The bundled documents and their annotations: each quote must stand in the text that the sources make of its page."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from megawatch.market import DEAL_FIELDS, KINDS, MARKETS, SOURCES, STATUSES
from megawatch.resources import bundled
from megawatch.sources.articles import read_article, whole_text
from megawatch.sources.specs import read_catalog

FIXTURES = bundled("fixtures")
HTML = "text/html; charset=utf-8"
GOLD: list[dict[str, Any]] = [
    json.loads(line) for line in (FIXTURES / "gold" / "market.jsonl").read_text(encoding="utf-8").splitlines()
]


def page_of(document: dict[str, Any]) -> Path:
    parts = urlsplit(document["url"])
    shelf = "filings" if parts.netloc == "www.sec.example" else "articles"
    return FIXTURES / shelf / parts.netloc / parts.path.lstrip("/")


def text_of(document: dict[str, Any]) -> str:
    body = page_of(document).read_bytes()
    if "filings" in page_of(document).parts:
        return whole_text(body, content_type=HTML)
    return read_article(body, content_type=HTML, url=document["url"]).text


def quotes_of(document: dict[str, Any]) -> list[str]:
    deals = [quote for deal in document["deals"] for quote in deal["evidence"].values()]
    return [*deals, *(price["evidence"] for price in document["prices"])]


@pytest.mark.parametrize("document", GOLD, ids=lambda document: document["id"])
def test_every_annotated_quote_stands_in_the_text_of_its_page(document: dict[str, Any]) -> None:
    # A filing's title is made from its index, so its quotes must stand in the text.
    text = text_of(document) + ("" if "sec.example" in document["url"] else document["title"])
    assert [quote for quote in quotes_of(document) if quote not in text] == []


@pytest.mark.parametrize(
    "document", [d for d in GOLD if "sec.example" not in d["url"]], ids=lambda document: document["id"]
)
def test_a_page_gives_its_title_and_date_and_none_of_what_stands_around_the_text(document: dict[str, Any]) -> None:
    article = read_article(page_of(document).read_bytes(), content_type=HTML, url=document["url"])
    assert article.title == document["title"]
    assert article.published == document["published"]
    for noise in ("Advertisement", "cookies", "Most read", "Chillers", "First!", "$19.99", "$3 billion of bonds"):
        assert noise not in article.text


def test_the_annotations_keep_the_form_of_the_guidelines() -> None:
    assert len(GOLD) == len({document["id"] for document in GOLD}) == 43
    assert {document["source"] for document in GOLD} == set(SOURCES)
    for document in GOLD:
        for deal in document["deals"]:
            assert deal["kind"] in KINDS
            assert deal["status"] in STATUSES
            assert set(deal) <= {*DEAL_FIELDS, "deal_key", "qualifiers", "evidence"}
            assert set(deal["evidence"]) == set(deal) - {"deal_key", "qualifiers", "evidence"}
        assert {price["market"] for price in document["prices"]} <= set(MARKETS)


def test_all_genres_and_all_kinds_of_deal_are_there_and_negatives_too() -> None:
    kinds = {deal["kind"] for document in GOLD for deal in document["deals"]}
    statuses = {deal["status"] for document in GOLD for deal in document["deals"]}
    assert (kinds, statuses) == (set(KINDS), set(STATUSES))
    assert sum(not document["deals"] and not document["prices"] for document in GOLD) == 7
    assert sum("<table>" in page_of(document).read_text(encoding="utf-8") for document in GOLD) >= 6


def test_every_bundled_source_keeps_the_form_of_the_catalog() -> None:
    assert len(read_catalog(FIXTURES / "sources")) == 14


def test_every_document_is_reached_from_a_feed_a_list_or_a_filing_index() -> None:
    listed = "".join(
        path.read_text(encoding="utf-8")
        for path in FIXTURES.rglob("*")
        if path.suffix in (".xml", ".toml") or path.name.endswith("-index.htm") or path.name == "index.html"
    )
    assert [d["id"] for d in GOLD if urlsplit(d["url"]).path.lstrip("/") not in listed] == []
