"""Commands on the sources."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.frame import (
    PART_FAILED,
    bar,
    command,
    console,
    print_json,
    print_rows,
    settings_in_force,
)
from flows.now import utc_now
from flows.plan import Plan
from flows.progress import tell
from megawatch.errors import SettingsError

if TYPE_CHECKING:
    from megawatch.sources.add import Tried
    from megawatch.sources.specs import SourceSpec

PANEL = "Operate"
COLUMNS = ("id", "publisher", "kind", "authority", "cadence", "enabled", "checked", "address")
AT_ONCE = 8

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="See, try and add sources.")
    command(group, name="list", examples=("megawatch sources list", "megawatch sources list --json"))(list_sources)
    command(group, name="check", examples=("megawatch sources check", "megawatch sources check coreweave-news --json"))(
        check_sources
    )
    command(group, name="add", examples=("megawatch sources add https://www.example.com/news --kind press_release",))(
        add_source
    )
    app.add_typer(group, name="sources", rich_help_panel=PANEL)


def list_sources(as_json: AsJson = False) -> None:
    """List the sources in force, switched-off ones included."""
    from flows.steps import catalog_of

    found = [asdict(spec) for spec in catalog_of(settings_in_force())]
    if as_json:
        print_json(found)
    else:
        print_rows(found, columns=COLUMNS)


def check_sources(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of sources; all enabled ones where none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try sources: ask each for its list once, store nothing, and report."""
    from flows.steps import catalog_of

    known = {spec.id: spec for spec in catalog_of(settings_in_force())}
    unknown = [key for key in ids or () if key not in known]
    if unknown:
        raise SettingsError(f"There is no source {unknown[0]!r}; `megawatch sources list` shows them.")
    chosen = [known[key] for key in ids] if ids else [spec for spec in known.values() if spec.enabled]
    tried = _try(chosen)
    rows = [{"id": one.spec.id, "outcome": one.outcome, "entries": one.entries, "detail": one.detail} for one in tried]
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, columns=("id", "outcome", "entries", "detail"), right=("entries",))
    if any(one.outcome != "ok" for one in tried):
        raise typer.Exit(PART_FAILED)


def _try(specs: Sequence[SourceSpec]) -> list[Tried]:
    from flows.steps import open_client
    from megawatch.sources.add import check_source, mark_checked

    settings, today = settings_in_force(), utc_now().date()
    found = []
    with open_client(Plan(), settings) as client, ThreadPoolExecutor(AT_ONCE) as pool, bar():
        waiting = [pool.submit(check_source, spec, client=client, today=today) for spec in specs]
        for done, future in enumerate(as_completed(waiting), start=1):
            found.append(future.result())
            tell("Trying sources", done, len(waiting))
    for one in found:
        path = settings.own_sources / f"{one.spec.id}.toml"
        if one.outcome == "ok" and path.is_file():
            mark_checked(path, day=today)
    return sorted(found, key=lambda one: one.spec.id)


def add_source(
    url: Annotated[str, typer.Argument(help="A feed, or a page that names its feed.")],
    name: Annotated[str, typer.Option("--id", help="Its id; made of the publisher's name where none is given.")] = "",
    kind: Annotated[str, typer.Option(help="filing, press_release, news or blog.")] = "news",
) -> None:
    """Find the feed of a page and write it down as a source of yours."""
    from dataclasses import replace

    from flows.steps import open_client
    from megawatch.market import SOURCES
    from megawatch.sources.add import find_source, write_spec

    authority = next((one for one in SOURCES if one == kind), None)
    if authority is None:
        raise SettingsError(f"--kind {kind!r} is not one of {', '.join(SOURCES)}.")
    settings = settings_in_force()
    with open_client(Plan(), settings) as client:
        spec = find_source(url, client=client)
    spec = replace(spec, id=name or spec.id, authority=authority)
    settings.own_sources.mkdir(parents=True, exist_ok=True)
    path = write_spec(spec, settings.own_sources, checked=utc_now().date())
    console.print(f"{spec.publisher}: {spec.address}\n{path}", highlight=False, soft_wrap=True)
