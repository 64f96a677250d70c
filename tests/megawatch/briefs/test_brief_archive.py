from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from market_of_may import AS_OF, WEEK, may_ledger
from test_brief_render import Outline

from megawatch.briefs.archive import render_deal, write_archive
from megawatch.briefs.check import check_page
from megawatch.briefs.editions import write_edition
from megawatch.briefs.mail import MailSettings
from megawatch.briefs.render import Rendered
from megawatch.briefs.rows.deal_page import build_deal_page
from megawatch.briefs.view import Brief, build_brief
from megawatch.errors import BriefError

ATOM = "{http://www.w3.org/2005/Atom}"


def test_every_link_of_the_archive_leads_to_a_page_of_it(brief: Brief, tmp_path: Path) -> None:
    paths = write_archive(brief, tmp_path, ledger=may_ledger(), base_url="https://brief.example")
    pages = [path for path in paths if path.suffix == ".html"]
    assert tmp_path / "deals" / "deal-spacex-anthropic.html" in pages
    for page in pages:
        outline = Outline(page.read_text(encoding="utf-8"))
        ids = {attrs["id"] for _, attrs in outline.tags if "id" in attrs}
        for link in outline.all("a"):
            href = str(link["href"])
            if href.startswith("#"):
                assert href[1:] in ids, (page, href)
            elif not href.startswith("http"):
                assert (page.parent / href).resolve().exists(), (page, href)


def test_addresses_are_permanent_and_writing_again_changes_nothing(brief: Brief, tmp_path: Path) -> None:
    first = write_archive(brief, tmp_path, ledger=may_ledger())
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in first}
    assert write_archive(brief, tmp_path, ledger=may_ledger()) == first
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in first} == before


def test_the_index_and_the_feed_tell_all_editions_the_newest_first(brief: Brief, tmp_path: Path) -> None:
    earlier = build_brief(may_ledger(), week="2026-W20", as_of="2026-05-18")
    narrowed = build_brief(may_ledger(), week=WEEK, as_of=AS_OF, only="Nebius")
    for told in (brief, earlier, narrowed):
        write_archive(told, tmp_path, ledger=may_ledger(), base_url="https://brief.example")
    feed = ElementTree.parse(tmp_path / "feed.xml").getroot()
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries][-1] == "Week 20, 2026"
    assert len(entries) == 3
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 3
    assert feed.findtext(f"{ATOM}updated") == "2026-05-25T06:00:00Z"
    for entry in entries:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        path = link.attrib["href"].removeprefix("https://brief.example/")
        assert (tmp_path / path).exists()
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert index.index("Week 21, 2026") < index.index("Week 20, 2026")


def test_an_older_edition_written_again_leaves_the_pages_of_deals_as_they_are(brief: Brief, tmp_path: Path) -> None:
    write_archive(brief, tmp_path, ledger=may_ledger())
    page = tmp_path / "deals" / "deal-core-coreweave.html"
    before = page.read_bytes()
    earlier = build_brief(may_ledger(), week="2026-W20", as_of="2026-05-18")
    assert "core-coreweave" in earlier.deal_ids
    write_archive(earlier, tmp_path, ledger=may_ledger())
    assert page.read_bytes() == before
    assert b"25\xc2\xa0May\xc2\xa02026" in before


def test_a_page_of_a_deal_with_a_wrong_figure_is_not_written(brief: Brief) -> None:
    page = build_deal_page(may_ledger(), "spacex-anthropic", as_of=AS_OF)
    assert page is not None
    html = render_deal(page)
    assert check_page(html, page) > 10
    with pytest.raises(BriefError, match="301"):
        check_page(html.replace("300\xa0MW", "301\xa0MW"), page)


def test_a_broken_record_is_named(brief: Brief, tmp_path: Path) -> None:
    (tmp_path / "editions").mkdir()
    (tmp_path / "editions" / "2026-W01.json").write_text("{")
    with pytest.raises(BriefError, match=r"2026-W01\.json"):
        write_archive(brief, tmp_path, ledger=may_ledger())


def test_the_record_of_an_edition_is_plain_data(brief: Brief, tmp_path: Path) -> None:
    write_archive(brief, tmp_path, ledger=may_ledger())
    record = json.loads((tmp_path / "editions" / "2026-W21.json").read_text(encoding="utf-8"))
    assert record["days"] == "18–24 May 2026"
    assert len(record["findings"]) == 3


def test_an_edition_on_disk_is_the_same_bytes_each_time(rendered: Rendered, tmp_path: Path) -> None:
    settings = MailSettings(base_url="https://brief.example", unsubscribe_key="k" * 20)
    first = {
        p.relative_to(tmp_path / "a"): p.read_bytes()
        for p in write_edition(rendered, tmp_path / "a", settings=settings)
    }
    second = {
        p.relative_to(tmp_path / "b"): p.read_bytes()
        for p in write_edition(rendered, tmp_path / "b", settings=settings)
    }
    assert first == second
    assert {str(name) for name in first} >= {
        "brief.html",
        "brief.txt",
        "brief.md",
        "brief.eml",
        "charts/rates-light.png",
    }
    assert not list((tmp_path / "a").rglob("*.part"))


def test_the_facts_are_given_to_programs_too(rendered: Rendered) -> None:
    data = json.loads(rendered.data)
    assert data["week"] == "2026-W21"
    (power,) = [
        fact
        for fact in data["facts"]
        if fact["row"] == "deals/spacex-anthropic/power_mw" and fact["printed_in"] == "d1"
    ]
    assert (power["words"], power["values"]) == ("300 MW", ["300"])
    assert {number for fact in data["facts"] for number in fact["notes"]} <= {note["note"] for note in data["notes"]}
    (implied,) = {
        tuple(f["values"]) for f in data["facts"] if f["row"].endswith("spacex-anthropic/implied_usd_per_gpu_hour")
    }
    assert implied == ("7.75", "7.81")
