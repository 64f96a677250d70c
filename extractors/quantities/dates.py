"""Calendar dates at the precision of the text, vague and relative ones resolved as the guidelines decide."""

from __future__ import annotations

import re
from datetime import date, timedelta

from extractors.candidates import DateCue, DateMention, Precision
from extractors.quantities.numbers import SMALL
from megawatch.market import Part

_MONTHS = {
    name: number
    for number, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"], start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|JANUARY|FEBRUARY|MARCH|APRIL"
    r"|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)
_LOWER = (
    r"(?:january|february|april|june|july|august|september|october|november|december|jan|feb|apr|jun|jul|aug|sept|sep|oct|nov|dec"
    r"|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b\.?"
)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4, "closing": 4, "opening": 1, "back": 2,
    "latter": 2, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "march": 1, "june": 2, "september": 3, "december": 4,
}  # fmt: skip
_YEAR = r"(?:(?:19[89]|20[0-6])\d)"
_YEAR_WORDS = r"twenty[ -](?:(?:twenty|thirty|forty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten)"
_SHORT_YEAR = r"['’]\d\d\b"
_RELATIVE_YEAR = r"(?:[Tt]his|[Tt]he current|[Nn]ext|[Tt]he coming|[Tt]he following|[Ll]ast|[Tt]he same) (?:calendar |fiscal )?year\b|the year after next"
_ANY_YEAR = rf"(?:{_YEAR}(?![\d,]\d)|{_SHORT_YEAR}|{_RELATIVE_YEAR}|{_YEAR_WORDS}|FY ?\d\d(?:\d\d)?)"
_OF = r"(?:,? (?:of |in )?(?:calendar |fiscal |the year |fiscal year )?|[- ’'/]?)"
_NTH = r"(?:first|second|third|fourth|final|last|closing|opening|1st|2nd|3rd|4th|March|June|September|December)"
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_DATE = re.compile(
    rf"(?:(?<![\w$€£.,/'’-])|(?<=mid-)|(?<=Mid-)|(?<=end-)|(?<=late-)|(?<=early-)|(?<=[a-z],)|(?<=\.\.)|(?<=[^\w'’-]-))(?:"
    rf"(?P<iso>{_YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?![\d-])"
    rf"|(?P<slash>\d{{1,2}}/\d{{1,2}}/{_YEAR}|\d{{1,2}}\.\d{{1,2}}\.{_YEAR})(?![\d/])"
    rf"|(?P<dotted>{_YEAR}[./]\d{{1,2}}(?:[./]\d{{1,2}})?)(?![\d./]\d)(?!\d)(?! ?(?:%|million|billion|bn|m\b|GW|MW))"
    rf"|(?P<cjk>{_YEAR} ?(?:year|年) ?\d{{1,2}} ?(?:month|月)(?: ?\d{{1,2}} ?(?:day|日))?)"
    rf"|(?P<yq>{_YEAR}[- ]?(?:[Qq][1-4]|[Hh][12]|[1-4][Qq]|[12][Hh])\b|{_YEAR}['’]s {_NTH} (?:quarter|half))"
    rf"|(?P<mdy>(?:{_MONTH}|{_LOWER}) \d{{1,2}}(?:st|nd|rd|th)?(?![\d,]\d)(?!:)(?! (?:MW|GW|megawatts|percent|million|billion|GPUs))(?!\d)(?:,? {_YEAR}(?!\d)| (?:this|next|last) year)?)"
    rf"|(?P<dmy>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: day)?(?: of)? {_MONTH}(?![A-Za-z])(?:,? {_YEAR}(?!\d)| (?:this|next|last) year)?)"
    rf"|(?P<odm>(?:the )?(?:first|last day|first day) of {_MONTH}(?![A-Za-z])(?:,? {_YEAR}(?!\d))?|{_MONTH} first\b)"
    rf"|(?P<quarter>(?:[Qq][1-4]|[1-4][Qq]|(?:[Tt]he )?{_NTH}[ -](?:calendar |fiscal )?quarter)(?:{_OF}(?:{_ANY_YEAR}|(?<=[Qq])[2-4]\d\b|(?<=[Qq]\d )[2-4]\d\b|twenty-\w+))?)"
    rf"|(?P<my>{_MONTH}(?![A-Za-z])(?:,? (?:of )?|-|/|\s)(?:{_ANY_YEAR}|(?<=-)\d\d\b)|{_LOWER} ?{_YEAR}\b)"
    rf"|(?P<m>{_MONTH}(?![A-Za-z]))"
    rf"|(?P<half>(?:[Hh][12]|[12][Hh]|(?:[Tt]he )?(?:first|second|back|latter|First|Second)[ -]half)(?:{_OF}(?:{_ANY_YEAR}|(?<=[Hh])[2-4]\d\b))?)"
    rf"|(?P<season>(?:this |next |last |the coming |the )?(?:spring|summer|autumn|fall|winter)(?: of| in|,)? (?:{_ANY_YEAR})|(?:this|next|last|the coming|this coming|this past|in the|by|by the|until the|since the|through the|until|over the|before the) (?:spring|summer|autumn|fall|winter|mid-?summer|mid-?year)|(?:until|by|in|since|at|from) mid-?(?:summer|year))\b"
    rf"|(?P<holiday>(?:Labor Day|Thanksgiving|Christmas|New Year(?:['’]s)?(?: Day| Eve)?|Independence Day|Memorial Day)(?:(?: of| in|,)? {_ANY_YEAR})?)"
    rf"|(?P<years>{_YEAR}(?![\d,]\d)(?!\d)(?!%))"
    rf"|(?P<fy>FY ?['’]?\d\d(?:\d\d)?\b|(?:fiscal|calendar)(?: year)? {_YEAR})"
    rf"|(?P<words>{_YEAR_WORDS})"
    rf"|(?P<short>{_SHORT_YEAR})"
    rf"|(?P<relyear>{_RELATIVE_YEAR}|(?:the )?(?:end of the year|year[- ]end|turn of the year)|the year is out)\b"
    rf"|(?P<relmonth>(?:[Tt]his|[Nn]ext|[Ll]ast|[Tt]he coming|[Ll]ater this) (?:month|quarter|week))\b"
    rf"|(?P<relday>[Tt]oday|[Yy]esterday|[Tt]omorrow|(?:(?:[Oo]n|[Ll]ast|[Nn]ext|[Tt]his|[Ss]ince|[Bb]y|this past) )?{_DAY})\b"
    rf")",
)
_LATE = re.compile(
    r"\b(?:late(?:r)?(?: in)?|towards? the end of|the latter part of|the tail end of|the back end of)[ -](?:the )?\Z",
    re.IGNORECASE,
)
_LAST_DAY = re.compile(r"\bthe last day of \Z", re.IGNORECASE)
_MONTH_NEEDS = re.compile(
    r"\b(?:in|by|since|from|until|till|through|to|next|last|this|of|early|late|mid|mid-|end-|around|during|before|after|and|between|for|starting|beginning|on|coming|"
    r"is|came|or|with|as of|per|effective|past)[ -](?:late |early |mid-|the end of |about |around )?\Z|(?:\n|\A|[|:(\t] ?| {3})\Z",
    re.IGNORECASE,
)
_NEAR = re.compile(r"\b(?P<which>next|last|this|coming|this past|past)[ ]\Z", re.IGNORECASE)
_CUES: dict[str, DateCue] = {}
for _cue, _stems in {
    "start": "start begin began begun commenc from since effective live service ready energiz energis online operational operat open power cod handed hand handover complet available switch billing earn move moved running occup go-live inception rent-commencement first launch",
    "delivery": "deliver ship arriv install dock deploy lands receive",
    "end": "until till through expir end ends ended ending terminat runs lapse conclud expiry leave exit vacat",
    "maturity": "matur repayable notes falls-due falling-due bonds",
    "closing": "clos",
    "signing": "signed announc execut entered dated agreed sign inked disclosed filed reported said struck published approved",
}.items():
    for _stem in _stems.split():
        _CUES[_stem] = _cue  # type: ignore[assignment]
