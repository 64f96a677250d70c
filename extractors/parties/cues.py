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


@cache
def before_cues() -> re.Pattern[str]:
    """The pattern that ends where a name begins; the group that matched names the cue."""
    locative = "[Ii]n|[Nn]ear|[Oo]utside|[Aa]round|across|throughout|[Nn]orth of|south of|east of|west of|downtown"
    prepositions = "with|by|from|to|for|between|of"
    return re.compile(
        rf"(?:(?P<role>\b(?:{alternatives(ROLE)})(?:s|es)?,?)|(?P<project>\bProject)"
        rf"|(?P<job>\b(?:{alternatives(GROUPS['lower_title'])}),?)"
        r"|(?P<head>\b(?:CEO|CFO|CTO|COO|[Cc]hief executive|[Cc]hairman|[Pp]resident|[Cc]hief \w+ officer|founder|boss)"
        rf"\s(?:of|at))|(?P<invest>\b(?:[Ii]nvest\w*|stakes?|interest|shares?|confidence)\s+in)"
        rf"|(?P<deal>\b(?:{alternatives(GROUPS['deal_word'])})\s+(?:\w+\s+)?(?:{prepositions}))"
        rf"|(?P<place>\b(?:{locative}))|(?P<at>\b[Aa]t)|(?P<with>\b(?:{prepositions}|and|With|By|From|For|Between))"
        r"|(?P<said>\bsaid))\s(?:[Tt]he\s)?[\"“‘'$]?$"
    )


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
        r"|(?P<numbered>\s(?:\d{1,2}|[IVX]{1,3})(?=[\s,.;:)’'])(?!\s?(?:MW|GW|percent|per|%|GPU|mega|giga|billion|million)))"
        rf"|(?P<backed>-(?:{ties})\b)|(?P<state>,?\s(?:{alternatives(states)})(?![\w-])|,\s(?:in|near)\s)"
        rf"|(?P<jobs>,\s(?:the\s|its\s|an?\s)?(?:[\w’'-]+\s){{0,4}}?(?:{jobs}|CEO|CFO|CTO|COO|Ch(?:airman|ief)"
        r"|President|Vice)\b)|(?P<who>,?\swho\b)"
        rf"|(?P<apposition>,\s(?:{heads})\b[^.;()\n]{{0,70}}?\b(?:{alternatives(ROLE)})(?![\w-]))"
        rf"|(?P<site>['’]s\s(?:[\w-]+\s){{0,3}}?(?:{alternatives(GROUPS['owned_noun'])}))|(?P<possessive>['’]s?(?=\s))"
        rf"|(?P<campus>\s(?:{alternatives(GROUPS['place_noun'])})\b)"
        rf"|(?P<thing>\s(?:{alternatives(GROUPS['thing_noun'])})\b)"
        rf"|(?P<verb>\s(?:(?:{adverbs})\s)?(?:{alternatives(ORG_VERB - {'said', 'says'})})\b)"
        r"|(?P<said>\s(?:said|says)\b))"
    )
