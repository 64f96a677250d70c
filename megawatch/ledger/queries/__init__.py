"""What the ledger answers: every question takes ``as_of`` and is answered with what was known then.

``as_of`` is an ISO day, which stands for the whole of it, or an instant; None is the present. ``since`` and ``until``
are half-open: from the first on, before the second. Dates and instants are UTC.
"""

from megawatch.ledger.arithmetic import compare_with_market
from megawatch.ledger.arithmetic.rates import revenue_per_10000_gpus
from megawatch.ledger.arithmetic.schedule import Schedule, cash_schedule
from megawatch.ledger.open import Ledger, open_ledger
from megawatch.ledger.organizations import Organization
from megawatch.ledger.queries.changes import list_changes, list_corrections
from megawatch.ledger.queries.deals import get_deal, list_contradictions, list_deals
from megawatch.ledger.queries.explain import ClaimStory, Explanation, TermStory, explain
from megawatch.ledger.queries.facts import (
    get_organization,
    list_prices,
    list_source_health,
    newest_document_day,
)
from megawatch.ledger.queries.money import get_schedule, list_exposures
from megawatch.ledger.queries.sql import Answer, run_query

__all__ = [
    "Answer",
    "ClaimStory",
    "Explanation",
    "Ledger",
    "Organization",
    "Schedule",
    "TermStory",
    "cash_schedule",
    "compare_with_market",
    "explain",
    "get_deal",
    "get_organization",
    "get_schedule",
    "list_changes",
    "list_contradictions",
    "list_corrections",
    "list_deals",
    "list_exposures",
    "list_prices",
    "list_source_health",
    "newest_document_day",
    "open_ledger",
    "revenue_per_10000_gpus",
    "run_query",
]
