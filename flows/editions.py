"""Editions in the folder of briefs: built from the ledger, checked against it, and written whole or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.plan import Edition, Problem
from flows.steps import newest_week
from megawatch.errors import BriefError, SettingsError
from megawatch.ledger import open_ledger
from megawatch.settings import Settings, read_settings

LAST = "last"
"""In place of a week: the last one that is over, in the operator's zone."""


def week_of(week: str, settings: Settings) -> tuple[str, str]:
    """An ISO week and its Sunday: the one given, the last that is over, or that of the newest document known.

    Raises SettingsError for what is no week, LedgerError where the ledger holds no document to go by.
    """
    if not week:
        return newest_week()
    if week == LAST:
        today = datetime.now(UTC).astimezone(ZoneInfo(settings.timezone)).date()
        sunday = today - timedelta(days=today.isoweekday())
    else:
        try:
            sunday = date.fromisocalendar(int(week[:4]), int(week[6:]), 7)
        except ValueError as error:
            raise SettingsError(f"{week!r} is no week; write it as 2026-W21.") from error
    year, number, _ = sunday.isocalendar()
    return f"{year}-W{number:02d}", sunday.isoformat()


def write_edition(*, week: str = "", as_of: str = "", only: str = "") -> Edition:
    """Write one edition; where its check fails or a template is broken, nothing is written and the problem is named."""
    from megawatch.briefs.check import check_edition
    from megawatch.briefs.render import render
    from megawatch.briefs.view import build_brief

    settings = read_settings()
    week, sunday = week_of(week, settings)
    as_of = as_of or sunday
    try:
        with open_ledger(settings.ledger_url) as ledger:
            brief = build_brief(ledger, week=week, as_of=as_of, only=only or None)
        rendered = render(brief, base_url=settings.site)
        check_edition(rendered, brief)
    except BriefError as error:
        return Edition(week=week, as_of=as_of, problems=(Problem(where=f"brief {week}", what=str(error)),))
    folder = settings.briefs / (f"{week}-{brief.edition}" if only else week)
    for name, content in (("brief.html", rendered.page), ("brief.txt", rendered.text), ("brief.md", rendered.markdown)):
        write_whole(folder / name, content.encode())
    return Edition(week=week, as_of=as_of, folder=str(folder), deals=len(brief.new))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is the old one or the new one at every moment; leave it alone where nothing changed."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
