"""From numbers to quantities: unit, currency, period, range, hedge and the cues around them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from extractors.candidates import ModelMention, PowerBasis, Quantity
from extractors.quantities.counts import count_after, count_elliptic, count_labelled, count_weak
from extractors.quantities.cues import find_context
from extractors.quantities.draft import Draft
from extractors.quantities.elliptic import CHIPPY, add_elliptic, is_year, stands_alone
from extractors.quantities.hedges import hedge_after, hedge_before
from extractors.quantities.links import (
    BOUNDARY,
    clause_floor,
    pair_currencies,
    read_periods_before,
    settle_kroner,
    sum_durations,
)
from extractors.quantities.models import find_models
from extractors.quantities.numbers import SMALL, Number, find_numbers
from extractors.quantities.periods import each_after, period_after, rate_after
from extractors.quantities.scan import Anchors, scan
from extractors.quantities.units import CENTS_PATTERN, LARGE_ONLY, currency_after, currency_before, unit_after
from megawatch.market import Part

_RANGE_GAP = re.compile(r"[ \u00a0]?(?:-|–|—|to|and|or|through|up to)[ \u00a0]?\Z")
_TWICE = re.compile(r"[ \u00a0]?\((?:(?P<words>[A-Za-z -]{3,60})|(?P<digits>[\d,.]{1,15}))\)")
_SPREAD = re.compile(
    r"\b(?:rang\w+|spread|anywhere|var(?:y|ies|ied)|span\w*|anything) (?:[a-z]+ ){0,2}from (?:about )?\Z", re.I
)
_CHANGE = re.compile(
    r"\b(?:rose|risen|rise|raised?|raising|grew|grow|increas\w*|went|go|goes|gone|moved?|fell|fall|falls"
    r"|fallen|dropp?\w*|cut|lower\w*|reduc\w*|slid"
    r"|climb\w*|jump\w*|up|down|upsized|expand\w*|doubl\w*|lift\w*|chang\w*|slipp\w*|amended|revised|takes?"
    r"|taking|bring\w*)\b"
)


def find_quantities(
    text: str,
    *,
    part: Part,
    models: Sequence[ModelMention] | None = None,
    dollar: str | None = "USD",
    anchors: Anchors | None = None,
) -> tuple[Quantity, ...]:
    """Every quantity of the text in order of its offset.

    ``models`` are the text's accelerator mentions where they are known already; ``dollar`` is the ISO code of a bare
    ``$``, None where the document leaves it open (then such amounts carry no currency).
    """
    places = scan(text) if anchors is None else anchors
    known = find_models(text, part=part, anchors=places) if models is None else models
    numbers = find_numbers(text, places.digits, places.spelled)
    drafts = _read_all(text, numbers, known, dollar)
    read_periods_before(text, drafts)
    settle_kroner(text, drafts)
    pair_currencies(text, drafts)
    drafts = sum_durations(text, drafts)
    drafts = add_elliptic(text, numbers, drafts)
    return _finish(text, part, drafts)


def _read_all(text: str, numbers: list[Number], models: Sequence[ModelMention], dollar: str | None) -> list[Draft]:
    starts = [mention.start for mention in models]
    drafts: list[Draft] = []
    waiting: Number | None = None
    last = 0
    for number in numbers:
        if number.start < last or _in_model(number, models, starts):
            continue
        previous = drafts[-1] if drafts else None
        left = waiting or (previous.number if previous is not None and previous.high is None else None)
        draft = _read_one(text, number, models, starts, dollar)
        if draft is None and previous is not None and waiting is None:
            draft = _bare_end(text, number, previous, dollar)
        if draft is not None and left is not None and _continues(text, left, waiting, previous, draft):
            _merge_range(text, left, waiting, drafts, draft)
            waiting, last = None, draft.end
            continue
        waiting = None
        if draft is None:
            waiting = number
        else:
            drafts.append(draft)
            last = draft.end
    return drafts


def _bare_end(text: str, number: Number, previous: Draft, dollar: str | None) -> Draft | None:
    """The upper end of a range that leaves out its currency: ``$2.5 to 3 per hour``, ``$4-6``."""
    if previous.kind != "money" or previous.per is not None or previous.high is not None or number.scale != 1:
        return None
    if not previous.value < number.value < 4 * previous.value or previous.number.scale != 1:
        return None
    if _range_word(text, previous.number, previous, number) not in ("-", "–", "—", "to"):
        return None
    if not stands_alone(text, number.end) and rate_after(text, number.end) is None:
        return None
    iso = "$" if previous.rule == "bare_dollar" else previous.currency or "$"
    return _read_money(text, number, number.start, number.end, iso, dollar)


def _in_model(number: Number, models: Sequence[ModelMention], starts: list[int]) -> bool:
    index = bisect_right(starts, number.start) - 1
    return index >= 0 and models[index].end > number.start


def _read_one(
    text: str, number: Number, models: Sequence[ModelMention], starts: list[int], dollar: str | None
) -> Draft | None:
    start, end = number.start, number.end
    if text[end : end + 1] in (" ", "(") and (twice := _TWICE.match(text, end)) is not None:
        end = twice.end() if _says_again(twice, number) else end
    before = currency_before(text, start)
    if before is not None:
        return _read_money(text, number, before[1], end, before[0], dollar)
    after = text[end : end + 1]
    if not after or not (after.isalpha() or after in " -\u00a0%€£×\n/"):
        return _labelled(text, number, end) or _bare_money(text, number, end, dollar)
    unit = unit_after(text, end)
    if unit is not None and not (unit[0].kind == "duration" and text[end : end + 3] == " a " and number.value >= 1):
        return Draft(
            start,
            unit[1],
            unit[0].kind,
            unit[0].unit,
            number.value * unit[0].scale,
            number.step * unit[0].scale,
            number,
        )
    follows = currency_after(text, end)
    if follows is not None and (number.value >= 1000 or follows[0] not in LARGE_ONLY):
        draft = _read_money(text, number, start, follows[1], follows[0], dollar)
        return _with_cents(text, draft)
    cents = CENTS_PATTERN.match(text, end)
    if cents is not None:
        iso = "USD" if cents["us"] else "$"
        return _read_money(
            text, replace(number, value=number.value / 100, step=number.step / 100), start, cents.end(), iso, dollar
        )
    return (
        _read_count(text, number, end, models, starts)
        or _labelled(text, number, end)
        or _bare_money(text, number, end, dollar)
    )


def _says_again(twice: re.Match[str], number: Number) -> bool:
    """Whether a bracket repeats the number before it: ``forty-eight (48)``, ``5 (five)``."""
    if twice["digits"]:
        return twice["digits"].replace(",", "").rstrip(".") == str(number.value)
    return not number.spelled and twice["words"].split("-")[0].split()[0].lower() in SMALL


def _with_cents(text: str, draft: Draft) -> Draft:
    """Add ``and fifty-eight cents`` to ``one dollar``."""
    if draft.number.scale != 1:
        return draft
    match = re.compile(r" and (?=[a-z\d])").match(text, draft.end)
    if match is None:
        return draft
    rest = text[match.end() : match.end() + 24]
    places = scan(rest)
    more = find_numbers(rest, places.digits, places.spelled)
    if not more or more[0].start != 0 or not (cents := CENTS_PATTERN.match(text, match.end() + more[0].end)):
        return draft
    draft.value += more[0].value / 100
    draft.step, draft.end, draft.figure_end = Decimal("0.01"), cents.end(), cents.end()
    period = rate_after(text, draft.end)
    if period is not None:
        _set_rate(draft, period)
    return draft


def _read_money(text: str, number: Number, start: int, end: int, iso: str, dollar: str | None) -> Draft:
    after = None if iso not in ("$",) else currency_after(text, end)
    if after is not None and after[0] != "$":
        iso, end = after
    currency = dollar if iso == "$" else iso
    draft = Draft(
        start,
        end,
        "money",
        (currency or "dollars").lower() if currency in (None, "USD") else currency,
        number.value,
        number.step,
        number,
    )
    draft.currency, draft.figure_end = currency, end
    draft.rule = "bare_dollar" if iso == "$" else "currency"
    rate = rate_after(text, end)
    if rate is not None:
        _set_rate(draft, rate)
        return draft
    period = period_after(text, end)
    if period is not None:
        draft.per, draft.end = period
    elif (each := each_after(text, end)) is not None:
        draft.per, draft.end = each
    return draft


def _set_rate(draft: Draft, rate: tuple[str, int]) -> None:
    draft.per, draft.end = rate
    if draft.per == "gpu_hour" or (draft.per == "hour" and draft.value < 100):
        draft.kind = "gpu_rate"
        draft.unit = f"{(draft.currency or 'dollars').lower()}_per_gpu_hour"
    elif draft.per not in ("hour", "node_hour"):
        draft.kind = "power_rate"
        draft.unit = f"{(draft.currency or 'dollars').lower()}_per_{draft.per}"


def _read_count(text: str, number: Number, end: int, models: Sequence[ModelMention], starts: list[int]) -> Draft | None:
    if number.value != int(number.value):
        number = _european(number, end, text)
    if number.value != int(number.value) or number.value < 2 or is_year(text, number):
        return None
    counted = count_after(text, end, models, starts)
    if counted is not None:
        return Draft(number.start, counted[0], "gpus", "gpus", number.value, number.step, number, models=counted[1])
    elliptic = count_elliptic(text, end)
    if elliptic is not None and number.value >= 8:
        return Draft(number.start, elliptic, "gpus", "gpus", number.value, number.step, number, rule="of_them")
    weak = count_weak(text, end)
    if weak is not None and number.value >= 8:
        beside = _model_near(text, number, weak, models, starts)
        if beside or (number.value >= 100 and CHIPPY.search(text, max(0, number.start - 300), number.start)):
            return Draft(number.start, weak, "gpus", "gpus", number.value, number.step, number, models=beside)
    return None


def _european(number: Number, end: int, text: str) -> Number:
    """``4.096 pieces``: a dot that divides thousands, believed only before something counted."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3}){1,3}", number.raw) and number.scale == 1:
        return replace(number, value=Decimal(number.raw.replace(".", "")), step=Decimal(1))
    return number


