"""How alike two mentions are: points for and against their being one deal, each with its reason.

The points are integers (quarters of a point of the table below), so that sums do not depend on their order.
``SAME`` points make two mentions one deal, which both parties and the kind alone just reach: two texts on one pair
of companies speak of one agreement until a figure, a date or a place tells otherwise. With a party unnamed, a figure or
a place has to speak for it as well. A figure speaks louder the more digits it has: $9.7 billion is rarer than $7
billion. ``CANDIDATE`` points make a pair worth a person's look.

Tolerances, of identity alone and never of arithmetic: figures agree where their intervals meet and nearly agree within
3 % (15 % where one of them is still a plan); an ``up to`` covers what is at least half of its bound; a figure in
another currency agrees within the widest range of that currency since 2023 (``data/currency_ranges.jsonl``, rounded
outward from published yearly highs and lows).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from megawatch.ledger.arithmetic.dates import date_interval, precision, same_time
from megawatch.ledger.arithmetic.rates import fold_model
from megawatch.ledger.claims import Mention
from megawatch.ledger.data import read_data
from megawatch.ledger.intervals import interval_of, multiply, overlaps, subtract
from megawatch.ledger.places import compare_places
from megawatch.market import AMOUNT_FIELDS, DealMention, Hedge, Interval

SAME = 16
CANDIDATE = 12

Point = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount of a mention; ``digits`` are its significant ones."""

    value: Decimal
    interval: Interval
    hedge: Hedge | None

    @property
    def digits(self) -> int:
        """How many significant digits the figure has: 1 for 7 billion, 2 for 9.7 billion."""
        return len(self.value.normalize().as_tuple().digits)


