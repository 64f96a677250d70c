"""What a reader sees or hears of an edition, row by row: the material of the check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from megawatch.briefs.render import CLOSE, MIDDLE, OPEN, Rendered

INLINE = frozenset(("a", "span", "strong", "em", "b", "i", "sup"))
VOID = frozenset(("br", "img", "meta", "link", "input", "hr", "col", "path", "use", "base"))
SILENT = frozenset(("style", "script", "defs"))
_NOTE = re.compile(r"\[\^?(\d+)\]:?")


@dataclass(frozen=True, slots=True)
class Passage:
    """Words printed in one place of one row, and the footnotes cited in it."""

    key: str
    text: str
    where: str
    notes: tuple[int, ...] = ()


def read_passages(rendered: Rendered) -> Iterator[Passage]:
    """The HTML, the page and the plain twins, split by row; axes of charts, which state nothing, are left out."""
    for where, html in (("the HTML", rendered.html), ("the page", rendered.page)):
        yield from html_passages(html, where)
    for where, marked in (("the text", rendered.marked_text), ("the Markdown", rendered.marked_markdown)):
        yield from marked_passages(marked, where)


def html_passages(html: str, where: str) -> tuple[Passage, ...]:
    """The passages of a page: text, alternative texts and labels, each with the row it stands in."""
    reader = _Reader(where)
    reader.feed(html)
    reader.close()
    reader.flush()
    return tuple(reader.passages)


def marked_passages(marked: str, where: str) -> Iterator[Passage]:
    """The passages of a text whose rows are marked."""
    for place, piece in enumerate(re.split(f"{OPEN}|{CLOSE}", marked)):
        key, text = piece.split(MIDDLE, 1) if MIDDLE in piece else ("edition", piece)
        notes = tuple(int(number) for number in _NOTE.findall(text)) if place else ()
        if text.strip():
            yield Passage(key, _NOTE.sub(" ", text), where, notes)


class _Reader(HTMLParser):
    def __init__(self, where: str) -> None:
        super().__init__(convert_charrefs=True)
        self.where = where
        self.open: list[tuple[str, str, bool]] = [("", "edition", False)]
        self.passages: list[Passage] = []
        self.pieces: list[str] = []
        self.notes: list[int] = []

    def flush(self) -> None:
        text = "".join(self.pieces)
        if text.strip() or self.notes:
            self.passages.append(Passage(self.open[-1][1], text, self.where, tuple(self.notes)))
        self.pieces, self.notes = [], []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        _, key, silent = self.open[-1]
        if tag not in INLINE or "data-s" in found:
            self.flush()
        key = found.get("data-s") or key
        silent = silent or tag in SILENT or "matplotlib.axis" in (found.get("id") or "")
        spoken = (found.get(name) for name in ("alt", "aria-label", "title"))
        self.passages += [Passage(key, text, self.where) for text in spoken if text]
        if tag not in VOID:
            self.open.append((tag, key, silent))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE or (len(self.open) > 1 and self.open[-1][1] != self.open[-2][1]):
            self.flush()
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _, _ in self.open]
        if self.open[-1][2]:
            return
        if "sup" in tags:
            self.notes += [int(number) for number in data.split() if number.isdigit()]
            left = [word for word in data.split() if not word.isdigit()]
            self.pieces.append(f" {' '.join(left)} ")
        else:
            self.pieces.append(data)
