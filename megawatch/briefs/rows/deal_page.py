"""One deal on its own page: its terms, what contradicts them, and every passage behind them."""

from __future__ import annotations

from dataclasses import dataclass

from megawatch.briefs.facts import Fact, Sentence
from megawatch.briefs.reader import LedgerReader, reader_of
from megawatch.briefs.rows import deals, figures
from megawatch.briefs.rows.figures import Notebook
from megawatch.briefs.rows.types import ClashRow, DealRow, Note
from megawatch.ledger.queries import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class DealPage:
    """A deal as it was known on a day."""

    key: str
    known: Fact
    name: Fact
    title: Sentence
    deal: DealRow
    clashes: tuple[ClashRow, ...]
    notes: tuple[Note, ...]


def build_deal_page(ledger: LedgerReader | Ledger, deal_id: str, *, as_of: str) -> DealPage | None:
    """The page of one deal, or None where the ledger did not know it on that day."""
    found = reader_of(ledger).list_deals(as_of=as_of, deal_ids=(deal_id,))
    if not found:
        return None
    notebook = Notebook()
    row = deals.deal_row(found[0], "d", notebook, {})
    clashes = deals.clash_rows(found[0].contradictions, {deal_id: found[0]}, notebook)
    known = figures.date_fact(as_of[:10], "edition/as_of")
    name = Fact(words=deal_id, row=f"deals/{deal_id}", kind="text")
    return DealPage(
        key="edition", known=known, name=name, title=row.title, deal=row, clashes=clashes, notes=notebook.notes()
    )
