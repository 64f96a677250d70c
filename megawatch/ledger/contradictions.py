"""Contradictions of one deal: the smallest sets of claims that cannot all hold.

Claims of equal value and hedge are one belief. Beliefs clash

- within a field, where their intervals or dates do not meet;
- through a relation, where what some imply does not meet what another states: term and dates (one month of slack, as
  "five-year" is seldom to the day), total and payments over the term or the dates (5 % of slack for uneven payments),
  payment and rate times GPUs (5 %), critical and gross megawatts, start and end.

Each clash is minimal: no smaller set within it clashes. One wrong claim clashes with many, so the belief in
most clashes is named as the suspect (on a tie the one of the weakest sources), its smallest clash is reported with
up to two others as further grounds, and what is then explained is not reported again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product

from megawatch.ledger.arithmetic.dates import date_interval
from megawatch.ledger.arithmetic.relations import COMPUTE, HOURS_A_MONTH, RENTED, UNEVEN
from megawatch.ledger.claims import Mention
from megawatch.ledger.intervals import exactly, interval_of, multiply, overlaps, subtract, widen
from megawatch.ledger.voices import Voice, groups_of, kind_of, voices_by_field
from megawatch.market import AMOUNT_FIELDS, DATE_FIELDS, KINDS, Contradiction, Interval, Kind, content_id

MOST_BELIEFS = 5
MOST_GROUNDS = 3
_MONTH = Decimal(1)


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """One value of one field with everyone who states it, the weightiest first; each is equal to itself alone."""

    field: str
    value: str
    interval: Interval
    voices: tuple[Voice, ...]

    @property
    def authority(self) -> int:
        """The authority of the best source."""
        return max(voice.authority for voice in self.voices)

    @property
    def weight(self) -> tuple[int, int]:
        """Authority of the best source, then how many independent ones."""
        return self.authority, groups_of(self.voices)

    @property
    def known_from(self) -> str:
        """When the ledger first knew it."""
        return min(voice.document.known_from for voice in self.voices)

    def __str__(self) -> str:
        """The field, the value and the words of the best source."""
        best = self.voices[0]
        words = best.claim.stated.words or best.claim.quote.quote
        return f"{self.field} {self.value} (“{words}”, {best.document.publisher or best.document.source})"


@dataclass(frozen=True, slots=True)
class Clash:
    """Beliefs that cannot all hold, and the relation that says so."""

    beliefs: tuple[Belief, ...]
    relation: str


Check = tuple[str, tuple[str, ...], frozenset[Kind], Callable[..., bool]]


def find_contradictions(
    mentions: Sequence[Mention],
    *,
    deal_id: str,
    known_from: str | None = None,
    clashes: Sequence[Clash] | None = None,
) -> tuple[Contradiction, ...]:
    """The contradictions among the claims of one deal's mentions; independent of their order.

    ``known_from`` of each is the instant at which the ledger knew all of its claims, unless one is given. ``clashes``
    are those of the mentions where they have been found before.
    """
    clashes = clashes_of(mentions) if clashes is None else clashes
    found = []
    while clashes:
        suspect = _suspect(clashes)
        against = [clash for clash in clashes if suspect in clash.beliefs]
        found.append(_contradiction(deal_id, suspect, against, known_from))
        clashes = [clash for clash in clashes if suspect not in clash.beliefs]
    return tuple(found)


def clashes_of(mentions: Sequence[Mention]) -> tuple[Clash, ...]:
    """Every minimal set of the mentions' beliefs that cannot all hold."""
    return find_clashes(find_beliefs(mentions), kind=kind_of(mentions))


