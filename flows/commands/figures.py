"""Figures short enough for a terminal; the brief has its own wording."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

_SCALES = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))


def short_money(value: object) -> str:
    """US dollars to three significant digits.

    >>> short_money(2_064_000_000), short_money(43_000_000), short_money(85_000), short_money(None)
    ('$2.06 bn', '$43 m', '$85,000', '')
    """
    if value is None:
        return ""
    number = Decimal(str(value))
    for scale, unit in _SCALES:
        if abs(number) >= scale:
            return f"${_digits(number / scale)} {unit}"
    return f"${number:,.0f}"


def short_number(value: object) -> str:
    """A count or a size with thousands apart and no empty decimals.

    >>> short_number(220000), short_number(2.1), short_number(Decimal("7.784")), short_number(None)
    ('220,000', '2.1', '7.784', '')
    """
    if value is None:
        return ""
    number = Decimal(str(value)).normalize()
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,f}"


def short_months(value: object) -> str:
    """A term in months; what division left over is rounded to a tenth.

    >>> short_months(36), short_months(143.529), short_months(None)
    ('36', '143.5', '')
    """
    return "" if value is None else short_number(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def short_rate(value: object) -> str:
    """A rate to two decimals.

    >>> short_rate(7.7836), short_rate(None)
    ('7.78', '')
    """
    return "" if value is None else f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP)}"


def deal_cells(row: Mapping[str, object]) -> dict[str, str]:
    """One row of the view ``deals`` in the words of the terminal's table."""
    return {
        "id": str(row["deal_id"])[:8],
        "deal": f"{row['supplier'] or 'unnamed'} → {row['customer'] or 'unnamed'}",
        "kind": str(row["kind"]),
        "status": str(row["status"]),
        "MW": short_number(row["power_mw"]),
        "GPUs": short_number(row["gpu_count"]),
        "total": short_money(row["total_value_usd"]),
        "months": short_months(row["term_months"]),
        "$/GPU-h": short_rate(row["implied_usd_per_gpu_hour"] or row["rate_usd_per_gpu_hour"]),
    }


DEAL_COLUMNS = ("deal", "kind", "status", "MW", "GPUs", "total", "months", "$/GPU-h")
DEAL_NUMBERS = ("MW", "GPUs", "total", "months", "$/GPU-h")


def _digits(number: Decimal) -> str:
    places = max(0, 2 - number.adjusted())
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,f}".rstrip("0").rstrip(".") if places else f"{rounded:,f}"
