"""Flow ``verify``: every quote and figure of the ledger against the document that states it, each night."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.accounts import keep_account, tell_operator
from flows.progress import tell
from flows.steps import open_store
from megawatch.errors import LedgerError, SourceError
from megawatch.ledger import open_ledger
from megawatch.ledger.verify import Verified
from megawatch.ledger.verify import verify as verify_ledger
from megawatch.market import Document
from megawatch.settings import read_settings

SHOWN_FAULTS = 40


@task(cache_policy=NO_CACHE)
def check_ledger() -> Verified:
    """Check the operator's ledger against the store."""
    settings = read_settings()
    with open_ledger(settings.ledger_url) as ledger, open_store(settings) as store:

        def get_document(document_id: str) -> Document | None:
            try:
                return store.get(document_id)
            except SourceError:
                return None

        return verify_ledger(ledger, get_document, progress=lambda done, total: tell("Checking", done, total))


@flow(name="verify", on_failure=[tell_operator], on_crashed=[tell_operator])
def verify() -> int:
    """Check every quote and recompute every derived value; how many documents were checked.

    Raises LedgerError where a fault is found, so that the run fails and the operator is told.
    """
    found = check_ledger()
    lines = [
        "| checked | count |",
        "|---|---|",
        f"| documents | {found.documents} |",
        f"| quotes | {found.quotes} |",
        f"| deals | {found.deals} |",
        f"| terms | {found.terms} |",
        f"| faults | {len(found.faults)} |",
        "",
    ]
    lines += [f"- `{one.what}` `{one.where}`: `{one.detail[:300]}`" for one in found.faults[:SHOWN_FAULTS]]
    keep_account("verify", "\n".join(lines))
    if found.faults:
        first = found.faults[0]
        raise LedgerError(
            f"{len(found.faults)} faults in the ledger, first {first.what}, {first.where}: {first.detail}. "
            "`megawatch verify` lists all of them."
        )
    return found.documents