_CUE = re.compile(
    r"\b("
    + "|".join(sorted((re.escape(stem).replace(r"\-", "[ -]") for stem in _CUES), key=len, reverse=True))
    + r")\w*",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|shall|should|expect\w*|due|next|coming|schedul\w*|plan\w*|begins?|starts?(?! of)|to be(?: [a-z]+ed(?: on| over| off)?)?|is to|are to|target\w*|aim\w*|slated"
    r"|ready|would|forecast|delivers?|starting|beginning|goes|opens|anticipat\w*|runs?|matures?|expires?|ends|falls|arrives?|to ship|to deliver|before|(?:be|is|are) (?:[a-z]+ )?[a-z]+ed(?: on| over| off| back)?)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:since|last|was|were|had|began|went|came|took|bought|sold|has been|have been|said|paid|previous|earlier|became|gave|made|won|got|put|let|run out|told"
    r"|(?!expected|scheduled|planned|slated|targeted|anticipated|needed|expanded|limited|united|dedicated|combined|estimated|increased|secured|hundred|need|feed|speed|exceed|forecasted|projected|ready)[a-z]{3,}ed)\b",
    re.IGNORECASE,
)
_TO = re.compile(
    r"\b(?:by|until|till|through|before|end-|from|starting|beginning|starting in|beginning in|as of|as from)[ ]?(?:the )?(?:end of |early |late |mid-)?\Z",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|back in|as early as|already in)[ ]\Z", re.IGNORECASE)
