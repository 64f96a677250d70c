"""A price while it is being read, and which model names can carry one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from extractors.candidates import ModelMention
from megawatch.market import Hedge, Market, Part

LOWEST = Decimal("0.10")
HIGHEST = Decimal("20")
_FAMILIES = frozenset(
    {
        "Blackwell",
        "Hopper",
        "Ampere",
        "Rubin",
        "Blackwell Ultra",
        "Rubin Ultra",
        "TPU",
        "Ascend",
        "Helios",
        "Titan",
        "Dojo",
        "AI5",
    }
)


@dataclass(slots=True)
class PriceDraft:
    """One model's price or move at ``start:end`` of a part; low and high are US dollars for one accelerator-hour."""

    model: str
    part: Part
    start: int
    end: int
    market: Market
    provider: str | None
    low: Decimal | None = None
    high: Decimal | None = None
    change: Decimal | None = None
    hedge: Hedge | None = None
    confidence: float = 0.9


def priced_model(mention: ModelMention) -> bool:
    """Whether a price can belong to the model: a whole family of chips has none."""
    return mention.gpu_model not in _FAMILIES
