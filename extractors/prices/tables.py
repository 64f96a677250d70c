"""Prices in tables: models in rows or columns, markets in headers, providers in a column or in the publisher's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractors.candidates import Cell, ModelMention, Reading, Sentence, Table
from extractors.prices.context import DEAL_WORDS, market_in, usual_market
from extractors.prices.draft import HIGHEST, LOWEST, PriceDraft, priced_model
from extractors.prices.providers import Providers
from extractors.prices.sellers import may_name
from megawatch.market import Market

_FIGURE = re.compile(
    r"(?:about |from |~|≈)?(?:US)?\$? ?(?P<low>\d{1,2}(?:\.\d{1,3})?)(?: ?(?:-|–|—"
    r"|to) ?(?:US)?\$? ?(?P<high>\d{1,2}(?:\.\d{1,3})?))?(?: ?(?:/|per) ?(?:GPU[- ]?)?(?:hour|hr|h))?"
    r"(?: ?\((?P<prior>\d{1,2}\.\d{1,3})\))?\Z"
)
_BRACKETED = re.compile(r"\b(?:in (?:brackets|parenthes[ei]s)|bracketed)\b", re.IGNORECASE)
_HEADER_REFUSED = re.compile(
    r"eight|\b8x|node|total|month(?:ly)?\b(?! ?(?:reserv|commit|contract|term))|VRAM|memory|trades|\bGPUs\b"
    r"|volume|w/w|change|implied|regions|storage|contract value|value|term\b|IT load|MW|quantity|accelerators$"
    r"|premium|%",
    re.IGNORECASE,
)
_RESERVED = re.compile(r"\d+[- ]?(?:months?|yrs?|years?)|reserv|commit|contract|term", re.IGNORECASE)
_DEAL_TABLE = re.compile(
    r"\b(?:customer|tenant|client|buyer|borrower|counterparty|landlord|seller|announced|contract \(|value"
    r"|issuer|lessee|offtaker|before)\b",
    re.IGNORECASE,
)
_PROVIDER_HEADER = re.compile(r"provider|cloud|vendor|host|platform|seller|company", re.IGNORECASE)
_LEADING = re.compile(
    r"(?P<name>[A-Z][\w&'’-]+(?:[. ][A-Z][\w&'’-]+){0,3})(?=[ ,]+(?:[a-z]|[A-Z]{1,4}\d|RTX|TPU|NVIDIA|Nvidia"
    r"|AMD))"
)
_MODEL_WORD = re.compile(r"\b(?:[A-Z]{1,3}\d|NVIDIA|Nvidia|AMD|RTX|TPU|Spot|On|Reserved)")
_CONTEXT = re.compile(r"hour|\bhr\b|price|rate|\$|USD|fixing|spot|on[- ]demand|reserved|quote", re.IGNORECASE)


def find_table_prices(reading: Reading, providers: Providers) -> list[PriceDraft]:
    """The prices in the tables of the text; tables of deals give none."""
    found: list[PriceDraft] = []
    models = [m for m in reading.models if m.part == "text" and priced_model(m)]
    for table in reading.tables:
        if table.part == "text":
            found += _read_table(reading, table, models, providers)
    return found


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table of prices with what bears on all its cells; ``listed`` is whose it is where no row names a seller."""

    reading: Reading
    table: Table
    models: list[ModelMention]
    providers: Providers
    in_header: dict[int, str]
    fallback: str | None
    caption: str
    listed: str | None = None
    usual: Market | None = None


def _read_table(reading: Reading, table: Table, models: list[ModelMention], providers: Providers) -> list[PriceDraft]:
    top, caption = _caption(reading.document.text, table)
    if not _quotes_prices(reading, table, caption):
        return []
    in_header = {cell.column: model for cell in table.header if (model := _model_in(cell, models)) is not None}
    fallback = _caption_model(reading, table, models)
    if not in_header and fallback is None and not any(table.start <= m.start < table.end for m in models):
        return []
    if not any(_figure(table, cell, row) is not None for row in table.rows for cell in row):
        return []
    alone = all(_row_provider(table, row, providers) is None for row in table.rows)
    listed = providers.of_list(top - len(caption), top) if alone else None
    sheet = _Sheet(reading, table, models, providers, in_header, fallback, caption, listed, usual_market(reading))
    return [draft for row in table.rows for draft in _read_row(sheet, row)]


def _caption(text: str, table: Table) -> tuple[int, str]:
    """Where the first line of a table begins, and the paragraph in front of it."""
    top = text.rfind("\n", 0, table.start) + 1
    return top, text[text.rfind("\n\n", 0, max(0, top - 2)) + 2 if top > 1 else 0 : top]


def _quotes_prices(reading: Reading, table: Table, caption: str) -> bool:
    """Whether a table is one of prices: no deals in its header, a dollar sign or a word of prices in or around it."""
    text = reading.document.text
    header = " | ".join(cell.label for cell in table.header)
    if _DEAL_TABLE.search(header) or DEAL_WORDS.search(header):
        return False
    words = f"{reading.document.title} {header} {caption[-300:]} {text[table.end : table.end + 120]}"
    return _CONTEXT.search(words) is not None or "$" in text[table.start : table.end]


def _model_in(cell: Cell, models: list[ModelMention]) -> str | None:
    return next((m.gpu_model for m in models if cell.start <= m.start < cell.end), None)


def _caption_model(reading: Reading, table: Table, models: list[ModelMention]) -> str | None:
    """The only model that a table without models can speak of: the title's, or the one named last before it."""
    inside = [m for m in models if table.start <= m.start < table.end]
    if inside:
        return None
    titled = {m.gpu_model for m in reading.models if m.part == "title" and priced_model(m)}
    if len(titled) == 1:
        return next(iter(titled))
    before = [m.gpu_model for m in models if m.end <= table.start]
    return before[-1] if before else None


