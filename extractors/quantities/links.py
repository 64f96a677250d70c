"""What amounts tell of one another: two currencies for one sum, a period stated once, years and months of one term."""

from __future__ import annotations

import re
from itertools import pairwise

from extractors.quantities.draft import Draft
from extractors.quantities.periods import period_before

BOUNDARY = re.compile(r"[.!?;][\"'”’)]?\s|\n")


_DANISH = re.compile(
    r"\bDKK\b|\b(?:Danish|Denmark|Copenhagen|Jutland|Aarhus|Odense|Aalborg|Esbjerg|Fredericia|Zealand)\b"
)


_NORWEGIAN = re.compile(r"\bNOK\b|\b(?:Norwegian|Norway|Oslo|Bergen|Trondheim|Stavanger|Narvik|Troms\w+|Norges)\b")


_SAME = re.compile(
    r",?[ \u00a0]?[(\[]?(?:(?:or|about|approximately|roughly|around|equal|equivalent|equivalents"
    r"|the equivalent|to|of|some|i\.e\.,?|=|~|approx\.?|that is|or about|at the time|just over|just under"
    r"|nearly|almost)[ \u00a0]?){0,5}\Z",
    re.IGNORECASE,
)


_CARRIED = re.compile(
    r"[\"”’)]?(?:,? (?:and|while|but)|,) (?:[A-Z][\w&.'’-]* ){1,4}(?:pays |paying |about |roughly )?\Z"
    r"|[^.;\n]{0,50}\b(?:in place of|instead of|rather than|up from|down from|against|compared with|rises? to"
    r"|rising to|goes? to|going to|increas\w+ to|stepp\w+ (?:up )?to|climb\w+ to|then|thereafter)\b"
    r"(?: [a-z]+){0,5} ?\Z"
)


_RESTATED = re.compile(
    r"[^\n]{0,90}[.;,] ?[“\"]?(?:(?:That|This|It|that|this|it|which|or) (?:is|was|would be|comes to"
    r"|works out (?:at|to)|makes|equals|amounts to|means)|(?:that|it)['’]s|,? or)(?: [a-z]+){0,3} ?\Z"
)


_AND_A_HALF = re.compile(r" and a half\b")


def settle_kroner(text: str, drafts: list[Draft]) -> None:
    """Tell Danish from Norwegian kroner by the country that the text names; declined where it names both or neither."""
    for draft in drafts:
        if draft.currency == "kroner":
            danish, norwegian = _DANISH.search(text) is not None, _NORWEGIAN.search(text) is not None
            draft.currency = None if danish == norwegian else "DKK" if danish else "NOK"
            draft.unit = draft.currency or "kroner"


def read_periods_before(text: str, drafts: list[Draft]) -> None:
    """Give amounts the period that words before them state: ``annual rent of``, ``each month pays``."""
    floor = 0
    for draft in drafts:
        if draft.kind == "money" and draft.per in (None, "each"):
            clause = clause_floor(text, floor, draft.start)
            draft.per = period_before(text, draft.start, floor=clause) or draft.per
        floor = draft.number.end if draft.kind == "duration" else draft.end


def pair_currencies(text: str, drafts: list[Draft]) -> None:
    """Mark amounts that state one another in two currencies: ``A$1.2 billion (US$780 million)``."""
    for first, second in pairwise(drafts):
        if first.kind not in ("money", "gpu_rate") or second.kind not in ("money", "gpu_rate"):
            continue
        if first.currency == second.currency and {first.rule, second.rule} != {"bare_dollar", "currency"}:
            continue
        if {first.currency, second.currency} == {"USD"} or "bare_magnitude" in (first.rule, second.rule):
            continue
        gap = text[first.end : second.start]
        if (
            len(gap) > 48
            or _SAME.fullmatch(gap) is None
            or not re.search(r"[(\[]|\b(?:or|equal|equivalent|i\.e)\b", gap)
        ):
            continue
        first.same_as, second.same_as = second.start, first.start
        _agree(first, second)
    _carry_periods(text, drafts)
    _lend_currencies(drafts)


def _carry_periods(text: str, drafts: list[Draft]) -> None:
    """Give an amount the period of the one before it: ``$1.25 billion a month and Google $920 million``."""
    money = [draft for draft in drafts if draft.kind == "money"]
    for first, second in pairwise(money):
        if first.per not in ("month", "quarter", "year") or second.per is not None or second.start - first.end > 110:
            continue
        gap = text[first.end : second.start]
        same = first.currency == second.currency
        if (same and _CARRIED.match(gap)) or (not same and _RESTATED.match(gap)):
            second.per = first.per
            if not same:
                second.same_as = first.start


def _lend_currencies(drafts: list[Draft]) -> None:
    """Give a bare ``28 million`` the currency of the nearest amount before it that states one."""
    last: Draft | None = None
    for draft in drafts:
        if draft.kind != "money":
            continue
        if draft.rule != "bare_magnitude":
            last = draft if draft.rule == "currency" or draft.currency is None else None
        elif last is not None and draft.start - last.end < 600:
            draft.currency, draft.unit = last.currency, last.unit


def _agree(first: Draft, second: Draft) -> None:
    for one, other in ((first, second), (second, first)):
        if one.rule == "bare_dollar" and other.currency != "USD":
            one.currency, one.unit = "USD", "usd"
        if one.per is None and other.per is not None:
            one.per = other.per
        if one.kind == "money" and other.kind == "gpu_rate":
            one.kind = "gpu_rate"
    for one in (first, second):
        if one.kind == "gpu_rate":
            one.unit = f"{(one.currency or 'dollars').lower()}_per_gpu_hour"


def sum_durations(text: str, drafts: list[Draft]) -> list[Draft]:
    """The drafts with ``ten years and three months`` made one term, and ``a year and a half`` given its half."""
    kept: list[Draft] = []
    for draft in drafts:
        if draft.kind == "duration" and (half := _AND_A_HALF.match(text, draft.end)) is not None:
            draft.value, draft.end = draft.value + draft.value / draft.number.value / 2, half.end()
        last = kept[-1] if kept else None
        if (
            last is not None
            and last.kind == draft.kind == "duration"
            and last.value >= 12
            and draft.value < 12
            and last.high is draft.high is None
            and text[last.end : draft.start] in (" and ", ", ", " plus ", " ")
            and last.value % 12 == 0
        ):
            last.value, last.end, last.step = last.value + draft.value, draft.end, draft.step
            continue
        kept.append(draft)
    return kept


def clause_floor(text: str, floor: int, start: int) -> int:
    """Where the sentence that holds ``start`` begins, at most 100 characters back and not before ``floor``."""
    left = max(floor, start - 100)
    last = left
    for match in BOUNDARY.finditer(text, left, start):
        last = match.end()
    return last
