"""From the ledger to one edition: what is told, in which words, with which footnotes."""

from megawatch.briefs.view.build import build_brief
from megawatch.briefs.view.types import Brief

__all__ = ["Brief", "build_brief"]
