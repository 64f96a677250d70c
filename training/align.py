"""Which candidate of a document states which field of which annotated deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from extractors.candidates import DateMention, Quantity
from extractors.deals.view import Item, View

MONEY_FIELDS = {"total_value_usd": "total", "total_value": "total", "monthly_payment_usd": "monthly"}
FIELD_OF = {
    "power_mw": ("power", "power"),
    "gross_power_mw": ("power", "gross"),
    "option_power_mw": ("power", "option"),
    "term_months": ("duration", "term"),
    "gpu_count": ("gpus", "count"),
    "rate_usd_per_gpu_hour": ("gpu_rate", "rate"),
    "start_date": ("date", "start"),
    "end_date": ("date", "end"),
    **{name: ("money", label) for name, label in MONEY_FIELDS.items()},
}


@dataclass(slots=True)
class Alignment:
    """For each item (by position in ``view.items``) its label and the annotated deals it belongs to."""

    labels: dict[int, str] = field(default_factory=dict)
    deals: dict[int, tuple[int, ...]] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)


def align(view: View, gold: Mapping[str, object]) -> Alignment:
    """Labels for the items of a view, from the annotated deals of its document."""
    found = Alignment()
    for number, deal in enumerate(gold["deals"]):
        places = {name: locate(gold, quote) for name, quote in deal["evidence"].items()}
        for name, (kind, label) in FIELD_OF.items():
            if deal.get(name) in (None, "", []):
                continue
            hits = [
                n for n, item in enumerate(view.items) if item.type == kind and agrees(item, name, deal[name], deal)
            ]
            at = [n for n in hits if any(within(view.items[n], place) for place in places.get(name, ()))]
            for n in at or hits[:1]:
                _set(found, n, label, number)
            found.unsure.update(n for n in hits if n not in at)
        for name in ("kind", "status"):
            for n, item in enumerate(view.items):
                if item.type == "trigger" and any(within(item, place) for place in places.get(name, ())):
                    _set(found, n, "anchor", number)
    found.unsure -= set(found.labels)
    return found


def _set(found: Alignment, n: int, label: str, deal: int) -> None:
    found.labels.setdefault(n, label)
    if deal not in found.deals.get(n, ()):
        found.deals[n] = (*found.deals.get(n, ()), deal)


def locate(gold, quote):
    """The places (part, start, end) of a passage."""
    places = []
    for part in ("text", "title"):
        start = gold[part].find(quote)
        while start >= 0 and len(places) < 4:
            places.append((part, start, start + len(quote)))
            start = gold[part].find(quote, start + 1)
    return places


def within(item, place):
    """Whether an item overlaps a place."""
    return item.part == place[0] and item.start < place[2] and place[1] < item.end


def agrees(item: Item, name: str, value, deal) -> bool:
    """Whether an item's value is that of the annotated field."""
    payload = item.payload
    if isinstance(payload, DateMention):
        return payload.value.startswith(str(value)) or str(value).startswith(payload.value)
    if not isinstance(payload, Quantity):
        return False
    for own in (payload.value, payload.high):
        if own is None:
            continue
        own = float(own)
        if name == "monthly_payment_usd":
            own = {"month": 1, "quarter": 1 / 3, "year": 1 / 12, "day": 30.4, "week": 4.33}.get(
                payload.per or "", 1
            ) * own
            if payload.per is None and any(abs(own / k - float(value)) <= 0.01 * float(value) for k in (3, 12)):
                return payload.currency in ("USD", None)
        if name in ("total_value_usd", "monthly_payment_usd") and payload.currency not in ("USD", None):
            continue
        if abs(own - float(value)) <= max(0.011 * abs(float(value)), 1.0 if name == "term_months" else 0):
            return True
    return False
