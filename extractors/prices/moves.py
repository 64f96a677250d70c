"""Moves of a price in per cent where the text gives no level: ``raised H100 prices by 15%``."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from decimal import Decimal

from extractors.candidates import ModelMention, Quantity, Reading, Sentence
from extractors.prices.context import market_in
from extractors.prices.draft import PriceDraft, priced_model
from extractors.prices.providers import Providers
from megawatch.market import Part

_UP = (
    r"rais\w+|lift\w*|bump\w*|increas\w+|hik\w+|rose|risen|rises?|jump\w*|surg\w+|climb\w*|gain\w*|up(?! to)"
    r"|more(?! like| than)|higher"
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
_PRICES = re.compile(r"\b(?:prices?|pricing|rates?|tariffs?|charges?)\b", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:discount|share price|shares|stock|revenue|utili[sz]ation|margin|commit\w* to|below|beneath|premium"
    r"|w/w|volume|capacity(?! blocks?)|interest|coupon|yield|uptime|availability|usage|demand for"
    r"|deliver\w*|order\w*|idle|within|less power|faster|power|electricity|DRAM|memory contract|advance"
    r"|dilution|quota|grant|subsidy|we model|models? an?|guess|forecasts?|assum\w+|expects?)\b",
    re.IGNORECASE,
)


class Moves:
    """The moves of a document: what is in per cent, the models, and which levels stand where."""

    def __init__(self, reading: Reading, providers: Providers, levels: list[PriceDraft]) -> None:
        """Sort what bears on a move by offset."""
        self._document, self._sentences, self._providers = reading.document, reading.sentences, providers
        parts: tuple[Part, ...] = ("title", "text")
        self._models = {p: [m for m in reading.models if m.part == p and priced_model(m)] for p in parts}
        self._percents = {
            p: [q for q in reading.quantities if q.part == p and q.kind == "percent" and q.unit == "percent"]
            for p in parts
        }
        shares = _shares(reading.document.text)
        if shares:
            self._percents["text"] = sorted([*self._percents["text"], *shares], key=lambda percent: percent.start)
        self._model_starts = {p: [m.start for m in models] for p, models in self._models.items()}
        self._percent_starts = {p: [q.start for q in percents] for p, percents in self._percents.items()}
        self._levels = sorted((d.end, d.model) for d in levels if d.low is not None and d.part == "text")
        self._listed = {(d.model, d.provider) for d in levels if d.low is not None and d.provider is not None}

    def find(self) -> list[PriceDraft]:
        """The moves in order; a model whose level stands in the same sentence has none of its own."""
        if not any(self._percents.values()) or not any(self._models.values()):
            return []
        found = [move for sentence in self._sentences if sentence.kind != "row" for move in self._read(sentence)]
        told = {(move.model, move.change) for move in found if move.part == "text"}
        return [move for move in found if move.part == "text" or (move.model, move.change) not in told]

    def _read(self, sentence: Sentence) -> list[PriceDraft]:
        starts, percents = self._percent_starts[sentence.part], self._percents[sentence.part]
        inside = percents[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]
        if not inside:
            return []
        found = []
        left = sentence.start
        for index, percent in enumerate(inside):
            right = inside[index + 1].start if index + 1 < len(inside) else sentence.end
            move = self._move(sentence, percent, max(left, percent.start - 300), min(right, percent.end + 100))
            left = percent.end
            if move is not None:
                found.append(move)
        return found

    def _move(self, sentence: Sentence, percent: Quantity, left: int, right: int) -> PriceDraft | None:
        text = self._document.part(sentence.part)
        sign = _sign(text, max(sentence.start, percent.start - 160), left, percent, right)
        model = self._model(text, left, percent, right) if sign is not None else None
        if sign is not None and model is None:
            return self._move_of_all(sentence, percent, sign)
        if sign is None or model is None or self._has_level(sentence, model.gpu_model):
            return None
        floor = max(sentence.start, percent.start - 300)
        market = market_in(text, floor, right, at=percent.start) or "unspecified"
        provider = None if market == "index" else self._providers.of(sentence, percent.start, sentence.start)
        if (model.gpu_model, provider) in self._listed and _NOTED.search(text, percent.start - 3, percent.start):
            return None
        general = provider is None and market not in ("index", "spot")
        told = _PRICE.search(text, floor, min(sentence.end, percent.end + 100))
        if general and not told and not _IS_UP.fullmatch(text, model.end, percent.start):
            return None
        start = min(model.start, percent.start)
        return PriceDraft(
            model=model.gpu_model,
            part=sentence.part,
            start=sentence.start if start - sentence.start < 160 else start,
            end=max(percent.end, model.end),
            market=market,
            provider=provider,
            change=percent.value * sign,
            hedge=percent.hedge,
        )

    def _move_of_all(self, sentence: Sentence, percent: Quantity, sign: Decimal) -> PriceDraft | None:
        """A provider's move of its prices in a document that speaks of one model only."""
        only = {m.gpu_model for models in self._models.values() for m in models}
        text = self._document.part(sentence.part)
        here = self._providers.named(sentence, percent.start, percent.end)
        if len(only) != 1 or here is None or sentence.part == "title":
            return None
        if not _PRICES.search(text, here.end, percent.start) or percent.start - here.end > 120:
            return None
        model = next(iter(only))
        if any(level_model == model for _, level_model in self._levels):
            return None
        market = market_in(text, here.start, percent.end, at=percent.start) or "unspecified"
        draft = PriceDraft(model=model, part="text", start=here.start, end=percent.end, market=market, provider=None)
        draft.provider, draft.change, draft.hedge = here.entity.name, percent.value * sign, percent.hedge
        return draft

    def _model(self, text: str, left: int, percent: Quantity, right: int) -> ModelMention | None:
        """The model whose price moves: named right behind ``off`` or ``for``, else the last one before."""
        models, starts = self._models[percent.part], self._model_starts[percent.part]
        after = bisect_left(starts, percent.end)
        if after < len(models) and models[after].start < min(right, percent.end + 50):
            gap = text[percent.end : models[after].start]
            if _ONTO.match(gap) and gap.count(" ") <= 5:
                return models[after]
        before = bisect_left(starts, percent.start) - 1
        return models[before] if before >= 0 and models[before].start >= left else None

    def _has_level(self, sentence: Sentence, model: str) -> bool:
        if sentence.part != "text":
            return False
        first = bisect_left(self._levels, (sentence.start, ""))
        last = bisect_left(self._levels, (sentence.end + 2, ""))
        return any(level[1] == model for level in self._levels[first:last])


