"""Tables as text holds them: pipes, tabs, aligned columns, dot leaders; headers lend their units to bare cells."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from extractors.candidates import Cell, ModelMention, Quantity, QuantityKind, Sentence, Table
from extractors.patterns import read_patterns
from extractors.quantities.numbers import Number, find_numbers
from extractors.quantities.scan import scan

_PIPE = re.compile(r"[^|\n]+")
_ALIGNED = re.compile(r"\S+(?:[ \u00a0]\S+)*")
_DOTS = re.compile(r"\.{3,}(?=\s*[$€£]?\d)")
_RULE = re.compile(r"[\s|:+=_-]*\Z")
_DIGIT = re.compile(r"\d")
_HEADERS = read_patterns(
    "table_headers", required=("kind", "unit", "scale", "per", "pattern", "examples", "not_examples")
)
_UNIT_WORDS: tuple[tuple[re.Pattern[str], QuantityKind, str, Decimal, str | None], ...] = tuple(
    (re.compile(row["pattern"], re.IGNORECASE), row["kind"], row["unit"], Decimal(row["scale"]), row["per"])
    for row in _HEADERS
)
_PERIODS = (
    (re.compile(r"monthly|per month|/ ?mo|a month|\bmonth\b(?! ?reserv)(?<!\d.month)(?<!-month)", re.I), "month"),
    (re.compile(r"quarter", re.I), "quarter"),
    (re.compile(r"annual|first year|per year|a year|yearly|annum|p\.a\.", re.I), "year"),
)
_OPTION = re.compile(r"option|expansion|first refusal|ROFR|ROFO|reserved", re.IGNORECASE)


def find_tables(text: str, sentences: Sequence[Sentence]) -> tuple[Table, ...]:
    """The tables of one part: runs of at least two ``row`` sentences, blank lines between them allowed."""
    found: list[Table] = []
    run: list[Sentence] = []
    for sentence in [*sentences, None]:
        if sentence is not None and sentence.kind == "row":
            if run and text.count("\n", run[-1].end, sentence.start) > 2:
                _close(text, run, found)
                run = []
            run.append(sentence)
            continue
        if sentence is not None and run and _RULE.match(sentence.quote):
            continue
        _close(text, run, found)
        run = []
    return tuple(found)


def _close(text: str, run: list[Sentence], found: list[Table]) -> None:
    rows = [cells for row in run if len(cells := _cells(text, row)) >= 2]
    if not rows:
        return
    header: tuple[Cell, ...] = ()
    over: tuple[Cell, ...] = ()
    if len(rows) > 2 and _is_header(rows[1], rows[2]) and not _has_figures(rows[0]) and _is_aligned(text, rows[0]):
        over, rows = rows[0], rows[1:]
    if len(rows) > 1 and _is_header(rows[0], rows[1]):
        header, rows = rows[0], rows[1:]
    if header and all(len(row) == len(header) + 1 for row in rows):
        header = tuple(replace(cell, column=cell.column + 1) for cell in header)
    elif header:
        rows = [_aligned(text, header, row) for row in rows]
    if over and header:
        header = _join_headers(text, over, header)
    found.append(Table(part=run[0].part, start=run[0].start, end=run[-1].end, header=header, rows=tuple(rows)))


def _has_figures(row: tuple[Cell, ...]) -> bool:
    return any(_starts_figure(cell.quote) for cell in row)


def _is_aligned(text: str, row: tuple[Cell, ...]) -> bool:
    return not any(sign in text[row[0].start : row[-1].end] for sign in "|\t")


def _join_headers(text: str, over: tuple[Cell, ...], header: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The header's cells with the words of the line above them, by place on the line."""
    above = {cell.column: cell.quote for cell in _aligned(text, header, over)}
    return tuple(replace(cell, above=above[cell.column]) if cell.column in above else cell for cell in header)


def _cells(text: str, row: Sentence) -> tuple[Cell, ...]:
    line = row.quote
    if "|" in line:
        pieces = [(m.start(), m.end()) for m in _PIPE.finditer(line)]
    elif "\t" in line:
        pieces = [(m.start(), m.end()) for m in re.finditer(r"[^\t\n]+", line)]
    elif (dots := _DOTS.search(line)) is not None:
        pieces = [(0, dots.start()), (dots.end(), len(line))]
    else:
        pieces = [(m.start(), m.end()) for m in _ALIGNED.finditer(line)]
    cells: list[Cell] = []
    for left, right in pieces:
        while left < right and line[left].isspace():
            left += 1
        while right > left and line[right - 1].isspace():
            right -= 1
        if left < right and not _RULE.match(line[left:right]):
            start = row.start + left
            cells.append(
                Cell(part=row.part, start=start, end=row.start + right, quote=line[left:right], column=len(cells))
            )
    return tuple(cells)


