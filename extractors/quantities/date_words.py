"""The words that dates are written with, and those around them that tell their direction and role."""

from __future__ import annotations

import re

from extractors.candidates import DateCue

MONTHS = {
    name: number
    for number, names in enumerate(
        ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"], start=1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|JANUARY"
    r"|FEBRUARY|MARCH|APRIL"
    r"|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct"
    r"|Nov|Dec)\b\.?)"
)
LOWER = (
    r"(?:january|february|april|june|july|august|september|october|november|december|jan|feb|apr|jun|jul|aug"
    r"|sept|sep|oct|nov|dec"
    r"|JAN|FEB|MAR|APR|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\b\.?"
)
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4, "closing": 4, "opening": 1, "back": 2,
    "latter": 2, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "march": 1, "june": 2, "september": 3, "december": 4,
}  # fmt: skip
YEAR = r"(?:(?:19[89]|20[0-6])\d)"
YEAR_WORDS = r"twenty[ -](?:(?:twenty|thirty|forty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten)"
SHORT_YEAR = r"['’]\d\d\b"
RELATIVE_YEAR = (
    r"(?:[Tt]his|[Tt]he current|[Nn]ext|[Tt]he coming|[Tt]he following|[Ll]ast|[Tt]he same) (?:calendar "
    r"|fiscal )?year\b|the year after next"
)
ANY_YEAR = rf"(?:{YEAR}(?![\d,]\d)|{SHORT_YEAR}|{RELATIVE_YEAR}|{YEAR_WORDS}|FY ?\d\d(?:\d\d)?)"
OF = r"(?:,? (?:of |in )?(?:calendar |fiscal |the year |fiscal year )?|[- ’'/]?)"
NTH = r"(?:first|second|third|fourth|final|last|closing|opening|1st|2nd|3rd|4th|March|June|September|December)"
DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
DATE_BEFORE = re.compile(
    r"(?:(?:\A|[^\w$€£.,/'’-])['’]?|\b(?:mid|end|late|early|Mid|End|Late|Early)-|[a-z],|\.\.|[^\w'’-]-)\Z"
)
DATE = re.compile(
    rf"(?:"
    rf"(?P<iso>{YEAR}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)(?![\d-])"
    rf"|(?P<slash>\d{{1,2}}/\d{{1,2}}/{YEAR}|\d{{1,2}}\.\d{{1,2}}\.{YEAR})(?![\d/])"
    rf"|(?P<dotted>{YEAR}[./]\d{{1,2}}(?:[./]\d{{1,2}})?)(?![\d./]\d)(?!\d)(?! ?(?:%|million|billion|bn|m\b|GW|MW))"
    rf"|(?P<cjk>{YEAR} ?(?:year|年) ?\d{{1,2}} ?(?:month|月)(?: ?\d{{1,2}} ?(?:day|日))?)"
    rf"|(?P<yq>{YEAR}[- ]?(?:[Qq][1-4]|[Hh][12]|[1-4][Qq]|[12][Hh])\b|{YEAR}['’]s {NTH} (?:quarter|half))"
    rf"|(?P<mdy>(?:{MONTH}|{LOWER}) \d{{1,2}}(?:st|nd|rd|th)?(?![\d,]\d)(?!:)(?! (?:MW|GW|megawatts|percent"
    rf"|million|billion|GPUs))(?!\d)(?:,? {YEAR}(?!\d)| (?:this|next|last) year)?)"
    rf"|(?P<dmy>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: day)?(?: of)? {MONTH}(?![A-Za-z])(?:,? {YEAR}(?!\d)"
    rf"| (?:this|next|last) year)?)"
    rf"|(?P<odm>(?:the )?(?:first|last day|first day) of {MONTH}(?![A-Za-z])(?:,? {YEAR}(?!\d))?|{MONTH} first\b)"
    rf"|(?P<quarter>(?:[Qq][1-4]|[1-4][Qq]|(?:[Tt]he )?{NTH}[ -](?:calendar "
    rf"|fiscal )?quarter)(?:{OF}(?:{ANY_YEAR}|(?<=[Qq])[2-4]\d\b|(?<=[Qq]\d )[2-4]\d\b|twenty-\w+))?)"
    rf"|(?P<my>{MONTH}(?![A-Za-z])(?:,? (?:of )?|-|/|\s)(?:{ANY_YEAR}|(?<=-)\d\d\b)|{LOWER} ?{YEAR}\b)"
    rf"|(?P<m>{MONTH}(?![A-Za-z]))"
    rf"|(?P<half>(?:[Hh][12]|[12][Hh]|(?:[Tt]he )?(?:first|second|back|latter|First"
    rf"|Second)[ -]half)(?:{OF}(?:{ANY_YEAR}|(?<=[Hh])[2-4]\d\b))?)"
    rf"|(?P<season>(?:spring|summer|autumn|fall|winter)(?:(?: of| in|,)? (?:{ANY_YEAR}))?|mid-?(?:summer|year))\b"
    rf"|(?P<holiday>(?:Labor Day|Thanksgiving|Christmas|New Year(?:['’]s)?(?: Day| Eve)?|Independence Day"
    rf"|Memorial Day)(?:(?: of| in|,)? {ANY_YEAR})?)"
    rf"|(?P<years>{YEAR}(?![\d,]\d)(?!\d)(?!%))"
    rf"|(?P<fy>FY ?['’]?\d\d(?:\d\d)?\b|(?:fiscal|calendar)(?: year)? {YEAR})"
    rf"|(?P<words>{YEAR_WORDS})"
    rf"|(?P<short>{SHORT_YEAR})"
    rf"|(?P<relyear>{RELATIVE_YEAR}|(?:coming|following|same|current) (?:calendar |fiscal )?year"
    rf"|end of the year|year[- ]end|turn of the year|year after next|year is out)\b"
    rf"|(?P<relmonth>(?:[Tt]his|[Nn]ext|[Ll]ast|coming|[Ll]ater this) (?:month|quarter|week))\b"
    rf"|(?P<relday>[Tt]oday|[Yy]esterday|[Tt]omorrow|{DAY})\b"
    rf")",
)
SEASON_BEFORE = re.compile(
    r"\b(?P<which>this|next|last|the coming|this coming|this past|in the|by|by the|until the|since the"
    r"|through the|until|over the"
    r"|before the|by|in|since|at|from) \Z",
    re.IGNORECASE,
)
DAY_BEFORE = re.compile(r"\b(?P<which>on|last|next|this|since|by|this past|from|said|late|early) \Z", re.IGNORECASE)
DATE_FIRST = frozenset(MONTHS) | frozenset(
    "first second third fourth final last closing opening back latter q1 q2 q3 q4 h1 h2 spring summer autumn "
    "fall winter"
    " midsummer midyear mid labor thanksgiving christmas new independence memorial fy fiscal calendar twenty "
    "this next later"
    " coming following same current end year turn today yesterday tomorrow monday tuesday wednesday thursday "
    "friday saturday"
    " sunday".split()
)
LATE = re.compile(
    r"\b(?:late(?:r)?(?: in)?|towards? the end of|the latter part of|the tail end of|the back end of)[ -](?:the )?\Z",
    re.IGNORECASE,
)
LAST_DAY = re.compile(r"\bthe last day of \Z", re.IGNORECASE)
MONTH_NEEDS = re.compile(
    r"\b(?:in|by|since|from|until|till|through|to|next|last|this|of|early|late|mid|mid-|end-|around|during"
    r"|before|after|and|between|for|starting|beginning|on|coming|"
    r"is|came|or|with|as of|per|effective|past)[ -](?:late |early |mid-|the end of |about |around )?\Z|(?:\n"
    r"|\A|[|:(\t] ?| {3})\Z",
    re.IGNORECASE,
)
NEAR = re.compile(r"\b(?P<which>next|last|this|coming|this past|past)[ ]\Z", re.IGNORECASE)
CUES: dict[str, DateCue] = {}
for _cue, _stems in {
    "start": "start begin began begun commenc from since effective live service ready energiz energis online "
    "operational operat open power cod handed hand handover complet available switch billing earn move moved "
    "running occup go-live inception rent-commencement first launch",
    "delivery": "deliver ship arriv install dock deploy lands receive",
    "end": "until till through expir end ends ended ending terminat runs lapse conclud expiry leave exit vacat",
    "maturity": "matur repayable notes falls-due falling-due bonds",
    "closing": "clos",
    "signing": "signed announc execut entered dated agreed sign inked disclosed filed reported said struck published "
    "approved",
}.items():
    for _stem in _stems.split():
        CUES[_stem] = _cue  # type: ignore[assignment]
