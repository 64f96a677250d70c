"""Where documents come from: feeds, pages, filings, local files, and the store that keeps them for good."""
