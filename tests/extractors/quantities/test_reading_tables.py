"""Tables and sentences keep their places, and headers lend their units."""

from decimal import Decimal

import pytest

from extractors.candidates import Quantity, Reading
from extractors.reading import read_document
from extractors.sentences import split_sentences
from megawatch.market import Document


def reading(text: str, *, title: str = "") -> Reading:
    return read_document(Document(id="d", title=title, text=text, published="2026-06-11"))


def values(text: str) -> list[tuple[str, Decimal, str | None]]:
    return [(q.kind, q.value, q.per) for q in reading(text).quantities]


def by_kind(text: str, kind: str) -> list[Quantity]:
    return [q for q in reading(text).quantities if q.kind == kind]


def test_a_piped_header_gives_bare_cells_their_unit() -> None:
    text = (
        "Tenant | MW | Term (years) | GPUs | Value ($m)\n"
        "Oakline | 54 | 12 | 4,096 | 1,020\nFernwood | 90 | 15 | 8,192 | 2,080\n"
    )
    (table,) = reading(text).tables
    assert [cell.quote for cell in table.header] == ["Tenant", "MW", "Term (years)", "GPUs", "Value ($m)"]
    assert [(q.kind, q.value) for q in reading(text).quantities][:4] == [
        ("power", 54),
        ("duration", 144),
        ("gpus", 4096),
        ("money", 1_020_000_000),
    ]


def test_a_header_of_two_lines_is_read_as_one() -> None:
    text = (
        "                          Critical IT    Annualized      Lease\n"
        "Tenant                    load (MW)      base rent       expiration\n"
        "Oakline Corporation          54.0         $78.8 million   12/31/2037\n"
        "Fernwood, Inc.               21.0         $32.9 million   09/30/2035\n"
    )
    assert [q.value for q in by_kind(text, "power")] == [54, 21]
    assert {q.basis for q in by_kind(text, "power")} == {"critical_it"}
    assert {q.per for q in by_kind(text, "money")} == {"year"}


def test_a_caption_scales_the_amounts() -> None:
    text = (
        "All counterparties as disclosed. $ in millions unless noted.\n\n"
        "BUYER     CHIPS         VALUE\nOakline   1,800 B200    82\nAlder     900 H200      1,010\n"
    )
    assert [q.value for q in by_kind(text, "money")] == [82_000_000, 1_010_000_000]


def test_a_term_sheet_is_read_by_its_row_labels() -> None:
    text = "Item | Before | After\nGPUs (L40S) | 2,400 | 1,600\nRate per GPU-hour | US$1.10 | US$0.84\n"
    assert [q.value for q in by_kind(text, "gpus")] == [2400, 1600]
    assert [q.value for q in by_kind(text, "gpu_rate")] == [Decimal("1.10"), Decimal("0.84")]


def test_markdown_rules_and_empty_cells_are_no_cells() -> None:
    text = "| Chip | On demand | Spot |\n| --- | --- | --- |\n| H200 | $3.72 | – |\n| H100 | $2.10 | $1.30 |\n"
    (table,) = reading(text).tables
    assert len(table.rows) == 2
    assert [cell.quote for cell in table.rows[1]] == ["H100", "$2.10", "$1.30"]


def test_an_aligned_row_with_a_gap_keeps_its_columns() -> None:
    text = "Chip        Spot      Reserved\nH100        $1.20     $2.00\nB200                  $3.90\n"
    (table,) = reading(text).tables
    assert [(cell.quote, cell.column) for cell in table.rows[1]] == [("B200", 0), ("$3.90", 2)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It signed. It paid $1.25 billion.", ["It signed.", "It paid $1.25 billion."]),
        ("Oakline Inc. leased it. The U.S. market grew.", ["Oakline Inc. leased it.", "The U.S. market grew."]),
        (
            "They rent from J.P. Morgan & Co. for years. It pays.",
            ["They rent from J.P. Morgan & Co. for years.", "It pays."],
        ),
        ("He chose Plan B. The end came.", ["He chose Plan B.", "The end came."]),
        (
            "• Hall 1: 100 MW. Ready in May.\n\n• Hall 2: 150 MW",
            ["• Hall 1: 100 MW. Ready in May.", "• Hall 2: 150 MW"],
        ),
        ("Delivery schedule\n\nIt opens in May.", ["Delivery schedule", "It opens in May."]),
        ("It costs approx. $3 million, e.g. for No. 4 alone.", ["It costs approx. $3 million, e.g. for No. 4 alone."]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [sentence.quote for sentence in split_sentences(text, part="text")] == sentences


def test_kinds_of_sentences() -> None:
    text = "About us\n\nWe rent chips.\n\n• one\n\nA | B\n1 | 2\n"
    assert [s.kind for s in split_sentences(text, part="text")] == ["heading", "prose", "bullet", "row", "row"]
    assert [s.kind for s in split_sentences("A title", part="title")] == ["title"]


@pytest.mark.parametrize(
    ("text", "dollar"),
    [
        ("It raised $3 million.", "USD"),
        ("Yarrow AI (ASX: YRW) signed a $45 million facility.", None),
        ("Yarrow AI (ASX: YRW) signed a US$45 million facility.", "USD"),
        ("Quill (TSXV: QLL) closed $365 million. Unless stated otherwise, all amounts are in Canadian dollars.", "CAD"),
        ("Rowan (TSX: ROW) (Nasdaq: ROWN) closed $365 million.", "USD"),
    ],
)
def test_what_a_bare_dollar_stands_for(text: str, dollar: str | None) -> None:
    assert reading(text).dollar == dollar
