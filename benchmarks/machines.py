"""What a day on a server needs beside Megawatch: a database, Prefect's server, an outlet, a mailbox, a small disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from aiosmtpd.controller import Controller

PATIENCE_S = 120.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(look: Callable[[], object], what: str, *, seconds: float = PATIENCE_S) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if look():
            return
        time.sleep(0.3)
    raise RuntimeError(f"{what} did not come within {seconds:.0f} s")


class Postgres:
    """A PostgreSQL of Debian's kind in a folder, since Prefect's database wants the extension pg_trgm."""

    def __init__(self, folder: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise RuntimeError("a day on a server needs PostgreSQL's programs: apt-get install postgresql")
        self._bin, self._data, self.port = found[-1].parent, folder / "data", free_port()
        folder.mkdir(mode=0o777)
        # The database does not run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", str(self._data), "-U", "megawatch", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        for name in ("megawatch", "prefect"):
            self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "megawatch", name)

    def url(self, name: str, *, scheme: str = "postgresql") -> str:
        return f"{scheme}://megawatch@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._data}"
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-l", f"{self._data}.log", "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self._data))

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        subprocess.run(command, check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL)


class Program:
    """A program that is started again, as by systemd's ``Restart=on-failure``, until it is stopped."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path, *, again_s: float = 3.0) -> None:
        self._command, self._environment, self._log, self._again_s = command, environment, log, again_s
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def start(self) -> None:
        with self._lock:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command, env=dict(self._environment), stdout=log, stderr=subprocess.STDOUT
                )
            self._wanted.set()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        with self._lock:
            self._wanted.clear()
            process = self._process
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _watch(self) -> None:
        while True:
            self._wanted.wait()
            process = self._process
            if process is not None and process.poll() is not None:
                time.sleep(self._again_s)
                if self._wanted.is_set():
                    self.restarts += 1
                    self.start()
            time.sleep(0.2)


def prefect_server(port: int, environment: Mapping[str, str], log: Path) -> Program:
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    return Program(command, environment, log)


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


class Outlet:
    """A news outlet on loopback: a feed that grows, and a second host that for a while answers nothing."""

    HOST, SILENT = "outlet.example", "silent.example"

    def __init__(self, write: Callable[[int], tuple[str, str]]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._pages: dict[str, tuple[str, str, datetime]] = {}
        self._awake = threading.Event()
        self._awake.set()
        outlet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                # Whoever waited in vain has gone.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    outlet._answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so in the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def mirror(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self._server.server_port}"
        return {f"https://{host}": f"{address}/{host}" for host in (self.HOST, self.SILENT)}

    def publish(self) -> None:
        with self._lock:
            number = len(self._pages)
            self._pages[f"/{self.HOST}/{number}.html"] = (*self._write(number), datetime.now(UTC))

    def addresses(self) -> set[str]:
        with self._lock:
            return {f"https:/{path}" for path in self._pages}

    def fall_silent(self) -> None:
        self._awake.clear()

    def wake(self) -> None:
        self._awake.set()

    def close(self) -> None:
        self.wake()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path.startswith(f"/{self.SILENT}") and "robots" not in request.path:
            self._awake.wait()
        body = self._body(request.path)
        request.send_response(200 if body else 404)
        request.send_header("Content-Type", "application/xml" if request.path.endswith(".xml") else "text/html")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _body(self, path: str) -> bytes:
        with self._lock:
            pages = dict(self._pages)
        if path.endswith("/feed.xml"):
            own = {} if self.SILENT in path else pages
            items = "".join(
                f"<item><title>{title}</title><link>https:/{where}</link><pubDate>{format_datetime(at)}</pubDate></item>"
                for where, (title, _, at) in own.items()
            )
            return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()
        if path not in pages:
            return b""
        title, text, at = pages[path]
        paragraphs = "".join(f"<p>{one}</p>" for one in text.split("\n"))
        meta = f'<meta property="article:published_time" content="{at.isoformat()}">'
        return (
            f"<html><head><title>{title}</title>{meta}</head>"
            f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        ).encode()


class Mailbox:
    """A mail server on loopback that counts what it takes by reader and Message-ID."""

    def __init__(self) -> None:
        self.letters: Counter[tuple[str, str]] = Counter()
        self.subjects: dict[str, str] = {}
        self.port = free_port()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)
        self._server.start()

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        for reader in envelope.rcpt_tos:
            self.letters[reader, str(message["Message-ID"])] += 1
        self.subjects[str(message["Message-ID"])] = str(message["Subject"])
        return "250 OK"

    def told(self, reader: str) -> list[str]:
        """The subjects of what a reader got, as often as it came."""
        return [self.subjects[key] for (who, key), count in self.letters.items() if who == reader for _ in range(count)]

    def close(self) -> None:
        self._server.stop()


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[bool]:
    """A folder on a file system of its own of so many megabytes; False where nobody may make one here."""
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=False
        ).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Fill the file system of a folder to the last byte for as long as the block lasts."""
    filler = folder / ".filler"
    try:
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"\0" * 4_096)
        yield
    finally:
        filler.unlink(missing_ok=True)
