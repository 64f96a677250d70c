"""Bare numbers that leave their unit to the figure before them: ``another 380``, ``1,536 have been reserved``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.candidates import QuantityKind
from extractors.quantities.draft import Draft
from extractors.quantities.numbers import Number

_FUNCTION = re.compile(
    r"[\"'”’)*]?(?:\s*[.,;:!?)\n—–|]|\s*\Z|\s+(?:a|an|in|over|for|from|to|and|or|on|with|at|by|of|is|are|was"
    r"|were|will|per|under|as|upfront|which|that|have|has"
    r"|when|while|but|if|up|each|next|monthly|annually|more|all|there|now|so|then|megs|across|through|until"
    r"|spread|before|after|plus|firm|critical|gross|net|sheets|has|can|may|would|because|around|beside|until"
    r"|together|together)\b)",
    re.IGNORECASE,
)
CHIPPY = re.compile(r"\b(?:gpus?|accelerators?|chips?|processors?|cards?|superchips?|tpus?)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:\b[A-Z][A-Za-z]*\.?|\b(?:phase|building|hall|no|number|section|page|chapter|lot|unit|tower|item"
    r"|exhibit|note|part|version|age|aged|line|step|tier|level|day|room|suite|route|grade|type|at|figure"
    r"|about half|of the site's|the class of|class of))[ \u00a0]\Z"
)
_SENTENCE_START = re.compile(r"(?:\A|[.!?:;\n][\"'”’)]?\s{0,3})[A-Z][A-Za-z]*[ ]\Z")
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:(?i:in|by|since|from|until|till|of|during|for|through|early|late|mid|mid-|end|to|and|year)"
    r"|[A-Z][a-z]{2,8}\.?),? ?|[,/-] ?)\Z"
)
_GLUED = re.compile(r"[A-Za-z$€£/#.*_+-]\Z")


def stands_alone(text: str, end: int) -> bool:
    """Whether no noun follows at ``end``: the number counts something that the text leaves out."""
    return _FUNCTION.match(text, end) is not None


def is_year(text: str, number: Number) -> bool:
    """Whether the digits are more likely a calendar year than a count."""
    if number.spelled or number.scale != 1 or "," in number.raw or not 1990 <= number.value <= 2100:
        return False
    return _YEAR_BEFORE.search(text, max(0, number.start - 10), number.start) is not None


def add_elliptic(text: str, numbers: Sequence[Number], drafts: list[Draft]) -> list[Draft]:
    """The drafts with bare numbers added that continue the power or the count named shortly before them."""
    added: list[Draft] = []
    index = 0
    for draft in drafts:
        if draft.rule == "of_them":
            draft.rule = "elliptic"
            draft.kind = _kind_before(draft.number, drafts, draft) or "gpus"
            draft.unit = "mw" if draft.kind == "power" else "gpus"
    for number in numbers:
        while index < len(drafts) and drafts[index].start <= number.start:
            index += 1
        if (index and drafts[index - 1].end > number.start) or number.value < 2:
            continue
        kind = _elliptic_kind(text, number, drafts[max(0, index - 6) : index])
        if kind is not None and _reads_on(text, number):
            unit = "mw" if kind == "power" else "gpus"
            added.append(
                Draft(number.start, number.end, kind, unit, number.value, number.step, number, rule="elliptic")
            )
    return sorted([*drafts, *added], key=lambda draft: draft.start) if added else drafts


def _kind_before(number: Number, drafts: Sequence[Draft], draft: Draft) -> QuantityKind | None:
    index = drafts.index(draft)
    for other in reversed(drafts[max(0, index - 4) : index]):
        if other.kind in ("power", "gpus") and number.start - other.end < 300:
            return "power" if other.kind == "power" and number.value <= other.value else "gpus"
    return None


def _reads_on(text: str, number: Number) -> bool:
    """Whether the number may be elliptic by its neighbours: no noun behind it, no name or label before it."""
    if number.scale >= 10**6 or number.value != int(number.value):
        return False
    if 1990 <= number.value <= 2100 and "," not in number.raw and not number.spelled:
        return False
    if not stands_alone(text, number.end) or _GLUED.search(text, max(0, number.start - 1), number.start):
        return False
    left = max(0, number.start - 24)
    return (
        _NAMED.search(text, left, number.start) is None or _SENTENCE_START.search(text, left, number.start) is not None
    )


def _elliptic_kind(text: str, number: Number, before: Sequence[Draft]) -> QuantityKind | None:
    for draft in reversed(before):
        if number.start - draft.end > 300 or draft.kind not in ("power", "gpus") or draft.rule == "elliptic":
            continue
        if draft.kind == "power" and number.value <= 20 * draft.value and number.value < 5000:
            small = number.value < 8 and not text.startswith(" more", number.end)
            return None if small or "\n\n" in text[draft.end : number.start] else "power"
        if draft.kind == "gpus" and number.value >= 100 and number.value * 100 >= draft.value:
            return "gpus"
    big = number.value >= 256 and ("," in number.raw or number.spelled or number.scale > 1)
    if big and CHIPPY.search(text, max(0, number.start - 600), number.start):
        return "gpus"
    return None
