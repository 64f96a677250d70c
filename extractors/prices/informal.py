"""Prices said the way people talk: ``an H100 is two seventy-nine``, ``H200 month rent 2.9 to 3.1``, ``spot 1.62``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeAlias

from extractors.candidates import ModelMention, Sentence
from extractors.patterns import read_patterns
from extractors.prices.sellers import may_name
from extractors.quantities.numbers import SMALL, parse_words

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_SPOKEN = re.compile(
    rf"(?<![\w-])(?P<dollars>{_ONES})[ -](?P<cents>(?:{_TENS})(?:[ -](?:{_ONES}))?|{_TEENS}"
    rf"|oh[ -](?:{_ONES}))(?=[.,;:?!\"”]|\s*\Z|\s(?:an hour|each|a card|and change|yeah|per|for|on|to|or|spot|now))"
    rf"|(?<![\w-])a dollar (?:and )?(?P<odd>(?:{_TENS})(?:[ -](?:{_ONES}))?|{_TEENS})\b"
    rf"|(?<![\w-])(?P<whole>{_ONES}) and (?:a |three )(?P<part>quarters?|half)(?=[.,;:?!\"”]|\s*\Z|\s(?:an hour"
    rf"|each|a card|yeah|per|on demand|spot|reserved))",
    re.IGNORECASE,
)
_HOUR = r"\s?/ ?(?:GPU[ -]?)?h(?:ou)?r?\b|\s(?:an|per|a) (?:GPU[ -]?)?h(?:ou)?r\b"
_NEXT = (
    r"today|now|yesterday|tonight|on|in|at|for|if|reserved|spot|and|to|rather|vs|was|or|but|each|with|this|last|od|all"
    r"|interruptible|committed|since|from|again|flat|cash|unch|per|either|when|a (?:week|month|year)"
)
_BARE = re.compile(
    r"(?<![\w$€£.,/:+#-])(?P<low>\d{1,2}\.\d{1,2})"
    r"(?:(?:\s?(?:to|-|–)\s?|/(?=\d\.\d\d)|(?<=between \d\.\d\d) and |,? bid, | bid / )(?P<high>\d{1,2}\.\d{1,2}))?"
    rf"(?P<hour>{_HOUR})?(?![\d%]|\.\d|\s?(?:%|x\b)|ish\w|(?!ish\b)[A-Za-z])",
    re.IGNORECASE,
)
# What may go on behind a price; behind one that a seller or a verb tells already, only no unit of something else.
_PLAIN_NEXT = re.compile(rf"(?!\s(?!(?:{_NEXT})\b)[A-Za-z])", re.IGNORECASE)
_NO_UNIT = re.compile(
    r"(?!\s(?:[MGTk]W|[MG]Wh|kWh|[KMGT]i?B|per ?cent|percentage|points?|times|fold|billion|million|trillion|bn|mn|tn"
    r"|m|k"
    r"|[ECG][A-Z]{2}|euros?|pounds?|francs?|yuan|rupees?|hours?|hrs?|days?|weeks?|months?|years?|seconds?|minutes?"
    r"|tokens?|exaflops?|petaflops?|teraflops?|acres?|miles?|km|meters?|metres?|square|stars?|out of|GHz|Gbps)\b)",
    re.IGNORECASE,
)
_DECIMALS = re.compile(
    r"(?<![\w$€£.,])\d{1,2}\.\d\d?(?![\d%]|\.\d| ?(?:MW|GW|percent|per cent|billion|million|trillion|bn|tn))"
)
_TENTH = re.compile(r"(?:ty|teen|quarters?|half|oh)\b")
_OFFERED = re.compile(
    r",? (?:and )?(?:offered|offer|asked|ask|asks)(?: at)? (?P<high>\d{1,2}\.\d\d)(?!\d)", re.IGNORECASE
)
_TALKS = re.compile(
    r"\b(?:rent|contract|price|quote|rate|spot|costs?|call it|still is|on demand|on-demand|reserved|term|from us|is"
    r"|was|what|paper|od|goes|from|list|lists|had it)\b|\?",
    re.IGNORECASE,
)
_VERBS = (
    r"asks?|asking|bids?|wants?|wanted|charges?|quote[sd]?(?: me| us)?|offers?|offered|lists?|closed|closes"
    r"|settled|settles"
    r"|fixed|printed|prints?|traded|trades|opened|cleared|clears?|drops? to|(?:rose|fell|slipped|eased|climbed"
    r"|dropped) to"
    r"|pay|pays|paid|paying|stays|goes|go for|rents?|now|were|changed hands"
)
_TRADED = re.compile(
    r"\b(?:spot|on[- ]demand|reserved?|reservation|commit(?:ment)?|interruptible|contract|paper|od"
    r"|\w+[- ](?:month|year)"
    rf"|{_VERBS})(?: (?:at|for|from|to|is|was|between|hold(?:s|ing)?))?[ :]\Z",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"\b(?:fixed|closed|settled|printed|stood|traded|cleared|opened|finished|ended)\b[^.;\d$]{0,30} (?:at|on) \Z",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    r"\b(?:PUE|CUDA|ROCm|Python|PyTorch|versions?|DSCR|coverage|ratio|rates? of exchange|EUR|GBP)\b[^.;\d]{0,12}\Z",
    re.IGNORECASE,
)
_TIER = re.compile(r"\s\(?(?:spot|on[- ]demand|reserved|od|interruptible|committed)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"(?:[^.;$\n]{0,36}(?:,|\band\b|\bor\b|\bthen\b|/)(?: (?:then|was|now|and|against|from|versus|vs"
    r"|[A-Z][\w-]*|\dy(?:r)?"
    r"(?: drops to)?))*\s\Z)"
)
_FOREIGN = frozenset(
    word.lower()
    for row in read_patterns("currencies", required=("iso", "prefixes", "words"))
    if row["iso"] not in ("USD", "$")
    for word in (*row["prefixes"], *row["words"])
)
# Where the names of sellers end, and whether each is surely one's.
Ends: TypeAlias = tuple[Sequence[int], Sequence[bool]]
_NEAR_SELLER = 48
_Found: TypeAlias = tuple[int, int, Decimal, Decimal]
_WORD_BEFORE = re.compile(r"(?<!\w)([A-Za-z]{2,8}\.?)\s?\Z")
_WORD_BEHIND = re.compile(r"\s?([A-Za-z]{2,8})\b")
# A bid and an offer lie closer than this: "1.85/1.95". Wider apart they are prices of two tiers.
_WIDEST = Decimal("1.2")
_LISTED = re.compile(r"(?:(?:[-*•–—]|\d{1,2}[.)])\s+)?(?P<name>[A-Z][\w.& -]{1,40}): ?")
_EARLIER = re.compile(r" \((?:was |from )?")
_PREVIOUS = re.compile(
    r",? [(\[]?(?:prev(?:\.|ious(?:ly)?)?|prior|formerly|before|was|last (?:week|month|year|time)):? ", re.IGNORECASE
)
_THEN = re.compile(r" (?:in|on|last|a (?:week|month|year)|before)\b")
_TENOR = re.compile(r"\b\d{1,2}[ -]?(?:y|yr|year|m|mo|month|w|week)s?\b", re.IGNORECASE)
_FOR = re.compile(r" (?:for|on|per) (?:an? |one |the )?(?:NVIDIA |Nvidia )?")
_AT_A_SELLER = re.compile(r"s?[:,]?(?: at| with| on)?(?: [A-Z][\w.-]*){1,3} ")
_ASKED = re.compile(
    r"(?:['’]s|, whose [a-z]+)?(?=[:,;–—-]| [a-z@])[:,;–—-]?(?: (?:is|are|was|were|at|on|has|had|with|for|from|still"
    r"|now|just|only|about|quoted|quotes|wants?|wanted|asks?|asked|opened|offers?|offered|charges?|them|it|me|us|answered|starts?"
    r"|h\d00s?|came back))*[:;]?\s@?\s?"
)
# Cells of a line that no table holds: dots that lead to the figure, or signs between chip, seller and figure.
_CELLS = re.compile(r"(?: [A-Z]{3,4}\d?)?\s*(?:\.{3,}|(?:[;|·\t]| /)(?:\s?[\w.& -]{2,30}(?:[;|·\t]| /)){0,2})\s*")
_LABELLED = re.compile(r"s?(?:,[^.;$]{1,34}| [a-z -]{3,30})?: ")


def holds_bare(text: str) -> bool:
    """Whether a text holds a small figure with decimals and no currency."""
    return _DECIMALS.search(text) is not None


def holds_spoken(text: str) -> bool:
    """Whether a text holds an amount in the words of speech (``two seventy-nine``)."""
    return _TENTH.search(text) is not None and _SPOKEN.search(text) is not None


def find_informal(
    text: str, sentence: Sentence, models: list[ModelMention], *, spoken: bool, sellers: Callable[[], Ends]
) -> list[_Found]:
    """Figures without a currency beside a model or a word of the trade, as ``(start, end, low, high)`` in dollars.

    ``spoken`` also takes a figure that opens the sentence, in answer to a question about the model named before it;
    ``sellers`` gives where the names of sellers in the sentence end.
    """
    found: list[_Found] = []
    for match in _BARE.finditer(text, sentence.start, sentence.end):
        last = found[-1][1] if found else None
        if (last is not None and match.start() < last) or _is_foreign(text, match):
            continue
        plain = _PLAIN_NEXT.match(text, match.end(), sentence.end) is not None
        if (plain and _follows(text, match.start(), models) is not None) or (
            _NO_UNIT.match(text, match.end(), sentence.end)
            and (_is_quoted(text, sentence, match, models, last) or _is_asked(text, match, sellers))
        ):
            found.append(_band(text, match))
    _add_spoken(found, text, sentence, models, spoken=spoken)
    return found


def _add_spoken(
    found: list[_Found], text: str, sentence: Sentence, models: list[ModelMention], *, spoken: bool
) -> None:
    """Add the figures in words to those found; one behind a "to" ends the band that the last began."""
    for match in _SPOKEN.finditer(text, sentence.start, sentence.end):
        value = _spoken_value(match)
        goes_on = bool(found) and text[found[-1][1] : match.start()] == " to " and found[-1][2] < value
        if goes_on:
            found[-1] = (found[-1][0], match.end(), found[-1][2], value)
        elif _follows(text, match.start(), models) is not None or (spoken and match.start() - sentence.start < 4):
            found.append((match.start(), match.end(), value, value))


def _is_foreign(text: str, match: re.Match[str]) -> bool:
    """Whether another currency than dollars is named right before or behind a figure: ``CHF 2.40``, ``24.5 yuan``."""
    before = _WORD_BEFORE.search(text, max(0, match.start() - 12), match.start())
    behind = _WORD_BEHIND.match(text, match.end("high") if match["high"] else match.end("low"))
    return any(word is not None and word[1].lower() in _FOREIGN for word in (before, behind))


def _band(text: str, match: re.Match[str]) -> _Found:
    """A figure's place with its lower and upper end; a bid and the offer behind it bound one price."""
    low, high, end = Decimal(match["low"]), Decimal(match["high"] or match["low"]), match.end()
    if "/" in match[0] and match["high"] and not low < high <= low * _WIDEST:
        return match.start(), match.end("low"), low, low
    offered = _OFFERED.match(text, end) if "bid" in text[max(0, match.start() - 8) : match.start()].lower() else None
    if offered is not None:
        high, end = Decimal(offered["high"]), offered.end()
    return match.start(), end, low, high


