"""How far a run has come, told to whoever listens: the command line draws a bar, a server listens to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int], None]

_listener: Listener | None = None


def tell(stage: str, done: int, total: int) -> None:
    """Say that ``done`` of ``total`` parts of a stage are behind us."""
    if _listener is not None:
        _listener(stage, done, total)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear of every step of this process for as long as the block lasts."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before
