"""The first ledger: documents, claims, organizations, and the deals that follow from them."""

import sqlalchemy as sa
from alembic import op

from megawatch.ledger.migrations.columns import count, number, words

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of recording and of settling."""
    op.create_table(
        "claim_rows",
        words("claim_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("mention_id"),
        words("document_id"),
        words("extractor_version"),
        words("field"),
        words("value"),
        number("amount", null=True),
        words("hedge", null=True),
        words("resolution", null=True),
        words("words"),
        words("rule"),
        number("confidence"),
        words("part"),
        count("start_offset"),
        count("end_offset"),
        words("quote"),
        words("sentence"),
    )
    op.create_index("ix_claim_rows_document", "claim_rows", ["document_id"])
    op.create_index("ix_claim_rows_mention", "claim_rows", ["mention_id"])
    op.create_table(
        "contradiction_rows",
        words("contradiction_id", key=True),
        words("deal_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("fields"),
        words("explanation"),
        words("claim_ids"),
    )
    op.create_index("ix_contradiction_rows_deal", "contradiction_rows", ["deal_id"])
    op.create_index("ix_contradiction_rows_known_from", "contradiction_rows", ["known_from"])
    op.create_table(
        "deal_keys",
        words("key", key=True),
        words("side", key=True),
        words("deal_id", key=True),
    )
    op.create_index("ix_deal_keys_deal", "deal_keys", ["deal_id"])
    op.create_table(
        "deal_mentions",
        words("deal_id", key=True),
        words("mention_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
    )
    op.create_index("ix_deal_mentions_mention", "deal_mentions", ["mention_id"])
    op.create_table(
        "deal_rows",
        words("deal_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("kind"),
        words("supplier", null=True),
        words("customer", null=True),
        words("status"),
        number("total_value_usd", null=True),
        number("monthly_payment_usd", null=True),
        number("term_months", null=True),
        words("start_date", null=True),
        words("end_date", null=True),
        number("power_mw", null=True),
        number("gross_power_mw", null=True),
        number("option_power_mw", null=True),
        number("gpu_count", null=True),
        words("gpu_model", null=True),
        number("rate_usd_per_gpu_hour", null=True),
        number("implied_usd_per_gpu_hour", null=True),
        number("implied_usd_per_gpu_hour_low", null=True),
        number("implied_usd_per_gpu_hour_high", null=True),
        number("usd_per_kw_month", null=True),
        number("usd_per_mw_year", null=True),
        number("usd_per_mwh", null=True),
        number("usd_per_mw", null=True),
        words("site", null=True),
        number("total_value", null=True),
        words("currency", null=True),
        words("first_seen"),
        words("last_seen"),
        count("documents"),
        count("independent_sources"),
        count("contradictions"),
        words("supplier_id", null=True),
        words("customer_id", null=True),
        words("flags"),
        words("quotes"),
    )
    op.create_index("ix_deal_rows_customer", "deal_rows", ["customer_id", "first_seen"])
    op.create_index("ix_deal_rows_first_seen", "deal_rows", ["first_seen"])
    op.create_index("ix_deal_rows_known_from", "deal_rows", ["known_from"])
    op.create_index("ix_deal_rows_known_to", "deal_rows", ["known_to"])
    op.create_index(
        "ix_deal_rows_open",
        "deal_rows",
        ["kind", "first_seen"],
        sqlite_where=sa.text("known_to IS NULL"),
        postgresql_where=sa.text("known_to IS NULL"),
    )
    op.create_index("ix_deal_rows_start", "deal_rows", ["start_date"])
    op.create_index("ix_deal_rows_supplier", "deal_rows", ["supplier_id", "first_seen"])
    op.create_table(
        "document_rows",
        words("document_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("title"),
        words("source"),
        words("publisher"),
        words("published", null=True),
        words("url"),
        words("retrieved_at", null=True),
        words("group_id"),
        words("text_sha256"),
        count("characters"),
    )
    op.create_index("ix_document_rows_known_from", "document_rows", ["known_from"])
    op.create_index("ix_document_rows_url", "document_rows", ["url"])
    op.create_table(
        "leftover_rows",
        words("leftover_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("document_id"),
        words("extractor_version"),
        words("unit"),
        words("words"),
        words("reason"),
        words("part"),
        count("start_offset"),
        count("end_offset"),
        words("quote"),
    )
    op.create_index("ix_leftover_rows_document", "leftover_rows", ["document_id"])
    op.create_table(
        "link_rows",
        words("deal_id", key=True),
        words("relation", key=True),
        words("other_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("reason"),
        words("spread"),
    )
    op.create_index("ix_link_rows_other", "link_rows", ["other_id"])
    op.create_table(
        "mention_keys",
        words("key", key=True),
        words("mention_id", key=True),
    )
    op.create_table(
        "mention_parties",
        words("mention_id", key=True),
        words("known_from", key=True),
        words("reading_id", key=True),
        words("role", key=True),
        count("ordinal", key=True),
        words("organization_id"),
    )
    op.create_index("ix_mention_parties_organization", "mention_parties", ["organization_id"])
    op.create_table(
        "mention_rows",
        words("mention_id", key=True),
        words("known_from", key=True),
        words("reading_id", key=True),
        words("known_to", null=True),
        words("document_id"),
        count("position"),
        words("closed_because"),
    )
    op.create_index("ix_mention_rows_document", "mention_rows", ["document_id"])
    op.create_index("ix_mention_rows_reading", "mention_rows", ["reading_id"])
    op.create_table(
        "organization_names",
        words("name_key", key=True),
        words("organization_id"),
        words("name"),
    )
    op.create_index("ix_organization_names_organization", "organization_names", ["organization_id"])
    op.create_table(
        "organization_rows",
        words("organization_id", key=True),
        words("known_from"),
        words("name"),
        words("segment"),
        words("ticker"),
        words("cik"),
        words("parent_id"),
        words("origin"),
    )
    op.create_table(
        "price_rows",
        words("price_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("document_id"),
        words("extractor_version"),
        words("observed", null=True),
        words("gpu_model"),
        words("provider", null=True),
        words("market"),
        number("low_usd_per_gpu_hour", null=True),
        number("high_usd_per_gpu_hour", null=True),
        number("change_percent", null=True),
        words("exact"),
        words("hedge", null=True),
        number("confidence"),
        words("part"),
        count("start_offset"),
        count("end_offset"),
        words("quote"),
        words("sentence"),
    )
    op.create_index("ix_price_rows_document", "price_rows", ["document_id"])
    op.create_index("ix_price_rows_observed", "price_rows", ["observed"])
    op.create_table(
        "reading_rows",
        words("reading_id", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("document_id"),
        words("extractor_version"),
        count("mentions"),
        count("claims"),
        count("prices"),
        count("leftovers"),
        words("refused"),
    )
    op.create_index("ix_reading_rows_document", "reading_rows", ["document_id"])
    op.create_table(
        "settle_state",
        words("name", key=True),
        words("value"),
    )
    op.create_table(
        "term_rows",
        words("deal_id", key=True),
        words("field", key=True),
        words("known_from", key=True),
        words("known_to", null=True),
        words("value", null=True),
        number("amount", null=True),
        number("low", null=True),
        number("high", null=True),
        words("unit"),
        words("basis"),
        words("absence", null=True),
        words("reason"),
        words("hedge", null=True),
        words("words"),
        words("rule"),
        number("confidence"),
        words("detail"),
    )
    op.create_index("ix_term_rows_known_from", "term_rows", ["known_from"])
    op.create_index("ix_term_rows_known_to", "term_rows", ["known_to"])
    op.create_table(
        "unsettled",
        words("instant", key=True),
        words("mention_id", key=True),
    )
