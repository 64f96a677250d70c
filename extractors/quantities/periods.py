"""What an amount of money recurs by or is counted by: a month, a GPU-hour, a megawatt-hour, a share."""

from __future__ import annotations

import re

_CALENDAR = {
    "month": "month", "mo": "month", "mth": "month", "quarter": "quarter", "qtr": "quarter", "year": "year",
    "annum": "year", "yr": "year", "week": "week", "day": "day", "hour": "hour", "hr": "hour", "h": "hour",
    "second": "second", "sec": "second", "minute": "minute", "min": "minute",
    "monthly": "month", "annually": "year", "yearly": "year", "quarterly": "quarter", "hourly": "hour",
    "annual": "year", "annualized": "year", "annualised": "year", "weekly": "week", "pcm": "month", "pa": "year",
}  # fmt: skip
_CHIP = (
    r"(?:(?:single |hired |reserved |Nvidia |NVIDIA )?(?:gpus?|cards?|chips?|accelerators?|processors?|tpus?"
    r"|[ABHL]\d{2,3}[SX]?|G[BH]\d{3}|MI\d{3}X?|one of them|unit))"
)
_HOUR = r"(?:hours?|hrs?|h)\b"
_EACH = r"(?:/|per|an?|each|every|for each|for every|for an?|in respect of each|in each|by the)"
_AFTER_RATE = re.compile(
    rf"[,\s)]{{0,2}}(?:US |flat |each |straight |apiece )?(?:{_EACH}|for)?[\s/-]{{0,2}}"
    rf"(?:(?P<chip>{_CHIP})(?:[\s-]{{0,2}}(?:/|per|an?|and|each|for)?[\s-]{{0,2}}){_HOUR}"
    rf"|(?:(?<=[\s/])(?P<hour>{_HOUR}))(?:,?[\s-]{{0,2}}(?:(?:/|per|an?|for each|for an?|for|each)[\s]?{_CHIP}"
    rf"|(?P<each>each|apiece)\b))?)",
    re.IGNORECASE,
)
_AFTER_NODE = re.compile(
    rf"[,\s)]{{0,2}}(?:{_EACH})\s?(?:(?:\w+[ -]){{0,3}}(?:node|instance|server|box|system|pod|rack|machine|vm"
    rf"|cluster|job|run)"
    rf"[\s-]{{0,2}}(?:/|per|an?)?[\s-]{{0,2}}{_HOUR}"
    rf"|{_HOUR}\s(?:/|per|an?|for an?|for the)\s?(?:\w+[ -]){{0,3}}(?:node|instance|server|box|system|pod|rack"
    rf"|machine|vm|cluster)\b)",
    re.IGNORECASE,
)
_AFTER_POWER = re.compile(
    rf"[,\s)]{{0,2}}(?:{_EACH})?\s?(?:"
    r"(?P<kw_month>(?:kW|kilowatts?)(?:[\s/-]{0,2}(?:per|an?|and|each|/)?[\s-]{0,2})(?:month|mo)\b"
    r"|(?:month)\s(?:per|an?)\s(?:kW|kilowatt)\b)"
    r"|(?P<kw_year>(?:kW|kilowatts?)(?:[\s/-]{0,2}(?:per|an?|each|/)?[\s-]{0,2})(?:year|yr|annum)\b)"
    r"|(?P<mw_year>(?:MW|megawatts?)(?:[\s/-]{0,2}(?:per|an?|each|/)?[\s-]{0,2})(?:year|yr|annum)\b)"
    r"|(?P<mw_month>(?:MW|megawatts?)(?:[\s/-]{0,2}(?:per|an?|each|/)?[\s-]{0,2})(?:month|mo)\b)"
    r"|(?P<mwh>MWh|megawatt[- ]hours?)\b|(?P<kwh>kWh|kilowatt[- ]hours?)\b"
    r"|(?<=[\s/])(?:(?:critical|installed|contracted|IT|utility) ){0,2}(?P<mw>MW|megawatts?)\b"
    r"|(?<=[\s/])(?P<gw>GW|gigawatts?)\b|(?<=[\s/])(?P<kw>kW|kilowatts?)\b)",
    re.IGNORECASE,
)
_SKIP = (
    r"(?:(?:\s(?:is|are|was|were|will be|to be|payable|paid|due|billed|invoiced|in|of|on|rent|base|fixed|fees?|charges?"
    r"|revenue|income|sales|payments?|dollars?|US|recurring|installments?|instalments?|contracted|gross|or so|at most"
    r"|plus|roughly|in cash|in advance|interest|on average|worth|lease|hosting|roughly|more|extra))){0,4}"
)
_AFTER_CALENDAR = re.compile(
    rf"(?:[\"”)*]|,)?{_SKIP}(?:,? roughly,)?,?\s?-?(?:(?:/|per|an?|each|every|for each|for every|in each"
    rf"|in respect of each|in the first|for the first|in its first|for each of the first \w+)[\s-]?"
    r"(?:calendar |full |contract |lease |fiscal |operating |single |and every |successive |such |service |rent )?"
    r"(?P<period>month|mo|mth|quarter|qtr|year|annum|yr|week|day|hour|second|sec|minute)\b(?![- ](?:lease"
    r"|contract|term|deal|agreement|ago|earlier|old|before|later|previously))(?! of a\b)"
    r"|(?P<adverb>monthly|annually|yearly|quarterly|annualized|annualised|weekly|pcm|p\.?\s?a\.?(?=[\s,.)])"
    r"|p\.?\s?m\.?(?=[\s,)]))"
    r"(?! report| meeting| filing| results))",
    re.IGNORECASE,
)
_BEFORE_CALENDAR = re.compile(
    r"\b(?:(?P<adjective>monthly|annual(?:ly)?|yearly|quarterly|annualized|annualised)|(?:each|every|per"
    r"|by the|(?<=rent )a|first(?: full)?) (?:calendar |lease |full )?(?P<noun>month|quarter|year))\b"
    r"(?:(?:\s|: ?|, (?!total))+(?!(?:total|totals|totall?ing|aggregate|overall|altogether|valued?|worth"
    r"|whole)\b)[A-Za-z'’()/-]+){0,12}"
    r"[\s:(~≈\"“|*]*\Z",
    re.IGNORECASE,
)
_AFTER_EACH = re.compile(
    r"[,\s)]{0,2}(?:(?:/|per|an?|for each|for every)\s?(?P<noun>share|ads|gpu|card|chip|accelerator|processor"
    r"|server|node|rack|unit|unit|token"
    r"|user|acre|sq(?:uare)?\.? f(?:oo)?t|employee|home|household|job|barrel|ton|tonne|h100|h200|b200|b300)\b"
    r"|(?P<each>each|apiece)\b)",
    re.IGNORECASE,
)


