"""Accelerator models in a text: lexicon names in any spelling, plain-word names only beside a chip word."""

from __future__ import annotations

import itertools
import re
from functools import cache

from extractors.candidates import ModelMention
from extractors.quantities.scan import Anchors, scan
from megawatch.lexicons.accelerators import accelerator_index
from megawatch.market import Part

_FIRST = re.compile(r"[a-z0-9]+")
_CHIP_WORD = re.compile(
    r"\b(?:gpus?|chips?|accelerators?|processors?|cards?|racks?|systems?|superchips?|servers?|nvidia|amd|huawei|intel"
    r"|google|microsoft|azure|tesla|openai|generation|architecture|silicon|clusters?|series|parts|instances?|pods?"
    r"|NVL\d+|platform|capacity)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:nvidia|amd|intel|huawei|google|microsoft|azure|tesla|openai)(?:['’]s|®|™)?\s+(?:\w+\s+)?\Z", re.I
)
_PLACE = re.compile(
    r" (?:Observatory|Telescope|Mountains?|Street|Avenue|Road|College|University|Museum|Park|Hospital|Foundation)\b"
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
def _patterns() -> dict[str, re.Pattern[str]]:
    """For each first word of a name one pattern of the names that begin with it, the longest first."""
    by_first: dict[str, list[str]] = {}
    for key, entry in accelerator_index().items():
        name = next(n for n in (entry.model, *entry.aliases) if n.lower() == key)
        plain = not any(c.isdigit() for c in name) and " " not in name
        by_first.setdefault(_FIRST.findall(key)[0], []).append(flexible(name) if plain else f"(?i:{flexible(name)})")
    return {
        first: re.compile(rf"(?:{'|'.join(sorted(names, key=len, reverse=True))})(?:['’]?s)?(?![A-Za-z0-9])")
        for first, names in by_first.items()
    }


@cache
def _lookup() -> dict[str, tuple[str, str, bool]]:
    table = {}
    for key, entry in accelerator_index().items():
        table[_fold(key)] = (entry.model, entry.maker, entry.needs_context and _fold(key) == _fold(entry.model))
    return table


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_models(text: str, *, part: Part, anchors: Anchors | None = None) -> tuple[ModelMention, ...]:
    """Every accelerator model named in the text, in order."""
    places = scan(text) if anchors is None else anchors
    found: list[ModelMention] = []
    last = 0
    for start, first in places.models:
        if start < last or text[start - 1 : start] in _NOT_BEFORE:
            continue
        match = _patterns()[first].match(text, start)
        mention = None if match is None else _mention(text, match, part)
        if mention is not None:
            found.append(mention)
            last = mention.end
    return tuple(found)


_NOT_BEFORE = ("$", "€", "£", ".")


def _mention(text: str, match: re.Match[str], part: Part) -> ModelMention | None:
    folded = _fold(match[0])
    known = _lookup().get(folded) or _lookup().get(folded.removesuffix("s"))
    if known is None:
        return None
    model, maker, needs_context = known
    if _PLACE.match(text, match.end()):
        return None
    if needs_context and not _beside_chips(text, match.start(), match.end()):
        return None
    return ModelMention(part=part, start=match.start(), end=match.end(), quote=match[0], gpu_model=model, maker=maker)


def _beside_chips(text: str, start: int, end: int) -> bool:
    if _BEFORE.search(text, max(0, start - 30), start):
        return True
    if _PERSON.search(text, max(0, start - 16), start) and not text[start].isdigit():
        return False
    return text.startswith((" $", ": $"), end) or _CHIP_WORD.search(text, end, end + 22) is not None
