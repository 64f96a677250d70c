"""How often a host is asked: a gap between requests, within this process or across all processes of this machine."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

SEC_GAP_S = 0.11
"""Seconds between requests to the SEC: it allows 10 a second; this is nine."""


class Pace(Protocol):
    """Hands out turns, at least a gap apart."""

    def wait(self, gap_s: float, *, most_s: float) -> bool:
        """Wait for a turn; False, at once, where it would come after more than ``most_s`` seconds."""


class ThreadPace:
    """Turns within this process."""

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._next = 0.0
        self._lock = threading.Lock()
        self._sleep = sleep

    def wait(self, gap_s: float, *, most_s: float) -> bool:
        """Wait for a turn; False, at once, where it would come after more than ``most_s`` seconds."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            if turn - now > most_s:
                return False
            self._next = turn + gap_s
        if turn > now:
            self._sleep(turn - now)
        return True

    def hold_until(self, delay_s: float) -> None:
        """Give no turn for so many seconds (the host asked for it)."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + delay_s)


class FilePace:
    """Turns across processes: the file holds the moment of the next free turn, under a lock."""

    def __init__(self, path: Path, *, sleep: Callable[[float], None] = time.sleep) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._sleep = sleep

    def wait(self, gap_s: float, *, most_s: float) -> bool:
        """Wait for a turn; False, at once, where it would come after more than ``most_s`` seconds."""
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            now = time.time()
            turn = max(now, _number(file.read()))
            if turn - now > most_s + 60:  # a clock set back, or a broken file: start anew
                turn = now
            if turn - now > most_s:
                return False
            file.seek(0)
            file.truncate()
            file.write(repr(turn + gap_s))
        if turn > now:
            self._sleep(turn - now)
        return True


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
