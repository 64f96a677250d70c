"""EDGAR: from the submissions JSON to the parts of filings that can tell a deal; the companies are invented."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import Answer, serving
from test_http import TIGHT

from megawatch.errors import SourceError
from megawatch.sources.collect import Collected, collect
from megawatch.sources.edgar import Filing, read_daily_index, read_index, read_submissions, told_part
from megawatch.sources.http import PoliteClient
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore

BASE = "https://data.sec.example"
ARCHIVE = "https://www.sec.example/Archives/edgar/data"
SPEC = SourceSpec(
    id="edgar-brackwater",
    publisher="Brackwater Halls, Inc.",
    kind="edgar",
    authority="filing",
    address=f"{BASE}/submissions/CIK0009911111.json",
    archive=ARCHIVE,
    cik=9911111,
    forms=("8-K", "10-Q"),
)
SUBMISSIONS = {
    "cik": "9911111",
    "name": "Brackwater Halls, Inc.",
    "filings": {
        "recent": {
            "accessionNumber": ["0009911111-26-000009", "0009911111-26-000008", "0009911111-26-000007", "../../etc"],
            "form": ["8-K", "4", "10-Q", "8-K"],
            "filingDate": ["2026-05-12", "2026-05-11", "2026-05-08", "2026-05-01"],
            "primaryDocument": ["bwh-8k.htm", "x.xml", "bwh-10q.htm", "../../secret"],
            "items": ["1.01,9.01", "", "", "1.01"],
        }
    },
}
INDEX = """<html><body><div id="formDiv"><table class="tableFile" summary="Document Format Files">
<tr><th>Seq</th><th>Description</th><th>Document</th><th>Type</th><th>Size</th></tr>{rows}</table></div></body></html>"""
ROW = '<tr><td>{n}</td><td>{words}</td><td><a href="{href}">{name}</a></td><td>{kind}</td><td>1000</td></tr>'
FORM_8K = """<html><body><p>UNITED STATES SECURITIES AND EXCHANGE COMMISSION</p><p>FORM 8-K</p>
<p>(Address of principal executive offices) 5 Quay Road, Brackwater</p>
<p><b>Item 1.01 Entry into a Material Definitive Agreement.</b></p>
<p>On May 11, 2026, Brackwater Halls, Inc. entered into a lease for 90 megawatts with Saltmarsh Cloud LLC.</p>
<table><tr><td>Critical IT load</td><td></td><td>90</td><td>MW</td></tr>
<tr><td>Base rent</td><td>$</td><td>1,900,000,000</td><td></td></tr></table>
<p><b>Item 9.01 Financial Statements and Exhibits.</b></p><p>104 Cover Page Interactive Data File</p>
<p>SIGNATURES</p><p>Pursuant to the requirements of the Securities Exchange Act</p></body></html>"""
EXHIBIT = "<html><body><p>Brackwater leases 90 megawatts to Saltmarsh Cloud, and tells the press so.</p></body></html>"
LEASE = "<html><body><p>THIS LEASE is made between landlord and tenant for 90 MW.</p></body></html>"


def index_page(*rows: tuple[str, str, str]) -> bytes:
    lines = (
        ROW.format(n=n, words=words, href=href, name=href.rpartition("/")[2], kind=kind)
        for n, (kind, href, words) in enumerate(rows, 1)
    )
    return INDEX.format(rows="".join(lines)).encode()


FOLDER = "/Archives/edgar/data/9911111/000991111126000009/"
INDEX_8K = index_page(
    ("8-K", f"/ix?doc={FOLDER}bwh-8k.htm", "FORM 8-K"),
    ("EX-10.1", f"{FOLDER}ex10-1.htm", "LEASE AGREEMENT"),
    ("EX-99.1", f"{FOLDER}ex99-1.htm", "PRESS RELEASE"),
    ("GRAPHIC", f"{FOLDER}logo.jpg", "GRAPHIC"),
    ("EX-101.SCH", f"{FOLDER}bwh.xsd", "XBRL SCHEMA"),
    ("EX-99.2", f"{FOLDER}../../../../etc/passwd", "NOT A FILE NAME"),
)


def long_10q() -> str:
    filler = (
        "<p>" + "The notes describe how revenue from halls is recognized over time and what estimates it needs. " * 20
    )
    parts = [
        "<html><body><p>FORM 10-Q</p>",
        "<p><b>Recent Accounting Pronouncements</b></p>",
        *[filler] * 12,
        "<p><b>Commitments and Contingencies</b></p>",
        "<p>In April 2026 the Company agreed to buy 120 MW of fuel cells over ten years for $1.1 billion.</p>",
        "<p><b>Concentration of Customers</b></p>",
        "<p>One hyperscaler customer made up 61% of revenue under its data center lease of 90 MW.</p>",
        "<p><b>Income Taxes</b></p>",
        *[filler] * 4,
        "</body></html>",
    ]
    return "".join(parts)


def site_answers() -> dict[str, Answer]:
    folder_10q = "/Archives/edgar/data/9911111/000991111126000007/"
    bodies = {
        "/submissions/CIK0009911111.json": json.dumps(SUBMISSIONS).encode(),
        f"{FOLDER}0009911111-26-000009-index.htm": INDEX_8K,
        f"{FOLDER}bwh-8k.htm": FORM_8K.encode(),
        f"{FOLDER}ex10-1.htm": LEASE.encode(),
        f"{FOLDER}ex99-1.htm": EXHIBIT.encode(),
        f"{folder_10q}bwh-10q.htm": long_10q().encode(),
    }
    return {path: (lambda peer, body=body: peer.answer(200, body)) for path, body in bodies.items()}  # type: ignore[misc]


def run(base: str, root: Path, spec: SourceSpec = SPEC, now: str = "2026-05-13T08:00:00+00:00") -> Collected:
    mirror = {BASE: base, "https://www.sec.example": base}
    with DocumentStore(root) as store, PoliteClient(limits=TIGHT, mirror=mirror) as client:
        return collect(spec, store=store, client=client, now=now)


def test_filings_come_with_their_exhibits_their_genre_and_their_day(tmp_path: Path) -> None:
    with serving(site_answers()) as site:
        done = run(site.base, tmp_path)
        again = run(site.base, tmp_path, now="2026-05-13T09:00:00+00:00")
    assert (done.health.outcome, done.health.stored, again.health.stored) == ("ok", 4, 0)
    with DocumentStore(tmp_path) as store:
        found = [(d.source, d.published, d.title, d.url.rpartition("/")[2]) for d in store.documents()]
        texts = {d.url.rpartition("/")[2]: d.text for d in store.documents()}
    told = "Brackwater Halls, Inc. 8-K"
    assert found == [
        ("filing", "2026-05-08", "Brackwater Halls, Inc. 10-Q", "bwh-10q.htm"),
        ("filing", "2026-05-12", f"{told}: Entry into a Material Definitive Agreement", "bwh-8k.htm"),
        ("filing", "2026-05-12", f"{told} EX-10.1: LEASE AGREEMENT", "ex10-1.htm"),
        ("press_release", "2026-05-12", f"{told} EX-99.1: PRESS RELEASE", "ex99-1.htm"),
    ]
    assert texts["bwh-8k.htm"] == (
        "Item 1.01 Entry into a Material Definitive Agreement.\n\nOn May 11, 2026, Brackwater Halls, Inc. entered into"
        " a lease for 90 megawatts with Saltmarsh Cloud LLC.\n\nCritical IT load | 90 MW\nBase rent | $1,900,000,000"
    )
    assert "120 MW of fuel cells" in texts["bwh-10q.htm"]
    assert "Concentration of Customers" in texts["bwh-10q.htm"]
    assert "revenue from halls is recognized" not in texts["bwh-10q.htm"]


def test_a_filing_whose_page_fails_is_tried_again_in_the_next_run(tmp_path: Path) -> None:
    answers = site_answers()
    good = answers[f"{FOLDER}ex99-1.htm"]
    answers[f"{FOLDER}ex99-1.htm"] = lambda peer: peer.answer(503, b"")
    with serving(answers) as site:
        first = run(site.base, tmp_path)
        site.answers[f"{FOLDER}ex99-1.htm"] = good
        second = run(site.base, tmp_path, now="2026-05-13T09:00:00+00:00")
        site.asked.clear()
        run(site.base, tmp_path, now="2026-05-13T10:00:00+00:00")
    assert (first.health.outcome, first.health.stored) == ("partial", 3)
    assert (second.health.outcome, second.health.stored) == ("ok", 1)
    assert site.asked == ["/robots.txt", "/submissions/CIK0009911111.json"]


def test_where_the_list_of_documents_is_missing_the_form_itself_is_read(tmp_path: Path) -> None:
    answers = site_answers()
    del answers[f"{FOLDER}0009911111-26-000009-index.htm"]
    with serving(answers) as site:
        done = run(site.base, tmp_path)
    assert (done.health.outcome, done.health.stored) == ("ok", 2)


def test_only_file_names_leave_an_index_page() -> None:
    filing = Filing(cik=9911111, company="B", form="8-K", accession="0009911111-26-000009", filed="2026-05-12")
    found = read_index(INDEX_8K, filing, ARCHIVE)
    names = ("bwh-8k.htm", "ex10-1.htm", "ex99-1.htm")
    assert [document.url for document in found] == [f"{ARCHIVE}/9911111/000991111126000009/{name}" for name in names]
    with pytest.raises(SourceError, match="lists no document"):
        read_index(b"<html><body><p>Maintenance</p></body></html>", filing, ARCHIVE)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"filings": 5}', b"<html></html>", b'{"filings":{"recent":{}}}'])
def test_what_is_no_submissions_file_is_told(body: bytes) -> None:
    with pytest.raises(SourceError, match="submissions"):
        read_submissions(body, SPEC)


MASTER = b"""Description:           Daily Index of EDGAR Dissemination Feed
--------------------------------------------------------------------------------
CIK|Company Name|Form Type|Date Filed|File Name
9922222|Gigahall Compute Corp|S-1|20260512|edgar/data/9922222/0009922222-26-000001.txt
9933333|Pebble Bakeries Inc|S-1|20260512|edgar/data/9933333/0009933333-26-000001.txt
9922222|Gigahall Compute Corp|4|20260512|edgar/data/9922222/0009922222-26-000002.txt
"""


def test_new_filers_are_found_in_the_daily_index(tmp_path: Path) -> None:
    spec = replace(
        SPEC,
        id="new",
        kind="edgar_index",
        address=f"{BASE}/daily-index/{{year}}/QTR{{quarter}}/master.{{date}}.idx",
        title_pattern=r"(?i)\bcompute\b",
        forms=("S-1",),
    )
    assert [(f.company, f.form, f.filed) for f in read_daily_index(MASTER, spec)] == [
        ("Gigahall Compute Corp", "S-1", "2026-05-12")
    ]
    folder = "/Archives/edgar/data/9922222/000992222226000001/"
    body = b"<html><body><p>We rent 40 MW from a landlord under a data center lease and 5,000 GPUs to one customer.</p>"
    answers: dict[str, Answer] = {
        "/daily-index/2026/QTR2/master.20260512.idx": lambda peer: peer.answer(200, MASTER),
        f"{folder}0009922222-26-000001-index.htm": lambda peer: peer.answer(
            200, index_page(("S-1", f"{folder}s1.htm", "S-1"))
        ),
        f"{folder}s1.htm": lambda peer: peer.answer(200, body),
    }
    with serving(answers) as site:
        done = run(site.base, tmp_path, spec)
        site.asked.clear()
        again = run(site.base, tmp_path, spec, now="2026-05-13T09:00:00+00:00")
    assert (done.health.outcome, done.health.stored, again.health.stored) == ("ok", 1, 0)
    assert not any("20260512" in path for path in site.asked)


def test_the_parts_of_a_filing_that_can_tell_a_deal() -> None:
    cover = "FORM 8-K\n\nCover page\n\n"
    item = "Item 8.01 Other Events.\n\nThe lease was amended."
    assert told_part(f"{cover}{item}\n\nItem 9.01 Exhibits\n\nSIGNATURES", "8-K") == item
    assert told_part(f"{cover}{item}\n\nSIGNATURES\n\nBy: someone", "8-K/A") == item
    assert told_part("No items here", "8-K") == "No items here"
    assert told_part("A short report", "10-Q") == "A short report"
    assert told_part("x" * 30_000, "EX-99.1") == "x" * 30_000
