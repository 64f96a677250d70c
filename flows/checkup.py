"""A look at everything that a run needs, each with what to do where it is amiss."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.error import URLError
from urllib.request import urlopen

from flows.now import utc_now
from flows.sending import smtp_settings
from flows.steps import catalog_of
from megawatch.errors import MegawatchError
from megawatch.ledger import open_ledger
from megawatch.settings import Settings
from megawatch.sources.store import DocumentStore

LEAST_FREE_BYTES = 1_000_000_000
FIRST_YEAR = 2026
SILENT_HOURS = 3
"""How long a served schedule, which asks the sources every half hour, may be silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: ``state`` is ``ok``, ``not set`` (allowed, and what is missed without it) or ``amiss``."""

    what: str
    state: str
    detail: str


def check_up(settings: Settings) -> Iterator[Finding]:
    """Look at settings, home, disk, clock, ledger, store, Prefect, mail, sources, runs and backup."""
    for what, look in _LOOKS.items():
        try:
            state, detail = look(settings)
        except (MegawatchError, OSError) as error:
            state, detail = "amiss", str(error)
        yield Finding(what=what, state=state, detail=detail)


def _settings(settings: Settings) -> tuple[str, str]:
    places = sorted({origin for origin in settings.origins.values() if origin != "default"})
    return "ok", f"from {', '.join(places)}" if places else "all as they come; `megawatch config` lists them"


def _home(settings: Settings) -> tuple[str, str]:
    settings.home.mkdir(parents=True, exist_ok=True)
    probe = settings.home / ".written"
    probe.write_text("", encoding="ascii")
    probe.unlink()
    return "ok", f"{settings.home.resolve()} can be written"


def _disk(settings: Settings) -> tuple[str, str]:
    free = shutil.disk_usage(settings.home).free
    told = f"{free / 1e9:.1f} GB free"
    return ("ok", told) if free >= LEAST_FREE_BYTES else ("amiss", f"{told}: make room, a run needs 1 GB")


def _clock(_: Settings) -> tuple[str, str]:
    now = utc_now()
    told = now.isoformat(timespec="seconds")
    return ("ok", told) if now.year >= FIRST_YEAR else ("amiss", f"{told}: set the clock, dates of documents go by it")


def _ledger(settings: Settings) -> tuple[str, str]:
    from megawatch.ledger.queries import run_query

    with open_ledger(settings.ledger_url) as ledger:
        count = run_query(ledger, "select count(*) from deals").rows[0][0]
    return "ok", f"{count} deals, schema up to date"


def _store(settings: Settings) -> tuple[str, str]:
    with DocumentStore(settings.store) as store:
        return "ok", f"{store.count()} documents"


def _prefect(_: Settings) -> tuple[str, str]:
    from importlib.metadata import version

    told, address = f"Prefect {version('prefect')}", os.environ.get("PREFECT_API_URL", "")
    if not address:
        return "ok", f"{told}; without PREFECT_API_URL each run starts a server of its own"
    try:
        with urlopen(f"{address.rstrip('/')}/health", timeout=5) as answer:
            return ("ok" if answer.status == 200 else "amiss"), f"{told}; {address} answers {answer.status}"
    except (URLError, OSError, ValueError) as error:
        return "amiss", f"{told}; {address} does not answer ({error}): start it, or unset PREFECT_API_URL"


def _mail(settings: Settings) -> tuple[str, str]:
    if not settings.smtp_host:
        return "not set", "smtp_host: without it no brief is mailed"
    smtp = smtp_settings(settings)
    where = f"{smtp.host}:{smtp.port}"
    try:
        with socket.create_connection((smtp.host, smtp.port), timeout=10) as line:
            # A server that expects TLS from the start waits for the client; the others greet with 220.
            greeting = b"" if smtp.security == "tls" else line.recv(200)
    except OSError as error:
        return "amiss", f"{where} does not answer ({error}): correct smtp_host or smtp_port"
    if smtp.security != "tls" and not greeting.startswith(b"220"):
        return "amiss", f"{where} does not greet as a mail server: look whether smtp_security should be tls"
    return "ok", f"{where} answers"


def _contact(settings: Settings) -> tuple[str, str]:
    if settings.contact:
        return "ok", settings.contact
    return "not set", "contact: without a mail address or page the SEC's filings are not asked for"


def _sources(settings: Settings) -> tuple[str, str]:
    specs = catalog_of(settings)
    enabled = [spec for spec in specs if spec.enabled]
    if not enabled:
        return "amiss", "no source is enabled: `megawatch sources add` one, or set catalog to bundled"
    return "ok", f"{len(enabled)} of {len(specs)} enabled; `megawatch sources check` tries them"


def _runs(settings: Settings) -> tuple[str, str]:
    from megawatch.ledger.queries import list_source_health

    since = (utc_now() - timedelta(hours=SILENT_HOURS)).isoformat(timespec="seconds")
    with open_ledger(settings.ledger_url) as ledger:
        asked = list_source_health(ledger, since=since)
    if asked:
        return "ok", f"{len({row.source_id for row in asked})} sources asked in the last {SILENT_HOURS} hours"
    if not os.environ.get("PREFECT_API_URL"):
        return "not set", f"no source asked in the last {SILENT_HOURS} hours; `megawatch schedule` asks them regularly"
    return "amiss", f"no source asked in the last {SILENT_HOURS} hours: is `megawatch schedule`, or a worker, running?"


def _backup(settings: Settings) -> tuple[str, str]:
    if settings.ledger_url.startswith("sqlite:///"):
        return "ok", "`megawatch backup FILE` copies everything"
    program = shutil.which("pg_dump")
    if program is None:
        return "amiss", "pg_dump is not installed: `megawatch backup` needs PostgreSQL's client programs"
    with open_ledger(settings.ledger_url) as ledger, ledger.read() as connection:
        server = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0) // 10000
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    own = int(found.group(1)) if (found := re.search(r"(\d+)[.\d]*", told)) else 0
    if own < server:
        return "amiss", f"pg_dump {own} cannot copy a server {server}: install PostgreSQL's client programs {server}"
    return "ok", f"pg_dump {own} for a server {server}"


_LOOKS: dict[str, Callable[[Settings], tuple[str, str]]] = {
    "settings": _settings,
    "home": _home,
    "disk": _disk,
    "clock": _clock,
    "ledger": _ledger,
    "store": _store,
    "prefect": _prefect,
    "mail": _mail,
    "contact": _contact,
    "sources": _sources,
    "runs": _runs,
    "backup": _backup,
}
