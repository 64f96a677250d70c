"""Names of parties compared: one name may be short for another, and the lexicon knows who goes by several."""

from __future__ import annotations

from collections.abc import Iterable

from megawatch.lexicons.companies import company_index, fold_name


def is_short_for(short: str, long: str) -> bool:
    """Whether a folded name begins another, word for word, as ``nebius`` begins ``nebius n v``."""
    return bool(short) and (long == short or long.startswith(short + " "))


def share_name(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether the two parties share a company of the lexicon, or a name of one is short for a name of the other.

    >>> share_name(["Nebius"], ["Nebius Group N.V.", "the Company"])
    True
    """
    left, right = party_keys(a), party_keys(b)
    return bool(left & right) or any(is_short_for(x, y) or is_short_for(y, x) for x in left for y in right)


def party_keys(names: Iterable[str]) -> frozenset[str]:
    """What a party's names come to: companies of the lexicon with their parents, as ids, else the folded names."""
    keys: set[str] = set()
    for name in names:
        folded = fold_name(name)
        company = company_index().get(folded)
        keys |= {folded} if company is None else {f"#{company.id}", *([f"#{company.parent}"] if company.parent else [])}
    return frozenset(keys - {""})
