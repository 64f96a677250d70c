"""The text of a PDF: paragraphs put together again, aligned columns as cells joined by `` | ``."""

from __future__ import annotations

import io
import logging
import re
from itertools import groupby

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from megawatch.errors import SourceError
from megawatch.sources.html import tidy

MOST_PAGES = 600
MOST_BYTES = 64_000_000
MOST_CHARACTERS = 5_000_000
_GAP = re.compile(r" {3,}|\t+")
_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")

logging.getLogger("pypdf").setLevel(logging.ERROR)


def read_pdf(body: bytes, *, name: str = "PDF") -> str:
    """Read the text of a PDF; raises SourceError naming it where it is broken, locked, or holds pictures only."""
    if len(body) > MOST_BYTES:
        raise SourceError(f"{name}: {len(body):,} bytes, more than {MOST_BYTES:,}; it is not read.")
    try:
        text = _pages_text(body)
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, RecursionError) as error:
        raise SourceError(f"{name}: not a readable PDF ({type(error).__name__}: {error}).") from error
    if not text:
        raise SourceError(f"{name}: the PDF holds no text, perhaps only pictures of pages.")
    return text


def _pages_text(body: bytes) -> str:
    reader = PdfReader(io.BytesIO(body))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ValueError("it is locked by a password")
    parts: list[str] = []
    for page in reader.pages[:MOST_PAGES]:
        parts.append(page.extract_text(extraction_mode="layout"))
        if sum(map(len, parts)) > MOST_CHARACTERS:
            break
    return tidy("\n\n".join(laid_out(part) for part in parts))


def laid_out(page: str) -> str:
    """Turn the lines of a laid-out page into paragraphs and tables.

    Two lines or more of the same number of cells, divided by wide gaps, are a table.
    """
    lines = [line.strip() for line in page.splitlines()]
    blocks: list[str] = []
    for cells, group in groupby(lines, key=lambda line: len(_GAP.split(line)) if line else 0):
        found = list(group)
        if cells > 1 and len(found) > 1:
            blocks.append("\n" + "\n".join(" | ".join(_GAP.split(line)) for line in found) + "\n")
        elif cells:
            blocks.append(_HYPHEN.sub("", "\n".join(found)).replace("\n", " "))
        else:
            blocks.append("")
    return "\n".join(blocks)