def _is_quoted(
    text: str, sentence: Sentence, match: re.Match[str], models: list[ModelMention], last: int | None
) -> bool:
    """Whether a figure with two decimals stands beside an hour, a tier or a trader's verb, or goes on from ``last``."""
    start = match.start()
    if len(match["low"].partition(".")[2]) != 2 or _NUMBER_OF.search(text, max(0, start - 30), start):
        return False
    if match["hour"] or _TIER.match(text, match.end(), sentence.end):
        return True
    if any(m.end <= start < m.end + 60 and _CELLS.fullmatch(text, m.end, start) for m in models):
        return True
    if any(match.end() < m.start < match.end() + 14 and _FOR.fullmatch(text, match.end(), m.start) for m in models):
        return True
    listed = _LISTED.fullmatch(text, sentence.start, start)
    if listed is not None and may_name(listed["name"]):
        return True
    if last is not None and _PREVIOUS.fullmatch(text, last, start):
        return True
    if last is not None and _EARLIER.fullmatch(text, last, start) and _THEN.match(text, match.end()):
        return True
    if last is not None and start - last < 80 and _GOES_ON.fullmatch(text, last, match.start()):
        return True
    floor = max(sentence.start, match.start() - 48)
    return any(words.search(text, floor, match.start()) for words in (_TRADED, _FIXED))


