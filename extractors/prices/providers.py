"""Whose price it is: the provider named in the sentence, its heading or its table row, or a price list's publisher."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from extractors.candidates import Reading, Sentence
from extractors.parties.types import PartyMention
from extractors.parties.vocabulary import is_chip, is_everyday
from extractors.prices.sellers import INSTANCE, NOT_NAMES, mention_sellers
from megawatch.lexicons.sites import site_index

_NOT_PROVIDERS = frozenset({"chipmaker", "data_provider", "financier", "power", "media", "regulator", "exchange"})
_WATCHERS = re.compile(
    r"\b(?:semianalysis|silicon data|ornn|bloomberg|\w*index|indices|benchmarks?|research|securities|assessments?"
    r"|data|analytics|epoch|gartner"
    r"|weekly|daily|journal|news|times|reuters|panel|markets?|wire|board|pulse"
    r"|university|exchange|cme|talk|podcast|diary|blog|digest|letter|courier|guides?|review|post|magazine"
    r"|brief|newsletter|transcripts?)\b",
    re.IGNORECASE,
)
_TITLE_LIST = re.compile(
    r"\b(?:pricing|prices|price list|rates|what we charge|changelog|price sheet|rate card|tariffs?)\b", re.IGNORECASE
)
_LIST = re.compile(
    r"\b(?:rates below|all rates in|all prices in|what we charge|we charge|we lowered our|billed by the minute"
    r"|our (?:\w+ ){0,2}(?:list )?(?:prices?|rates?)"
    r"|(?:publish(?:es)?|new|updated) (?:new )?(?:list|hourly) (?:prices|rates) for (?:its|our)"
    r"|(?:following|these|new|below) (?:hourly |list )?(?:prices|rates|tariffs?) (?:apply|hold|are valid|take effect)"
    r"|charges are|changelog|you can have them|we(?:'re| are) (?:raising|cutting)|from us|list price of)\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:community cloud|secure cloud|serverless|capacity blocks?|on[- ]demand|spot|reserved|best|savings)\b",
    re.IGNORECASE,
)
_RIGHT_BEHIND = re.compile(
    r"(?: an hour| per hour|/hr|/hour)?(?: for (?:that|this|the same|one|an?)(?: \w+)?)?"
    r" (?:\(|(?:on|at|from|by|with|through|via|that|which) (?:the )?)"
)
_SELLERS = frozenset({"neocloud", "hyperscaler", "marketplace", "hpc_landlord"})
_WE_SELL = re.compile(
    r"\b(?:we (?:also |now |still )?(?:charge|offer|rent|sell|list|ask|bill|price)\b"
    r"|our (?:own )?(?:(?!competitors|rivals|customers|model)[a-z-]+ ){0,2}(?:[A-Z]{1,3}\d{2,3}\w*|GPUs?"
    r"|cards?|on[- ]demand|list"
    r"|spot|reserved|platform|cloud|customers|instances)\b|from us\b|with us\b|on our\b)",
    re.IGNORECASE,
)
_CLOUD = re.compile(r"(?i:cloud|comput|gpu|host)|\b(?:AI|Labs|Grid)\b")
_AGAIN = re.compile(
    r"\b(?:it|they|who|which|the (?:same )?(?:firm|company|cloud|provider|seller|shop|outfit|operator|start-?up))"
    r"(?:['’]s| has| had| now| still)? (?:asks?|asked|charges?|charged|wants?|wanted|quotes?|quoted|lists?|listed"
    r"|offers?|offered|rents?|sells?|was at|were at)\b|\bthere\b|\bat the same (?:place|shop)\b",
    re.IGNORECASE,
)
_ITS_OWN = re.compile(
    r"\bproceeds\b|\breali[sz]ed\b"
    r"|\b(?:the (?:company|group|firm)['’]s|its) (?:own |current |standard |published )*(?:on[- ]demand|spot|list"
    r"|hourly|prices?|rates?|tariff|(?-i:[A-Z]{1,3}\d{2,3}\w*)) ?(?:price|rate|tariff|list)?",
    re.IGNORECASE,
)
_OWN_AVERAGE = re.compile(
    r"\b(?:its|our|their|the (?:company|group|firm)['’]s) (?:own )?(?:blended|average|mean|median)\b"
)
_AT_LARGE = re.compile(
    r"\b(?:going|market|street|prevailing) (?:rates?|prices?)"
    r"(?: (?:of|is|are|was|were|at|about|around|some|roughly|near))*\s?\Z",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"(?:\b(?:says|said|according to|reports?|reported by|finds?|found by|tracked by|data from|figures from)"
    r" (?:the )?(?:[a-z-]+ ){0,3})\Z"
)
_ITS_CLOUD = re.compile(
    r"\b(?:its|their) (?:own )?(?:blended|average|mean|median)\b"
    r"|\bits (?:own |public |whole )?(?:cloud|fleet|platform|web ?site|site|rate card|price page|customers|tenants)\b"
)
_WATCHES = re.compile(
    r"\b(?:[Bb]rokerage|[Bb]roker|[Cc]onsultancy|[Cc]onsultants?|[Rr]esearch(?:er| firm| house)|[Dd]ata firm|[Tt]racker"
    r"|[Pp]rice reporter|[Aa]nalysts? at|[Pp]rice reporting agency|comparison site) \Z"
)
_WATCHED = re.compile(
    r"['’]s? (?:[a-z]+ )?(?:figures?|index|gauge|survey|checks|data|tracker|benchmark|panel|assessment)\b"
)
_ROLES = re.compile(r"(?:Rival|Competitor|Newcomer|Neighbou?r|Reseller|Start-?up|Upstart|Marketplace|Broker) (?=[A-Z])")
_FORMER = re.compile(r"\bthe (former|latter)\b[^.;$]{0,40}\Z", re.IGNORECASE)
_LEADS = re.compile(r"\b(?:by|at|on|from|with) \Z")
_ON = re.compile(r"\b(?:on|at|from) \Z")
_SAME = re.compile(r"\b(?:the same|same|that card|those)\b", re.IGNORECASE)
_RANKED = re.compile(r"[*#\s\d.)]*")
_GENERAL = re.compile(
    r"\b(?:marketplaces|specialist clouds|specialized clouds|speciali[sz]ed cloud|sellers|brokers|desks|hosts"
    r"|the market|open market|spot market|index|benchmark|median|average|a few|anyone|anywhere|peers|somebody"
    r"|in Europe|traders|budget clouds|(?:big|large|small)(?:ger|er)? (?:clouds|providers|ones)|boards?"
    r"|(?-i:[a-z]+|\d+) clouds|resellers|quotations|fetch(?:es|ed|ing)?|chang(?:e|es|ed|ing) hands|(?:was|were) dealt"
    r"|comparable|we see|house view|anybody|market for|in the trade|(?:offers|prices|rates) in the same|friend"
    r"|you would have paid|would have cost|bids for|it could be had"
    r"|going rate|street rates?|elsewhere|most (?:clouds|providers)|providers)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:we|our|us|dear (?:customers?|users?|all)|your account)\b", re.IGNORECASE)


class _Names:
    """The mentions of a document that may name a provider, by part and place."""

    def __init__(self, reading: Reading, parties: Sequence[PartyMention]) -> None:
        """Keep the mentions that may name a provider, in order of place."""
        chips = {part: sorted(m.start for m in reading.models if m.part == part) for part in ("title", "text")}
        selling, sellers = mention_sellers(reading, parties)
        kept = [
            m
            for m in [*parties, *sellers]
            if _may_provide(m, acts=m.entity.entity_id in selling or _acts(reading, m))
            and not _holds(chips[m.part], m)
            and not _is_sign(reading, m)
        ]
        self.sellers = {m.entity.name for m in kept if m.entity.entity_id in selling or m.entity.entity_id < 0}
        self.by_part = {
            part: sorted((m for m in kept if m.part == part), key=lambda m: m.start) for part in ("title", "text")
        }
        self.shown = _shown_names([m for m in kept if m.form == "name"])
        self.clouds = _clouds_of([m for m in kept if m.form == "name"])
        self.starts = {part: [m.start for m in mentions] for part, mentions in self.by_part.items()}
        self.named = {part: [m for m in ms if m.form == "name"] for part, ms in self.by_part.items()}
        self.named_starts = {part: [m.start for m in mentions] for part, mentions in self.named.items()}
        self.distinct = {part: _count_distinct(mentions) for part, mentions in self.named.items()}


class Providers:
    """The providers of a document, asked by place."""

    def __init__(self, reading: Reading, parties: Sequence[PartyMention]) -> None:
        """Names are sorted only when a price asks for the first time: most documents quote none."""
        self._part_text = {"title": reading.document.title, "text": reading.document.text}
        self._reading, self._parties = reading, parties

    @cached_property
    def _names(self) -> _Names:
        return _Names(self._reading, self._parties)

    @cached_property
    def own(self) -> str | None:
        """The publisher, where the document is its own price list."""
        return _own_name(self._reading, self._parties)

    @cached_property
    def _seller(self) -> str | None:
        """The publisher, where it is nobody who only watches the market."""
        publisher = self._reading.document.publisher
        return _short(publisher) if publisher and not _WATCHERS.search(publisher) else None

    @property
    def _speaks_for_itself(self) -> bool:
        return self._reading.document.source in ("filing", "press_release")

    def inside(self, sentence: Sentence) -> list[PartyMention]:
        """The mentions inside a sentence, in order."""
        starts, mentions = self._names.starts[sentence.part], self._names.by_part[sentence.part]
        return mentions[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]

    def named(self, sentence: Sentence, at: int, end: int) -> PartyMention | None:
        """The provider that the sentence names for the figure at ``at:end``: right behind it, else nearest before."""
        mentions, starts = self._names.named[sentence.part], self._names.named_starts[sentence.part]
        index = bisect_left(starts, end)
        near = index < len(mentions) and starts[index] < min(end + 36, sentence.end)
        if near and _RIGHT_BEHIND.fullmatch(self._part_text[sentence.part], end, starts[index]):
            return mentions[index]
        before = bisect_left(starts, at) - 1
        return mentions[before] if before >= 0 and starts[before] >= sentence.start else None

    def _of_two(self, sentence: Sentence, at: int) -> PartyMention | None:
        """The provider that ``the former`` or ``the latter`` in front of the figure at ``at`` is."""
        pair = _FORMER.search(self._part_text[sentence.part], max(sentence.start, at - 60), at)
        if pair is None:
            return None
        mentions, starts = self._names.named[sentence.part], self._names.named_starts[sentence.part]
        index = bisect_left(starts, pair.start())
        two = list({m.entity.name: m for m in mentions[max(0, index - 4) : index]}.values())[-2:]
        return two[pair[1].lower() == "latter"] if len(two) == 2 else None

    def _only_watches(self, here: PartyMention) -> bool:
        """Whether the words around a name are those of one who reports prices and asks none."""
        text = self._part_text[here.part]
        return (
            _WATCHES.search(text, max(0, here.start - 30), here.start) is not None
            or _WATCHED.match(text, here.end) is not None
        )

    def _behind_source(self, sentence: Sentence, here: PartyMention) -> PartyMention:
        """Who is named before one that is only the source: ``cheapest at Orchid, says Gpuwise: $2.09``."""
        text, starts = self._part_text[sentence.part], self._names.named_starts[sentence.part]
        index = bisect_left(starts, here.start) - 1
        other = self._names.named[sentence.part][index] if index >= 0 and starts[index] >= sentence.start else None
        told = other is not None and _SOURCE.search(text, other.end, here.start) is not None
        return other if other is not None and told and other.entity.name != here.entity.name else here

    def of_list(self, start: int, end: int) -> str | None:
        """Whose list stands behind ``start:end``: the one seller named there, else in a title that speaks of prices."""
        starts, named = self._names.named_starts["text"], self._names.named["text"]
        above = named[bisect_left(starts, start) : bisect_left(starts, end)]
        if not above and _TITLE_LIST.search(self._part_text["title"]):
            above = self._names.named["title"]
        return self._shown_name(above[0]) if len({m.entity.name for m in above}) == 1 else None

    def averages_own(self, sentence: Sentence, at: int) -> bool:
        """Whether an average at ``at`` is over one seller's own prices (``its blended rate``), and so no index."""
        return _OWN_AVERAGE.search(self._part_text[sentence.part], max(sentence.start, at - 160), at) is not None

    def of_index(self, sentence: Sentence, at: int, end: int) -> str | None:
        """Whose price an average or median is: a known seller's that the sentence names, else nobody's."""
        here = self.named(sentence, at, end)
        return self._shown_name(here) if here is not None and here.entity.segment in _SELLERS else None

    def of(self, sentence: Sentence, at: int, paragraph_start: int, *, end: int | None = None) -> str | None:
        """Whose price stands at ``at:end``: the publisher's own list, else who is named nearest in the paragraph."""
        if self.own is not None:
            return self.own
        if _AT_LARGE.search(self._part_text[sentence.part], max(sentence.start, at - 48), at):
            return None
        here = self._of_two(sentence, at) or self.named(sentence, at, at if end is None else end)
        here = self._behind_source(sentence, here) if here is not None else None
        if here is not None and self._only_watches(here):
            return None
        if here is not None:
            return self._shown_name(here)
        near = max(sentence.start, at - 300), min(sentence.end, at + 200)
        text = self._part_text[sentence.part]
        if self._seller and (
            _WE_SELL.search(text, *near) or (self._speaks_for_itself and _ITS_OWN.search(text, *near))
        ):
            return self._seller
        starts, mentions = self._names.starts[sentence.part], self._names.by_part[sentence.part]
        index = bisect_left(starts, at)
        if index and mentions[index - 1].start >= sentence.start and self._known_before(mentions[index - 1]):
            said = mentions[index - 1]
            better = None if self.sells(said) else self._last_seller(sentence, at, surely=True)
            return better or self._shown_name(said)
        behind = mentions[index] if index < len(mentions) else None
        if behind is not None and behind.start < min(at + 50, sentence.end) and _LEADS.search(self._text(behind, 8)):
            return self._shown_name(behind)
        if _AGAIN.search(text, max(sentence.start, at - 90), at) or _ITS_CLOUD.search(text, *near):
            return self._last_seller(sentence, at)
        if _GENERAL.search(text, max(sentence.start, at - 160), min(sentence.end, at + 80)) and not _WE_SELL.search(
            text, *near
        ):
            return None
        return self._carried(sentence, paragraph_start)

    def _known_before(self, mention: PartyMention) -> bool:
        """Whether what an ``it`` stands for has been named before it: one named only later is another's."""
        starts, named = self._names.named_starts[mention.part], self._names.named[mention.part]
        before = named[max(0, bisect_left(starts, mention.start) - 40) : bisect_left(starts, mention.start)]
        titled = mention.part == "text" and mention.entity.name in {m.entity.name for m in self._names.named["title"]}
        return titled or not before or any(m.entity.name == mention.entity.name for m in before)

    def _last_seller(self, sentence: Sentence, at: int, *, surely: bool = False) -> str | None:
        """The seller named last before ``at``, for ``it asks``; without one and not ``surely``, who is named most."""
        mentions, starts = self._names.named[sentence.part], self._names.named_starts[sentence.part]
        before = mentions[max(0, bisect_left(starts, at) - 12) : bisect_left(starts, at)]
        sellers = [m for m in before if self.sells(m)]
        if not sellers and before and not surely:
            most, count = Counter(m.entity.name for m in before).most_common(1)[0]
            sellers = [m for m in before if m.entity.name == most and count > 1]
        return self._shown_name(sellers[-1]) if sellers else None

    def sells(self, mention: PartyMention) -> bool:
        """Whether a mention is of one who sells hours, by its name, its kind or the words beside it."""
        entity = mention.entity
        return (
            entity.name in self._names.sellers
            or entity.segment in _SELLERS
            or _CLOUD.search(f"{entity.name} {entity.nouns}") is not None
        )

    def _carried(self, sentence: Sentence, paragraph_start: int) -> str | None:
        """The provider spoken of before: in the paragraph, in the sentence before a ``same``, or the only one."""
        text, named = self._part_text[sentence.part], self._names.named[sentence.part]
        starts = self._names.named_starts[sentence.part]
        count = bisect_left(starts, sentence.start)
        first = bisect_left(starts, paragraph_start)
        if first < count:
            return self._shown_name(named[first if _RANKED.match(text, paragraph_start) else count - 1])
        if count and _SAME.search(text, sentence.start, min(sentence.end, sentence.start + 400)):
            return self._shown_name(named[count - 1])
        titled = self._names.named["title"]
        distinct = self._names.distinct[sentence.part][count]
        if not titled:
            return self._shown_name(named[0]) if distinct == 1 else None
        speaks = _FIRST_PERSON.search(text, paragraph_start, min(sentence.end, paragraph_start + 1200))
        first_named = any(m.entity.name == titled[0].entity.name for m in named[: min(count, 200)])
        if distinct <= 1 or first_named or speaks:
            return self._shown_name(titled[-1 if len(titled) > 1 and _ON.search(self._text(titled[-1], 6)) else 0])
        return None

    def _shown_name(self, mention: PartyMention) -> str:
        """The name under which the text knows a provider: its fullest, unless an acronym is what it mostly says."""
        name = mention.entity.name
        cloud = self._names.clouds.get(name, name)
        return _ROLES.sub("", self._names.shown.get(cloud, cloud))

    def _text(self, mention: PartyMention, back: int) -> str:
        return self._part_text[mention.part][max(0, mention.start - back) : mention.start]


