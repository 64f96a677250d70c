"""A web server on loopback that misbehaves in as many ways as its paths have names."""

from __future__ import annotations

import gzip
import socket
import socketserver
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAGE = (
    b"<html><head><title>A quiet page</title></head><body><article><h1>A quiet page</h1>"
    b"<p>Saltmarsh Cloud rents 9,200 accelerators to Quillwort Labs for four years, the companies said.</p>"
    b"<p>The machines go into a hall at Brackwater, where twenty-six megawatts have been leased since autumn.</p>"
    b"</article></body></html>"
)


class Peer:
    """One connection: what was asked for, and the means to answer as badly as one likes."""

    def __init__(self, connection: socket.socket, path: str, headers: dict[str, str], visits: int) -> None:
        self.socket, self.path, self.headers, self.visits = connection, path, headers, visits

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, status: int = 200, body: bytes = PAGE, *more: str, length: int | None = None) -> None:
        size = len(body) if length is None else length
        kinds = [] if any(line.lower().startswith("content-type") for line in more) else ["Content-Type: text/html"]
        lines = [f"HTTP/1.1 {status} Some Words", *kinds, f"Content-Length: {size}", "Connection: close", *more]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def head(self, *lines: str) -> None:
        self.send("\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *lines]).encode() + b"\r\n\r\n")


Answer = Callable[[Peer], None]


class Site:
    """The running server: its base address, its answers by path, and every path asked for, in order."""

    def __init__(self, base: str, answers: dict[str, Answer]) -> None:
        self.base, self.answers, self.asked = base, answers, list[str]()
        self.headers: list[dict[str, str]] = []

    def url(self, path: str) -> str:
        return f"{self.base}{path}"


@contextmanager
def serving(answers: dict[str, Answer]) -> Iterator[Site]:
    """Serve the answers until the end of the block; what has no answer is a 404, robots.txt among it."""
    site = Site("", answers)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(5)
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = self.request.recv(4096)
                    if not piece:
                        return
                    head += piece
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split(" ")[1]
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:]) if k}
                site.asked.append(path)
                site.headers.append(headers)
                peer = Peer(self.request, path, headers, site.asked.count(path))
                site.answers.get(path, lambda p: p.answer(404, b"nothing here"))(peer)
            except OSError:
                return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        site.base = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield site
        server.shutdown()


def status(code: int, *more: str) -> Answer:
    return lambda peer: peer.answer(code, b"told you", *more)


def slow_drip(peer: Peer) -> None:
    peer.head("Content-Length: 100000")
    for _ in range(200):
        peer.send(b"x")
        time.sleep(0.05)


