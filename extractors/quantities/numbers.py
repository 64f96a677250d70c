"""Numbers as texts write them, in digits or in words, with the half width that their digits leave open.

Every pattern here is linear: repetitions are bounded or possessive, and no two of them can eat the same character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MAGNITUDES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "grand": 10**3, "m": 10**6, "mm": 10**6, "mn": 10**6, "mln": 10**6, "mio": 10**6, "mil": 10**6,
    "millions": 10**6, "b": 10**9, "bn": 10**9, "bln": 10**9, "mrd": 10**9, "billions": 10**9,
    "t": 10**12, "tn": 10**12, "trn": 10**12, "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7, "cr": 10**7,
}  # fmt: skip
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SMALL = {word: value for value, word in enumerate(_UNITS)} | {word: 10 * (i + 2) for i, word in enumerate(_TENS)}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_CODES = "USD|EUR|GBP|RMB|CNY|NOK|SEK|DKK|CAD|AUD|HKD|SGD|NZD|TWD|INR|JPY|KRW|MYR|CHF|BRL|SAR|AED|THB|IDR|PLN|ZAR|MXN"

_GROUPED = r"\d{1,3}(?:,\d{2,3})++(?:\.\d++)?|\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})++(?:\.\d++)?|\d{1,3}(?: \d{3}){0,3} 000(?!\d)|\d++(?:\.\d++)?"
_MAGNITUDE = (
    r"(?:[ \u00a0\u202f-]?(?P<word>hundred thousand|hundred million|hundred billion|thousand|million|billion|trillion"
    r"|mln|bln|trn|mio|mrd|crores?|lakhs?|mil(?=[ .])|bn|mn|tn|MM|Mio|Mrd|Bn|Mn)\.?"
    r"|(?P<short>[ \u00a0]?[kKmMbBTt]))(?![A-Za-z0-9])"
)
_DIGITS = re.compile(
    rf"(?:(?<![A-Za-z0-9_.,])|(?<=\$)|(?<=Rs)|(?<=Rs\.)|(?<=kr)|(?<=\bRM)|(?<=[^\d][,.])|(?<={_CODES.replace('|', ')|(?<=')}))"
    rf"(?P<number>{_GROUPED}|(?<=\$)\.\d++)(?P<fraction>[½¼¾])?(?P<half>[ -]and[ -]a[ -]half)?"
)
_SHORT = re.compile(_MAGNITUDE, re.IGNORECASE)
_WORDS = [*SMALL, *_SCALES, "half", "quarters?", "thirds?", "point", "couple"]
_WORD = "(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_SPELLED = re.compile(
    rf"(?<![A-Za-z0-9$])(?:an?(?=[ -](?:full |whole |single )?(?:gigawatts?|GW|megawatt|decade)\b)|(?:(?<=for )|(?<=over ))a(?=[ -](?:full |whole |single )?year\b)|(?:an?[ -](?=(?:hundred|thousand|million|billion|trillion|dozen|half|quarter|third|couple)\b))?"
    rf"{_WORD}(?![A-Za-z])(?:(?:[ \u00a0]|-)(?:of[ ]a[ -]|and[ -]an?[ -]|and[ -]|an?[ -])?{_WORD}(?![A-Za-z]))*+)",
    re.IGNORECASE,
)
_NEVER_FIRST = frozenset(
    [
        "point",
        "couple",
        "quarter",
        "quarters",
        "third",
        "thirds",
        "hundred",
        "thousand",
        "million",
        "billion",
        "trillion",
        "dozen",
    ]
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number at ``text[start:end]``; ``step`` is the value of its last digit, ``scale`` its magnitude word's factor.

    ``spelled`` tells words from digits; ``raw`` is the part without magnitude, for readers of years and codes.
    """

    start: int
    end: int
    value: Decimal
    step: Decimal
    scale: int
    spelled: bool
    raw: str


def find_numbers(text: str) -> list[Number]:
    """Every number of the text in order, in digits and in words, overlapping ones settled for the longer."""
    found = [number for match in _DIGITS.finditer(text) if (number := _read_digits(text, match)) is not None]
    spelled = _find_spelled(text, found)
    return sorted([*found, *spelled], key=lambda number: number.start) if spelled else found


def _find_spelled(text: str, digits: list[Number]) -> list[Number]:
    found: list[Number] = []
    last = len(digits) - 1
    position = index = 0
    while (match := _SPELLED.search(text, position)) is not None:
        while index < last and digits[index].end <= match.start():
            index += 1
        if digits and digits[index].start < match.end() and match.start() < digits[index].end:
            position = digits[index].end
            continue
        position = match.end()
        number = _read_words(text, match.start(), match.end())
        if number is None and (cut := match[0].lower().find(" and ")) > 0:
            position = match.start() + cut + 5
            number = _read_words(text, match.start(), match.start() + cut)
        if number is not None:
            found.append(number)
    return found


