"""Whether a text is in English: by its script and by which language's commonest words it holds."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

ENGLISH = "English"
FEWEST_WORDS = 12
"""Below so many words nothing is said of a text: a title or a line of a table is in no language."""
CLEAR_SHARE = 0.06
"""A language is named only where its commonest words make up this share of all words, and twice that of English."""
LOOKED_AT = 20_000
_WORD = re.compile(r"[^\W\d_]+")
_DATA = Path(__file__).with_name("languages.jsonl")


def foreign_language(text: str) -> str | None:
    """The language of a text that is clearly not English, ``another script``, or None.

    Price lists, tables and short texts have few words of any language and count as readable.

    >>> foreign_language("Der Vertrag läuft über fünf Jahre und umfasst die Leistung, die für den Kunden gebaut wird.")
    'German'
    >>> foreign_language("H100 | 2.44 | +1.2%") is None
    True
    """
    head = text[:LOOKED_AT]
    letters = [letter for letter in head if letter.isalpha()]
    if len(letters) >= 40 and sum(letter > "\u024f" for letter in letters) > len(letters) / 2:
        return "another script"
    words = _WORD.findall(head.casefold())
    if len(words) < FEWEST_WORDS:
        return None
    shares = {name: sum(word in known for word in words) / len(words) for name, known in _commonest().items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= CLEAR_SHARE and shares[best] > 2 * shares[ENGLISH] else None


@cache
def _commonest() -> dict[str, frozenset[str]]:
    rows = [json.loads(line) for line in _DATA.read_text(encoding="utf-8").splitlines()]
    return {row["language"]: frozenset(row["words"]) for row in rows}
