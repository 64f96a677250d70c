"""Commands on the brief: writing it, looking at it, sending it."""

from __future__ import annotations

import webbrowser
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.frame import (
    bar,
    command,
    console,
    counted,
    end,
    print_json,
    print_problems,
    print_rows,
    settings_in_force,
)
from flows.progress import tell

if TYPE_CHECKING:
    from flows.sending import Readers

PANEL = "The brief"

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Week = Annotated[str, typer.Option(help="ISO week, as 2026-W21; 'last' is the one just over.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel=PANEL,
        examples=(
            "megawatch brief --preview",
            "megawatch brief --week 2026-W21 --as-of 2026-05-21",
            "megawatch brief --only nebius",
        ),
    )(brief)
    command(
        app,
        panel=PANEL,
        examples=("megawatch send --to desk@example.com", "megawatch send --week last --dry-run"),
    )(send)


def brief(
    week: Week = "",
    as_of: Annotated[str, typer.Option("--as-of", help="As the ledger knew it on that day.")] = "",
    only: Annotated[str, typer.Option(help="Only deals of this company, or one deal by its id.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Open it in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the brief of a week: a page, its text and Markdown twins, and the mail; and add it to the archive."""
    from flows.editions import store_edition

    settings_in_force()
    edition = store_edition(week=week, as_of=as_of, only=only)
    if as_json:
        print_json(asdict(edition))
    else:
        print_problems(edition.problems)
        if edition.folder:
            told = f"Week {edition.week} as known on {edition.as_of[:10]}, {counted(edition.deals, 'new deal')}"
            console.print(f"{told}: {edition.folder}/brief.html", highlight=False, soft_wrap=True)
    if preview and edition.folder:
        webbrowser.open((Path(edition.folder) / "brief.html").resolve().as_uri())
    end(edition.problems)


def send(
    to: Annotated[list[str] | None, typer.Option(help="This address; may be repeated. Else all subscribers.")] = None,
    week: Week = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say who would get it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Mail the brief by SMTP; nobody gets an edition twice, however often this is run."""
    from flows.sending import recipients, send_edition

    readers = recipients(to or ())
    total = sum(len(group.addresses) for group in readers)
    if dry_run:
        _tell_recipients(readers, as_json=as_json)
        return
    done = 0

    def count(_: object) -> None:
        nonlocal done
        done = min(done + 1, total)
        tell("Sending", done, total)

    with bar():
        sent = send_edition(week=week, to=to or (), progress=count)
    if as_json:
        print_json(asdict(sent))
    else:
        print_problems(sent.problems)
        already = f", {len(sent.already)} had it already" if sent.already else ""
        console.print(f"Edition {sent.edition or 'of nobody'}: {len(sent.sent)} sent{already}.", highlight=False)
    end(sent.problems)


def _tell_recipients(readers: tuple[Readers, ...], *, as_json: bool) -> None:
    rows = [{"address": address, "gets": group.told} for group in readers for address in group.addresses]
    if as_json:
        print_json(rows)
    elif rows:
        print_rows(rows, columns=("address", "gets"))
    else:
        console.print("Nobody: add readers with `megawatch subscribers add`.", highlight=False)
