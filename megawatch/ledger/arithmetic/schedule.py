"""The cash schedule of a deal: payments a month from start to end, cumulative to date and over the term.

Conventions: payments are even unless ramps are given; they begin in the first month that the start date covers, and the
months of the term follow one another (a start known to the year is taken as January, which the schedule says). A ramp
sets the payment from its month on. A prepayment is paid at the start (or in its month) and credited evenly against the
payments that follow, so that the total stays. Amounts are in whole cents, rounded so that every
sum is within half a cent of the exact one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from megawatch.errors import LedgerError
from megawatch.ledger.arithmetic.dates import add_months, month_of, precision
from megawatch.ledger.arithmetic.known import Known, known_by_field, unique
from megawatch.ledger.arithmetic.relations import EVEN_PAYMENTS, RENTED
from megawatch.market import Absence, Deal, Quote

CENT = Decimal("0.01")
LONGEST = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """Money paid ahead, in US dollars; ``month`` is ``2026-05``, or None for the first month of the term."""

    usd: Decimal
    month: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """From that month (``2026-07``) on, the payment is this many US dollars a month."""

    month: str
    monthly_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One month's payment and all paid up to and with it, in US dollars."""

    month: str
    usd: Decimal
    cumulative_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The payments of a deal in order of month; empty where ``absence`` and ``reason`` say why there is none."""

    deal_id: str
    payments: tuple[Payment, ...] = ()
    absence: Absence | None = None
    reason: str = ""
    assumptions: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = field(default=())

    @property
    def total_usd(self) -> Decimal:
        """What is paid over the whole term."""
        return self.payments[-1].cumulative_usd if self.payments else Decimal(0)

    def paid_until(self, month: str) -> Decimal:
        """What is paid up to and with that month (``2026-05``)."""
        return max((one.cumulative_usd for one in self.payments if one.month <= month), default=Decimal(0))

    def by_year(self) -> dict[str, Decimal]:
        """What is paid in each calendar year."""
        years: dict[str, Decimal] = {}
        for one in self.payments:
            years[one.month[:4]] = years.get(one.month[:4], Decimal(0)) + one.usd
        return years


def cash_schedule(
    deal: Deal, *, until: str | None = None, prepayments: Sequence[Prepayment] = (), ramps: Sequence[Ramp] = ()
) -> Schedule:
    """The schedule of a compute, lease or power deal, up to and with the month ``until`` where one is given.

    Other kinds, terminated deals and deals without a start, a payment or a length are refused with the reason. Raises
    LedgerError where a prepayment or a ramp lies outside of the term.
    """
    known = known_by_field(deal.terms)
    refusal = _refusal(deal, known)
    if refusal is not None:
        return Schedule(deal_id=deal.deal_id, absence=refusal[0], reason=refusal[1])
    months = _months(known)
    amounts = _credit(_amounts(known, months, ramps), months, prepayments)
    used = [known[name] for name in ("start_date", "monthly_payment_usd", "term_months")]
    return Schedule(
        deal_id=deal.deal_id,
        payments=tuple(one for one in _add_up(months, amounts) if until is None or one.month <= until),
        assumptions=_assumptions(used, ramps),
        quotes=unique(quote for one in used for quote in one.quotes),
    )


def _refusal(deal: Deal, known: dict[str, Known]) -> tuple[Absence, str] | None:
    if deal.kind not in RENTED:
        return "not_applicable", f"a {deal.kind} deal is not paid by the month"
    if deal.status == "terminated":
        return "not_applicable", "the deal is terminated"
    missing = {
        "start_date": "no start is stated",
        "monthly_payment_usd": "neither a monthly payment nor a total with a term is stated in dollars",
        "term_months": "no length is stated",
    }
    for name, reason in missing.items():
        if name not in known:
            return "undisclosed", reason
    if not 1 <= known["term_months"].point <= LONGEST:
        return "conflicting", f"a term of {known['term_months'].point} months cannot be laid out"
    return None


def _months(known: dict[str, Known]) -> list[str]:
    first = month_of(known["start_date"].text)
    return [add_months(first, Decimal(step)) for step in range(int(known["term_months"].point.to_integral_value()))]


def _amounts(known: dict[str, Known], months: Sequence[str], ramps: Sequence[Ramp]) -> list[Decimal]:
    amounts = _even(known["monthly_payment_usd"].point, len(months))
    for ramp in sorted(ramps, key=lambda one: one.month):
        place = _place(ramp.month, months)
        amounts[place:] = [ramp.monthly_usd] * (len(months) - place)
    return amounts


def _even(monthly: Decimal, count: int) -> list[Decimal]:
    # Rounding what is paid in all, not each payment, keeps every sum within half a cent.
    paid = [(monthly * step).quantize(CENT) for step in range(count + 1)]
    return [after - before for before, after in pairwise(paid)]


def _credit(amounts: list[Decimal], months: Sequence[str], prepayments: Sequence[Prepayment]) -> list[Decimal]:
    for prepaid in prepayments:
        place = 0 if prepaid.month is None else _place(prepaid.month, months)
        rest = sum(amounts[place:])
        if not 0 <= prepaid.usd <= rest:
            raise LedgerError(f"The prepayment of {prepaid.usd} exceeds the {rest} that remain to be paid: correct it.")
        credited = [(amount * (1 - prepaid.usd / rest)).quantize(CENT) for amount in amounts[place:]]
        credited[-1] += rest - prepaid.usd - sum(credited)
        amounts = [*amounts[:place], credited[0] + prepaid.usd, *credited[1:]]
    return amounts


def _place(month: str, months: Sequence[str]) -> int:
    if month not in months:
        raise LedgerError(f"{month} lies outside of the term, {months[0]} to {months[-1]}: correct the month.")
    return months.index(month)


def _add_up(months: Sequence[str], amounts: Sequence[Decimal]) -> Iterable[Payment]:
    paid = Decimal(0)
    for month, amount in zip(months, amounts, strict=True):
        paid += amount
        yield Payment(month=month, usd=amount, cumulative_usd=paid)


def _assumptions(used: Sequence[Known], ramps: Sequence[Ramp]) -> tuple[str, ...]:
    start = used[0]
    notes = [note for one in used for note in one.assumptions if note != EVEN_PAYMENTS]
    if not ramps:
        notes.append(EVEN_PAYMENTS)
    if precision(start.text) > 1:
        notes.append(f"payments begin in the first month of {start.text}")
    return unique(notes)
