"""Commands that do the job: the whole of it, or one step."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.figures import DEAL_COLUMNS, DEAL_NUMBERS, deal_cells
from flows.commands.frame import (
    bar,
    check_day,
    command,
    console,
    counted,
    end,
    ledger_in_force,
    print_json,
    print_problems,
    print_rows,
    settings_in_force,
)
from flows.progress import tell
from megawatch.errors import SettingsError

if TYPE_CHECKING:
    from flows.plan import Account, Plan
    from megawatch.settings import Settings

PANEL = "Do the job"
BUNDLED_NOW = "2026-05-24T18:00:00+00:00"
"""When the bundled documents were all out: their sources are asked as if it were then, on any day."""

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel=PANEL,
        examples=("megawatch run", "megawatch --home /tmp/mine run --input my-articles --published 2026-06-02"),
    )(run)
    command(app, panel=PANEL, examples=("megawatch ingest", "megawatch ingest --only applied-digital --json"))(ingest)
    command(app, panel=PANEL, examples=("megawatch reconcile", "megawatch reconcile --anew"))(reconcile)


def run(
    folder: Annotated[
        Path | None, typer.Option("--input", help="A folder (or file) of .txt, .html, .jsonl, .pdf, .eml instead.")
    ] = None,
    published: Annotated[str, typer.Option(help="Date of the documents that have none of their own.")] = "",
    as_json: AsJson = False,
) -> None:
    """Do the whole job once: ingest, extract, record, reconcile, and write the week's brief.

    Without --input, on the documents that come with Megawatch, which are served over HTTP on this machine. Running it
    again changes nothing.
    """
    from flows.quiet import set_up_prefect

    check_day(published)
    settings = settings_in_force()
    set_up_prefect(settings.home)
    _try_home(settings)
    with bar("Starting Prefect"):
        account = _run_flow(folder, published)
    _tell(account, as_json=as_json)
    end(account.problems)


def _try_home(settings: Settings) -> None:
    """Open ledger and store before anything starts, so that one clear line says what is wrong with them."""
    from flows.steps import open_store

    with ledger_in_force(must_exist=False), open_store(settings):
        return


def _run_flow(folder: Path | None, published: str) -> Account:
    from flows.loopback import serve_documents
    from flows.plan import Plan
    from megawatch.resources import bundled

    if folder is not None:
        if not folder.exists():
            raise SettingsError(f"{folder}: there is no such file or folder.")
        return _run_weekly(Plan(clock="published", undated=published), str(folder))
    fixtures = bundled("fixtures")
    with serve_documents(fixtures) as mirror:
        plan = Plan(sources=str(fixtures / "sources"), mirror=mirror, now=BUNDLED_NOW, clock="published")
        return _run_weekly(plan, "")


def _run_weekly(plan: Plan, folder: str) -> Account:
    from flows.prefect_server import own_server

    server = nullcontext() if "PREFECT_API_URL" in os.environ else own_server(meanwhile=_load)
    with server:
        from flows.weekly_flow import weekly

        return weekly(plan, folder)


def _load() -> None:
    """Import and build what a run needs, which takes about as long as a server does to start."""
    from extractors.pipeline import build_pipeline
    from flows.steps import reader_of

    build_pipeline(reader_of(settings_in_force()))


def _tell(account: Account, *, as_json: bool) -> None:
    from megawatch.ledger.queries import run_query

    with ledger_in_force() as ledger:
        rows = run_query(ledger, "select * from deals order by total_value_usd is null, total_value_usd desc")
    found = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows]
    if as_json:
        print_json({**asdict(account), "deals": found})
        return
    if found:
        print_rows([deal_cells(row) for row in found], columns=DEAL_COLUMNS, right=DEAL_NUMBERS)
    print_problems(account.problems)
    implied = (row["deal_id"] for row in found if row["implied_usd_per_gpu_hour"] is not None)
    _tell_summary(account, str(next(implied, ""))[:8])


def _tell_summary(account: Account, example: str) -> None:
    took, read, edition = account.ingested, account.read, account.edition
    _say(
        f"\n{counted(took.sources, 'source')} asked, {counted(took.items, 'item')}, {took.stored} stored anew; "
        f"{counted(read.deals, 'mention')} of deals, {counted(read.prices, 'price')}, "
        f"{counted(read.claims, 'claim')}, {counted(read.leftovers, 'figure')} left over; "
        f"{counted(account.touched, 'deal')} settled; "
        f"{counted(len(account.problems), 'problem')}."
    )
    if edition.folder:
        _say(f"\nThe brief of week {edition.week}:  {edition.folder}/brief.html  (and .txt, .md, .eml)")
    program = _program()
    _say(f'Ask the ledger:  {program} query "select supplier, customer, monthly_payment_usd from deals"')
    if example:
        _say(f"Why a figure:    {program} explain {example} implied_usd_per_gpu_hour")
    _say(f"Browse it:       {program} serve")


def _program() -> str:
    """What to type for this program: its path where the shell would not find it by name."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "megawatch" and not shutil.which("megawatch") else "megawatch"


def _say(words: str) -> None:
    console.print(words, highlight=False, markup=False, soft_wrap=True)


def ingest(
    only: Annotated[str, typer.Option(help="One source alone, by its id.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask the sources once and store what is new; `megawatch extract` reads it."""
    from flows.plan import Ingested, Plan
    from flows.steps import collect_source, sources_of

    settings, plan = settings_in_force(), Plan()
    ids = [spec.id for spec in sources_of(plan, settings) if only in ("", spec.id)]
    if not ids:
        raise SettingsError(f"There is no enabled source {only!r}; `megawatch sources list` shows them.")
    found = Ingested()
    with bar():
        for done, source in enumerate(ids, start=1):
            found += collect_source(source, plan)
            tell("Asking sources", done, len(ids))
    if as_json:
        print_json(asdict(found))
    else:
        print_problems(found.problems)
        console.print(f"{found.sources} sources, {found.items} items, {found.stored} new documents.", highlight=False)
    end(found.problems)


def reconcile(
    anew: Annotated[bool, typer.Option("--anew", help="All of it, as after a change of the rules.")] = False,
    as_json: AsJson = False,
) -> None:
    """Settle what was recorded since the last time into deals."""
    from flows.steps import settle_deals

    touched = settle_deals(anew=anew)
    if as_json:
        print_json({"deals": touched})
    else:
        console.print(f"{touched} deals settled.", highlight=False)
