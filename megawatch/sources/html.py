"""From the bytes of a page to a tree, and from a tree to plain text that keeps tables and lists.

A table of figures becomes lines, one a row, cells joined by `` | ``, the header first, with a blank line before and
after; a list becomes lines that begin with a bullet. Both are written into the tree, between marks that were taken out
of the page before, so that whatever takes the text cannot lose their rows.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from lxml import etree
from lxml import html as lxml_html
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding

from megawatch.errors import SourceError

OPEN, LINE, CLOSE = "⸢", "⸤", "⸣"
LONGEST_CELL = 300
MOST_CELLS = 20_000
MOST_TAGS = 2_000_000
MOST_LINKS = 1_000
_MARKS = re.compile(f"[{OPEN}{LINE}{CLOSE}]")
_BLOCK = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n{3,}")
_SIGN_BEFORE = frozenset(("", "$", "€", "£", "¥", "(", "US$", "C$", "A$"))
_SIGN_AFTER = frozenset(("", "%", ")", ")%", "x", "×", "MW", "GW", "bps"))


def decode(body: bytes, content_type: str = "") -> str:
    """Turn bytes into text by byte order mark, header, page, then by what the bytes look like; never fails.

    ``content_type`` is the header of that name, or empty.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_other(body, content_type)
    return _decode_other(body, content_type) if "\x1b$" in text or "\x00" in text else text


def _decode_other(body: bytes, content_type: str) -> str:
    named = _CHARSET.search(content_type) or _CHARSET.search(body[:2048].decode("latin-1"))
    guess = named.group(1) if named else detect_encoding(body, from_html_meta=True) or "windows-1252"
    if guess.lower() in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"):
        guess = "windows-1252"  # what browsers take these names for
    try:
        return str(bytes_to_str(body, guess, "replace"))
    except (LookupError, UnicodeError):
        return body.decode("utf-8", "replace")


def parse(html: str) -> Any:
    """Parse a page into an lxml tree; SourceError where it holds none, or one too large to be a page."""
    if html.count("<") > MOST_TAGS:
        raise SourceError("the page holds more than two million tags; it is not read")
    for sign in (OPEN, LINE, CLOSE, "\x00"):
        html = html.replace(sign, "")
    clean = html.encode("utf-8", "replace")
    try:
        tree = lxml_html.document_fromstring(clean, parser=lxml_html.HTMLParser(encoding="utf-8", remove_comments=True))
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise SourceError(f"the page cannot be parsed ({error})") from error
    if tree.find("body") is None:
        etree.SubElement(tree, "body")
    return tree


def node_text(node: Any) -> str:
    """Give the words of a node on one line; what blocks and line breaks divide stays divided."""
    if not _DIVIDED(node):
        return " ".join(_ALL_TEXT(node).split())
    parts: list[str] = []
    skipping = 0
    for event, part in etree.iterwalk(node, events=("start", "end")):
        tag = part.tag if isinstance(part.tag, str) else ""
        if event == "start":
            skipping += tag in _SILENT
            parts.append(" " if tag in _BLOCKS else "")
            parts.append("" if skipping else part.text or "")
        else:
            skipping -= tag in _SILENT
            parts.append(" " if tag in _BLOCKS else "")
            parts.append("" if part is node or skipping else part.tail or "")
    return " ".join("".join(parts).split())


def mostly_links(node: Any, share: float) -> bool:
    """Whether more than that share of a node's words stand in links: a menu, not a text."""
    if _LINKS(node) > MOST_LINKS:
        return True
    linked = sum(len(text.strip()) for text in _LINK_TEXTS(node))
    return bool(linked) and linked > share * len("".join(_ALL_TEXT(node).split()))


_SILENT = frozenset(("script", "style", "noscript", "template"))
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)


_ALL_TEXT = etree.XPath("string()", smart_strings=False)
_CELLS = etree.XPath("count(.//td) + count(.//th)")
_LINKS = etree.XPath("count(.//a)")
_ELEMENTS = etree.XPath("count(//*)")
_LINK_TEXTS = etree.XPath(".//a//text()", smart_strings=False)
_DIVIDED = etree.XPath("boolean(.//*[" + " or ".join(f"self::{tag}" for tag in sorted(_BLOCKS | _SILENT)) + "])")


def count_elements(tree: Any) -> int:
    """Count the elements of a tree."""
    return int(_ELEMENTS(tree))


def mark_blocks(tree: Any) -> int:
    """Write every table of figures and every list of the tree as marked lines; the number of tables found."""
    tables = 0
    found = list(tree.iter("table"))
    outer = {table for table in found if _holds(table, "table")}
    for table in reversed(found):
        rows = [] if table in outer else table_rows(table)
        if rows:
            _replace(table, [_row_line(row, rows) for row in rows])
            tables += len(rows) > 1
        else:
            _lay_open(table)
    for items in list(tree.iter("ul", "ol")):
        lines = _list_lines(items)
        if lines:
            _replace(items, lines)
    return tables


