"""Unit rates of a deal, refusals where a rate would mean nothing, and their comparison with the market.

What each rate is, in which kind of deal, and what it assumes:

- ``implied_usd_per_gpu_hour`` (compute): monthly ÷ (GPUs × 730 h), full use. Refused for a lease, where the tenant
  brings the chips, and wherever no GPU count is stated: none is guessed from megawatts.
- ``usd_per_kw_month`` (lease): monthly ÷ contracted kilowatts of critical IT load.
- ``usd_per_mw_year`` (lease, compute): monthly × 12 ÷ contracted megawatts.
- ``usd_per_mwh`` (power): monthly ÷ (contracted megawatts × 730 h), output at full load in every hour.
- ``usd_per_mw`` (build, acquisition): value ÷ megawatts, critical ones where stated, else gross, which is then named.
- ``kw_per_gpu`` (compute, build, hardware): contracted kilowatts ÷ GPUs, cooling and network of the site included.

A refusal is a term without a value, with the absence and the reason in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from megawatch.ledger.arithmetic.known import UNITS, Known, term_of
from megawatch.ledger.arithmetic.relations import FULL_USE, HOURS, HOURS_A_MONTH, HOURS_A_YEAR, combine
from megawatch.ledger.intervals import divide, exactly, multiply
from megawatch.market import Absence, Interval, Kind, Term

KW_A_MW = Decimal(1000)
FULL_OUTPUT = "full output in every hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit rate: ``numerator ÷ denominator × factor``; the denominator may be the first known of several."""

    field: str
    name: str
    kinds: frozenset[Kind]
    numerator: str
    denominators: tuple[str, ...]
    factor: Decimal
    assumptions: tuple[str, ...] = ()
    elsewhere: str = ""


RATES = (
    Rate(
        field="implied_usd_per_gpu_hour",
        name="$/GPU-hour = monthly ÷ (GPUs × 730 h)",
        kinds=frozenset({"compute"}),
        numerator="monthly_payment_usd",
        denominators=("gpu_count",),
        factor=1 / HOURS_A_MONTH,
        assumptions=(FULL_USE, HOURS),
        elsewhere="only a compute deal prices GPUs by the hour",
    ),
    Rate(
        field="usd_per_kw_month",
        name="$/kW-month = monthly ÷ kW",
        kinds=frozenset({"lease"}),
        numerator="monthly_payment_usd",
        denominators=("power_mw",),
        factor=1 / KW_A_MW,
        elsewhere="only a lease is paid by the kilowatt of space",
    ),
    Rate(
        field="usd_per_mw_year",
        name="$/MW-year = monthly × 12 ÷ MW",
        kinds=frozenset({"lease", "compute"}),
        numerator="monthly_payment_usd",
        denominators=("power_mw",),
        factor=Decimal(12),
        elsewhere="only a lease or a compute deal is paid by the year for its megawatts",
    ),
    Rate(
        field="usd_per_mwh",
        name="$/MWh = monthly ÷ (MW × 730 h)",
        kinds=frozenset({"power"}),
        numerator="monthly_payment_usd",
        denominators=("power_mw",),
        factor=1 / HOURS_A_MONTH,
        assumptions=(FULL_OUTPUT, HOURS),
        elsewhere="only a power deal sells megawatt-hours",
    ),
    Rate(
        field="usd_per_mw",
        name="$/MW = value ÷ MW",
        kinds=frozenset({"build", "acquisition"}),
        numerator="total_value_usd",
        denominators=("power_mw", "gross_power_mw"),
        factor=Decimal(1),
        elsewhere="only a build or an acquisition has a cost a megawatt",
    ),
    Rate(
        field="kw_per_gpu",
        name="kW a GPU = kW ÷ GPUs",
        kinds=frozenset({"compute", "build", "hardware"}),
        numerator="power_mw",
        denominators=("gpu_count",),
        factor=KW_A_MW,
        elsewhere="this kind of deal has no GPUs of its own",
    ),
)

REFUSED_BY_KIND: dict[tuple[str, Kind], str] = {
    ("implied_usd_per_gpu_hour", "lease"): "a lease of space and power: the tenant brings the GPUs",
    ("implied_usd_per_gpu_hour", "power"): "a power deal covers no GPUs",
    ("implied_usd_per_gpu_hour", "hardware"): "a purchase is paid once, not by the hour",
    ("implied_usd_per_gpu_hour", "financing"): "a loan or investment is not a price of GPU-hours",
    ("usd_per_kw_month", "compute"): "a compute price covers chips and service, not space alone",
}

MISSING = {
    "monthly_payment_usd": "neither a monthly payment nor a total with a term is stated in dollars",
    "total_value_usd": "no value is stated in dollars",
    "gpu_count": "no GPU count is stated",
    "power_mw": "no contracted megawatts are stated",
    "gross_power_mw": "no megawatts are stated",
}


