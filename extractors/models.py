"""Accelerator models in a text: lexicon names in any spelling, plain-word names only beside a chip word."""

from __future__ import annotations

import itertools
import re
from functools import cache

from extractors.candidates import ModelMention
from megawatch.lexicons.accelerators import accelerator_index
from megawatch.market import Part

_CHIP_WORD = re.compile(
    r"\b(?:gpus?|chips?|accelerators?|processors?|cards?|racks?|systems?|superchips?|servers?|nvidia|amd|huawei|intel"
    r"|google|microsoft|azure|tesla|openai|generation|architecture|silicon|clusters?|series|parts|instances?|pods?"
    r"|NVL\d+|platform|capacity)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:nvidia|amd|intel|huawei|google|microsoft|azure|tesla|openai)(?:['’]s|®|™)?\s+(?:\w+\s+)?\Z", re.I
)
_PERSON = re.compile(r"(?:\b[A-Z][a-z]+|\b[A-Z]\.|Mr\.?|Ms\.?|Mrs\.?|Dr\.?)\s+\Z")


def flexible(name: str) -> str:
    """A pattern for a name in which blanks and hyphens may stand for one another or be left out before digits.

    >>> bool(re.fullmatch(flexible("Trainium 2"), "Trainium-2"))
    True
    """
    pieces = [re.escape(piece) for piece in re.split(r"[ -]", name)]
    pattern = pieces[0]
    for before, piece in itertools.pairwise(pieces):
        optional = piece[0].isdigit() and not before[-1].isdigit()
        pattern += (r"[ \u00a0-]?" if optional else r"[ \u00a0-]") + piece
    return pattern


@cache
def model_pattern() -> re.Pattern[str]:
    """One pattern for all names and aliases, the longest first, in any case where the name holds a digit."""
    exact: list[str] = []
    folded: list[str] = []
    for key, entry in accelerator_index().items():
        name = next(n for n in (entry.model, *entry.aliases) if n.lower() == key)
        (folded if any(c.isdigit() for c in name) or " " in name else exact).append(name)
    folded.sort(key=len, reverse=True)
    exact.sort(key=len, reverse=True)
    loose = "|".join(flexible(name) for name in folded)
    strict = "|".join(flexible(name) for name in exact)
    return re.compile(rf"(?<![A-Za-z0-9$€£.])(?:(?i:{loose})|{strict})(?:['’]?s)?(?![A-Za-z0-9])")


@cache
def _lookup() -> dict[str, tuple[str, str, bool]]:
    table = {}
    for key, entry in accelerator_index().items():
        table[_fold(key)] = (entry.model, entry.maker, entry.needs_context and _fold(key) == _fold(entry.model))
    return table


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_models(text: str, *, part: Part) -> tuple[ModelMention, ...]:
    """Every accelerator model named in the text, in order."""
    found = []
    for match in model_pattern().finditer(text):
        folded = _fold(match[0])
        known = _lookup().get(folded) or _lookup().get(folded.removesuffix("s"))
        if known is None:
            continue
        model, maker, needs_context = known
        end = match.end()
        if needs_context and not _beside_chips(text, match.start(), end):
            continue
        found.append(
            ModelMention(part=part, start=match.start(), end=end, quote=match[0], gpu_model=model, maker=maker)
        )
    return tuple(found)


def _beside_chips(text: str, start: int, end: int) -> bool:
    if _BEFORE.search(text, max(0, start - 30), start):
        return True
    if _PERSON.search(text, max(0, start - 16), start) and not text[start].isdigit():
        return False
    return _CHIP_WORD.search(text, end, end + 22) is not None
