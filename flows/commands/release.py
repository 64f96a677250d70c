"""The command that makes a dataset of the ledger."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.frame import command, console, ledger_in_force, print_json
from flows.now import utc_now

PANEL = "Ask the ledger"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel=PANEL,
        examples=(
            "megawatch export release-2026-05-24 --as-of 2026-05-24",
            "megawatch export release-2026-05-31 --as-of 2026-05-31 --previous release-2026-05-24",
        ),
    )(export)


def export(
    folder: Annotated[Path, typer.Argument(help="A new folder, or one of an earlier release.")],
    as_of: Annotated[str, typer.Option("--as-of", help="The day of the release; today where none is given.")] = "",
    previous: Annotated[Path | None, typer.Option(help="Folder of the release before, to tell what changed.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Write a dated release: Parquet, CSV and SQLite, described for Frictionless, with changes and checksums."""
    from megawatch.ledger.export import export_release

    with ledger_in_force() as ledger:
        day = as_of or utc_now().date().isoformat()
        release = export_release(ledger, folder, as_of=day, previous=previous)
    if as_json:
        print_json({**asdict(release), "folder": str(release.folder)})
        return
    told = ", ".join(f"{count} {name}" for name, count in release.rows.items())
    changed = "" if release.changes is None else f"; {release.changes} changes since the release before"
    console.print(f"{release.folder}, as known on {day}: {told}{changed}", highlight=False, soft_wrap=True)
