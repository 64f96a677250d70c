"""Whose price it is: the provider named in the sentence, its heading or its table row, or a price list's publisher."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from extractors.candidates import Reading, Sentence
from extractors.parties.types import PartyMention

_NOT_PROVIDERS = frozenset({"chipmaker", "data_provider", "financier", "power", "media", "regulator", "exchange"})
_WATCHERS = re.compile(
    r"\b(?:semianalysis|silicon data|ornn|bloomberg|index|indices|benchmarks?|research|securities|assessments?"
    r"|data|analytics|epoch|gartner"
    r"|weekly|daily|journal|news|times|reuters|panel|markets?|wire|board|commodities|pulse|capital|partners"
    r"|bank|university|exchange|cme)\b",
    re.IGNORECASE,
)
_TITLE_LIST = re.compile(
    r"\b(?:pricing|prices|price list|rates|what we charge|changelog|price sheet|tariffs?)\b", re.IGNORECASE
)
_LIST = re.compile(
    r"\b(?:rates below|all rates in|all prices in|what we charge|we charge|we lowered our|billed by the minute"
    r"|our (?:\w+ ){0,2}(?:list )?(?:prices?|rates?)"
    r"|charges are|changelog|you can have them|we(?:'re| are) (?:raising|cutting)|from us|list price of)\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:community cloud|secure cloud|serverless|capacity blocks?|on[- ]demand|spot|reserved|best|savings)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(r"\b(?:by|at|on|from|with) \Z")
_ON = re.compile(r"\b(?:on|at|from) \Z")
_SAME = re.compile(r"\b(?:the same|same|that card|those|it|its|they|also)\b", re.IGNORECASE)
_RANKED = re.compile(r"[*#\s\d.)]*")
_GENERAL = re.compile(
    r"\b(?:marketplaces|specialist clouds|specialized clouds|speciali[sz]ed cloud|sellers|brokers|desks|hosts"
    r"|the market|open market|spot market|index|benchmark|median|average|a few|anyone|anywhere|peers|somebody"
    r"|in Europe|traders)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:we|our|us)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as one place of the text names it."""

    name: str
    part: str
    start: int
    end: int


class Providers:
    """The provider mentions of a document, asked by place."""

    def __init__(self, reading: Reading, parties: Sequence[PartyMention]) -> None:
        """Keep the mentions that may name a provider, in order of place."""
        chips = {(m.part, m.start) for m in reading.models}
        kept = [
            m
            for m in parties
            if _may_provide(m, acts=_acts(reading, m)) and (m.part, m.start) not in chips and not _is_sign(reading, m)
        ]
        self._by_part = {
            part: sorted((m for m in kept if m.part == part), key=lambda m: m.start) for part in ("title", "text")
        }
        self._starts = {part: [m.start for m in mentions] for part, mentions in self._by_part.items()}
        self._part_text = {"title": reading.document.title, "text": reading.document.text}
        self._reading, self._parties = reading, parties

    @cached_property
    def own(self) -> str | None:
        """The publisher, where the document is its own price list."""
        return _own_name(self._reading, self._parties)

    def inside(self, sentence: Sentence) -> list[PartyMention]:
        """The mentions inside a sentence, in order."""
        starts, mentions = self._starts[sentence.part], self._by_part[sentence.part]
        return mentions[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]

    def of(self, sentence: Sentence, at: int, paragraph_start: int) -> str | None:
        """Whose price stands at ``at``: the publisher's own list, else who is named nearest in the paragraph."""
        if self.own is not None:
            return self.own
        inside = self.inside(sentence)
        before = [m for m in inside if m.start < at]
        if before:
            return before[-1].entity.name
        behind = [m for m in inside if at < m.start < at + 50 and _LEADS.search(self._text(m, 8))]
        if behind:
            return behind[0].entity.name
        if _GENERAL.search(sentence.quote):
            return None
        return self._carried(sentence, paragraph_start)

    def _carried(self, sentence: Sentence, paragraph_start: int) -> str | None:
        """The provider spoken of before: in the paragraph, in the sentence before a ``same``, or the only one."""
        starts, mentions = self._starts[sentence.part], self._by_part[sentence.part]
        earlier = [m for m in mentions[: bisect_left(starts, sentence.start)] if m.form == "name"]
        here = [m for m in earlier if m.start >= paragraph_start]
        if here:
            return here[0 if _RANKED.match(self._part_text[sentence.part], paragraph_start) else -1].entity.name
        if earlier and _SAME.search(sentence.quote):
            return earlier[-1].entity.name
        names = {m.entity.name for m in earlier}
        titled = [m for m in self._by_part["title"] if m.form == "name"]
        if len(names) == 1 and not titled:
            return next(iter(names))
        speaks = _FIRST_PERSON.search(self._part_text[sentence.part], paragraph_start, sentence.end)
        if titled and (len(names) <= 1 or titled[0].entity.name in names or speaks):
            return titled[-1 if len(titled) > 1 and _ON.search(self._text(titled[-1], 6)) else 0].entity.name
        return None

    def _text(self, mention: PartyMention, back: int) -> str:
        return self._part_text[mention.part][max(0, mention.start - back) : mention.start]

    def in_title(self) -> list[PartyMention]:
        """The mentions of the title, in order."""
        return self._by_part["title"]


def _may_provide(mention: PartyMention, *, acts: bool = False) -> bool:
    entity = mention.entity
    if entity.unnamed or entity.segment in _NOT_PROVIDERS or _WATCHERS.search(entity.name):
        return False
    if mention.form in ("pronoun", "descriptor"):
        return True
    if _PLAN.search(mention.text):
        return False
    return entity.lexicon_id is not None or entity.weight >= 0.45 or (entity.weight >= 0.2 and acts)


_ACTS = re.compile(
    r"(?: itself)? (?:raised|raises|cut|cuts|lists?|wants|charges?|asks?|offers?|offered|took|trimmed|lifted"
    r"|sells|rents|bills|quotes|quoted|lowered|has cut|has raised|has trimmed)\b"
)


def _acts(reading: Reading, mention: PartyMention) -> bool:
    """Whether what follows the name is what only a seller of hours does."""
    return _ACTS.match(reading.document.part(mention.part), mention.end) is not None


def _is_sign(reading: Reading, mention: PartyMention) -> bool:
    """Whether the mention is only the letters of a currency sign (``US`` in ``US$4``)."""
    return reading.document.part(mention.part)[mention.end : mention.end + 1] in ("$", "€", "£")


def _own_name(reading: Reading, parties: Sequence[PartyMention]) -> str | None:
    """The publisher, where the document is its own price list or speaks of its own prices."""
    document = reading.document
    publisher = document.publisher
    text = f"{document.title}\n{document.text}"
    if not publisher or (_LIST.search(text) is None and _TITLE_LIST.search(document.title) is None):
        return None
    named = publisher.split(" / ")[-1]
    first = named.split()[0].lower()
    if first in text.lower() and not _WATCHERS.search(named) and _speaks(document.title, document.text, first):
        return _short(named)
    return None


def _speaks(title: str, text: str, first: str) -> bool:
    """Whether the publisher speaks for itself: it stands in the title, or its name shares a sentence with ``we``."""
    return first in title.lower() or (first in text[:400].lower() and _FIRST_PERSON.search(text) is not None)


def _short(name: str) -> str:
    return re.sub(r",? (?:Inc|Ltd|Limited|LLC|plc|Corp|Corporation|documentation)\.?\Z", "", name)
