"""Flow ``brief``: one edition, built, checked and written to the folder of briefs."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.editions import store_edition
from flows.plan import Edition
from flows.progress import tell


@task(cache_policy=NO_CACHE)
def write_checked(week: str, as_of: str, only: str) -> Edition:
    """Write one edition; where a check fails, nothing of it is written."""
    return store_edition(week=week, as_of=as_of, only=only)


@flow(name="brief")
def brief(week: str = "", as_of: str = "", only: str = "") -> Edition:
    """Write the edition of a week (of the newest document's where none is given), as the ledger knew it by its end."""
    tell("Writing the brief", 0, 1)
    edition = write_checked(week, as_of, only)
    tell("Writing the brief", 1, 1)
    return edition
