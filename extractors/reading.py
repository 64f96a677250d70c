"""One pass over a document: sentences, tables, quantities, dates and accelerator models, for those who assemble."""

from __future__ import annotations

import re

from extractors.candidates import DateMention, ModelMention, Quantity, Reading, Sentence, Table
from extractors.quantities import find_dates, find_quantities
from extractors.quantities.models import find_models
from extractors.quantities.scan import scan
from extractors.sentences import split_sentences
from extractors.tables import find_table_quantities, find_tables
from megawatch.market import Document, Part

_FOREIGN = re.compile(
    r"\b(?P<exchange>ASX|TSX(?:[.-]V)?|TSXV|CSE|HKEX|SEHK|SGX|NZX)\s?:"
    r"|\b(?:amounts|figures|dollars?|expressed|stated|reported|otherwise|presented)\b[^.\n]{0,40} in"
    r" (?P<country>Australian|Canadian|Hong Kong|Singapore|New Zealand) dollars\b"
    r"|(?P<mark>(?<![A-Z])(?:A|AU|C|HK|S|NZ)\$)"
)
_DOLLARS = {"Australian": "AUD", "Canadian": "CAD", "Hong Kong": "HKD", "Singapore": "SGD", "New Zealand": "NZD"}
_FOREIGN_SIGNS = ("ASX", "TSX", "CSE", "HKEX", "SEHK", "SGX", "NZX", " dollars", "A$", "C$", "K$", "S$", "Z$", "U$")


def read_document(document: Document) -> Reading:
    """Everything the grammar finds in a document, title before text; one document always gives one reading."""
    dollar = find_dollar(document)
    sentences: list[Sentence] = []
    tables: list[Table] = []
    quantities: list[Quantity] = []
    dates: list[DateMention] = []
    models: list[ModelMention] = []
    parts: tuple[Part, ...] = ("title", "text")
    for part in parts:
        text = document.part(part)
        if not text:
            continue
        split = split_sentences(text, part=part)
        anchors = scan(text)
        named = find_models(text, part=part, anchors=anchors)
        grids = find_tables(text, split)
        found = find_quantities(text, part=part, models=named, dollar=dollar, anchors=anchors)
        sentences += split
        models += named
        tables += grids
        quantities += find_table_quantities(text, grids, found, named, dollar=dollar) if grids else found
        dates += find_dates(text, part=part, published=document.published, anchors=anchors)
    return Reading(
        document=document,
        sentences=tuple(sentences),
        tables=tuple(tables),
        quantities=tuple(quantities),
        dates=tuple(dates),
        models=tuple(models),
        dollar=dollar,
    )


def find_dollar(document: Document) -> str | None:
    """What a bare ``$`` stands for in the document: ``USD``, or None where another dollar may be meant.

    A statement that amounts are in another dollar settles it. A listing in Australia, Canada, Hong Kong, Singapore or
    New Zealand, without any sign of US dollars, leaves a bare sign open.
    """
    text = f"{document.title}\n{document.text}"
    if "$" not in text:
        return "USD"
    if not any(sign in text for sign in _FOREIGN_SIGNS):
        return "USD"
    matches = list(_FOREIGN.finditer(text))
    foreign = {match.lastgroup for match in matches}
    if not foreign:
        return "USD"
    stated = {_DOLLARS[match["country"]] for match in matches if match["country"]}
    if stated:
        return stated.pop() if len(stated) == 1 else None
    if "US$" in text or "USD" in text or "Nasdaq" in text or "NASDAQ" in text or "NYSE" in text:
        return "USD"
    return None if "exchange" in foreign else "USD"
