"""One source, one run: whatever a feed or its pages do, the run ends in a row and the rest is kept."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from layouts import STORIES, pages, semantic
from misbehaving import NAMED, PAGE, PAGES, Answer, Peer, bomb, endless, serving
from test_http import TIGHT

from megawatch.sources.collect import Collected, collect
from megawatch.sources.http import PoliteClient
from megawatch.sources.specs import SourceSpec
from megawatch.sources.store import DocumentStore

NOW = "2026-05-20T08:00:00+00:00"


def at(day: int, hour: int = 8) -> str:
    return f"2026-05-{day:02d}T{hour:02d}:00:00+00:00"


def spec(address: str, **more: object) -> SourceSpec:
    values = {"id": "paper", "publisher": "The Paper", "kind": "feed", "address": address, "allow_private": True}
    return SourceSpec(**{**values, **more})  # type: ignore[arg-type]


def rss(*items: str) -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'.encode()


def item(link: str, title: str = "A title", date: str = "Thu, 14 May 2026 23:30:00 -0700", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>{more}</item>"


def story(number: int) -> bytes:
    text = (
        f"Company {number} rents {100 + number} megawatts from landlord {number * 7} for {number % 20 + 1} years. " * 3
    )
    return f"<html><body><article><h1>Story {number}</h1><p>{text}</p><p>More on story {number}.</p></article>".encode()


def page(body: bytes) -> Answer:
    return lambda peer: peer.answer(200, body)


def run(site_url: str, root: Path, now: str = NOW, **more: object) -> Collected:
    with DocumentStore(root) as store, PoliteClient(limits=TIGHT) as client:
        return collect(spec(site_url, **more), store=store, client=client, now=now)


def texts(root: Path) -> list[str]:
    with DocumentStore(root) as store:
        return [document.text for document in store.documents()]


def test_every_page_that_misbehaves_is_told_and_the_good_ones_are_kept(tmp_path: Path) -> None:
    held = ("/too-many-for-an-hour", "/unavailable-until-a-date")  # after which the whole host is left alone
    bad = [path for path in NAMED if NAMED[path][1] not in ("ok", "not_modified", "timeout") and path not in held]
    answers = {path: PAGES[path][0] for path in PAGES} | {f"/good-{n}": page(story(n)) for n in range(len(bad))}
    links = [item(path, f"Story {path}") + item(f"/good-{n}", f"Story {n}") for n, path in enumerate(bad)]
    with serving(answers) as site:
        site.answers["/feed"] = page(rss(*links))
        start = time.monotonic()
        done = run(site.url("/feed"), tmp_path, max_items=500)
    assert (done.health.outcome, done.health.items) == ("partial", 2 * len(bad))
    assert done.health.stored == len(bad) == len(set(done.document_ids))
    assert f"{len(bad)} of {2 * len(bad)} failed" in done.health.detail
    assert sorted(refusal.where for refusal in done.failures) == sorted(site.url(path) for path in bad)
    assert all(refusal.reason.startswith(f"{refusal.where}: ") for refusal in done.failures)
    assert time.monotonic() - start < 25


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">'
    + b"".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'.encode() for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + b']><rss version="2.0"><channel><item><title>&j;</title><link>/good</link></item></channel></rss>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<rss version="2.0"><channel><item><title>&x;</title><link>/good</link></item></channel></rss>'
)
LISTS: dict[str, tuple[Answer, str, int]] = {
    "no feed": (page(b"<html><body><p>Welcome to our new site</p></body></html>"), "not_a_feed", 0),
    "not XML": (page(b"%PDF-1.7 or something else"), "not_a_feed", 0),
    "json of another kind": (page(b'{"hello": [1, 2]}'), "not_a_feed", 0),
    "broken json": (page(b'{"version": "https://jsonfeed.org/version/1", '), "not_a_feed", 0),
    "missing": (lambda p: p.answer(404), "not_found", 0),
    "error": (lambda p: p.answer(500), "server_error", 0),
    "empty": (lambda p: p.answer(200, b""), "empty_body", 0),
    "endless": (endless, "too_large", 0),
    "bomb": (bomb, "expands_too_far", 0),
    "billion laughs": (page(LAUGHS), "ok", 1),
    "external entity": (page(OUTSIDE), "ok", 1),
    "no entries": (page(rss()), "ok", 0),
    "cut in the middle": (page(rss(item("/good"), item("/other"))[:-60]), "ok", 2),
    "unescaped": (page(rss(item("/good", "AT & T < 5 MW"))), "ok", 1),
    "duplicate ids": (page(rss(item("/good", more="<guid>1</guid>"), item("/good", more="<guid>1</guid>"))), "ok", 1),
    "wrong charset": (lambda p: p.answer(200, rss(item("/good")), "Content-Type: text/xml; charset=utf-16"), "ok", 1),
    "mixed encodings": (page(rss(item("/good", "Café")).replace("é".encode(), b"\xe9")), "ok", 1),
    "byte order mark": (page(b"\xef\xbb\xbf\n" + rss(item("/good"))), "ok", 1),
    "html entities": (page(rss(item("/good", "Power&nbsp;&mdash; 5&eacute;"))), "ok", 1),
    "links that are none": (page(rss(item("javascript:alert(1)"), item("/good"))), "ok", 2),
    "links to files": (page(rss(item("file:///etc/passwd", "Read a file"), item("/good"))), "ok", 2),
    "links to metadata": (page(rss(item("http://169.254.169.254/"), item("/good"))), "partial", 1),
    "no links": (page(rss("<item><title>Only a title</title></item>")), "ok", 1),
    "no titles": (page(rss("<item><link>/good</link></item>")), "ok", 1),
    "nothing in an entry": (page(rss("<item></item>", item("/good"))), "ok", 1),
    "relative links": (page(rss(item("good"))), "ok", 1),
    "atom": (
        page(
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="/good"/>'
            b"<updated>2026-05-14T23:30:00-07:00</updated></entry></feed>"
        ),
        "ok",
        1,
    ),
    "rdf": (
        page(
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            b'<item rdf:about="/good"><title>A</title><link>/good</link></item></rdf:RDF>'
        ),
        "ok",
        1,
    ),
    "json feed": (
        page(b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/good","title":"A"}, 7]}'),
        "ok",
        1,
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_each_list_that_misbehaves_ends_in_its_name(name: str, tmp_path: Path) -> None:
    answer, outcome, stored = LISTS[name]
    with serving({"/feed": answer, "/good": page(PAGE), "/other": page(story(1))}) as site:
        start = time.monotonic()
        done = run(site.url("/feed"), tmp_path)
    assert (done.health.outcome, done.health.stored) == (outcome, stored), done.health.detail
    assert done.health.detail or outcome == "ok"
    assert time.monotonic() - start < 10
    assert not any("root:" in text for text in texts(tmp_path))


def test_a_feed_of_a_hundred_thousand_entries_costs_seconds_and_gives_its_head(tmp_path: Path) -> None:
    body = rss(*(item(f"/s{n}", f"T{n}") for n in range(100_000)))
    start = time.monotonic()
    roomy = replace(TIGHT, sent_bytes=50_000_000, bytes=50_000_000, request_s=20, get_s=40)
    with serving({"/feed": page(body)}) as site, DocumentStore(tmp_path) as store, PoliteClient(limits=roomy) as client:
        done = collect(spec(site.url("/feed"), follow=False, max_items=40), store=store, client=client, now=NOW)
    assert (done.health.items, done.health.stored) == (40, 40)
    assert time.monotonic() - start < 30


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    answers = {f"/s{n}": page(story(n)) for n in range(5)} | {"/feed": page(rss(*(item(f"/s{n}") for n in range(5))))}
    with serving(answers) as site:
        first = run(site.url("/feed"), tmp_path)
        before = texts(tmp_path)
        second = run(site.url("/feed"), tmp_path, at(20, 9))
    assert (first.health.stored, second.health.stored, second.document_ids) == (5, 0, ())
    assert texts(tmp_path) == before
    assert len(site.asked) == 2 + 5 + 2


def test_a_feed_with_a_mark_is_asked_for_changes_only_once_all_its_pages_were_had(tmp_path: Path) -> None:
    broken = {"on": True}

    def sometimes(peer: Peer) -> None:
        peer.answer(*((500, b"") if broken["on"] else (200, story(2))))

    def feed(peer: Peer) -> None:
        if peer.headers.get("if-none-match"):
            peer.send(b"HTTP/1.1 304 No\r\nConnection: close\r\n\r\n")
        else:
            peer.answer(200, rss(item("/s1"), item("/s2")), 'ETag: "a"')

    with serving({"/feed": feed, "/s1": page(story(1)), "/s2": sometimes}) as site:
        first = run(site.url("/feed"), tmp_path)
        broken["on"] = False
        second = run(site.url("/feed"), tmp_path, at(20, 9))
        third = run(site.url("/feed"), tmp_path, at(20, 10))
    assert [(done.health.outcome, done.health.items, done.health.stored) for done in (first, second, third)] == [
        ("partial", 2, 1),
        ("ok", 2, 1),
        ("ok", 0, 0),
    ]


def test_a_corrected_page_is_a_new_version_with_a_diff(tmp_path: Path) -> None:
    told = {"now": "for about $1.9 billion"}
    body = "<html><body><article><h1>Deal</h1><p>Saltmarsh rents chips to Quillwort {}.</p><p>{}</p></article></html>"

    def changing(peer: Peer) -> None:
        peer.answer(
            200, body.format(told["now"], "The chips go to Brackwater on the coast of Georgia in May.").encode()
        )

    with serving({"/feed": page(rss(item("/deal?utm_source=rss"))), "/deal?utm_source=rss": changing}) as site:
        first = run(site.url("/feed"), tmp_path)
        told["now"] = "for about $2.9 billion"
        early = run(site.url("/feed"), tmp_path, at(20, 20))
        later = run(site.url("/feed"), tmp_path, at(21, 9))
        address = site.url("/deal")
    assert (early.health.stored, later.health.stored) == (0, 1)
    with DocumentStore(tmp_path) as store:
        versions = store.versions(address)
        assert [version.document_id for version in versions] == [*first.document_ids, *later.document_ids]
        old, new = (store.get(version.document_id) for version in versions)
        assert (old.url, new.url, new.retrieved_at) == (address, address, at(21, 9))
        diff = store.diff(old.id, new.id)
        assert "-Saltmarsh rents chips to Quillwort for about $1.9 billion." in diff
        assert "+Saltmarsh rents chips to Quillwort for about $2.9 billion." in diff
        assert store.group_of(new.id) == store.group_of(old.id) == old.id
        assert store.replaced() == {old.id: new.id}


def test_a_page_that_cannot_be_read_leaves_what_the_feed_tells(tmp_path: Path) -> None:
    told = "The two companies signed for 40 megawatts at the Calder campus. " * 5
    robots = b"User-agent: *\nDisallow: /closed"
    links = rss(
        item("/closed", "Behind robots", more=f"<description>{told} One.</description>"),
        item("/paid", "Behind a wall", more=f"<description>&lt;p&gt;{told} Two.&lt;/p&gt;</description>"),
        item("/down", "Down today", more=f"<description>{told} Three.</description>"),
    )
    answers = {"/feed": page(links), "/robots.txt": page(robots)}
    answers |= {"/paid": lambda p: p.answer(403), "/down": lambda p: p.answer(500)}
    with serving(answers) as site:
        done = run(site.url("/feed"), tmp_path)
    assert (done.health.outcome, done.health.stored) == ("partial", 2)
    assert [text[-4:] for text in texts(tmp_path)] == ["Two.", "One."]


def test_dates_are_days_in_the_writers_zone_and_unknown_stays_unknown(tmp_path: Path) -> None:
    bare = {f"/s{n}": page(story(n)) for n in range(4)}
    links = rss(
        item("/s0", date="Thu, 14 May 2026 23:30:00 -0700"),
        item("/s1", date="2026-05-15T00:30:00+09:00"),
        item("/s2", date="05/06/2026"),
        "<item><title>No date</title><link>/s3</link></item>",
    )
    with serving({"/feed": page(links), **bare}) as site:
        run(site.url("/feed"), tmp_path)
    with DocumentStore(tmp_path) as store:
        days = {document.title: document.published for document in store.documents()}
    assert days == {"Story 0": "2026-05-14", "Story 1": "2026-05-15", "Story 2": None, "Story 3": None}


def test_a_newsroom_without_a_feed_is_read_by_its_links(tmp_path: Path) -> None:
    links = "".join(f"<li><a href='/news/{n}'>Story {n}</a></li>" for n in range(3))
    listing = f"<html><body><a href='/about'>About</a><ul>{links}<a href='/news/1#more'>again</a></ul></body></html>"
    answers = {"/news": page(listing.encode())} | {f"/news/{n}": page(story(n)) for n in range(3)}
    with serving(answers) as site:
        done = run(site.url("/news"), tmp_path, kind="newsroom", link_pattern=r"/news/\d+")
        lost = run(site.url("/news"), tmp_path / "other", kind="newsroom", link_pattern=r"/press/\d+")
    assert (done.health.outcome, done.health.stored) == ("ok", 3)
    assert lost.health.outcome == "layout_break"
    assert "/press/" in lost.health.detail


def test_a_price_page_is_a_version_each_time_it_changes(tmp_path: Path) -> None:
    shown = {"price": "$3.45"}
    text = semantic(STORIES[5])
    with serving({"/prices": lambda p: p.answer(200, text.replace("$3.45", shown["price"]).encode())}) as site:
        runs = []
        for hour, price in ((8, "$3.45"), (9, "$3.45"), (10, "$3.60")):
            shown["price"] = price
            runs.append(run(site.url("/prices"), tmp_path, at(20, hour), kind="page").health.stored)
    assert runs == [1, 0, 1]
    assert [len(re.findall("H200 141 GB | (\\S+)", text)) > 0 for text in texts(tmp_path)] == [True, True]


def test_pages_without_text_raise_the_layout_warning(tmp_path: Path) -> None:
    hollow = b"<html><body><div id='app'></div><script>draw()</script></body></html>"
    answers = {f"/s{n}": page(hollow) for n in range(4)} | {"/feed": page(rss(*(item(f"/s{n}") for n in range(4))))}
    with serving(answers) as site:
        done = run(site.url("/feed"), tmp_path)
    assert done.health.outcome == "layout_break"
    assert "4 of 4 pages held no text" in done.health.detail


def test_a_source_that_keeps_failing_is_left_alone_and_asked_again_after_a_week(tmp_path: Path) -> None:
    with serving({"/feed": lambda p: p.answer(404)}) as site:
        outcomes = [run(site.url("/feed"), tmp_path, at(1, hour)).health.outcome for hour in range(8)]
        week = run(site.url("/feed"), tmp_path, at(9)).health.outcome
        day = run(site.url("/feed"), tmp_path, at(10)).health
        site.answers["/feed"] = page(rss())
        back = [run(site.url("/feed"), tmp_path, at(day)).health.outcome for day in (17, 18)]
    assert outcomes == ["not_found"] * 5 + ["switched_off"] * 3
    assert (week, day.outcome, back) == ("not_found", "switched_off", ["ok", "ok"])
    assert "5 failed runs" in day.detail


def test_an_item_is_the_same_by_whatever_layout_it_comes(tmp_path: Path) -> None:
    views = [found for found in pages() if found.story is STORIES[0]]
    answers = {f"/{found.name}": page(found.body) for found in views}
    with serving(answers | {"/feed": page(rss(*(item(path) for path in answers)))}) as site:
        done = run(site.url("/feed"), tmp_path)
        with DocumentStore(tmp_path) as store:
            assert len({store.group_of(document.id) for document in store.documents()}) == 1
            assert sum(len(store.addresses(found.id)) for found in store.documents()) == len(views)
    assert done.health.stored < len(views)


def test_a_source_whose_pages_hang_is_left_after_three_and_taken_up_in_the_next_run(tmp_path: Path) -> None:
    hangs = {"on": True}

    def hanging(number: int) -> Answer:
        return lambda peer: time.sleep(2) if hangs["on"] else peer.answer(200, story(number))

    answers = {f"/s{n}": hanging(n) for n in range(12)} | {"/feed": page(rss(*(item(f"/s{n}") for n in range(12))))}
    with serving(answers) as site:
        start = time.monotonic()
        first = run(site.url("/feed"), tmp_path)
        took = time.monotonic() - start
        hangs["on"] = False
        second = run(site.url("/feed"), tmp_path, at(20, 9))
    assert (first.health.outcome, first.health.stored, second.health.outcome) == ("partial", 0, "ok")
    assert "left_for_next_run 9, timeout 3" in first.health.detail
    assert second.health.stored == 12
    assert took < 8


def test_the_newest_entries_are_taken_even_where_the_feed_has_them_last(tmp_path: Path) -> None:
    links = rss(*(item(f"/s{n}", date=f"{10 + n} May 2026 08:00:00 GMT") for n in range(6)))
    answers = {f"/s{n}": page(story(n)) for n in range(6)} | {"/feed": page(links)}
    with serving(answers) as site:
        run(site.url("/feed"), tmp_path, max_items=2)
    with DocumentStore(tmp_path) as store:
        assert [document.title for document in store.documents()] == ["Story 4", "Story 5"]


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {f"/s{n}": page(story(n)) for n in range(3)} | {"/feed": page(rss(*(item(f"/s{n}") for n in range(3))))}
    with serving(answers) as site:
        put = DocumentStore.put
        calls = []

        def full(self, *args, **options):
            calls.append(1)
            if len(calls) == 2:
                raise OSError(28, "No space left on device")
            return put(self, *args, **options)

        monkeypatch.setattr(DocumentStore, "put", full)
        broken = run(site.url("/feed"), tmp_path)
        after = run(site.url("/feed"), tmp_path, at(20, 9))
    assert (broken.health.outcome, broken.health.stored) == ("store_failed", 1)
    assert "disk" in broken.health.detail
    assert (after.health.outcome, after.health.stored, len(texts(tmp_path))) == ("ok", 2, 3)
