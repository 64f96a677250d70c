"""Megawatch reads the compute market's news and filings into a ledger of deals, each figure led back to its sentence."""

__version__ = "0.1.0"
