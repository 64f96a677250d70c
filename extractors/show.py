"""A document with what was found marked in colour, and its deals beside it: for whoever improves a rule."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from extractors.lines import deal_row, price_row
from megawatch.market import DealMention, Document, Findings, Part, PriceMention

_DEAL_COLOURS = ("green", "cyan", "magenta", "yellow", "blue", "bright_red", "bright_green", "bright_magenta")
_PRICE_STYLE = "bold white on blue"
_LEFT_STYLE = "dim underline"


def render_findings(document: Document, findings: Findings) -> Group:
    """Title and text in colour (one colour a deal; leftovers underlined), then a table a deal and one of prices."""
    marked = Text.assemble(_mark(document, findings, "title"), "\n\n", _mark(document, findings, "text"))
    parts: list[RenderableType] = [Panel(marked, title=document.id, border_style="dim")]
    parts += [_deal_table(deal) for deal in findings.deals]
    if findings.prices:
        parts.append(_price_table(findings.prices))
    if findings.leftovers:
        parts.append(_leftover_table(findings))
    return Group(*parts)


def _mark(document: Document, findings: Findings, part: Part) -> Text:
    text = Text(document.part(part))
    for left in findings.leftovers:
        if left.evidence.part == part:
            text.stylize(_LEFT_STYLE, left.evidence.start, left.evidence.end)
    for deal in findings.deals:
        for term in deal.terms:
            if term.evidence.part == part:
                text.stylize(f"bold {deal_colour(deal)}", term.evidence.start, term.evidence.end)
    for price in findings.prices:
        if price.evidence.part == part:
            text.stylize(_PRICE_STYLE, price.evidence.start, price.evidence.end)
    return text


def deal_colour(deal: DealMention) -> str:
    """The colour of a deal, by its place in the document."""
    return _DEAL_COLOURS[deal.position % len(_DEAL_COLOURS)]


def _deal_table(deal: DealMention) -> Table:
    table = Table(title=f"deal {deal.position + 1}", title_style=f"bold {deal_colour(deal)}", title_justify="left")
    for heading in ("field", "value", "hedge", "rule", "sure", "passage"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "field")
    values = deal_row(deal)
    for term in deal.terms:
        value = str(values[term.field])
        table.add_row(
            term.field, Text(value), term.hedge or "", term.rule, f"{term.confidence:.2f}", Text(term.evidence.quote)
        )
    return table


def _price_table(prices: tuple[PriceMention, ...]) -> Table:
    table = Table(title="prices", title_style=_PRICE_STYLE, title_justify="left")
    for heading in ("price", "passage"):
        table.add_column(heading, overflow="fold")
    for price in prices:
        row = {name: value for name, value in price_row(price).items() if name != "evidence"}
        table.add_row(Text(", ".join(_pairs(row))), Text(price.evidence.quote))
    return table


def _pairs(row: dict[str, object]) -> Iterator[str]:
    for name, value in row.items():
        yield f"{name} {value}"


def _leftover_table(findings: Findings) -> Table:
    table = Table(title="found and not used", title_style="dim", title_justify="left")
    for heading in ("words", "unit", "reason"):
        table.add_column(heading, overflow="fold")
    for left in findings.leftovers:
        table.add_row(Text(left.words), left.unit, left.reason)
    return table
