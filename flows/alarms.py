"""A word to the operator that needs neither ledger nor Prefect, since it may be these that failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from flows.now import utc_now
from flows.sending import smtp_settings
from megawatch.briefs.deliver import Letter, deliver
from megawatch.errors import BriefError, SettingsError
from megawatch.market import Delivery
from megawatch.settings import Settings

SUBJECT_LENGTH = 90
DELAYS_S = (10.0, 60.0)


class _Memory:
    """The steps of one sending, kept for as long as it lasts."""

    def __init__(self) -> None:
        self._latest: dict[str, Delivery] = {}

    def latest(self, _edition: str) -> Mapping[str, Delivery]:
        """The newest step of each address."""
        return self._latest

    def append(self, delivery: Delivery) -> bool:
        """Keep a step."""
        self._latest = {**self._latest, delivery.address: delivery}
        return True


def send_alarm(text: str, settings: Settings, *, delays_s: tuple[float, ...] = DELAYS_S) -> None:
    """Mail ``text`` to the setting alert_to, its first line as the subject.

    Raises SettingsError where alert_to or the mail server is not set, BriefError where the server does not take it.
    """
    if not settings.alert_to:
        raise SettingsError("An alarm needs the setting alert_to: the mail address of whoever runs this.")
    smtp = replace(smtp_settings(settings), delays_s=delays_s)
    sender = parseaddr(settings.mail_from)[1]
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, settings.alert_to
    message["Subject"] = (
        f"Megawatch: {' '.join(text.splitlines()[0].split())[:SUBJECT_LENGTH]}" if text else "Megawatch"
    )
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Date"] = format_datetime(utc_now())
    message.set_content(f"{text}\n\n`megawatch doctor` looks at everything that a run needs.\n")
    letter = Letter(message["Message-ID"], message.as_bytes())
    report = deliver("alarm", [settings.alert_to], compose=lambda _: letter, sender=sender, smtp=smtp, log=_Memory())
    if not report.sent:
        why = next((one.reason for one in (*report.refused, *report.deferred, *report.unknown)), "no answer")
        raise BriefError(f"{settings.alert_to} could not be told: {smtp.host} says {why}. `megawatch doctor` tries it.")
