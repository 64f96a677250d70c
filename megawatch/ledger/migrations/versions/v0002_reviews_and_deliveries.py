"""Judgements of reviewers, how sources did, subscribers and what was sent to them."""

from alembic import op

from megawatch.ledger.migrations.columns import count, number, words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of reviewing and of delivering."""
    op.create_table(
        "candidate_rows",
        words("deal_id", key=True),
        words("first_id", key=True),
        words("second_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        number("score", null=True),
        words("reason"),
    )
    op.create_table(
        "delivery_rows",
        count("number", key=True),
        words("edition"),
        words("address"),
        count("attempt"),
        words("state"),
        words("message_id"),
        words("at"),
        count("code", null=True),
        words("reason"),
    )
    op.create_index("ux_delivery_rows_step", "delivery_rows", ["edition", "address", "attempt", "state"], unique=True)
    op.create_table(
        "health_rows",
        words("source_id", key=True),
        words("checked_at", key=True),
        words("publisher"),
        words("outcome"),
        count("items"),
        count("stored"),
        words("detail"),
    )
    op.create_index("ix_health_rows_checked", "health_rows", ["checked_at"])
    op.create_table(
        "judgement_rows",
        words("judgement_id", key=True),
        words("known_from"),
        words("known_to", null=True),
        words("kind"),
        words("target"),
        words("value"),
        words("reason"),
        words("reviewer"),
        words("undone_by"),
        words("undone_because"),
    )
    op.create_table(
        "organization_candidates",
        words("organization_id", key=True),
        words("like_id", key=True),
        words("known_from"),
        number("score", null=True),
    )
    op.create_table(
        "organization_merges",
        words("organization_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("into_id"),
        words("judgement_id"),
    )
    op.create_table(
        "subscriber_rows",
        words("address", key=True),
        words("since", key=True),
        words("until", null=True),
        words("timezone"),
        words("cadence"),
        words("language"),
        words("filters"),
    )
