"""The document store: what is new, known, another address, a version, a rewrite; and what a crash may not cost."""

import multiprocessing
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from layouts import STORIES

from megawatch.errors import SourceError
from megawatch.market import Document
from megawatch.sources.addresses import address_key, own_address, plain_address, view_of
from megawatch.sources.likeness import bands, likeness, signature
from megawatch.sources.store import DocumentStore, document_id_of

TEXT = STORIES[0].text
AT = "2026-05-14T08:00:00+00:00"


def document(url: str = "https://paper.example/a", text: str = TEXT, title: str = "A deal", **more: object) -> Document:
    return Document(id="", title=title, text=text, url=url, retrieved_at=AT, **more)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path):
    with DocumentStore(tmp_path) as opened:
        yield opened


def test_a_text_is_stored_once_with_every_address_it_is_seen_at(store: DocumentStore) -> None:
    outcomes = [
        store.put(document(url)).outcome
        for url in (
            "https://paper.example/a",
            "http://www.paper.example/a/?utm_source=feed#top",
            "https://other.example/wire/a",
            "https://paper.example/a/amp",
            "https://paper.example/a",
        )
    ]
    assert outcomes == ["new", "known", "address", "address", "known"]
    (only,) = store.documents()
    assert only.id == document_id_of("A deal", TEXT)
    assert store.addresses(only.id) == (
        "https://paper.example/a",
        "https://other.example/wire/a",
        "https://paper.example/a/amp",
    )


def test_a_print_view_with_a_line_more_is_an_address_of_the_page(store: DocumentStore) -> None:
    first = store.put(document())
    view = store.put(document("https://paper.example/a?print=1", f"{TEXT}\n\nPrinted from paper.example"))
    again = store.put(document("https://paper.example/a?print=1", f"{TEXT}\n\nPrinted from paper.example"))
    assert (view.outcome, view.document_id, again.outcome) == ("address", first.document_id, "known")
    assert store.count() == 1


def test_another_text_at_an_address_is_a_version_and_the_first_stays(store: DocumentStore) -> None:
    first = store.put(document(), raw=b"one", cleaner="1")
    second = store.put(document("https://paper.example/a?utm_campaign=x", TEXT.replace("1.9", "2.9")), raw=b"two")
    third = store.put(document(), raw=b"one")
    assert (second.outcome, second.previous, third.outcome) == ("version", first.document_id, "version")
    assert store.get(second.document_id).url == "https://paper.example/a"
    assert [version.document_id for version in store.versions("https://paper.example/a")] == [
        first.document_id,
        second.document_id,
        first.document_id,
    ]
    assert store.replaced() == {second.document_id: first.document_id}
    assert "-Saltmarsh" in store.diff(first.document_id, second.document_id)
    assert store.raw(store.versions("https://paper.example/a")[1].raw_hash) == b"two"


def test_a_text_that_only_a_newer_cleaner_makes_differently_is_no_version(store: DocumentStore) -> None:
    first = store.put(document(), raw=b"bytes", cleaner="1")
    same = store.put(
        document(text=f"{TEXT} Better."), raw=b"new bytes", cleaner="2", clean_again=lambda _: f"{TEXT} Better."
    )
    other = store.put(
        document(text=f"{TEXT} Changed."), raw=b"more", cleaner="2", clean_again=lambda _: f"{TEXT} Better."
    )
    assert (same.outcome, same.document_id, other.outcome) == ("known", first.document_id, "version")
    assert store.get(first.document_id).text == TEXT


def test_rewrites_of_one_wire_fall_into_one_group_and_other_stories_do_not(store: DocumentStore) -> None:
    first = store.put(document(published="2026-04-14"))
    cut = (
        TEXT.rpartition("\n\n")[0].replace("said on Tuesday that", "told this desk that") + "\n\nReporting by our desk."
    )
    rewrite = store.put(document("https://other.example/1", cut, published="2026-04-15"))
    later = store.put(document("https://other.example/2", f"{cut} Again.", published="2026-08-15"))
    strangers = [
        store.put(document(f"https://third.example/{n}", story.text, published="2026-04-15"))
        for n, story in enumerate(STORIES[1:])
    ]
    assert rewrite.group_id == first.group_id == first.document_id
    assert later.group_id == later.document_id
    assert [stored.group_id == stored.document_id for stored in strangers] == [True] * 5
    assert store.group(first.group_id) == (first.document_id, rewrite.document_id)


def test_short_texts_with_other_titles_are_other_documents(store: DocumentStore) -> None:
    one = store.put(document("https://paper.example/1", "Subscribers only.", "One"))
    two = store.put(document("https://paper.example/2", "Subscribers only.", "Two"))
    assert one.document_id != two.document_id


def test_documents_come_in_the_order_of_storing_and_as_they_were(store: DocumentStore) -> None:
    given = [
        document(
            f"https://paper.example/{n}", f"{TEXT} {n}", f"T {n}", published="2026-05-14", source="blog", publisher="P"
        )
        for n in range(1_050)
    ]
    ids = [store.put(one).document_id for one in given]
    assert list(store.documents()) == [replace(one, id=own) for one, own in zip(given, ids, strict=True)]
    assert store.dates() == [(own, one.published, one.retrieved_at) for one, own in zip(given, ids, strict=True)]


