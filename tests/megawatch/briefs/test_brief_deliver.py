from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sending import EDITION, SENDER, compose, kill_while_sending, readers, send
from sendlog import MemoryLog, free_port
from unruly_server import UnrulyServer, manner_of

from megawatch.briefs.deliver import Letter, SmtpSettings, deliver, single_sender
from megawatch.errors import BriefError
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Deliveries
from megawatch.market import Delivery

FAST = (0.0, 0.0, 0.0)


def smtp(port: int, **more: Any) -> SmtpSettings:
    return SmtpSettings(
        **{"host": "127.0.0.1", "port": port, "security": "none", "timeout_s": 5, "delays_s": FAST, **more}
    )


def run(port: int, addresses: list[str], log: MemoryLog, **more: Any) -> Any:
    return deliver(
        EDITION, addresses, compose=compose, sender=SENDER, smtp=smtp(port, **more), log=log, sleep=lambda _: None
    )


@pytest.fixture
def unruly() -> Iterator[UnrulyServer]:
    with UnrulyServer(delay_s=0.0) as server:
        yield server


def test_each_reader_ends_in_the_state_that_the_server_gave(unruly: UnrulyServer) -> None:
    log = MemoryLog()
    report = run(unruly.port, readers(200), log)
    by_manner = {address: manner_of(address) for address in readers(200)}
    assert {d.address for d in report.refused} == {a for a, m in by_manner.items() if m < 6 or 22 <= m < 24}
    assert {d.address for d in report.unknown} == {a for a, m in by_manner.items() if 24 <= m < 32}
    assert len(report.sent) + len(report.refused) + len(report.unknown) == 200
    assert report.complete
    assert set(unruly.inbox.taken.values()) == {1}
    assert all(unruly.inbox.taken[address] == 1 for address in report.sent)
    assert {d.code for d in report.refused} == {550, 554}


def test_a_second_run_sends_nothing(unruly: UnrulyServer) -> None:
    log = MemoryLog()
    first = run(unruly.port, readers(40), log)
    rows = len(log.rows)
    second = run(unruly.port, readers(40), log)
    assert second.sent == ()
    assert second.already == first.sent
    assert {d.address for d in second.refused} == {d.address for d in first.refused}
    assert len(log.rows) == rows
    assert max(unruly.inbox.taken.values()) == 1


def test_a_row_stands_before_and_after_each_letter(unruly: UnrulyServer) -> None:
    log = MemoryLog()
    address = next(a for a in readers(200) if manner_of(a) > 40)
    run(unruly.port, [address, address], log)
    assert [row.state for row in log.rows] == ["started", "handing_over", "sent"]
    assert log.rows[-1].code == 250


def test_a_put_off_reader_is_tried_again_and_counted_once(unruly: UnrulyServer) -> None:
    log = MemoryLog()
    address = next(a for a in readers(200) if 6 <= manner_of(a) < 16)
    pauses: list[float] = []
    report = deliver(
        EDITION,
        [address],
        compose=compose,
        sender=SENDER,
        smtp=smtp(unruly.port, delays_s=(30.0, 120.0)),
        log=log,
        sleep=pauses.append,
    )
    assert report.sent == (address,)
    assert pauses == [30.0]
    assert [(row.attempt, row.state) for row in log.rows] == [
        (1, "started"),
        (1, "deferred"),
        (2, "started"),
        (2, "handing_over"),
        (2, "sent"),
    ]


@pytest.mark.parametrize(("state", "sends"), [("started", True), ("deferred", True), ("handing_over", False)])
def test_what_a_killed_run_left_is_taken_up_by_what_is_known(state: Any, sends: bool, unruly: UnrulyServer) -> None:
    address = next(a for a in readers(200) if manner_of(a) > 40)
    log = MemoryLog()
    log.append(Delivery(edition=EDITION, address=address, attempt=1, state=state, message_id="<x>", at="2026-05-25"))
    report = run(unruly.port, [address], log)
    assert bool(report.sent) is sends
    assert unruly.inbox.taken[address] == int(sends)
    assert [d.reason for d in report.unknown] == (
        [] if sends else ["the sender stopped before the server's answer came"]
    )


def test_no_server_leaves_everybody_to_be_tried_again() -> None:
    log = MemoryLog()
    report = run(free_port(), readers(3), log)
    assert not report.complete
    assert len(report.deferred) == 3
    assert all("no connection" in d.reason for d in report.deferred)