CUE = re.compile(
    r"\b("
    + "|".join(sorted((re.escape(stem).replace(r"\-", "[ -]") for stem in CUES), key=len, reverse=True))
    + r")\w*",
    re.IGNORECASE,
)
FUTURE = re.compile(
    r"\b(?:will|shall|should|expect\w*|due|next|coming|schedul\w*|plan\w*|begins?|starts?(?! of)"
    r"|to be(?: [a-z]+ed(?: on| over| off)?)?|is to|are to|target\w*|aim\w*|slated"
    r"|ready|would|forecast|delivers?|starting|beginning|goes|opens|anticipat\w*|runs?|matures?|expires?|ends"
    r"|falls|arrives?|to ship|to deliver|before|(?:be|is|are) (?:[a-z]+ )?[a-z]+ed(?: on| over| off| back)?)\b",
    re.IGNORECASE,
)
PAST = re.compile(
    r"\b(?:since|last|was|were|had|began|went|came|took|bought|sold|has been|have been|said|paid|previous"
    r"|earlier|became|gave|made|won|got|put|let|run out|told"
    r"|(?!expected|scheduled|planned|slated|targeted|anticipated|needed|expanded|limited|united|dedicated"
    r"|combined|estimated|increased|secured|hundred|need|feed|speed|exceed|forecasted|projected"
    r"|ready)[a-z]{3,}ed)\b",
    re.IGNORECASE,
)
TO = re.compile(
    r"\b(?:by|until|till|through|before|end-|from|starting|beginning|starting in|beginning in|as of"
    r"|as from)[ ]?(?:the )?(?:end of |early |late |mid-)?\Z",
    re.IGNORECASE,
)
SINCE = re.compile(r"\b(?:since|back in|as early as|already in)[ ]\Z", re.IGNORECASE)
BORROW = re.compile(
    rf"(?:[\s,–-]|and|to|or|through|until|\d{{1,2}}|{MONTH}|[Qq][1-4]|{NTH}|quarters?|the)+?(?:{MONTH}|\d"
    rf"|[Qq][1-4]|quarters?)(?: of|,)? (?P<year>{YEAR}(?!\d)|(?:this|next|last) year)"
)
