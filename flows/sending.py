"""Sending an edition to its readers, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flows.editions import mail_settings, make_edition
from flows.plan import Problem
from megawatch.briefs.deliver import DeliveryReport, SmtpSettings, deliver, single_sender
from megawatch.briefs.mail import composer
from megawatch.errors import SettingsError
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Deliveries, Subscribers
from megawatch.market import Delivery, Subscriber
from megawatch.settings import Settings, read_settings


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


def readers_by_edition(subscribers: Sequence[Subscriber]) -> dict[str, tuple[str, ...]]:
    """Addresses by what their edition is narrowed to: a single company that they follow, or nothing (the whole)."""
    found: dict[str, list[str]] = {}
    for reader in subscribers:
        only = reader.companies[0] if len(reader.companies) == 1 else ""
        found.setdefault(only, []).append(reader.address)
    return {only: tuple(addresses) for only, addresses in sorted(found.items())}


def recipients(to: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Who gets which edition: the addresses given, else the weekly subscribers."""
    if to:
        return {"": tuple(to)}
    with open_ledger(read_settings().ledger_url) as ledger:
        return readers_by_edition([one for one in Subscribers(ledger).active() if one.cadence == "weekly"])


def send_edition(
    *, week: str = "", to: Sequence[str] = (), progress: Callable[[Delivery], None] = lambda delivery: None
) -> Sent:
    """Send the edition of a week to those given or to its subscribers; who has it already does not get it twice.

    Raises SettingsError where no mail server is set, BriefError where the edition may not leave.
    """
    settings = read_settings()
    smtp = smtp_settings(settings)
    found = Sent()
    for only, addresses in recipients(to).items():
        found += _send_one(settings, smtp, week, only, addresses, progress)
    return found


def _send_one(
    settings: Settings,
    smtp: SmtpSettings,
    week: str,
    only: str,
    addresses: Sequence[str],
    progress: Callable[[Delivery], None],
) -> Sent:
    mail = mail_settings(settings)
    _, rendered = make_edition(week=week, only=only)
    lock = settings.briefs / f".sending-{rendered.edition}"
    with open_ledger(settings.ledger_url) as ledger, single_sender(lock):
        report = deliver(
            rendered.edition,
            addresses,
            compose=composer(rendered, mail),
            sender=mail.sender,
            smtp=smtp,
            log=Deliveries(ledger),
            progress=progress,
        )
    return Sent(edition=rendered.edition, sent=report.sent, already=report.already, problems=_problems(report))


def _problems(report: DeliveryReport) -> tuple[Problem, ...]:
    steps = (*report.refused, *report.deferred, *report.unknown)
    told = tuple(Problem(where=step.address, what=f"{step.state}: {step.reason}") for step in steps)
    return told + tuple(Problem(where=address, what="not tried yet; send again") for address in report.waiting)