def _lay_open(table: Any) -> None:
    """Turn a table that only lays out a page into plain divisions."""
    for part in list(table.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th")):
        part.tag = "div"


def _row_line(row: list[str], rows: list[list[str]]) -> str:
    return (" " if len(rows) == 1 else " | ").join(row).rstrip(" |")


def plain_text(tree: Any) -> str:
    """Give all visible text of a tree whose blocks were marked."""
    html = lxml_html.tostring(tree, encoding="unicode")
    found = extract_plain_text(html, preserve_formatting=True, main_content=False, alt_texts=False)
    return spaced(tidy(unmark(str(found))))


def spaced(text: str) -> str:
    """Divide paragraphs by a blank line, but leave the lines of a table or list together."""
    lines = [line for line in text.split("\n") if line]
    parts: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        together = _kind(line) and _kind(line) == _kind(after)
        parts.append(line + ("\n" if together else "\n\n"))
    return "".join(parts).strip()


def _kind(line: str) -> str:
    return "row" if " | " in line else "item" if line.startswith("• ") or _NUMBERED.match(line) else ""


_NUMBERED = re.compile(r"\d{1,3}\. ")


def unmark(text: str) -> str:
    """Turn the marked lines of a text back into lines of their own, a blank line before and after."""
    if OPEN not in text:
        return text
    marked = _BLOCK.sub(lambda block: "\n\n" + "\n".join(_lines(block.group(1))) + "\n\n", text)
    return _MARKS.sub("", marked)


def _lines(block: str) -> list[str]:
    return [line for line in (" ".join(part.split()) for part in block.split(LINE)) if line]


def tidy(text: str) -> str:
    """Clean a text: no control or unseen characters, single spaces, at most one blank line between paragraphs."""
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text).strip()
    text = unicodedata.normalize("NFC", _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    text = text.replace("\x85", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x0c", "\n\n")
    text = _SPACES.sub(" ", _UNSEEN.sub("", text))
    text = "\n".join(line.strip() for line in text.split("\n"))
    return _GAPS.sub("\n\n", text).strip()


def table_rows(table: Any) -> list[list[str]]:
    """Read a table as rows of cells, spans filled, empty and sign-only columns folded away.

    Empty where the table lays out a page rather than telling figures: it holds tables, headings or long texts.
    """
    if (table.get("role") or "") in LAYOUT or _holds(table, "h1", "h2", "form", "nav"):
        return []
    if _CELLS(table) > MOST_CELLS:
        return []
    grid: list[list[str]] = []
    held: dict[int, tuple[int, str]] = {}
    cells = 0
    for row in table.iter("tr"):
        line, held = _grid_row(row, held)
        cells += len(line)
        if cells > MOST_CELLS or max((len(cell) for cell in line), default=0) > LONGEST_CELL:
            return []
        if any(line):
            grid.append(line)
    rows = _folded(grid)
    return rows if _tells_figures(rows, table) else []


def _holds(node: Any, *tags: str) -> bool:
    return any(part is not node for part in node.iter(*tags))


LAYOUT = ("presentation", "none")


def _tells_figures(rows: list[list[str]], table: Any) -> bool:
    if not rows:
        return False
    if len(rows) == 1:  # a bullet and its text, as filings lay out lists
        return len(rows[0]) == 2 and len(rows[0][0]) <= 4
    if max(len(row) for row in rows) < 2:
        return False
    return not mostly_links(table, 0.6)


def _grid_row(row: Any, held: dict[int, tuple[int, str]]) -> tuple[list[str], dict[int, tuple[int, str]]]:
    line: list[str] = []
    after: dict[int, tuple[int, str]] = {}

    def fill() -> None:
        while len(line) in held:
            left, text = held[len(line)]
            if left > 1:
                after[len(line)] = (left - 1, text)
            line.append(text)

    for cell in row.iter("td", "th"):
        fill()
        text = node_text(cell)
        down = _span(cell, "rowspan")
        for offset in range(_span(cell, "colspan")):
            if down > 1:
                after[len(line)] = (down - 1, text if not offset else "")
            line.append("" if offset else text)
    fill()
    return line, after


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), 50) if value.isascii() and value.isdigit() and int(value[:4]) else 1


def _folded(grid: list[list[str]]) -> list[list[str]]:
    width = max((len(row) for row in grid), default=0)
    columns = [[row[index] if index < len(row) else "" for row in grid] for index in range(width)]
    kept: list[list[str]] = []
    for column in columns:
        if any(column):
            if kept and _one_column(kept[-1], column):
                kept[-1] = [_joined(a, b) for a, b in zip(kept[-1], column, strict=True)]
            else:
                kept.append(column)
    return [list(row) for row in zip(*kept, strict=True)]


def _one_column(left: list[str], right: list[str]) -> bool:
    """Whether two columns are one: a sign and its figure, or a heading over the left and its figures in the right."""
    signs = [a and b for a, b in zip(left, right, strict=True) if (a and a in _SIGN_BEFORE) or (b and b in _SIGN_AFTER)]
    whole = all(not a or not b or a in _SIGN_BEFORE or b in _SIGN_AFTER for a, b in zip(left, right, strict=True))
    return whole and (bool(signs) or (bool(left[0]) and not any(left[1:])))


def _joined(left: str, right: str) -> str:
    if not left or not right:
        return left or right
    return left + right if left in _SIGN_BEFORE or right in ("%", ")", ")%", "x", "×") else f"{left} {right}"


def _list_lines(items: Any) -> list[str]:
    """Give the lines of a list of texts; none for a menu (nearly all links), or a list that holds lists or tables."""
    if _holds(items, "ul", "ol", "table", "h1", "h2", "h3", "form"):
        return []
    if mostly_links(items, 0.5):
        return []
    texts = [text for text in (node_text(item) for item in items.iter("li")) if text]
    if items.tag == "ol":
        return [f"{number}. {text}" for number, text in enumerate(texts, 1)]
    return [f"• {text.lstrip('•·▪ ')}" for text in texts]


def _replace(node: Any, lines: list[str]) -> None:
    parent = node.getparent()
    if parent is None:
        return
    paragraph = etree.SubElement(parent, "p")
    paragraph.text = OPEN + LINE.join(line for line in lines if line) + CLOSE
    paragraph.tail = node.tail
    parent.replace(node, paragraph)
