"""Whole documents as wires, clouds, brokers and forums write them: every price that they state, and no other.

``quotes.jsonl`` is annotated in the form of the training documents; its companies' figures are invented.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.parties import find_parties
from extractors.prices import find_prices
from extractors.reading import read_document
from megawatch.market import Document, PriceMention

QUOTES = [
    json.loads(line) for line in (Path(__file__).parent / "quotes.jsonl").read_text(encoding="utf-8").splitlines()
]
FIELDS = ("id", "title", "text", "published", "source", "publisher")
Stated = tuple[str, str | None, str, float | None, float | None, float | None]


def found_in(document: Document) -> tuple[PriceMention, ...]:
    reading = read_document(document)
    return find_prices(reading, parties=find_parties(reading))


def annotated(row: dict[str, Any]) -> Stated:
    levels = row.get("low_usd_per_gpu_hour"), row.get("high_usd_per_gpu_hour")
    return row["gpu_model"], row.get("provider"), row["market"], *levels, row.get("change_percent")


def stated(price: PriceMention) -> Stated:
    low, high, change = (
        None if value is None else float(value)
        for value in (price.low_usd_per_gpu_hour, price.high_usd_per_gpu_hour, price.change_percent)
    )
    return price.gpu_model, price.provider, price.market, low, high, change


@pytest.mark.parametrize("row", QUOTES, ids=[row["id"] for row in QUOTES])
def test_every_price_of_a_document_is_read_and_no_other(row: dict[str, Any]) -> None:
    document = Document(**{field: row[field] for field in FIELDS})
    found = found_in(document)
    assert sorted(map(repr, map(stated, found))) == sorted(repr(annotated(price)) for price in row["prices"])
    assert all(price.evidence.holds_in(document) for price in found)


def test_the_documents_hold_traps_and_prices_of_every_market() -> None:
    assert {price["market"] for row in QUOTES for price in row["prices"]} == {
        "spot",
        "on_demand",
        "reserved",
        "index",
        "unspecified",
    }
    assert sum(not row["prices"] for row in QUOTES) >= 40


@pytest.mark.parametrize(
    "text",
    [
        "Pinmoor Research forecasts that an H100 hour will cost $1.80 in 2028.",
        "H100s will rent for $1.00 an hour by the end of 2028, Pinmoor Research predicts.",
        "If an H100 fell under $1.20 an hour, the lender could ask for cash.",
        "Suppose an H200 earned $2.50 an hour.",
        "The spread between spot and reserved H100 hours is 40 cents.",
        "Support adds a surcharge of $0.90 per GPU-hour of an H100.",
        "Interest is 60 cents per GPU-hour of an H100.",
        "An H100 burns $5.00 an hour at such prices of power.",
        "By the hour a B200 needs 16 cents.",
        "Under a framework contract the bank may take H200s at $2.40 an hour.",
        "H100: CHF 2.40 an hour",
    ],
)
def test_what_is_foreseen_supposed_spent_or_foreign_is_no_price(text: str) -> None:
    assert found_in(Document(id="d", title="", text=text, published="2026-06-11")) == ()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Pinmoor Research forecasts $1.90, against $2.30 an hour for an H100 now.", 2.30, 2.30),
        ("If you commit for a year, an H100 costs $2.10 an hour.", 2.10, 2.10),
        ("V100s rent for 30 to 45 cents an hour.", 0.30, 0.45),
        ("An hour of H100 costs a dollar fifty, spot.", 1.50, 1.50),
        ("By the hour: H100s, two-ten to two-twenty-five for a year.", 2.10, 2.25),
    ],
)
def test_figures_beside_doubts_and_in_words(text: str, low: float, high: float) -> None:
    found = found_in(Document(id="d", title="", text=text, published="2026-06-11"))
    assert [(float(p.low_usd_per_gpu_hour or 0), float(p.high_usd_per_gpu_hour or 0)) for p in found] == [(low, high)]


def test_a_move_that_reads_as_a_range_is_two_levels() -> None:
    text = "The on-demand H100 price moves from $2.49 to $2.69 per GPU-hour."
    found = found_in(Document(id="d", title="", text=text, published="2026-06-11"))
    assert [float(price.low_usd_per_gpu_hour or 0) for price in found] == [2.49, 2.69]


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        ("Corvo Cloud and Pinmoor Cloud raised H100s, the former to $3.29 an hour.", "Corvo Cloud"),
        ("H100s are cheapest at Corvo Cloud, says Pinmoor Cloud: $2.09 an hour.", "Corvo Cloud"),
        ("Hourly, Corvo Cloud asks $1.65 for an H100, against a going rate of $2.45.", None),
    ],
)
def test_whose_price_it_is(text: str, provider: str | None) -> None:
    found = found_in(Document(id="d", title="", text=text, published="2026-06-11"))
    assert found
    assert found[-1].provider == provider


def test_a_remark_on_all_prices_gives_the_lines_their_market() -> None:
    text = "- H100: $2.35\n- H200: $3.05\n\nOn-demand, per GPU-hour, as of this morning."
    found = found_in(Document(id="d", title="Prices", text=text, published="2026-06-11"))
    assert [price.market for price in found] == ["on_demand", "on_demand"]


@pytest.mark.parametrize(
    ("text", "market"),
    [
        ("An H100 costs $2.35 an hour without commitment.", "on_demand"),
        ("An H100 cost $2.35 an hour twelve months ago.", "unspecified"),
        ("An H100 costs $2.35 an hour on two-year terms.", "reserved"),
    ],
)
def test_a_term_is_one_only_where_somebody_commits(text: str, market: str) -> None:
    found = found_in(Document(id="d", title="", text=text, published="2026-06-11"))
    assert [price.market for price in found] == [market]
