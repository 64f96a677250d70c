"""The words that travel with a release: data package, dictionary with coverage, known issues, how to cite it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from megawatch.ledger.dictionary import Column
from megawatch.ledger.export.rows import LONGEST_QUOTE_WORDS, Table

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


def build_package(tables: Sequence[Table], *, day: str) -> dict[str, Any]:
    """The Frictionless data package of a release: one resource a table and format."""
    resources = [_resource(table, form) for table in tables for form in ("csv", "parquet")]
    return {
        "profile": "data-package",
        "name": f"megawatch-{day}",
        "title": f"Megawatch: deals of the AI compute market as known on {day}",
        "description": "Deals, their terms, the passages that state them, and prices of GPU-hours.",
        "version": day,
        "licenses": [LICENCE],
        "sources": _sources(tables),
        "resources": resources,
    }


def _resource(table: Table, form: str) -> dict[str, Any]:
    suffix = "" if form == "csv" else "-parquet"
    found: dict[str, Any] = {
        "name": f"{table.name}{suffix}",
        "type": "table",
        "title": table.view.title,
        "description": table.view.description,
        "path": f"{form}/{table.name}.{form}",
        "format": form,
        "schema": {
            "fields": [_field(column, required=column.name in table.view.key) for column in table.columns],
            "primaryKey": list(table.view.key),
            "missingValues": [""],
        },
    }
    return found | ({"encoding": "utf-8", "mediatype": "text/csv"} if form == "csv" else {})


def _field(column: Column, *, required: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if required else {}
    if column.values:
        constraints["enum"] = list(column.values)
    found: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.description}
    return (
        found | ({"unit": column.unit} if column.unit else {}) | ({"constraints": constraints} if constraints else {})
    )


def _sources(tables: Sequence[Table]) -> list[dict[str, str]]:
    documents = next(table for table in tables if table.name == "documents")
    place = [column.name for column in documents.columns].index("publisher")
    return [{"title": str(name)} for name in sorted({row[place] for row in documents.rows if row[place]}, key=str)]


def describe_columns(tables: Sequence[Table]) -> str:
    """The data dictionary in Markdown, with the share of rows in which each column is filled."""
    return "\n".join(_dictionary_lines(tables)) + "\n"


def _dictionary_lines(tables: Sequence[Table]) -> Iterator[str]:
    yield "# Data dictionary"
    for table in tables:
        yield from ("", f"## {table.name}", "", f"{table.view.description} {len(table.rows):,} rows.", "")
        yield "| column | type | unit | filled | meaning |"
        yield "|---|---|---|---:|---|"
        for place, column in enumerate(table.columns):
            filled = sum(row[place] is not None for row in table.rows) / len(table.rows) if table.rows else 0.0
            allowed = f" One of: {', '.join(column.values)}." if column.values else ""
            yield f"| {column.name} | {column.type} | {column.unit} | {filled:.0%} | {column.description}{allowed} |"


def describe_issues(tables: Sequence[Table]) -> str:
    """What a user of this release should know before relying on it, counted where it can be."""
    count = {table.name: len(table.rows) for table in tables}
    undated = _count(tables, "documents", "published", None)
    unnamed = _count(tables, "deals", "supplier", None) + _count(tables, "deals", "customer", None)
    return "\n".join(
        [
            "# Known issues",
            "",
            f"- {count['contradictions']} open contradictions: the sources do not agree; see the table contradictions.",
            f"- {unnamed} parties of deals are not named by any source and stand empty.",
            f"- {undated} documents carry no date.",
            "- Megawatts are of different bases: never add power_mw and gross_power_mw.",
            "- Figures are as the sources state them: ceilings and estimates keep their hedge in the table terms.",
            f"- Quotes are cut to {LONGEST_QUOTE_WORDS} words; offsets point into texts that stay home.",
            "- In CSV a text that a spreadsheet would take for a formula has an apostrophe in front.",
            "",
        ]
    )


def _count(tables: Sequence[Table], name: str, column: str, value: object) -> int:
    table = next(one for one in tables if one.name == name)
    place = [one.name for one in table.columns].index(column)
    return sum(row[place] == value for row in table.rows)


def describe_citation(day: str, version: str) -> str:
    """CITATION.cff of a release."""
    return "\n".join(
        [
            "cff-version: 1.2.0",
            "message: Please cite this release as below.",
            "type: dataset",
            f'title: "Megawatch: deals of the AI compute market as known on {day}"',
            "authors:",
            '  - name: "The Megawatch authors"',
            f'version: "{day}"',
            f"date-released: {day}",
            "license: CC-BY-4.0",
            f'abstract: "Made with Megawatch {version}."',
            "",
        ]
    )