_CLOUDS = {"amazon": "amazon-web-services", "microsoft": "microsoft-azure", "google": "google-cloud"}


def _clouds_of(mentions: list[PartyMention]) -> dict[str, str]:
    """The name of an owner's cloud for the owner's own, where the text speaks of both: a price is the cloud's."""
    names = {m.entity.lexicon_id: m.entity.name for m in mentions if m.entity.lexicon_id is not None}
    return {names[owner]: names[cloud] for owner, cloud in _CLOUDS.items() if owner in names and cloud in names}


def _shown_names(mentions: list[PartyMention]) -> dict[str, str]:
    """For each provider the form of its name that the text uses most, where that is no part of its fullest name."""
    forms: dict[str, Counter[str]] = {}
    for mention in mentions:
        forms.setdefault(mention.entity.name, Counter())[mention.text] += 1
    known = {mention.entity.name for mention in mentions if mention.entity.lexicon_id is not None}
    shown = {}
    for name, counts in forms.items():
        most = counts.most_common(1)[0][0]
        shown[name] = most if most not in name and name in known else name
    return shown


def _count_distinct(mentions: list[PartyMention]) -> list[int]:
    """How many providers have been named before each mention, and after the last."""
    seen: set[str] = set()
    counts = [0]
    for mention in mentions:
        seen.add(mention.entity.name)
        counts.append(len(seen))
    return counts


