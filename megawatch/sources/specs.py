"""The catalog of sources: one TOML file a source, whose file name (without ``.toml``) is the source's id.

The form, with every key that may stand in it::

    publisher = "CoreWeave"                       # who publishes, as printed in a footnote
    address = "https://www.example.com/news.rss"  # http(s) address; for kinds folder and mailbox a path
    kind = "feed"            # feed | newsroom | page | edgar | edgar_index | folder | mailbox
    authority = "news"       # genre of its documents: filing | press_release | news | blog
    cadence = "hourly"       # hourly | daily | weekly: how often it is worth asking
    terms = "Headlines and short quotes; see the publisher's terms of use."
    checked = false          # or the date of the last successful try, as "2026-05-14"

    [expected]               # items a week; fewer or more raise a warning
    min = 0
    max = 20

Optional keys:

- ``link_pattern``: a regular expression; kind newsroom follows the links of the list page whose address it finds.
- ``title_pattern``: a regular expression; items whose title it does not find are left aside (kind edgar_index:
  filings whose company's name it does not find).
- ``cik``, ``forms``: kind edgar (one company) and edgar_index (``forms`` only), as ``cik = 1769628`` and
  ``forms = ["8-K", "10-Q", "10-K", "S-1"]``.
- ``archive``: kinds edgar and edgar_index, the address below which filings lie as ``<cik>/<accession>/<file>``.
- ``follow = false``: kind feed, take the text from the feed itself and open no page.
- ``max_items``: how many items one run takes, newest first (50 unless told).
- ``recheck_days``: for how many days an item is looked at again for corrections (7 unless told; 0 means never).
- ``allow_private = true``: addresses of this source may resolve to loopback or private ranges.
- ``enabled = false``: keep the file and leave the source out of runs.

``address`` of kind edgar is that of the company's submissions JSON. In kind edgar_index ``{year}``, ``{quarter}`` and
``{date}`` (as 20260514) stand for the day that is asked for.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from megawatch.errors import SourceError
from megawatch.market import SOURCES, Source

SpecKind = Literal["feed", "newsroom", "page", "edgar", "edgar_index", "folder", "mailbox"]
Cadence = Literal["hourly", "daily", "weekly"]

KINDS: tuple[SpecKind, ...] = get_args(SpecKind)
CADENCES: tuple[Cadence, ...] = get_args(Cadence)
ARCHIVE = "https://www.sec.gov/Archives/edgar/data"
FORMS = ("8-K", "10-Q", "10-K", "S-1", "6-K", "20-F", "F-1")
CATALOG = Path(__file__).resolve().parent / "catalog"
REQUIRED = ("publisher", "address", "kind", "authority", "cadence", "terms", "expected", "checked")
OPTIONAL = (
    "link_pattern",
    "title_pattern",
    "cik",
    "forms",
    "archive",
    "follow",
    "max_items",
    "recheck_days",
    "allow_private",
    "enabled",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """One source of the catalog; see the module's text for what each field means."""

    id: str
    publisher: str
    address: str
    kind: SpecKind
    authority: Source = "news"
    cadence: Cadence = "daily"
    terms: str = ""
    expected_min: int = 0
    expected_max: int = 100
    checked: str | None = None
    link_pattern: str = ""
    title_pattern: str = ""
    cik: int | None = None
    forms: tuple[str, ...] = FORMS
    archive: str = ARCHIVE
    follow: bool = True
    max_items: int = 50
    recheck_days: int = 7
    allow_private: bool = False
    enabled: bool = True

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The hosts that may resolve to a private range for this source: none unless it says ``allow_private``."""
        if not self.allow_private:
            return frozenset()
        hosts = (urlsplit(address).hostname for address in (self.address, self.archive))
        return frozenset(host for host in hosts if host)


def read_catalog(folder: Path | None = None) -> tuple[SourceSpec, ...]:
    """Every source of a folder of TOML files, by id; the bundled catalog where no folder is given.

    Raises SourceError naming the file and the key where one does not keep the form.
    """
    folder = CATALOG if folder is None else folder
    if not folder.is_dir():
        raise SourceError(f"{folder}: there is no such folder of sources; make it or give another.")
    return tuple(read_spec(path) for path in sorted(folder.glob("*.toml")))


def read_spec(path: Path) -> SourceSpec:
    """One source from its TOML file; SourceError names the file and the key at fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}: not a readable TOML file ({error}); correct it.") from error
    missing = [key for key in REQUIRED if key not in table]
    unknown = sorted(set(table) - {*REQUIRED, *OPTIONAL})
    if missing or unknown:
        raise SourceError(f"{path}: missing keys {missing}, unknown keys {unknown}; see megawatch/sources/specs.py.")
    spec = _to_spec(path, table)
    _check(path, spec)
    return spec


def _to_spec(path: Path, table: dict[str, Any]) -> SourceSpec:
    expected = table["expected"]
    if not isinstance(expected, dict) or set(expected) != {"min", "max"}:
        raise SourceError(f"{path}: expected must hold min and max (items a week).")
    checked = table["checked"]
    values = {key: table[key] for key in (*REQUIRED, *OPTIONAL) if key in table and key not in ("expected", "checked")}
    if "forms" in values:
        values["forms"] = tuple(values["forms"])
    return SourceSpec(
        id=path.stem,
        expected_min=expected["min"],
        expected_max=expected["max"],
        checked=None if checked is False else str(checked),
        **values,
    )


def _check(path: Path, spec: SourceSpec) -> None:
    for name, value, choices in (
        ("kind", spec.kind, KINDS),
        ("authority", spec.authority, SOURCES),
        ("cadence", spec.cadence, CADENCES),
    ):
        if value not in choices:
            raise SourceError(f"{path}: {name} = {value!r} is not one of {', '.join(choices)}.")
    for name, kind in _TYPES.items():
        if not isinstance(getattr(spec, name), kind):
            raise SourceError(f"{path}: {name} must be of type {getattr(kind, '__name__', kind)}.")
    if spec.kind not in ("folder", "mailbox") and urlsplit(spec.address).scheme not in ("http", "https"):
        raise SourceError(f"{path}: address {spec.address!r} must begin with http:// or https://.")
    if not 0 <= spec.expected_min <= spec.expected_max:
        raise SourceError(f"{path}: expected needs 0 <= min <= max.")
    _check_kind(path, spec)


_TYPES: dict[str, Any] = {
    "publisher": str,
    "address": str,
    "terms": str,
    "expected_min": int,
    "expected_max": int,
    "link_pattern": str,
    "title_pattern": str,
    "cik": int | None,
    "archive": str,
    "follow": bool,
    "max_items": int,
    "recheck_days": int,
    "allow_private": bool,
    "enabled": bool,
}


def _check_kind(path: Path, spec: SourceSpec) -> None:
    if spec.kind == "newsroom" and not spec.link_pattern:
        raise SourceError(
            f"{path}: kind newsroom needs link_pattern, a regular expression for its articles' addresses."
        )
    if spec.kind == "edgar" and spec.cik is None:
        raise SourceError(f"{path}: kind edgar needs cik, the company's number at the SEC.")
    for name in ("link_pattern", "title_pattern"):
        try:
            re.compile(getattr(spec, name))
        except re.error as error:
            raise SourceError(f"{path}: {name} is not a regular expression ({error}).") from error