def rate_after(text: str, end: int) -> tuple[str, int] | None:
    """``gpu_hour``, ``hour``, ``node_hour`` or a unit of power that the amount before ``end`` is counted by."""
    after = text[end : end + 1]
    if not after or after not in " /,)-\u00a0\nafpeF":
        return None
    match = _AFTER_NODE.match(text, end)
    if match is not None:
        return "node_hour", match.end()
    match = _AFTER_RATE.match(text, end)
    if match is not None:
        named = (
            match["chip"]
            or match["each"]
            or not match[0].lower().rstrip().endswith(("hour", "hr", "h", "hours", "hrs"))
        )
        return ("gpu_hour" if named else "hour"), match.end()
    match = _AFTER_POWER.match(text, end)
    if match is not None and match.lastgroup is not None:
        return match.lastgroup, match.end()
    return None


def period_after(text: str, end: int) -> tuple[str, int] | None:
    """The calendar period that follows an amount (``a month``, ``/month``, ``annually``) and where its words end."""
    match = _AFTER_CALENDAR.match(text, end)
    if match is None:
        return None
    word = (match["period"] or match["adverb"]).lower()
    if word.startswith("p"):
        word = "pcm" if "m" in word else "pa"
    return _CALENDAR[word], match.end()


def period_before(text: str, start: int, *, floor: int) -> str | None:
    """The calendar period that words before an amount give it: ``monthly rent of``, ``each month pays up to``."""
    match = _BEFORE_CALENDAR.search(text, max(floor, start - 120), start)
    if match is None:
        return None
    word = (match["adjective"] or match["noun"]).lower()
    return _CALENDAR[word]


def each_after(text: str, end: int) -> tuple[str, int] | None:
    """What single thing an amount is the price of: a share, a GPU, an acre; ``each`` where the text says only that."""
    match = _AFTER_EACH.match(text, end)
    if match is None:
        return None
    noun = (match["noun"] or "each").lower()
    chip = noun in ("card", "chip", "accelerator", "processor", "gpu") or (noun[0] in "hb" and noun[1:].isdigit())
    return ("gpu" if chip else noun), match.end()
