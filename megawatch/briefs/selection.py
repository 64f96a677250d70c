"""What an edition is narrowed to: by a name given on the command line, or by what a subscriber follows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from megawatch.briefs import wording
from megawatch.lexicons.companies import company_index, fold_name
from megawatch.market import Deal, Subscriber, content_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Deals with a party among ``companies`` or in ``segments``, at least as large as a minimum, or one deal alone.

    Where both minimums are set, one of them met is enough; a deal without the figure does not meet it.
    """

    companies: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    minimum_mw: Decimal | None = None
    minimum_usd: Decimal | None = None
    deal_id: str = ""

    @property
    def words(self) -> str:
        """The selection in words."""
        named = wording.joined((*self.companies, *(segment.replace("_", " ") for segment in self.segments)))
        sizes = [(self.minimum_mw, "mw"), (self.minimum_usd, "usd")]
        least = " or ".join(wording.amount(size, unit) for size, unit in sizes if size is not None)
        return ", ".join(
            part for part in (named, f"from {least}" if least else "", self.deal_id and "one deal") if part
        )

    @property
    def key(self) -> str:
        """Eight hex digits: the same for the same selection, however its names are written and ordered."""
        companies = sorted({name.casefold().strip() for name in self.companies})
        sizes = ["" if size is None else str(size.normalize()) for size in (self.minimum_mw, self.minimum_usd)]
        return content_id("|".join(companies), "|".join(sorted(set(self.segments))), *sizes, self.deal_id)[:8]

    def takes(self, deal: Deal) -> bool:
        """Whether a deal belongs to the selection."""
        if self.deal_id:
            return deal.deal_id == self.deal_id
        names = [name for side in ("supplier", "customer") for name in names_of(deal, side)]
        named = not (self.companies or self.segments) or any(self.follows(name) for name in names)
        return named and self._is_large_enough(deal)

    def follows(self, name: str) -> bool:
        """Whether a party of that name is among the companies or segments."""
        company = company_index().get(fold_name(name))
        wanted = [(text.casefold().strip(), company_index().get(fold_name(text))) for text in self.companies]
        same = any(text in name.casefold() or (company is not None and company == other) for text, other in wanted)
        return same or (company is not None and company.segment in self.segments)

    def _is_large_enough(self, deal: Deal) -> bool:
        asked = [(self.minimum_mw, "power_mw"), (self.minimum_usd, "total_value_usd")]
        minimums = [(least, deal.value(name)) for least, name in asked if least is not None]
        return not minimums or any(isinstance(size, Decimal) and size >= least for least, size in minimums)


def names_of(deal: Deal, side: str) -> tuple[str, ...]:
    """The names of a party of a deal."""
    value = deal.value(side)
    return value if isinstance(value, tuple) else ()


def selection_of(subscriber: Subscriber) -> Selection | None:
    """What a subscriber follows; None where they follow everything."""
    selection = Selection(
        companies=subscriber.companies,
        segments=subscriber.segments,
        minimum_mw=subscriber.minimum_mw,
        minimum_usd=subscriber.minimum_usd,
    )
    return None if selection == Selection() else selection


def read_only(only: str | Selection | None) -> Selection | None:
    """The selection that a text on the command line means: a company, or a deal by its id."""
    if only is None or isinstance(only, Selection):
        return only
    return Selection(companies=(only.strip(),)) if only.strip() else None
