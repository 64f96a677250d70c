"""Commands on the sources."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.frame import command, print_json, print_rows, settings_in_force

PANEL = "Operate"
COLUMNS = ("id", "publisher", "kind", "authority", "cadence", "enabled", "checked", "address")

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="See, try and add sources.")
    command(group, name="list", examples=("megawatch sources list", "megawatch sources list --json"))(list_sources)
    app.add_typer(group, name="sources", rich_help_panel=PANEL)


def list_sources(as_json: AsJson = False) -> None:
    """List the catalog in force, switched-off sources included."""
    from pathlib import Path

    from megawatch.sources.specs import read_catalog

    folder = settings_in_force().sources
    found = [asdict(spec) for spec in read_catalog(Path(folder) if folder else None)]
    if as_json:
        print_json(found)
    else:
        print_rows(found, columns=COLUMNS)
