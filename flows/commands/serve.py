"""The command that shows the ledger in a browser."""

from __future__ import annotations

import socket
import webbrowser
from typing import Annotated

import typer

from flows.commands.frame import command, console, ledger_in_force
from megawatch.errors import SettingsError

PANEL = "Ask the ledger"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, panel=PANEL, examples=("megawatch serve", "megawatch serve --port 8001 --open"))(serve)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 shows it to the network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at; 0 takes a free one.")] = 8001,
    open_browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Browse the ledger in Datasette: tables, facets, SQL and exports, for reading alone."""
    import uvicorn

    from flows.datasette_app import make_app

    with ledger_in_force() as ledger:
        path = ledger.path
    if path is None:
        raise SettingsError("Datasette shows a SQLite ledger: `megawatch export` makes one of a PostgreSQL ledger.")
    with _listen(host, port) as sock:
        address = f"http://{host}:{sock.getsockname()[1]}/"
        console.print(f"The ledger is at {address} (Ctrl+C ends it).", highlight=False)
        if open_browser:
            webbrowser.open(address)
        uvicorn.Server(uvicorn.Config(make_app(path), log_level="warning")).run(sockets=[sock])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise SettingsError(f"Port {port} of {host} cannot be had ({error.strerror}): give another --port.") from error
