"""A dated release of the ledger: the same ledger and day give the same bytes."""

from megawatch.ledger.export.changes import apply_changes, write_changes
from megawatch.ledger.export.release import Release, export_release, write_snapshot

__all__ = ["Release", "apply_changes", "export_release", "write_changes", "write_snapshot"]
