"""Sending an edition to its readers, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from flows.editions import mail_settings, make_edition
from flows.now import utc_now
from flows.plan import Problem
from megawatch.briefs.alerts import build_alert, find_alerts
from megawatch.briefs.check import check_edition
from megawatch.briefs.deliver import DeliveryReport, SmtpSettings, deliver, single_sender
from megawatch.briefs.mail import composer
from megawatch.briefs.render import Rendered, render
from megawatch.briefs.selection import Selection, selection_of
from megawatch.errors import SettingsError
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Deliveries, Subscribers
from megawatch.market import Delivery, Subscriber
from megawatch.settings import Settings, read_settings

ALERT_DAYS = 7
"""How far back an alert may look: longer than any stop of the schedule that an operator would not notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What sending came to: how many got the edition now, how many had it before, and who did not get it and why."""

    edition: str = ""
    sent: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    def __add__(self, other: Sent) -> Sent:
        """Both together."""
        return Sent(
            edition=" ".join(part for part in (self.edition, other.edition) if part),
            sent=self.sent + other.sent,
            already=self.already + other.already,
            problems=self.problems + other.problems,
        )


def smtp_settings(settings: Settings) -> SmtpSettings:
    """The mail server; SettingsError where none, or no sender, is set."""
    for name in ("smtp_host", "mail_from"):
        if not getattr(settings, name):
            variable = f"MEGAWATCH_{name.upper()}"
            raise SettingsError(f"Mail needs the setting {name}: put it into megawatch.toml or set {variable}.")
    security = settings.smtp_security
    return SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security="tls" if security == "tls" else "none" if security == "none" else "starttls",
        username=settings.smtp_user,
        password=settings.smtp_password,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Addresses that get the same edition: narrowed to what they follow, or whole where ``only`` is None."""

    only: Selection | None
    addresses: tuple[str, ...]

    @property
    def told(self) -> str:
        """What they get, in words."""
        return self.only.words if self.only else "the whole edition"


def recipients(to: Sequence[str]) -> tuple[Readers, ...]:
    """Who gets which edition: the addresses given, else the weekly subscribers, those who follow the same together."""
    if to:
        return (Readers(only=None, addresses=tuple(to)),)
    found: dict[str, list[Subscriber]] = {}
    for reader in _subscribers("weekly"):
        only = selection_of(reader)
        found.setdefault(only.key if only else "", []).append(reader)
    groups = (found[key] for key in sorted(found))
    return tuple(
        Readers(only=selection_of(group[0]), addresses=tuple(one.address for one in group)) for group in groups
    )


def send_edition(
    *, week: str = "", to: Sequence[str] = (), progress: Callable[[Delivery], None] = lambda delivery: None
) -> Sent:
    """Send the edition of a week to those given or to its subscribers; who has it already does not get it twice.

    Raises SettingsError where no mail server is set, BriefError where the edition may not leave.
    """
    settings = read_settings()
    smtp_settings(settings)
    found = Sent()
    for readers in recipients(to):
        _, rendered = make_edition(week=week, only=readers.only)
        found += _deliver(settings, rendered, readers.addresses, progress)
    return found


def send_alerts() -> Sent:
    """Tell each reader who asked for it of the large deals of the last days; nobody hears of a deal twice.

    Raises SettingsError where no mail server is set, BriefError where an alert may not leave.
    """
    settings, found = read_settings(), Sent()
    smtp_settings(settings)
    now = utc_now()
    today, tomorrow = now.date().isoformat(), (now + timedelta(days=1)).date().isoformat()
    for reader in _subscribers("alert"):
        since = max(reader.since, (now - timedelta(days=ALERT_DAYS)).date().isoformat())
        with open_ledger(settings.ledger_url) as ledger:
            only = selection_of(reader)
            alerts = find_alerts(ledger, since=since, until=tomorrow, as_of=today, selection=only)
            briefs = [build_alert(ledger, deal, known_at=day, as_of=today) for deal, day in alerts]
            ready = [(brief, render(brief, base_url=settings.site)) for brief in briefs]
            for brief, rendered in ready:
                check_edition(rendered, brief, ledger=ledger)
        for _, rendered in ready:
            found += _deliver(settings, rendered, (reader.address,), lambda delivery: None)
    return found


def _subscribers(cadence: str) -> list[Subscriber]:
    with open_ledger(read_settings().ledger_url) as ledger:
        return [one for one in Subscribers(ledger).active() if one.cadence == cadence]


def _deliver(
    settings: Settings, rendered: Rendered, addresses: Sequence[str], progress: Callable[[Delivery], None]
) -> Sent:
    mail = mail_settings(settings)
    lock = settings.briefs / f".sending-{rendered.edition}"
    with open_ledger(settings.ledger_url) as ledger, single_sender(lock):
        report = deliver(
            rendered.edition,
            addresses,
            compose=composer(rendered, mail),
            sender=mail.sender,
            smtp=smtp_settings(settings),
            log=Deliveries(ledger),
            progress=progress,
        )
    return Sent(edition=rendered.edition, sent=report.sent, already=report.already, problems=_problems(report))


def _problems(report: DeliveryReport) -> tuple[Problem, ...]:
    steps = (*report.refused, *report.deferred, *report.unknown)
    told = tuple(Problem(where=step.address, what=f"{step.state}: {step.reason}") for step in steps)
    return told + tuple(Problem(where=address, what="not tried yet; send again") for address in report.waiting)
