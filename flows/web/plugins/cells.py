"""How Datasette shows a cell: ids of deals lead to their page, numbers are readable; CSV and JSON stay exact."""

from __future__ import annotations

from typing import Any

from datasette import hookimpl
from markupsafe import Markup

_DEALS = {"deal_id", "other_id"}


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(value: Any, column: str) -> Markup | str | None:
    """The cell in HTML, None to leave it as Datasette has it."""
    if column in _DEALS and isinstance(value, str) and value.isalnum():
        return Markup('<a href="/deals/{}">{}</a>').format(value, value)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100_000 else f"{float(f'{value:.6g}'):,.10g}"
    return None
