"""Quantities and dates of a text, with offsets, hedges and rounding; no outside package is needed."""

from extractors.quantities.dates import find_dates
from extractors.quantities.find import find_quantities

__all__ = ["find_dates", "find_quantities"]
