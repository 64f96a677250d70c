"""Any text at all: no crash, evidence that holds, time in step with length."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.parties import find_parties
from extractors.prices import find_prices
from extractors.reading import read_document
from megawatch.market import Document

WORDS = (
    "$ US$ € 1.25 billion million 250 MW GW - – ( ) [ ] five -year H100 GB200s /hr 2026 '27 12/31/ | % • ½ ٣ 一 ... ,"
    " May quarter half a of to and between up next January Q3 per GPU-hour GPUs month them Inc. U.S."
).split()
PIECES = st.sampled_from([*WORDS, " ", "  ", "   ", "\t", "\n", "\n\n", ". ", "\u202e", "\x00"])
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


def document(text: str, title: str = "") -> Document:
    return Document(id="d", title=title, text=text, published="2026-06-11")


def check(doc: Document) -> None:
    reading = read_document(doc)
    spans = [*reading.sentences, *reading.quantities, *reading.dates, *reading.models]
    spans += [cell for table in reading.tables for row in (table.header, *table.rows) for cell in row]
    for span in spans:
        assert doc.part(span.part)[span.start : span.end] == span.quote != ""
    for quantity in reading.quantities:
        assert 0 <= quantity.hedge_start <= quantity.start
        assert quantity.value.is_finite()
    for price in find_prices(reading):
        assert price.evidence.holds_in(doc)


@given(TEXTS)
def test_every_candidate_is_in_the_text(text: str) -> None:
    check(document(text, title=text[:80]))


@given(TEXTS)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert read_document(document(text)) == read_document(document(text))


@given(TEXTS)
def test_sentences_cover_every_character(text: str) -> None:
    covered = bytearray(len(text))
    for sentence in read_document(document(text)).sentences:
        assert not any(covered[sentence.start : sentence.end])
        covered[sentence.start : sentence.end] = b"\x01" * (sentence.end - sentence.start)
    assert all(character.isspace() for character, seen in zip(text, covered, strict=True) if not seen)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x01\x02" * 100,
        "1" * 1_000_000,
        "1," * 40_000,
        "1.2" * 20_000,
        "$" * 40_000,
        "(" * 20_000 + ")" * 20_000,
        "a" * 10_000_000,
        "one " * 20_000,
        "twenty-" * 10_000,
        "May " * 10_000,
        "H100 " * 10_000,
        "| 1 " * 10_000,
        "1   " * 10_000,
        "half a quarter of a " * 5_000,
        "to 5 to " * 6_000,
        "$5 million or about " * 5_000,
        "monthly " * 10_000,
        "up to about " * 10_000,
        "\u202eمليون 5 " * 5_000,
        "2026-" * 10_000,
        "$1.20 an hour H100 spot " * 3_000,
        "... " * 10_000,
    ],
    ids=lambda text: repr(text[:14]),
)
def test_hostile_texts_take_no_longer_than_their_length_deserves(text: str) -> None:
    started = time.process_time()
    reading = read_document(document(text))
    find_prices(reading)
    assert time.process_time() - started < 20


def test_cost_grows_in_step_with_length() -> None:
    paragraph = (
        "Northlight leased 250 MW of critical IT load to Brackwater for 15 years from May 2027 at $9.2 million a month."
        " "
        "It ordered 4,096 GB300s for about $210 million (EUR 180m). Spot H100s went for $1.85 an hour.\n\n"
    )

    def seconds(copies: int) -> float:
        doc = document(paragraph * copies)
        started = time.process_time()
        find_prices(read_document(doc))
        return time.process_time() - started

    seconds(20)
    short, long = seconds(100), seconds(800)
    assert long < 8 * short * 2.5


def test_parties_and_prices_agree_on_offsets() -> None:
    doc = document("RunPod wants $1.84 an hour for an H100 on demand.")
    reading = read_document(doc)
    (price,) = find_prices(reading, parties=find_parties(reading))
    assert (price.provider, price.gpu_model, price.market) == ("RunPod", "H100", "on_demand")
