"""Names of towns: what a name may be where nothing else says what it names.

Every populated place of at least 5,000 people whose name no company of the lexicon bears: facts of GeoNames
(geonames.org, CC BY 4.0), names alone, as of November 2026.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from megawatch.errors import LexiconError

TOWNS = Path(__file__).with_name("towns.txt")


@cache
def read_towns(path: Path = TOWNS) -> frozenset[str]:
    """The names of a file, one a line; raises LexiconError where it cannot be read."""
    try:
        return frozenset(path.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as fault:
        raise LexiconError(f"{path.name}: {fault}. Install Megawatch again.") from fault


def is_town(name: str) -> bool:
    """Whether a town bears the name, written as usual or in capitals.

    >>> is_town("Kurume"), is_town("HAIFA"), is_town("Corvexa")
    (True, True, False)
    """
    towns = read_towns()
    return name in towns or (name.isupper() and len(name) > 3 and name.title() in towns)
