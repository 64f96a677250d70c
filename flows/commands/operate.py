"""Commands for whoever runs Megawatch: settings, a look at everything, the schedule, backups."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from flows.commands.frame import (
    PART_FAILED,
    bar,
    check_day,
    command,
    console,
    end,
    print_json,
    print_problems,
    print_rows,
    settings_in_force,
)
from flows.progress import tell
from flows.quiet import set_up_prefect
from megawatch.errors import SettingsError
from megawatch.settings import FILE, FILE_VARIABLE, PREFIX, Settings, show_settings

if TYPE_CHECKING:
    from flows.plan import Plan, Read

PANEL = "Operate"
BATCH = 50

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
    command(
        app,
        panel=PANEL,
        examples=(
            "megawatch backfill archive.jsonl --published 2026-05-01",
            "megawatch backfill --workers 4",
            "megawatch backfill --scheduler tcp://10.0.0.5:8786",
        ),
    )(backfill)
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
    """Serve the schedule until it is stopped: sources every half hour, the brief of the week that is over by --cron.

    Runs are kept by the Prefect server that PREFECT_API_URL names; without one, a server is started here.
    """
    settings = settings_in_force()
    cron, timezone = cron or settings.schedule, timezone or settings.timezone
    _pass_on(settings)
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
    told = (
        f"Serving watch (every half hour) and weekly ({cron}, {timezone}); runs are shown at {page} (Ctrl+C ends it)."
    )
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


def _pass_on(settings: Settings) -> None:
    """Let processes that a schedule starts, wherever they start, find the same settings."""
    os.environ[f"{PREFIX}HOME"] = str(settings.home.resolve())
    if FILE_VARIABLE not in os.environ and Path(FILE).is_file():
        os.environ[FILE_VARIABLE] = str(Path(FILE).resolve())


def backfill(
    path: Annotated[Path | None, typer.Argument(help="A folder or file to store first; else what is stored.")] = None,
    published: Annotated[str, typer.Option(help="Date of the documents that have none of their own.")] = "",
    workers: Annotated[int, typer.Option(min=0, help="Dask processes here; 0 reads in this process.")] = 0,
    scheduler: Annotated[str, typer.Option(help="A Dask cluster instead, as tcp://10.0.0.5:8786.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read an archive, or all that is stored after the extractors changed; cut off, it goes on where it stopped.

    Files count as known from their own date. Workers must see the home under the same path.
    """
    from flows.plan import Ingested, Plan
    from flows.steps import settle_deals, store_folder

    check_day(published)
    settings, plan = settings_in_force(), Plan(undated=published)
    stored = store_folder(path, plan) if path else Ingested()
    _pass_on(settings)
    with bar():
        read = _read_parts(settings, plan, workers=workers, scheduler=scheduler)
        touched = settle_deals()
    problems = (*stored.problems, *read.problems)
    if as_json:
        print_json({"stored": asdict(stored), "read": asdict(read), "deals": touched})
    else:
        print_problems(problems)
        told = f"{stored.stored} documents stored anew, {read.documents} read, {read.deals} mentions of deals"
        console.print(f"{told}, {touched} deals settled.", highlight=False)
    end(problems)


def _read_parts(settings: Settings, plan: Plan, *, workers: int, scheduler: str) -> Read:
    from flows.plan import Read
    from flows.steps import read_documents, unread

    if not workers and not scheduler:
        ids, found = unread(plan), Read()
        for start in range(0, len(ids), BATCH):
            found += read_documents(ids[start : start + BATCH], plan)
            tell("Reading documents", min(start + BATCH, len(ids)), len(ids))
        return found
    set_up_prefect(settings.home)
    try:
        from flows.backfill_flow import run_backfill
    except ModuleNotFoundError as error:
        raise SettingsError(f"A cluster needs {error.name}: pip install 'megawatch[dask]'.") from error
    return run_backfill(plan, scheduler=scheduler, workers=workers)


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
