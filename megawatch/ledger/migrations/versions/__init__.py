"""Alembic's migrations of the ledger, run by the program itself: the same on SQLite and PostgreSQL."""
