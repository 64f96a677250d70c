"""Role cues and kinds of megawatts, read off the words around a figure in its own clause."""

from __future__ import annotations

import re

from extractors.candidates import PowerBasis
from extractors.patterns import read_patterns
from extractors.phrases import WORDS, Phrases

_ROWS = read_patterns("cues", required=("cue", "side", "words", "examples", "not_examples"))
_BASES = read_patterns("power_basis", required=("basis", "words", "examples", "not_examples"))
_IT = re.compile(r"\bIT\b")
_CLOSE = re.compile(r"[,;()]| and | while ")
_END = re.compile(r"[.;:!?]['\"”’)]?\s|\n")


def _side(side: str) -> Phrases[frozenset[str]]:
    table: dict[str, set[str]] = {}
    for row in _ROWS:
        if row["side"] == side:
            for word in row["words"]:
                table.setdefault(word.lower(), set()).add(row["cue"])
    return Phrases({word: frozenset(cues) for word, cues in table.items()})


_BEFORE, _AFTER = _side("before"), _side("after")
_BASIS: Phrases[PowerBasis] = Phrases((word, row["basis"]) for row in _BASES for word in row["words"])
_NONE: frozenset[str] = frozenset()
_PER_UNIT = re.compile(
    r"(?:(?: (?!(?:and|or|for|from|with|to)\b)[a-z-]+){0,3} (?:per|(?:for )?(?:each|every)) |/| an? )"
    r"(?:nameplate |installed |critical |IT )?"
    r"(?:gigawatt|GW|megawatt|MW|kilowatt|kW|GPU|card|chip|accelerator|rack|server|share)\b"
    r"(?![- ]?(?:hour|h\b|month|year|order|contract|deal))"
)
_PER = frozenset({"per_unit"})


def find_context(
    text: str, start: int, end: int, *, floor: int, ceiling: int, kind: str
) -> tuple[frozenset[str], PowerBasis | None]:
    """The role cues of the figure at ``start:end`` and, for power, which megawatts its words name.

    Only the figure's clause counts, from ``floor`` on and up to ``ceiling``; the words behind a figure tell its basis
    before those in front of it do.
    """
    before = WORDS.findall(text[max(floor, start - 60) : start].lower())
    after_text = text[end : min(ceiling, end + 48)]
    stop = _END.search(after_text)
    if stop is not None:
        after_text = after_text[: stop.start()]
    after = WORDS.findall(after_text.lower())
    near = after if len(after_text) <= 32 else WORDS.findall(after_text[:32].lower())
    found = [*_BEFORE.inside(before), *_AFTER.inside(near)]
    cues = _NONE.union(*found) if found else _NONE
    if kind == "money" and _PER_UNIT.match(after_text):
        cues |= _PER
    if kind != "power":
        return cues, None
    close = _CLOSE.split(after_text, maxsplit=1)[0]
    return cues, _basis(text[max(floor, start - 60) : start], close)


def _basis(before: str, after: str) -> PowerBasis | None:
    behind = _BASIS.inside(WORDS.findall(after.lower()))
    if behind:
        return behind[0]
    if _IT.search(after):
        return "critical_it"
    ahead = _BASIS.inside(WORDS.findall(before.lower()))
    if ahead:
        return ahead[-1]
    return "critical_it" if _IT.search(before) else None
