"""The three kinds of columns that migrations write, as short as the tables read."""

from __future__ import annotations

import sqlalchemy as sa

from megawatch.ledger.columns import Words


def words(name: str, *, key: bool = False, null: bool = False) -> sa.Column[str]:
    """A text that sorts by code point."""
    return sa.Column(name, Words(), primary_key=key, nullable=null)


def number(name: str, *, null: bool = False) -> sa.Column[float]:
    """A double-precision number."""
    return sa.Column(name, sa.Float(53), nullable=null)


def count(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), primary_key=key, nullable=null)
