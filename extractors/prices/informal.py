"""Prices said the way people talk: ``an H100 is two seventy-nine``, ``H200 month rent 2.9 to 3.1``, ``spot 1.62``."""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.candidates import ModelMention, Sentence
from extractors.quantities.numbers import SMALL, parse_words

_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_SPOKEN = re.compile(
    rf"(?<![\w-])(?P<dollars>{_ONES})[ -](?P<cents>(?:{_TENS})(?:[ -](?:{_ONES}))?|{_TEENS}"
    rf"|oh[ -](?:{_ONES}))(?=[.,;:?!\"”]|\s*\Z|\s(?:an hour|each|a card|and change|yeah|per))"
    rf"|(?<![\w-])(?P<whole>{_ONES}) and (?:a |three )(?P<part>quarters?|half)(?=[.,;:?!\"”]|\s*\Z|\s(?:an hour"
    rf"|each|a card|yeah|per))",
    re.IGNORECASE,
)
_HOUR = r"\s?/ ?(?:GPU[ -]?)?h(?:ou)?r?\b|\s(?:an|per|a) (?:GPU[ -]?)?h(?:ou)?r\b"
_BARE = re.compile(
    r"(?<![\w$€£.,/:+#-])(?P<low>\d{1,2}\.\d{1,2})(?:\s?(?:to|-|–)\s?(?P<high>\d{1,2}\.\d{1,2}))?"
    rf"(?P<hour>{_HOUR})?(?![\d%]|\.\d|\s?(?:%|x\b)"
    r"|\s?(?!(?:today|now|yesterday|tonight|on|in|at|for|if|reserved|spot|and|to|rather|vs|was|or|but|each|with|this"
    r"|last|od|all|interruptible|committed|since|from)\b)[A-Za-z])",
    re.IGNORECASE,
)
_TALKS = re.compile(
    r"\b(?:rent|contract|price|quote|rate|spot|costs?|still is|on demand|on-demand|reserved|term|from us|is"
    r"|was|what|paper|od|goes|from|list|lists|had it)\b|\?",
    re.IGNORECASE,
)
_TRADED = re.compile(
    r"\b(?:spot|on[- ]demand|reserved?|reservation|commit(?:ment)?|interruptible|contract|paper|od|asks?|asking|bids?"
    r"|wants?|charges?|quotes?|offers?|lists?|closed|closes|settled|settles|fixed|printed|prints?|traded|trades|opened|cleared"
    r"|clears|drops? to|pays?|price stays|stays|goes|rents?|bid)(?: (?:at|for|from|to|is|was|hold(?:s|ing)?))?[ :]\Z",
    re.IGNORECASE,
)
_TIER = re.compile(r"\s\(?(?:spot|on[- ]demand|reserved|od|interruptible|committed)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"(?:[^\d.;\n]{0,30}(?:,|\band\b|\bor\b|\bthen\b|/)(?: (?:then|was|now|and|[A-Z][\w-]*(?: [A-Z][\w-]*)?|\dy(?:r)?"
    r"(?: drops to)?))*\s\Z)"
)


def find_informal(
    text: str, sentence: Sentence, models: list[ModelMention], *, spoken: bool
) -> list[tuple[int, int, Decimal, Decimal]]:
    """Figures without a currency beside a model or a word of the trade, as ``(start, end, low, high)`` in dollars.

    ``spoken`` also takes a figure that opens the sentence, in answer to a question about the model named before it.
    """
    found: list[tuple[int, int, Decimal, Decimal]] = []
    for match in _BARE.finditer(text, sentence.start, sentence.end):
        last = found[-1][1] if found else None
        if _follows(text, match.start(), models) is not None or _is_quoted(text, sentence, match, last):
            low = Decimal(match["low"])
            found.append((match.start(), match.end(), low, Decimal(match["high"]) if match["high"] else low))
    for match in _SPOKEN.finditer(text, sentence.start, sentence.end):
        if _follows(text, match.start(), models) is not None or (spoken and match.start() - sentence.start < 4):
            value = _spoken_value(match)
            found.append((match.start(), match.end(), value, value))
    return found


def _is_quoted(text: str, sentence: Sentence, match: re.Match[str], last: int | None) -> bool:
    """Whether a figure with two decimals stands beside an hour, a tier or a trader's verb, or goes on from ``last``."""
    if len(match["low"].partition(".")[2]) != 2:
        return False
    if match["hour"] or _TIER.match(text, match.end(), sentence.end):
        return True
    if last is not None and _GOES_ON.fullmatch(text, last, match.start()):
        return True
    return _TRADED.search(text, max(sentence.start, match.start() - 30), match.start()) is not None


def _follows(text: str, start: int, models: list[ModelMention]) -> ModelMention | None:
    model = next((m for m in reversed(models) if m.end <= start), None)
    if model is None or start - model.end > 40:
        return None
    gap = text[model.end : start]
    return (
        model
        if not any(c.isdigit() for c in gap) and (_TALKS.search(gap) or gap.strip() in ("", ":", "-", "—", "at"))
        else None
    )


def _spoken_value(match: re.Match[str]) -> Decimal:
    if match["whole"]:
        words = match["part"].lower()
        share = Decimal("0.5") if words == "half" else Decimal("0.75") if words == "quarters" else Decimal("0.25")
        return Decimal(SMALL[match["whole"].lower()]) + share
    cents = parse_words(re.split(r"[ -]", match["cents"].lower().removeprefix("oh")))
    hundredths = cents[0] if cents is not None else Decimal(0)
    return Decimal(SMALL[match["dollars"].lower()]) + hundredths / 100
