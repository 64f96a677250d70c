"""Everything an edition reads from the ledger, fetched once, already narrowed to what the reader asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.reader import LedgerReader
from megawatch.briefs.rows.figures import value_names
from megawatch.briefs.selection import Selection
from megawatch.errors import BriefError
from megawatch.market import Change, Contradiction, Deal, Price, SourceHealth

QUARTER_DAYS = 91
AHEAD_DAYS = 90
MOST_DEALS = 600
MOST_NEWCOMERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of an edition: ``[since, until)`` is its week, up to the day as of which it is told."""

    week: str
    since: str
    until: str
    as_of: str

    @property
    def quarter_since(self) -> str:
        """The first day of the thirteen weeks before."""
        return wording.add_days(self.since, -QUARTER_DAYS)

    @property
    def due_until(self) -> str:
        """The day after the last of the ninety days ahead."""
        return wording.add_days(self.until, AHEAD_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the ledger knew: deals by id, and the rows of the week."""

    window: Window
    only: Selection | None
    new: tuple[Deal, ...]
    quarter: tuple[Deal, ...]
    due: tuple[Deal, ...]
    known: dict[str, Deal]
    changes: tuple[Change, ...]
    corrections: tuple[Change, ...]
    contradictions: tuple[Contradiction, ...]
    prices: tuple[Price, ...]
    health: tuple[SourceHealth, ...]
    newcomers: frozenset[str]


def window_of(week: str, as_of: str) -> Window:
    """The window of an ISO week told as of a day; BriefError where that day lies before the week."""
    since, until = wording.week_span(week)
    if wording.day(as_of) and as_of[:10] < since:
        raise BriefError(f"Week {week} begins on {since}, after the day {as_of[:10]}: choose a later --as-of.")
    return Window(week=week, since=since, until=min(until, wording.add_days(as_of, 1)), as_of=as_of)


def gather(reader: LedgerReader, window: Window, *, only: Selection | None) -> Material:
    """Read the window, the quarter before it and the days ahead; nothing outside them is asked for."""
    changes = reader.list_changes(since=window.since, until=window.until)
    corrections = reader.list_corrections(since=window.since, until=window.until)
    clashes = reader.list_contradictions(as_of=window.as_of, since=window.since, until=window.until)
    first_seen = reader.list_deals(as_of=window.as_of, since=window.since, until=window.until)
    new_ids = {change.deal_id for change in changes if change.what == "new"}
    quarter = reader.list_deals(as_of=window.as_of, since=window.quarter_since, until=window.since, limit=MOST_DEALS)
    due = reader.list_deals(as_of=window.as_of, due_since=window.until, due_until=window.due_until, limit=MOST_DEALS)
    known = {deal.deal_id: deal for deal in (*quarter, *due, *first_seen)}
    wanted = new_ids | {row.deal_id for rows in (changes, corrections, clashes) for row in rows}
    if missing := tuple(sorted(wanted - known.keys())):
        known |= {deal.deal_id: deal for deal in reader.list_deals(as_of=window.as_of, deal_ids=missing)}
    new_ids |= {deal.deal_id for deal in first_seen}
    chosen = {deal_id: deal for deal_id, deal in known.items() if only is None or only.takes(deal)}
    new = tuple(sorted((chosen[deal_id] for deal_id in new_ids if deal_id in chosen), key=by_size))
    return Material(
        window=window,
        only=only,
        new=new,
        quarter=tuple(deal for deal in quarter if deal.deal_id in chosen and deal.deal_id not in new_ids),
        due=tuple(deal for deal in due if deal.deal_id in chosen),
        known=chosen,
        changes=tuple(
            change
            for change in changes
            if change.deal_id in chosen and change.what != "new" and change not in corrections
        ),
        corrections=tuple(change for change in corrections if change.deal_id in chosen),
        contradictions=tuple(clash for clash in clashes if clash.deal_id in chosen),
        prices=reader.list_prices(as_of=window.as_of, since=window.quarter_since),
        health=reader.list_source_health(since=window.since, until=window.until),
        newcomers=_newcomers(reader, new, quarter, window),
    )


def by_size(deal: Deal) -> tuple[Decimal, Decimal, Decimal, str]:
    """Sorts the largest first: by value, then power, then GPUs; ties by id."""
    sizes = (size_of(deal, name) for name in ("total_value_usd", "power_mw", "gpu_count"))
    first, second, third = (-(size or Decimal(0)) for size in sizes)
    return first, second, third, deal.deal_id


def size_of(deal: Deal, name: str) -> Decimal | None:
    """A figure of a deal as a number, or None."""
    value = deal.value(name)
    return value if isinstance(value, Decimal) else None


def _newcomers(
    reader: LedgerReader, new: tuple[Deal, ...], quarter: tuple[Deal, ...], window: Window
) -> frozenset[str]:
    """First names of parties of the largest new deals that no deal first seen before the week has."""
    names = {
        names[0]
        for deal in new[:MOST_NEWCOMERS]
        for side in ("supplier", "customer")
        if (names := value_names(deal.value(side)))
    }

    new_ids = {deal.deal_id for deal in new}
    earlier = [deal for deal in quarter if deal.deal_id not in new_ids]
    names -= {name for deal in earlier for side in ("supplier", "customer") for name in value_names(deal.value(side))}

    def is_new(name: str) -> bool:
        supplied = reader.list_deals(as_of=window.as_of, until=window.since, supplier=name, limit=1)
        return not supplied and not reader.list_deals(as_of=window.as_of, until=window.since, customer=name, limit=1)

    return frozenset(name for name in sorted(names) if is_new(name))