def _model_near(
    text: str, number: Number, end: int, models: Sequence[ModelMention], starts: list[int]
) -> tuple[str, ...]:
    index = bisect_left(starts, number.start)
    if index and number.start - models[index - 1].end < 14 and "\n" not in text[models[index - 1].end : number.start]:
        return (models[index - 1].gpu_model,)
    if index < len(models) and models[index].start - end < 40 and not BOUNDARY.search(text, end, models[index].start):
        return (models[index].gpu_model,)
    return ()


def _labelled(text: str, number: Number, end: int) -> Draft | None:
    if (
        number.value == int(number.value)
        and number.value >= 8
        and not number.spelled
        and count_labelled(text, number.start, floor=0)
    ):
        return Draft(number.start, end, "gpus", "gpus", number.value, number.step, number, rule="label")
    return None


def _bare_money(text: str, number: Number, end: int, dollar: str | None) -> Draft | None:
    """``Seven million a month`` and the like: a magnitude from a million up that counts nothing named."""
    if number.value < 10**6 or (number.scale < 10**6 and not number.spelled):
        return None
    period = period_after(text, end)
    if period is None and not stands_alone(text, end):
        return None
    draft = Draft(
        number.start, end, "money", "usd" if dollar == "USD" else dollar or "dollars", number.value, number.step, number
    )
    draft.currency, draft.rule, draft.figure_end = dollar, "bare_magnitude", end
    if period is not None:
        draft.per, draft.end = period
    return draft


