"""Sites compared: whether two texts can name one place.

A site text may name several places, joined by ``and`` or a semicolon, each with the region it lies in after a comma.
Region words (states, provinces, countries) and words of kind (campus, county) say little; a number after a name tells
campuses apart (``Polaris Forge 1`` and ``Polaris Forge 3``), and a name without a number may be any of them. A campus
that the lexicon of sites knows also goes by the town around it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from megawatch.ledger.data import read_data
from megawatch.lexicons.sites import read_sites

_WORDS = {entry["is"]: frozenset(entry["words"]) for entry in read_data("place_words")}
REGIONS, KINDS = _WORDS["region"], _WORDS["kind"]
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}

Words = frozenset[str]


class Place(NamedTuple):
    """One place: the words of its name and of the town around it, its numbers and regions, and its campus's id."""

    names: Words = frozenset()
    numbers: Words = frozenset()
    regions: Words = frozenset()
    campus: str = ""


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
    found = [_place(part) for part in re.split(r"\band\b|;|&|\(", _plain(site))]
    return tuple(place for place in found if any(place)) or (Place(),)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _words(text: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", text)
    return [ROMAN.get(word, word) if position else word for position, word in enumerate(words)]


def _place(part: str) -> Place:
    words = _words(part)
    campus, town = next((_campuses()[key] for key in map(_key, part.split(",")) if key in _campuses()), ("", Words()))
    return Place(
        names=frozenset(word for word in words if word not in REGIONS | KINDS and not word.isdigit()) | town,
        numbers=frozenset(word for word in words if word.isdigit()),
        regions=frozenset(word for word in words if word in REGIONS),
        campus=campus,
    )


@cache
def _campuses() -> dict[str, tuple[str, Words]]:
    sites = {site.id: site for site in read_sites()}
    known = {}
    for site in sites.values():
        if site.kind == "campus":
            town = sites[site.within].name if site.within else ""
            names = frozenset(word for word in _words(_plain(town)) if word not in REGIONS | KINDS)
            known.update({_key(_plain(name)): (site.id, names) for name in site.names})
    return known


def _key(text: str) -> str:
    return " ".join(word for word in _words(text) if word not in KINDS)


def _compare(a: Place, b: Place) -> int:
    shared = a.names & b.names
    if shared and (shared in (a.names, b.names)):
        return -1 if a.numbers and b.numbers and not a.numbers & b.numbers else 1
    if a.names and b.names:
        return 0 if shared and not (a.campus and b.campus) and a.numbers == b.numbers else -1
    return 0 if a.regions & b.regions or not a.regions or not b.regions else -1
