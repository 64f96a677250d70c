"""One printed figure, name or date, tied to the row of the ledger that it comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal
from string import Formatter
from typing import Literal

FactKind = Literal["number", "date", "name", "text"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Words that may be printed, and what they say in the ledger.

    ``row`` is a path such as ``deals/<deal_id>/power_mw`` or ``prices/<price_id>``. ``raw`` holds what the row holds:
    the numbers in the order in which ``words`` prints them (in the unit of the field), or the name, text or ISO date.
    ``notes`` are the numbers of the footnotes that quote the sources; ``label`` is the heading to print beside it.
    """

    words: str
    row: str
    kind: FactKind = "number"
    raw: tuple[Decimal | str, ...] = ()
    notes: tuple[int, ...] = ()
    label: str = ""
    basis: str = ""

    def __str__(self) -> str:
        return self.words


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """Prose made of fixed words and facts; its names and figures may come from nowhere else."""

    parts: tuple[str | Fact, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)

    @property
    def text(self) -> str:
        """The sentence without footnotes."""
        return str(self)


def phrase(pattern: str, **values: Fact | Sentence | str) -> Sentence:
    """A fixed phrase with its places filled.

    >>> str(phrase("{who} has {what}.", who=Fact(words="Acme", row="x"), what=phrase("no {it}", it="figures")))
    'Acme has no figures.'
    """
    parts: list[str | Fact] = []
    for fixed, name, _, _ in Formatter().parse(pattern):
        parts.append(fixed)
        if name is not None:
            value = values[name]
            parts += value.parts if isinstance(value, Sentence) else (value,)
    return Sentence(tuple(part for part in parts if part != ""))


def chain(sentences: Sequence[Sentence | Fact | str], between: str) -> Sentence:
    """Several pieces in a row with the same words between them."""
    pattern = between.join(f"{{p{place}}}" for place in range(len(sentences)))
    return phrase(pattern, **{f"p{place}": piece for place, piece in enumerate(sentences)})


def facts_of(view: object, key: str = "edition") -> Iterator[tuple[str, Fact]]:
    """Every fact below a view, with the key of the row that it stands in; rows without a key belong to their parent."""
    if isinstance(view, Fact):
        yield key, view
    elif isinstance(view, tuple):
        for item in view:
            yield from facts_of(item, key)
    elif dataclasses.is_dataclass(view) and not isinstance(view, type):
        inner = getattr(view, "key", key)
        for field in dataclasses.fields(view):
            yield from facts_of(getattr(view, field.name), inner)