_BORROW = re.compile(
    rf"(?:[\s,–-]|and|to|or|through|until|\d{{1,2}}|{_MONTH}|[Qq][1-4]|{_NTH}|quarters?|the)+?(?:{_MONTH}|\d|[Qq][1-4]|quarters?)(?: of|,)? (?P<year>{_YEAR}(?!\d)|(?:this|next|last) year)"
)


def find_dates(text: str, *, part: Part, published: str | None) -> tuple[DateMention, ...]:
    """Every date of the text in order; relative and yearless ones only where ``published`` (ISO day) is known.

    ``late 2026`` gives ``2026-H2``; ``early``, ``mid``, seasons and ``end of`` a year give the year alone.
    """
    today = _to_day(published)
    found: list[DateMention] = []
    for match in _DATE.finditer(text):
        read = _read(text, match, today)
        if read is None:
            continue
        value, relative = read
        if relative:
            value = _follow_on(text, match, value, found)
        start, end = match.start(), match.end()
        while text[end - 1] in " ,":
            end -= 1
        found.append(
            DateMention(
                part=part,
                start=start,
                end=end,
                quote=text[start:end],
                value=value,
                precision=_precision(value),
                cue=_cue_before(text, start, found),
                relative=relative,
                dateline=_is_dateline(text, start, end),
            )
        )
    return tuple(found)


_FOLLOWS = re.compile(r"\b(?:that(?: same)?|the following|the same) \Z", re.IGNORECASE)


def _follow_on(text: str, match: re.Match[str], value: str, found: list[DateMention]) -> str:
    """``that September`` and ``the following January`` take their year from the date told before them."""
    if not found or match.lastgroup not in ("m", "my") or len(value) != 7:
        return value
    word = _FOLLOWS.search(text, max(0, match.start() - 16), match.start())
    if word is None:
        return value
    before = found[-1].value
    later = "following" in word[0].lower() and (len(before) == 4 or value[5:] <= before[5:7])
    return f"{int(before[:4]) + later}{value[4:]}"


def _borrowed_year(text: str, end: int, today: date | None) -> int | None:
    """The year that a list of months states once, at its end: ``in May and June 2026``."""
    match = _BORROW.match(text, end, end + 60)
    year = _year_of(match["year"], today) if match is not None else None
    return year[0] if year is not None else None


