"""Figures that state no term of any deal: the words around them say what else they are."""

from __future__ import annotations

import re

from extractors.candidates import Quantity
from extractors.deals.view import Item, View

NEVER = {
    "money": frozenset({"deposit", "guidance", "market_cap", "share_price", "per_unit"}),
    "power": frozenset({"campus", "pipeline"}),
}
"""Cues of figures that state no term of any deal, by kind of quantity."""

_RIGHT_TO_SHARES = re.compile(r"\b(?:rights?|options?|warrants?)\b[^.;]{0,60}\b(?:shares|stock|ADSs?)\b", re.IGNORECASE)
_FUND = re.compile(r"[- ](?:(?!(?:to|from|of|the|a)\b)[\w-]+ ){0,2}funds?\b(?! [A-Z])")
_HEARSAY = re.compile(
    r"(?:(?:But|And|Yet) )?(?:[Ss]ome|[Oo]thers|[Cc]ritics|[Ss]keptics|[Ss]ceptics) "
    r"(?:have|say|said|adds?|added|puts?|counts?|counted|claim|claimed|insist|insisted|call|reckon|speak|talk|wrote)\b"
)
_ASSUMED = re.compile(r"\bassum\w+(?: of| that| at)?[^.;]{0,30}$")


def cannot_be_term(view: View, item: Item) -> bool:
    """Whether the words around a figure make it none of a deal: for a unit, a fund, share rights, assumed, hearsay."""
    quantity = item.payload
    if not isinstance(quantity, Quantity):
        return False
    if quantity.cues & NEVER.get(quantity.kind, frozenset()):
        return True
    if quantity.kind == "money":
        text = view.reading.document.part(quantity.part)
        if _FUND.match(text, quantity.end, quantity.end + 40):
            return True
    if quantity.kind == "gpu_rate":
        text = view.reading.document.part(quantity.part)
        return _ASSUMED.search(text[max(0, quantity.start - 50) : quantity.start]) is not None
    told = view.line_of(item).sentence.quote
    if quantity.kind == "money" and _HEARSAY.match(told):
        return True
    return quantity.kind in ("money", "duration") and _RIGHT_TO_SHARES.search(told) is not None
