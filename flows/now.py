"""The clock, asked in one place."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def utc_text() -> str:
    """The present instant as ISO text to the second, as the ledger keeps instants."""
    return utc_now().isoformat(timespec="seconds")
