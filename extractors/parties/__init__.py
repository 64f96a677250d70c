"""The names room: every organisation of a document, each mention led back to whom it means."""

from extractors.parties.find import find_in, find_parties
from extractors.parties.types import PartyEntity, PartyMention, SiteMention

__all__ = ["PartyEntity", "PartyMention", "SiteMention", "find_in", "find_parties"]
