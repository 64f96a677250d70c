"""Whether an amount beside a chip is a market price, and of which market."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from extractors.candidates import Quantity, Sentence
from extractors.prices.context import DEAL_WORDS, NOT_PRICE, PRICE_WORDS, is_listed, market_in
from extractors.prices.doubts import is_doubtful
from megawatch.market import Market

if TYPE_CHECKING:
    from extractors.prices.places import Place

HOURLY = re.compile(
    r"(?:(?:per|/|an?|each|one) ?(?:GPU|card|chip|accelerator|module|device)?[ /-]?(?:and |per )?(?:hour|hr)\b"
    r"|\b[A-Z]{1,3}\d{2,3}[A-Z]?[ -]hour"
    r"|[/$]GPU-h\b|[$€]/h\b|\d ?/ ?hr?\b|/card/hour|\bhourly\b|(?:GPU|card|chip|module|device)[ -]hours?"
    r"|by the hour|/hour\b)",
    re.IGNORECASE,
)
_HOUR = re.compile(r"[hH](?:ours?(?:ly)?\b|rs?\b|\b)")
STRONG = re.compile(
    r"\b(?:spot|on[- ]demand|list(?:s|ed)?|list price|marketplaces?|index|fix(?:ed at|es|ings?)|benchmark|median"
    r"|today['’]s market|open market|market (?:price|quotation|rate)|specialist clouds|specialized clouds"
    r"|asks?|asking|offers|offers? (?:at|an|for)"
    r"|indicative|assess(?:ed|ments?)|quotes?|posted|published|elsewhere|peers|reservations|trade|for comparison"
    r"|renting (?:one|it|them) (?:costs?|will cost)|headline (?:price|rate)s?|special (?:price|rate)s?"
    r"|(?:the )?market(?: is|['’]s) at|I see|I(?:['’]ve| have) seen"
    r"|by the hour"
    r"|rent(?:s|ed)? (?:it |them )?out|could be (?:had|rented)|can be (?:had|rented)|screens?|street price"
    r"|walk in|composite|average|survey|sellers|what (?:the )?market|currently go|tariffs?|rate card)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:compare[ds]?|against|versus|vs|(?<!rather )than|while|undercuts?|elsewhere|comparable|peers"
    r"|below where|for reference)\b",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\s*(?:per|an?|/|each)?\s*(?:GB|TB|gigabyte|terabyte|token|million tokens|user|seat|month(?! ago"
    r"| earlier)|share|MW|kW|node|instance|server|gigabyte-month|IP\b|address|year(?! ago| earlier)|second"
    r"|sec\b|minute|day)\b"
    r"|\s*(?:million|billion|bn|m\b|trillion)|[%x]"
    r"|\s*(?:an hour |per hour )?(?:more|less|cheaper|dearer|apart|higher|lower)\b",
    re.IGNORECASE,
)
_DIVIDED = re.compile(r"\b(?:works?|worked|comes?|came) (?:out|to)\b", re.IGNORECASE)
_AGREED = re.compile(
    r"\b(?:agreement|deal|order|signed|reservation runs|tenant|million|billion|contract value)\b", re.IGNORECASE
)
_UNDER = re.compile(r"\b(?:less than|under|below|beneath)\s\Z", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:up|down|by|lost|shed|gained|added|took|adds|loses|knocked|off|slipped|eased|rose|fell|dropped|climbed|jumped"
    r"|raised|cut|extra|another|put on)(?: (?:by|a|an|some|another|the|further|just|about|only|another))*\s\Z",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:discussing|negotiating|haggling|extra|additional|(?:divide|work) (?:it|that|this) out"
    r"|(?:must|has to|have to|needs? to) (?:stay|hold|remain|fetch|earn)|(?:think|forecast|predict|reckon"
    r"|expect|believe|fear|hope)(?:s|d|ed)?\b[^.;]{0,40}"
    r"\b(?:will|would|could|to)|will be (?:below|above|under|over))\b",
    re.IGNORECASE,
)
_OTHER_CHIP = re.compile(r"\b(?:[345]0[5-9]0|L4|T4|A10|A40|V100|P100|A[56]000|MI\d{2,3})s?\b")
_OF_SHARES = re.compile(r"\b(?:[Ss]hares?|[Ss]tock|[Dd]ividends?|EPS)\b[^.;$]{0,40}\Z")
# One figure over all that a seller lets is no chip's price; of one chip it is.
_REALIZED = re.compile(r"\breali[sz]ed (?:price|rate)\b", re.IGNORECASE)
_OF_A_DEAL = re.compile(r"\bthe [A-Z][\w.]+ (?:rate|contract|deal|order|ticket)\b")
_UNDER_A_DEAL = re.compile(
    r"\bunder (?:the|an?|its|their|this|that) (?:[\w-]+ ){0,2}(?:contract|agreement|deal|accord|pact|order"
    r"|arrangement)\b",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"\b(?:lists?|listed|quotes?|quoted|asks?|charges?|rents?|offers?|lets|has|have|get|find) (?:it|them|these|those)"
    r" (?:at|for|from) ",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(depreciat|interest|debt|electricity|kWh|power bill|cooling|staff|overhead|straight[- ]line|amorti"
    r"|break[- ]?even|financ|busy|utili[sz]ation)",
    re.IGNORECASE,
)
_NAMED_WITH = re.compile(r"\b[A-Z]{1,3}\d{1,3}[A-Z]?s? (?:is |was |at |: ?|, )?(?:now )?\Z")
_FOR_PARTY = re.compile(
    r"[\"”’]? for (?!H\d|B\d|A\d|GB|MI\d|L\d|T\d|RTX|TPU|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|[A-Z][a-z]+day\b))[A-Z][a-z]"
)
_QUOTED = re.compile(
    r"\b(?:(?:median|mean|average) (?:offer|asking|ask|price|quote|rate|rent)|composite|index|fixing|spot"
    r"|on[- ]demand|GPU rental|marketplaces|(?:the )?market(?: is|['’]s) at)\b",
    re.IGNORECASE,
)
TRADED = re.compile(
    r"\b(?:spot|on[- ]demand|(?:one|two|three|\d+)[- ](?:year|month)|reserved|marketplaces?|chang(?:e|ing) hands"
    r"|clears?|rents? for|rented|list price|offered|quot(?:e|es|ed)|asks?|asking|trad(?:e|es|ed|ing)"
    r"|fetch(?:es)?|index|gauge"
    r"|last print|go(?:es)? for)\b",
    re.IGNORECASE,
)
_RENTS = re.compile(
    r"\b(?:spot|on[- ]demand|GPU (?:prices|rentals?|rents?)|rental|rents|price (?:check|list|sheet|war)|rate card"
    r"|the market(?: is|['’]s) at|compute (?:futures|index|exchange|market))\b",
    re.IGNORECASE,
)
_SMALL_SUM = r"\$\d{1,2}\.\d\d(?![\d,]| ?(?:[mbtk]n?\b|million|billion|trillion))"
_TAGGED = re.compile(
    r"\b[A-Z]{1,3}\d{2,3}[A-Z]?s?(?: [A-Z]{3,4}\d?)?(?: [a-z]+){0,4}[:,]? ?\(?"
    rf"(?:from |at )?{_SMALL_SUM}"
)
_TAGS = re.compile(rf"{_SMALL_SUM} (?:for|on|per) (?:an? |the |each |its )?(?:[A-Z][\w-]* )?[A-Z]{{1,3}}\d{{2,3}}")
_OTHER_WARES = re.compile(r"\b(?:tokens?|shares|(?:per|a) share|stock|watts?|second)\b", re.IGNORECASE)
# Fewer dollars than this, with neither an hour nor a chip beside them, are a change: "Ten cents."
_MOST_CHANGES = Decimal("0.35")
_CENTS = re.compile(r"\d\.\d\d\b|\bcents\b")


def counts_hours(text: str) -> bool:
    """Whether a text counts hours of accelerators; the plain word is looked for first, which is far quicker."""
    return any(HOURLY.search(text, max(0, m.start() - 24), m.end() + 1) for m in _HOUR.finditer(text))


def tags_chips(text: str) -> bool:
    """Whether a text tags chips with dollars and cents: nothing else about a chip costs so little as its hour.

    Tokens and shares are sold for such sums too, so a text that speaks of either tags none.
    """
    tags = islice((m for words in (_TAGGED, _TAGS) for m in words.finditer(text)), 2)
    return sum(1 for _ in tags) == 2 and _OTHER_WARES.search(text) is None


def speaks_of_rents(text: str, title: str) -> bool:
    """Whether a document that counts no hours speaks of the rents of accelerators all the same."""
    return any(words.search(part) for part in (title, text) for words in (_RENTS, TRADED))


def may_follow(text: str, quantity: Quantity) -> bool:
    """Whether what stands around a small amount lets it be an hourly price: no gigabyte, share, second or ``less``."""
    if quantity.value < 1 and _MOVED.search(text, max(0, quantity.hedge_start - 24), quantity.hedge_start):
        return False
    round_figure = quantity.value == int(quantity.value)
    if round_figure and _UNDER.search(text, max(0, quantity.start - 12), quantity.start):
        return False
    figure_end = quantity.end if quantity.per is None else quantity.start + len(quantity.quote.split(" ")[0])
    return _NOT_AFTER.match(text, quantity.end) is None and _NOT_AFTER.match(text, figure_end) is None


def is_market_price(
    text: str,
    place: Place,
    *,
    hourly: bool,
    trades: bool,
    follows: bool,
    accepted: bool,
    section: Sentence | None,
) -> bool:
    """Whether an amount is a market price of an hour and no deal's rate.

    ``hourly`` tells that the document speaks of hours at all, ``trades`` of rents, ``follows`` that a
    price stands before it in the sentence, ``accepted`` that one does in the paragraph;
    ``section`` is the heading it stands under.
    """
    quantity = place.quantity
    named = quantity.kind == "gpu_rate" or quantity.per in ("gpu_hour", "hour")
    beside = _is_beside(place)
    cents = _CENTS.search(quantity.quote) is not None
    exact = beside and cents
    told = _QUOTED.search(text, place.paragraph, min(place.right, quantity.end + 16)) is not None
    told = told or (trades and cents and _LISTS.search(text, place.left, quantity.start) is not None)
    if not (named or hourly or told or follows or (exact and (trades or TRADED.search(text, place.start, place.end)))):
        return False
    if _excluded(text, place, follows=follows) or (quantity.value < _MOST_CHANGES and not named and not beside):
        return False
    if named or follows or accepted:
        return True
    if _NAMED_WITH.search(text, max(0, quantity.start - 40), quantity.start):
        return True
    if PRICE_WORDS.search(text, place.paragraph, place.end) or exact:
        return True
    if hourly and text[max(0, quantity.hedge_start - 2) : quantity.hedge_start] in (": ", " ("):
        return True
    return place.sentence.kind in ("bullet", "row", "heading") or (
        section is not None and PRICE_WORDS.search(section.quote) is not None
    )


def _is_beside(place: Place) -> bool:
    """Whether a model stands in the amount's words, in front of it since the last amount, or right behind it."""
    near = bool(place.before) and place.quantity.start - place.before[-1].end < 90
    return near or place.inside is not None or bool(place.behind)


