"""Sanity ranges of the market: remarks on a figure that lies outside of what deals of its kind usually show.

A range flags, it never changes or drops a figure. It is compared with the figure's whole interval: a remark is made
only where no value that the sources allow lies inside. The ranges and where they come from are data
(``data/sanity.jsonl``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from megawatch.ledger.data import read_data
from megawatch.ledger.intervals import exactly, overlaps
from megawatch.market import Interval, Kind, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What deals of some kinds usually show in one field; ``words`` names it in a remark, ``source`` says why."""

    field: str
    kinds: frozenset[str]
    interval: Interval
    words: str
    source: str


@lru_cache(maxsize=1)
def read_ranges() -> tuple[Range, ...]:
    """The sanity ranges of the market."""
    return tuple(
        Range(
            field=entry["field"],
            kinds=frozenset(entry["kinds"]),
            interval=Interval(Decimal(str(entry["low"])), Decimal(str(entry["high"]))),
            words=entry["words"],
            source=entry["source"],
        )
        for entry in read_data("sanity")
    )


def find_flags(terms: Iterable[Term], *, kind: Kind) -> tuple[str, ...]:
    """One remark for each figure of a deal of that kind that lies outside the market's usual range."""
    return tuple(remark for term in terms for remark in _remarks(term, kind))


def _remarks(term: Term, kind: Kind) -> Iterator[str]:
    if not isinstance(term.value, Decimal):
        return
    for usual in read_ranges():
        if usual.field == term.field and kind in usual.kinds:
            seen = term.interval or exactly(term.value)
            if not overlaps(seen, usual.interval):
                where = "above" if usual.interval.high is not None and term.value > usual.interval.high else "below"
                yield f"{term.field} is {where} the usual range: {usual.words}"
