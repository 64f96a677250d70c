"""Who sells hours, told by the words around a name: ``Pinmoor wants $4.80``, ``$2.35 at Pinmoor``, ``Pinmoor's list``.

The parties' room weighs names by what organisations do in deals. A seller that only quotes a price does none of that,
so here the place beside a price speaks for the name.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from extractors.candidates import Reading, Sentence
from extractors.parties.types import PartyEntity, PartyMention
from extractors.parties.vocabulary import CALENDAR, is_chip, is_everyday
from extractors.patterns import read_patterns
from megawatch.lexicons.companies import company_index, fold_name
from megawatch.lexicons.sites import site_index
from megawatch.market import Part

_GROUPS: dict[str, list[str]] = {
    row["group"]: row["words"] for row in read_patterns("sellers", required=("group", "words", "examples"))
}
NOT_NAMES = frozenset(_GROUPS["not_a_name"]) | CALENDAR


def _any_of(group: str) -> str:
    return "|".join(re.escape(word) for word in sorted(_GROUPS[group], key=len, reverse=True))


_PRICE = (
    r"(?:US)?\$ ?\d{1,2}(?:\.\d{1,3})?(?![.,]?\d| ?(?:k|m|bn|[mbt]illion)\b)"
    r"|(?<![\d.$,])\d{1,2}\.\d\d(?![\d%])"
    r"|(?<![\d.])\d{2}(?: US)? cents\b"
)
_FIGURE = re.compile(rf"{_PRICE}|(?<![\d.])\d{{1,3}}(?:\.\d)? ?(?:%|per ?cent\b)|\bby an? [a-z]+th\b")
_MODEL = r"(?:NVIDIA |Nvidia |AMD )?(?:[A-Za-z]{1,3}\d{2,3}|RTX|TPU|Trainium)"
_NAME = re.compile(
    r"(?<![\w.$@#/-])(?:[A-Z][\w-]*(?:[.&][A-Za-z]\w*)*(?: (?:& |of )?[A-Z][\w-]*(?:\.[a-z]\w+)?){0,3}"
    r"|[a-z][a-z\d-]{2,}\.(?:[a-z]{3,}\.)?[a-z]{2,5})(?![\w])"
)
# Some sellers write themselves small: "pinmoor asks $2", "$2 at pinmoor". Only where a name would stand.
_SMALL = re.compile(
    r"(?:(?<= at )|(?<=from )|(?<= on )|(?<=with )|(?<=['’]s )|(?<=\n)|(?<=[.:;,] )|(?<=[\"“>]))[a-z][a-z\d]{3,}"
    r"(?: (?:gpu|cloud|compute|ai|labs))?(?!\w|\.\w)"
)
_SUBJECT = re.compile(
    r"(?:,[^,.;:$\n]{3,60},|\s\([^()\n]{2,40}\))?(?: (?:alone|already|also|currently|has|have|had|itself|just"
    rf"|meanwhile|now|only|still|then|today|will|would|which|who|plans to|is to))*,? "
    rf"(?:{_any_of('verb')}|cut|raise|lower|charge)\b"
)
_OWN = re.compile(
    rf", whose [a-z ]{{3,24}} (?:has|shows|says|lists|wants|asks)\b"
    rf"|['’]s? (?:[a-z-]+ ){{0,2}}(?:{_any_of('owned')}|{_MODEL})",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"(?:,? (?:on[- ]demand|spot|reserved|interruptible|one[- ]year))?(?:[;:,/–—-]| -| \()?"
    r"(?: (?:at|from|with|now|is|still|to|on|in|has|on[- ]demand|spot|reserved|1 year|opened with|:|/|@))*"
    rf"\s?(?:{_PRICE})"
)
_LABEL = re.compile(
    rf"(?: (?:spot|on[- ]demand|od|reserved|community|secure|interruptible))?:? {_MODEL}\w*(?: [A-Za-z]\w+)?:?"
    rf" (?:@ ?|at |for )?(?:{_PRICE})"
    rf"|\**(?:[:,/|]| [/|–—-])\**\s?(?:{_MODEL}|(?:{_PRICE}))"
)
_LED = re.compile(
    rf"(?:(?:{_PRICE})(?: ?/ ?h(?:ou)?r?| (?:an|per|each) (?:GPU[- ])?hour| apiece| on demand| spot)?"
    r"(?: for (?:that|this|the same|one|an?)(?: [a-zA-Z]+)?)?"
    rf"|\b{_MODEL}\w*(?: [A-Z]\w+)?(?: on demand| spot| hours?| price| rate)?"
    r"|\b(?:cheaper|dearer|less|more|reservations|rates|prices))"
    r",? (?:at|from|on|with|by|through|via) (?:the )?\Z"
)
_OPENS = re.compile(r"(?:\A|[.;:] |, |\n)(?:At|On|From|With|at|on|from|with) (?:the )?\Z")
_TAG = re.compile(rf"{_MODEL}\w*(?: [A-Z]\w+)?:? (?:from |at )?(?:{_PRICE})")
_HEAD = re.compile(r"(?:\A|[.:\n*•-]\s*|^)(?P<name>[A-Z][\w.&-]*(?: [A-Z][\w&-]*){0,3})[.:]\s\Z")
_REACH = 90
# A list of more sellers than this names each where it is priced: looking for them all again takes too long.
_MOST_AGAIN = 80


@dataclass(frozen=True, slots=True)
class Seller:
    """A name that a price stands beside, at ``start:end`` of the text."""

    name: str
    start: int
    end: int


def find_sellers(reading: Reading) -> list[Seller]:
    """The names in the text that the words around them tell to be sellers of hours, in order."""
    text = reading.document.text
    chips = sorted(m.start for m in reading.models if m.part == "text")
    found = []
    for sentence, first, last in _quoting(reading):
        for match in _NAME.finditer(text, sentence.start, min(sentence.end, last + _REACH)):
            name = _trimmed(match, chips) if match.end() > first - 4 * _REACH else None
            if name is not None and _sells(text, sentence, name):
                found.append(name)
        found += _small_names(text, sentence)
        found += _heads(text, sentence)
    return found


def _heads(text: str, sentence: Sentence) -> Iterator[Seller]:
    """The name that alone makes up the sentence, or the end of the line, in front of a chip and its price."""
    if _TAG.match(text, sentence.start, sentence.end) is None:
        return
    floor = max(text.rfind("\n", 0, sentence.start) + 1, sentence.start - 60)
    head = _HEAD.search(text, floor, sentence.start)
    if head is not None and may_name(head["name"]):
        yield Seller(name=head["name"], start=head.start("name"), end=head.end("name"))


def _small_names(text: str, sentence: Sentence) -> Iterator[Seller]:
    """The names in small letters that sell in a sentence: no everyday words, said twice without a verb or a price."""
    for match in _SMALL.finditer(text, sentence.start, sentence.end):
        name = Seller(name=match[0], start=match.start(), end=match.end())
        if (
            (_is_plain(match[0]) and not _is_known(match[0]))
            or INSTANCE.fullmatch(match[0])
            or not _sells(text, sentence, name)
        ):
            continue
        if len(match[0]) == 4 and not _is_known(match[0]):
            continue
        if _is_known(match[0]) and _DIRECT.match(text, name.end, sentence.end):
            yield name
            continue
        told = _SUBJECT.match(text, name.end, sentence.end) or _LABEL.match(text, name.end, sentence.end)
        if told or len(re.findall(rf"\b{match[0]}\b", text)) > 1:
            yield name


@cache
def _is_known(word: str) -> bool:
    """Whether a word in small letters is the name of a known seller of hours."""
    company = company_index().get(fold_name(word))
    return company is not None and company.segment in ("neocloud", "hyperscaler", "marketplace")


def may_name(words: str) -> bool:
    """Whether words that head a column of prices may be a seller's name: no tier, place, month or instance.

    >>> may_name("Pinmoor"), may_name("On demand"), may_name("Tokyo")
    (True, False, False)
    """
    head = words.split(" ")[0]
    plain = head in NOT_NAMES or is_chip(head) or words in site_index() or _is_plain(words)
    return _NAME.fullmatch(words) is not None and not plain and INSTANCE.fullmatch(words) is None


def _quoting(reading: Reading) -> Iterator[tuple[Sentence, int, int]]:
    """The sentences of the text that hold a small amount or a move, with where the first and the last stand."""
    for sentence in reading.sentences:
        if sentence.part != "text":
            continue
        first = _FIGURE.search(sentence.quote)
        if first is not None:
            start = sentence.start + first.start()
            yield sentence, start, min(sentence.end, sentence.start + 2000)


def _trimmed(match: re.Match[str], chips: Sequence[int]) -> Seller | None:
    """The name without the words before it that only open the sentence and the chip behind it, or None without rest."""
    words, start = match[0], match.start()
    chip = bisect_left(chips, start)
    if chip < len(chips) and chips[chip] < match.end():
        words = words[: chips[chip] - start].rstrip()
    while words:
        head, _, rest = words.partition(" ")
        if head not in NOT_NAMES and not (head.isupper() and len(head) == 1):
            break
        start, words = start + len(head) + 1, rest
    known = not words or words in site_index() or (" " not in words and _is_plain(words)) or INSTANCE.fullmatch(words)
    return None if known else Seller(name=words, start=start, end=start + len(words))


INSTANCE = re.compile(r"[A-Za-z]{1,3}\d{1,3}[a-z]{0,4}(?: (?:High|Mega|Ultra|Edge|Large|Metal|Pods?|[Ii]nstances?))*")


@cache
def _is_plain(word: str) -> bool:
    pieces = word.split("-")
    return word in NOT_NAMES or len(word) < 3 or all(is_everyday(piece) or piece.isdigit() for piece in pieces)


def _sells(text: str, sentence: Sentence, name: Seller) -> bool:
    """Whether the words around a name are those around a seller's."""
    end = min(sentence.end, name.end + _REACH)
    if _DIRECT.match(text, name.end, end) or _LABEL.match(text, name.end, end):
        return True
    if _SUBJECT.match(text, name.end, end) or _OWN.match(text, name.end, end):
        return _FIGURE.search(text, name.end, min(sentence.end, name.end + 2 * _REACH)) is not None
    floor = max(sentence.start, name.start - 60)
    lead = text[floor : name.start]
    return _LED.search(lead) is not None or (
        _OPENS.search(lead) is not None and _FIGURE.search(text, name.end, end) is not None
    )


