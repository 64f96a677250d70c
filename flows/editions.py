"""Editions in the folder of briefs: built from the ledger, checked against it, and written whole or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from email.utils import parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.now import utc_now
from flows.plan import Edition, Problem
from flows.steps import newest_week
from megawatch.briefs.archive import write_archive
from megawatch.briefs.check import check_edition
from megawatch.briefs.editions import write_edition
from megawatch.briefs.mail import MailSettings
from megawatch.briefs.render import Rendered, render
from megawatch.briefs.selection import Selection
from megawatch.briefs.view import Brief, build_brief
from megawatch.errors import BriefError, LedgerError, SettingsError
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
        today = utc_now().astimezone(ZoneInfo(settings.timezone)).date()
        sunday = today - timedelta(days=today.isoweekday())
    else:
        try:
            sunday = date.fromisoformat(f"{week}-7" if "-W" in week else "")
        except ValueError as error:
            raise SettingsError(f"{week!r} is no week; write it as 2026-W21.") from error
    year, number, _ = sunday.isocalendar()
    return f"{year}-W{number:02d}", sunday.isoformat()


def mail_settings(settings: Settings) -> MailSettings:
    """How editions are signed and addressed; SettingsError where the DKIM key cannot be read."""
    name, address = parseaddr(settings.mail_from)
    plain = MailSettings()
    sender = address or plain.sender
    try:
        key = Path(settings.dkim_key).read_text(encoding="ascii") if settings.dkim_key else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"dkim_key {settings.dkim_key}: the key cannot be read ({error}).") from error
    return MailSettings(
        sender=sender,
        sender_name=name or plain.sender_name,
        list_id=f"weekly.{sender.rpartition('@')[2]}",
        base_url=settings.site,
        unsubscribe_key=settings.unsubscribe_secret,
        dkim_key=key,
        dkim_selector=settings.dkim_selector or plain.dkim_selector,
        dkim_domain=sender.rpartition("@")[2] if key else "",
    )


def make_edition(*, week: str = "", as_of: str = "", only: str | Selection | None = None) -> tuple[Brief, Rendered]:
    """Build, render and check one edition; raises BriefError where a figure cannot be traced or a template breaks."""
    settings = read_settings()
    week, sunday = week_of(week, settings)
    with open_ledger(settings.ledger_url) as ledger:
        brief = build_brief(ledger, week=week, as_of=as_of or sunday, only=only or None)
        rendered = render(brief, base_url=settings.site)
        check_edition(rendered, brief, ledger=ledger)
    return brief, rendered


def store_edition(*, week: str = "", as_of: str = "", only: str = "") -> Edition:
    """Write one edition to the folder of briefs; where it may not leave, nothing is written and a problem says why."""
    settings = read_settings()
    try:
        week, _ = week_of(week, settings)
        brief, rendered = make_edition(week=week, as_of=as_of, only=only)
    except (BriefError, LedgerError) as error:
        where = f"brief {week}".strip()
        return Edition(week=week, as_of=as_of, problems=(Problem(where=where, what=str(error)),))
    folder = settings.briefs / (rendered.edition if only else week)
    write_edition(rendered, folder, settings=mail_settings(settings))
    with open_ledger(settings.ledger_url) as ledger:
        write_archive(brief, settings.briefs / "archive", ledger=ledger, base_url=settings.site)
    return Edition(week=week, as_of=brief.as_of, folder=str(folder), deals=len(brief.new))
