"""The operator hears of a failure through a real mail server, with neither ledger nor Prefect there."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from flows.alarms import send_alarm
from megawatch.errors import BriefError, SettingsError
from megawatch.settings import Settings, read_settings


class Box:
    """A mailbox that keeps what it is given, or refuses it."""

    answer = "250 OK"

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[attr-defined]
        return self.answer


@pytest.fixture
def box() -> Iterator[tuple[Box, Settings]]:
    found = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    environment = {
        "MEGAWATCH_SMTP_HOST": "127.0.0.1",
        "MEGAWATCH_SMTP_PORT": str(port),
        "MEGAWATCH_SMTP_SECURITY": "none",
        "MEGAWATCH_MAIL_FROM": "Megawatch <brief@example.com>",
        "MEGAWATCH_ALERT_TO": "operator@example.com",
        "MEGAWATCH_LEDGER": "postgresql://nobody@127.0.0.1:1/none",
    }
    yield found, read_settings(environment=environment)
    server.stop()


def test_the_operator_is_told_though_the_ledger_is_down(box: tuple[Box, Settings]) -> None:
    found, settings = box
    send_alarm("megawatch-verify.service failed on desk.\nThe journal says why.", settings)
    [letter] = found.letters
    assert letter["To"] == "operator@example.com"
    assert letter["Subject"] == "Megawatch: megawatch-verify.service failed on desk."
    assert "The journal says why." in letter.get_content()


def test_a_server_that_does_not_take_it_is_named(box: tuple[Box, Settings]) -> None:
    found, settings = box
    found.answer = "550 no such mailbox"
    with pytest.raises(BriefError, match=r"operator@example.com could not be told: 127.0.0.1 says .*no such mailbox"):
        send_alarm("The backup failed.", settings, delays_s=())


@pytest.mark.parametrize(("missing", "told"), [("alert_to", "alert_to"), ("smtp_host", "smtp_host")])
def test_what_is_not_set_is_named(missing: str, told: str, tmp_path: Path) -> None:
    values = {"alert_to": "operator@example.com", "smtp_host": "127.0.0.1", "mail_from": "brief@example.com"}
    with pytest.raises(SettingsError, match=told):
        send_alarm("The backup failed.", Settings(home=tmp_path, **{**values, missing: ""}))  # type: ignore[arg-type]
