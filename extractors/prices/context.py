"""Words that tell a market price from a deal's rate, and one market from another (``patterns/markets.jsonl``)."""

from __future__ import annotations

import re
from bisect import bisect_left

from extractors.candidates import Reading, Sentence
from extractors.patterns import read_patterns
from megawatch.market import Market

_ROWS = read_patterns("markets", required=("market", "words", "examples", "not_examples"))


def _compile(words: list[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    body = "|".join(re.escape(word).replace(r"\ ", r"[\s-]").replace(r"\-", r"[\s-]") for word in ordered)
    return re.compile(rf"(?<![\w])(?:{body})(?!\w)", re.IGNORECASE)


_MARKETS: dict[str, Market] = {
    re.sub(r"[\s-]", " ", word.lower()): row["market"]
    for row in _ROWS
    if row["market"] not in ("price", "deal", "not_price")
    for word in row["words"]
}
_MARKET_PATTERN = _compile(list(_MARKETS))
_TERM = re.compile(
    r"(?<!past )(?<!last )(?<!previous )(?<!next )(?<!within )(?<!first )"
    r"\b(?:one|two|three|four|five|six|nine|twelve|eighteen|twenty-four|thirty-six|\d{1,2})[- ]?(?:year|month"
    r"|yr|mo|y)s?\b(?![- ](?:ago|earlier|before|later|old|low|high|peak|record|running|straight|on year)\b)"
    r"|\ba year['’]s commitment|\bfor (?:a|one|two|three|six|twelve|\d+) (?:year|month)s?\b"
    r"|(?<!in )(?<!over )(?<!once )(?<!twice )\ba year\b(?! (?:ago|earlier|before|on year|later))"
    r"|\b(?:month|year) (?:rent|contract)",
    re.IGNORECASE,
)


def _words(kind: str) -> re.Pattern[str]:
    return _compile([word for row in _ROWS if row["market"] == kind for word in row["words"]])


PRICE_WORDS = _words("price")
DEAL_WORDS = _words("deal")
NOT_PRICE = _words("not_price")


def _close(text: str, at: int, start: int) -> bool:
    """Whether words at ``start`` belong to the figure at ``at``: right behind it, in the same breath."""
    return start - at < 24 or (start - at < 44 and not any(sign in text[at:start] for sign in ",;:"))


_OF_ALL = re.compile(
    r"\b(?:per (?:GPU|card|chip|accelerator|hour)|an hour|by the hour|hourly|/h(?:ou)?r|/GPU|(?:all|these|list(?:ed)?) "
    r"(?:prices|rates|figures)|prices?|rates?)\b",
    re.IGNORECASE,
)
_LONGEST_REMARK = 160
_SHORTEST_TALE = 40


def usual_market(reading: Reading) -> Market | None:
    """The market of which a remark says that all prices are: ``On-demand, per GPU-hour, as of this morning``.

    A remark names no chip and no amount. One on terms or on spot is an aside ("Commitments earn a fifth off").
    """
    text = reading.document.text
    taken = [m.start for m in reading.models if m.part == "text"]
    taken += [q.start for q in reading.quantities if q.part == "text" and q.kind in ("money", "gpu_rate")]
    taken.sort()
    for sentence in reading.sentences:
        if sentence.part != "text" or len(sentence.quote) > _LONGEST_REMARK or _OF_ALL.search(sentence.quote) is None:
            continue
        if bisect_left(taken, sentence.start) == bisect_left(taken, sentence.end):
            market = market_in(text, sentence.start, sentence.end, at=sentence.start)
            if market in ("on_demand", "index"):
                return market
    return None


def is_listed(sentence: Sentence) -> bool:
    """Whether a sentence is a line of a list: it speaks for itself, not on with what stands above it."""
    return sentence.kind in ("bullet", "row") or len(sentence.quote) < _SHORTEST_TALE


def market_in(text: str, start: int, end: int, *, at: int) -> Market | None:
    """The market that the words in ``text[start:end]`` name: the nearest before ``at``, else the first behind it."""
    before: Market | None = None
    beside = False
    for match in _MARKET_PATTERN.finditer(text, start, at):
        before = _MARKETS[re.sub(r"[\s-]", " ", match[0].lower())]
        beside = at - match.end() < 3 and "," not in text[match.end() : at]
    if before is not None and beside:
        return before
    after = _MARKET_PATTERN.search(text, at, end)
    near = _MARKETS[re.sub(r"[\s-]", " ", after[0].lower())] if after is not None else None
    if near is not None and after is not None and before != "index" and _close(text, at, after.start()):
        return near
    if before is not None:
        return before
    if _TERM.search(text, start, end):
        return "reserved"
    return near
