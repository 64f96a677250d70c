"""The kind of column that texts and dates stand in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Words(TypeDecorator[str]):
    """Text that sorts by code point on both databases, so that ISO dates sort as time and answers come out alike."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The collation ``C`` on PostgreSQL; SQLite compares bytes anyway."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TEXT(collation="C"))
        return dialect.type_descriptor(Text())
