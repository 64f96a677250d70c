"""A send ledger in memory, for tests of one process."""

from __future__ import annotations

import socket

from megawatch.market import Delivery


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MemoryLog:
    def __init__(self) -> None:
        self.rows: list[Delivery] = []

    def latest(self, edition: str) -> dict[str, Delivery]:
        return {row.address: row for row in self.rows if row.edition == edition}

    def append(self, delivery: Delivery) -> bool:
        step = (delivery.edition, delivery.address, delivery.attempt, delivery.state)
        if any((row.edition, row.address, row.attempt, row.state) == step for row in self.rows):
            return False
        self.rows.append(delivery)
        return True
