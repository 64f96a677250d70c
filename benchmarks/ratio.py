"""What one benchmark says: a figure of ours beside a figure of something else, taken in the same run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One row of the table: ``ours`` and ``beside`` in ``unit``; ``goal`` says in words what the ratio should be.

    ``beside`` is None where a figure stands alone against ``goal`` (a start-up time, a peak memory).
    """

    name: str
    ours: float
    unit: str
    goal: str
    beside_name: str = ""
    beside: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over the other, or None where the figure stands alone."""
        return None if not self.beside else self.ours / self.beside
