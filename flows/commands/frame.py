"""What all commands share: how they are registered, what they print, and how they end.

Exit codes: 0 where the job was done, 1 where a part of it failed, 2 for wrong usage or settings.
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from flows.progress import listening
from megawatch.errors import SettingsError
from megawatch.settings import Settings, read_settings

if TYPE_CHECKING:
    from flows.plan import Problem
    from megawatch.ledger.open import Ledger

DONE, PART_FAILED, WRONG_USE = 0, 1, 2

PIPED_WIDTH = 160
"""Columns of a table that goes into a file or a pipe, where no terminal says how many there are."""

console = Console()
if not console.is_terminal and "COLUMNS" not in os.environ:
    console.width = PIPED_WIDTH
stderr = Console(stderr=True)
_Function = TypeVar("_Function", bound=Callable[..., Any])


def command(
    app: typer.Typer, *, examples: Sequence[str], panel: str = "", name: str | None = None
) -> Callable[[_Function], _Function]:
    """Register a function as a command whose help is its docstring followed by worked examples."""

    def register(function: _Function) -> _Function:
        shown = "\n".join(f"  {example}" for example in examples)
        text = f"{inspect.cleandoc(function.__doc__ or '')}\n\n\b\nExamples:\n{shown}"
        app.command(name=name, help=escape(text), rich_help_panel=panel or None)(function)
        return function

    return register


def settings_in_force() -> Settings:
    """The settings of the environment and of ``megawatch.toml``; SettingsError names the wrong one."""
    return read_settings()


def ledger_in_force(*, must_exist: bool = True) -> Ledger:
    """The operator's ledger, open; SettingsError where a SQLite file that must exist is not there yet."""
    from megawatch.ledger import open_ledger

    settings = settings_in_force()
    if must_exist and settings.ledger_url.startswith("sqlite:///"):
        path = Path(settings.ledger_url.removeprefix("sqlite:///"))
        if not path.is_file():
            raise SettingsError(f"There is no ledger at {path} yet: `megawatch run` makes one.")
    return open_ledger(settings.ledger_url)


def print_json(value: object) -> None:
    """Print one JSON value for programs; Decimals as numbers, dataclasses must be plain by now."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple | frozenset):
        return list(value)
    return str(value)


def print_rows(
    rows: Iterable[Mapping[str, object]], *, columns: Sequence[str], title: str = "", right: Iterable[str] = ()
) -> None:
    """Print rows as a table; no text of a source is taken for markup."""
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    numeric = set(right)
    for column in columns:
        name, is_number = column.replace("_", " "), column in numeric
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if (cell := row.get(column)) is None else str(cell)) for column in columns))
    console.print(table)


def print_problems(problems: Sequence[Problem]) -> None:
    """One line on standard error for everything that could not be done."""
    for problem in problems:
        where = "" if problem.what.startswith(problem.where) else f"{problem.where}: "
        stderr.print(Text.assemble((where, "yellow"), problem.what), soft_wrap=True)


def end(problems: Sequence[Problem]) -> None:
    """Leave with code 1 where something failed; return otherwise."""
    if problems:
        raise typer.Exit(PART_FAILED)


@contextmanager
def _drawn(progress: Progress, start: str) -> Iterator[None]:
    bars: dict[str, TaskID] = {}

    def draw(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = progress.add_task(stage, total=total)
        progress.update(bars[stage], completed=done, total=total)

    if start:
        draw(start, 0, 1)

    def hear(stage: str, done: int, total: int) -> None:
        if start:
            draw(start, 1, 1)
        draw(stage, done, total)

    with progress, listening(hear):
        yield


def bar(start: str = "") -> AbstractContextManager[None]:
    """Bars for the stages of a run on a terminal, nothing elsewhere; ``start`` names what goes before the first."""
    if not stderr.is_terminal:
        return nullcontext()
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    return _drawn(Progress(*columns, console=stderr), start)


def check_day(day: str) -> None:
    """Raise SettingsError for an option that is given and is no ISO day."""
    try:
        if day:
            date.fromisoformat(day)
    except ValueError as error:
        raise SettingsError(f"{day!r} is not a day; write it as 2026-05-14.") from error


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "deal"), counted(1200, "deal")
    ('1 deal', '1,200 deals')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
