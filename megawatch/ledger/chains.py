"""Links between deals: what grows out of, changes or ends an earlier deal, and whose capacity stands on whose.

- ``expands``, ``amends``, ``supersedes``, ``terminates``: a later deal of the same parties and kind whose sentences say
  so (``data/link_words.jsonl``), or, for ``expands``, whose megawatts are those of the earlier deal's option.
- ``stands_on``: the supplier of the upper deal is the customer of the lower one (power → landlord → cloud → lab,
  subleases and resales too), or built or bought the site; and the site is the same, or the megawatts agree, or one
  document tells both and no other deal fits.
- ``funds``: the borrower of a loan supplies the contract, or buys the hardware or site, under the same condition.

Where several earlier or upper deals fit equally well, none is linked. The spread of a link is what a megawatt-year
brings above less what it costs below, as an interval in US dollars; power is turned into megawatt-years with 8,760
hours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import Literal

from megawatch.ledger.arithmetic.dates import month_of
from megawatch.ledger.arithmetic.relations import HOURS_A_YEAR
from megawatch.ledger.data import read_data
from megawatch.ledger.intervals import exactly, multiply, overlaps, subtract
from megawatch.ledger.places import compare_places
from megawatch.market import Deal, Interval, Kind, Term

Relation = Literal["expands", "amends", "supersedes", "terminates", "stands_on", "funds"]

BELOW: dict[Kind, frozenset[Kind]] = {
    "compute": frozenset({"compute", "lease", "power", "hardware", "build", "acquisition"}),
    "lease": frozenset({"lease", "power", "build", "acquisition"}),
    "build": frozenset({"power", "hardware", "lease", "acquisition"}),
}
FUNDED: frozenset[Kind] = frozenset({"compute", "lease", "hardware", "build", "acquisition", "power"})
LINKING_FIELDS = (
    *("site", "power_mw", "gross_power_mw", "option_power_mw", "total_value_usd", "start_date"),
    *("usd_per_mw_year", "usd_per_mwh"),
)
"""The terms of a deal that linking looks at."""
_BOUGHT: frozenset[Kind] = frozenset({"hardware", "acquisition"})


@dataclass(frozen=True, slots=True)
class Parties:
    """The organizations of a deal, by id."""

    suppliers: frozenset[str]
    customers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One deal's relation to another: ``from_id`` expands, amends, stands on, funds … ``to_id``, and why.

    ``spread`` is the difference in US dollars a megawatt-year, where both sides of a ``stands_on`` are known.
    """

    relation: Relation
    from_id: str
    to_id: str
    reason: str
    spread: Interval | None = None


def find_links(deals: Sequence[Deal], *, parties: Mapping[str, Parties]) -> tuple[Link, ...]:
    """Every link among the deals, in order of ids; independent of the order of the deals."""
    ordered = sorted(deals, key=lambda deal: (deal.first_seen, deal.deal_id))
    links = [*_find_changes(ordered, parties), *_find_stands_on(ordered, parties), *_find_funds(ordered, parties)]
    return tuple(sorted(links, key=lambda link: (link.from_id, link.relation, link.to_id)))


def links_of(deal_id: str, links: Iterable[Link]) -> tuple[tuple[str, str, str], ...]:
    """The links that start at a deal, in the form that ``Deal.links`` holds."""
    return tuple((link.relation, link.to_id, link.reason) for link in links if link.from_id == deal_id)


# -- expansions, amendments, renewals and ends ---------------------------------------------------------------------


def _find_changes(ordered: Sequence[Deal], parties: Mapping[str, Parties]) -> Iterator[Link]:
    by_pair: defaultdict[tuple[str, str, str], list[Deal]] = defaultdict(list)
    for deal in ordered:
        for pair in _pairs(parties[deal.deal_id]):
            by_pair[(deal.kind, *pair)].append(deal)
    for deal in ordered:
        others = {one.deal_id: one for pair in _pairs(parties[deal.deal_id]) for one in by_pair[(deal.kind, *pair)]}
        yield from _change(deal, [one for one in others.values() if _is_before(one, deal)])


def _pairs(parties: Parties) -> list[tuple[str, str]]:
    return list(product(sorted(parties.suppliers), sorted(parties.customers)))


def _is_before(one: Deal, deal: Deal) -> bool:
    # What an amendment amends is often told in the same text, or recalled by a later one: it says nothing of the kind.
    if one.first_seen < deal.first_seen or one.deal_id == deal.deal_id:
        return one.deal_id != deal.deal_id
    return _said(one) is None and (one.first_seen == deal.first_seen or _starts_before(one, deal))


def _starts_before(one: Deal, deal: Deal) -> bool:
    first, second = one.value("start_date"), deal.value("start_date")
    known = isinstance(first, str) and isinstance(second, str)
    return known and month_of(str(first)) < month_of(str(second))


def _change(deal: Deal, earlier: Sequence[Deal]) -> Iterator[Link]:
    found = [one for one in earlier if _places(deal, one) >= 0]
    optional = [one for one in found if _same_megawatts(deal.get("power_mw"), one.get("option_power_mw"))]
    said = _said(deal)
    base = _only(optional) or _only([one for one in found if _places(deal, one) == 1]) or _only(found)
    if base is None:
        return
    if said is not None and (said[0] != "terminates" or _ends(deal, base)):
        yield Link(relation=said[0], from_id=deal.deal_id, to_id=base.deal_id, reason=f"the text says “{said[1]}”")
    elif base in optional:
        reason = "its megawatts are those of the earlier deal's option"
        yield Link(relation="expands", from_id=deal.deal_id, to_id=base.deal_id, reason=reason)


