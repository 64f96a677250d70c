"""The command that reads a whole archive, here or on a cluster."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.frame import (
    bar,
    check_day,
    command,
    console,
    end,
    print_json,
    print_problems,
    settings_in_force,
)
from flows.commands.operate import pass_on
from flows.quiet import set_up_prefect
from megawatch.errors import SettingsError

if TYPE_CHECKING:
    from flows.parts import Stored
    from flows.plan import Plan, Read
    from megawatch.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel="Operate",
        examples=(
            "megawatch backfill archive.jsonl --published 2026-05-01",
            "megawatch backfill crawl/ --workers 4",
            "megawatch backfill --scheduler tcp://10.0.0.5:8786",
        ),
    )(backfill)


def backfill(
    path: Annotated[
        Path | None, typer.Argument(help="JSON lines, WARC, a file or a folder to store first; else what is stored.")
    ] = None,
    published: Annotated[str, typer.Option(help="Date of the documents that have none of their own.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Store also what holds no word of this market, or is not in English.")
    ] = False,
    workers: Annotated[int, typer.Option(min=0, help="Dask processes here; 0 reads in this process.")] = 0,
    scheduler: Annotated[str, typer.Option(help="A Dask cluster instead, as tcp://10.0.0.5:8786.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Read an archive, or all that is stored after the extractors changed; cut off, it goes on where it stopped.

    Files count as known from their own date, pages of a WARC from when they were fetched. Workers must see archive and
    home under the same paths.
    """
    from flows.plan import Plan
    from flows.steps import settle_deals

    check_day(published)
    settings, plan = settings_in_force(), Plan(undated=published)
    pass_on(settings)
    with bar():
        stored, read = _read(settings, plan, path, everything=everything, workers=workers, scheduler=scheduler)
        touched = settle_deals()
    problems = (*stored.problems, *read.problems)
    if as_json:
        print_json({"stored": asdict(stored), "read": asdict(read), "deals": touched})
    else:
        print_problems(problems)
        aside = f" ({stored.aside} of {stored.items} set aside)" if stored.items else ""
        told = f"{stored.stored} documents stored anew{aside}, {read.documents} read, {read.deals} mentions of deals"
        console.print(f"{told}, {touched} deals settled.", highlight=False)
    end(problems)


def _read(
    settings: Settings, plan: Plan, path: Path | None, *, everything: bool, workers: int, scheduler: str
) -> tuple[Stored, Read]:
    from flows.parts import Stored, read_store, store_archive

    if not workers and not scheduler:
        stored = store_archive(path, plan, everything=everything) if path else Stored()
        return stored, read_store(plan)
    set_up_prefect(settings.home)
    try:
        from flows.backfill_flow import run_backfill
    except ModuleNotFoundError as error:
        raise SettingsError(f"A cluster needs {error.name}: pip install 'megawatch[dask]'.") from error
    archive = str(path.resolve()) if path else ""
    return run_backfill(plan, archive=archive, everything=everything, scheduler=scheduler, workers=workers)