_SHARES = {"half": 50, "quarter": 25, "fifth": 20, "tenth": 10}
_SHARE = re.compile(rf"\bby (?:about |nearly |almost |roughly )?an? (?P<share>{'|'.join(_SHARES)})\b(?!-)")


def _shares(text: str) -> list[Quantity]:
    """Moves in fractions that come out even in per cent: ``raised by a tenth``."""
    if " by " not in text:
        return []
    return [
        Quantity(
            part="text",
            start=match.start(),
            end=match.end(),
            quote=match[0],
            kind="percent",
            value=Decimal(_SHARES[match["share"]]),
            unit="percent",
            hedge_start=match.start(),
        )
        for match in _SHARE.finditer(text)
    ]


_IS_UP = re.compile(r"s? (?:is|are|was|were) (?:now )?(?:up|down|off) (?:by |about |some |a further )?")
# A move in brackets is a remark on a level: "(+4%)" behind the price or the name of who asks it.
_NOTED = re.compile(r"\([+−-]?\Z")
_NOUN = re.compile(r" (?:(?:price|rate|list-price|pricing) )?")
_ONTO = re.compile(
    r"\s*(?:(?:price |rate )?(?:more |less |off |higher |lower |cut |rise |increase |hike |drop |reduction "
    r"|discount ))?(?:for|off"
    r"|on|to|in) (?:an? |the |its |their |all )?"
)


def find_moves(reading: Reading, providers: Providers, levels: list[PriceDraft]) -> list[PriceDraft]:
    """The moves of prices in per cent that a document states without a level; ``levels`` are the prices it gives."""
    return Moves(reading, providers, levels).find()


def _sign(text: str, floor: int, left: int, percent: Quantity, right: int) -> Decimal | None:
    """Up or down, by the verb right behind the figure, else the last before it, else the sentence's first."""
    if _NOT.search(text, max(left, percent.start - 80), min(right, percent.end + 9)):
        return None
    mark = text[percent.start - 1 : percent.start]
    if mark in ("+", "−", "-") and text[percent.start - 2 : percent.start - 1] in (" ", "(", ":"):
        return Decimal(1) if mark == "+" else Decimal(-1)
    behind = _NOUN.match(text, percent.end)
    after = _VERB.match(text, behind.end(), right) if behind is not None else None
    if after is not None:
        return Decimal(1) if after["up"] else Decimal(-1)
    if " than " in text[max(left, percent.start - 30) : percent.start]:
        return None
    last = deque(_VERB.finditer(text, max(left, percent.start - 130), percent.start), maxlen=1)
    if not last and left > floor:
        last = deque(_VERB.finditer(text, floor, left), maxlen=1)
    return (Decimal(1) if last[0]["up"] else Decimal(-1)) if last else None
