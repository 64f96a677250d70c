"""The relations between the figures of one deal, in every direction in which they are used.

Conventions and their reach:

- ``total = monthly × term`` holds for compute, lease and power deals, where the recurring payment is the price. It
  assumes even payments over the term; ramps, indexation and deposits bend it, so a check allows 5 % (``UNEVEN``) more
  than the intervals do. A loan's size is not its payments, and a purchase has none.
- ``term = end − start``, at the precision of the two dates (see ``dates``).
- ``monthly = rate × GPUs × 730 h`` holds for compute alone and assumes full use: each GPU is paid for in every hour. A
  month is 730 hours, a twelfth of a year of 8,760.
- ``power ≤ gross power``: critical IT load never exceeds the utility, nameplate or installed load beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic.dates import add_months, months_between
from megawatch.ledger.arithmetic.known import Known, hedge_of, unique
from megawatch.ledger.intervals import add, divide, exactly, multiply
from megawatch.market import Interval, Kind

HOURS_A_MONTH = Decimal(730)
HOURS_A_YEAR = Decimal(8760)
UNEVEN = Decimal("0.05")

EVEN_PAYMENTS = "payments are even over the term"
FULL_USE = "every GPU is paid for in every hour (full use)"
HOURS = "8,760 hours a year, 730 hours a month"

RENTED: frozenset[Kind] = frozenset({"compute", "lease", "power"})
COMPUTE: frozenset[Kind] = frozenset({"compute"})

Solver = Callable[[Mapping[str, Known]], tuple[Decimal, Interval, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One way to work out ``output`` from ``inputs``; ``name`` is printed as the rule of what it derives."""

    name: str
    output: str
    inputs: tuple[str, ...]
    kinds: frozenset[Kind]
    solve: Solver
    assumptions: tuple[str, ...] = ()


def _total(known: Mapping[str, Known]) -> tuple[Decimal, Interval, str]:
    monthly, term = known["monthly_payment_usd"], known["term_months"]
    return monthly.point * term.point, multiply(monthly.interval, term.interval), ""


def _monthly(known: Mapping[str, Known]) -> tuple[Decimal, Interval, str]:
    total, term = known["total_value_usd"], known["term_months"]
    return total.point / term.point, divide(total.interval, term.interval), ""


def _term_from_money(known: Mapping[str, Known]) -> tuple[Decimal, Interval, str]:
    total, monthly = known["total_value_usd"], known["monthly_payment_usd"]
    return total.point / monthly.point, divide(total.interval, monthly.interval), ""


def _term_from_dates(known: Mapping[str, Known]) -> tuple[Decimal, Interval, str]:
    point, interval = months_between(known["start_date"].text, known["end_date"].text)
    if point <= 0:
        raise LedgerError(f"The end {known['end_date'].text} is not after the start {known['start_date'].text}.")
    if interval.low is not None and interval.high is not None and interval.high - interval.low > point / 2:
        raise LedgerError("The dates are too coarse for a term: their years alone leave half of it open.")
    return point, interval, ""


def _end(known: Mapping[str, Known]) -> tuple[Decimal, Interval, str]:
    start, term = known["start_date"], known["term_months"]
    return start.point + term.point, add(start.interval, term.interval), add_months(start.text, term.point)


def _monthly_from_rate(known: Mapping[str, Known]) -> tuple[Decimal, Interval, str]:
    rate, gpus = known["rate_usd_per_gpu_hour"], known["gpu_count"]
    interval = multiply(multiply(rate.interval, gpus.interval), exactly(HOURS_A_MONTH))
    return rate.point * gpus.point * HOURS_A_MONTH, interval, ""


TERM_FROM_DATES = Relation(
    name="term = end − start",
    output="term_months",
    inputs=("start_date", "end_date"),
    kinds=RENTED,
    solve=_term_from_dates,
)
TOTAL = Relation(
    name="total = monthly × term",
    output="total_value_usd",
    inputs=("monthly_payment_usd", "term_months"),
    kinds=RENTED,
    solve=_total,
    assumptions=(EVEN_PAYMENTS,),
)
MONTHLY = Relation(
    name="monthly = total ÷ term",
    output="monthly_payment_usd",
    inputs=("total_value_usd", "term_months"),
    kinds=RENTED,
    solve=_monthly,
    assumptions=(EVEN_PAYMENTS,),
)
TERM_FROM_MONEY = Relation(
    name="term = total ÷ monthly",
    output="term_months",
    inputs=("total_value_usd", "monthly_payment_usd"),
    kinds=RENTED,
    solve=_term_from_money,
    assumptions=(EVEN_PAYMENTS,),
)
END = Relation(
    name="end = start + term", output="end_date", inputs=("start_date", "term_months"), kinds=RENTED, solve=_end
)
MONTHLY_FROM_RATE = Relation(
    name="monthly = rate × GPUs × 730 h",
    output="monthly_payment_usd",
    inputs=("rate_usd_per_gpu_hour", "gpu_count"),
    kinds=COMPUTE,
    solve=_monthly_from_rate,
    assumptions=(FULL_USE, HOURS),
)

DERIVING = (TERM_FROM_DATES, TERM_FROM_MONEY, TOTAL, MONTHLY, MONTHLY_FROM_RATE, END)
"""Tried in this order, again and again until none adds a figure."""

CHECKING = (TERM_FROM_DATES, TOTAL, MONTHLY_FROM_RATE)
"""One direction of each relation: enough to find figures that cannot all hold."""


def apply(relation: Relation, known: Mapping[str, Known]) -> Known | None:
    """The figure that the relation gives, or None where an input is missing or of no use (zero, too coarse)."""
    if not all(name in known for name in relation.inputs):
        return None
    inputs = [known[name] for name in relation.inputs]
    if any(one.point <= 0 for one in inputs):
        return None
    try:
        point, interval, text = relation.solve(known)
    except LedgerError:
        return None
    return combine(relation.output, point, interval, text=text, inputs=inputs, assumptions=relation.assumptions)


def combine(
    field: str,
    point: Decimal,
    interval: Interval,
    *,
    inputs: list[Known],
    assumptions: tuple[str, ...],
    text: str = "",
) -> Known:
    """A derived figure with the quotes, assumptions, hedge and confidence that its inputs hand on."""
    return Known(
        field=field,
        point=point,
        interval=interval,
        text=text,
        hedge=hedge_of(interval, inputs),
        confidence=min((one.confidence for one in inputs), default=1.0),
        assumptions=unique([*assumptions, *(note for one in inputs for note in one.assumptions)]),
        quotes=unique(quote for one in inputs for quote in one.quotes),
    )
