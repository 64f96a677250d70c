"""What the network sees: words in pieces, every name the same piece, candidates where they stand."""

import numpy as np
import pytest
from tokenizers import Tokenizer

from extractors.deals.view import Item, View
from extractors.pipeline import read_view
from extractors.reader.network import MODEL, WINDOW, find_windows
from extractors.reader.nodes import NAME, TYPES, Sheet, build_sheet, columns_of, nodes_of
from megawatch.market import Document

TITLE = "Velora AI leases the Casper campus"
TEXT = "Copper Basin Power said it will lease 40 MW at its campus in Casper, Wyoming, to Velora AI for 10 years."


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(MODEL / "tokenizer.json"))


def view_of(title: str, text: str) -> View:
    return read_view(Document(id="d", title=title, text=text, source="news", publisher="The Ledger"))


def words(sheet: Sheet, tokenizer: Tokenizer, span: np.ndarray) -> str:
    return tokenizer.decode(sheet.pieces[span[0] : span[1]].tolist(), skip_special_tokens=False)


def test_a_candidate_stands_on_its_words(tokenizer: Tokenizer) -> None:
    view = view_of(TITLE, TEXT)
    sheet = build_sheet(view, tokenizer)
    found = {
        (node.type if isinstance(node, Item) else "mark", words(sheet, tokenizer, span))
        for node, span in zip(nodes_of(view), sheet.node_spans, strict=True)
    }
    assert {("power", "40 mw"), ("duration", "10 years"), ("trigger", "lease"), ("mark", "casper, wyoming")} <= found


def test_every_name_is_one_and_the_same_piece(tokenizer: Tokenizer) -> None:
    view = view_of(TITLE, TEXT)
    sheet = build_sheet(view, tokenizer)
    assert list(sheet.pieces[:2]) == [NAME, tokenizer.token_to_id("leases")]
    named = [mark.party for mark in view.parties if mark.party is not None]
    shown = [words(sheet, tokenizer, span) for span in sheet.party_spans]
    assert [(party.text, word) for party, word in zip(named, shown, strict=True)] == [
        ("Velora AI", "[MASK]"),
        ("Copper Basin Power", "[MASK]"),
        ("it", "it"),
        ("its", "its"),
        ("Velora AI", "[MASK]"),
    ]


def test_other_names_make_the_same_pieces(tokenizer: Tokenizer) -> None:
    other = TITLE.replace("Velora AI", "Quintal AI"), TEXT.replace("Velora AI", "Quintal AI")
    assert np.array_equal(
        build_sheet(view_of(TITLE, TEXT), tokenizer).pieces, build_sheet(view_of(*other), tokenizer).pieces
    )


def test_an_unnamed_party_is_as_good_as_nobody(tokenizer: Tokenizer) -> None:
    view = view_of("", "Copper Basin Power leased 40 MW to an unnamed hyperscaler.")
    sheet = build_sheet(view, tokenizer)
    assert len(columns_of(view)) == 1
    assert [int(column) for column in sheet.party_entity] == [1, 0]


def test_marks_say_what_stands_where(tokenizer: Tokenizer) -> None:
    sheet = build_sheet(view_of("", "Copper Basin Power leased 40 MW to an unnamed hyperscaler."), tokenizer)
    shown = [TYPES[mark] for mark in sheet.marks]
    assert shown[:4] == ["named", "trigger", "power", "power"]
    assert "unnamed" in shown


def test_windows_overlap_and_keep_every_piece_once(tokenizer: Tokenizer) -> None:
    sheet = build_sheet(view_of(TITLE, f"{TEXT} " * 60), tokenizer)
    windows = find_windows(0, sheet)
    assert len(windows) > 2
    assert max(window.last - window.first for window in windows) == WINDOW
    kept = [piece for window in windows for piece in range(window.low, window.high)]
    assert kept == list(range(len(sheet.pieces)))


def test_words_without_a_candidate_are_not_read(tokenizer: Tokenizer) -> None:
    sheet = build_sheet(view_of("", "The weather was mild and the hills were green. " * 200), tokenizer)
    assert find_windows(0, sheet) == []


def test_an_empty_text_gives_an_empty_sheet(tokenizer: Tokenizer) -> None:
    sheet = build_sheet(view_of("", ""), tokenizer)
    assert (len(sheet.node_types), len(sheet.party_lines), find_windows(0, sheet)) == (0, 0, [])


def test_mentions_of_one_party_share_a_slot(tokenizer: Tokenizer) -> None:
    sheet = build_sheet(view_of(TITLE, TEXT), tokenizer)
    assert sheet.slots.tolist() == [1, 2, 2, 2, 1]


def test_a_piece_knows_whose_it_is(tokenizer: Tokenizer) -> None:
    sheet = build_sheet(view_of("", "Copper Basin Power leased 40 MW to an unnamed hyperscaler."), tokenizer)
    nodes = len(sheet.node_types)
    assert sheet.owners[:4].tolist() == [nodes + 1, 1, 2, 2]
    assert sheet.slots.tolist() == [1, 0]
