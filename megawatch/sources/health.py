"""How a source does over its runs: what is a warning, and when it is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from megawatch.sources.journal import Run
from megawatch.sources.specs import SourceSpec

WORKING = frozenset(("ok", "partial", "stalled", "sudden_drop", "sudden_rise", "layout_break"))
"""Outcomes of runs in which the source answered."""
TRIES = 5
REST = timedelta(days=7)
STALLED_DAYS = {"hourly": 7, "daily": 14, "weekly": 28}


def resting(runs: Sequence[Run], now: datetime) -> str:
    """Say why a source is left alone for now; empty where it is to be asked.

    After five failed runs in a row it is asked once a week, until it answers. ``runs`` has the newest first.
    """
    tried = [run for run in runs if run.health.outcome not in ("switched_off", "contact_missing", "store_failed")]
    failed = tried[:TRIES]
    if len(failed) < TRIES or any(run.health.outcome in WORKING for run in failed):
        return ""
    last = datetime.fromisoformat(failed[0].health.checked_at)
    if now - last >= REST:
        return ""
    return (
        f"switched off after {TRIES} failed runs in a row, the last on {last:%Y-%m-%d}: {failed[0].health.outcome}"
        f" ({failed[0].health.detail}); it is asked again a week after; correct its address or set enabled = false"
    )


def warning(spec: SourceSpec, runs: Sequence[Run], now: datetime, *, pages: int, empty: int) -> tuple[str, str]:
    """Name what is odd about a source that answered, with a sentence on it; two empty texts where nothing is.

    ``runs`` are all runs known, this one among them, the newest first; ``pages`` were opened in this run, of which
    ``empty`` held no text.
    """
    if pages >= 3 and empty >= 0.5 * pages:
        return "layout_break", f"{empty} of {pages} pages held no text: the layout of the site may have changed"
    week, before = _fresh(runs, now, 7), _fresh(runs, now, 35) - _fresh(runs, now, 7)
    oldest = min((datetime.fromisoformat(run.health.checked_at) for run in runs), default=now)
    known = now - oldest
    days = STALLED_DAYS[spec.cadence]
    if spec.expected_min > 0 and known >= timedelta(days=days) and not _fresh(runs, now, days):
        return "stalled", f"nothing new for {days} days, where {spec.expected_min} a week and more are expected"
    if known >= timedelta(days=35) and before >= 20 and week < 0.25 * before / 4:
        return "sudden_drop", f"{week} new in the last week, after {before / 4:.0f} a week in the four before"
    if known >= timedelta(days=14) and week < spec.expected_min:
        return "sudden_drop", f"{week} new in the last week, where at least {spec.expected_min} are expected"
    if known >= timedelta(days=14) and week > 2 * spec.expected_max:
        return "sudden_rise", f"{week} new in the last week, where at most {spec.expected_max} are expected"
    return "", ""


def _fresh(runs: Sequence[Run], now: datetime, days: int) -> int:
    since = now - timedelta(days=days)
    return sum(run.fresh for run in runs if datetime.fromisoformat(run.health.checked_at) > since)
