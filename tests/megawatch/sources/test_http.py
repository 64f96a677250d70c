"""The polite client before a server that misbehaves: each way ends in its name, and within its time."""

import multiprocessing
import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from certificates import self_signed
from misbehaving import NAMED, PAGES, Peer, Site, not_modified, serving

from megawatch.errors import SettingsError
from megawatch.sources import guard
from megawatch.sources.http import Limits, PoliteClient, outcome_of, seconds_asked
from megawatch.sources.pace import SEC_GAP_S, FilePace, ThreadPace

HOME = frozenset({"127.0.0.1"})
TIGHT = Limits(
    sent_bytes=200_000,
    bytes=400_000,
    connect_s=2.0,
    silence_s=1.0,
    request_s=1.6,
    get_s=3.4,
    retries=1,
    backoff_s=0.01,
    patience_s=0.2,
    host_gap_s=0,
    host_requests=8,
)


@pytest.fixture(scope="module")
def site():
    with serving({path: answer for path, (answer, _) in PAGES.items()} | {"/tagged": not_modified}) as running:
        yield running


def test_more_than_forty_ways_are_tried() -> None:
    assert len(NAMED) > 55


@pytest.mark.parametrize("path", NAMED)
def test_each_misbehaviour_ends_in_its_name_and_in_time(path: str, site: Site) -> None:
    with PoliteClient(limits=TIGHT) as client:
        start = time.monotonic()
        got = client.get(site.url(path), allowed=HOME)
        took = time.monotonic() - start
    assert got.outcome == NAMED[path][1], got.detail
    assert took < TIGHT.get_s + 1
    assert got.ok == bool(got.body.strip())
    assert got.ok or got.detail
    assert datetime.fromisoformat(got.retrieved_at).tzinfo


@pytest.mark.parametrize("path", ["/unauthorized", "/forbidden", "/missing", "/gone"])
def test_what_is_refused_for_good_is_asked_for_once(path: str, site: Site) -> None:
    before = site.asked.count(path)
    with PoliteClient(limits=TIGHT) as client:
        assert not client.get(site.url(path), allowed=HOME).transient
    assert site.asked.count(path) == before + 1


def test_a_busy_server_is_asked_again_after_the_time_it_asks_for() -> None:
    waits: list[float] = []

    def busy_twice(peer: Peer) -> None:
        if peer.visits < 3:
            peer.answer(429, b"", "Retry-After: 7")
        else:
            peer.answer()

    limits = Limits(host_gap_s=0, retries=2)
    with serving({"/": busy_twice}) as site, PoliteClient(limits=limits, sleep=waits.append) as client:
        assert client.get(site.url("/"), allowed=HOME).ok
    assert waits == [7.0, 7.0]


def test_waits_grow_and_differ_where_the_server_names_none() -> None:
    waits: list[float] = []
    limits = Limits(host_gap_s=0, retries=3, backoff_s=1.0)
    with serving({"/": lambda p: p.answer(500)}) as site, PoliteClient(limits=limits, sleep=waits.append) as client:
        assert client.get(site.url("/"), allowed=HOME).outcome == "server_error"
    assert [0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits)] == [True, True, True]


def test_a_host_that_asks_for_an_hour_is_left_alone_for_the_run(site: Site) -> None:
    with serving({"/": lambda p: p.answer(429, b"", "Retry-After: 3600")}) as other:
        with PoliteClient(limits=TIGHT) as client:
            first = client.get(other.url("/"), allowed=HOME)
            second = client.get(other.url("/"), allowed=HOME)
        assert (first.outcome, second.outcome) == ("rate_limited", "host_on_hold")
        assert other.asked == ["/robots.txt", "/"]


def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    with PoliteClient(limits=TIGHT) as client:
        first = client.get(site.url("/tagged"), allowed=HOME)
        again = client.get(site.url("/tagged"), etag=first.headers["etag"], allowed=HOME)
    assert (first.outcome, again.outcome, again.body) == ("ok", "not_modified", b"")


def test_robots_are_obeyed_and_read_once() -> None:
    robots = b"User-agent: Megawatch\nDisallow: /private\n\nUser-agent: *\nDisallow: /"
    answers = {"/robots.txt": lambda p: p.answer(200, robots), "/private/x": lambda p: p.answer()}
    answers["/open"] = lambda p: p.answer()
    with serving(answers) as site, PoliteClient(limits=TIGHT) as client:
        outcomes = [client.get(site.url(path), allowed=HOME).outcome for path in ("/private/x", "/open", "/private/y")]
    assert outcomes == ["robots_refused", "ok", "robots_refused"]
    assert site.asked == ["/robots.txt", "/open"]


def test_a_host_whose_robots_cannot_be_read_is_left_alone() -> None:
    answers = {"/robots.txt": lambda p: p.answer(500), "/": lambda p: p.answer()}
    with serving(answers) as site, PoliteClient(limits=TIGHT) as client:
        got = client.get(site.url("/"), allowed=HOME)
    assert (got.outcome, got.transient, "/" in site.asked) == ("robots_unreachable", True, False)


def test_robots_may_ask_for_a_gap_between_requests() -> None:
    waits: list[float] = []
    robots = b"User-agent: *\nCrawl-delay: 4\n"
    with serving({"/robots.txt": lambda p: p.answer(200, robots), "/": lambda p: p.answer()}) as site:
        mirror = {"http://slow.example": site.base}
        with PoliteClient(mirror=mirror, sleep=waits.append) as client:
            assert client.get("http://slow.example/").ok
            assert client.get("http://slow.example/").ok
        assert waits == []  # a copy on this machine needs no rest
        with PoliteClient(limits=Limits(host_gap_s=0), sleep=waits.append) as client:
            client._real = lambda url, allowed: (url, HOME, False)  # type: ignore[method-assign,assignment]
            client.get(site.url("/"), allowed=HOME)
            client.get(site.url("/"), allowed=HOME)
    assert [round(wait) for wait in waits] == [4]


