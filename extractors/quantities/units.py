"""Units and currencies, read from ``patterns/units.jsonl`` and ``patterns/currencies.jsonl`` into one pattern each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from extractors.candidates import QuantityKind
from extractors.patterns import read_patterns

_SCALES = {"weeks": Decimal(12) / Decimal("52.18"), "days": Decimal(12) / Decimal("365.25")}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: the candidate's kind and unit, and what to multiply a figure by."""

    kind: QuantityKind
    unit: str
    scale: Decimal
    word: str


@lru_cache(maxsize=1024)
def _fold(word: str) -> str:
    return re.sub(r"[\s\u00a0-]+", " ", word.lower()).strip()


def _alternation(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"[ \u00a0]") for word in sorted(words, key=len, reverse=True))


_ROWS = read_patterns("units", required=("kind", "unit", "scale", "words", "examples", "not_examples"))
UNITS = {
    _fold(word): Unit(row["kind"], row["unit"], _SCALES.get(row["scale"]) or Decimal(row["scale"]), word)
    for row in _ROWS
    for word in row["words"]
}
FILL = (
    r"(?:(?:of a|of those|of these|of the|of its|of|a|average|contract|lease|operating|consecutive monthly"
    r"|critical|IT|more|additional|further|extra|other|gross|net|contracted|utility|firm|full|calendar|total"
    r"|consecutive|new|initial|straight|whole|solid|usable|reserved|powered|successive|critical-IT)[ \u00a0-]){0,3}"
)
_ENERGY = re.compile(r"[ -]?hours?\b|[-/ ]years?\b(?! (?:term|lease|contract|agreement|deal))", re.IGNORECASE)
UNIT_PATTERN = re.compile(
    rf"(?:[ \u00a0-]{{0,2}}{FILL})(?P<unit>{_alternation([w for r in _ROWS for w in r['words']])})"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)

_MONEY = read_patterns("currencies", required=("iso", "prefixes", "words", "examples", "not_examples"))
PREFIXES = {_fold(prefix): row["iso"] for row in _MONEY for prefix in row["prefixes"]}
LARGE_ONLY = frozenset(row["iso"] for row in _MONEY if row.get("large_only"))
SUFFIXES = {_fold(word): row["iso"] for row in _MONEY for word in row["words"]}
_SIGNS = [p for r in _MONEY for p in r["prefixes"]]
PREFIX_PATTERN = re.compile(
    rf"(?:(?<![A-Za-z])|(?=[$€£¥₹₩]))(?P<currency>{_alternation(_SIGNS)})(?:[ \u00a0]|\)[ \u00a0]?:?[ \u00a0]?)?\Z"
)
SUFFIX_PATTERN = re.compile(
    rf"[ \u00a0-]?(?:of[ ])?(?P<currency>{_alternation([w for r in _MONEY for w in r['words']])})(?![A-Za-z\d])",
    re.IGNORECASE,
)
CENTS_PATTERN = re.compile(r"[ \u00a0]?(?:(?P<us>US|U\.S\.|American)[ ])?(?:cents?\b|¢)", re.IGNORECASE)
PREFIX_ENDS = frozenset(prefix[-1] for prefix in _SIGNS)


def currency_before(text: str, start: int) -> tuple[str, int] | None:
    """The currency written just before ``start`` and where it begins, ``$`` standing for a bare dollar sign."""
    last = text[start - 1 : start]
    back = start - 1
    while back > 0 and start - back < 4 and last in (" ", "\u00a0", ":", ")"):
        back -= 1
        last = text[back]
    if not last or last not in PREFIX_ENDS:
        return None
    match = PREFIX_PATTERN.search(text, max(0, start - 14), start)
    if match is None:
        return None
    return PREFIXES[_fold(match["currency"])], match.start()


def currency_after(text: str, end: int) -> tuple[str, int] | None:
    """The currency written just after ``end`` and where it ends, ``$`` standing for plain dollars."""
    match = SUFFIX_PATTERN.match(text, end)
    return None if match is None else (SUFFIXES[_fold(match["currency"])], match.end())


def unit_after(text: str, end: int) -> tuple[Unit, int] | None:
    """The unit of measure written just after ``end``, if any, and where it ends."""
    match = UNIT_PATTERN.match(text, end)
    if match is None:
        return None
    unit = UNITS[_fold(match["unit"])]
    return None if unit.kind == "power" and _ENERGY.match(text, match.end()) else (unit, match.end())