def _is_asked(text: str, match: re.Match[str], sellers: Callable[[], Ends]) -> bool:
    """Whether a figure with two decimals stands right behind a seller's name: ``Pinmoor at 2.49``."""
    start = match.start()
    if len(match["low"].partition(".")[2]) != 2 or _NUMBER_OF.search(text, max(0, start - 30), start):
        return False
    ends, sure = sellers()
    index = bisect_right(ends, start) - 1
    if index < 0 or start - ends[index] >= _NEAR_SELLER:
        return False
    return _ASKED.fullmatch(text, ends[index], start) is not None or (sure[index] and text[ends[index] : start] == " ")


def _follows(text: str, start: int, models: list[ModelMention]) -> ModelMention | None:
    model = next((m for m in reversed(models) if m.end <= start), None)
    if model is None or start - model.end > 40:
        return None
    gap = text[model.end : start]
    gap = _TENOR.sub("", gap)
    if any(c.isdigit() for c in gap):
        return None
    direct = (
        gap.strip() in ("", "s", "s,", ",", ":", "-", "—", "at", "for", "@")
        or _TALKS.search(gap)
        or _LABELLED.fullmatch(gap)
    )
    return model if direct or _AT_A_SELLER.fullmatch(gap) else None


def _spoken_value(match: re.Match[str]) -> Decimal:
    if match["whole"]:
        words = match["part"].lower()
        share = Decimal("0.5") if words == "half" else Decimal("0.75") if words == "quarters" else Decimal("0.25")
        return Decimal(SMALL[match["whole"].lower()]) + share
    cents = parse_words(re.split(r"[ -]", (match["cents"] or match["odd"]).lower().removeprefix("oh")))
    hundredths = cents[0] if cents is not None else Decimal(0)
    return Decimal(SMALL[match["dollars"].lower()] if match["dollars"] else 1) + hundredths / 100
