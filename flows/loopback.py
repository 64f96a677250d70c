"""The bundled outlets, served over real HTTP on a free port of this machine for as long as a run lasts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

SHELVES = ("feeds", "articles", "filings")


class _Handler(SimpleHTTPRequestHandler):
    """Answers ``/<host>/<path>`` with that file of the first shelf that has it; knows If-Modified-Since."""

    server: _Server
    extensions_map = {  # noqa: RUF012 - the name and form are those of the base class
        ".html": "text/html; charset=utf-8",
        ".htm": "text/html; charset=utf-8",
        ".json": "application/json",
        ".xml": "application/xml; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        "": "application/octet-stream",
    }

    def translate_path(self, path: str) -> str:
        """The file of one request; a path that leads outside the shelves leads nowhere."""
        clean = posixpath.normpath("/" + unquote(urlsplit(path).path)).lstrip("/")
        candidates = [self.server.folder / shelf / clean for shelf in SHELVES]
        found = next((str(candidate) for candidate in candidates if candidate.exists()), str(candidates[0]))
        return found + "/" if path.endswith("/") else found

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so in the base class
        """Say nothing: the run's own account names what failed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder


def hosts_of(folder: Path) -> tuple[str, ...]:
    """The hosts whose pages a folder of documents holds: the names of the folders below its shelves."""
    return tuple(sorted({path.name for shelf in SHELVES for path in (folder / shelf).glob("*") if path.is_dir()}))


@contextmanager
def serve_documents(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the shelves of ``folder`` and give, for each host's address, the address to fetch it from instead.

    The server ends with the block. Stored documents keep the addresses of their hosts; the port enters nowhere.
    """
    server = _Server(folder)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield {f"https://{host}": f"http://127.0.0.1:{server.server_port}/{host}" for host in hosts_of(folder)}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