def find_outweighed(clashes: Sequence[Clash]) -> frozenset[str]:
    """The ids of claims that the other figures of a deal contradict and outweigh, by its clashes.

    A belief is outweighed by a clash in which no other belief has weaker sources, and where it is in more clashes than
    each of the others, or has weaker sources than all of them. Of two that merely disagree, neither is.
    """
    times = Counter(belief for clash in clashes for belief in clash.beliefs)
    return frozenset(
        voice.claim.claim_id
        for belief in times
        for voice in belief.voices
        if any(_outweighs(clash, belief, times) for clash in clashes if belief in clash.beliefs)
    )


def _outweighs(clash: Clash, belief: Belief, times: Counter[Belief]) -> bool:
    others = [one for one in clash.beliefs if one != belief]
    weakest = min(one.authority for one in others)
    often = times[belief] > max(times[one] for one in others)
    return weakest >= belief.authority and (often or (weakest > belief.authority and len(others) > 1))


def find_beliefs(mentions: Sequence[Mention]) -> tuple[Belief, ...]:
    """The values that the mentions state of amounts and dates, at most five a field, the weightiest first.

    Where a person has reviewed a field, that alone is believed.
    """
    voices = voices_by_field(mentions)
    found = []
    for field in (*AMOUNT_FIELDS, *DATE_FIELDS):
        spoken = voices.get(field)
        if spoken:
            found += _beliefs_of([voice for voice in spoken if voice.claim.reviewed] or spoken)[:MOST_BELIEFS]
    return tuple(found)


def find_clashes(beliefs: Sequence[Belief], *, kind: Kind) -> tuple[Clash, ...]:
    """Every minimal set of beliefs on a deal of that kind that cannot all hold, the smallest first."""
    found: list[Clash] = []
    for clash in sorted(_clashes(beliefs, kind), key=_order):
        if not any(set(smaller.beliefs) <= set(clash.beliefs) for smaller in found):
            found.append(clash)
    return tuple(found)


def _clashes(beliefs: Sequence[Belief], kind: Kind) -> Iterator[Clash]:
    by_field = {belief.field: [one for one in beliefs if one.field == belief.field] for belief in beliefs}
    for same in by_field.values():
        yield from (Clash(pair, "one value") for pair in combinations(same, 2) if not overlaps(*_intervals(pair)))
    for relation, fields, kinds, holds in CHECKS:
        if kind in kinds and all(field in by_field for field in fields):
            chosen = product(*(by_field[field] for field in fields))
            yield from (Clash(one, relation) for one in chosen if not holds(*_intervals(one)))


def _term_fits(start: Interval, end: Interval, term: Interval) -> bool:
    return overlaps(_length(start, end), term)


def _end_follows(start: Interval, end: Interval) -> bool:
    return start.low is None or end.high is None or start.low < end.high


def _total_fits(total: Interval, monthly: Interval, term: Interval) -> bool:
    return overlaps(widen(multiply(monthly, term), UNEVEN), total)


def _rate_fits(monthly: Interval, rate: Interval, gpus: Interval) -> bool:
    return overlaps(_payment(rate, gpus), monthly)


def _gross_fits(power: Interval, gross: Interval) -> bool:
    return power.low is None or gross.high is None or power.low <= gross.high


def _total_fits_dates(total: Interval, monthly: Interval, start: Interval, end: Interval) -> bool:
    return _total_fits(total, monthly, _length(start, end))


def _total_fits_rate(total: Interval, rate: Interval, gpus: Interval, term: Interval) -> bool:
    return _total_fits(total, _payment(rate, gpus), term)


def _total_fits_rate_and_dates(total: Interval, rate: Interval, gpus: Interval, start: Interval, end: Interval) -> bool:
    return _total_fits(total, _payment(rate, gpus), _length(start, end))


def _length(start: Interval, end: Interval) -> Interval:
    return subtract(subtract(end, start), Interval(-_MONTH, _MONTH))


def _payment(rate: Interval, gpus: Interval) -> Interval:
    return widen(multiply(multiply(rate, gpus), exactly(HOURS_A_MONTH)), UNEVEN)


