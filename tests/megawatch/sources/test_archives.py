"""Archives in parts: whatever the size of a part, the same documents come out once and in order."""

import gzip
import io
import json
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from megawatch.errors import SourceError
from megawatch.market import Document
from megawatch.sources.archives import find_parts, read_part

COUNT = 30
BODY = (
    "<html><head><title>Halyard rents out hall {n}</title>"
    '<meta property="article:published_time" content="2026-05-{day:02d}"></head><body><article>'
    "<p>Halyard Compute has let hall {n} of its campus near Lubbock to Ostrea Labs, the two companies said.</p>"
    "<p>The hall draws {n} MW and will be handed over before the end of the year, with all of its machines.</p>"
    "</article></body></html>"
)


def write_warc(path: Path, *, packed: bool = True) -> None:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=packed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "test"}))
        for n in range(COUNT):
            add_page(writer, f"https://news.example/{n}", BODY.format(n=n, day=n % 28 + 1))
        add_page(writer, "https://news.example/gone", "<p>Gone</p>", status="404 Not Found")
        add_page(writer, "https://news.example/feed", "{}", kind="application/json")
        add_page(writer, "https://news.example/choir", BODY.split("<p>")[0] + "<p>The choir sang on Sunday.</p>")
        add_page(writer, "https://news.example/empty", "<html><body><script>draw()</script></body></html>")


def add_page(writer: WARCWriter, url: str, body: str, *, status: str = "200 OK", kind: str = "text/html") -> None:
    head = StatusAndHeaders(status, [("Content-Type", f"{kind}; charset=utf-8")], protocol="HTTP/1.1")
    seen = {"WARC-Date": "2026-05-30T08:00:00Z"}
    record = writer.create_warc_record(
        url, "response", payload=io.BytesIO(body.encode()), http_headers=head, warc_headers_dict=seen
    )
    writer.write_record(record)


def is_of_market(text: str | bytes) -> bool:
    return b" MW " in (text.encode() if isinstance(text, str) else text)


def read_all(path: Path, part_bytes: int, **options: object) -> tuple[list[Document], int, list[str]]:
    read = [read_part(part, **options) for part in find_parts(path, part_bytes=part_bytes)]  # type: ignore[arg-type]
    documents = [document for one in read for document in one.documents]
    return documents, sum(one.aside for one in read), [found.where for one in read for found in one.refusals]


@pytest.mark.parametrize("part_bytes", [200, 999, 4096, 10**9])
def test_every_page_of_a_packed_warc_is_in_one_part(tmp_path: Path, part_bytes: int) -> None:
    write_warc(tmp_path / "pages.warc.gz")
    documents, aside, refused = read_all(tmp_path, part_bytes, keep=is_of_market)
    assert [document.url for document in documents] == [f"https://news.example/{n}" for n in range(COUNT)]
    assert (aside, refused) == (2, [])
    first = documents[0]
    assert (first.title, first.published) == ("Halyard rents out hall 0", "2026-05-01")
    assert first.retrieved_at == "2026-05-30T08:00:00+00:00"
    assert first.text.endswith("with all of its machines.")


def test_a_plain_warc_is_read_whole_and_all_of_it_without_a_judge(tmp_path: Path) -> None:
    write_warc(tmp_path / "pages.warc", packed=False)
    documents, aside, refused = read_all(tmp_path, 500)
    assert (len(documents), aside, refused) == (COUNT + 1, 0, ["https://news.example/empty"])


@pytest.mark.parametrize("part_bytes", [1, 60, 10**6])
@pytest.mark.parametrize("packed", [False, True])
def test_every_line_is_in_one_part(tmp_path: Path, part_bytes: int, packed: bool) -> None:
    lines = [json.dumps({"text": f"Hall {n} draws {n} MW née Évry", "published": "2026-05-01"}) for n in range(COUNT)]
    raw = "\n".join([*lines[:5], "", "not json", *lines[5:]]).encode()
    path = tmp_path / ("lines.jsonl.gz" if packed else "lines.jsonl")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    documents, aside, [refused] = read_all(path, part_bytes)
    assert [document.text.split()[1] for document in documents] == [str(n) for n in range(COUNT)]
    assert aside == 0
    assert refused == f"{path} at byte {len(raw.split(b'not json')[0])}"


def test_small_files_share_a_part_and_get_the_date_given(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text(f"A hall\n\nHall {n} draws {n} MW of power.", "utf-8")
    (tmp_path / "notes.xls").write_bytes(b"x")
    [part] = find_parts(tmp_path)
    read = read_part(part, published="2026-05-04")
    assert [document.published for document in read.documents] == ["2026-05-04"] * 3


def test_a_file_that_ends_too_soon_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    write_warc(tmp_path / "pages.warc.gz")
    whole = (tmp_path / "pages.warc.gz").read_bytes()
    (tmp_path / "pages.warc.gz").write_bytes(whole[: len(whole) // 2])
    documents, _, refused = read_all(tmp_path, 10**9)
    assert 5 < len(documents) < COUNT
    assert len(refused) <= 1


def test_the_key_of_a_part_changes_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("{}\n", "utf-8")
    before = [part.key for part in find_parts(path)]
    path.write_text("{}\n{}\n", "utf-8")
    assert before != [part.key for part in find_parts(path)]


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere: there is no such file or folder"):
        find_parts(tmp_path / "nowhere")
