"""Market prices of accelerator-hours: of a provider's list, a marketplace, an index; of no one deal."""

from extractors.prices.find import find_prices

__all__ = ["find_prices"]
