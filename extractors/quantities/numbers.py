"""Numbers as texts write them, in digits or in words, with the half width that their digits leave open.

Every pattern here is linear: repetitions are bounded or possessive, and no two of them can eat the same character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

MAGNITUDES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "k": 10**3, "grand": 10**3, "m": 10**6, "mm": 10**6, "mn": 10**6, "mln": 10**6, "mio": 10**6, "mil": 10**6,
    "millions": 10**6, "b": 10**9, "bn": 10**9, "bln": 10**9, "mrd": 10**9, "billions": 10**9,
    "t": 10**12, "tn": 10**12, "trn": 10**12, "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7,
}  # fmt: skip
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SHARES = {
    "half": Decimal("0.5"),
    "quarter": Decimal("0.25"),
    "quarters": Decimal("0.25"),
    "third": Decimal(1) / 3,
    "thirds": Decimal(1) / 3,
}
SMALL = {word: value for value, word in enumerate(_UNITS)} | {word: 10 * (i + 2) for i, word in enumerate(_TENS)}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
_FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_CODES = "USD|EUR|GBP|RMB|CNY|NOK|SEK|DKK|CAD|AUD|HKD|SGD|NZD|TWD|INR|JPY|KRW|MYR|CHF|BRL|SAR|AED|THB|IDR|PLN|ZAR|MXN"

_GROUPED = (
    r"\d{1,3}(?:,\d{2,3})++(?:\.\d++)?|\d{1,3}(?:[\u00a0\u202f\u2009]\d{3})++(?:\.\d++)?"
    r"|\d{1,3}(?: \d{3}){0,3} 000(?!\d)|\d++(?:\.\d++)?"
)
_MAGNITUDE = (
    r"(?:[ \u00a0\u202f-]?(?P<word>hundred thousand|hundred million|hundred billion|thousand|million|billion|trillion"
    r"|mln|bln|trn|mio|mrd|crores?|lakhs?|mil(?=[ .])|bn|mn|tn|MM|Mio|Mrd|Bn|Mn)\.?"
    r"|(?P<short>[ \u00a0]?[kKmMbBTt]))(?![A-Za-z0-9])"
)
_DIGITS = re.compile(rf"(?P<number>{_GROUPED})(?P<fraction>[½¼¾])?(?P<half>[ -]and[ -]a[ -]half)?")
_ONE = Decimal(1)
_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(10))
_SHORT = re.compile(_MAGNITUDE, re.IGNORECASE)
_WORDS = [*SMALL, *_SCALES, "half", "quarter", "quarters(?= of)", "third", "thirds(?= of)", "point", "couple"]
_WORD = "(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_SPELLED = re.compile(
    rf"{_WORD}(?![A-Za-z])"
    rf"(?:(?:[ \u00a0]|-)(?:of[ ]a[ -]|and[ -]an?[ -]|and[ -]|an?[ -])?{_WORD}(?![A-Za-z])){{0,14}}+",
    re.IGNORECASE,
)
_NEVER_FIRST = frozenset(
    "point couple quarter quarters third thirds hundred thousand million billion trillion dozen".split()
)
_SINGLE = frozenset("gigawatt gigawatts gw megawatt decade year".split())
SPELLED_FIRST = frozenset(SMALL) | frozenset(_SCALES) | _SINGLE | {"half", "quarter", "third", "couple"}
CODE_PREFIXES = frozenset(_CODES.split("|")) | {"Rs", "kr", "RM"}
_FOR = re.compile(r"\b(?:for|over) \Z", re.IGNORECASE)
_GAP = re.compile(r"[ \u00a0-]")
_A_BEFORE = re.compile(r"(?<![A-Za-z0-9$])(?P<a>an?)[ -](?:full |whole |single )?\Z", re.IGNORECASE)


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


def find_numbers(text: str, digits: Sequence[int], spelled: Sequence[int]) -> list[Number]:
    """Every number of the text in order; ``digits`` and ``spelled`` are where ``scan`` found one may begin."""
    found: list[Number] = []
    last = 0
    for start in digits:
        if start < last or not _may_begin(text, start):
            continue
        begins = start - 1 if text[start - 2 : start] == "$." else start
        match = _DIGITS.match(text, start)
        number = _read_digits(text, match, begins) if match is not None else None
        if number is not None:
            found.append(number)
        if match is not None:
            last = max(match.end(), number.end if number is not None else 0)
    words = _find_spelled(text, found, spelled) if spelled else []
    return sorted([*found, *words], key=lambda number: number.start) if words else found


def _may_begin(text: str, start: int) -> bool:
    """Whether a figure may begin here: not inside a decimal, a version or an identifier."""
    before = text[start - 1 : start]
    if before in (".", ","):
        return not text[start - 2 : start - 1].isdigit()
    return before != "_"


def _find_spelled(text: str, digits: list[Number], starts: Sequence[int]) -> list[Number]:
    found: list[Number] = []
    last = len(digits) - 1
    position = index = 0
    for begins in starts:
        if begins < position or text[begins - 1 : begins] == "$":
            continue
        while index < last and digits[index].end <= begins:
            index += 1
        if digits and digits[index].start <= begins < digits[index].end:
            continue
        number, position = _spelled_at(text, begins)
        if number is not None:
            found.append(number)
    return found


def _spelled_at(text: str, begins: int) -> tuple[Number | None, int]:
    """The number in words that begins here, with an ``a`` before it where it has one, and where to read on."""
    match = _SPELLED.match(text, begins)
    if match is None:
        return _single_at(text, begins), begins + 1
    article = _A_BEFORE.search(text, max(0, begins - 10), begins) if match[0][0] in "htmbdqcHTMBDQC" else None
    start = article.start() if article is not None and article.end() - article.start() < 4 else begins
    number = _read_words(text, start, match.end())
    if number is None and (cut := match[0].lower().find(" and ")) > 0:
        return _read_words(text, start, begins + cut), begins + cut + 5
    if number is None and (gap := _GAP.search(match[0])) is not None:
        return _read_words(text, start, begins + gap.start()), begins + gap.end()
    return number, match.end()


def _single_at(text: str, begins: int) -> Number | None:
    """``a gigawatt``, ``for a year``: one of the unit that begins here."""
    article = _A_BEFORE.search(text, max(0, begins - 12), begins)
    if article is None:
        return None
    is_year = text[begins : begins + 4].lower() == "year"
    if is_year and _FOR.search(text, max(0, article.start() - 6), article.start()) is None:
        return None
    return Number(article.start(), article.end("a"), Decimal(1), Decimal(1), 1, True, article["a"])


def _read_digits(text: str, match: re.Match[str], begins: int) -> Number | None:
    raw = match["number"] if begins == match.start() else "." + match["number"]
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
    step = _STEPS[min(len(plain) - 1 - plain.find("."), 9)] if "." in plain else _ONE
    if match["fraction"]:
        value, step = value + _FRACTIONS[match["fraction"]], Decimal("0.25")
    if match["half"]:
        value, step = value + Decimal("0.5"), Decimal("0.5")
    scale, end = _read_magnitude(text, end)
    if text[end : end + 1] == "+":
        end += 1
    if scale != 1:
        value, step = value * scale, step * scale
    return Number(begins, end, value, step, scale, False, raw)


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
    number = _Spelled()
    position = 0
    while position < len(words):
        taken = number.take(words, position)
        if not taken:
            return None
        position += taken
    rest = number.current or Decimal(0)
    step = number.step if rest == 0 or number.total == 0 else Decimal(1)
    return number.total + rest, step, number.scale if rest == 0 else 1


@dataclass(slots=True)
class _Spelled:
    """A number in words while it is being summed: ``total`` holds whole magnitudes, ``current`` what comes after."""

    total: Decimal = Decimal(0)
    current: Decimal | None = None
    scale: int = 1
    step: Decimal = Decimal(1)

    def take(self, words: list[str], position: int) -> int:
        """Take the word at ``position``; how many words were taken, 0 where it cannot follow."""
        word = words[position]
        if word in ("and", "of", "a", "an"):
            return 1
        if word in SMALL:
            return self._add(SMALL[word])
        if word in _SHARES:
            return self._share(word)
        if word == "point":
            return self._decimals(words, position)
        if word == "couple":
            self.current = Decimal(2)
        elif word in ("hundred", "dozen"):
            self.current = (Decimal(1) if self.current is None else self.current) * _SCALES[word]
        else:
            self.scale = _SCALES[word]
            self.total += (Decimal(1) if self.current is None else self.current) * self.scale
            self.step, self.current = self.step * self.scale, None
        return 1

    def _add(self, value: int) -> int:
        if self.current is not None and not _joins(self.current, value):
            return 0
        self.current = (self.current or Decimal(0)) + value
        return 1

    def _share(self, word: str) -> int:
        share = _SHARES[word]
        self.step = share / 5
        if self.current is None and self.total and self.scale > 1:
            self.current = share * self.scale
        elif self.current is None:
            self.current = share
        else:
            self.current = self.current * share if word.endswith("s") else self.current + share
        return 1

    def _decimals(self, words: list[str], position: int) -> int:
        digits = ""
        for word in words[position + 1 :]:
            if SMALL.get(word, 10) > 9:
                break
            digits += str(SMALL[word])
        if self.current is None or not digits:
            return 0
        self.current += Decimal(f"0.{digits}")
        self.step = Decimal(1).scaleb(-len(digits))
        return 1 + len(digits)


def _joins(left: Decimal, right: int) -> bool:
    """Whether a small number may follow another inside one number: sixty five, a hundred and ten; not two three."""
    whole = int(left)
    if whole % 100 == 0 and whole >= 100:
        return right < 100
    return whole % 10 == 0 and whole % 100 >= 20 and right < 10
