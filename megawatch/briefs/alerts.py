"""Alerts: an edition of one deal, for subscribers who want word of a large deal when it appears."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from megawatch.briefs.facts import phrase
from megawatch.briefs.findings import is_large
from megawatch.briefs.reader import LedgerReader, reader_of
from megawatch.briefs.rows.deals import anchor_of
from megawatch.briefs.rows.types import Brief
from megawatch.briefs.selection import Selection
from megawatch.briefs.view import build_brief
from megawatch.ledger.queries import Ledger


def find_alerts(
    ledger: LedgerReader | Ledger, *, since: str, until: str, as_of: str, selection: Selection | None = None
) -> tuple[tuple[str, str], ...]:
    """Deals that became known in ``[since, until)`` and that a subscriber asked to hear of: their ids and that day.

    Without a selection that names a minimum, large means at least $1 bn in all or 100 MW.
    """
    reader = reader_of(ledger)
    new = {c.deal_id: c.known_at[:10] for c in reader.list_changes(since=since, until=until) if c.what == "new"}
    deals = reader.list_deals(as_of=as_of, deal_ids=tuple(sorted(new))) if new else ()
    chosen = [deal for deal in deals if selection is None or selection.takes(deal)]
    sized = selection is not None and (selection.minimum_mw is not None or selection.minimum_usd is not None)
    return tuple(sorted((deal.deal_id, new[deal.deal_id]) for deal in chosen if sized or is_large(deal)))


def build_alert(ledger: LedgerReader | Ledger, deal_id: str, *, known_at: str, as_of: str) -> Brief:
    """The edition of one deal; its name does not depend on the week, so that nobody hears of a deal twice."""
    year, week, _ = date.fromisoformat(known_at[:10]).isocalendar()
    brief = build_brief(ledger, week=f"{year}-W{week:02d}", as_of=as_of, only=Selection(deal_id=deal_id))
    title = brief.new[0].title if brief.new else phrase("a deal")
    return replace(brief, edition=f"alert-{anchor_of(deal_id)}", headline=title)
