"""Commands on who gets the brief."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from flows.commands.frame import (
    command,
    console,
    end,
    ledger_in_force,
    print_json,
    print_problems,
    print_rows,
    settings_in_force,
)
from flows.now import utc_text
from flows.plan import Problem
from megawatch.errors import MegawatchError, SettingsError
from megawatch.market import Subscriber

PANEL = "The brief"
CADENCES = ("weekly", "alert")
COLUMNS = ("address", "companies", "segments", "minimum_mw", "minimum_usd", "timezone", "cadence")

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Address = Annotated[str, typer.Argument(help="A mail address.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="Say who gets the brief, and what of it.")
    command(
        group,
        name="add",
        examples=(
            "megawatch subscribers add desk@example.com",
            "megawatch subscribers add desk@example.com --company nebius --min-mw 50 --cadence alert",
        ),
    )(add_subscriber)
    command(group, name="list", examples=("megawatch subscribers list --json",))(list_subscribers)
    command(group, name="remove", examples=("megawatch subscribers remove desk@example.com",))(remove_subscriber)
    command(group, name="import", examples=("megawatch subscribers import readers.csv",))(import_subscribers)
    app.add_typer(group, name="subscribers", rich_help_panel=PANEL)


def add_subscriber(
    address: Address,
    company: Annotated[list[str] | None, typer.Option(help="Only deals of this company; may be repeated.")] = None,
    segment: Annotated[list[str] | None, typer.Option(help="Only deals of this segment; may be repeated.")] = None,
    min_mw: Annotated[str, typer.Option("--min-mw", help="Only deals of so many megawatts at least.")] = "",
    min_usd: Annotated[str, typer.Option("--min-usd", help="Only deals of so many US dollars at least.")] = "",
    timezone: Annotated[str, typer.Option(help="The reader's zone; the operator's where none is given.")] = "",
    cadence: Annotated[str, typer.Option(help="weekly, or alert: a message when a large deal appears.")] = "weekly",
) -> None:
    """Add a reader of the brief."""
    row = {"address": address, "minimum_mw": min_mw, "minimum_usd": min_usd, "timezone": timezone, "cadence": cadence}
    subscriber = _subscriber({**row, "companies": ";".join(company or []), "segments": ";".join(segment or [])})
    with _ledger() as ledger:
        from megawatch.ledger.deliveries import Subscribers

        new = Subscribers(ledger).add(subscriber)
    console.print(f"{address} {'gets the brief now' if new else 'was subscribed already'}.", highlight=False)


def list_subscribers(as_json: AsJson = False) -> None:
    """List who gets the brief."""
    from megawatch.ledger.deliveries import Subscribers

    with ledger_in_force() as ledger:
        found = [asdict(subscriber) for subscriber in Subscribers(ledger).active()]
    if as_json:
        print_json(found)
    else:
        shown = [{name: _shown(row[name]) for name in COLUMNS} for row in found]
        print_rows(shown, columns=COLUMNS, right=("minimum_mw", "minimum_usd"))


def remove_subscriber(address: Address) -> None:
    """End a reader's subscription; what was sent stays on record."""
    from megawatch.ledger.deliveries import Subscribers

    with ledger_in_force() as ledger:
        if not Subscribers(ledger).remove(address, at=utc_text()):
            raise SettingsError(f"{address} is not subscribed; `megawatch subscribers list` shows who is.")
    console.print(f"{address} gets no more briefs.", highlight=False)


def import_subscribers(
    path: Annotated[Path, typer.Argument(help="CSV with a column address, and any of " + ", ".join(COLUMNS[1:]))],
) -> None:
    """Add the readers of a CSV file; several companies or segments stand in one cell, divided by semicolons."""
    from megawatch.ledger.deliveries import Subscribers

    problems: list[Problem] = []
    subscribers = list(_rows(path, problems))
    with _ledger() as ledger:
        count = Subscribers(ledger).import_(subscribers)
    print_problems(problems)
    console.print(f"{count} of {len(subscribers)} added.", highlight=False)
    end(problems)


def _rows(path: Path, problems: list[Problem]) -> Iterator[Subscriber]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            unknown = sorted(set(table.fieldnames or ()) - set(COLUMNS))
            if "address" not in (table.fieldnames or ()) or unknown:
                raise SettingsError(f"{path}: needs a column address and knows {', '.join(COLUMNS)}, not {unknown}.")
            for number, row in enumerate(table, start=2):
                try:
                    yield _subscriber({name: cell or "" for name, cell in row.items() if name in COLUMNS})
                except MegawatchError as error:
                    problems.append(Problem(where=f"{path}:{number}", what=str(error)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{path} cannot be read as CSV ({error}).") from error


def _subscriber(row: dict[str, str]) -> Subscriber:
    if "@" not in row["address"].strip("@") or not row["address"].isprintable():
        raise SettingsError(f"{row['address']!r} is no mail address; write it as name@example.org.")
    cadence: Any = row.get("cadence") or CADENCES[0]
    if cadence not in CADENCES:
        raise SettingsError(f"cadence {cadence!r} is not one of {', '.join(CADENCES)}.")
    return Subscriber(
        address=row["address"],
        companies=_parts(row.get("companies", "")),
        segments=_parts(row.get("segments", "")),
        minimum_mw=_amount("minimum_mw", row.get("minimum_mw", "")),
        minimum_usd=_amount("minimum_usd", row.get("minimum_usd", "")),
        timezone=_zone(row.get("timezone", "")),
        cadence=cadence,
        since=utc_text(),
    )


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _amount(name: str, cell: str) -> Decimal | None:
    try:
        found = Decimal(cell) if cell else None
    except InvalidOperation as error:
        raise SettingsError(f"{name} {cell!r} is not a number.") from error
    if found is not None and not (found.is_finite() and found >= 0):
        raise SettingsError(f"{name} {cell!r} is not an amount.")
    return found


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key if name else settings_in_force().timezone
    except (KeyError, OSError, ValueError) as error:
        raise SettingsError(f"timezone {name!r} is unknown; write it as Europe/Berlin.") from error


def _ledger() -> Any:
    return ledger_in_force(must_exist=False)


def _shown(cell: object) -> str:
    return ", ".join(cell) if isinstance(cell, tuple) else "" if cell is None else str(cell)