def test_an_address_that_is_none_stops_nobody_else(unruly: UnrulyServer) -> None:
    def careful(address: str) -> Letter:
        if " " in address:
            raise BriefError("no mail address")
        return compose(address)

    good = next(a for a in readers(200) if manner_of(a) > 40)
    report = deliver(
        EDITION, ["not one", good], compose=careful, sender=SENDER, smtp=smtp(unruly.port), log=MemoryLog()
    )
    assert report.sent == (good,)
    assert [d.reason for d in report.refused] == ["no mail address"]


def test_dots_and_line_ends_arrive_as_written() -> None:
    taken: list[bytes] = []

    class Plain:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            taken.append(envelope.content)
            return "250 ok"

    controller = Controller(Plain(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        run(controller.port, ["a@desk.example"], MemoryLog())
    finally:
        controller.stop()
    assert taken[0].endswith(b"\r\n\r\n.dots\r\n..\r\n.\r\nlast line\r\n")


def test_a_refused_sender_stops_the_run_and_loses_nobody() -> None:
    class Strict:
        async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
            return "553 not yours"

    controller = Controller(Strict(), hostname="127.0.0.1", port=free_port())
    controller.start()
    log = MemoryLog()
    try:
        with pytest.raises(BriefError, match="refuses the sender"):
            run(controller.port, readers(5), log)
    finally:
        controller.stop()
    assert [row.state for row in log.rows] == ["started", "deferred"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


class Guarded:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        return "250 ok" if session.authenticated and session.ssl else "554 not so"


def login(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"desk", b"right")
    return AuthResult(success=known, handled=False)


def test_starttls_with_login_is_spoken(certificate: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    controller = Controller(
        Guarded(), hostname="127.0.0.1", port=free_port(), tls_context=context, authenticator=login, auth_required=True
    )
    controller.start()
    try:
        known = {"security": "starttls", "username": "desk", "ca_file": str(certificate)}
        right = run(controller.port, ["a@desk.example"], MemoryLog(), password="right", **known)
        assert right.sent == ("a@desk.example",)
        log = MemoryLog()
        with pytest.raises(BriefError, match="refuses the login"):
            run(controller.port, ["a@desk.example"], log, password="wrong", **known)
        assert log.rows[-1].state == "deferred"
        with pytest.raises(BriefError, match="encryption"):
            run(
                controller.port, ["a@desk.example"], MemoryLog(), security="starttls", username="desk", password="right"
            )
    finally:
        controller.stop()


def test_a_server_that_never_answers_the_dot_is_reported_and_not_asked_again() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def mute() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            for line in stream:
                if line == b".\r\n":
                    return
                words = line.split(b" ")[0].strip().upper()
                if words in (b"EHLO", b"MAIL", b"RCPT"):
                    stream.write(b"250 ok\r\n")
                if words == b"DATA":
                    stream.write(b"354 go\r\n")
                stream.flush()

    thread = threading.Thread(target=mute, daemon=True)
    thread.start()
    log = MemoryLog()
    with listener:
        report = run(listener.getsockname()[1], ["a@desk.example"], log)
    assert [d.address for d in report.unknown] == ["a@desk.example"]
    assert "answer was lost" in report.unknown[0].reason
    assert run(1, ["a@desk.example"], log).unknown == report.unknown


def test_only_one_process_sends_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "week" / ".sending"
    with single_sender(lock), pytest.raises(BriefError, match="Another process"), single_sender(lock):
        pytest.fail("two senders at once")
    with single_sender(lock):
        assert lock.exists()


def test_killed_at_random_moments_nobody_gets_it_twice_or_is_forgotten(tmp_path: Path) -> None:
    path, count = tmp_path / "ledger.db", 60
    open_ledger(path)
    with UnrulyServer(delay_s=0.008) as server:
        struck = kill_while_sending(path, server.port, count, kills=4, longest_s=0.5, seed=7)
        report = send(path, server.port, count)
    assert struck >= 2
    assert report.complete
    taken = server.inbox.taken
    assert max(taken.values()) == 1
    rows = Deliveries(open_ledger(path)).latest(EDITION)
    assert rows.keys() == set(readers(count))
    for address, row in rows.items():
        assert row.state in ("sent", "refused", "unknown")
        assert row.state != "sent" or taken[address] == 1
        assert row.state != "refused" or taken[address] == 0
