"""Documents from files: each kind, each date, each refusal."""

import json
import mailbox
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
from layouts import STORIES, semantic

from megawatch.errors import SourceError
from megawatch.market import Document
from megawatch.sources.collect import collect
from megawatch.sources.folders import read_folder, read_jsonl
from megawatch.sources.html import tidy
from megawatch.sources.http import PoliteClient
from megawatch.sources.mailboxes import read_message
from megawatch.sources.pdf import laid_out, read_pdf
from megawatch.sources.refusals import Refusal
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore

LINES = ("Saltmarsh rents 40 MW from Brackwater", "The lease runs for ten years and is worth $900 million.")


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def documents(path: Path, **options: str) -> list[Document]:
    found = list(read_folder(path, **options))
    assert [one for one in found if isinstance(one, Refusal)] == []
    return [one for one in found if isinstance(one, Document)]


def pdf_of(*lines: str) -> bytes:
    """A one-page PDF written by hand."""
    shown = "\n".join(f"BT /F1 11 Tf 1 0 0 1 40 {760 - 14 * n} Tm ({line}) Tj ET" for n, line in enumerate(lines))
    return pdf_around(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream".encode())


def pdf_around(content: bytes) -> bytes:
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R"
        " /Resources << /Font << /F1 4 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate([*(one.encode() for one in objects), content], 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"
    return out + end.encode()


def pdf_bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    return pdf_around(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(data), data))


def message_of(subject: str = "Weekly letter", html: bool = True) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = subject, "The Compute Letter <letter@paper.example>"
    message["Date"] = "Thu, 14 May 2026 23:30:00 -0700"
    message.set_content("Plain words about 40 MW.")
    if html:
        rows = "<table><tr><th>Chip</th><th>Price</th></tr><tr><td>H100</td><td>$2.70</td></tr></table>"
        message.add_alternative(f"<html><body><p>Prices rose.</p>{rows}</body></html>", subtype="html")
    message.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="../../x")
    return message.as_bytes()


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("Published: 2026-05-14\n", "2026-05-14"),
        ("Date: 14 May 2026\nSource: blog\n", "2026-05-14"),
        ("", "2026-06-01"),
        ("Published: soon\n", "2026-06-01"),
    ],
)
def test_a_text_has_its_own_date_or_the_given_one(tmp_path: Path, head: str, day: str) -> None:
    written(tmp_path, "a.txt", f"{head}\n{LINES[0]}\n\n{LINES[1]}\n")
    (found,) = documents(tmp_path, published="2026-06-01")
    assert (found.title, found.text, found.published) == (*LINES, day)