def _range_word(text: str, left: Number, previous: Draft | None, draft: Draft | Number) -> str | None:
    """The word or dash that joins two figures, also after a unit of the first: ``$1.49/hr to $6.98/hr``."""
    starts = (left.end,) if previous is None else (previous.figure_end or previous.end, previous.end)
    for start in starts:
        gap = text[start : draft.start] if draft.start - start <= 9 else ""
        if gap and (match := _RANGE_GAP.fullmatch(gap)) is not None:
            return match[0].strip()
    return None


def _continues(text: str, left: Number, waiting: Number | None, previous: Draft | None, draft: Draft) -> bool:
    if previous is not None and waiting is None:
        if previous.kind != draft.kind and {previous.kind, draft.kind} != {"money", "gpu_rate"}:
            return False
        if previous.currency != draft.currency and "bare_dollar" not in (previous.rule, draft.rule):
            return False
    word = _range_word(text, left, previous if waiting is None else None, draft)
    if word is None:
        return False
    if waiting is not None and draft.kind == "gpus" and is_year(text, left):
        return False
    low = left.value * _shared_scale(left, draft.number)
    if low >= draft.number.value:
        return False
    start = left.start if waiting is not None or previous is None else previous.start
    before = text[max(0, start - 14) : start].lower()
    if word == "and":
        return "between" in before
    if word == "or":
        return not left.spelled and waiting is not None and draft.kind == "duration"
    if word in ("to", "through", "up to"):
        if re.search(r"from[ \u00a0]?(?:about )?\Z", before):
            if _SPREAD.search(text, max(0, start - 40), start):
                return True
            return _CHANGE.search(text, max(0, start - 70), start) is None
        return waiting is None or left.scale != 1 or not _CHANGE.search(text, max(0, start - 20), start)
    return True


