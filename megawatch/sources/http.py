"""One polite client for all sources: robots.txt obeyed, hosts spared, limits on bytes, redirects and time.

``PoliteClient.get`` never raises for what a server does: it ends, within its limits, in a ``Fetched`` whose
``outcome`` has a name. The names: ``ok`` and ``not_modified``; by status ``unauthorized`` ``forbidden`` ``not_found``
``gone`` ``rate_limited`` ``client_error`` ``unavailable`` ``server_error`` ``odd_status``; by redirect
``redirect_refused`` ``redirect_loop`` ``redirect_limit``; by address ``bad_address`` ``address_refused``
``name_unknown``; by connection ``timeout`` ``connection_failed`` ``certificate`` ``protocol_error`` ``cut_short``; by
body ``too_large`` ``expands_too_far`` ``bad_encoding`` ``unknown_encoding`` ``empty_body``; by rule ``robots_refused``
``robots_unreachable`` ``host_on_hold`` ``contact_missing``.
"""

from __future__ import annotations

import contextlib
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from protego import Protego

from megawatch import __version__
from megawatch.errors import SettingsError
from megawatch.sources.body import BodyError, read_body
from megawatch.sources.guard import DEADLINE, AddressRefusedError, GuardedTransport, NameUnknownError
from megawatch.sources.pace import SEC_GAP_S, FilePace, ThreadPace

PRODUCT = "Megawatch"
RETRIED = frozenset(
    ("timeout", "connection_failed", "rate_limited", "server_error", "unavailable", "cut_short", "protocol_error")
)
"""Outcomes after which the same request is sent once more; not where the server hung until the time was over."""
TRANSIENT = RETRIED | {
    "name_unknown",
    "host_on_hold",
    "robots_unreachable",
    "bad_encoding",
    "certificate",
    "contact_missing",
}
"""Outcomes after which a later run may fare better."""
BY_STATUS = {
    304: "not_modified",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    410: "gone",
    429: "rate_limited",
    503: "unavailable",
}
REDIRECTS = (301, 302, 303, 307, 308)
LONGEST_CRAWL_DELAY_S = 30.0
ROBOTS_FRESH_S = 86_400.0
ROBOTS_FAILED_S = 300.0
NO_ROBOTS = frozenset(
    ("not_found", "gone", "unauthorized", "forbidden", "client_error", "empty_body", "odd_status", "redirect_limit")
)
"""Answers to the question for robots.txt that mean: there is none, so nothing is forbidden (RFC 9309, 2.3.1.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one ``get`` may cost: bytes as sent and unpacked, redirects, seconds a request and in all."""

    sent_bytes: int = 32_000_000
    bytes: int = 64_000_000
    redirects: int = 5
    connect_s: float = 10.0
    silence_s: float = 15.0
    request_s: float = 30.0
    get_s: float = 120.0
    retries: int = 2
    backoff_s: float = 1.0
    patience_s: float = 60.0
    host_gap_s: float = 1.0
    host_requests: int = 2
    robots_bytes: int = 512_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How one request ended; ``headers`` has lower-case names, ``retrieved_at`` is its last instant (UTC, ISO)."""

    url: str
    outcome: str
    final_url: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    detail: str = ""
    retrieved_at: str = ""
    redirects: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is a whole body."""
        return self.outcome == "ok"

    @property
    def transient(self) -> bool:
        """Whether a later run may fare better."""
        return self.outcome in TRANSIENT


