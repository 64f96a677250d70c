"""Moves of a price in per cent where the text gives no level: ``raised H100 prices by 15%``."""

from __future__ import annotations

import re
from collections import deque
from decimal import Decimal

from extractors.candidates import ModelMention, Quantity, Reading, Sentence
from extractors.prices.context import market_in
from extractors.prices.draft import PriceDraft, priced_model
from extractors.prices.providers import Providers

_UP = (
    r"rais\w+|lift\w*|increas\w+|hik\w+|rose|risen|rises?|jump\w*|surg\w+|climb\w*|gain\w*|up|more|higher"
    r"|dearer|put on|puts? up|added|went up|took|takes|marked up|soar\w*|firmed"
)
_DOWN = (
    r"cut|cuts|trimm\w*|lower\w*|reduc\w+|slash\w*|dropp\w*|drops?|fell|falls?|fallen|declin\w+|slid|slipp\w*"
    r"|down|off|less|cheaper|shav\w+|knock\w+|eas\w+|sank|lost|loses?|came down|comes down|discounted"
)
_VERB = re.compile(rf"\b(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b", re.IGNORECASE)
_PRICE = re.compile(
    r"\b(?:prices?|pricing|rates?|tariffs?|rents?|rental|charges?|costs?|asks?|fees?|measure|index|gauge|spot"
    r"|on[- ]demand|pods?|instances?|list|reserv\w+|pay)\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:discount|share price|shares|stock|revenue|utili[sz]ation|margin|commit\w* to|below|beneath|premium"
    r"|w/w|volume|capacity|interest|coupon|yield|of (?:the|its|our)|uptime|availability|usage|demand for"
    r"|deliver\w*|order\w*|idle|usage|less power|faster|power|electricity|DRAM|memory contract|advance"
    r"|dilution|quota|grant|subsidy)\b",
    re.IGNORECASE,
)
_ABOUT_CLAUSE = re.compile(r"[;:—]|,? (?:and|while|when|but|whereas) ")


def find_moves(reading: Reading, providers: Providers, levels: list[PriceDraft]) -> list[PriceDraft]:
    """The moves of prices; a model whose level stands in the same sentence has no move of its own."""
    found: list[PriceDraft] = []
    models = [m for m in reading.models if priced_model(m)]
    percents = [q for q in reading.quantities if q.kind == "percent" and q.unit == "percent"]
    if not percents or not models:
        return found
    for sentence in reading.sentences:
        inside = [q for q in percents if q.part == sentence.part and sentence.start <= q.start < sentence.end]
        named = [m for m in models if m.part == sentence.part and sentence.start <= m.start < sentence.end]
        if inside and named and sentence.kind != "row":
            found += _read_sentence(reading, sentence, inside, named, providers, levels)
    return [move for move in found if not _repeats(move, found)]


def _repeats(move: PriceDraft, moves: list[PriceDraft]) -> bool:
    """Whether the text repeats in full what its title says in short."""
    return move.part == "title" and any(
        other.part == "text" and other.model == move.model and other.change == move.change for other in moves
    )


def _read_sentence(
    reading: Reading,
    sentence: Sentence,
    percents: list[Quantity],
    models: list[ModelMention],
    providers: Providers,
    levels: list[PriceDraft],
) -> list[PriceDraft]:
    text = reading.document.part(sentence.part)
    found: list[PriceDraft] = []
    left = sentence.start
    for index, percent in enumerate(percents):
        right = percents[index + 1].start if index + 1 < len(percents) else sentence.end
        sign = _sign(text, left, percent, right)
        model = _model(text, left, percent, right, models)
        left = percent.end
        if sign is None or model is None or _has_level(levels, sentence, model.gpu_model):
            continue
        market = market_in(text, sentence.start, min(right, sentence.end), at=percent.start) or "unspecified"
        provider = None if market == "index" else providers.of(sentence, percent.start, sentence.start)
        if (
            provider is None
            and market not in ("index", "spot")
            and not _PRICE.search(text, sentence.start, sentence.end)
        ):
            continue
        start = min(model.start, percent.start)
        found.append(
            PriceDraft(
                model=model.gpu_model,
                part=sentence.part,
                start=sentence.start if start - sentence.start < 160 else start,
                end=max(percent.end, model.end),
                market=market,
                provider=provider,
                change=percent.value * sign,
                hedge=percent.hedge,
            )
        )
    return found


def _sign(text: str, left: int, percent: Quantity, right: int) -> Decimal | None:
    window = text[max(left, percent.start - 80) : min(right, percent.end + 14)]
    if _NOT.search(window):
        return None
    after = _VERB.search(text, percent.end, min(right, percent.end + 24))
    if after is not None and after.start() - percent.end < 3:
        return Decimal(1) if after["up"] else Decimal(-1)
    if " than " in text[max(left, percent.start - 30) : percent.start]:
        return None
    last = deque(_VERB.finditer(text, max(left, percent.start - 80), percent.start), maxlen=1)
    if last:
        return Decimal(1) if last[0]["up"] else Decimal(-1)
    return None


def _model(text: str, left: int, percent: Quantity, right: int, models: list[ModelMention]) -> ModelMention | None:
    before = [m for m in models if left <= m.start < percent.start]
    after = [m for m in models if percent.end <= m.start < min(right, percent.end + 50)]
    if (
        after
        and re.match(
            r"\s*(?:more |less |off |higher |lower )?(?:for|off|on|to) (?:an? |the |its |their )?",
            text[percent.end : after[0].start + 1],
        )
        and text[percent.end : after[0].start].count(" ") <= 5
    ):
        return after[0]
    return before[-1] if before else None


def _has_level(levels: list[PriceDraft], sentence: Sentence, model: str) -> bool:
    return any(
        d.low is not None
        and d.model == model
        and d.part == sentence.part
        and sentence.start <= d.end <= sentence.end + 1
        for d in levels
    )
