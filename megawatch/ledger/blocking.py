"""Which mentions are compared at all: under which keys one is found, and for which keys it looks.

Two mentions can be one deal only where ``likeness`` gives them points for their parties, and where they share both
parties, or one party and a mark: about the same total, megawatts or number of GPUs, or a word of the site. So:

- both parties named: found by the pair of them;
- one party unnamed in either: found by the other party in its role and a mark (a full mention looks only for such
  half-named ones, and these for all, so that a company with hundreds of deals is not compared with itself);
- the other party named otherwise: by the party and a figure of some digits, exactly; the loans and purchases of one
  receiver by it and a mark.

A key begins with the party, so that those of one mention lie side by side on few pages of a large table.

What the many look for is looked up in few places: a figure of a half-named mention is kept in two overlapping rows of
buckets of 8 %, that of a full one in one row, where half-named ones look into the neighbouring buckets too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from megawatch.ledger.likeness import TELLING, Profile, kinds_near
from megawatch.ledger.places import read_places

_FIGURES = ("total_value_usd", "power_mw", "gpu_count")
_BUCKET = math.log(1.08)
_LENT = ("financing", "acquisition")
_BUILT = "build"

Names = frozenset[str]


class Keys(NamedTuple):
    """Of one mention: the keys it is found by and those it looks for, and what two compared ones must share."""

    told: Names
    asked: Names
    parties: Names
    marks: Names


def keys_of(profile: Profile) -> Keys:
    """The keys of a profile. Whether one asks for what the other tells is the same from both sides."""
    pairs = {f"{pair}|pair" for pair in _pairs(profile)}
    told, asked = set(pairs), set(pairs)
    marks = _marks(profile)
    parties = list(_parties(profile))
    halves = {f"{who}|half|{mark}" for who in parties for mark in marks}
    asked |= halves
    if not profile.suppliers or not profile.customers:
        told |= halves
        near = [(kind, mark) for kind in kinds_near(profile.kind) for mark in _places(profile, steps=(-1, 0, 1))]
        asked |= {f"{who}|{mark}|full|{kind}" for who in parties for kind, mark in near}
    else:
        places = _places(profile, steps=(0,))
        told |= {f"{who}|{mark}|full|{profile.kind}" for who in parties for mark in places}
        otherwise = set(_otherwise(profile, marks))
        told |= otherwise
        asked |= otherwise
    return Keys(frozenset(told), frozenset(asked), profile.suppliers | profile.customers, frozenset(marks) - {_BUILT})


def are_comparable(a: Profile, b: Profile, keys: Keys, others: Keys) -> bool:
    """Whether two mentions share both parties, or a party and a mark."""
    if not keys.parties.isdisjoint(others.parties) and not keys.marks.isdisjoint(others.marks):
        return True
    if a.kind == b.kind == "build" and not a.suppliers.isdisjoint(b.suppliers):
        return True
    straight = not a.suppliers.isdisjoint(b.suppliers) and not a.customers.isdisjoint(b.customers)
    return straight or (not a.suppliers.isdisjoint(b.customers) and not a.customers.isdisjoint(b.suppliers))


def _pairs(profile: Profile) -> Iterator[str]:
    for supplier in profile.suppliers:
        yield from ("|".join(sorted((supplier, customer))) for customer in profile.customers)


def _parties(profile: Profile) -> Iterator[str]:
    yield from (f"{party}|supplier" for party in profile.suppliers)
    yield from (f"{party}|customer" for party in profile.customers)


def _otherwise(profile: Profile, marks: set[str]) -> Iterator[str]:
    """What finds a mention of two parties by one that names another party beside one of them."""
    figures = ((name, profile.figures.get(name)) for name in TELLING)
    rare = [f"{_place(name, one.value)}|rare|{one.value!r}" for name, one in figures if one and one.digits >= 2]
    yield from (f"{who}|{said}" for who in _parties(profile) for said in rare)
    if profile.kind in _LENT:
        yield from (f"{party}|lent|{profile.kind}|{mark}" for party in profile.customers for mark in marks)


def _marks(profile: Profile) -> set[str]:
    # Two overlapping rows of buckets: figures within 4 % of each other meet in one of them.
    found = set(_plain_marks(profile))
    for name in _FIGURES:
        figure = profile.figures.get(name)
        if figure is not None:
            place = math.log(figure.value) / _BUCKET
            found |= {f"{name}:{math.floor(place)}a", f"{name}:{math.floor(place + 0.5)}b"}
    return found


def _places(profile: Profile, *, steps: tuple[int, ...]) -> list[str]:
    found = list(_plain_marks(profile))
    for name in _FIGURES:
        figure = profile.figures.get(name)
        if figure is not None:
            found += [_place(name, figure.value, step=step) for step in steps]
    return found


def _place(name: str, value: float, *, step: int = 0) -> str:
    return f"{name}:{math.floor(math.log(value) / _BUCKET) + step}"


def _plain_marks(profile: Profile) -> Names:
    words = _site_words(profile.site) if profile.site else frozenset()
    return words | {_BUILT} if profile.kind == "build" else words


@lru_cache(maxsize=65536)
def _site_words(site: str) -> Names:
    return frozenset(f"site:{name}" for place in read_places(site) for name in place.names)
