"""From documents to findings: a blank spaCy pipeline with the components of this room, nothing to download.

``megawatch_reading`` finds sentences, tables, figures, dates and chips, ``megawatch_parties`` names and places,
``megawatch_opinions`` asks the trained reader about them (the reader ``grammar`` goes without), ``megawatch_deals``
assembles deals, ``megawatch_prices`` reads market prices. Each leaves what it found in ``doc.user_data["megawatch"]``,
in types of our own: a Span dies with its Doc.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from extractors.candidates import Reading
from extractors.deals.assemble import assemble_deals, read_weights
from extractors.deals.view import View, build_view
from extractors.parties import find_parties
from extractors.parties.types import PartyMention, SiteMention
from extractors.prices import find_prices
from extractors.reading import read_document
from extractors.sites import find_sites
from megawatch.errors import ExtractionError
from megawatch.market import DealMention, Document, Findings, Leftover, PriceMention

Reader = Literal["trained", "grammar"]
READER: Reader = "trained"
_LOG = logging.getLogger("megawatch.extractors")
_KEY = "megawatch"
_LONGEST = 200_000_000
_OPINIONS = "megawatch_opinions"
COMPONENTS = ("megawatch_reading", "megawatch_parties", _OPINIONS, "megawatch_deals", "megawatch_prices")


def _version() -> str:
    """``1.`` and eight digits that change with any rule, pattern or weight of this room."""
    room = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(room.rglob("*")):
        if path.suffix in (".py", ".json", ".jsonl", ".txt", ".onnx", ".npz"):
            digest.update(path.relative_to(room).as_posix().encode() + b"\0" + path.read_bytes())
    return f"1.{digest.hexdigest()[:8]}"


EXTRACTOR_VERSION = _version()


def version_of(reader: Reader) -> str:
    """The version that claims of a reader carry: that of this room, with ``g`` behind where the grammar read alone."""
    return EXTRACTOR_VERSION if reader == "trained" else f"{EXTRACTOR_VERSION}g"


# Words and signs up to which the trained reader is asked. The longest document it was taught and measured on has 450
# words; on longer ones, as on any text outside what it knows, the grammar's own weights decide.
LONGEST = 600


@dataclass(slots=True)
class State:
    """What the components have found in one document so far."""

    document: Document
    reading: Reading | None = None
    parties: tuple[PartyMention, ...] = ()
    sites: tuple[SiteMention, ...] = ()
    view: View | None = None
    deals: tuple[DealMention, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    prices: tuple[PriceMention, ...] = ()


@Language.component("megawatch_reading")
def _reading(doc: Doc) -> Doc:
    state = doc.user_data[_KEY]
    state.reading = read_document(state.document)
    return doc


@Language.component("megawatch_parties")
def _parties(doc: Doc) -> Doc:
    state = doc.user_data[_KEY]
    state.parties = find_parties(state.reading)
    state.sites = find_sites(state.reading, parties=state.parties)
    state.view = build_view(state.reading, parties=state.parties, sites=state.sites)
    return doc


@Language.component(_OPINIONS)
def _opinions(doc: Doc) -> Doc:
    from extractors.reader.network import read_network

    view = doc.user_data[_KEY].view
    if view is not None and view.items and len(view.words) <= LONGEST:
        view.opinions = read_network().read(view)
    return doc


@Language.component("megawatch_deals")
def _deals(doc: Doc) -> Doc:
    state = doc.user_data[_KEY]
    weights = read_weights(trained=state.view.opinions is not None)
    state.deals, state.leftovers = assemble_deals(state.view, weights)
    return doc


@Language.component("megawatch_prices")
def _prices(doc: Doc) -> Doc:
    state = doc.user_data[_KEY]
    state.prices = find_prices(state.reading, parties=state.parties)
    return doc


@cache
def build_pipeline(reader: Reader = READER) -> Language:
    """The pipeline of a reader, built once a process."""
    nlp = spacy.blank("en")
    nlp.max_length = _LONGEST
    for name in COMPONENTS:
        if name != _OPINIONS or reader == "trained":
            nlp.add_pipe(name)
    return nlp


def extract(
    documents: Iterable[Document],
    *,
    reader: Reader = READER,
    on_fault: Callable[[ExtractionError], None] | None = None,
) -> Iterator[Findings]:
    """The findings of each document, in order, one for one.

    A document that cannot be read yields findings without deals; the fault, naming the document, goes to ``on_fault``
    (by default to the log), and the rest goes on.
    """
    for document in documents:
        try:
            yield read_findings(document, reader=reader)
        except ExtractionError as fault:
            (on_fault or _report)(fault)
            yield _to_findings(State(document), reader)


def read_findings(document: Document, *, reader: Reader = READER) -> Findings:
    """The findings of one document; raises ExtractionError naming it where it cannot be read."""
    return _to_findings(run_components(document, nlp=build_pipeline(reader)), reader)


def _to_findings(state: State, reader: Reader) -> Findings:
    return Findings(
        document_id=state.document.id,
        extractor_version=version_of(reader),
        deals=state.deals,
        prices=state.prices,
        leftovers=state.leftovers,
    )


def read_view(document: Document) -> View:
    """What the assembler gets to see of a document: all candidates, no opinion and no deal yet."""
    view = run_components(document, until="megawatch_deals", nlp=build_pipeline("grammar")).view
    assert view is not None
    return view


def run_components(document: Document, *, nlp: Language | None = None, until: str | None = None) -> State:
    """What the components before ``until`` found in one document; raises ExtractionError naming it where one fails."""
    nlp, state = nlp or build_pipeline(), State(document)
    doc = Doc(nlp.vocab)
    doc.user_data[_KEY] = state
    try:
        for name, component in nlp.pipeline:
            if name == until:
                break
            doc = component(doc)
    except Exception as fault:
        raise ExtractionError(
            f"Document {document.id!r} could not be read ({type(fault).__name__}: {fault}). "
            "Send its text with a report; the other documents are not affected."
        ) from fault
    return state


def _report(fault: ExtractionError) -> None:
    _LOG.warning("%s", fault)
