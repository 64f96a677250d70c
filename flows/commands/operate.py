"""Commands for whoever runs Megawatch: settings, a look at everything, the schedule, backups."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from flows.commands.frame import (
    PART_FAILED,
    command,
    console,
    print_json,
    print_rows,
    settings_in_force,
)
from flows.quiet import set_up_prefect
from megawatch.errors import SettingsError
from megawatch.settings import FILE, FILE_VARIABLE, PREFIX, Settings, show_settings

PANEL = "Operate"

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Archive = Annotated[Path, typer.Argument(help="A file, as megawatch-2026-05-24.tar.gz.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, name="config", panel=PANEL, examples=("megawatch config", "megawatch config --json"))(show_config)
    command(app, panel=PANEL, examples=("megawatch doctor",))(doctor)
    command(
        app,
        panel=PANEL,
        examples=("megawatch schedule", 'megawatch schedule --cron "0 6 * * 1" --timezone Europe/Berlin'),
    )(schedule)
    command(app, panel=PANEL, examples=("megawatch backup megawatch.tar.gz",))(backup)
    command(app, panel=PANEL, examples=("megawatch --home restored restore megawatch.tar.gz",))(restore)


def show_config(as_json: AsJson = False) -> None:
    """Show every setting in force and where its value comes from; secrets are masked."""
    shown = [asdict(row) for row in show_settings(settings_in_force())]
    if as_json:
        print_json(shown)
        return
    rows = [{**row, "meaning": row["text"]} for row in shown]
    print_rows(rows, columns=("name", "value", "origin", "meaning"))


def doctor(as_json: AsJson = False) -> None:
    """Look at settings, disk, clock, ledger, store, Prefect, mail and sources, and say what to do."""
    from flows.checkup import check_up

    rows = [asdict(found) for found in check_up(settings_in_force())]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, columns=("what", "state", "detail"))
    if any(row["state"] == "amiss" for row in rows):
        raise typer.Exit(PART_FAILED)


def schedule(
    cron: Annotated[str, typer.Option(help="When the weekly brief runs, in five fields; the setting schedule.")] = "",
    timezone: Annotated[str, typer.Option(help="In which zone; the setting timezone.")] = "",
) -> None:
    """Serve the schedule until stopped: news each half hour, filings hourly, the brief by --cron, a check each night.

    Runs are kept by the Prefect server that PREFECT_API_URL names; without one, a server is started here.
    """
    settings = settings_in_force()
    cron, timezone = cron or settings.schedule, timezone or settings.timezone
    pass_on(settings)
    set_up_prefect(settings.home)
    _check(cron, timezone)
    from flows.prefect_server import own_server
    from flows.serve_flow import serve_schedule

    if address := os.environ.get("PREFECT_API_URL"):
        _announce(address, cron, timezone)
        serve_schedule(cron=cron, timezone=timezone)
        return
    with own_server() as address:
        _announce(address, cron, timezone)
        serve_schedule(cron=cron, timezone=timezone)


def _announce(address: str, cron: str, timezone: str) -> None:
    page = address.removesuffix("/api")
    told = f"Serving watch (every half hour), filings (hourly), weekly ({cron}, {timezone}) and verify (each night)"
    told += f"; runs are shown at {page} (Ctrl+C ends it)."
    console.print(told, highlight=False, soft_wrap=True)


def _check(cron: str, timezone: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule
    from pydantic import ValidationError

    try:
        ZoneInfo(timezone)
    except (KeyError, OSError, ValueError) as error:
        raise SettingsError(f"--timezone {timezone!r} is unknown; write it as Europe/Berlin.") from error
    try:
        CronSchedule(cron=cron, timezone=timezone)
    except ValidationError as error:
        raise SettingsError(f"--cron {cron!r} is not five cron fields; write it as '0 6 * * 1'.") from error


def pass_on(settings: Settings) -> None:
    """Let processes that a schedule starts, wherever they start, find the same settings."""
    os.environ[f"{PREFIX}HOME"] = str(settings.home.resolve())
    if FILE_VARIABLE not in os.environ and Path(FILE).is_file():
        os.environ[FILE_VARIABLE] = str(Path(FILE).resolve())


def backup(path: Archive) -> None:
    """Copy ledger, documents, sources and briefs into one file; a run may go on meanwhile."""
    from flows.backups import backup as write_backup

    size = write_backup(settings_in_force(), path)
    console.print(f"{path}: {size / 1e6:.1f} MB", highlight=False, soft_wrap=True)


def restore(path: Archive) -> None:
    """Put a backup back into a home that holds no ledger and no documents."""
    from flows.backups import restore as put_back

    settings = settings_in_force()
    put_back(settings, path)
    console.print(f"{settings.home} holds what {path} held; `megawatch verify` checks it.", highlight=False)
