"""What Datasette shows: titles, descriptions and units from the data dictionary, market sheets as canned queries."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from megawatch.ledger.dictionary import Column, View, read_dictionary
from megawatch.ledger.sheets import Chart, Sheet, read_sheets

DATABASE = "ledger"
LIMITS = {
    "default_page_size": 50,
    "default_facet_size": 8,
    "max_returned_rows": 2000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 1000,
    "facet_suggest_time_limit_ms": 50,
    "allow_download": False,
    "suggest_facets": False,
    "num_sql_threads": 4,
    "truncate_cells_html": 300,
    "force_https_urls": False,
}
_FACETS = {
    "deals": ["kind", "status", "supplier", "customer", "month"],
    "prices": ["gpu_model", "market", "provider"],
    "documents": ["source", "publisher"],
    "organizations": ["segment", "origin"],
    "claims": ["field"],
    "terms": ["field", "basis", "absence"],
    "links": ["relation"],
    "mentions": ["kind"],
}
_SORTED = {"deals": "first_seen", "prices": "observed", "documents": "published", "contradictions": "known_from"}
_NUMBERS = {"bar": "nominal", "line": "ordinal", "point": "nominal"}


def build_metadata(raw_tables: list[str]) -> dict[str, Any]:
    """Datasette's metadata for the database ``ledger``; the tables behind the views are hidden."""
    tables: dict[str, Any] = {name: {"hidden": True} for name in raw_tables}
    tables |= {view.name: _table(view) for view in read_dictionary()}
    return {
        "title": "Megawatch",
        "description": "A ledger of AI compute deals in which every figure leads back to the sentence that states it.",
        "license": "CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "databases": {DATABASE: {"tables": tables, "queries": {sheet.name: _query(sheet) for sheet in read_sheets()}}},
        "extra_css_urls": ["/dress/datasette.css"],
    }


def _table(view: View) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": view.title,
        "description": view.description,
        "columns": {column.name: _described(column) for column in view.columns},
        "facets": _FACETS.get(view.name, []),
    }
    return found | ({"sort_desc": _SORTED[view.name]} if view.name in _SORTED else {})


def _described(column: Column) -> str:
    return f"{column.description} Unit: {column.unit}." if column.unit else column.description


def _query(sheet: Sheet) -> dict[str, Any]:
    return {
        "sql": sheet.sql,
        "title": sheet.title,
        "description": sheet.description,
        "params": list(sheet.defaults),
    }


def sheet_address(sheet: Sheet, *, form: str = "") -> str:
    """Where Datasette answers a sheet: as a page with its chart drawn, or as ``csv`` or ``json``."""
    values = f"?{urlencode(sheet.defaults)}" if sheet.defaults else ""
    place = f"/{DATABASE}/{sheet.name}{f'.{form}' if form else ''}{values}"
    return place if form or sheet.chart is None else place + "#" + _drawn(sheet.chart)


def _drawn(chart: Chart) -> str:
    axes = {
        "g.mark": chart.mark if chart.mark != "point" else "circle",
        "g.x_column": chart.x,
        "g.x_type": _NUMBERS[chart.mark],
        "g.y_column": chart.y,
        "g.y_type": "quantitative",
        "g.color_column": chart.colour,
    }
    return urlencode(axes)
