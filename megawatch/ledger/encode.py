"""Values as text and back: exact decimals, names as JSON lists, everything in one spelling so that rows compare."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from megawatch.market import AMOUNT_FIELDS, DEAL_FIELDS, PARTY_FIELDS, Interval, Value

DERIVED_AMOUNTS = (
    "implied_usd_per_gpu_hour",
    "usd_per_kw_month",
    "usd_per_mw_year",
    "usd_per_mwh",
    "usd_per_mw",
    "kw_per_gpu",
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
NAME_FIELDS = (*PARTY_FIELDS, "gpu_model")
_ORDER = {name: place for place, name in enumerate((*DEAL_FIELDS, *DERIVED_AMOUNTS))}


def encode_decimal(value: Decimal) -> str:
    """The plain digits of an exact number, without needless zeros: ``1250000000``, ``7.78``."""
    if value == value.to_integral_value():
        return format(value.to_integral_value(), "f")
    return format(value.normalize(), "f")


def encode_value(value: Value) -> str:
    """A value as the ledger writes it: digits, text, or a JSON list of names."""
    if isinstance(value, Decimal):
        return encode_decimal(value)
    return value if isinstance(value, str) else encode_json(list(value))


def decode_value(field: str, text: str) -> Value:
    """The value that ``encode_value`` wrote for that field."""
    if field in NAME_FIELDS:
        return tuple(json.loads(text))
    return text if not is_amount(field) else Decimal(text)


def is_amount(field: str) -> bool:
    """Whether the field holds a number."""
    return field in AMOUNT_FIELDS or field in DERIVED_AMOUNTS


def field_order(field: str) -> tuple[int, str]:
    """Where a field stands among the others: as the guidelines list them, then the derived ones."""
    return _ORDER.get(field, len(_ORDER)), field


def as_number(value: Value | None) -> float | None:
    """The double that SQL compares, or None for a text."""
    return float(value) if isinstance(value, Decimal) else None


def encode_interval(interval: Interval | None) -> list[str | None] | None:
    """Both ends as digits; None where there is no interval."""
    if interval is None:
        return None
    return [None if end is None else str(end) for end in (interval.low, interval.high)]


def decode_interval(ends: list[str | None] | None) -> Interval | None:
    """The interval that ``encode_interval`` wrote."""
    if ends is None:
        return None
    low, high = (None if end is None else Decimal(end) for end in ends)
    return Interval(low, high)


def encode_json(value: Any) -> str:
    """Compact JSON in one spelling."""
    return _ENCODER.encode(value)
