"""The arithmetic of one deal: what follows from its stated terms, with intervals, inputs and assumptions.

Relations are in ``relations``, unit rates and refusals in ``rates``, the cash schedule in ``schedule``, dates at their
precision in ``dates``. Nothing here rounds or words a number for print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from decimal import Decimal

from megawatch.ledger.arithmetic.known import Known, known_by_field, known_from_term, term_of
from megawatch.ledger.arithmetic.rates import Comparison, Observation, compare_rate, find_rates
from megawatch.ledger.arithmetic.relations import DERIVING, apply
from megawatch.ledger.intervals import exactly
from megawatch.market import Deal, Kind, Price, Term


def derive_terms(terms: Sequence[Term], *, kind: Kind) -> tuple[Term, ...]:
    """What the stated terms of a deal of that kind imply: missing figures, unit rates, and refusals with reasons.

    Derived terms carry their interval, the quotes and the assumptions that they rest on, and the relation as ``rule``.
    A field that is stated, or that its sources dispute, is never derived; one whose claim the other figures outweigh
    is, where they give it, and the claim is its rival. Unit rates come for every kind: as a value, or as a term without
    one whose ``absence`` and ``reason`` say why.
    """
    firm = [term for term in terms if term.rule != "outweighed"]
    weak = {term.field: term for term in terms if term.rule == "outweighed"}
    known, derived = known_by_field(firm), dict[str, Term]()
    for doubted in ({}, weak):
        known |= known_by_field(term for name, term in doubted.items() if name not in known)
        taken = {term.field for term in firm} | doubted.keys()
        while (found := _next_figure(known, taken | derived.keys(), kind)) is not None:
            figure, rule = found
            known[figure.field] = figure
            derived[figure.field] = _beside(weak.get(figure.field), term_of(figure, rule=rule))
    absent = {term.field: term for term in terms if term.value is None}
    return (*derived.values(), *find_rates(known, absent, kind=kind))


def _beside(claimed: Term | None, derived: Term) -> Term:
    if claimed is None or claimed.value is None:
        return derived
    return replace(derived, rivals=tuple((claimed.value, quote) for quote in claimed.quotes))


def compare_with_market(deal: Deal, prices: Iterable[Price], *, month: str) -> Comparison | None:
    """A deal's GPU-hour rate against the market prices of its models in that month (``2026-05``), as a ratio.

    The implied rate is compared where there is one, else the stated one. None where the deal has no rate or no model,
    or where no price of the same model was observed in the month.
    """
    term = _rate_of(deal)
    models = deal.value("gpu_model")
    if term is None or not isinstance(term.value, Decimal) or not isinstance(models, tuple):
        return None
    observations = [seen for price in prices if (seen := _observation(price)) is not None]
    return compare_rate(term.value, term.interval or exactly(term.value), observations, models=models, month=month)


def _next_figure(known: dict[str, Known], taken: Set[str], kind: Kind) -> tuple[Known, str] | None:
    for relation in DERIVING:
        if kind in relation.kinds and relation.output not in taken:
            figure = apply(relation, known)
            if figure is not None:
                return figure, relation.name
    return None


def _rate_of(deal: Deal) -> Term | None:
    for name in ("implied_usd_per_gpu_hour", "rate_usd_per_gpu_hour"):
        term = deal.get(name)
        if term is not None and term.value is not None:
            return term
    return None


def _observation(price: Price) -> Observation | None:
    low = price.low_usd_per_gpu_hour if price.low_usd_per_gpu_hour is not None else price.high_usd_per_gpu_hour
    high = price.high_usd_per_gpu_hour if price.high_usd_per_gpu_hour is not None else low
    if low is None or high is None or price.observed is None or len(price.observed) < 7:
        return None
    return Observation(price_id=price.price_id, gpu_model=price.gpu_model, month=price.observed[:7], low=low, high=high)


__all__ = ["Known", "compare_with_market", "derive_terms", "known_by_field", "known_from_term"]
