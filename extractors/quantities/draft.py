"""A quantity while it is being read: the parts of the grammar fill it in turn."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extractors.candidates import QuantityKind
from extractors.quantities.numbers import Number


@dataclass(slots=True)
class Draft:
    """What is known of a quantity so far; ``figure_end`` is where an amount ends before its period."""

    start: int
    end: int
    kind: QuantityKind
    unit: str
    value: Decimal
    step: Decimal
    number: Number
    high: Decimal | None = None
    currency: str | None = None
    per: str | None = None
    models: tuple[str, ...] = ()
    rule: str = "unit"
    same_as: int | None = None
    figure_end: int = 0