def _ends(deal: Deal, base: Deal) -> bool:
    # A deal that is itself what was terminated, told with terms of its own, ends no other.
    own = [name for name in ("total_value_usd", "power_mw") if deal.value(name) not in (None, base.value(name))]
    return base.status != "terminated" and not own


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[Relation, re.Pattern[str]], ...]:
    return tuple((entry["relation"], re.compile(entry["pattern"], re.IGNORECASE)) for entry in read_data("link_words"))


def read_relation(words: str) -> tuple[Relation, str] | None:
    """The relation to an earlier deal that a sentence's words speak of, with the words, or None."""
    for relation, pattern in _words():
        found = pattern.search(words)
        if found:
            return relation, found[0]
    return None


def _said(deal: Deal) -> tuple[Relation, str] | None:
    # “A further 150 MW” of an option is offered, not yet taken up.
    option = deal.get("option_power_mw")
    offered = {quote.claim_id for quote in option.quotes} if option is not None else set()
    spoken = [quote.quote for quote in deal.quotes if quote.claim_id not in offered]
    found = [said for words in spoken if (said := read_relation(words)) is not None]
    allowed = [said for said in found if said[0] != "terminates" or deal.status == "terminated"]
    order = [relation for relation, _ in _words()]
    return min(allowed, key=lambda said: order.index(said[0]), default=None)


# -- capacity that stands on other capacity ------------------------------------------------------------------------


def _find_stands_on(ordered: Sequence[Deal], parties: Mapping[str, Parties]) -> Iterator[Link]:
    receivers = _index(ordered, lambda deal: receivers_of(deal, parties[deal.deal_id]))
    for upper in ordered:
        lower = _met(receivers, parties[upper.deal_id].suppliers, upper)
        fitting = [one for one in lower if one.kind in BELOW.get(upper.kind, ()) and one.status != "terminated"]
        for one, reason in _fits(upper, fitting):
            spread = find_spread(upper, one)
            yield Link(relation="stands_on", from_id=upper.deal_id, to_id=one.deal_id, reason=reason, spread=spread)


def _find_funds(ordered: Sequence[Deal], parties: Mapping[str, Parties]) -> Iterator[Link]:
    users = _index(ordered, lambda deal: users_of(deal, parties[deal.deal_id]))
    for loan in ordered:
        if loan.kind == "financing" and loan.status != "terminated":
            funded = [one for one in _met(users, parties[loan.deal_id].customers, loan) if one.kind in FUNDED]
            for one, reason in _fits(loan, funded):
                yield Link(relation="funds", from_id=loan.deal_id, to_id=one.deal_id, reason=reason)


def find_spread(upper: Deal, lower: Deal) -> Interval | None:
    """What a megawatt-year of the upper deal brings less what it costs in the lower one, in US dollars."""
    brings, costs = _megawatt_year(upper), _megawatt_year(lower)
    return None if brings is None or costs is None else subtract(brings, costs)


def _megawatt_year(deal: Deal) -> Interval | None:
    year, hour = deal.get("usd_per_mw_year"), deal.get("usd_per_mwh")
    if year is not None and year.value is not None:
        return year.interval
    if hour is not None and hour.value is not None and hour.interval is not None:
        return multiply(hour.interval, exactly(HOURS_A_YEAR))
    return None


def receivers_of(deal: Deal, parties: Parties) -> frozenset[str]:
    """Who holds the capacity of a deal afterwards: a builder holds its own."""
    return parties.suppliers if deal.kind == "build" else parties.customers


def users_of(deal: Deal, parties: Parties) -> frozenset[str]:
    """Who puts to use what a loan for the deal pays for."""
    return parties.customers if deal.kind in _BOUGHT or deal.kind == "power" else parties.suppliers


def _index(deals: Sequence[Deal], who: Callable[[Deal], frozenset[str]]) -> Mapping[str, list[Deal]]:
    found: defaultdict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        for party in who(deal):
            found[party].append(deal)
    return found


def _met(index: Mapping[str, list[Deal]], parties: frozenset[str], deal: Deal) -> list[Deal]:
    met = {one.deal_id: one for party in sorted(parties) for one in index.get(party, ())}
    met.pop(deal.deal_id, None)
    return [met[deal_id] for deal_id in sorted(met)]


def _fits(deal: Deal, others: Sequence[Deal]) -> Iterator[tuple[Deal, str]]:
    linked = False
    for other in others:
        place = _places(deal, other)
        if place == 1:
            linked = True
            yield other, f"same party and site: {other.value('site')}"
        elif place == 0 and _same_capacity(deal, other):
            linked = True
            yield other, "same party, and the megawatts agree"
    told = [one for one in others if _places(deal, one) >= 0 and _documents(deal) & _documents(one)]
    only = _only(told)
    if not linked and only is not None:
        yield only, "same party, and one document tells both"


def _places(a: Deal, b: Deal) -> int:
    here, there = a.value("site"), b.value("site")
    return compare_places(here, there) if isinstance(here, str) and isinstance(there, str) else 0


def _same_capacity(a: Deal, b: Deal) -> bool:
    pairs = product(("power_mw", "gross_power_mw"), repeat=2)
    return any(_same_megawatts(a.get(mine), b.get(theirs)) for mine, theirs in pairs)


def _same_megawatts(a: Term | None, b: Term | None) -> bool:
    if a is None or b is None or not isinstance(a.value, Decimal) or not isinstance(b.value, Decimal):
        return False
    near = abs(a.value - b.value) <= Decimal("0.02") * max(a.value, b.value)
    return near and (a.interval is None or b.interval is None or overlaps(a.interval, b.interval))


def _documents(deal: Deal) -> frozenset[str]:
    return frozenset(quote.document_id for quote in deal.quotes)


def _only(deals: Sequence[Deal]) -> Deal | None:
    return deals[0] if len(deals) == 1 else None
