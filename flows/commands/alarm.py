"""The command by which other programs, as systemd, tell the operator that something failed."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands.frame import command, settings_in_force


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    command(app, panel="Operate", examples=('megawatch alarm "The nightly backup failed."',))(alarm)


def alarm(text: Annotated[str, typer.Argument(help="What happened; its first line becomes the subject.")]) -> None:
    """Mail the operator (the setting alert_to); needs neither the ledger nor Prefect."""
    from flows.alarms import send_alarm

    send_alarm(text, settings_in_force())
