"""The rows of an edition: what the ledger holds, in words, each figure a fact."""