def _read_row(sheet: _Sheet, row: tuple[Cell, ...]) -> list[PriceDraft]:
    own = next((model for cell in row if (model := _model_in(cell, sheet.models)) is not None), None)
    figures = [(cell, match) for cell in row if (match := _figure(sheet.table, cell, row)) is not None]
    if not figures or (own is None and not sheet.in_header and sheet.fallback is None):
        return []
    if _counts_many(sheet.reading, row):
        return []
    ranged = _low_and_high(sheet.table, figures)
    found = []
    for cell, match in figures[:1] if ranged is not None else figures:
        model = own or sheet.in_header.get(cell.column) or sheet.fallback
        if model is None:
            continue
        market = _cell_market(sheet.reading, sheet.table, row, cell, sheet.caption, sheet.usual)
        found += [
            PriceDraft(
                model=model,
                part="text",
                start=row[0].start,
                end=row[-1].end if ranged is not None else cell.end,
                market=market,
                provider=_cell_provider(sheet, row, cell, market),
                low=low,
                high=high,
            )
            for low, high in _levels(match, ranged, sheet.caption)
        ]
    return found


def _counts_many(reading: Reading, row: tuple[Cell, ...]) -> bool:
    """Whether a row counts a cluster, which makes it a deal's."""
    return any(
        q.kind == "gpus" and q.value >= 64 and q.rule == "unit" and row[0].start <= q.start < row[-1].end
        for q in reading.quantities
    )


def _cell_provider(sheet: _Sheet, row: tuple[Cell, ...], cell: Cell, market: Market) -> str | None:
    """Whose price a cell holds: the row's, the column's, the list's; an index is nobody's but the row's."""
    own_row = _row_provider(sheet.table, row, sheet.providers)
    if own_row is not None or market == "index":
        return own_row
    column = None if sheet.in_header else _column_provider(sheet.table, cell, sheet.providers)
    return column or sheet.providers.own or sheet.listed


def _levels(
    match: re.Match[str], ranged: tuple[Decimal, Decimal] | None, caption: str
) -> list[tuple[Decimal, Decimal]]:
    """The price in a cell, and the earlier one in brackets behind it where the caption says that brackets hold one."""
    low = Decimal(match["low"])
    levels = [ranged or (low, Decimal(match["high"] or low))]
    if match["prior"] and _BRACKETED.search(caption):
        levels.append((Decimal(match["prior"]), Decimal(match["prior"])))
    return [(low, high) for low, high in levels if LOWEST <= low <= high <= HIGHEST]


def _figure(table: Table, cell: Cell, row: tuple[Cell, ...]) -> re.Match[str] | None:
    head = next((h.label for h in table.header if h.column == cell.column), "")
    if (
        head
        and _HEADER_REFUSED.search(head)
        and not (_RESERVED.search(head) and not re.search(r"eight|node|value|implied", head, re.I))
    ):
        return None
    if cell is row[0]:
        return None
    match = _FIGURE.match(cell.quote)
    if match is None or ("$" not in cell.quote and "." not in match["low"]):
        return None
    return match


def _low_and_high(table: Table, figures: list[tuple[Cell, re.Match[str]]]) -> tuple[Decimal, Decimal] | None:
    if len(figures) != 2:
        return None
    heads = [next((h.label.lower() for h in table.header if h.column == cell.column), "") for cell, _ in figures]
    if re.search(r"\b(?:low|min|from)", heads[0]) and re.search(r"\b(?:high|max|to)", heads[1]):
        return Decimal(figures[0][1]["low"]), Decimal(figures[1][1]["low"])
    return None


def _column_provider(table: Table, cell: Cell, providers: Providers) -> str | None:
    """The provider that heads a column: rows of models under the names of clouds."""
    head = next((h for h in table.header if h.column == cell.column), None)
    if head is None:
        return None
    unknown = head.quote if all(may_name(h.quote) for h in table.header if h.column) else None
    return _named_in((head,), providers) or unknown


def _named_in(cells: Sequence[Cell], providers: Providers) -> str | None:
    start, end = cells[0].start, cells[-1].end
    line = Sentence(part="text", start=start, end=end, quote="", kind="row", paragraph=0, index=0)
    named = [m for m in providers.inside(line) if m.form == "name"]
    return named[0].entity.name if named else None


def _row_provider(table: Table, row: tuple[Cell, ...], providers: Providers) -> str | None:
    named = _named_in(row, providers)
    if named is not None:
        return named
    lead = _LEADING.match(row[0].quote)
    if lead is not None and not table.header and _MODEL_WORD.search(lead[0]) is None:
        return lead["name"]
    if may_name(row[0].quote) and all(head.column != row[0].column for head in table.header):
        return row[0].quote
    column = next((head.column for head in table.header if _PROVIDER_HEADER.search(head.label)), None)
    below = (cell.quote for cell in row if cell.column == column and _FIGURE.match(cell.quote) is None)
    return next(below, None) if column is not None else None


def _cell_market(
    reading: Reading, table: Table, row: tuple[Cell, ...], cell: Cell, caption: str, usual: Market | None
) -> Market:
    head = next((h.label for h in table.header if h.column == cell.column), "")
    market = market_in(head, 0, len(head), at=len(head)) if head else None
    if market is None and head and _RESERVED.search(head):
        market = "reserved"
    if market is None:
        text = reading.document.text
        market = market_in(text, row[0].start, cell.end, at=cell.start)
    if market is None:
        market = market_in(caption, 0, len(caption), at=len(caption))
    if market is None:
        title = reading.document.title
        market = market_in(title, 0, len(title), at=len(title))
    return market or usual or "unspecified"
