"""What the names room hands on: who is spoken of, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from megawatch.market import Evidence, Part

Form = Literal["name", "ticker", "defined", "descriptor", "pronoun", "unnamed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyEntity:
    """One organisation of one document.

    ``entity_id`` counts from 0 in order of first mention and means nothing outside the document. ``name`` is the
    fullest name the text uses, ``names`` all of them, fullest first. ``lexicon_id`` and ``segment`` are set where the
    company is a known one. ``publisher`` marks the entity that speaks in a filing or press release ("the Company",
    "we"). ``unnamed`` marks a party that is described and never named ("a U.S. hyperscaler"): its ``name`` is the
    description and may never be given out as a name. ``weight`` (0 to 1) says how sure it is to be an organisation.
    ``parents`` holds the names of owners that the text would accept in its place ("a subsidiary of X"); ``nouns`` the
    words by which the text, the frames or the lexicon call it ("landlord", "neocloud", "denver"), lower case.
    """

    entity_id: int
    name: str
    names: tuple[str, ...]
    lexicon_id: str | None = None
    segment: str | None = None
    ticker: str | None = None
    publisher: bool = False
    unnamed: bool = False
    weight: float = 1.0
    parents: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyMention:
    """One place where an organisation is mentioned; ``document.part(part)[start:end] == text``.

    ``form`` says how: by ``name``, ``ticker``, ``defined`` term ("the Company"), ``descriptor`` ("the landlord"),
    ``pronoun``, or as an ``unnamed`` party. ``role`` is the noun of a descriptor in the singular, lower case
    (``landlord``, ``company``), else empty. ``possessive`` is set before "'s", and for "its" and "our". ``end`` never
    takes in the "'s". ``confidence`` is that of the reference: 1 for a name, less for what was resolved. ``frames`` are
    the roles that the words around this mention give ("leased to X": ``tenant``; see ``patterns/party_roles.jsonl``).
    """

    entity: PartyEntity
    part: Part
    start: int
    end: int
    text: str
    form: Form = "name"
    role: str = ""
    possessive: bool = False
    confidence: float = 1.0
    frames: tuple[str, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """The mention as a quotable passage."""
        return Evidence(part=self.part, start=self.start, end=self.end, quote=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMention:
    """One place as written: campus, town, county, state or country; ``document.part(part)[start:end] == text``.

    ``kind`` is ``campus`` (a named site), ``town``, ``county``, ``state``, ``country`` or ``region``; the finest one
    that the mention holds ("Ellendale, North Dakota" is a ``town``). ``cue`` is the word that leads to it, lower case
    ("in", "at", "campus", "near" …), or empty. ``confidence`` falls for places that no data-center word stands near.
    """

    part: Part
    start: int
    end: int
    text: str
    kind: str
    cue: str = ""
    confidence: float = 1.0

    @property
    def evidence(self) -> Evidence:
        """The mention as a quotable passage."""
        return Evidence(part=self.part, start=self.start, end=self.end, quote=self.text)
