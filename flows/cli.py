"""The command line: ``megawatch``.

Every command is thin: it reads the settings, calls a room or a flow, and prints what came of it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from flows.commands import (
    alarm,
    ask,
    backfill,
    brief,
    catalog,
    job,
    operate,
    readers,
    reading,
    release,
    review,
    serve,
    trace,
)
from flows.commands.frame import PART_FAILED, WRONG_USE, stderr
from megawatch import __version__
from megawatch.errors import MegawatchError, SettingsError

app = typer.Typer(
    name="megawatch",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (job, reading, ask, trace, serve, release, review, brief, readers, catalog, operate, backfill, alarm):
    group.register(app)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"megawatch {__version__}")
        raise typer.Exit


@app.callback()
def set_up(
    home: Annotated[Path | None, typer.Option(help="Folder of the ledger, the documents and the briefs.")] = None,
    config: Annotated[Path | None, typer.Option(help="Another file than megawatch.toml.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="And leave.")
    ] = False,
) -> None:
    """A ledger of AI compute deals in which every figure leads back to the sentence that states it.

    Start with `megawatch run`: it does the whole job once on the documents that come with it.
    """
    # The environment carries both to the processes that a run starts.
    if home is not None:
        os.environ["MEGAWATCH_HOME"] = str(home)
    if config is not None:
        os.environ["MEGAWATCH_CONFIG"] = str(config)


def main() -> None:
    """Run the command line; errors of Megawatch become one line that says what to do next."""
    try:
        app()
    except SettingsError as error:
        _complain(error)
        sys.exit(WRONG_USE)
    except MegawatchError as error:
        _complain(error)
        sys.exit(PART_FAILED)
    except BrokenPipeError:
        # The reader of a pipe (head, less) left early: nothing went wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: MegawatchError) -> None:
    stderr.print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)


if __name__ == "__main__":
    main()
