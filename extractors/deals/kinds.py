"""What a deal is where its supplier says more than the words around it: nobody rents a hall from a power plant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.deals.roles import trades_of
from extractors.parties.types import PartyEntity

_SELLS_POWER = frozenset(
    (
        "electric electricity energy generation geothermal hydro hydropower light nuclear power renewables solar "
        "utilities utility wind"
    ).split()
)
_LETS = re.compile(r"\b(?:leas|tenan|landlord|colo|host|data hall|rent|square f|critical IT|shell)", re.IGNORECASE)
_COMPUTES = re.compile(r"\bcomput(?:e|ing) (?:capacity|power|services)\b", re.IGNORECASE)
BY_SEGMENT = {
    ("build", "power"): "power",
    ("compute", "chipmaker"): "hardware",
    ("compute", "server_maker"): "hardware",
}
"""The kind of a deal, by the kind first read and the known segment of its supplier."""


def kind_by_supplier(kind: str, supplier: PartyEntity, lines: Sequence[str], *, served: bool) -> str:
    """The kind of a deal of some supplier, as read from ``lines``: the one given, or what alone it can be.

    ``served`` tells that a customer is named: computing capacity for a named one is rented to it, not just built.
    """
    found = BY_SEGMENT.get((kind, supplier.segment or ""), kind)
    if kind == "lease" and sells_power(supplier) and not any(_LETS.search(line) for line in lines):
        return "power"
    if (
        kind == "power"
        and supplier.segment in ("hpc_landlord", "developer")
        and any(_LETS.search(line) for line in lines)
    ):
        return "lease"
    if kind == "build" and served and any(_COMPUTES.search(line) for line in lines):
        return "compute"
    return found


def sells_power(party: PartyEntity) -> bool:
    """Whether a party is known, named or called as one that sells electricity."""
    if party.segment is not None:
        return party.segment == "power"
    return party.name.lower().rstrip(".").split()[-1] in _SELLS_POWER or "power" in trades_of(party)
