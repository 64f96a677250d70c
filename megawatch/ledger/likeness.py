"""How alike two mentions are: points for and against their being one deal, each with its reason.

The points are integers, four to each point that a reason prints, so that sums do not depend on their order. ``SAME``
points make two mentions one deal, which both parties and the kind alone just reach: two texts on one pair of companies
speak of one agreement until a figure, a date or a place tells otherwise. With a party unnamed, a figure or a place has
to speak for it as well; with a party named otherwise (a subsidiary that signs), a rare figure and more. A figure speaks
louder the more digits it has: $9.7 billion is rarer than $7 billion. ``CANDIDATE`` points make a pair worth a person's
look.

Tolerances, of identity alone and never of arithmetic: figures agree where their intervals meet and nearly agree within
3 % (15 % where one of them is still a plan); an ``up to`` covers what is at least half of its bound; a figure in
another currency agrees within the widest range of that currency since 2023 (``data/currency_ranges.jsonl``,
set by hand and wide: it tells figures apart, it converts none).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from megawatch.ledger.arithmetic.dates import date_span
from megawatch.ledger.arithmetic.rates import fold_model
from megawatch.ledger.claims import Mention
from megawatch.ledger.data import read_data
from megawatch.ledger.intervals import interval_of
from megawatch.ledger.places import compare_places
from megawatch.market import AMOUNT_FIELDS, DealMention, Stated

SAME = 16
CANDIDATE = 12

Point = tuple[int, str]


class Figure(NamedTuple):
    """One amount of a mention, as floats, enough to tell figures apart; ``digits`` counts its significant ones."""

    value: float
    low: float
    high: float
    digits: int


class Span(NamedTuple):
    """A date as a range of months since the year 0."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What comparison needs of a mention; equal for copies of one text, which are then compared once."""

    kind: str
    status: str
    suppliers: frozenset[str]
    customers: frozenset[str]
    amounts: tuple[tuple[str, Figure], ...]
    currency: str
    start: Span | None
    end: Span | None
    models: frozenset[str]
    site: str
    figures: dict[str, Figure] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two mentions are one deal, with the points for and against; ``vetoed`` where none could change it."""

    same: bool
    score: int
    points: tuple[Point, ...]
    vetoed: bool = False

    @property
    def reasons(self) -> tuple[str, ...]:
        """The points in words, the weightiest first, each with its weight."""
        ordered = sorted(self.points, key=lambda point: (-abs(point[0]), point[1]))
        return tuple(f"{reason} ({value / 4:+g})" if value else reason for value, reason in ordered)


def profile_of(mention: Mention) -> Profile:
    """The profile of a mention: its parties by organization id, its other terms as stated."""
    deal = mention.deal
    terms = sorted(deal.terms, key=lambda term: term.field)
    figures = {term.field: figure for term in terms if (figure := _figure_of(term)) is not None}
    models = deal.value("gpu_model")
    return Profile(
        kind=_text(deal, "kind"),
        status=_text(deal, "status"),
        suppliers=mention.supplier_ids,
        customers=mention.customer_ids,
        amounts=tuple(figures.items()),
        currency=_text(deal, "currency"),
        start=_span(_text(deal, "start_date")),
        end=_span(_text(deal, "end_date")),
        models=frozenset(map(fold_model, models)) if isinstance(models, tuple) else frozenset(),
        site=_text(deal, "site"),
        figures=figures,
    )


def compare(a: Profile, b: Profile) -> Verdict:
    """The verdict on two profiles; the same whichever comes first."""
    parties = _parties(a, b)
    if parties is None:
        return Verdict(False, 0, ((0, "parties differ"),), vetoed=True)
    kinds = _kinds(a.kind, b.kind)
    if kinds is None:
        return Verdict(False, 0, ((0, "kinds differ"),), vetoed=True)
    points = [parties, kinds, *_figures(a, b), *_times(a, b), *_things(a, b)]
    score = sum(value for value, _ in points)
    return Verdict(score >= SAME, score, tuple(point for point in points if point[0]))


def _figure_of(term: Stated) -> Figure | None:
    if term.field not in AMOUNT_FIELDS or not isinstance(term.value, Decimal) or term.value <= 0:
        return None
    around = interval_of(term)
    low, high = float(around.low or 0), float("inf") if around.high is None else float(around.high)
    return Figure(float(term.value), low, high, len(term.value.normalize().as_tuple().digits))


def _span(text: str) -> Span | None:
    if not text:
        return None
    start, width = date_span(text)
    return Span(float(start), float(start + width))


def _text(deal: DealMention, name: str) -> str:
    value = deal.value(name)
    return value if isinstance(value, str) else ""


def _parties(a: Profile, b: Profile) -> Point | None:
    supplier, customer = not a.suppliers.isdisjoint(b.suppliers), not a.customers.isdisjoint(b.customers)
    if supplier and customer:
        return 12, "same parties"
    if not a.suppliers.isdisjoint(b.customers) and not a.customers.isdisjoint(b.suppliers):
        return 8, "same parties, roles turned round"
    if not supplier and not customer:
        return None
    if (a.customers and b.customers) if supplier else (a.suppliers and b.suppliers):
        return _other_party(a, b, by_customer=customer)
    if a.kind == b.kind == "build":
        return 8, "same builder"
    alike = not a.customers | b.customers or not a.suppliers | b.suppliers
    return (
        (6, "one party the same, the other unnamed in both") if alike else (4, "one party the same, the other unnamed")
    )


def _other_party(a: Profile, b: Profile, *, by_customer: bool) -> Point | None:
    # The banks of one loan, and the sellers of one company, are named differently from text to text.
    if by_customer and a.kind == b.kind and a.kind in ("financing", "acquisition"):
        return -4, "same receiver, other provider"
    # A subsidiary signs what its parent is named for: only a figure of some digits speaks for one deal then.
    if any(_same_rare(a.figures.get(name), b.figures.get(name)) for name in TELLING):
        return -4, "one party the same, the other named otherwise"
    return None


TELLING = ("total_value_usd", "total_value", "monthly_payment_usd", "gpu_count")


def _same_rare(a: Figure | None, b: Figure | None) -> bool:
    return a is not None and b is not None and a.value == b.value and a.digits >= 2


@lru_cache(maxsize=1)
def _neighbours() -> dict[frozenset[str], int]:
    return {frozenset(entry["kinds"]): entry["points"] for entry in read_data("kind_neighbours")}


@lru_cache(maxsize=64)
def kinds_near(kind: str) -> frozenset[str]:
    """The kind itself and those under which the same deal may be told."""
    return frozenset({kind}).union(*(pair for pair in _neighbours() if kind in pair))


def _kinds(a: str, b: str) -> Point | None:
    if a == b:
        return 4, "same kind"
    points = _neighbours().get(frozenset((a, b)))
    return None if points is None else (points, f"told as {min(a, b)} and as {max(a, b)}")


_AGAINST = {
    "total_value_usd": -16,
    "total_value": -16,
    "monthly_payment_usd": -12,
    "rate_usd_per_gpu_hour": -4,
    "gpu_count": -8,
    "term_months": -6,
    "gross_power_mw": -4,
    "option_power_mw": -2,
}
_POWER_AGAINST = -12
_FOR = {"term_months": 4, "rate_usd_per_gpu_hour": 4, "gross_power_mw": 6, "option_power_mw": 6}
_WORDS = {how: {name: f"{how} {name}" for name in AMOUNT_FIELDS} for how in ("same", "nearly the same", "other")}


def _figures(a: Profile, b: Profile) -> Iterator[Point]:
    tentative = a.status == "planned" or b.status == "planned"
    for name, one in a.figures.items():
        other = b.figures.get(name)
        if other is not None and name in _AGAINST and (name != "total_value" or a.currency == b.currency):
            yield _figure(name, one, other, against=_AGAINST[name], tentative=tentative)
    yield from _power(a, b, tentative=tentative)
    for mine, theirs in ((a, b), (b, a)):
        yield from _across_relations(mine, theirs)
        yield from _across_currencies(mine, theirs)


def _figure(name: str, a: Figure, b: Figure, *, against: int, tentative: bool) -> Point:
    how = _how_alike(a, b, tentative=tentative)
    if how == "equal":
        return _FOR.get(name, 4 + 2 * min(3, a.digits, b.digits)), _WORDS["same"][name]
    if how == "near":
        return 4, _WORDS["nearly the same"][name]
    return (0, "") if how == "open" else (against, _WORDS["other"][name])


def _how_alike(a: Figure, b: Figure, *, tentative: bool) -> str:
    apart, meet = abs(a.value - b.value) / max(a.value, b.value), a.low <= b.high and b.low <= a.high
    if apart <= 0.005 or (meet and apart <= 0.1):
        return "equal"
    if apart <= (0.15 if tentative else 0.03) or (meet and apart <= 0.5):
        return "near"
    return "open" if apart <= 0.1 and not meet else "other"


def _power(a: Profile, b: Profile, *, tentative: bool) -> Iterator[Point]:
    one, other = a.figures.get("power_mw"), b.figures.get("power_mw")
    point = None
    if one is not None and other is not None:
        point = _figure("power_mw", one, other, against=_POWER_AGAINST, tentative=tentative)
        if point[0] >= 0:
            yield point
            return
    if _equals(one, b, "gross_power_mw") or _equals(other, a, "gross_power_mw"):
        yield 6 if point is None else 4, "the megawatts of one are the gross megawatts of the other"
    elif point is not None:
        yield point
        if _equals(one, b, "option_power_mw") or _equals(other, a, "option_power_mw"):
            yield -4, "the megawatts of one are the option of the other"


def _equals(figure: Figure | None, profile: Profile, name: str) -> bool:
    other = profile.figures.get(name)
    return figure is not None and other is not None and figure.value == other.value


def _across_relations(a: Profile, b: Profile) -> Iterator[Point]:
    total, monthly = a.figures.get("total_value_usd"), b.figures.get("monthly_payment_usd")
    if total is None or monthly is None or "total_value_usd" in b.figures or "monthly_payment_usd" in a.figures:
        return
    term = a.figures.get("term_months") or b.figures.get("term_months")
    if term is not None and total.low <= monthly.high * term.high and monthly.low * term.low <= total.high:
        yield 8, "the total of one is the monthly payment of the other over the term"
    elif term is not None:
        yield -8, "the total of one is not the monthly payment of the other over the term"


@lru_cache(maxsize=1)
def _currencies() -> dict[str, tuple[float, float]]:
    return {entry["currency"]: (entry["low_usd"], entry["high_usd"]) for entry in read_data("currency_ranges")}


def _across_currencies(a: Profile, b: Profile) -> Iterator[Point]:
    dollars, foreign = a.figures.get("total_value_usd"), b.figures.get("total_value")
    rate = _currencies().get(b.currency) if b.currency else None
    if dollars is None or foreign is None or rate is None or "total_value_usd" in b.figures:
        return
    if dollars.low <= foreign.high * rate[1] and foreign.low * rate[0] <= dollars.high:
        yield 6, "the same value in another currency"
    else:
        yield -8, "another value in another currency"


def _times(a: Profile, b: Profile) -> Iterator[Point]:
    for name, one, other in (("start", a.start, b.start), ("end", a.end, b.end)):
        if one is None or other is None:
            continue
        if one.low < other.high and other.low < one.high:
            precise = max(one.high - one.low, other.high - other.low) <= 3
            yield (4 if precise else 2), f"same {name}"
        else:
            far = max(one.low - other.high, other.low - one.high) > 6
            yield (-6 if far else -2), f"other {name}"


_PLACES = {1: (6, "same site"), 0: (0, ""), -1: (-8, "other site")}


def _things(a: Profile, b: Profile) -> Iterator[Point]:
    if a.models and b.models:
        yield (-4, "other chips") if a.models.isdisjoint(b.models) else (2, "same chips")
    if a.site and b.site:
        yield _PLACES[compare_places(a.site, b.site)]
    if a.status != b.status:
        yield -1, f"{min(a.status, b.status)} and {max(a.status, b.status)}"
