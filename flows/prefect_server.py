"""A Prefect server of our own on this machine, for a schedule that was given none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from megawatch.errors import SettingsError

START_S = 120.0


@contextmanager
def own_server(*, port: int = 0, meanwhile: Callable[[], object] | None = None) -> Iterator[str]:
    """Start a Prefect server on loopback and give its API address, until the block ends.

    ``meanwhile`` is called while the server starts, which takes some seconds. The server's database lies in
    PREFECT_HOME; this process and those it starts find the server by PREFECT_API_URL. Raises SettingsError where it
    does not answer within two minutes.
    """
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = os.environ.get("PREFECT_API_URL")
    try:
        # Set before Prefect is imported: it reads its settings once.
        os.environ["PREFECT_API_URL"] = address
        if meanwhile is not None:
            meanwhile()
        _wait(server, address)
        yield address
    finally:
        if before is None:
            os.environ.pop("PREFECT_API_URL", None)
        else:
            os.environ["PREFECT_API_URL"] = before
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise SettingsError("Prefect's server did not start; `prefect server start` says why. Or set PREFECT_API_URL.")