def mention_sellers(reading: Reading, parties: Sequence[PartyMention]) -> tuple[set[int], list[PartyMention]]:
    """The ids of the known organisations that sell here, and mentions of sellers that nobody else has named.

    The new ones are found again wherever their name stands, so that a later ``Pinmoor also`` is known.
    """
    named = [m for m in parties if m.part == "text" and m.form == "name"]
    starts = [m.start for m in named]
    known: set[int] = set()
    unknown: dict[str, list[Seller]] = {}
    for seller in find_sellers(reading):
        mention = _mention_at(seller, named, starts)
        if mention is not None:
            known.add(mention.entity.entity_id)
        else:
            unknown.setdefault(seller.name, []).append(seller)
    again = len(unknown) <= _MOST_AGAIN
    return known, [m for name, found in unknown.items() for m in _mentions_of(reading, name, () if again else found)]


def _mention_at(seller: Seller, named: Sequence[PartyMention], starts: Sequence[int]) -> PartyMention | None:
    """The mention that the name of a seller is, or is within; one that holds a mere piece of it is another's."""
    index = bisect_right(starts, seller.start) - 1
    for mention in named[max(0, index) : index + 2]:
        overlaps = mention.start < seller.end and seller.start < mention.end
        chip = any(is_chip(word) for word in mention.text.split())
        if overlaps and not chip and (mention.end >= seller.end or mention.entity.lexicon_id is not None):
            return mention
    return None


def _mentions_of(reading: Reading, name: str, found: Sequence[Seller]) -> Iterator[PartyMention]:
    entity = PartyEntity(entity_id=-1, name=name, names=(name,), weight=0.5)
    for seller in found:
        yield PartyMention(entity=entity, part="text", start=seller.start, end=seller.end, text=name)
    parts: tuple[Part, ...] = () if found else ("title", "text")
    for part in parts:
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", reading.document.part(part)):
            yield PartyMention(entity=entity, part=part, start=match.start(), end=match.end(), text=name)
