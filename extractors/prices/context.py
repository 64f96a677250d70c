"""Words that tell a market price from a deal's rate, and one market from another (``patterns/markets.jsonl``)."""

from __future__ import annotations

import re

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
    r"\b(?:one|two|three|four|five|six|nine|twelve|eighteen|twenty-four|thirty-six|\d{1,2})[- ]?(?:year|month"
    r"|yr|mo|y)s?\b"
    r"|\ba year['’]s commitment|\bfor (?:a|one|two|three|six|twelve|\d+) (?:year|month)s?\b"
    r"|\ba year\b(?! (?:ago|earlier|before|on year))|\b(?:month|year) (?:rent|contract)",
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


def market_in(text: str, start: int, end: int, *, at: int) -> Market | None:
    """The market that the words in ``text[start:end]`` name: the nearest before ``at``, else the first behind it."""
    before: Market | None = None
    beside = False
    for match in _MARKET_PATTERN.finditer(text, start, at):
        before = _MARKETS[re.sub(r"[\s-]", " ", match[0].lower())]
        beside = at - match.end() < 3
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