_ALL = frozenset(KINDS)
_TOTAL, _MONTHLY, _TERM, _SPAN = "total_value_usd", "monthly_payment_usd", "term_months", ("start_date", "end_date")
_RATE = ("rate_usd_per_gpu_hour", "gpu_count")
CHECKS: tuple[Check, ...] = (
    ("start before end", _SPAN, _ALL, _end_follows),
    ("critical megawatts within gross", ("power_mw", "gross_power_mw"), _ALL, _gross_fits),
    ("term = end − start", (*_SPAN, _TERM), RENTED, _term_fits),
    ("total = monthly × term", (_TOTAL, _MONTHLY, _TERM), RENTED, _total_fits),
    ("total = monthly × (end − start)", (_TOTAL, _MONTHLY, *_SPAN), RENTED, _total_fits_dates),
    ("monthly = rate × GPUs × 730 h", (_MONTHLY, *_RATE), COMPUTE, _rate_fits),
    ("total = rate × GPUs × 730 h × term", (_TOTAL, *_RATE, _TERM), COMPUTE, _total_fits_rate),
    ("total = rate × GPUs × 730 h × (end − start)", (_TOTAL, *_RATE, *_SPAN), COMPUTE, _total_fits_rate_and_dates),
)


def _beliefs_of(voices: Sequence[Voice]) -> list[Belief]:
    together: dict[tuple[str, str, str], list[Voice]] = {}
    for voice in sorted(voices, key=lambda one: (-one.authority, one.claim.claim_id)):
        stated = voice.claim.stated
        value = f"{stated.value.normalize():f}" if isinstance(stated.value, Decimal) else str(stated.value)
        together.setdefault((stated.field, value, stated.hedge or ""), []).append(voice)
    found = [
        Belief(field, value, _interval(spoken[0]), tuple(spoken)) for (field, value, _), spoken in together.items()
    ]
    return sorted(found, key=lambda belief: (belief.weight, belief.value), reverse=True)


def _interval(voice: Voice) -> Interval:
    stated = voice.claim.stated
    return date_interval(str(stated.value)) if stated.field in DATE_FIELDS else interval_of(stated)


def _intervals(beliefs: Sequence[Belief]) -> list[Interval]:
    return [belief.interval for belief in beliefs]


def _order(clash: Clash) -> tuple[int, str, list[str]]:
    return len(clash.beliefs), clash.relation, [f"{one.field}={one.value}" for one in clash.beliefs]


def _suspect(clashes: Sequence[Clash]) -> Belief:
    times = Counter(belief for clash in clashes for belief in clash.beliefs)
    return min(times, key=lambda one: (-times[one], one.weight, one.field, one.value))


def _contradiction(deal_id: str, suspect: Belief, against: Sequence[Clash], known_from: str | None) -> Contradiction:
    smallest = against[0]
    beliefs = (suspect, *(one for one in smallest.beliefs if one != suspect))
    values = sorted(f"{one.field}={one.value}" for one in beliefs)
    return Contradiction(
        contradiction_id=content_id("contradiction", deal_id, *values),
        deal_id=deal_id,
        fields=tuple(dict.fromkeys(one.field for one in beliefs)),
        explanation=_explain(suspect, against),
        quotes=tuple(one.voices[0].claim.quote for one in beliefs),
        known_from=known_from or max(one.known_from for one in beliefs),
    )


def _explain(suspect: Belief, against: Sequence[Clash]) -> str:
    grounds: dict[tuple[str, ...], str] = {}
    for clash in against:
        others = [one for one in clash.beliefs if one != suspect]
        relation = "" if clash.relation == "one value" else f" ({clash.relation})"
        values = tuple(f"{one.field}={one.value}" for one in others)
        grounds.setdefault(values, " with ".join(map(str, others)) + relation)
    told = list(grounds.values())[:MOST_GROUNDS]
    return f"{suspect} cannot hold beside {'; nor beside '.join(told)}"
