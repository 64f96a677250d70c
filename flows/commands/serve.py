"""The commands that show things in a browser: the ledger, and the archive of briefs."""

from __future__ import annotations

import socket
import webbrowser
from typing import Annotated, Any

import typer

from flows.commands.frame import command, console, ledger_in_force, settings_in_force
from flows.now import utc_text
from megawatch.errors import SettingsError

PANEL = "Ask the ledger"

Host = Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 shows it to the network.")]
Port = Annotated[int, typer.Option(help="Port to listen at; 0 takes a free one.")]
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, panel=PANEL, examples=("megawatch serve", "megawatch serve --port 8001 --open"))(serve)
    command(app, panel="The brief", examples=("megawatch web", "megawatch web --host 0.0.0.0 --port 8080"))(web)


def serve(host: Host = "127.0.0.1", port: Port = 8001, open_browser: Open = False) -> None:
    """Browse the ledger: a page for each deal, search, market sheets, Datasette, and the briefs; for reading alone."""
    from flows.web import make_app

    settings = settings_in_force()
    archive = settings.briefs / "archive"
    archive.mkdir(parents=True, exist_ok=True)
    with ledger_in_force() as ledger:
        app = make_app(ledger, home=settings.home, archive=archive)
        _run(app, host, port, "The ledger", open_browser=open_browser)


def web(host: Host = "127.0.0.1", port: Port = 8002, open_browser: Open = False) -> None:
    """Serve the archive of briefs and the page on which readers leave; the setting site leads here."""
    from megawatch.briefs.unsubscribe import make_app
    from megawatch.ledger import open_ledger
    from megawatch.ledger.deliveries import Subscribers

    settings = settings_in_force()
    if not settings.unsubscribe_secret:
        raise SettingsError("Set unsubscribe_secret to at least 16 characters: it signs the links for leaving.")
    archive = settings.briefs / "archive"
    archive.mkdir(parents=True, exist_ok=True)

    def remove(address: str) -> bool:
        with open_ledger(settings.ledger_url) as ledger:
            return Subscribers(ledger).remove(address, at=utc_text())

    app = make_app(key=settings.unsubscribe_secret, remove=remove, archive=archive)
    _run(app, host, port, "The archive", open_browser=open_browser)


def _run(app: Any, host: str, port: int, what: str, *, open_browser: bool) -> None:
    import uvicorn

    with _listen(host, port) as sock:
        address = f"http://{host}:{sock.getsockname()[1]}/"
        console.print(f"{what} is at {address} (Ctrl+C ends it).", highlight=False)
        if open_browser:
            webbrowser.open(address)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[sock])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise SettingsError(f"Port {port} of {host} cannot be had ({error.strerror}): give another --port.") from error
