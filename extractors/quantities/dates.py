"""Calendar dates at the precision of the text, vague and relative ones resolved as the guidelines decide."""

from __future__ import annotations

import re
from datetime import date, timedelta

from extractors.candidates import DateCue, DateMention, Precision
from extractors.quantities.date_words import (
    BORROW,
    CUE,
    CUES,
    DATE,
    DATE_BEFORE,
    DAY_BEFORE,
    FUTURE,
    LAST_DAY,
    LATE,
    LOWER,
    MONTH,
    MONTH_NEEDS,
    MONTHS,
    NEAR,
    NTH,
    ORDINALS,
    PAST,
    SEASON_BEFORE,
    SINCE,
    TO,
    YEAR,
)
from extractors.quantities.numbers import SMALL
from extractors.quantities.scan import Anchors, scan
from megawatch.market import Part


def find_dates(
    text: str, *, part: Part, published: str | None, anchors: Anchors | None = None
) -> tuple[DateMention, ...]:
    """Every date of the text in order; relative and yearless ones only where ``published`` (ISO day) is known.

    ``late 2026`` gives ``2026-H2``; ``early``, ``mid``, seasons and ``end of`` a year give the year alone.
    """
    today = _to_day(published)
    found: list[DateMention] = []
    last = 0
    for begins in (scan(text) if anchors is None else anchors).dates:
        match = _match_at(text, begins) if begins >= last else None
        read = None if match is None else _read(text, match, today)
        if match is None or read is None:
            continue
        last = match.end()
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


def _match_at(text: str, begins: int) -> re.Match[str] | None:
    start = begins - 1 if text[begins - 1 : begins] in ("'", "’") and text[begins].isdigit() else begins
    match = DATE.match(text, start)
    if match is None or (start and DATE_BEFORE.search(text, max(0, start - 6), start) is None):
        return None
    return match


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
    match = BORROW.match(text, end, end + 60)
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
    full = re.search(YEAR, words)
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
    match = re.search(MONTH, words) or re.search(LOWER, words)
    return MONTHS[match[0].lower().rstrip(".")] if match else 0


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _resolve_month(text: str, start: int, month: int, today: date | None, day: int | None = None) -> int | None:
    """The year of a month named without one: by ``next`` or ``last``, else by the tense of the words before it."""
    if today is None:
        return None
    near = NEAR.search(text, max(0, start - 11), start)
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
    if TO.search(text, max(0, start - 24), start):
        return later
    if SINCE.search(text, max(0, start - 14), start):
        return earlier
    left = max(text.rfind(". ", 0, start), text.rfind("\n", 0, start), start - 64) + 1
    future, past = _last(FUTURE, text, left, start), _last(PAST, text, left, start)
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
        word = re.search(NTH, quote[4:])
        return (f"{quote[:4]}-{letter}{ORDINALS[word[0].lower()]}", False) if word else None
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
    full = re.search(YEAR, quote)
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
    ambiguous = quote in ("May", "March", "MAY", "MARCH", "Mar") or len(quote) <= 4
    if ambiguous and MONTH_NEEDS.search(text, max(0, start - 24), start) is None:
        return None
    year = _borrowed_year(text, start + len(quote), today) or _resolve_month(text, start, month, today)
    return None if year is None else (f"{year}-{month:02d}", True)


def _read_quarter(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    lower = quote.lower().removeprefix("the ")
    digit = re.match(r"q?([1-4])q?", lower)
    if digit is not None and not lower.startswith(("1st", "2nd", "3rd", "4th")):
        number = int(digit[1])
    else:
        number = ORDINALS[re.match(r"\w+", lower)[0]]  # type: ignore[index]
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
    number = int(digit[1]) if digit else ORDINALS[re.match(r"\w+", lower)[0]]  # type: ignore[index]
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
    before = SEASON_BEFORE.search(text, max(0, start - 14), start)
    if before is None:
        return None
    which = before["which"].lower()
    middle = _MIDDLES[quote.lower()[:4]]
    if which in ("last", "this past"):
        return str(today.year if middle + 2 < today.month else today.year - 1), True
    if which in ("next", "the coming", "this coming"):
        ahead = middle > today.month + 1 and which != "next"
        return str(today.year if ahead else today.year + 1), True
    if which == "this":
        return str(today.year), True
    resolved = _resolve_month(text, start, middle, today)
    return None if resolved is None else (str(resolved), True)


_MIDDLES = {"spri": 4, "summ": 7, "autu": 10, "fall": 10, "wint": 1, "mids": 7, "mid-": 7, "midy": 7}


def _read_holiday(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    month = {"lab": 9, "tha": 11, "chr": 12, "new": 1, "ind": 7, "mem": 5}[quote[:3].lower()]
    named = _year_of(quote, today) if re.search(r"\d|['’]\d|(?:this|next|last) year", quote) else None
    year = named[0] if named else _resolve_month(text, start, month, today)
    return None if year is None else (f"{year}-{month:02d}", named is None or named[1])


def _read_year(text: str, start: int, quote: str, today: date | None) -> tuple[str, bool] | None:
    year = _year_of(quote, today)
    if year is None or _counts_something(text, start, start + len(quote)):
        return None
    if LATE.search(text, max(0, start - 26), start):
        return f"{year[0]}-H2", year[1]
    if LAST_DAY.search(text, max(0, start - 20), start):
        return f"{year[0]}-12-31", year[1]
    return str(year[0]), year[1]


_COUNTED = re.compile(
    r"[ -](?:MW|GW|megawatt|GPU|gpus|chips|cards|accelerators|processors|NVIDIA|Nvidia|[ABH]\d{2,3}0|GB\d|MI\d"
    r"|units|pieces|of them|of the (?:chips|cards|same))",
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
    before = DAY_BEFORE.search(text, max(0, start - 10), start)
    which = before["which"].lower() if before is not None else ""
    back = (today.weekday() - _WEEKDAYS.index(lower)) % 7
    if which in ("next", "this") and back:
        return (today + timedelta(days=7 - back)).isoformat(), True
    return (today - timedelta(days=back or (7 if which == "last" else 0))).isoformat(), True


_READERS = {
    "iso": _read_iso, "slash": _read_slash, "dotted": _read_dotted, "yq": _read_year_quarter,
    "cjk": _read_cjk, "mdy": _read_day, "dmy": _read_day, "odm": _read_day,
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
    for match in CUE.finditer(text, max(left, stop + 1), start):
        stem = re.sub(r"\s", "-", match[1].lower())
        cue = CUES[stem]
    return cue


def _is_dateline(text: str, start: int, end: int) -> bool:
    return (
        start < 160
        and re.match(r"\s*(?:\([^)]{2,40}\)\s*)?(?:—|–|--|/|-\s)", text[end : end + 50]) is not None
        and "\n" not in text[:start]
    )
