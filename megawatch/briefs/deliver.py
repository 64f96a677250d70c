"""Sending an edition by SMTP: never twice, never lost.

A row is committed before anything is said to the server about a recipient, one more before the final dot, and one
after the answer. Killed before the dot, the server has no message and the next run sends it; killed after it, whether
the server took it is unknown, so it is not sent again and reported. RFC 5321, 4.1.1.4: a server may act on a message
only once the dot has come.
"""

from __future__ import annotations

import fcntl
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

from megawatch.briefs.hygiene import plain
from megawatch.errors import BriefError
from megawatch.market import Delivery, DeliveryState

REASON_LIMIT = 300
DONE: tuple[DeliveryState, ...] = ("sent", "refused", "unknown")


class DeliveryLog(Protocol):
    """The send ledger: rows are only added, and durable once ``append`` returns."""

    def latest(self, edition: str) -> Mapping[str, Delivery]:
        """The newest row of each address."""
        ...

    def append(self, delivery: Delivery) -> bool:
        """Add a row; False where the same step of the same attempt is there already: another sender has it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The server that mail goes through. ``security`` is ``starttls``, ``tls`` (from the start) or ``none``.

    ``delays_s`` are the pauses, in seconds, before each further attempt at those whom the server put off.
    """

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 60
    delays_s: tuple[float, ...] = (30, 120, 600)
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready for the wire."""

    message_id: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """How a run ended: addresses by outcome. ``already`` had the edition before; ``waiting`` may be run again."""

    sent: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    refused: tuple[Delivery, ...] = ()
    deferred: tuple[Delivery, ...] = ()
    unknown: tuple[Delivery, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nobody is left to be tried again."""
        return not self.deferred and not self.waiting


class _PutOffError(Exception):
    """The server did not take the message, and may later."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _RefusedError(_PutOffError):
    """The server will never take the message."""


class _LostError(_PutOffError):
    """The server's answer to the final dot was lost."""


def deliver(
    edition: str,
    recipients: Sequence[str],
    *,
    compose: Callable[[str], Letter],
    sender: str,
    smtp: SmtpSettings,
    log: DeliveryLog,
    sleep: Callable[[float], None] = time.sleep,
    progress: Callable[[Delivery], None] = lambda delivery: None,
) -> DeliveryReport:
    """Send an edition to each recipient once; run again after a crash, it goes on where it stopped.

    ``compose`` builds the letter for an address. One refusal stops nobody else. Raises BriefError where the server
    refuses the login or the sender: then nobody further is tried, and nobody is lost.
    """
    run = _Run(edition, compose, sender, smtp, log, progress)
    queue = run.settle_earlier(tuple(dict.fromkeys(recipients)))
    try:
        for delay in (0.0, *smtp.delays_s):
            if delay and queue:
                sleep(delay)
            queue = [address for address in queue if not run.attempt(address)]
    finally:
        run.hang_up()
    return run.report(recipients)


