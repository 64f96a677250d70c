"""Megawatch reads the news and filings of the compute market into a ledger of deals, each figure with its sentence."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from megawatch.ledger import open_ledger

__version__ = "0.1.0"
__all__ = ["__version__", "open_ledger"]


def __getattr__(name: str) -> Any:
    # The ledger brings a database toolkit along: loaded only where it is asked for.
    if name == "open_ledger":
        from megawatch.ledger import open_ledger

        return open_ledger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