def _excluded(text: str, place: Place, *, follows: bool) -> bool:
    """Whether the words around the amount make it a deal's rate, a break-even, or the price of something else."""
    return _is_none(text, place, follows=follows) or _is_a_deal_s(text, place, follows=follows)


def _is_none(text: str, place: Place, *, follows: bool) -> bool:
    """Whether an amount is reckoned, foreseen or supposed, or the price of something else."""
    quantity = place.quantity
    start = quantity.start
    doubtful = is_doubtful(text, start, quantity.end, start=place.start, left=place.left, right=place.right)
    if doubtful or _is_reckoned(text, place):
        return True
    if _SUPPOSED.search(text, place.left, start) or _OF_SHARES.search(text, place.left, start):
        return True
    if not (place.before or place.inside or follows) and _REALIZED.search(text, place.start, start):
        return True
    nearest = place.before[-1].end if place.before else place.left
    if place.inside is None and _OTHER_CHIP.search(text, nearest, start):
        return True
    return NOT_PRICE.search(text, place.start, min(place.end, quantity.end + 40)) is not None


def _is_a_deal_s(text: str, place: Place, *, follows: bool) -> bool:
    """Whether an amount is the rate of one deal and no word of the market stands by it."""
    quantity = place.quantity
    if _FOR_PARTY.match(text, quantity.end) or "half an hour" in text[place.left : quantity.start]:
        return True
    compared = _COMPARED.search(text, place.left, quantity.start) is not None
    if not compared and _OF_A_DEAL.search(text, place.start, place.end):
        return True
    if _DIVIDED.search(text, place.start, quantity.end) and _AGREED.search(text, place.paragraph, place.end):
        return not compared
    strong = STRONG.search(text, place.left, place.right) is not None
    told_as_deal = DEAL_WORDS.search(text, place.start, min(place.end, quantity.end + 60)) is not None
    told_as_deal = told_as_deal or _UNDER_A_DEAL.search(text, place.start, quantity.start) is not None
    if told_as_deal and not compared and not follows and (place.deal or not strong):
        return True
    if place.deal_here and not strong:
        return True
    told = strong or compared or follows or STRONG.search(text, place.paragraph, quantity.start) is not None
    return place.deal and not told


