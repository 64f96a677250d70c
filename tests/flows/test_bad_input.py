"""Bad input gets one clear message that names it; the rest goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from flows.plan import Ingested, Plan
from flows.steps import collect_source, read_documents, store_folder, unread
from megawatch.errors import SourceError
from megawatch.settings import read_settings
from megawatch.sources.store import DocumentStore

DEAL = (
    "AUSTIN, May 19 - Halyard Compute will rent 8,192 GB200 GPUs to Ostrea Labs for four years, the cloud company "
    "said on Tuesday. Ostrea will pay $22 million a month. The machines will stand in Lubbock, Texas."
)
GERMAN = (
    "Der Vertrag zwischen den beiden Unternehmen läuft über vier Jahre und umfasst die gesamte Leistung, die am "
    "Standort für den Kunden gebaut wird. Die Kosten sind nicht bekannt, und auch der Beginn steht noch nicht fest."
)
PAGE = "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
ITEM = (
    "<item><title>{0}</title><link>https://outlet.example/{0}</link>"
    "<pubDate>Tue, 19 May 2026 09:00:00 +0000</pubDate></item>"
)
PATHS = ("good", "missing", "broken", "empty", "german")


class Outlet(BaseHTTPRequestHandler):
    """An outlet whose pages are good, missing, broken, empty or foreign, and whose second feed is no XML."""

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[1]
        status = {"missing": 404, "broken": 500, "robots.txt": 404}.get(name, 200)
        self.send_response(status)
        body = self.body(name).encode()
        self.send_header("Content-Type", "application/xml" if name.endswith(".xml") else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self, name: str) -> str:
        if name == "feed.xml":
            items = "".join(ITEM.format(path) for path in PATHS)
            return f'<rss version="2.0"><channel><title>Outlet</title>{items}</channel></rss>'
        if name == "notxml.xml":
            return "this is { not : a feed }"
        texts = {"good": DEAL, "german": GERMAN}
        return PAGE.format(title=f"A page called {name}", text=texts[name]) if name in texts else ""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def outlet() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outlet)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def source(folder: Path, name: str, address: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(
        f'publisher = "Outlet"\naddress = "{address}"\nkind = "feed"\nauthority = "news"\ncadence = "daily"\n'
        'terms = ""\nchecked = false\n[expected]\nmin = 0\nmax = 20\n',
        encoding="utf-8",
    )


def test_pages_and_feeds_that_fail_are_named_and_touch_no_other(tmp_path: Path) -> None:
    source(tmp_path / "sources", "good", "https://outlet.example/feed.xml")
    source(tmp_path / "sources", "notxml", "https://outlet.example/notxml.xml")
    source(tmp_path / "sources", "gone", "https://outlet.example/missing")
    with outlet() as address:
        plan = Plan(
            sources=str(tmp_path / "sources"),
            mirror={"https://outlet.example": address},
            now="2026-05-19T12:00:00+00:00",
            clock="published",
        )
        found = {name: collect_source(name, plan) for name in ("good", "notxml", "gone")}
    assert found["good"].stored == 2
    told = {problem.where.rpartition("/")[2]: problem.what for problem in found["good"].problems}
    assert set(told) == {"missing", "broken", "empty"}
    assert all(f"https://outlet.example/{page}" in what for page, what in told.items())
    for name in ("notxml", "gone"):
        [problem] = found[name].problems
        assert problem.where == name
        assert problem.what
        assert found[name].stored == 0
    read = read_documents(unread(plan), plan)
    assert read.documents == 1
    [problem] = read.problems
    assert problem.where == "https://outlet.example/german"
    assert problem.what == "is not in English (German); it is kept and not read."


def test_files_that_cannot_be_taken_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "dated.txt").write_text(f"Published: 2026-05-19\n\nHalyard rents out chips again\n\n{DEAL}\n", "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    (folder / "huge.txt").write_text("Published: 2026-05-19\n\n" + DEAL * 30_000, "utf-8")
    line = json.dumps({"id": "1", "title": "T", "text": DEAL.replace("four", "five"), "published": "2026-05-20"})
    (folder / "lines.jsonl").write_text(f'{line}\n{{"id": "2", "text": \n', "utf-8")
    (folder / "undated.txt").write_text("A note without a date\n\n" + DEAL.replace("four", "six"), "utf-8")
    found = store_folder(folder, Plan(clock="published"))
    assert found.items == 6
    assert found.stored == 2
    told = {problem.where: problem.what for problem in found.problems}
    assert set(told) == {
        str(folder / "empty.txt"),
        str(folder / "huge.txt"),
        f"{folder / 'lines.jsonl'}:2",
        "A note without a date",
    }
    assert "holds no text" in told[str(folder / "empty.txt")]
    assert "more than 5,000,000; split it" in told[str(folder / "huge.txt")]
    assert "not a line of JSON" in told[f"{folder / 'lines.jsonl'}:2"]
    assert told["A note without a date"] == "has no date; give one with --published."


def test_an_undated_file_takes_the_date_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "undated.txt"
    path.write_text("A note without a date\n\n" + DEAL, "utf-8")
    plan = Plan(clock="published", undated="2026-05-21")
    assert store_folder(path, plan) == Ingested(sources=1, items=1, stored=1)
    with DocumentStore(read_settings().store) as store:
        assert [document.published for document in store.documents()] == ["2026-05-21"]


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file or folder"):
        store_folder(tmp_path / "nowhere", Plan(clock="published"))
