"""Any text at all: no crash, quotes where they say, time in step with length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from party_texts import document, mentions

from extractors.parties import find_in
from extractors.sentences import split_sentences
from extractors.sites import find_sites_in

PIECES = st.sampled_from(
    [
        *(
            "Tolvane Systems",
            "CoreWeave",
            "the Company",
            '(the "Tenant")',
            "(NASDAQ: QX)",
            "Inc.",
            "it",
            "’s",
            "&",
            "AI",
        ),
        *(
            "\n\n",
            "\n",
            ", ",
            " ",
            "U.S.",
            "in Reno, Nevada",
            "Polaris Forge 3",
            "(((",
            "]]",
            "“",
            "”",
            "a neocloud",
            "$",
            "|",
        ),
        *("\u202e", "\x00", "ذكاء", "Ø", "é", "1.2.3", "--", "…", "Landlord:", "as tenant", "The", "A", "of", "and"),
    ]
)


def check(text: str) -> None:
    read = document(text, title=text[:80])
    sentences = (*split_sentences(read.title, part="title"), *split_sentences(read.text, part="text"))
    parties = find_in(read, sentences)
    for found in (*parties, *find_sites_in(read, sentences, parties=parties)):
        assert found.text
        assert read.part(found.part)[found.start : found.end] == found.text


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=80, deadline=None)
def test_pieces_of_names_in_any_order(text: str) -> None:
    check(text)


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_characters(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", ["", " ", "\n\n\n", "\x00" * 50, "(" * 3000, "“" * 3000, "A " * 3000, "Aa" * 20000])
def test_degenerate_texts(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "unit",
    [
        "A",
        "a",
        "Ab ",
        "Ab, ",
        "Ab & ",
        "(Ab ",
        '"Ab" ',
        "The Company ",
        "it ",
        "in Reno, Nevada, ",
        "U.S.",
        "1",
        "a neocloud ",
    ],
)
def test_time_grows_in_step_with_length(unit: str) -> None:
    started = time.perf_counter()
    mentions(unit * (80_000 // len(unit)))
    assert time.perf_counter() - started < 10


def test_two_readings_agree() -> None:
    text = "Tolvane Systems signed with CoreWeave. It pays the landlord, Hextrand, in Reno."
    assert mentions(text) == mentions(text)