@contextmanager
def single_sender(path: Path) -> Iterator[None]:
    """Holds a lock on a file while sending; the system frees it when the process ends, however it ends.

    Raises BriefError where another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BriefError(
                f"Another process is sending already (lock {path.name}): wait until it has ended."
            ) from error
        yield


class _Run:
    """One run over the recipients of one edition, with the connection that it keeps open."""

    def __init__(
        self,
        edition: str,
        compose: Callable[[str], Letter],
        sender: str,
        smtp: SmtpSettings,
        log: DeliveryLog,
        progress: Callable[[Delivery], None],
    ) -> None:
        self.edition, self.compose, self.sender = edition, compose, sender
        self.smtp, self.log, self.progress = smtp, log, progress
        self.rows: dict[str, Delivery] = dict(log.latest(edition))
        self.before = {address for address, row in self.rows.items() if row.state == "sent"}
        self.server: smtplib.SMTP | None = None

    def settle_earlier(self, recipients: Sequence[str]) -> list[str]:
        """Close what a killed run left open; the addresses still to be tried."""
        for address in recipients:
            row = self.rows.get(address)
            if row and row.state == "handing_over":
                self._write(row, "unknown", reason="the sender stopped before the server's answer came")
        return [address for address in recipients if address not in self.rows or self.rows[address].state not in DONE]

    def attempt(self, address: str) -> bool:
        """Try one recipient once; True where nothing more is to be tried."""
        earlier = self.rows.get(address)
        try:
            letter = self.compose(address)
        except BriefError as error:
            row = self._row(address, earlier, message_id="")
            return not self._write(row, "started") or self._write(row, "refused", reason=str(error))
        row = self._row(address, earlier, message_id=letter.message_id)
        if not self._write(row, "started"):
            return True
        try:
            reply = self._hand_over(row, letter)
        except _LostError as lost:
            return self._write(row, "unknown", code=lost.code, reason=str(lost))
        except _RefusedError as refused:
            return self._write(row, "refused", code=refused.code, reason=str(refused))
        except _PutOffError as put_off:
            self._write(row, "deferred", code=put_off.code, reason=str(put_off))
            return False
        except BriefError as error:
            self._write(row, "deferred", reason=str(error))
            raise
        return self._write(row, "sent", code=reply[0], reason=reply[1])

    def _row(self, address: str, earlier: Delivery | None, *, message_id: str) -> Delivery:
        attempt = earlier.attempt + 1 if earlier else 1
        return Delivery(
            edition=self.edition, address=address, attempt=attempt, state="started", message_id=message_id, at=""
        )

    def _write(self, row: Delivery, state: DeliveryState, *, code: int | None = None, reason: str = "") -> bool:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        added = replace(row, state=state, at=at, code=code, reason=plain(reason, limit=REASON_LIMIT))
        if not self.log.append(added):
            return False
        self.rows[row.address] = added
        self.progress(added)
        return True

    def _hand_over(self, row: Delivery, letter: Letter) -> tuple[int, str]:
        server = self._connected()
        try:
            _expect(server.mail(self.sender), 250, sender=self.sender)
            _expect(server.rcpt(row.address), 250, 251)
            _expect(server.docmd("DATA"), 354)
            server.send(_dotted(letter.data))
        except _PutOffError:
            self._reset()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            raise _PutOffError(None, f"the connection broke: {error}") from error
        except BriefError:
            self.hang_up()
            raise
        if not self._write(row, "handing_over"):
            self.hang_up()
            raise _PutOffError(None, "another sender has this recipient")
        try:
            server.send(b".\r\n")
            reply = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            raise _LostError(None, f"the server's answer was lost: {error}") from error
        if reply[0] == 421 or not 200 <= reply[0] < 600:
            self.hang_up()
        _expect(reply, 250)
        return reply[0], reply[1].decode("utf-8", "replace")

    def _connected(self) -> smtplib.SMTP:
        if self.server is None:
            try:
                self.server = _connect(self.smtp)
            except (
                smtplib.SMTPAuthenticationError,
                smtplib.SMTPNotSupportedError,
                ssl.SSLCertVerificationError,
            ) as error:
                raise BriefError(
                    f"{self.smtp.host} refuses the login or the encryption: {plain(str(error), limit=160)}. "
                    "Correct the SMTP settings and send again; nobody is lost."
                ) from error
            except (OSError, smtplib.SMTPException) as error:
                raise _PutOffError(None, f"no connection to {self.smtp.host}:{self.smtp.port}: {error}") from error
        return self.server

    def _reset(self) -> None:
        try:
            if self.server is None or self.server.rset()[0] != 250:
                self.hang_up()
        except (OSError, smtplib.SMTPException):
            self.hang_up()

    def hang_up(self) -> None:
        """Leave the server; what it thinks of that is of no matter."""
        if self.server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.server.close()
            self.server = None

    def report(self, recipients: Sequence[str]) -> DeliveryReport:
        """The outcome of each recipient, in their order."""
        order = tuple(dict.fromkeys(recipients))
        rows = [self.rows[address] for address in order if address in self.rows]

        def those(*states: DeliveryState) -> tuple[Delivery, ...]:
            return tuple(row for row in rows if row.state in states)

        return DeliveryReport(
            sent=tuple(row.address for row in those("sent") if row.address not in self.before),
            already=tuple(row.address for row in those("sent") if row.address in self.before),
            refused=those("refused"),
            deferred=those("deferred", "started", "handing_over"),
            unknown=those("unknown"),
            waiting=tuple(address for address in order if address not in self.rows),
        )


def _connect(smtp: SmtpSettings) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=smtp.ca_file)
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout_s, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout_s)
    try:
        if smtp.security == "starttls":
            server.starttls(context=context)
        if smtp.username:
            server.login(smtp.username, smtp.password)
        server.ehlo_or_helo_if_needed()
        # The final dot is a packet of its own: unasked, the system holds it back 40 ms a letter.
        assert server.sock is not None
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        server.close()
        raise
    return server


def _expect(reply: tuple[int, bytes], *wanted: int, sender: str = "") -> None:
    code, words = reply[0], reply[1].decode("utf-8", "replace")
    if code in wanted:
        return
    if code == -1 or code == 421 or 400 <= code < 500:
        raise _PutOffError(code, words or "put off")
    if sender:
        raise BriefError(
            f"The server refuses the sender {sender}: {code} {plain(words, limit=160)}. Correct the setting."
        )
    raise _RefusedError(code, words or "refused")


def _dotted(data: bytes) -> bytes:
    """The message with its lines ended by CR LF and leading dots doubled, up to where the final dot belongs."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"