def test_a_press_dateline_is_a_date_and_no_date_stays_none(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", f"{LINES[0]}\n\nDALLAS, June 2, 2025 — {LINES[1]}")
    written(tmp_path, "b.txt", f"{LINES[0]} again\n\nBy 2 June 2025 it was over, and this is a long line of text.")
    assert [found.published for found in documents(tmp_path)] == ["2025-06-02", None]


def test_a_menu_before_the_title_is_not_the_title(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", f"English\nBack\nOpen Account\n{LINES[0]}\nmore {LINES[1]}")
    assert documents(tmp_path)[0].title == LINES[0]


def test_every_kind_of_file_is_read_by_name(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", "\n\n".join(LINES))
    written(tmp_path, "b.html", semantic(STORIES[0]))
    written(tmp_path, "c.eml", message_of())
    written(
        tmp_path,
        "d.pdf",
        pdf_of("Lease of 40 megawatts at Brackwater", "", "Term     ten years", "Rent     $900 million"),
    )
    written(
        tmp_path, "e.jsonl", json.dumps({"id": "given", "title": "T", "text": "Some text", "published": "2026-05-01"})
    )
    written(tmp_path, "f.docx", "left aside")
    written(tmp_path, ".hidden.txt", "left aside")
    found = documents(tmp_path)
    assert [document.title for document in found] == [
        LINES[0],
        STORIES[0].title,
        "Weekly letter",
        "Lease of 40 megawatts at Brackwater",
        "T",
    ]
    assert [document.published for document in found] == [None, "2026-04-14", "2026-05-14", None, "2026-05-01"]
    assert found[2].text == "Prices rose.\n\nChip | Price\nH100 | $2.70"
    assert found[2].publisher == "The Compute Letter"
    assert found[3].text == "Term | ten years\nRent | $900 million"


def test_a_broken_line_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "a.jsonl",
        b'{"text": "one", "id": "x1"}\n{"text": \n\n[1, 2]\n{"title": "no text"}\n{"text": "bad", "source": "rumour"}\n'
        b'\xff\xfe broken bytes\n{"text": "lone \\ud800 half", "title": "t\\u0000"}\n' + b"[" * 100_000 + b"\n",
    )
    found = list(read_folder(path))
    refused = [one.where for one in found if isinstance(one, Refusal)]
    assert refused == [f"{path}:{line}" for line in (2, 4, 5, 6, 7, 9)]
    texts = [one.text for one in found if isinstance(one, Document)]
    assert texts == ["one", "lone \ufffd half"]
    kept = [one.id for one in read_jsonl(path, keep_ids=True) if isinstance(one, Document)]
    assert (kept[0], len(kept)) == ("x1", 2)
    assert next(one.id for one in found if isinstance(one, Document)) != "x1"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.txt", b"", "no text"),
        ("a.txt", b" \n\n ", "no text"),
        ("a.html", b"", "cannot be parsed"),
        ("a.html", b"<html><body></body></html>", "no text"),
        ("a.pdf", b"%PDF-1.7 broken", "not a readable PDF"),
        ("a.pdf", b"", "not a readable PDF"),
        ("a.pdf", pdf_of(), "holds no text"),
        ("a.pdf", pdf_bomb(300), "Limit reached"),
        ("a.eml", b"", "no text"),
    ],
)
def test_what_cannot_be_read_is_one_refusal_that_names_the_file(
    tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    path = written(tmp_path, name, body)
    (refusal,) = read_folder(tmp_path)
    assert isinstance(refusal, Refusal)
    assert refusal.where == str(path)
    assert words in refusal.reason


def test_wrong_options_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a day"):
        list(read_folder(tmp_path, published="yesterday"))
    with pytest.raises(SourceError, match="no such file"):
        list(read_folder(tmp_path / "none"))


def test_a_text_of_five_megabytes_and_one_too_large(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", "A title of a long document\n\n" + "words and words " * 310_000)
    written(tmp_path, "b.txt", "A title of a longer document\n\n" + "words and words " * 400_000)
    large, refused = read_folder(tmp_path)
    assert isinstance(large, Document)
    assert len(large.text) > 4_900_000
    assert isinstance(refused, Refusal)
    assert "split it" in refused.reason


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "cp1252", "utf-8-sig"])
def test_texts_in_several_encodings(tmp_path: Path, charset: str) -> None:
    written(tmp_path, "a.txt", "Café Ångström leases 40 MW\n\nThe price is £5 million – or €6 million.".encode(charset))
    assert documents(tmp_path)[0].title == "Café Ångström leases 40 MW"


def test_a_message_without_html_gives_its_plain_words() -> None:
    assert read_message(message_of(html=False)).text == "Plain words about 40 MW."


def test_a_maildir_and_a_folder_are_sources_too(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    for number in range(3):
        box.add(message_of(f"Letter {number}"))
    written(tmp_path, "bad.eml", b"")
    folder = tmp_path / "files"
    folder.mkdir()
    written(folder, "a.txt", "\n\n".join(LINES))
    written(folder, "b.jsonl", "{")
    with DocumentStore(tmp_path / "store") as store, PoliteClient() as client:
        runs = []
        for kind, address in (("mailbox", tmp_path / "box"), ("folder", folder), ("folder", tmp_path / "none")):
            spec = SourceSpec(id="x", publisher="P", kind=kind, address=str(address))  # type: ignore[arg-type]
            runs.append(collect(spec, store=store, client=client, now="2026-05-20T08:00:00Z").health)
            runs.append(collect(spec, store=store, client=client, now="2026-05-20T09:00:00Z").health)
    assert [(run.outcome, run.items, run.stored) for run in runs] == [
        ("ok", 3, 3),
        ("ok", 3, 0),
        ("partial", 2, 1),
        ("partial", 2, 0),
        ("not_found", 0, 0),
        ("not_found", 0, 0),
    ]


def test_pages_of_a_pdf_are_paragraphs_and_tables() -> None:
    page = "The landlord and the ten-\nant agree as\nfollows.\n\nItem      Value\nPower     40 MW\n\nThe end."
    assert tidy(laid_out(page)).split("\n\n") == [
        "The landlord and the tenant agree as follows.",
        "Item | Value\nPower | 40 MW",
        "The end.",
    ]
    assert "40 megawatts" in read_pdf(pdf_of("A lease of 40 megawatts"))


def test_noise_is_no_text(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 12
    for name in ("a.txt", "b.html"):
        (tmp_path / name).write_bytes(noise)
    (tmp_path / "c.txt").write_text("A lease in Casper\n\nTarn Cloud leased 40 MW.", encoding="utf-16")
    first, second, third = read_folder(tmp_path)
    for refused in (first, second):
        assert isinstance(refused, Refusal)
        assert "this is no text, 324 of 3,072 bytes are signs that none has" in refused.reason
    assert isinstance(third, Document)
    assert "Tarn Cloud leased 40 MW." in third.text
