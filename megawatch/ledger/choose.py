"""Reconciling one field of a deal: which of its claims the ledger prints, and by which rule.

Claims whose values can be one value form a camp (amounts whose intervals meet, dates that can mean one moment, names
that share a company). Between camps decide, in this order, and the rule that decided is named in ``Term.rule``:

1. ``reviewed``: a person said so;
2. ``only value``: there is one camp, so nothing to decide;
3. ``consistency``: figures that the deal's other figures contradict give way (see ``contradictions.find_outweighed``);
4. ``authority``: a filing beats a press release, that beats a wire or other news, that beats a blog;
5. ``agreement``: more independent groups of sources (syndicated copies are one group);
6. ``recency``: the later publication date; a claim without a date is the oldest.

A single camp that is outweighed is printed under the rule ``outweighed``, unless ``arithmetic`` derives the field from
the figures that outweigh it. ``status`` alone turns 4 and 6 round: what a deal has become is told by the latest source
(``latest``). Where all of that ties, the field is declined: no value, ``conflicting``, the rivals kept. Within the
winning camp the same order picks the claim that is printed; of dates the more precise one that lies within it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from megawatch.ledger.arithmetic.dates import date_interval, precision, same_time
from megawatch.ledger.arithmetic.known import UNITS, unique
from megawatch.ledger.arithmetic.rates import fold_model
from megawatch.ledger.claims import Mention
from megawatch.ledger.contradictions import Clash, clashes_of, find_outweighed
from megawatch.ledger.intervals import interval_of, overlaps, within
from megawatch.ledger.names import share_name
from megawatch.ledger.places import compare_places
from megawatch.ledger.voices import Voice, groups_of, voices_by_field
from megawatch.market import AMOUNT_FIELDS, DATE_FIELDS, DEAL_FIELDS, Interval, Quote, Stated, Term, Value

Camp = tuple[Voice, ...]
Measure = tuple[str, Callable[[Camp], tuple[int, str]]]


def choose_terms(mentions: Sequence[Mention], *, clashes: Sequence[Clash] | None = None) -> tuple[Term, ...]:
    """Every field that the mentions of one deal state, reconciled; in the order of ``DEAL_FIELDS``.

    The order of the mentions does not matter. A field whose camps tie comes without a value, as ``conflicting``.
    ``clashes`` are those of the mentions where they have been found before.
    """
    spoken = voices_by_field(mentions)
    outweighed = find_outweighed(clashes_of(mentions) if clashes is None else clashes)
    return tuple(choose_term(spoken[name], outweighed=outweighed) for name in DEAL_FIELDS if name in spoken)


def choose_term(voices: Sequence[Voice], *, outweighed: frozenset[str] = frozenset()) -> Term:
    """The reconciled term of the claims on one field. Expects at least one voice, all of the same field.

    ``outweighed`` are the ids of claims that the deal's other figures contradict.
    """
    if len(voices) == 1 and not voices[0].claim.reviewed:
        rule = "outweighed" if voices[0].claim.claim_id in outweighed else "only value"
        return _term(voices[0], (voices[0],), voices, rule=rule)
    ordered = sorted(voices, key=_within_camp, reverse=True)
    field = ordered[0].claim.stated.field
    reviewed = [voice for voice in ordered if voice.claim.reviewed]
    if reviewed:
        latest = max(reviewed, key=lambda voice: (voice.document.known_from, voice.claim.claim_id))
        return _term(latest, agreeing(latest, ordered), ordered, rule="reviewed")
    best, rule = _best(find_camps(ordered), field, outweighed)
    if best is None:
        return _declined(field, ordered)
    return _term(_most_precise(best), best, ordered, rule=rule)


def find_camps(voices: Sequence[Voice]) -> tuple[Camp, ...]:
    """The voices grouped by value, each round the first (weightiest) voice not yet in a camp that it agrees with."""
    camps: list[list[Voice]] = []
    for voice in voices:
        home = next((camp for camp in camps if agree(camp[0].claim.stated, voice.claim.stated)), None)
        if home is None:
            camps.append([voice])
        else:
            home.append(voice)
    return tuple(tuple(camp) for camp in camps)


def agree(a: Stated, b: Stated) -> bool:
    """Whether two claims on one field can both be true of one value."""
    if a.field in AMOUNT_FIELDS and isinstance(a.value, Decimal) and isinstance(b.value, Decimal):
        return overlaps(interval_of(a), interval_of(b))
    if a.field in DATE_FIELDS and isinstance(a.value, str) and isinstance(b.value, str):
        return same_time(a.value, b.value)
    if a.field == "site":
        return compare_places(str(a.value), str(b.value)) >= 0
    if isinstance(a.value, tuple) and isinstance(b.value, tuple):
        if a.field == "gpu_model":
            return bool({fold_model(name) for name in a.value} & {fold_model(name) for name in b.value})
        return share_name(a.value, b.value)
    return a.value == b.value


def agreeing(voice: Voice, voices: Sequence[Voice]) -> Camp:
    """The voices that can be true together with that one."""
    return tuple(other for other in voices if agree(voice.claim.stated, other.claim.stated))


def _authority(camp: Camp) -> tuple[int, str]:
    return max(voice.authority for voice in camp), ""


def _agreement(camp: Camp) -> tuple[int, str]:
    return groups_of(camp), ""


def _recency(camp: Camp) -> tuple[int, str]:
    return 0, max(voice.document.published or "" for voice in camp)


_ORDER: tuple[Measure, ...] = (("authority", _authority), ("agreement", _agreement), ("recency", _recency))
_ORDER_OF_STATUS: tuple[Measure, ...] = (("latest", _recency), ("authority", _authority), ("agreement", _agreement))


def _best(camps: Sequence[Camp], field: str, outweighed: frozenset[str]) -> tuple[Camp | None, str]:
    if len(camps) == 1:
        return camps[0], "outweighed" if _all_in(camps[0], outweighed) else "only value"
    left = [camp for camp in camps if not _all_in(camp, outweighed)] or list(camps)
    if len(left) == 1:
        return left[0], "consistency"
    for rule, measure in _ORDER_OF_STATUS if field == "status" else _ORDER:
        top = max(measure(camp) for camp in left)
        left = [camp for camp in left if measure(camp) == top]
        if len(left) == 1:
            return left[0], rule
    return None, "tie"


def _all_in(camp: Camp, outweighed: frozenset[str]) -> bool:
    return all(voice.claim.claim_id in outweighed for voice in camp)


def _within_camp(voice: Voice) -> tuple[int, str, float, str]:
    document, stated = voice.document, voice.claim.stated
    return voice.authority, document.published or "", stated.confidence, voice.claim.claim_id


def _most_precise(camp: Camp) -> Voice:
    first = camp[0]
    if first.claim.stated.field not in DATE_FIELDS:
        return first
    span = date_interval(str(first.value))
    inside = [voice for voice in camp if within(date_interval(str(voice.value)), span)]
    return min(inside, key=lambda voice: precision(str(voice.value)))


def _interval(stated: Stated) -> Interval | None:
    if stated.field in AMOUNT_FIELDS and isinstance(stated.value, Decimal):
        return interval_of(stated)
    return date_interval(str(stated.value)) if stated.field in DATE_FIELDS else None


def _term(chosen: Voice, camp: Camp, voices: Sequence[Voice], *, rule: str) -> Term:
    stated = chosen.claim.stated
    return Term(
        field=stated.field,
        value=_all_names(camp, stated) if stated.field in ("supplier", "customer") else stated.value,
        basis="reviewed" if chosen.claim.reviewed else "stated",
        unit=UNITS.get(stated.field, ""),
        interval=_interval(stated),
        hedge=stated.hedge,
        words=stated.words or stated.evidence.quote,
        rule=rule,
        confidence=stated.confidence,
        quotes=unique([chosen.claim.quote, *(voice.claim.quote for voice in camp)]),
        rivals=_rivals(voices, camp),
    )


def _all_names(camp: Camp, stated: Stated) -> Value:
    names = [stated.value, *(voice.value for voice in camp)]
    return unique(name for value in names for name in (value if isinstance(value, tuple) else (str(value),)))


def _rivals(voices: Sequence[Voice], camp: Camp) -> tuple[tuple[Value, Quote], ...]:
    inside = {voice.claim.claim_id for voice in camp}
    return tuple((voice.value, voice.claim.quote) for voice in voices if voice.claim.claim_id not in inside)


def _declined(field: str, voices: Sequence[Voice]) -> Term:
    values = " or ".join(unique(voice.claim.stated.words or str(voice.value) for voice in voices))
    return Term(
        field=field,
        value=None,
        absence="conflicting",
        reason=f"sources of equal standing disagree: {values}",
        unit=UNITS.get(field, ""),
        rule="tie",
        quotes=unique(voice.claim.quote for voice in voices),
        rivals=tuple((voice.value, voice.claim.quote) for voice in voices),
    )