@dataclass(frozen=True, slots=True)
class Profile:
    """What comparison needs of a mention; hashable, so that copies of one text are compared once."""

    kind: str
    status: str
    suppliers: frozenset[str]
    customers: frozenset[str]
    figures: tuple[tuple[str, Figure], ...]
    currency: str
    start: str
    end: str
    models: frozenset[str]
    site: str

    def figure(self, field: str) -> Figure | None:
        """The figure of that field, or None."""
        return next((figure for name, figure in self.figures if name == field), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two mentions are one deal, with points and reasons; ``vetoed`` where no points could change it."""

    same: bool
    score: int
    reasons: tuple[str, ...]
    vetoed: bool = False


def profile_of(mention: Mention) -> Profile:
    """The profile of a mention: its parties by organization id, its other terms as stated."""
    deal = mention.deal
    figures = tuple(
        (term.field, Figure(term.value, interval_of(term), term.hedge))
        for term in sorted(deal.terms, key=lambda term: term.field)
        if term.field in AMOUNT_FIELDS and isinstance(term.value, Decimal) and term.value > 0
    )
    models = deal.value("gpu_model")
    return Profile(
        kind=_text(deal, "kind"),
        status=_text(deal, "status"),
        suppliers=mention.supplier_ids,
        customers=mention.customer_ids,
        figures=figures,
        currency=_text(deal, "currency"),
        start=_text(deal, "start_date"),
        end=_text(deal, "end_date"),
        models=frozenset(map(fold_model, models)) if isinstance(models, tuple) else frozenset(),
        site=_text(deal, "site"),
    )


@lru_cache(maxsize=200_000)
def compare(a: Profile, b: Profile) -> Verdict:
    """The verdict on two profiles; the same whichever comes first."""
    parties = _parties(a, b)
    kinds = _kinds(a.kind, b.kind)
    if parties is None or kinds is None:
        return Verdict(False, 0, (f"{'parties' if parties is None else 'kinds'} differ",), vetoed=True)
    points = [parties, kinds, *_figures(a, b), *_times(a, b), *_things(a, b)]
    score = sum(value for value, _ in points)
    ordered = sorted(points, key=lambda point: (-abs(point[0]), point[1]))
    return Verdict(score >= SAME, score, tuple(f"{reason} ({value / 4:+g})" for value, reason in ordered if value))


def _text(deal: DealMention, field: str) -> str:
    value = deal.value(field)
    return value if isinstance(value, str) else ""


def _parties(a: Profile, b: Profile) -> Point | None:
    supplier, customer = a.suppliers & b.suppliers, a.customers & b.customers
    if supplier and customer:
        return 12, "same parties"
    if a.suppliers & b.customers and a.customers & b.suppliers:
        return 8, "same parties, roles turned round"
    if not supplier and not customer:
        return None
    if (a.customers and b.customers) if supplier else (a.suppliers and b.suppliers):
        return _other_party(a, b, by_customer=bool(customer))
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
    return None


@lru_cache(maxsize=1)
def _neighbours() -> dict[frozenset[str], int]:
    return {frozenset(entry["kinds"]): entry["points"] for entry in read_data("kind_neighbours")}


def _kinds(a: str, b: str) -> Point | None:
    if a == b:
        return 4, "same kind"
    points = _neighbours().get(frozenset((a, b)))
    return None if points is None else (points, f"kinds {min(a, b)} and {max(a, b)} are told apart badly")


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
_FOR = {"term_months": 4, "rate_usd_per_gpu_hour": 4, "gross_power_mw": 6, "option_power_mw": 6}


def _figures(a: Profile, b: Profile) -> Iterator[Point]:
    tentative = "planned" in (a.status, b.status)
    for field, against in _AGAINST.items():
        one, other = a.figure(field), b.figure(field)
        if one is not None and other is not None and (field != "total_value" or a.currency == b.currency):
            yield _figure(field, one, other, against=against, tentative=tentative)
    yield from _power(a, b, tentative=tentative)
    yield from _across_relations(a, b)
    yield from _across_currencies(a, b)


def _figure(field: str, a: Figure, b: Figure, *, against: int, tentative: bool) -> Point:
    how = _how_alike(a, b, tentative=tentative)
    if how == "equal":
        return _FOR.get(field, 4 + 2 * min(3, a.digits, b.digits)), f"same {field}"
    if how == "near":
        return 4, f"nearly the same {field}"
    return (0, "") if how == "open" else (against, f"other {field}")


def _how_alike(a: Figure, b: Figure, *, tentative: bool) -> str:
    apart = abs(a.value - b.value) / max(a.value, b.value)
    if apart <= Decimal("0.005") or (overlaps(a.interval, b.interval) and apart <= Decimal("0.1")):
        return "equal"
    if apart <= (Decimal("0.15") if tentative else Decimal("0.03")):
        return "near"
    if overlaps(a.interval, b.interval):
        return "near" if apart <= Decimal("0.5") else "other"
    return "open" if apart <= Decimal("0.1") else "other"


def _power(a: Profile, b: Profile, *, tentative: bool) -> Iterator[Point]:
    one, other = a.figure("power_mw"), b.figure("power_mw")
    if one is None or other is None:
        for mine, profile in ((one, b), (other, a)):
            gross = profile.figure("gross_power_mw")
            if mine is not None and gross is not None and mine.value == gross.value:
                yield 6, "the megawatts of one are the gross megawatts of the other"
        return
    point = _figure("power_mw", one, other, against=-12, tentative=tentative)
    if point[0] < 0 and _is_gross(one, b) | _is_gross(other, a):
        yield 4, "the megawatts of one are the gross megawatts of the other"
        return
    yield point
    if point[0] < 0 and (_is_option(one, b) or _is_option(other, a)):
        yield -4, "the megawatts of one are the option of the other"


def _is_gross(figure: Figure, profile: Profile) -> bool:
    gross = profile.figure("gross_power_mw")
    return gross is not None and gross.value == figure.value


def _is_option(figure: Figure, profile: Profile) -> bool:
    option = profile.figure("option_power_mw")
    return option is not None and option.value == figure.value


def _across_relations(a: Profile, b: Profile) -> Iterator[Point]:
    for one, other in ((a, b), (b, a)):
        total, monthly = one.figure("total_value_usd"), other.figure("monthly_payment_usd")
        term = one.figure("term_months") or other.figure("term_months")
        if total and monthly and term and not other.figure("total_value_usd") and not one.figure("monthly_payment_usd"):
            if overlaps(total.interval, multiply(monthly.interval, term.interval)):
                yield 8, "the total of one is the monthly payment of the other over the term"
            else:
                yield -8, "the total of one is not the monthly payment of the other over the term"


@lru_cache(maxsize=1)
def _currencies() -> dict[str, tuple[Decimal, Decimal]]:
    return {
        entry["currency"]: (Decimal(str(entry["low_usd"])), Decimal(str(entry["high_usd"])))
        for entry in read_data("currency_ranges")
    }


def _across_currencies(a: Profile, b: Profile) -> Iterator[Point]:
    for one, other in ((a, b), (b, a)):
        dollars, foreign, rate = (
            one.figure("total_value_usd"),
            other.figure("total_value"),
            _currencies().get(other.currency),
        )
        if dollars and foreign and rate and not other.figure("total_value_usd"):
            if overlaps(dollars.interval, multiply(foreign.interval, Interval(*rate))):
                yield 6, "the same value in another currency"
            else:
                yield -8, "another value in another currency"


def _times(a: Profile, b: Profile) -> Iterator[Point]:
    for name, one, other in (("start", a.start, b.start), ("end", a.end, b.end)):
        if not one or not other:
            continue
        if same_time(one, other):
            yield (4 if max(precision(one), precision(other)) <= 3 else 2), f"same {name}"
        else:
            gap = subtract(date_interval(one), date_interval(other))
            far = min(abs(end) for end in (gap.low, gap.high) if end is not None) > 6
            yield (-6 if far else -2), f"other {name}"


def _things(a: Profile, b: Profile) -> Iterator[Point]:
    if a.models and b.models:
        yield (2, "same chips") if a.models & b.models else (-4, "other chips")
    if a.site and b.site:
        place = compare_places(a.site, b.site)
        yield {1: (6, "same site"), 0: (0, ""), -1: (-8, "other site")}[place]
    if a.status != b.status:
        yield -1, f"{min(a.status, b.status)} and {max(a.status, b.status)}"