def _may_provide(mention: PartyMention, *, acts: bool = False) -> bool:
    entity = mention.entity
    if entity.lexicon_id is None and entity.name in NOT_NAMES:
        return False
    if entity.unnamed or entity.segment in _NOT_PROVIDERS or _WATCHERS.search(entity.name):
        return False
    if mention.form in ("pronoun", "descriptor"):
        return not any(is_chip(word) for word in entity.name.split())
    if _PLAN.search(mention.text) or (entity.lexicon_id is None and INSTANCE.fullmatch(mention.text)):
        return False
    return entity.lexicon_id is not None or entity.weight >= 0.45 or (entity.weight >= 0.2 and acts)


def _holds(starts: list[int], mention: PartyMention) -> bool:
    """Whether one of the offsets lies in the mention: a chip's name is no provider's."""
    index = bisect_left(starts, mention.start)
    return index < len(starts) and starts[index] < mention.end


_ACTS = re.compile(
    r"(?: itself)? (?:has |had |now |still |also )?(?:raised|raises|cut|cuts|lists?|wants|charges?|asks?"
    r"|offers?|offered|took|trimmed|lifted"
    r"|sells|rents|bills|costs|quotes|quoted|lowered|has cut|has raised|has trimmed)\b"
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
    first = _short(named).lower() if _starts_with_place(named) else named.split()[0].lower()
    if first in text.lower() and not _WATCHERS.search(named) and _speaks(document.title, document.text, first):
        return _short(named)
    return None


def _starts_with_place(name: str) -> bool:
    """Whether a name begins with a place's, which a text may well say of others."""
    return name.split()[0] in site_index()


def _speaks(title: str, text: str, first: str) -> bool:
    """Whether the publisher speaks for itself: it stands in the title, or its name shares a sentence with ``we``."""
    if _TITLE_LIST.search(title) is not None and not is_everyday(first) and text[:40].lower().startswith(first):
        return True
    return first in title.lower() or (first in text[:400].lower() and _FIRST_PERSON.search(text) is not None)


def _short(name: str) -> str:
    return re.sub(r",? (?:Inc|Ltd|Limited|LLC|plc|Corp|Corporation|documentation)\.?\Z", "", name)
