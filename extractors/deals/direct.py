"""Which way a deal runs where a sentence says it outright: who pays the other, who hands the other a thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from extractors.deals.view import Line, View
from extractors.parties.types import PartyEntity

_GIVES = (
    "cedes? ceded ceding delivers? delivered delivering hands? handed handing leases? leased leasing lends? lent "
    "lending lets? opens? provides? provided providing rents? rented renting sells? selling ships? shipped sold "
    "sublease subleases subleased supply supplied supplies supplying turns?"
)
_FEW, _SOME, _MORE = (rf"(?:(?!<one>|<other>|\.)\S+ ){{0,{most}}}?" for most in (6, 8, 16))
PAYS = re.compile(rf"<one> {_FEW}(?:pays?|paid|paying) <other>")
GIVES = re.compile(rf"<one> {_SOME}(?:{'|'.join(_GIVES.split())}) {_MORE}to <other>")


def runs_backwards(view: View, lines: Iterable[Line], supplier: PartyEntity, customer: PartyEntity) -> bool:
    """Whether lines say that the supplier pays the customer or is handed something by it, and none the reverse."""
    told = [said for line in lines for said in _directions(view, line, supplier.entity_id, customer.entity_id)]
    return bool(told) and not any(told)


def _directions(view: View, line: Line, supplier: int, customer: int) -> Iterator[bool]:
    """For each outright statement of a line whether it has the supplier supply."""
    forth, back = _masked(view, line, supplier, customer), _masked(view, line, customer, supplier)
    yield from (True for said in (GIVES.search(forth), PAYS.search(back)) if said)
    yield from (False for said in (GIVES.search(back), PAYS.search(forth)) if said)


def _masked(view: View, line: Line, one: int, other: int) -> str:
    """The words of a line with the two parties masked, but for an "its" of either."""
    masks = {one: "<one>", other: "<other>"}
    words = view.words[line.first : line.last]
    for mark in line.parties:
        if mark.party is not None and not (mark.party.form == "pronoun" and mark.party.possessive):
            words[mark.token - line.first] = masks.get(mark.party.entity.entity_id, "<org>")
    return " ".join(words)