class PoliteClient:
    """Fetches pages as a well-behaved robot; safe to share between threads.

    ``contact`` (a mail address or a page) goes into the User-Agent; the SEC is not asked without. ``home`` is the
    folder whose ``pace`` file keeps all processes together below the SEC's limit. ``mirror`` maps prefixes of
    addresses to the prefixes they are fetched from instead (a copy on this machine): such requests may go to
    private addresses and wait for no turn. Raises SettingsError for a contact that is none.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        home: Path | None = None,
        limits: Limits | None = None,
        mirror: Mapping[str, str] | None = None,
        verify: ssl.SSLContext | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if contact is not None and (("@" not in contact and "://" not in contact) or not contact.isprintable()):
            raise SettingsError(f"contact {contact!r} must be a mail address or the address of a page about you.")
        self.contact = contact
        self.limits = limits or Limits()
        self.user_agent = f"{PRODUCT}/{__version__} ({contact or 'no contact given'})"
        self._mirror = dict(mirror or {})
        self._verify = verify
        self._sleep = sleep
        self._clock = clock
        self._transports: dict[frozenset[str], GuardedTransport] = {}
        self._headers = {"User-Agent": self.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        times = httpx.Timeout(self.limits.silence_s, connect=self.limits.connect_s)
        self._extensions = {"timeout": times.as_dict()}
        self._robots: dict[tuple[str, bool], tuple[Protego | Fetched, float]] = {}
        self._paces: dict[str, ThreadPace] = {}
        self._turns: dict[str, threading.BoundedSemaphore] = {}
        self._sec = FilePace(home / "pace", sleep=sleep) if home else None
        self._lock = threading.Lock()
        self._random = random.Random()

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        for transport in self._transports.values():
            transport.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        allowed: frozenset[str] = frozenset(),
    ) -> Fetched:
        """Fetch one address; ``allowed`` names the hosts that may lie in a private range.

        With ``etag`` or ``modified`` (as the server last gave them) the answer may be ``not_modified``.
        """
        wanted = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {name: value for name, value in wanted.items() if value and value.isprintable()}
        end = time.monotonic() + self.limits.get_s
        got = self._follow(url, headers, allowed, end)
        return replace(got, url=url, retrieved_at=self._clock().astimezone(UTC).isoformat(timespec="seconds"))

    def _follow(self, url: str, headers: dict[str, str], allowed: frozenset[str], end: float) -> Fetched:
        seen: list[str] = []
        here = url
        while True:
            got = self._checked(here, headers, allowed, end, robots=True)
            got = replace(got, final_url=here, redirects=tuple(seen))
            if got.outcome != "redirect":
                return got
            target = _joined(here, got.headers.get("location", ""))
            seen.append(here)
            if not target or urlsplit(target).scheme not in ("http", "https"):
                return replace(got, outcome="redirect_refused", detail=f"sent on to {target or 'nowhere'!r}")
            if target in seen:
                return replace(got, outcome="redirect_loop", detail=f"sent back to {target}")
            if len(seen) > self.limits.redirects:
                return replace(got, outcome="redirect_limit", detail=f"more than {self.limits.redirects} redirects")
            here = target

    def _checked(
        self, url: str, headers: dict[str, str], allowed: frozenset[str], end: float, *, robots: bool
    ) -> Fetched:
        fault = _fault_of(url)
        if fault:
            return Fetched(url=url, outcome="bad_address", detail=fault)
        host = urlsplit(url).hostname or ""
        if _is_sec(host) and not self.contact:
            return Fetched(url=url, outcome="contact_missing", detail=CONTACT_MISSING)
        gap = self.limits.host_gap_s
        if robots:
            rules = self._rules(url, allowed, end)
            if isinstance(rules, Fetched):
                return rules
            if not rules.can_fetch(url, PRODUCT):
                return Fetched(url=url, outcome="robots_refused", detail="robots.txt of the host forbids this page")
            gap = max(gap, min(float(rules.crawl_delay(PRODUCT) or 0), LONGEST_CRAWL_DELAY_S))
        return self._retried(url, headers, allowed, end, gap)

    def _retried(self, url: str, headers: dict[str, str], allowed: frozenset[str], end: float, gap: float) -> Fetched:
        attempt = 0
        while True:
            real, hosts, free = self._real(url, allowed)
            if not self._turn(real, 0.0 if free else gap, end):
                return Fetched(url=url, outcome="host_on_hold", detail="the host asked to be left alone for a while")
            with self._turns_of(real):
                got = self._once(real, headers, hosts, end)
            hung = got.outcome == "timeout" and not got.status
            if got.outcome not in RETRIED or hung or attempt >= self.limits.retries:
                return got
            delay = self._delay(got, attempt)
            if delay > self.limits.patience_s or time.monotonic() + delay >= end:
                self._pace_of(real).hold_until(delay)
                return replace(got, detail=f"{got.detail}; not asked again for {delay:.0f} s".lstrip("; "))
            self._sleep(delay)
            attempt += 1

    def _delay(self, got: Fetched, attempt: int) -> float:
        asked = seconds_asked(got.headers.get("retry-after"), self._clock())
        if asked is not None:
            return asked
        return self._random.uniform(0.5, 1.0) * self.limits.backoff_s * 2.0**attempt

    def _once(self, url: str, headers: dict[str, str], hosts: frozenset[str], end: float) -> Fetched:
        deadline = min(end, time.monotonic() + self.limits.request_s)
        token = DEADLINE.set(deadline)
        try:
            request = httpx.Request("GET", url, headers=self._headers | headers, extensions=self._extensions)
            response = self._transport(hosts).handle_request(request)
            response.request = request
            with contextlib.closing(response):
                return self._read(url, response)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, RuntimeError) as error:
            outcome, detail = _named(error)
            return Fetched(url=url, outcome=outcome, detail=detail)
        finally:
            DEADLINE.reset(token)

    def _read(self, url: str, response: httpx.Response) -> Fetched:
        status = response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        answer = Fetched(url=url, outcome=outcome_of(status), status=status, headers=headers, detail=f"status {status}")
        if answer.outcome != "ok":
            return answer
        encoding = headers.get("content-encoding", "")
        try:
            body = read_body(response.iter_raw(), encoding, self.limits.sent_bytes, self.limits.bytes)
        except BodyError as error:
            return replace(answer, outcome=error.outcome, detail=str(error))
        if not body.strip():
            return replace(answer, outcome="empty_body", detail="the answer has no body")
        return replace(answer, body=body, detail="")

    def _transport(self, hosts: frozenset[str]) -> GuardedTransport:
        """Give the connections that may reach these private hosts; one pool each, so that none is lent to another."""
        with self._lock:
            if hosts not in self._transports:
                self._transports[hosts] = GuardedTransport(allowed=hosts, verify=self._verify or _trusted())
            return self._transports[hosts]

    def _real(self, url: str, allowed: frozenset[str]) -> tuple[str, frozenset[str], bool]:
        """Where an address is really fetched, which private hosts that may reach, and whether no turn is needed."""
        for prefix, other in self._mirror.items():
            rest = url.removeprefix(prefix.rstrip("/"))
            if rest != url and (not rest or rest[0] in "/?"):
                return other.rstrip("/") + rest, frozenset({urlsplit(other).hostname or ""}), True
        host = urlsplit(url).hostname or ""
        return url, allowed & {host}, host in allowed

    def _turn(self, url: str, gap: float, end: float) -> bool:
        most = max(0.0, min(self.limits.patience_s, end - time.monotonic()))
        sec = _is_sec(urlsplit(url).hostname or "")
        if sec and self._sec and not self._sec.wait(SEC_GAP_S, most_s=most):
            return False
        return self._pace_of(url).wait(SEC_GAP_S if sec else gap, most_s=most)

    def _pace_of(self, url: str) -> ThreadPace:
        parts = urlsplit(url)
        key = "sec.gov" if _is_sec(parts.hostname or "") else parts.netloc
        with self._lock:
            return self._paces.setdefault(key, ThreadPace(sleep=self._sleep))

    def _turns_of(self, url: str) -> threading.BoundedSemaphore:
        with self._lock:
            return self._turns.setdefault(
                urlsplit(url).netloc, threading.BoundedSemaphore(max(1, self.limits.host_requests))
            )

    def _rules(self, url: str, allowed: frozenset[str], end: float) -> Protego | Fetched:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        key = (origin, parts.hostname in allowed)
        with self._lock:
            rules, until = self._robots.get(key, (None, 0.0))
        if rules is not None and time.monotonic() < until:
            return rules
        rules = _rules_from(self._robots_file(f"{origin}/robots.txt", allowed, end), self.limits.robots_bytes)
        fresh_s = ROBOTS_FAILED_S if isinstance(rules, Fetched) else ROBOTS_FRESH_S
        with self._lock:
            self._robots[key] = (rules, time.monotonic() + fresh_s)
        return rules

    def _robots_file(self, url: str, allowed: frozenset[str], end: float) -> Fetched:
        here = url
        for _ in range(self.limits.redirects + 1):
            got = self._checked(here, {}, allowed, end, robots=False)
            if got.outcome != "redirect":
                return got
            here = _joined(here, got.headers.get("location", "")) or ""
        return replace(got, outcome="redirect_limit")


@cache
def _trusted() -> ssl.SSLContext:
    """Read the trusted certificates, once for all clients: it takes tens of milliseconds."""
    return httpx.create_ssl_context()


CONTACT_MISSING = (
    "the SEC answers only robots that say whom to write to: set contact in megawatch.toml, or MEGAWATCH_CONTACT,"
    " to your mail address"
)


def outcome_of(status: int) -> str:
    """Name a status.

    >>> [outcome_of(status) for status in (200, 301, 404, 418, 500, 999)]
    ['ok', 'redirect', 'not_found', 'client_error', 'server_error', 'odd_status']
    """
    if status in BY_STATUS:
        return BY_STATUS[status]
    if status in (200, 203):
        return "ok"
    if status in REDIRECTS:
        return "redirect"
    if 400 <= status < 500:
        return "client_error"
    return "server_error" if 500 <= status < 600 else "odd_status"


def seconds_asked(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header (a number or a date) asks to wait; None where it says nothing readable."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _rules_from(got: Fetched, most: int) -> Protego | Fetched:
    if got.ok:
        return Protego.parse(got.body[:most].decode("utf-8", "replace"))
    if got.outcome in NO_ROBOTS:
        return Protego.parse("")
    if got.outcome in ("address_refused", "name_unknown", "certificate", "connection_failed", "bad_address"):
        return got
    detail = f"robots.txt could not be read ({got.outcome}: {got.detail}), so the host is left alone"
    return replace(got, outcome="robots_unreachable", detail=detail)


def _is_sec(host: str) -> bool:
    return host == "sec.gov" or host.endswith(".sec.gov")


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location.strip()).partition("#")[0] if location.strip() else ""
    except ValueError:
        return ""


def _fault_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises where the port is none)
    except ValueError as error:
        return f"not an address ({error})"
    if parts.scheme not in ("http", "https"):
        return f"only http and https are fetched, not {parts.scheme or 'an address without a scheme'!r}"
    if not parts.hostname or not url.isprintable() or " " in url:
        return "not an address that names a host"
    return "addresses with a user name in them are not fetched" if "@" in parts.netloc else ""


def _named(error: Exception) -> tuple[str, str]:
    chain = tuple(_chain(error))
    detail = str(error) or type(error).__name__
    for kind, outcome in _NAMES:
        if any(isinstance(link, kind) for link in chain):
            return outcome, detail
    return "connection_failed", detail


_NAMES: tuple[tuple[type[BaseException], str], ...] = (
    (AddressRefusedError, "address_refused"),
    (NameUnknownError, "name_unknown"),
    (ssl.SSLError, "certificate"),
    (httpx.TimeoutException, "timeout"),
    (httpx.InvalidURL, "bad_address"),
    (httpx.UnsupportedProtocol, "bad_address"),
    (httpx.RemoteProtocolError, "protocol_error"),
    (httpx.LocalProtocolError, "bad_address"),
)


def _chain(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
