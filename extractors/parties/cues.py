"""The words around a name that tell what it names: two bounded patterns, one for each side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from extractors.parties.vocabulary import GROUPS, JOB, ORG_VERB, ROLE
from megawatch.lexicons.sites import read_sites


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


PREPOSITIONS = frozenset(("with", "by", "from", "to", "for", "between", "of"))
LOCATIVE = frozenset(("in", "near", "outside", "around", "across", "throughout", "downtown"))
INVESTED = frozenset(
    ("stake", "stakes", "interest", "share", "shares", "confidence", "invest", "invested", "investment", "investing")
)
HEADS = frozenset(
    ("ceo", "cfo", "cto", "coo", "executive", "chairman", "chairwoman", "president", "officer", "founder", "boss")
)
SETTLED = frozenset(GROUPS["settlement"])
DEAL = frozenset(GROUPS["deal_word"])
TITLES = frozenset(GROUPS["lower_title"])


def words_before(text: str, start: int, *, most: int = 4) -> list[str]:
    """Return the last words of the line before a place, an article and an opening quote left out."""
    low = max(0, start - 56)
    window = text[low:start].rpartition("\n")[2].rstrip("\"“‘'$ ")
    if window and text[start - 1] not in " \"“‘'$":
        return []
    words = window.split()[-most - 1 :]
    return words[:-1] if words and words[-1] in ("the", "The") else words


def is_noun(word: str, nouns: frozenset[str]) -> bool:
    """Whether a word, or its singular, is one of some nouns."""
    return word in nouns or (word.endswith("s") and (word[:-1] in nouns or word[:-2] in nouns))


def cue_before(words: list[str]) -> str | None:
    """Name the cue that the words before a name give, or None."""
    if not words:
        return None
    last, two = words[-1].rstrip(","), " ".join(words[-2:]).rstrip(",")
    if is_noun(last, ROLE) or is_noun(two, ROLE):
        return "role"
    if last == "Project":
        return "project"
    small = last.lower()
    if small in TITLES or two in TITLES:
        return "job"
    return _preposition(small, [word.lower() for word in words[-3:-1]])


def _preposition(last: str, before: list[str]) -> str | None:
    nearest = before[-1] if before else ""
    if last in ("of", "at") and nearest in HEADS:
        return "head"
    if last == "in" and nearest in INVESTED:
        return "invest"
    if last in PREPOSITIONS:
        return "place" if last == "of" and nearest in SETTLED else "deal" if not DEAL.isdisjoint(before) else "with"
    if last in LOCATIVE:
        return "place"
    return {"at": "at", "and": "with", "said": "said"}.get(last)


@cache
def after_cues() -> re.Pattern[str]:
    """The pattern that begins where a name ends; the group that matched names the cue."""
    states = {name for site in read_sites() if site.kind in ("state", "country") for name in site.names}
    states |= set(GROUPS["state_code"])
    jobs = alternatives({word.lower().rstrip(".") for word in JOB} | set(GROUPS["lower_title"]))
    ties = "backed|owned|led|branded|operated|funded|controlled|built|designed|run|affiliated|hosted|made|managed"
    heads = "an?|the|one|its|their|another|which|formerly|operator|owner|maker|developer|provider"
    adverbs = "also|now|then|already|recently|itself|first|separately|has|had|will|today"
    return re.compile(
        rf"(?:(?P<ticker>\s*\(\s*(?:(?:{alternatives(GROUPS['exchange'])})\b[^()]{{0,24}}"
        r"|[A-Z]{2,5}\.[A-Z]{2}|\d{3,6}\.[A-Z]{2})[^()]{0,40}\))"
        r"|(?P<defined>\s*\((?:the\s|together[^()]{0,60})?[\"“‘'][^()]{1,80}\))|(?P<based>-based\b)"
        r"|(?P<numbered>\s(?:\d{1,2}|[IVX]{1,3})(?=[\s,.;:)’'])(?!,\d|\.\d|\s?(?:[MGk]W|per|%|GPU|mega|giga|[mb]illion))"
        r"(?!\s(?:of|years?|months?|thousand|[A-Z]+\d)))"
        rf"|(?P<backed>-(?:{ties})\b)|(?P<state>(?:,\s?|\s)(?:{alternatives(states)})(?![\w-]))|(?P<where>,\s(?:in|near)\s(?!which\b|whose\b))"
        rf"|(?P<jobs>,\s(?:the\s|its\s|an?\s)?(?:[\w’'-]+\s){{0,4}}?(?:{jobs}|CEO|CFO|CTO|COO|Ch(?:airman|ief)"
        r"|President|Vice)\b)|(?P<who>,?\swho\b)"
        rf"|(?P<apposition>,\s(?:{heads})\b[^.;()\n]{{0,70}}?\b(?:{alternatives(ROLE)})(?![\w-]))"
        rf"|(?P<site>['’]s\s(?:[\w-]+\s){{0,3}}?(?:{alternatives(GROUPS['owned_noun'])}))|(?P<possessive>['’]s?(?=\s))"
        rf"|(?P<campus>\s(?:{alternatives(GROUPS['place_noun'])})\b)"
        rf"|(?P<thing>\s(?:{alternatives(GROUPS['thing_noun'])})\b)"
        rf"|(?P<verb>\s(?:(?:{adverbs})\s)?(?:{alternatives(ORG_VERB - {'said', 'says'})})\b)"
        r"|(?P<said>\s(?:said|says)\b))"
    )
