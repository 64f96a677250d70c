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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
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
NEAR = Decimal("0.02")
"""Within how much of the larger two figures of megawatts are taken as the same: texts round to whole ones."""
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


def find_links(
    deals: Sequence[Deal], *, parties: Mapping[str, Parties], starts: Set[str] | None = None
) -> tuple[Link, ...]:
    """Every link among the deals, in order of ids; independent of the order of the deals.

    ``starts`` are the ids of the deals from which links are looked for, all where None.
    """
    ordered = sorted(deals, key=lambda deal: (deal.first_seen, deal.deal_id))
    seen = [_look_at(deal, parties[deal.deal_id]) for deal in ordered]
    first = [one for one in seen if starts is None or one.deal.deal_id in starts]
    links = [*_find_changes(first, seen), *_find_stands_on(first, seen), *_find_funds(first, seen)]
    return tuple(sorted(links, key=lambda link: (link.from_id, link.relation, link.to_id)))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A deal with what comparing it asks for again and again."""

    deal: Deal
    parties: Parties
    site: str
    capacity: tuple[Term, ...]
    documents: frozenset[str]


def _look_at(deal: Deal, parties: Parties) -> _Seen:
    site = deal.value("site")
    terms = (deal.get(name) for name in ("power_mw", "gross_power_mw"))
    return _Seen(
        deal=deal,
        parties=parties,
        site=site if isinstance(site, str) else "",
        capacity=tuple(term for term in terms if term is not None and isinstance(term.value, Decimal)),
        documents=frozenset(quote.document_id for quote in deal.quotes),
    )


def links_of(deal_id: str, links: Iterable[Link]) -> tuple[tuple[str, str, str], ...]:
    """The links that start at a deal, in the form that ``Deal.links`` holds."""
    return tuple((link.relation, link.to_id, link.reason) for link in links if link.from_id == deal_id)


# -- expansions, amendments, renewals and ends ---------------------------------------------------------------------


def _find_changes(first: Sequence[_Seen], seen: Sequence[_Seen]) -> Iterator[Link]:
    by_pair: defaultdict[tuple[str, str, str], list[_Seen]] = defaultdict(list)
    for one in seen:
        for pair in pairs_of(one.parties):
            by_pair[(one.deal.kind, *pair)].append(one)
    for later in first:
        pairs = [(later.deal.kind, *pair) for pair in pairs_of(later.parties)]
        others = {one.deal.deal_id: one for pair in pairs for one in by_pair[pair]}
        yield from _change(later, [one for one in others.values() if _is_before(one.deal, later.deal)])


def pairs_of(parties: Parties) -> list[tuple[str, str]]:
    """Every supplier with every customer."""
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


def _change(later: _Seen, earlier: Sequence[_Seen]) -> Iterator[Link]:
    deal = later.deal
    found = [one for one in earlier if _places(later, one) >= 0]
    optional = [one for one in found if _same_megawatts(deal.get("power_mw"), one.deal.get("option_power_mw"))]
    base = _only(optional) or _only([one for one in found if _places(later, one) == 1]) or _only(found)
    if base is None:
        return
    said, to_id = _said(deal), base.deal.deal_id
    if said is not None and (said[0] != "terminates" or _ends(deal, base.deal)):
        yield Link(relation=said[0], from_id=deal.deal_id, to_id=to_id, reason=f"the text says “{said[1]}”")
    elif base in optional:
        reason = "its megawatts are those of the earlier deal's option"
        yield Link(relation="expands", from_id=deal.deal_id, to_id=to_id, reason=reason)


def _ends(deal: Deal, base: Deal) -> bool:
    # A deal that is itself what was terminated, told with terms of its own, ends no other.
    own = [name for name in ("total_value_usd", "power_mw") if deal.value(name) not in (None, base.value(name))]
    return base.status != "terminated" and not own


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[Relation, re.Pattern[str]], ...]:
    return tuple((entry["relation"], re.compile(entry["pattern"], re.IGNORECASE)) for entry in read_data("link_words"))


@lru_cache(maxsize=65536)
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


def _find_stands_on(first: Sequence[_Seen], seen: Sequence[_Seen]) -> Iterator[Link]:
    receivers = _index(seen, lambda one: receivers_of(one.deal, one.parties))
    for upper in first:
        below = BELOW.get(upper.deal.kind, frozenset())
        lower = _met(receivers, upper.parties.suppliers, upper) if below else []
        fitting = [one for one in lower if one.deal.kind in below and one.deal.status != "terminated"]
        for one, reason in _fits(upper, fitting):
            yield Link(
                relation="stands_on",
                from_id=upper.deal.deal_id,
                to_id=one.deal.deal_id,
                reason=reason,
                spread=find_spread(upper.deal, one.deal),
            )


def _find_funds(first: Sequence[_Seen], seen: Sequence[_Seen]) -> Iterator[Link]:
    users = _index(seen, lambda one: users_of(one.deal, one.parties))
    for loan in first:
        if loan.deal.kind == "financing" and loan.deal.status != "terminated":
            funded = [one for one in _met(users, loan.parties.customers, loan) if one.deal.kind in FUNDED]
            for one, reason in _fits(loan, funded):
                yield Link(relation="funds", from_id=loan.deal.deal_id, to_id=one.deal.deal_id, reason=reason)


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


def _index(seen: Sequence[_Seen], who: Callable[[_Seen], frozenset[str]]) -> Mapping[str, list[_Seen]]:
    found: defaultdict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        for party in who(one):
            found[party].append(one)
    return found


def _met(index: Mapping[str, list[_Seen]], parties: frozenset[str], seen: _Seen) -> list[_Seen]:
    met = {one.deal.deal_id: one for party in sorted(parties) for one in index.get(party, ())}
    met.pop(seen.deal.deal_id, None)
    return [met[deal_id] for deal_id in sorted(met)]


def _fits(deal: _Seen, others: Sequence[_Seen]) -> Iterator[tuple[_Seen, str]]:
    here = [other for other in others if _places(deal, other) == 1]
    yield from ((other, f"same party and site: {other.site}") for other in here)
    elsewhere = [other for other in others if _places(deal, other) == 0]
    alike = [other for other in elsewhere if _same_capacity(deal, other)]
    # Two leases of the same size fit equally well; a lease and its power do not compete.
    kinds = Counter(other.deal.kind for other in alike)
    alone = [other for other in alike if kinds[other.deal.kind] == 1]
    yield from ((other, "same party, and the megawatts agree") for other in alone)
    only = _only([other for other in (*here, *elsewhere) if not deal.documents.isdisjoint(other.documents)])
    if not here and not alone and only is not None:
        yield only, "same party, and one document tells both"


def _places(a: _Seen, b: _Seen) -> int:
    return compare_places(a.site, b.site) if a.site and b.site else 0


def _same_capacity(a: _Seen, b: _Seen) -> bool:
    return any(_same_megawatts(mine, theirs) for mine in a.capacity for theirs in b.capacity)


def _same_megawatts(a: Term | None, b: Term | None) -> bool:
    if a is None or b is None or not isinstance(a.value, Decimal) or not isinstance(b.value, Decimal):
        return False
    near = abs(a.value - b.value) <= NEAR * max(a.value, b.value)
    return near and (a.interval is None or b.interval is None or overlaps(a.interval, b.interval))


def _only(seen: Sequence[_Seen]) -> _Seen | None:
    return seen[0] if len(seen) == 1 else None