def test_loopback_is_refused_unless_the_source_allows_its_host(site: Site) -> None:
    with PoliteClient(limits=TIGHT) as client:
        assert client.get(site.url("/packed")).outcome == "address_refused"
        assert client.get(site.url("/packed"), allowed=HOME).ok
        assert client.get(site.url("/packed")).outcome == "address_refused"


def test_a_name_that_answers_anew_with_a_private_address_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    opened: list[str] = []

    class Inner:
        def connect_tcp(self, host, *_):
            opened.append(host)
            raise guard.httpcore.ConnectError("not in a test")

    monkeypatch.setattr(guard.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (next(answers), 80))])
    backend = guard.GuardedBackend()
    backend._inner = Inner()  # type: ignore[assignment]
    with pytest.raises(guard.httpcore.ConnectError, match="not in a test"):
        backend.connect_tcp("twice.example", 80)
    with pytest.raises(guard.AddressRefusedError):
        backend.connect_tcp("twice.example", 80)
    assert opened == ["93.184.216.34"]


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 ::"
    " fe80::1 fe80::1%eth0 fc00::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ff02::1".split(),
)
def test_addresses_outside_the_public_internet(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    assert guard.is_public(address)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://example.com/", "example.com", "http:///x", "http://a b.example/", "javascript:1", "",
     "http://user@example.com/", "http://example.com:99999/", "http://[::1/", "http://example.com/\nHost: x"],
)  # fmt: skip
def test_only_plain_http_addresses_are_fetched(address: str) -> None:
    with PoliteClient(limits=TIGHT) as client:
        assert client.get(address).outcome == "bad_address"


def test_the_sec_is_not_asked_without_a_contact_and_the_error_says_how() -> None:
    with PoliteClient(limits=TIGHT) as client:
        got = client.get("https://data.sec.gov/submissions/CIK0001769628.json")
    assert got.outcome == "contact_missing"
    assert "MEGAWATCH_CONTACT" in got.detail
    with pytest.raises(SettingsError, match="contact"):
        PoliteClient(contact="me")


def test_the_user_agent_names_the_contact_and_no_cookie_is_kept() -> None:
    answers = {"/": lambda p: p.answer(200, b"hello", "Set-Cookie: id=1; Path=/")}
    with serving(answers) as site, PoliteClient(contact="desk@paper.example", limits=TIGHT) as client:
        client.get(site.url("/"), allowed=HOME)
        client.get(site.url("/"), allowed=HOME)
    assert {headers["user-agent"].partition("(")[2] for headers in site.headers} == {"desk@paper.example)"}
    assert not any("cookie" in headers for headers in site.headers)


def test_a_certificate_nobody_signed_is_named(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    with PoliteClient(limits=TIGHT) as client:
        got = client.get(f"https://127.0.0.1:{listener.getsockname()[1]}/", allowed=HOME)
    assert got.outcome == "certificate", got.detail


def test_a_mirror_serves_addresses_that_are_not_its_own(site: Site) -> None:
    with PoliteClient(limits=TIGHT, mirror={"https://paper.example": site.base}) as client:
        got = client.get("https://paper.example/packed")
        other = client.get("https://paper.example.evil.example/packed")
        away = client.get("https://paper.example/to-private")
    assert (got.outcome, got.final_url) == ("ok", "https://paper.example/packed")
    assert other.outcome == "name_unknown"
    assert away.outcome == "address_refused"


def take_turns(path: str, count: int, out: "multiprocessing.Queue[float]") -> None:
    pace = FilePace(Path(path))
    for _ in range(count):
        assert pace.wait(SEC_GAP_S, most_s=30)
        out.put(time.time())


def test_three_processes_together_stay_under_ten_requests_a_second(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    workers = [context.Process(target=take_turns, args=(str(tmp_path / "pace"), 5, out)) for _ in range(3)]
    for worker in workers:
        worker.start()
    turns = sorted(out.get(timeout=30) for _ in range(15))
    for worker in workers:
        worker.join()
    assert turns[-1] - turns[0] >= 14 * SEC_GAP_S - 0.05
    assert all(sum(start <= turn < start + 1 for turn in turns) <= 10 for start in turns)


def test_turns_that_come_too_late_are_refused_at_once(tmp_path: Path) -> None:
    for pace in (ThreadPace(), FilePace(tmp_path / "pace")):
        assert pace.wait(5, most_s=0)
        start = time.monotonic()
        assert not pace.wait(5, most_s=1)
        assert time.monotonic() - start < 0.5
    (tmp_path / "pace").write_text("not a number")
    assert FilePace(tmp_path / "pace").wait(0, most_s=0)


def test_retry_after_is_a_number_or_a_date() -> None:
    now = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)
    assert seconds_asked("120", now) == 120
    assert seconds_asked("Thu, 14 May 2026 12:00:30 GMT", now) == 30
    assert seconds_asked("Thu, 14 May 2026 11:00:00 GMT", now) == 0
    assert [seconds_asked(value, now) for value in (None, "", "soon", "-5", "1e9", "²")] == [None] * 6
    assert outcome_of(226) == "odd_status"
