"""Sends one edition to many readers through a real ledger: a process of its own, for tests that kill it.

``python sending.py LEDGER PORT READERS``: prints ``ready`` once it has imported all, then sends until nobody waits.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from megawatch.briefs.deliver import DeliveryReport, Letter, SmtpSettings, deliver
from megawatch.ledger import open_ledger
from megawatch.ledger.deliveries import Deliveries

EDITION = "2026-W21"
SENDER = "brief@megawatch.example"


def readers(count: int) -> list[str]:
    return [f"reader{n}@desk.example" for n in range(count)]


def compose(address: str) -> Letter:
    head = f"From: {SENDER}\r\nTo: {address}\r\nSubject: Megawatch\r\n\r\n"
    return Letter(f"<{address}>", (head + ".dots\r\n..\r\n.\r\nlast line").encode())


def send(path: Path, port: int, count: int) -> DeliveryReport:
    smtp = SmtpSettings(host="127.0.0.1", port=port, security="none", timeout_s=5, delays_s=(0.05, 0.05, 0.05))
    log = Deliveries(open_ledger(path))
    return deliver(EDITION, readers(count), compose=compose, sender=SENDER, smtp=smtp, log=log)


def kill_while_sending(path: Path, port: int, count: int, *, kills: int, longest_s: float, seed: int) -> int:
    """Start the program and kill it at a random moment, so many times; how often it was still at work then."""
    chance = random.Random(seed)
    struck = 0
    for _ in range(kills):
        command = [sys.executable, __file__, str(path), str(port), str(count)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, longest_s))
        struck += process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return struck


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    send(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
