"""What deals pay month by month, and what companies owe each other year by year."""

from __future__ import annotations

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic.payment_terms import prepayments_of, ramps_of
from megawatch.ledger.arithmetic.schedule import Schedule, cash_schedule
from megawatch.ledger.exposure import Exposure, exposure_by_year
from megawatch.ledger.open import Ledger
from megawatch.ledger.queries.deals import bound_of, get_deal, list_deals
from megawatch.ledger.rows import select_in
from megawatch.ledger.tables import ClaimRow, table_of

_CLAIMS = table_of(ClaimRow)


def get_schedule(
    ledger: Ledger, deal_id: str, *, as_of: str | None = None, until: str | None = None
) -> Schedule | None:
    """The payments of a deal by month, up to and with ``until`` (``2027-05``), as known at ``as_of``.

    Prepayments and ramps are those that the deal's sentences state; where they do not fit its term, they are left out.
    None where there is no such deal. Raises LedgerError for a malformed ``as_of``.
    """
    bound_of(as_of)
    deal = get_deal(ledger, deal_id, as_of=as_of)
    if deal is None:
        return None
    with ledger.read() as connection:
        rows = select_in(connection, _CLAIMS, "claim_id", {quote.claim_id for quote in deal.quotes})
    sentences = sorted({row.sentence for row in rows})
    try:
        prepaid, ramps = prepayments_of(deal, sentences), ramps_of(deal, sentences)
        return cash_schedule(deal, until=until, prepayments=prepaid, ramps=ramps)
    except LedgerError:
        return cash_schedule(deal, until=until)


def list_exposures(ledger: Ledger, *, as_of: str | None = None) -> tuple[Exposure, ...]:
    """What each party owes each other in each year over the signed deals known at ``as_of``, USD."""
    return exposure_by_year(list_deals(ledger, as_of=as_of, status="signed"))