def slow_headers(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        peer.send(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def silent(peer: Peer) -> None:
    time.sleep(3)


def reset(peer: Peer) -> None:
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.socket.close()


def half_a_body(peer: Peer) -> None:
    peer.answer(200, PAGE[:100], length=len(PAGE))


def broken_chunks(peer: Peer) -> None:
    peer.head("Transfer-Encoding: chunked")
    peer.send(b"zz\r\nthis is no length\r\n")


def cut_chunks(peer: Peer) -> None:
    peer.head("Transfer-Encoding: chunked")
    peer.send(b"40\r\n<html><body>half")


def endless(peer: Peer) -> None:
    peer.head()
    while True:
        peer.send(b"<p>and on and on</p>" * 500)


def endless_headers(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.send(b"X-More: " + b"y" * 4000 + b"\r\n")


def bomb(peer: Peer) -> None:
    """Ten gigabytes of zeros, packed: about ten megabytes on the line, made as they are sent."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    peer.head("Content-Encoding: gzip")
    peer.send(first)
    for _ in range(10_240):
        peer.send(block)


def packed(peer: Peer) -> None:
    peer.answer(200, gzip.compress(PAGE), "Content-Encoding: gzip")


def raw_deflate(peer: Peer) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    peer.answer(200, packer.compress(PAGE) + packer.flush(), "Content-Encoding: deflate")


def cut_gzip(peer: Peer) -> None:
    peer.answer(200, gzip.compress(PAGE)[:60], "Content-Encoding: gzip")


def twice_gzip(peer: Peer) -> None:
    peer.answer(200, gzip.compress(gzip.compress(PAGE)), "Content-Encoding: gzip, gzip")


def better_later(peer: Peer) -> None:
    if peer.visits == 1:
        peer.answer(503, b"busy", "Retry-After: 0")
    else:
        peer.answer()


def not_modified(peer: Peer) -> None:
    if peer.headers.get("if-none-match") == '"one"':
        peer.send(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
    else:
        peer.answer(200, PAGE, 'ETag: "one"')


def redirect(target: str, code: int = 302) -> Answer:
    return lambda peer: peer.answer(code, b"", f"Location: {target}")


PAGES: dict[str, tuple[Answer, str]] = {
    "/no-content": (status(204), "odd_status"),
    "/reset-content": (status(205), "odd_status"),
    "/partial": (status(206), "odd_status"),
    "/several-choices": (status(300), "odd_status"),
    "/not-modified-unasked": (lambda p: p.send(b"HTTP/1.1 304 No\r\nConnection: close\r\n\r\n"), "not_modified"),
    "/bad-request": (status(400), "client_error"),
    "/unauthorized": (status(401, 'WWW-Authenticate: Basic realm="x"'), "unauthorized"),
    "/pay": (status(402), "client_error"),
    "/forbidden": (status(403), "forbidden"),
    "/missing": (status(404), "not_found"),
    "/request-timeout": (status(408), "timeout"),
    "/gone": (status(410), "gone"),
    "/teapot": (status(418), "client_error"),
    "/too-many": (status(429), "rate_limited"),
    "/too-many-for-an-hour": (status(429, "Retry-After: 3600"), "rate_limited"),
    "/legal-reasons": (status(451), "client_error"),
    "/error": (status(500), "server_error"),
    "/bad-gateway": (status(502), "server_error"),
    "/unavailable": (status(503), "unavailable"),
    "/unavailable-until-a-date": (status(503, "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"), "unavailable"),
    "/gateway-timeout": (status(504), "server_error"),
    "/odd-status": (status(999), "odd_status"),
    "/slow-drip": (slow_drip, "timeout"),
    "/slow-headers": (slow_headers, "timeout"),
    "/silent": (silent, "timeout"),
    "/reset": (reset, "connection_failed"),
    "/closed": (lambda p: p.socket.close(), "protocol_error"),
    "/half-a-body": (half_a_body, "cut_short"),
    "/length-too-large": (lambda p: p.answer(200, PAGE, length=len(PAGE) + 9), "cut_short"),
    "/length-too-small": (lambda p: p.answer(200, PAGE, length=len(PAGE) - 9), "ok"),
    "/length-negative": (lambda p: p.answer(200, PAGE, length=-5), "protocol_error"),
    "/garbage": (lambda p: p.send(b"\x00\x01\x02 what is this\r\n\r\n"), "protocol_error"),
    "/broken-chunks": (broken_chunks, "cut_short"),
    "/cut-chunks": (cut_chunks, "cut_short"),
    "/endless": (endless, "too_large"),
    "/endless-headers": (endless_headers, "protocol_error"),
    "/bomb": (bomb, "expands_too_far"),
    "/packed": (packed, "ok"),
    "/raw-deflate": (raw_deflate, "ok"),
    "/cut-gzip": (cut_gzip, "cut_short"),
    "/no-gzip": (lambda p: p.answer(200, PAGE, "Content-Encoding: gzip"), "bad_encoding"),
    "/brotli": (lambda p: p.answer(200, b"\x0b\x02\x80", "Content-Encoding: br"), "unknown_encoding"),
    "/twice-gzip": (twice_gzip, "unknown_encoding"),
    "/wrong-charset": (lambda p: p.answer(200, PAGE, "Content-Type: text/html; charset=utf-99"), "ok"),
    "/empty": (lambda p: p.answer(200, b""), "empty_body"),
    "/blank": (lambda p: p.answer(200, b" \n\t "), "empty_body"),
    "/better-later": (better_later, "ok"),
    "/no-location": (status(302), "redirect_refused"),
    "/loop": (redirect("/loop-back"), "redirect_loop"),
    "/loop-back": (redirect("/loop"), "redirect_loop"),
    "/to-metadata": (redirect("http://169.254.169.254/latest/meta-data/"), "address_refused"),
    "/to-loopback-name": (redirect("http://localhost:9/"), "address_refused"),
    "/to-private": (redirect("http://10.0.0.1/"), "address_refused"),
    "/to-mapped-loopback": (redirect("http://[::ffff:127.0.0.1]/"), "address_refused"),
    "/to-decimal-loopback": (redirect("http://2130706434/"), "address_refused"),
    "/to-file": (redirect("file:///etc/passwd"), "redirect_refused"),
    "/to-script": (redirect("javascript:alert(1)"), "redirect_refused"),
    "/to-user": (redirect("http://user:secret@example.com/"), "bad_address"),
    "/to-nowhere": (redirect("http://[broken/"), "redirect_refused"),
    "/to-unknown-name": (redirect("http://no-such-host.invalid/"), "name_unknown"),
    "/chain-0": (redirect("/chain-1"), "redirect_limit"),
    "/moved": (redirect("/packed", 308), "ok"),
}
PAGES |= {f"/chain-{number}": (redirect(f"/chain-{number + 1}"), "redirect_limit") for number in range(1, 9)}
NAMED = {path: pair for path, pair in PAGES.items() if not path.startswith("/chain-") or path == "/chain-0"}
