"""Sites compared: whether two texts can name one place.

A site text may name several places, joined by ``and`` or a semicolon, each with the region it lies in after a comma.
Region words (states, provinces, countries) and words of kind (campus, county) say little; a number after a name tells
campuses apart (``Polaris Forge 1`` and ``Polaris Forge 3``), and a name without a number may be any of them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from megawatch.ledger.data import read_data

_WORDS = {entry["is"]: frozenset(entry["words"]) for entry in read_data("place_words")}
REGIONS, KINDS = _WORDS["region"], _WORDS["kind"]
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}

Place = tuple[frozenset[str], frozenset[str], frozenset[str]]


@lru_cache(maxsize=65536)
def compare_places(a: str, b: str) -> int:
    """1 where the texts share a place, 0 where they may, -1 where they name different ones.

    >>> compare_places("Childress, Texas", "Sweetwater, Texas"), compare_places("Texas", "Childress, Texas")
    (-1, 0)
    """
    return max(_compare(x, y) for x in read_places(a) for y in read_places(b))


@lru_cache(maxsize=65536)
def read_places(site: str) -> tuple[Place, ...]:
    """The places that a site text names, each as its own words, its numbers and its region words."""
    plain = unicodedata.normalize("NFKD", site).encode("ascii", "ignore").decode().lower()
    found = [_place(re.findall(r"[a-z0-9]+", part)) for part in re.split(r"\band\b|;|&|\(", plain)]
    return tuple(place for place in found if any(place)) or ((frozenset(), frozenset(), frozenset()),)


def _place(words: list[str]) -> Place:
    words = [ROMAN.get(word, word) if position else word for position, word in enumerate(words)]
    numbers = frozenset(word for word in words if word.isdigit())
    regions = frozenset(word for word in words if word in REGIONS)
    names = frozenset(word for word in words if word not in REGIONS | KINDS and not word.isdigit())
    return names, numbers, regions


def _compare(a: Place, b: Place) -> int:
    (names_a, numbers_a, regions_a), (names_b, numbers_b, regions_b) = a, b
    if names_a & names_b:
        return -1 if numbers_a and numbers_b and not numbers_a & numbers_b else 1
    if names_a and names_b:
        return -1
    return 0 if regions_a & regions_b or not regions_a or not regions_b else -1
