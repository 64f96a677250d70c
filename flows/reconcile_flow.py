"""Flow ``reconcile``: what was recorded into deals."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import tell
from flows.steps import settle_deals


@task(cache_policy=NO_CACHE)
def settle_recorded() -> int:
    """Settle what was recorded since the last time."""
    return settle_deals()


@flow(name="reconcile")
def reconcile() -> int:
    """Cluster and reconcile; how many deals were touched."""
    tell("Reconciling deals", 0, 1)
    touched = settle_recorded()
    tell("Reconciling deals", 1, 1)
    return touched
