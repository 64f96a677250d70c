"""Commands that ask the ledger: SQL, deals, and why a figure is what it is."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from flows.commands.figures import DEAL_COLUMNS, DEAL_NUMBERS, deal_cells
from flows.commands.frame import command, ledger_in_force, print_rows, stderr
from flows.commands.output import AsCsv, AsJson, AsParquet, Form, print_answer
from megawatch.errors import LexiconError, SettingsError
from megawatch.market import KINDS, STATUSES

PANEL = "Ask the ledger"
AsOf = Annotated[str, typer.Option("--as-of", help="As the ledger knew it on that day, as 2026-05-14.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel=PANEL,
        examples=(
            'megawatch query "select supplier, customer, monthly_payment_usd from deals"',
            "megawatch query \"select * from prices where gpu_model = 'H100'\" --csv",
            "megawatch query --sheet list",
        ),
    )(query)
    command(
        app,
        panel=PANEL,
        examples=(
            "megawatch deals --kind lease --min-mw 100 --since 2026-01 --csv",
            "megawatch deals --supplier spacex --as-of 2026-05-10",
        ),
    )(deals)


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the views deals, terms, claims …; - reads stdin.")] = "",
    sheet: Annotated[str, typer.Option(help="A market sheet instead; 'list' names them.")] = "",
    given: Annotated[list[str] | None, typer.Option("--set", help="A sheet's parameter, as chip=B200.")] = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    parquet: AsParquet = None,
    max_rows: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 10_000,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds at most.")] = 10.0,
) -> None:
    """Ask the ledger in SQL, for reading alone; or take one of the market sheets."""
    from megawatch.ledger.queries import run_query

    form = Form(csv=as_csv, json=as_json, parquet=parquet)
    if bool(sql) == bool(sheet):
        raise SettingsError("Give one SELECT, or --sheet NAME; `megawatch query --sheet list` names the sheets.")
    if sheet == "list":
        _list_sheets(form)
        return
    asked = _sheet_sql(sheet, given or []) if sheet else sys.stdin.read() if sql == "-" else sql
    with ledger_in_force() as ledger:
        answer = run_query(ledger, asked, max_rows=max_rows, timeout_s=timeout)
    print_answer(answer.columns, answer.rows, form)
    if answer.truncated:
        stderr.print(f"Only the first {max_rows} rows; --max-rows gives more.", style="yellow", highlight=False)


def _sheet_sql(name: str, given: list[str]) -> str:
    from megawatch.ledger.sheets import get_sheet

    try:
        values = dict(pair.split("=", 1) for pair in given)
        return get_sheet(name).bound_sql(values)
    except ValueError as error:
        told = str(error) if isinstance(error, LexiconError) else f"--set takes name=value, not {given}."
        raise SettingsError(told) from error


def _list_sheets(form: Form) -> None:
    from megawatch.ledger.sheets import read_sheets

    columns = ("sheet", "parameters", "description")
    rows = [
        (one.name, " ".join(f"{name}={value}" for name, value in one.defaults.items()), one.description)
        for one in read_sheets()
    ]
    print_answer(columns, rows, form)


def deals(
    supplier: Annotated[str, typer.Option(help="Who provides: a name, a part of it, or a ticker.")] = "",
    customer: Annotated[str, typer.Option(help="Who pays, likewise.")] = "",
    kind: Annotated[str, typer.Option(help=", ".join(KINDS) + ".")] = "",
    status: Annotated[str, typer.Option(help=", ".join(STATUSES) + ".")] = "",
    since: Annotated[str, typer.Option(help="First seen on or after, as 2026, 2026-01 or 2026-01-31.")] = "",
    until: Annotated[str, typer.Option(help="First seen before.")] = "",
    min_mw: Annotated[float | None, typer.Option("--min-mw", help="Megawatts at least.")] = None,
    as_of: AsOf = "",
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    parquet: AsParquet = None,
) -> None:
    """List deals, newest first; all columns with --csv, --json or --parquet."""
    from flows.commands.find import names_party
    from flows.commands.rows import ROW_COLUMNS, flat
    from megawatch.ledger.queries import list_deals

    form = Form(csv=as_csv, json=as_json, parquet=parquet)
    wanted: dict[str, Any] = {"kind": _one_of("kind", kind, KINDS), "status": _one_of("status", status, STATUSES)}
    asked = {"as_of": as_of or None, "since": since or None, "until": until or None, "min_power_mw": min_mw, **wanted}
    with ledger_in_force() as ledger:
        found = list_deals(ledger, supplier=supplier or None, customer=customer or None, **asked)
        if not found and (supplier or customer):
            # No company has that name, alias or ticker: perhaps it is a part of one.
            parties = (("supplier", supplier), ("customer", customer))
            everything = list_deals(ledger, **asked)
            found = tuple(deal for deal in everything if all(names_party(deal, *party) for party in parties))
    rows = [flat(deal) for deal in found]
    if form == Form():
        print_rows([deal_cells(row) for row in rows], columns=("id", *DEAL_COLUMNS), right=DEAL_NUMBERS)
    else:
        print_answer(ROW_COLUMNS, [[row[name] for name in ROW_COLUMNS] for row in rows], form)


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> Any:
    if value and value not in choices:
        raise SettingsError(f"--{name} {value!r} is not one of {', '.join(choices)}.")
    return value or None
