"""The ledger in a browser: a page for each deal, search, market sheets, and Datasette beneath; for reading alone."""

from flows.web.app import make_app

__all__ = ["make_app"]
