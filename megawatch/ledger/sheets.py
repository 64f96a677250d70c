"""Market sheets: canned queries over the views, the same on SQLite and PostgreSQL, each with a chart where one helps.

A sheet is an SQL file in ``data/sheets``; the comments at its head give ``title``, ``description``, ``chart``
(``bar``, ``line`` or ``point`` with ``x``, ``y`` and ``colour``) and ``default`` values of its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from megawatch.errors import LexiconError

_FOLDER = Path(__file__).parent / "data" / "sheets"
_COMMENT = re.compile(r"^-- (title|description|chart|default): (.+)$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a sheet's picture shows: ``mark`` (bar, line, point) and the columns on its axes."""

    mark: str
    x: str
    y: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One canned query; ``defaults`` holds a value for each of its parameters."""

    name: str
    title: str
    description: str
    sql: str
    chart: Chart | None
    defaults: Mapping[str, str]

    def bound_sql(self, values: Mapping[str, str] | None = None) -> str:
        """The query with its parameters set as quoted texts, the defaults where none is given.

        Raises LexiconError for a parameter that the sheet does not have.
        """
        chosen = {**self.defaults, **(values or {})}
        unknown = sorted(set(chosen) - set(self.defaults))
        if unknown:
            raise LexiconError(f"The sheet {self.name} has no parameter {unknown[0]}; it has {_list(self.defaults)}.")
        return _PARAMETER.sub(lambda match: "'" + chosen[match[1]].replace("'", "''") + "'", self.sql)


@cache
def read_sheets() -> tuple[Sheet, ...]:
    """Every sheet, by name. Raises LexiconError where one lacks its title or a default."""
    return tuple(_read_sheet(path) for path in sorted(_FOLDER.glob("*.sql")))


def get_sheet(name: str) -> Sheet:
    """The sheet of that name. Raises LexiconError, naming those that are there."""
    found = next((sheet for sheet in read_sheets() if sheet.name == name), None)
    if found is None:
        raise LexiconError(f"There is no sheet {name!r}; there are {_list(sheet.name for sheet in read_sheets())}.")
    return found


def _read_sheet(path: Path) -> Sheet:
    words = path.read_text(encoding="utf-8")
    said = dict(_COMMENT.findall(words))
    sql = _COMMENT.sub("", words).strip()
    defaults = dict(pair.split("=", 1) for pair in said.get("default", "").split() if "=" in pair)
    if missing := {"title", "description"} - said.keys() or set(_PARAMETER.findall(sql)) - defaults.keys():
        raise LexiconError(f"{path.name} lacks {_list(sorted(missing))}: say it in a comment at its head.")
    chart = None
    if "chart" in said:
        mark, *axes = said["chart"].split()
        chart = Chart(mark=mark, **dict(axis.split("=", 1) for axis in axes))
    return Sheet(
        name=path.stem,
        title=said["title"],
        description=said["description"],
        sql=sql,
        chart=chart,
        defaults=defaults,
    )


def _list(names: object) -> str:
    return ", ".join(names)  # type: ignore[arg-type]
