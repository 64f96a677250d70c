"""An SMTP server that refuses, puts off, delays and drops, each address in its own steady way."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from typing import Any

from aiosmtpd.controller import Controller
from sendlog import free_port


def manner_of(address: str) -> int:
    """0 to 99, the same for an address at every attempt."""
    return hashlib.sha256(address.encode()).digest()[0] * 100 // 256


class Unruly:
    """Counts the letters it took, by recipient; ``steps`` counts what it was asked."""

    def __init__(self, *, delay_s: float = 0.004) -> None:
        self.taken: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.delay_s = delay_s

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.asked[address] += 1
        manner = manner_of(address)
        if manner < 6:
            return "550 no such reader"
        if manner < 16 and self.asked[address] == 1:
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        manner = manner_of(address)
        await asyncio.sleep(self.delay_s * (1 + manner % 4))
        if 16 <= manner < 22 and self.asked[address] == 1:
            return "452 the disk is full"
        if 22 <= manner < 24:
            return "554 looks like junk"
        if 24 <= manner < 28:  # dropped, and not taken
            return self._drop(server)
        self.taken[address] += 1
        if 28 <= manner < 32:  # taken, and dropped before the answer
            return self._drop(server)
        return "250 taken"

    @staticmethod
    def _drop(server: Any) -> str:
        server.transport.abort()
        return "421 gone"


class UnrulyServer:
    """The server on a port of loopback, for the length of a block."""

    def __init__(self, **options: float) -> None:
        self.inbox = Unruly(**options)
        self.controller = Controller(self.inbox, hostname="127.0.0.1", port=free_port())

    def __enter__(self) -> UnrulyServer:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def port(self) -> int:
        return int(self.controller.port)