def _to_day(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None


def _precision(value: str) -> Precision:
    if len(value) == 4:
        return "year"
    if "H" in value:
        return "half"
    if "Q" in value:
        return "quarter"
    return "month" if len(value) == 7 else "day"


def _read(text: str, match: re.Match[str], today: date | None) -> tuple[str, bool] | None:
    kind = match.lastgroup or ""
    quote = match[0]
    reader = _READERS.get(kind)
    return None if reader is None else reader(text, match.start(), quote.strip(" ,"), today)


def _year_of(words: str, today: date | None) -> tuple[int, bool] | None:
    """The year that a phrase names, and whether it was resolved from the day of publishing."""
    full = re.search(_YEAR, words)
    if full is not None:
        return int(full[0]), False
    lower = words.lower()
    if "year" in lower and today is not None:
        if "after next" in lower:
            return today.year + 2, True
        step = -1 if "last" in lower else 1 if re.search(r"next|coming|following", lower) else 0
        return today.year + step, True
    short = re.search(r"(?:['’]|FY ?|[QqHh-]|\A )(\d\d)\b", words)
    if short is not None:
        return 2000 + int(short[1]), False
    spelled = re.findall(r"[a-z]+", lower)
    tail = [SMALL.get(word, 0) for word in spelled if word in SMALL]
    if len(tail) > 1 and tail[0] == 20:
        return (2000 + sum(tail[1:]), False) if tail[1] >= 10 else (2020 + tail[1], False)
    return None


def _month_of(words: str) -> int:
    match = re.search(_MONTH, words) or re.search(_LOWER, words)
    return _MONTHS[match[0].lower().rstrip(".")] if match else 0


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _resolve_month(text: str, start: int, month: int, today: date | None, day: int | None = None) -> int | None:
    """The year of a month named without one: by ``next`` or ``last``, else by the tense of the words before it."""
    if today is None:
        return None
    near = _NEAR.search(text, max(0, start - 11), start)
    which = near["which"].lower().replace("this past", "last").replace("past", "last") if near is not None else ""
    if which == "this":
        return today.year
    here = (today.month, today.day if day is not None else 0)
    there = (month, day or 0)
    later = today.year if there >= here else today.year + 1
    earlier = today.year if there <= here else today.year - 1
    if which in ("next", "coming"):
        return today.year if month > today.month else today.year + 1
    if which == "last":
        return today.year if month < today.month else today.year - 1
    if month == today.month and day is None:
        return today.year
    if _TO.search(text, max(0, start - 24), start):
        return later
    if _SINCE.search(text, max(0, start - 14), start):
        return earlier
    left = max(text.rfind(". ", 0, start), text.rfind("\n", 0, start), start - 64) + 1
    future, past = _last(_FUTURE, text, left, start), _last(_PAST, text, left, start)
    if future == past == -1:
        return _nearest(today, month, earlier, later)
    return later if future >= past else earlier


def _nearest(today: date, month: int, earlier: int, later: int) -> int:
    months = today.year * 12 + today.month
    return later if (later * 12 + month) - months <= months - (earlier * 12 + month) else earlier


def _last(pattern: re.Pattern[str], text: str, left: int, right: int) -> int:
    position = -1
    for match in pattern.finditer(text, max(0, left), right):
        position = match.end()
    return position


def _read_iso(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    return (quote, False) if len(quote) == 7 or _valid(*map(int, quote.split("-"))) else None


def _read_slash(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    first, second, year = map(int, re.split(r"[/.]", quote))
    month, day = (first, second) if first <= 12 and "/" in quote else (second, first)
    value = _valid(year, month, day)
    return (value, False) if value else None


def _read_dotted(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    numbers = [int(n) for n in re.split(r"[./]", quote)]
    if not 1 <= numbers[1] <= 12 or len(re.split(r"[./]", quote)[1]) != 2:
        return _read_year(text, start, quote[:4], today)
    value = _valid(*numbers) if len(numbers) == 3 else f"{numbers[0]}-{numbers[1]:02d}"
    return (value, False) if value else None


def _read_year_quarter(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    digit = re.search(r"[QqHh]([1-4])|([1-4])[QqHh]", quote[4:])
    letter = "H" if re.search(r"[Hh]", quote[4:]) and not re.search(r"(?i)q|third|fourth", quote[4:]) else "Q"
    if digit is None:
        word = re.search(_NTH, quote[4:])
        return (f"{quote[:4]}-{letter}{_ORDINALS[word[0].lower()]}", False) if word else None
    return f"{quote[:4]}-{letter}{digit[1] or digit[2]}", False


def _read_cjk(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    numbers = [int(n) for n in re.findall(r"\d+", quote)]
    if not 1 <= numbers[1] <= 12:
        return None
    if len(numbers) == 2:
        return f"{numbers[0]}-{numbers[1]:02d}", False
    value = _valid(numbers[0], numbers[1], numbers[2])
    return (value, False) if value else None


def _read_day(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    month = _month_of(quote)
    lower = quote.lower()
    found = re.search(r"(?<![\d])\d{1,2}(?!\d)", quote)
    day = int(found[0]) if found else 1
    full = re.search(_YEAR, quote)
    named = _year_of(quote, today) if full or "year" in quote else None
    year = named[0] if named else _borrowed_year(text, start + len(quote), today)
    year = year or _resolve_month(text, start, month, today, day)
    if year is None:
        return None
    if "last day" in lower:
        following = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return following.isoformat(), full is None
    value = _valid(year, month, day)
    return (value, full is None) if value else None


def _read_month_year(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    year = _year_of(quote[3:], today)
    return None if year is None else (f"{year[0]}-{_month_of(quote):02d}", year[1])


def _read_month(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    month = _month_of(quote)
    if quote in ("May", "March", "MAY", "MARCH", "Mar") or len(quote) <= 4:
        if _MONTH_NEEDS.search(text, max(0, start - 24), start) is None:
            return None
    year = _borrowed_year(text, start + len(quote), today) or _resolve_month(text, start, month, today)
    return None if year is None else (f"{year}-{month:02d}", True)


def _read_quarter(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    lower = quote.lower().removeprefix("the ")
    digit = re.match(r"q?([1-4])q?", lower)
    if digit is not None and not lower.startswith(("1st", "2nd", "3rd", "4th")):
        number = int(digit[1])
    else:
        number = _ORDINALS[re.match(r"\w+", lower)[0]]  # type: ignore[index]
    rest = re.sub(r"(?i)\A(?:the )?(?:q[1-4]|[1-4](?=q)|\w+[ -](?:calendar |fiscal )?quarter)", "", quote)
    year = _year_of(rest, today) if rest else None
    if year is None:
        resolved = _borrowed_year(text, start + len(quote), today) or _resolve_month(text, start, number * 3, today)
        if resolved is None or (digit is None and _verb_quarter(text, start)):
            return None
        return f"{resolved}-Q{number}", True
    return f"{year[0]}-Q{number}", year[1]


def _verb_quarter(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start] == "a "


def _read_half(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    lower = quote.lower().removeprefix("the ")
    digit = re.match(r"h?([12])h?", lower)
    number = int(digit[1]) if digit else _ORDINALS[re.match(r"\w+", lower)[0]]  # type: ignore[index]
    rest = re.sub(r"(?i)\A(?:the )?(?:h[12]|[12](?=h)|\w+[ -]half)", "", quote)
    year = _year_of(rest, today) if rest else None
    if year is None:
        if digit is not None or today is None or text[start + len(quote) : start + len(quote) + 4] in (" of ", " a m"):
            return None
        return f"{today.year}-H{number}", True
    return f"{year[0]}-H{number}", year[1]


def _read_season(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    year = _year_of(quote, today)
    if year is not None:
        return str(year[0]), year[1]
    if today is None:
        return None
    lower = quote.lower()
    middle = {"spri": 4, "summ": 7, "autu": 10, "fall": 10, "wint": 1, "mids": 7, "mid-": 7, "midy": 7}[
        lower.split()[-1][:4]
    ]
    if lower.startswith(("last", "this past")):
        return str(today.year if middle + 2 < today.month else today.year - 1), True
    if lower.startswith(("in ", "by", "until", "since", "through", "over", "before", "at", "from")):
        resolved = _resolve_month(text, start + len(quote), middle, today)
        return None if resolved is None else (str(resolved), True)
    if lower.startswith(("next", "the coming")):
        return str(today.year if middle > today.month + 1 and not lower.startswith("next") else today.year + 1), True
    return str(today.year), True


def _read_holiday(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    month = {"lab": 9, "tha": 11, "chr": 12, "new": 1, "ind": 7, "mem": 5}[quote[:3].lower()]
    named = _year_of(quote, today) if re.search(r"\d|['’]\d|(?:this|next|last) year", quote) else None
    year = named[0] if named else _resolve_month(text, start, month, today)
    return None if year is None else (f"{year}-{month:02d}", named is None or named[1])


def _read_year(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    year = _year_of(quote, today)
    if year is None or _counts_something(text, start, start + len(quote)):
        return None
    if _LATE.search(text, max(0, start - 26), start):
        return f"{year[0]}-H2", year[1]
    if _LAST_DAY.search(text, max(0, start - 20), start):
        return f"{year[0]}-12-31", year[1]
    return str(year[0]), year[1]


_COUNTED = re.compile(
    r"[ -](?:MW|GW|megawatt|GPU|gpus|chips|cards|accelerators|processors|NVIDIA|Nvidia|[ABH]\d{2,3}0|GB\d|MI\d|units|pieces|of them|of the (?:chips|cards|same))",
)


def _counts_something(text: str, start: int, end: int) -> bool:
    if _COUNTED.match(text, end) is None:
        return False
    return (
        re.search(r"\b(?:in|by|since|from|until|during|for|of|through|,)\s\Z", text[max(0, start - 9) : start]) is None
    )


def _read_relative_year(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    if today is None:
        return None
    lower = quote.lower()
    if "end" in lower or "turn" in lower or "is out" in lower:
        return str(today.year + ("turn" in lower)), True
    return _read_year(text, start, quote, today)


def _read_relative_month(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    if today is None:
        return None
    which, unit = quote.lower().removeprefix("later ").rsplit(" ", 1)
    step = {"this": 0, "last": -1}.get(which, 1)
    if unit == "week":
        day = today + timedelta(days=7 * step)
        return day.isoformat()[:7], True
    if unit == "quarter":
        quarter = today.year * 4 + (today.month - 1) // 3 + step
        return f"{quarter // 4}-Q{quarter % 4 + 1}", True
    months = today.year * 12 + today.month - 1 + step
    return f"{months // 12}-{months % 12 + 1:02d}", True


_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _read_relative_day(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    if today is None:
        return None
    lower = quote.lower()
    if lower in ("today", "yesterday", "tomorrow"):
        return (today + timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[lower])).isoformat(), True
    which, _, name = lower.rpartition(" ")
    back = (today.weekday() - _WEEKDAYS.index(name)) % 7
    if which in ("next", "this") and back:
        return (today + timedelta(days=7 - back)).isoformat(), True
    return (today - timedelta(days=back or (7 if which == "last" else 0))).isoformat(), True


_READERS = {
    "iso": _read_iso, "slash": _read_slash, "dotted": _read_dotted, "yq": _read_year_quarter, "cjk": _read_cjk, "mdy": _read_day, "dmy": _read_day, "odm": _read_day,
    "my": _read_month_year, "m": _read_month, "quarter": _read_quarter, "half": _read_half, "season": _read_season,
    "holiday": _read_holiday, "years": _read_year, "fy": _read_year, "words": _read_year, "short": _read_year,
    "relyear": _read_relative_year, "relmonth": _read_relative_month, "relday": _read_relative_day,
}  # fmt: skip


def _cue_before(text: str, start: int, found: list[DateMention]) -> DateCue | None:
    if found and re.fullmatch(r" ?(?:to|through|until|–|—|-) ?(?:the end of )?", text[found[-1].end : start]):
        return "end"
    left = max(found[-1].end if found else 0, start - 60)
    stop = max(text.rfind(". ", left, start), text.rfind("\n", left, start))
    cue: DateCue | None = None
    for match in _CUE.finditer(text, max(left, stop + 1), start):
        stem = re.sub(r"\s", "-", match[1].lower())
        cue = _CUES[stem]
    return cue


def _is_dateline(text: str, start: int, end: int) -> bool:
    return (
        start < 160
        and re.match(r"\s*(?:\([^)]{2,40}\)\s*)?(?:—|–|--|/|-\s)", text[end : end + 50]) is not None
        and "\n" not in text[:start]
    )