def test_what_is_not_there_or_no_longer_whole_is_told(store: DocumentStore) -> None:
    with pytest.raises(SourceError, match="not in the store"):
        store.get("0000000000000000")
    with pytest.raises(SourceError, match="without text"):
        store.put(document(text=" \n"))
    with pytest.raises(SourceError, match="not the hash"):
        store.raw("../../etc/passwd")
    name = store.put_raw(b"some bytes")
    path = next((store.root / "raw").rglob("*.gz"))
    for broken in (b"", b"no gzip", path.read_bytes()[:-4]):
        path.write_bytes(broken)
        with pytest.raises(SourceError, match="raw bytes"):
            store.raw(name)
    path.write_bytes(b"")
    assert store.raw(store.put_raw(b"some bytes")) == b"some bytes"


def test_file_names_are_made_of_hashes_only(store: DocumentStore) -> None:
    store.put(document("https://paper.example/../../etc/passwd", f"{TEXT} x"), raw=b"../../x")
    names = [path.relative_to(store.root).as_posix() for path in store.root.rglob("*") if path.is_file()]
    assert all(name.startswith(("store.sqlite3", "raw/")) for name in names)


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SourceError, match="cannot be opened"):
        DocumentStore(tmp_path / "file")
    with sqlite3.connect(tmp_path / "store.sqlite3") as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(SourceError, match="newer Megawatch"):
        DocumentStore(tmp_path)


def test_a_put_that_fails_half_way_leaves_nothing(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("half way")

    with monkeypatch.context() as patched:
        patched.setattr(DocumentStore, "_add_version", fail)
        with pytest.raises(RuntimeError):
            store.put(document())
    assert store.count() == 0
    assert store.put(document()).outcome == "new"


def put_many(root: str, start: int) -> None:
    with DocumentStore(Path(root)) as store:
        for number in range(start, start + 30):
            store.put(document(f"https://paper.example/{number}", f"{TEXT} Number {number}."))


def test_threads_and_processes_share_a_store(store: DocumentStore) -> None:
    threads = [threading.Thread(target=put_many, args=(str(store.root), start)) for start in (0, 10, 20)]
    threads += [
        threading.Thread(
            target=lambda: [store.put(document(f"https://x.example/{n}", f"{TEXT} X {n}.")) for n in range(30)]
        )
        for _ in range(2)
    ]
    workers = [multiprocessing.get_context("spawn").Process(target=put_many, args=(str(store.root), 40))]
    for worker in (*workers, *threads):
        worker.start()
    for worker in (*workers, *threads):
        worker.join()
    assert store.count() == 50 + 30 + 30 - 10
    assert all(len(store.versions(one.url)) == 1 for one in store.documents())


def test_several_processes_may_make_a_new_store_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=put_many, args=(str(tmp_path / "new"), 0)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    with DocumentStore(tmp_path / "new") as opened:
        assert opened.count() == 30


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.paper.example/a/", "http://paper.example:80/a"),
        ("https://paper.example/a?b=1&a=2&utm_medium=x", "https://paper.example/a?a=2&b=1&fbclid=9"),
        ("https://PAPER.example./a#part", "https://paper.example/a"),
    ],
)
def test_addresses_of_one_page(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


def test_addresses_of_other_pages_and_other_views() -> None:
    assert len({address_key(f"https://paper.example/{path}") for path in ("a", "A", "a?id=1", "a?id=2", "b")}) == 5
    assert address_key("https://paper.example:8080/a") == "paper.example:8080/a"
    views = ("a/amp", "a/amp/", "amp/a", "a?amp=1", "a?print=true", "a/print", "a?view=print", "a?outputType=amp")
    assert {view_of(f"https://paper.example/{path}") for path in views} == {"paper.example/a"}
    assert view_of("https://amp.paper.example/a") == view_of("https://m.paper.example/a") == "paper.example/a"
    assert view_of("https://paper.example/a?view=plan") == "paper.example/a?view=plan"
    assert plain_address("https://paper.example/a?b=2&utm_x=1&a=1#c") == "https://paper.example/a?b=2&a=1"


@pytest.mark.parametrize(
    ("fetched", "canonical", "own"),
    [
        ("https://paper.example/a?utm_source=x", "https://www.paper.example/a", "https://www.paper.example/a"),
        ("https://paper.example/a/amp", "https://paper.example/a", "https://paper.example/a"),
        ("https://paper.example/a", "https://paper.example/", "https://paper.example/a"),
        ("https://paper.example/story?id=7", "https://paper.example/story", "https://paper.example/story?id=7"),
        ("https://paper.example/a?utm_source=x", "", "https://paper.example/a"),
    ],
)
def test_a_page_names_its_own_address_only_where_it_is_the_same_page(fetched: str, canonical: str, own: str) -> None:
    assert own_address(fetched, canonical) == own


def test_likeness_of_texts() -> None:
    one, other = signature(TEXT), signature(STORIES[1].text)
    assert (len(one), likeness(one, one), len(set(bands(one)))) == (512, 1.0, 16)
    assert likeness(one, other) < 0.1
    assert not set(bands(one)) & set(bands(other))
    assert likeness(one, signature(TEXT.upper().replace("“", '"').replace("”", '"'))) == 1.0
    assert signature(TEXT) == signature(TEXT)
    assert len(signature("")) == len(signature("one")) == 512


def test_a_store_on_a_full_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store.sqlite3").mkdir()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("megawatch.sources.store.shutil.disk_usage", lambda _: usage._replace(free=0))
    with pytest.raises(SourceError, match="its disk is full: make room"):
        DocumentStore(tmp_path)


def test_what_failed_in_writing_leaves_the_store_ready(store: DocumentStore) -> None:
    store._db.execute(f"PRAGMA max_page_count = {store._db.execute('PRAGMA page_count').fetchone()[0] + 2}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.put(document("https://paper.example/long", "long " * 20_000))
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert store.put(document("https://paper.example/long", "long " * 20_000)).outcome == "new"