def _is_reckoned(text: str, place: Place) -> bool:
    """Whether the paragraph adds up what an hour costs its owner, with no word of the market at the amount itself."""
    costs = {match[1].lower() for match in _COSTS.finditer(text, place.paragraph, place.quantity.start)}
    return len(costs) > 1 and STRONG.search(text, place.left, place.right) is None


def find_market(
    text: str, place: Place, section: Sentence | None, *, named: bool, usual: Callable[[], Market | None]
) -> Market:
    """The market of a price: by the words of its stretch, its sentence, its paragraph, its heading.

    A provider that the sentence names (``named``) has no index told of elsewhere. A line of a list takes none from the
    lines above it, but ``usual``, which a remark on all prices gives.
    """
    at = place.quantity.start
    market = market_in(text, place.left, place.right, at=at) if place.left > place.start else None
    market = market or market_in(text, place.start, place.right, at=at)
    if market is not None:
        return market
    listed = place.sentence.kind in ("bullet", "row")
    if place.paragraph < place.start and not listed:
        market = market_in(text, place.paragraph, place.start, at=place.start)
    if market is None and section is not None:
        begin = max(text.rfind("\n", 0, section.start) + 1, section.end - 300)
        market = market_in(text, begin, section.end, at=section.end)
    market = market or (usual() if is_listed(place.sentence) else None)
    return "unspecified" if market is None or (named and market == "index") else market
