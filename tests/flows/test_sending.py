"""Sending from the command line and by the flows, to a real mail server on loopback."""

import shutil
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

from flows.accounts import tell_operator, write_account
from flows.now import utc_text
from flows.plan import Edition, Ingested, Problem, Read
from flows.sending import send_alerts, send_edition
from megawatch.errors import SettingsError
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Subscribers
from megawatch.market import Subscriber
from megawatch.settings import read_settings


class Box(Message):
    """A mailbox that keeps what it is given, by recipient."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        for recipient in envelope.rcpt_tos:  # type: ignore[attr-defined]
            self.letters.append((recipient, envelope.content))  # type: ignore[attr-defined]
        return "250 OK"

    def handle_message(self, message: object) -> None:
        """Not used: the bytes are kept as they came."""


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    found = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(found, hostname="127.0.0.1", port=port)
    server.start()
    for name, value in {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "Megawatch <brief@example.com>",
        "ALERT_TO": "operator@example.com",
    }.items():
        monkeypatch.setenv(f"MEGAWATCH_{name}", value)
    yield found
    server.stop()


@pytest.fixture
def home(bundled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(bundled_home, tmp_path / "own")
    monkeypatch.setenv("MEGAWATCH_HOME", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.mark.usefixtures("home")
def test_each_reader_gets_the_edition_once(box: Box) -> None:
    with open_ledger(read_settings().ledger_url) as ledger:
        for address, companies in (("all@example.com", ()), ("one@example.com", ("nebius",))):
            Subscribers(ledger).add(Subscriber(address=address, companies=companies, since=utc_text()))
    first, again = send_edition(week="2026-W21"), send_edition(week="2026-W21")
    assert (set(first.sent), first.problems) == ({"all@example.com", "one@example.com"}, ())
    assert (again.sent, set(again.already)) == ((), {"all@example.com", "one@example.com"})
    letters = {to: message_from_bytes(data, policy=policy.default) for to, data in box.letters}
    assert len(box.letters) == 2
    bodies = {to: letter.get_body(("plain",)).get_content() for to, letter in letters.items()}
    assert "Ostrea" in bodies["all@example.com"]
    assert "Ostrea" not in bodies["one@example.com"]
    assert "Bloom" in bodies["one@example.com"]


@pytest.mark.usefixtures("home")
def test_an_alert_reader_gets_no_weekly_edition_and_no_old_deal(box: Box) -> None:
    with open_ledger(read_settings().ledger_url) as ledger:
        Subscribers(ledger).add(Subscriber(address="now@example.com", cadence="alert", since=utc_text()))
    assert send_edition(week="2026-W21").sent == ()
    assert send_alerts().sent == ()
    assert box.letters == []


def test_sending_without_a_mail_server_says_which_setting_is_missing() -> None:
    with pytest.raises(SettingsError, match=r"smtp_host: put it into .* or set MEGAWATCH_SMTP_HOST"):
        send_edition(to=["a@example.com"])


def test_a_failed_run_is_told_to_the_operator_once(box: Box) -> None:
    run = SimpleNamespace(id="0000-1111", name="brave-otter")
    state = SimpleNamespace(name="Failed", message="the disk is full")
    for _ in range(2):
        tell_operator(SimpleNamespace(name="weekly"), run, state)
    [(recipient, data)] = box.letters
    message = message_from_bytes(data, policy=policy.default)
    assert recipient == "operator@example.com"
    assert message["Subject"] == "Megawatch: the run of weekly failed"
    assert message.get_content().splitlines()[:3] == ["brave-otter ended as Failed:", "", "the disk is full"]


def test_the_operator_is_told_when_the_ledger_itself_is_down(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGAWATCH_LEDGER", "postgresql://nobody@127.0.0.1:1/none")
    run = SimpleNamespace(id="3c1f", name="brave-otter")
    tell_operator(SimpleNamespace(name="watch"), run, SimpleNamespace(name="Failed", message="no connection"))
    [(_, data)] = box.letters
    message = message_from_bytes(data, policy=policy.default)
    assert message["Subject"] == "Megawatch: the run of watch failed"
    assert "no connection" in message.get_content()


def test_an_account_counts_the_steps_and_holds_no_markup_of_sources() -> None:
    problem = Problem(where="https://x.example/`a`", what="<b>bold</b>\nand `code`")
    edition = Edition(week="2026-W21", as_of="2026-05-24", folder="/briefs/2026-W21", deals=9, problems=(problem,))
    counts = (Ingested(sources=3, items=7, stored=2), Read(documents=2, deals=4), 5)
    text = write_account(*counts, contradictions=3, edition=edition, site="https://brief.example/")
    assert "| documents stored anew | 2 |" in text
    assert "| contradictions standing | 3 |" in text
    assert "The brief of 2026-W21, 9 new deals: <https://brief.example/editions/2026-W21.html>" in text
    assert "`/briefs/2026-W21`" in write_account(*counts, contradictions=3, edition=edition)
    assert "| deals settled | 5 |" in text
    assert text.endswith("- `https://x.example/'a'`: `<b>bold</b> and 'code'`")
