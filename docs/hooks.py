"""Pages of the documentation that are made from the data they describe: the dictionary and the market sheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mkdocs.structure.files import File

from megawatch.ledger.dictionary import read_dictionary
from megawatch.ledger.sheets import read_sheets


def on_files(files: Any, config: Any) -> Any:
    """Add the data dictionary."""
    files.append(File.generated(config, "dictionary.md", content="\n".join(_dictionary())))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the market sheets where a page asks for them."""
    return markdown.replace("[[sheets]]", "\n".join(_sheets()))


def _dictionary() -> Iterator[str]:
    yield "# Data dictionary\n\nThe views that queries, `megawatch serve` and releases show; units end a column's name."
    for view in read_dictionary():
        yield f"\n## {view.name}\n\n{view.description} Its rows are told apart by {', '.join(view.key)}.\n"
        yield "| column | type | unit | meaning |\n|---|---|---|---|"
        for column in view.columns:
            allowed = f" One of: {', '.join(f'`{value}`' for value in column.values)}." if column.values else ""
            yield f"| `{column.name}` | {column.type} | {column.unit} | {column.description}{allowed} |"


def _sheets() -> Iterator[str]:
    for sheet in read_sheets():
        yield f"### {sheet.title}\n\n{sheet.description}\n\n```sql\n{sheet.sql}\n```\n"
