"""How tests of the names room put a text before it."""

from extractors.parties import PartyMention, find_in
from extractors.sentences import split_sentences
from megawatch.market import Document, Source


def document(text: str, *, title: str = "", source: Source = "news", publisher: str = "Grid Courier") -> Document:
    return Document(id="d", title=title, text=text, published="2026-05-01", source=source, publisher=publisher)


def mentions(
    text: str, *, title: str = "", source: Source = "news", publisher: str = "Grid Courier"
) -> tuple[PartyMention, ...]:
    read = document(text, title=title, source=source, publisher=publisher)
    sentences = (*split_sentences(read.title, part="title"), *split_sentences(read.text, part="text"))
    return find_in(read, sentences)


def names(text: str, *, title: str = "", source: Source = "news", publisher: str = "Grid Courier") -> list[str]:
    found = mentions(text, title=title, source=source, publisher=publisher)
    return list(dict.fromkeys(mention.entity.name for mention in found if not mention.entity.unnamed))