def _shared_scale(left: Number, right: Number) -> int:
    """The magnitude that a range's left side borrows from its right: ``$5-8 billion``."""
    return right.scale if left.scale == 1 and right.scale != 1 and left.value < 1000 else 1


def _merge_range(text: str, left: Number, waiting: Number | None, drafts: list[Draft], draft: Draft) -> None:
    scale = _shared_scale(left, draft.number)
    if waiting is None:
        first = drafts[-1]
        first.high = draft.value
        first.value = first.value * scale if draft.kind in ("money", "gpu_rate", "gpus") else first.value
        first.end, first.per, first.kind, first.unit = draft.end, draft.per or first.per, draft.kind, draft.unit
        first.figure_end, first.models = draft.figure_end, draft.models or first.models
        first.step = draft.step
        return
    ratio = draft.value / draft.number.value if draft.number.value else Decimal(1)
    before = currency_before(text, left.start)
    draft.high, draft.value = draft.value, left.value * scale * ratio
    draft.start = before[1] if before is not None else left.start
    drafts.append(draft)


def _finish(text: str, part: Part, drafts: list[Draft]) -> tuple[Quantity, ...]:
    found = []
    floor = 0
    for index, draft in enumerate(drafts):
        ceiling = drafts[index + 1].start if index + 1 < len(drafts) else len(text)
        found.append(_quantity(text, part, draft, floor, ceiling))
        floor = draft.end
    return _share_hedges(found)


def _share_hedges(found: list[Quantity]) -> tuple[Quantity, ...]:
    """Let an amount that restates another in a second currency share its hedge."""
    by_start = {quantity.start: quantity for quantity in found if quantity.same_as is not None}
    if by_start:
        for index, quantity in enumerate(found):
            twin = by_start.get(quantity.same_as) if quantity.same_as is not None else None
            if twin is not None and twin.start < quantity.start and quantity.hedge is None:
                found[index] = replace(quantity, hedge=twin.hedge)
    return tuple(found)


_NO_CONTEXT: tuple[frozenset[str], PowerBasis | None] = (frozenset(), None)


def _quantity(text: str, part: Part, draft: Draft, floor: int, ceiling: int) -> Quantity:
    start, end = draft.start, draft.end
    hedge = hedge_before(text, start, floor=floor, duration=draft.kind == "duration")
    hedge_start = hedge[1] if hedge is not None else start
    if hedge is None and text[draft.number.end - 1] == "+":
        hedge = ("at_least", start)
    if hedge is None:
        after = hedge_after(text, draft.figure_end or end)
        if after is None and draft.figure_end and draft.figure_end != end:
            after = hedge_after(text, end)
        if after is not None:
            hedge, end = after, max(end, after[1])
    clause = clause_floor(text, max(floor, start - 64), start)
    cues, basis = _NO_CONTEXT
    if draft.kind != "gpu_rate":
        cues, basis = find_context(text, start, draft.figure_end or end, floor=clause, ceiling=ceiling, kind=draft.kind)
    return Quantity(
        part=part,
        start=start,
        end=end,
        quote=text[start:end],
        kind=draft.kind,
        value=draft.value,
        unit=draft.unit,
        high=draft.high,
        currency=draft.currency,
        per=draft.per,
        hedge=hedge[0] if hedge is not None else None,
        hedge_start=hedge_start,
        resolution=draft.step / 2,
        basis=basis,
        models=draft.models,
        same_as=draft.same_as,
        cues=cues,
        rule=draft.rule,
    )
