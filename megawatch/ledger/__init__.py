"""The ledger: claims, deals, organizations, their history, and the arithmetic over them."""