def _is_header(first: tuple[Cell, ...], second: tuple[Cell, ...]) -> bool:
    """Whether the first row names columns: its cells after the first hold no figures where the next row's do."""

    def figures(row: tuple[Cell, ...]) -> int:
        return sum(_starts_figure(cell.quote) for cell in row[1:])

    return (figures(first) == 0 and len(first) >= 2 and figures(second) > 0) or (
        figures(first) == 0 and len(first) >= 3
    )


def _starts_figure(words: str) -> bool:
    return (
        re.match(r"(?:(?:US|A|C|HK)?[$€£] ?)?\d|n/a\b|—", words) is not None
        and re.match(r"\d+[- ](?:year|month|yr)", words) is None
    )


def _aligned(text: str, header: tuple[Cell, ...], row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The row with each cell under the header it stands below, where a cell is missing."""
    if (
        (
            len(row) == len(header)
            and header[0].start - text.rfind("\n", 0, header[0].start)
            == row[0].start - text.rfind("\n", 0, row[0].start)
        )
        or "|" in text[row[0].start : row[-1].end]
        or "\t" in text[row[0].start : row[-1].end]
    ):
        return row
    if len(row) > len(header):
        return row
    head_line = text.rfind("\n", 0, header[0].start) + 1
    row_line = text.rfind("\n", 0, row[0].start) + 1
    spans = [(cell.start - head_line, cell.end - head_line) for cell in header]
    moved = []
    for cell in row:
        left, right = cell.start - row_line, cell.end - row_line
        column = max(range(len(spans)), key=lambda i: min(right, spans[i][1]) - max(left, spans[i][0]))
        moved.append(Cell(part=cell.part, start=cell.start, end=cell.end, quote=cell.quote, column=column))
    return tuple(moved)


def find_table_quantities(
    text: str,
    tables: Sequence[Table],
    found: Sequence[Quantity],
    models: Sequence[ModelMention],
    *,
    dollar: str | None = "USD",
) -> tuple[Quantity, ...]:
    """``found`` with what the headers of tables say added: units for bare cells, periods and options for others."""
    by_start = {quantity.start: index for index, quantity in enumerate(found)}
    out = list(found)
    added: list[Quantity] = []
    for table in tables:
        caption = _caption(text, table)
        for row in table.rows:
            for cell in row:
                label = _label(table, row, cell, caption)
                inside = [i for start, i in by_start.items() if cell.start <= start < cell.end]
                if inside and all(out[index].rule == "elliptic" for index in inside) and unit_of_header(label):
                    quantity = _read_cell(text, cell, label, row, models, dollar)
                    if quantity is not None:
                        out[inside[0]] = quantity
                elif inside:
                    for index in inside:
                        out[index] = _with_label(out[index], label)
                elif label and _DIGIT.search(cell.quote):
                    quantity = _read_cell(text, cell, label, row, models, dollar)
                    if quantity is not None:
                        added.append(quantity)
    return tuple(sorted([*out, *added], key=lambda quantity: quantity.start)) if tables else tuple(found)


_SCALE = re.compile(
    r"\(?(?P<unit>(?:US)?\$|€|£|dollars|amounts?|figures)[^.\n]{0,24} in (?P<scale>thousands|millions"
    r"|billions)|\bin thousands\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\b(?:value|amount|price|size|consideration|rent|fees?|proceeds|principal|cost|payments?|total)\b", re.IGNORECASE
)


def _caption(text: str, table: Table) -> str:
    """The scale that the words before a table give its amounts, as a header would: ``$ millions``."""
    found = deque(_SCALE.finditer(text, max(0, table.start - 400), table.start), maxlen=1)
    return f"$ in {found[0]['scale'] or 'thousands'}" if found else ""


def _label(table: Table, row: tuple[Cell, ...], cell: Cell, caption: str) -> str:
    """The header over a cell, or the row's own first cell where the table has no header, with the caption's scale."""
    label = _own_label(table, row, cell)
    return f"{label} ({caption})" if caption and _AMOUNT.search(label) and not unit_of_header(label) else label


def _own_label(table: Table, row: tuple[Cell, ...], cell: Cell) -> str:
    if table.header:
        header = next((head for head in table.header if head.column == cell.column), None)
        words = header.label if header is not None else ""
        if cell.column and not unit_of_header(words):
            return f"{row[0].quote} {words}"
        return words
    return row[0].quote if cell.column else ""


def unit_of_header(label: str) -> tuple[QuantityKind, str, Decimal, str | None] | None:
    """The kind, unit, scale and period that a header gives the bare figures under it, or None."""
    for pattern, kind, unit, scale, per in _UNIT_WORDS:
        if pattern.search(label):
            return kind, unit, scale, per
    return None


def _with_label(quantity: Quantity, label: str) -> Quantity:
    cues = quantity.cues | {"option"} if _OPTION.search(label) else quantity.cues
    unit = unit_of_header(label)
    if quantity.kind == "money" and quantity.per is None:
        if unit is not None and unit[0] == "gpu_rate" and quantity.value < 100:
            code = (quantity.currency or "dollars").lower()
            return replace(quantity, kind="gpu_rate", per="gpu_hour", unit=f"{code}_per_gpu_hour", cues=cues)
        per = next((name for pattern, name in _PERIODS if pattern.search(label)), None)
        if per is not None and not re.search(r"\bterm\b|contract", label, re.I):
            return replace(quantity, per=per, cues=cues)
    if quantity.kind == "power" and quantity.basis is None:
        basis = _basis(label)
        if basis is not None:
            return replace(quantity, basis=basis, cues=cues)  # type: ignore[arg-type]
    return quantity if cues is quantity.cues else replace(quantity, cues=cues)


def _basis(label: str) -> str | None:
    if re.search(r"critical|\bIT\b", label):
        return "critical_it"
    match = re.search(r"utility|gross|nameplate|installed|grid|guaranteed", label, re.IGNORECASE)
    return {"grid": "utility"}.get(match[0].lower(), match[0].lower()) if match else None


def _read_cell(
    text: str, cell: Cell, label: str, row: tuple[Cell, ...], models: Sequence[ModelMention], dollar: str | None
) -> Quantity | None:
    unit = unit_of_header(label)
    if unit is None:
        return None
    places = scan(cell.quote)
    numbers = find_numbers(cell.quote, places.digits, places.spelled)
    if (
        not numbers
        or numbers[0].start > 3
        or len(numbers) > 2
        or any(m.start < cell.end and cell.start < m.end for m in models)
    ):
        return None
    number = numbers[0]
    kind, name, scale, per = unit
    if kind == "duration" and not 0 < number.value <= 600:
        return None
    if kind == "gpus" and (number.value < 8 or number.value != int(number.value)):
        return None
    return _cell_quantity(text, cell, label, row, models, number, (kind, name, scale, per), dollar, numbers)


def _cell_quantity(
    text: str,
    cell: Cell,
    label: str,
    row: tuple[Cell, ...],
    models: Sequence[ModelMention],
    number: Number,
    unit: tuple[QuantityKind, str, Decimal, str | None],
    dollar: str | None,
    numbers: list[Number],
) -> Quantity:
    kind, name, scale, per = unit
    start, end = cell.start + number.start, cell.start + numbers[-1].end
    in_row = tuple(m.gpu_model for m in models if row[0].start <= m.start and m.end <= row[-1].end)
    if kind == "money" and per is None and not re.search(r"\bterm\b|contract|total", label, re.I):
        per = next((word for pattern, word in _PERIODS if pattern.search(label)), None)
    return Quantity(
        part=cell.part,
        start=start,
        end=end,
        quote=text[start:end],
        kind=kind,
        value=number.value * scale,
        unit=name,
        high=numbers[-1].value * scale if len(numbers) == 2 else None,
        currency=("USD" if name.startswith("usd") else name) if kind in ("money", "gpu_rate", "power_rate") else None,
        per=per,
        hedge=None,
        hedge_start=start,
        resolution=number.step * scale / 2,
        basis=_basis(label) if kind == "power" else None,  # type: ignore[arg-type]
        models=in_row if kind in ("gpus", "gpu_rate") else (),
        cues=frozenset({"option"}) if _OPTION.search(label) else frozenset(),
        rule="table",
    )
