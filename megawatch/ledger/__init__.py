"""The ledger: claims, deals, organizations, their history, and the arithmetic over them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from megawatch.ledger.open import Ledger, open_ledger

__all__ = ["Ledger", "open_ledger"]


def __getattr__(name: str) -> Any:
    # The pure modules beside it are usable without a database driver being loaded.
    if name in __all__:
        from megawatch.ledger import open as opening

        return getattr(opening, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
