"""Which words tell names from other words: groups of ``patterns/name_words.jsonl``, and everyday English."""

from __future__ import annotations

import re
from functools import cache

from extractors.patterns import FOLDER, read_patterns

GROUPS = {row["group"]: tuple(row["words"]) for row in read_patterns("name_words", required=("group", "words"))}


def _group(name: str) -> frozenset[str]:
    return frozenset(GROUPS[name])


LEGAL = _group("legal_suffix")
LEGAL_FORMS = LEGAL | {f"{word}." for word in LEGAL} | {word.rstrip(".") for word in LEGAL}
SUFFIX = _group("org_suffix")
HEAD = _group("org_head")
FUNCTION = _group("function")
JOB = _group("job_title")
CALENDAR = _group("calendar")
AGENCY = _group("agency")
MEDIA = _group("media")
PRODUCT = _group("product")
GENERIC = _group("generic")
ROLE = _group("role_noun")
SMALL = _group("small_word")
DEMONYM = _group("demonym")
MEASURE = _group("measure")
HEADING = _group("heading_phrase")
PARTY_TERM = _group("party_term")
OPENER = _group("name_opener")
ROADS = _group("road_suffix")
STATE_CODE = _group("state_code")
STRONG = _group("strong_suffix")
AMBIGUOUS_JOB = _group("ambiguous_title")
PLACE_SUFFIX = _group("place_suffix")
GIVEN = _group("given_name")
ORG_VERB = _group("org_verb")
EVERYDAY = frozenset((FOLDER / "common_words.txt").read_text(encoding="utf-8").split())

CHIP = re.compile(r"[A-Z]{1,4}\d{2,4}[A-Za-z]{0,3}|EX-\d.*|(?:Q[1-4]|H[12]|FY)-?\d*|[A-Z][a-z]{2}-\d+")
CONTRACTION = re.compile(r"[\w]+['’](?:d|m|ll|ve|re|t|S|D|M|LL|VE|RE|T)")
ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "al", "ment", "ness")


@cache
def is_everyday(word: str) -> bool:
    """Whether a word, whatever its case, is ordinary English or a plain inflection of it.

    >>> is_everyday("Building"), is_everyday("Corvexa")
    (True, False)
    """
    small = word.lower()
    return small in EVERYDAY or any(
        small.endswith(ending) and (small[: -len(ending)] in EVERYDAY or small[: -len(ending)] + "e" in EVERYDAY)
        for ending in ENDINGS
        if len(small) > len(ending) + 2
    )


def is_legal(word: str) -> bool:
    """Whether a token is a legal form, with or without its full stop."""
    return word in LEGAL_FORMS


def is_chip(word: str) -> bool:
    """Whether a token has the shape of a part number ("H200s", "GB300", "SDH100RT")."""
    return CHIP.fullmatch(word) is not None
