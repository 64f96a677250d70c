"""Connections that cannot be led astray: addresses are checked when the socket opens, and no read outlives its time.

The name is resolved once, every address found is checked, and the socket goes to one of these very addresses: a name
that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
"""The moment (``time.monotonic``) at which the request of this thread must end."""


class AddressRefusedError(httpcore.ConnectError):
    """The name resolves to an address that no source may reach."""


class NameUnknownError(httpcore.ConnectError):
    """The name resolves to nothing, or not in time."""


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet: neither private, loopback, link-local nor reserved.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return ip.is_global and not ip.is_multicast


def time_left(limit: float | None) -> float | None:
    """Seconds until the deadline of this thread's request, at most ``limit``; raises ReadTimeout when it has passed."""
    deadline = DEADLINE.get()
    if deadline is None:
        return limit
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time allowed for this request has passed")
    return left if limit is None else min(limit, left)


def resolve(host: str, port: int, timeout: float | None) -> tuple[str, ...]:
    """Find the IP addresses of a host within ``timeout`` seconds; raises NameUnknownError."""
    found: list[str] = []
    failure: list[str] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            failure.append(str(error))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        raise NameUnknownError(f"{host}: {failure[0] if failure else 'no answer from the name service in time'}")
    return tuple(found)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose reads and writes also end when the whole request must end."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, time_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, time_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, time_left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens sockets to public addresses only, and to the hosts in ``allowed`` wherever they lie."""

    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        self._allowed = allowed
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Open a stream to the host; raises AddressRefusedError, NameUnknownError or ConnectError."""
        addresses = resolve(host, port, time_left(timeout))
        if host not in self._allowed:
            for address in addresses:
                if not is_public(address):
                    raise AddressRefusedError(f"{host} is at {address}, which is not on the public internet")
        failure: Exception | None = None
        for address in addresses:
            try:
                return _TimedStream(
                    self._inner.connect_tcp(address, port, time_left(timeout), local_address, socket_options)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure if failure else httpcore.ConnectError(host)

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        """Refused: no source lies behind a local socket."""
        raise AddressRefusedError("local sockets are no sources")

    def sleep(self, seconds: float) -> None:
        """Wait; the pool asks for this between its own attempts."""
        time.sleep(seconds)


class GuardedTransport(httpx.HTTPTransport):
    """What httpx sends its requests through: a pool of guarded connections.

    Proxies of the environment are left aside, for they would hide whom one connects to.
    """

    def __init__(self, *, allowed: frozenset[str], verify: ssl.SSLContext) -> None:
        super().__init__(verify=verify, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=32,
            max_keepalive_connections=16,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(allowed),
        )
