"""Indexes that stay small as the ledger grows, and tables of keys that are their own index."""

import sqlalchemy as sa
from alembic import op

from megawatch.ledger.migrations.columns import words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Index the ends of spans only where there is one; make the tables of keys anew, which ``settle`` fills again."""
    # With an index of all ends, SQLite looks through every row still believed to find those of one deal.
    op.drop_index("ix_deal_rows_known_to", "deal_rows")
    op.drop_index("ix_term_rows_known_to", "term_rows")
    ended = sa.text("known_to IS NOT NULL")
    for table in ("deal_rows", "term_rows", "mention_rows"):
        op.create_index(f"ix_{table}_known_to", table, ["known_to"], sqlite_where=ended, postgresql_where=ended)
    for table, columns in (("mention_keys", ("key", "mention_id")), ("deal_keys", ("key", "side", "deal_id"))):
        op.drop_table(table)
        op.create_table(table, *(words(column, key=True) for column in columns), sqlite_with_rowid=False)
    op.create_index("ix_deal_keys_deal", "deal_keys", ["deal_id"])
    op.create_index("ix_mention_rows_known_from", "mention_rows", ["known_from"])
