"""Commands for whoever runs Megawatch: settings and their origin."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.frame import command, print_json, print_rows, settings_in_force
from megawatch.settings import show_settings

PANEL = "Operate"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, name="config", panel=PANEL, examples=("megawatch config", "megawatch config --json"))(show_config)


def show_config(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Show every setting in force and where its value comes from; secrets are masked."""
    shown = [asdict(row) for row in show_settings(settings_in_force())]
    if as_json:
        print_json(shown)
        return
    rows = [{**row, "meaning": row["text"]} for row in shown]
    print_rows(rows, columns=("name", "value", "origin", "meaning"))