def find_rates(known: Mapping[str, Known], absent: Mapping[str, Term], *, kind: Kind) -> tuple[Term, ...]:
    """Each unit rate of a deal of that kind, or its refusal with the reason.

    ``known`` are the deal's figures by field, stated or derived; ``absent`` its terms that have no value.
    """
    return tuple(_rate_or_refusal(rate, known, absent, kind) for rate in RATES)


def revenue_per_10000_gpus(usd_per_gpu_hour: Decimal) -> Decimal:
    """US dollars a year that 10,000 GPUs earn at that rate in full use: 8,760 hours a year.

    >>> revenue_per_10000_gpus(Decimal("3.5"))
    Decimal('306600000.0')
    """
    return usd_per_gpu_hour * 10_000 * HOURS_A_YEAR


def _rate_or_refusal(rate: Rate, known: Mapping[str, Known], absent: Mapping[str, Term], kind: Kind) -> Term:
    if kind not in rate.kinds:
        reason = REFUSED_BY_KIND.get((rate.field, kind), rate.elsewhere)
        return _refuse(rate, "not_applicable", reason)
    below = next((name for name in rate.denominators if name in known and known[name].point > 0), None)
    if rate.numerator not in known:
        return _refuse_missing(rate, rate.numerator, absent)
    if below is None:
        return _refuse_missing(rate, rate.denominators[0], absent)
    return term_of(_divided(rate, known[rate.numerator], known[below]), rule=rate.name)


def _divided(rate: Rate, above: Known, below: Known) -> Known:
    # A factor below one is applied as a division, which is exact, so that no digit is lost twice.
    grows = rate.factor >= 1
    scale = exactly(rate.factor if grows else (1 / rate.factor).quantize(Decimal(1)))
    quotient = divide(above.interval, below.interval)
    interval = multiply(quotient, scale) if grows else divide(quotient, scale)
    point = above.point / below.point * scale.low if grows else above.point / below.point / scale.low  # type: ignore[operator]
    notes = rate.assumptions + (
        ("megawatts are gross (utility or nameplate)",) if below.field == "gross_power_mw" else ()
    )
    return combine(rate.field, point, interval, inputs=[above, below], assumptions=notes)


def _refuse(rate: Rate, absence: Absence, reason: str) -> Term:
    return Term(
        field=rate.field,
        value=None,
        basis="derived",
        absence=absence,
        reason=reason,
        unit=UNITS[rate.field],
        rule=rate.name,
    )


def _refuse_missing(rate: Rate, field: str, absent: Mapping[str, Term]) -> Term:
    term = absent.get(field) or (absent.get("total_value_usd") if field == "monthly_payment_usd" else None)
    if term is None or term.absence is None:
        return _refuse(rate, "undisclosed", MISSING[field])
    words = {"conflicting": "its sources contradict each other", "redacted": "it is redacted"}
    return _refuse(rate, term.absence, f"{term.field}: {term.reason or words.get(term.absence, 'not disclosed')}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A deal's GPU-hour rate beside the market prices of its models in one month.

    ``ratio`` is the rate ÷ the middle price (2.2 is 2.2 times the market), ``interval`` what the ranges of both allow.
    """

    month: str
    models: tuple[str, ...]
    rate_usd_per_gpu_hour: Decimal
    price_usd_per_gpu_hour: Decimal
    ratio: Decimal
    interval: Interval
    price_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One market price as comparison needs it; low and high are equal where one figure is given."""

    price_id: str
    gpu_model: str
    month: str
    low: Decimal
    high: Decimal


def compare_rate(
    rate: Decimal, interval: Interval, observations: Sequence[Observation], *, models: Sequence[str], month: str
) -> Comparison | None:
    """The ratio of a rate to the prices of the same models in the same month, or None where there is none."""
    wanted = {fold_model(model) for model in models}
    found = sorted(
        (one for one in observations if one.month == month and fold_model(one.gpu_model) in wanted and one.low > 0),
        key=lambda one: (one.low + one.high, one.price_id),
    )
    if not found:
        return None
    price = _middle([(one.low + one.high) / 2 for one in found])
    span = Interval(min(one.low for one in found), max(one.high for one in found))
    return Comparison(
        month=month,
        models=tuple(sorted({one.gpu_model for one in found})),
        rate_usd_per_gpu_hour=rate,
        price_usd_per_gpu_hour=price,
        ratio=rate / price,
        interval=divide(interval, span),
        price_ids=tuple(one.price_id for one in found),
    )


def fold_model(model: str) -> str:
    """An accelerator's name without case, spaces or signs: ``TPU v7`` and ``tpu-v7`` are one."""
    return "".join(letter for letter in model.lower() if letter.isalnum())


def _middle(ordered: Sequence[Decimal]) -> Decimal:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