def _read_digits(text: str, match: re.Match[str]) -> Number | None:
    raw = match["number"]
    end = match.end()
    if len(raw) > 24 or (text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit()):
        return None
    plain = raw.replace(",", "") if "," in raw else raw
    if not plain.isascii() or "\u00a0" in plain or " " in plain:
        plain = re.sub(r"[ \u00a0\u202f\u2009]", "", plain)
    try:
        value = Decimal(plain)
    except ArithmeticError:
        return None
    step = Decimal(1).scaleb(-len(plain.partition(".")[2]))
    if match["fraction"]:
        value, step = value + _FRACTIONS[match["fraction"]], Decimal("0.25")
    if match["half"]:
        value, step = value + Decimal("0.5"), Decimal("0.5")
    scale, end = _read_magnitude(text, end)
    if text[end : end + 1] == "+":
        end += 1
    return Number(match.start(), end, value * scale, step * scale, scale, False, raw)


def _read_magnitude(text: str, end: int) -> tuple[int, int]:
    after = text[end : end + 1]
    if not after or after not in " -\u00a0\u202fhtmblckKMBTHLC":
        return 1, end
    match = _SHORT.match(text, end)
    if match is None:
        return 1, end
    short = match["short"]
    if short is not None:
        if not short.strip() or (len(short) > 1 and short.strip() not in "mMbB"):
            return 1, end
        return MAGNITUDES[short.strip().lower()], match.end()
    word = match["word"].lower()
    stop = match.end()
    if text[stop - 1] == "." and not text[stop : stop + 1].strip() and word[:3] not in ("mio", "mrd", "mln"):
        stop -= 1
    if " " in word:
        first, second = word.split(" ")
        return MAGNITUDES[first] * MAGNITUDES[second], stop
    return MAGNITUDES[word.rstrip(".")], stop


def _read_words(text: str, start: int, end: int) -> Number | None:
    raw = text[start:end]
    words = [word for word in re.split(r"[ \u00a0-]+", raw.lower()) if word]
    if words in (["a"], ["an"]):
        return Number(start, end, Decimal(1), Decimal(1), 1, True, raw)
    if words[0] in _NEVER_FIRST:
        return None
    parsed = parse_words(words)
    if parsed is None:
        return None
    value, step, scale = parsed
    return Number(start, end, value, step, scale, True, raw)


def parse_words(words: list[str]) -> tuple[Decimal, Decimal, int] | None:
    """Value, step and last magnitude of a number in words, or None where the words make no single number.

    >>> parse_words("a quarter of a billion".split())[0] == 250_000_000
    True
    >>> parse_words("four and a half billion".split())[0] == 4_500_000_000
    True
    """
    total, current, scale = Decimal(0), None, 1
    step = Decimal(1)
    position = 0
    while position < len(words):
        word = words[position]
        following = words[position + 1 : position + 2]
        if word in ("and", "of", "a", "an"):
            pass
        elif word in SMALL:
            if current is not None and not _joins(current, SMALL[word]):
                return None
            current = (current or Decimal(0)) + SMALL[word]
        elif word in ("half", "quarter", "quarters", "third", "thirds"):
            share = {"half": Decimal("0.5"), "quar": Decimal("0.25"), "thir": Decimal(1) / 3}[word[:4]]
            if current is None and total and scale > 1:
                current = share * scale
            elif word in ("half", "quarter") or current is None:
                current = share if current is None else current + share
            else:
                current *= share
            step = share / 5
        elif word == "point":
            digits = []
            while position + 1 < len(words) and SMALL.get(words[position + 1], 10) < 10:
                position += 1
                digits.append(str(SMALL[words[position]]))
            if current is None or not digits:
                return None
            current += Decimal("0." + "".join(digits))
            step = Decimal(1).scaleb(-len(digits))
        elif word == "couple":
            current = Decimal(2)
        elif word == "hundred" or word == "dozen":
            current = (Decimal(1) if current is None else current) * _SCALES[word]
            if following and following[0] in ("thousand", "million", "billion", "trillion"):
                position += 1
                continue
        else:
            scale = _SCALES[word]
            total += (Decimal(1) if current is None else current) * scale
            step, current = step * scale, None
        position += 1
    rest = current or Decimal(0)
    return total + rest, step if rest == 0 or total == 0 else Decimal(1), scale if rest == 0 else 1


def _joins(left: Decimal, right: int) -> bool:
    """Whether a small number may follow another inside one number: sixty five, a hundred and ten; not two three."""
    whole = int(left)
    if whole % 100 == 0 and whole >= 100:
        return right < 100
    return whole % 10 == 0 and whole % 100 >= 20 and right < 10
