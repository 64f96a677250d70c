"""Where a price may stand: an amount with the stretch of text that speaks of it and the models around it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractors.candidates import ModelMention, Quantity, Reading, Sentence
from extractors.prices.draft import HIGHEST, LOWEST, priced_model
from extractors.prices.judge import may_follow

_REACH = 500
# Elsewhere in the sentence ("a yearly commitment", "paid monthly") a word of a period is the contract's.
_PERIODS = frozenset({"month", "quarter", "year"})
# No model's cheapest and dearest hour lie further apart: such a range goes over all models.
_WIDEST = 6
JOINS = re.compile(r"\s*(?:/|,|&|and|or|, and|, or)\s*")
_LEADS = re.compile(r"s?\s*(?::|at|is|are|was|were|costs?|goes? for|sells? for|trades? at|near|around|about)[\sa-z]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An amount and its surroundings, all within ``_REACH`` characters however long the sentence.

    ``left`` and ``right`` bound the stretch between the amounts beside it, ``start`` and ``end`` its sentence,
    ``paragraph`` where its paragraph begins. ``before`` are the models between ``left`` and the amount, ``inside`` one
    within its words, ``behind`` the next after it with those joined to that one (``H200/B200``). ``deal`` tells that
    the paragraph counts accelerators or millions before it, ``deal_here`` that the stretch since the last amount does.
    """

    quantity: Quantity
    sentence: Sentence
    left: int
    right: int
    start: int
    end: int
    paragraph: int
    before: tuple[ModelMention, ...]
    inside: ModelMention | None
    behind: tuple[ModelMention, ...]
    deal: bool
    deal_here: bool


class Places:
    """The amounts of a text that may be prices, with what bears on them, asked by sentence."""

    def __init__(self, reading: Reading) -> None:
        """Sort what the reading holds by offset."""
        text = reading.document.text
        self._text = text
        amounts = (_level(_cents_band(q, text), text) for q in _apart(reading.quantities, text))
        self.amounts = [q for q in amounts if _may_be_price(q, text)]
        self.models = [m for m in reading.models if m.part == "text" and priced_model(m)]
        deals = [q for q in reading.quantities if q.part == "text" and _speaks_of_deal(q)]
        self._amount_starts = [q.start for q in self.amounts]
        self._model_starts = [m.start for m in self.models]
        self._deal_starts = [q.start for q in deals]

    def models_in(self, start: int, end: int) -> list[ModelMention]:
        """The models named from ``start`` to ``end``."""
        return self.models[bisect_left(self._model_starts, start) : bisect_left(self._model_starts, end)]

    def amounts_in(self, sentence: Sentence) -> list[Quantity]:
        """The amounts of a sentence."""
        starts = self._amount_starts
        return self.amounts[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]

    def build(self, sentence: Sentence, amounts: Sequence[Quantity], *, paragraph: int) -> list[Place]:
        """A place for each amount of a sentence."""
        places = []
        for index, quantity in enumerate(amounts):
            left = amounts[index - 1].end if index else sentence.start
            right = amounts[index + 1].start if index + 1 < len(amounts) else sentence.end
            places.append(self._place(sentence, quantity, left, right, paragraph))
        return places

    def _place(self, sentence: Sentence, quantity: Quantity, left: int, right: int, paragraph: int) -> Place:
        start, end = max(sentence.start, quantity.start - _REACH), min(sentence.end, quantity.end + _REACH)
        left, right = max(left, start), min(right, end)
        paragraph = max(paragraph, quantity.start - 2 * _REACH)
        behind = self.models_in(quantity.end, min(right, quantity.end + 48))
        inside = self.models_in(quantity.start, quantity.end)
        return Place(
            quantity=quantity,
            sentence=sentence,
            left=left,
            right=right,
            start=start,
            end=end,
            paragraph=paragraph,
            before=tuple(self.models_in(left, quantity.start)),
            inside=inside[0] if inside else None,
            behind=self._joined(behind, right),
            deal=self._deals(paragraph, end) > 0,
            deal_here=self._deals(left, quantity.start) > 0,
        )

    def _joined(self, models: Sequence[ModelMention], right: int) -> tuple[ModelMention, ...]:
        """The first of some models with those that a stroke, a comma, "and" or "or" joins to it.

        One that leads to the next amount, at ``right``, belongs to that: ``$3 for H100, B200 at $6``.
        """
        kept = list(models[:1])
        for model in models[1:]:
            apart = JOINS.fullmatch(self._text[kept[-1].end : model.start]) is None
            if apart or _LEADS.fullmatch(self._text[model.end : right]) is not None:
                break
            kept.append(model)
        return tuple(kept)

    def _deals(self, start: int, end: int) -> int:
        return bisect_left(self._deal_starts, end) - bisect_left(self._deal_starts, start)


