"""Amounts that only look like prices: what somebody foresees or supposes, what an hour costs its owner, a difference.

The words stand before the amount in its sentence, or name the prophet right behind it. A word that turns to what is
(``against``, ``now``) ends the doubt: ``Tallis forecasts $1.90, against $2.30 now``.
"""

from __future__ import annotations

import re
from decimal import Decimal

_FORESEEN = (
    r"forecasts?|forecasting|foresees?|foresaw|predict(?:s|ed|ing)?|project(?:s|ed) (?=[^.;$]{0,40}\b(?:to|at|of|rates?"
    r"|rents?|prices?)\b)|pencil(?:s|led)? in|budget(?:s|ed)? (?:for )?(?=[^.;$]{0,40}\b(?:to|at|of)\b)"
    r"|expect(?:s|ed|ing)? (?=[^.;$]{0,60}\b(?:to|at)\b)|would be (?:closer|nearer) to"
)
_SUPPOSED = (
    r"suppos(?:e|es|ed|ing)|imagine|hypothetical(?:ly)?|pretend|let['’]s say|what if|say (?=an? |you |the )"
    r"|scenarios?|(?:base|bear|bull|stress|worst|best)[- ]case|covenants?|sensitivity|were to|if it were"
    r"|(?:it|now|bank|broker|firm|analysts?) models?|back[- ]of[- ]the[- ]envelope"
)
_DOUBT = re.compile(rf"\b(?:{_FORESEEN}|{_SUPPOSED})\b", re.IGNORECASE)
_TURN = re.compile(
    r"\b(?:against|versus|vs|compared|than|currently|now|today|at present|from|so far|last (?:week|month|year)"
    r"|but|was|were)\b",
    re.IGNORECASE,
)
# The condition holds the amount itself ("if it fell under $2"); "if you commit, $2" only names a tier.
_IF = re.compile(r"\b(?:if|unless|should|whether)\b(?P<clause>[^,;:.\n$]{0,70})\Z", re.IGNORECASE)
_FALLS = re.compile(
    r"\b(?:f[ae]lls?|drops?|sinks?|slips?|goes|rises?|climbs?|reach(?:es)?|hits?|stays?|were|it (?:is|was)|averages?"
    r"|below|under|above|equivalent is|gets? to)\b",
    re.IGNORECASE,
)
_WILL = re.compile(r"\b(?:will|would|could|may|might|going to|set to|likely to|should)\b[^.;$]{0,60}\Z", re.IGNORECASE)
_LATER = re.compile(
    r"[^.;$]{0,30}\b(?:by|before|within|come)\s(?:(?:the )?(?:end|middle|start|close) of |late |early |mid[- ]?"
    r"|next )*(?:20\d\d|year[- ]end|Christmas|spring|summer|autumn|winter|then|[\w-]+ (?:years|months))\b",
    re.IGNORECASE,
)
_PROPHET = re.compile(
    r"[^.;$]{0,60},? (?:[A-Z][\w.&-]*(?: [A-Z][\w.&-]*){0,3}|it|he|she|they|the \w+(?: \w+)?|analysts)"
    r" (?:forecasts?|predicts?|predicted|foresees?|expects?|guesse?s|reckons?)(?=[,.;]|\Z)"
)
# What the figure is of: a cost of running the machine, or a difference of two prices.
_NOT_OF_HOURS = re.compile(
    r"\b(?:interest(?: expense)?|debt service|depreciation|amorti[sz]ation|overheads?|staff|upkeep|maintenance"
    r"|cooling|hosting|colocation|colo|costs? (?:of|to) (?:revenue|sales|goods|running|owning|operat\w+|own|run|make"
    r"|produce|serve|deliver|provide)|(?:operating|running|unit|cash|all-in|marginal|production|delivery)[- ]costs?"
    r"|sur(?:charge|tax)|levy|tax|rebate|subsidy|royalty|fine|penalty"
    r"|savings?|spread|gap|differences?|premium|mark-?up|margins?|profit|ebitda)\b"
    r"(?: (?:is|was|are|were|would|will|be|of|at|to|about|around|some|roughly|nearly|another|matter|per|an?|GPU"
    r"|GPU-hour|hour|comes?|came|runs?|adds?|takes?|eats?|has|have|had|been|then|only|just|now|narrowed|widened|shrank|shrunk|grew"
    r"|fell|rose|averaged|costs?)|:)*\s*\Z",
    re.IGNORECASE,
)
# Right in front of the figure: somebody's number for later, or one taken for an example.
_NUMBER_OF = re.compile(
    r"\b(?:estimates?|forecasts?|projections?|predictions?|guess|targets?|assumptions?|budget|trigger|threshold|revenue"
    r"|loss|losses|limit|cap)"
    r" (?:of|at|is|was)(?: (?:about|around|some|roughly|only|just|an?|the))*\s*\Z"
    r"|\b(?:may|might|could|would) (?:be|earn|bring in)(?: (?:about|around|some|as much as|only))*\s*\Z"
    r"|\bwhen(?:ever)?\b[^,;:.\n$]{0,60}\b(?:below|under|lower than|less than)\s*\Z"
    r"|\b(?:for example|for instance|e\.g\.|(?<=[,;:(–—] )say),? (?:of |at )?\Z",
    re.IGNORECASE,
)
# What a buyer pays, or a machine eats, is no seller's price.
_PAID = re.compile(
    r"\b(?:pays? (?:its|their|his|her) (?:suppliers?|vendors?|landlords?|clouds?|hosts?)|costs? (?:us|me|them|itself)"
    r"|(?:sets?|setting) (?:us|me|them) back|(?:we|I)(?: had| have|['’]ve) been paying"
    r"|(?:we|I) used to pay|(?:we|I) (?:were|was) paying|burn(?:s|ed|t|ing)?|eats?|swallows?|guzzles?|consumes?"
    r"|loses?|losing|losses)\b[^.;:$]{0,24}\Z|\b(?:you|we|I|one) (?:keep|pocket|net) (?:about |some |only )?\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\bbetween\b[^.;$\n]{3,80}\b(?:there (?:is|are|was|were|used to be)|(?:lies?|lay|stands?|stood)|is|was)"
    r"(?: (?:still|now|only|about|some|around|roughly|just))*\s*\Z",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\s*(?:an hour |per hour |a GPU-hour |per GPU-hour )?(?:surcharge|levy|tax|rebate|subsidy|spread|gap|premium"
    r"|discount|margin|difference|(?:more|less|cheaper|dearer|higher|lower|extra|apart|off)\b|in (?:electricity|power"
    r"|interest|depreciation)|(?:is |was |are |buys |bought )?for (?:two|three|four|six|eight|sixteen|[2-9]\d?)"
    r" (?:of |NVIDIA |Nvidia )?(?:[A-Z]{1,3}\d\w*|GPUs|cards|chips)"
    r"|of (?:electricity|power|interest|depreciation|margin|profit))\b",
    re.IGNORECASE,
)
_BIG = re.compile(r"(?:GB|GH|B|H|MI3)\d{2,3}")
_SMALL_SISTER = "H20"
# No chip of that size has been let for less; cents beside it are its electricity, its cooling, a difference.
_LEAST = Decimal("0.50")


def is_doubtful(text: str, at: int, end: int, *, start: int, left: int, right: int) -> bool:
    """Whether the amount at ``at:end`` is foreseen, supposed, a cost or a difference.

    Its sentence begins at ``start``; ``left`` and ``right`` are the amounts beside it, or the sentence's ends.
    """
    return _is_supposed(text, start, at) or _is_foreseen(text, left, at, end, right) or _is_other(text, left, at, end)


def is_too_cheap(model: str, value: Decimal) -> bool:
    """Whether an hour of a big chip cannot cost so little.

    >>> is_too_cheap("B200", Decimal("0.16")), is_too_cheap("L4", Decimal("0.16"))
    (True, False)
    """
    return value < _LEAST and model != _SMALL_SISTER and _BIG.match(model) is not None


def _is_supposed(text: str, start: int, at: int) -> bool:
    """Whether words of doubt stand before the amount with nothing between that turns to what is."""
    floor = max(start, at - 160)
    condition = _IF.search(text, max(start, at - 80), at)
    if condition is not None and _FALLS.search(condition["clause"]):
        return True
    doubts = list(_DOUBT.finditer(text, floor, at))
    return bool(doubts) and _TURN.search(text, doubts[-1].end(), at) is None


def _is_foreseen(text: str, left: int, at: int, end: int, right: int) -> bool:
    """Whether something ``will`` be so ``by`` a date, or a prophet is named behind."""
    stop = min(right, end + 100)
    if _PROPHET.match(text, end, stop):
        return True
    return _LATER.match(text, end, stop) is not None and _WILL.search(text, max(left, at - 90), at) is not None


def _is_other(text: str, left: int, at: int, end: int) -> bool:
    """Whether the amount is no hour's: a cost of the machine, or what lies between two prices."""
    if _BEHIND.match(text, end):
        return True
    floor = max(left, at - 120)
    return any(words.search(text, floor, at) for words in (_NOT_OF_HOURS, _NUMBER_OF, _PAID, _BETWEEN))
