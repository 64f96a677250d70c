"""The catalog, and adding to it; health over many runs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from misbehaving import PAGE, Answer, serving
from test_collect import item, rss
from test_http import HOME, TIGHT

from megawatch.errors import SourceError
from megawatch.market import SourceHealth
from megawatch.sources.add import check_source, find_source, mark_checked, write_spec
from megawatch.sources.health import resting, warning
from megawatch.sources.http import PoliteClient
from megawatch.sources.journal import Run
from megawatch.sources.specs import CATALOG, SourceSpec, read_catalog, read_spec

NOW = datetime(2026, 5, 20, 8, tzinfo=UTC)
GOOD = """publisher = "P"
address = "https://paper.example/feed"
kind = "feed"
authority = "news"
cadence = "daily"
terms = "t"
checked = false
[expected]
min = 0
max = 5
"""


def test_the_catalog_covers_the_market() -> None:
    catalog = read_catalog()
    edgar = [spec for spec in catalog if spec.kind == "edgar"]
    assert len(catalog) >= 60
    assert len({spec.cik for spec in edgar}) == len(edgar) >= 45
    assert all(spec.address.endswith(f"CIK{spec.cik:010d}.json") for spec in edgar)
    assert {spec.kind for spec in catalog} == {"feed", "newsroom", "page", "edgar", "edgar_index"}
    assert {spec.authority for spec in catalog} == {"filing", "press_release", "news", "blog"}
    assert len({spec.address for spec in catalog}) == len(catalog)
    assert all(spec.address.startswith("https://") and spec.terms and not spec.allow_private for spec in catalog)
    assert all(path.stem == path.stem.lower() for path in CATALOG.glob("*.toml"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("publisher", "publsher"), "unknown keys"),
        (('kind = "feed"', 'kind = "fede"'), "is not one of"),
        (('"news"', '"rumour"'), "is not one of"),
        (("https://", "file://"), "http"),
        (("min = 0", "min = 9"), "0 <= min <= max"),
        (("max = 5", "most = 5"), "expected"),
        (("max = 5", 'max = "5"'), "type"),
        (('kind = "feed"', 'kind = "newsroom"'), "link_pattern"),
        (('kind = "feed"', 'kind = "newsroom"\nlink_pattern = "("'), "regular expression"),
        (('kind = "feed"', 'kind = "edgar"'), "cik"),
        (('publisher = "P"', "publisher = P"), "TOML"),
    ],
)
def test_a_broken_source_file_is_named_with_its_key(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    path = tmp_path / "paper.toml"
    path.write_text(GOOD)
    assert read_spec(path).expected_max == 5
    path.write_text(GOOD.replace(*change))
    with pytest.raises(SourceError, match=r"paper\.toml") as caught:
        read_catalog(tmp_path)
    assert words in str(caught.value)


def test_a_missing_folder_of_sources_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        read_catalog(tmp_path / "none")


def test_the_feed_of_a_page_is_found_and_written(tmp_path: Path) -> None:
    feed = rss(*(item(f"/s{n}", date=f"Thu, {10 + n} May 2026 10:00:00 GMT") for n in range(8)))
    named = b'<head><title>The "Paper"</title><link rel="alternate" type="application/rss+xml" href="/x/f"></head>'
    answers: dict[str, Answer] = {
        "/": lambda peer: peer.answer(200, named),
        "/x/f": lambda peer: peer.answer(200, feed),
        "/blog": lambda peer: peer.answer(200, PAGE),
        "/blog/feed": lambda peer: peer.answer(200, feed),
    }
    with serving(answers) as site, PoliteClient(limits=TIGHT) as client:
        by_link = find_source(site.url("/"), client=client, allowed=HOME)
        by_itself = find_source(site.url("/x/f"), client=client, allowed=HOME)
        by_custom = find_source(site.url("/blog"), client=client, allowed=HOME)
        path = write_spec(by_link, tmp_path, checked=date(2026, 5, 20))
        tried = check_source(read_spec(path), client=client, today=date(2026, 5, 20))
        site.answers.clear()
        with pytest.raises(SourceError, match="status 404"):
            find_source(site.url("/"), client=client, allowed=HOME)
        gone = check_source(read_spec(path), client=client, today=date(2026, 5, 20))
    assert by_link.address == by_itself.address == site.url("/x/f")
    assert by_custom.address == site.url("/blog/feed")
    assert path.name == "the-paper.toml"
    assert replace(read_spec(path), checked=None) == by_link
    assert (tried.outcome, tried.entries, gone.outcome) == ("ok", 8, "not_found")
    with pytest.raises(SourceError, match="there already"):
        write_spec(by_link, tmp_path)
    with pytest.raises(SourceError, match="not an id"):
        write_spec(replace(by_link, id="../x"), tmp_path)


def test_a_page_without_a_feed_says_what_was_tried() -> None:
    with (
        serving({"/": lambda peer: peer.answer(200, PAGE)}) as site,
        PoliteClient(limits=TIGHT) as client,
        pytest.raises(SourceError, match="no feed was found"),
    ):
        find_source(site.url("/"), client=client, allowed=HOME)


def test_a_source_that_answered_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "paper.toml"
    path.write_text(GOOD)
    mark_checked(path, day=date(2026, 5, 20))
    assert read_spec(path).checked == "2026-05-20"


def run(days_ago: float, outcome: str = "ok", fresh: int = 0) -> Run:
    moment = (NOW - timedelta(days=days_ago)).isoformat()
    row = SourceHealth(source_id="s", publisher="P", checked_at=moment, outcome=outcome, items=fresh, stored=fresh)
    return Run(health=row, fresh=fresh, empty=0)


SPEC = SourceSpec(
    id="s", publisher="P", kind="feed", address="https://paper.example/f", expected_min=2, expected_max=20
)


@pytest.mark.parametrize(
    ("name", "runs", "pages", "empty"),
    [
        ("", [run(day, fresh=1) for day in range(40)], 0, 0),
        ("", [run(0, fresh=5)], 5, 0),
        ("", [run(day) for day in range(5)], 0, 0),
        ("stalled", [run(day) for day in range(20)] + [run(20, fresh=9)], 0, 0),
        ("sudden_drop", [run(1, fresh=2)] + [run(day, fresh=2) for day in range(8, 40)], 0, 0),
        ("sudden_drop", [run(5, fresh=1), run(9, fresh=4), run(15, fresh=4)], 0, 0),
        ("sudden_rise", [run(1, fresh=60), run(20, fresh=3)], 0, 0),
        ("layout_break", [run(0, fresh=5)], 6, 3),
        ("", [run(0, fresh=5)], 2, 2),
    ],
)
def test_what_is_odd_about_a_source_that_answers(name: str, runs: list[Run], pages: int, empty: int) -> None:
    found, told = warning(SPEC, runs, NOW, pages=pages, empty=empty)
    assert found == name
    assert bool(told) == bool(name)


def test_a_source_rests_after_five_failures_for_a_week() -> None:
    failed = [run(day, "not_found") for day in range(1, 6)]
    assert resting(failed, NOW)
    assert not resting(failed[:4], NOW)
    assert not resting([run(0.5, "partial"), *failed], NOW)
    assert resting([run(0.5, "switched_off"), *failed], NOW)
    assert not resting([run(day, "timeout") for day in range(8, 13)], NOW)
    assert not resting([run(day, "contact_missing") for day in range(9)], NOW)
