"""Every error of the project: one root, a branch a room.

A message names the document or setting at fault and says what to do next.
"""


class MegawatchError(Exception):
    """Root of all errors raised on purpose by Megawatch."""


class SettingsError(MegawatchError, ValueError):
    """A setting is unknown, missing or out of range."""


class LexiconError(MegawatchError, ValueError):
    """A lexicon or pattern file does not keep its own rules."""


class SourceError(MegawatchError):
    """A source, feed, page or file could not be read."""


class ExtractionError(MegawatchError):
    """A document could not be read by the extractors."""


class LedgerError(MegawatchError):
    """The ledger refused a row, a query or a schema."""


class BriefError(MegawatchError):
    """An edition could not be built, rendered, checked or delivered."""