def _speaks_of_deal(quantity: Quantity) -> bool:
    """Whether a quantity near a rate makes it a deal's: many accelerators, or an amount of a million dollars and up."""
    if quantity.kind == "gpus":
        return quantity.value >= 16
    return quantity.kind == "money" and quantity.value >= 1_000_000


_MOVES = re.compile(
    r"\b(?:moves?|moved|goes|going|went|rises?|rose|climb(?:s|ed)?|jump(?:s|ed)?|increas\w+|rais\w+|lift\w*|chang\w+"
    r"|up|put|puts|hik\w+|bump\w+)\b[^.;$]{0,48} from \Z"
)


def _apart(quantities: Sequence[Quantity], text: str) -> Iterator[Quantity]:
    """The quantities of the text, with two levels of a move that read as one range apart: ``moves from $2 to $3``."""
    for quantity in quantities:
        if quantity.part != "text":
            continue
        first, joint, second = quantity.quote.partition(" to ")
        moved = quantity.high is not None and joint and _MOVES.search(text, max(0, quantity.start - 80), quantity.start)
        if not moved or quantity.value >= HIGHEST:
            yield quantity
            continue
        start = quantity.start + len(first) + len(joint)
        yield replace(quantity, high=None, end=quantity.start + len(first), quote=first)
        high = quantity.high or quantity.value
        yield replace(quantity, value=high, high=None, start=start, hedge_start=start, quote=second)


_CENTS = re.compile(r"\d{1,2} ?(?:(?:US )?cents?\b|¢)")
_LOW_CENTS = re.compile(r"(?<![\w.$€£,])(?P<low>\d{1,2})(?: to | or |-|–| - | – )\Z")


def _cents_band(quantity: Quantity, text: str) -> Quantity:
    """The amount with the lower end that stands before it without its unit: ``30 to 45 cents``."""
    if quantity.high is not None or quantity.value >= 1 or _CENTS.match(quantity.quote) is None:
        return quantity
    low = _LOW_CENTS.search(text, max(0, quantity.start - 8), quantity.start)
    if low is None or not 0 < Decimal(low["low"]) / 100 < quantity.value:
        return quantity
    quote = text[low.start() : quantity.end]
    return replace(quantity, value=Decimal(low["low"]) / 100, high=quantity.value, start=low.start(), quote=quote)


def _level(quantity: Quantity, text: str) -> Quantity:
    """The level where a change and the level it led to read as one range: ``lost three cents to $2.11``."""
    if quantity.high is None or quantity.value >= 1 or quantity.high < 5 * quantity.value:
        return quantity
    if text[max(0, quantity.start - 8) : quantity.start].endswith(("from ", "between ")):
        return quantity
    return replace(quantity, value=quantity.high, high=None)


def _may_be_price(quantity: Quantity, text: str) -> bool:
    if quantity.kind not in ("gpu_rate", "money") or quantity.currency != "USD":
        return False
    if quantity.rule in ("bare_magnitude", "table"):
        return False
    if quantity.per not in (None, "gpu_hour", "hour", "each", "gpu") and (
        quantity.per not in _PERIODS or quantity.per in quantity.quote
    ):
        return False
    high = quantity.high or quantity.value
    if not LOWEST <= quantity.value <= high <= min(HIGHEST, quantity.value * _WIDEST):
        return False
    return may_follow(text, quantity)
