"""The views that people query: stable names and columns, the same on SQLite and PostgreSQL.

Each shows what is believed now; ``deal_history`` shows every value with the days from and until which it was believed.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

DEAL_COLUMNS = (
    "deal_id",
    "kind",
    "supplier",
    "customer",
    "status",
    "total_value_usd",
    "monthly_payment_usd",
    "term_months",
    "start_date",
    "end_date",
    "power_mw",
    "gross_power_mw",
    "option_power_mw",
    "gpu_count",
    "gpu_model",
    "rate_usd_per_gpu_hour",
    "implied_usd_per_gpu_hour",
    "implied_usd_per_gpu_hour_low",
    "implied_usd_per_gpu_hour_high",
    "usd_per_kw_month",
    "usd_per_mw_year",
    "usd_per_mwh",
    "site",
    "first_seen",
    "last_seen",
    "documents",
    "independent_sources",
    "contradictions",
)
_MORE_DEAL_COLUMNS = ("usd_per_mw", "total_value", "currency", "supplier_id", "customer_id", "flags", "known_from")

VIEWS = {
    "deals": f"SELECT {', '.join(DEAL_COLUMNS + _MORE_DEAL_COLUMNS)}, substr(first_seen, 1, 7) AS month "
    "FROM deal_rows WHERE known_to IS NULL",
    "terms": """
        SELECT deal_id, field, value, amount, low, high, unit, basis, absence, reason, hedge, words, rule, confidence,
               known_from
        FROM term_rows WHERE known_to IS NULL""",
    "claims": """
        SELECT c.claim_id, c.mention_id, m.deal_id, c.document_id, c.field, c.value, c.amount, c.hedge, c.resolution,
               c.words, c.quote, c.part, c.start_offset, c.end_offset, c.sentence, c.rule, c.confidence,
               c.extractor_version, c.known_from
        FROM claim_rows c
        LEFT JOIN deal_mentions m ON m.mention_id = c.mention_id AND m.known_to IS NULL
        WHERE c.known_to IS NULL""",
    "mentions": """
        SELECT r.mention_id, m.deal_id, r.document_id, r.position, k.value AS kind, s.value AS supplier,
               u.value AS customer, d.published, d.publisher, d.source, r.known_from
        FROM mention_rows r
        LEFT JOIN deal_mentions m ON m.mention_id = r.mention_id AND m.known_to IS NULL
        LEFT JOIN document_rows d ON d.document_id = r.document_id AND d.known_to IS NULL
        LEFT JOIN claim_rows k ON k.mention_id = r.mention_id AND k.field = 'kind' AND k.known_to IS NULL
        LEFT JOIN claim_rows s ON s.mention_id = r.mention_id AND s.field = 'supplier' AND s.known_to IS NULL
        LEFT JOIN claim_rows u ON u.mention_id = r.mention_id AND u.field = 'customer' AND u.known_to IS NULL
        WHERE r.known_to IS NULL""",
    "documents": """
        SELECT document_id, title, source, publisher, published, url, retrieved_at, group_id, characters, text_sha256,
               known_from
        FROM document_rows WHERE known_to IS NULL""",
    "organizations": """
        SELECT o.organization_id, o.name, o.segment, o.ticker, o.cik, o.parent_id, o.origin, m.into_id AS merged_into,
               o.known_from
        FROM organization_rows o
        LEFT JOIN organization_merges m ON m.organization_id = o.organization_id AND m.known_to IS NULL""",
    "prices": """
        SELECT p.price_id, p.gpu_model, p.provider, p.market, p.low_usd_per_gpu_hour, p.high_usd_per_gpu_hour,
               p.change_percent, p.observed, p.hedge, p.quote, p.sentence, p.document_id, p.confidence, p.known_from
        FROM price_rows p WHERE p.known_to IS NULL""",
    "deal_history": """
        SELECT deal_id, field, value, amount, low, high, unit, basis, absence, rule, known_from, known_to
        FROM term_rows WHERE known_to IS NULL OR known_to > known_from""",
    "contradictions": """
        SELECT contradiction_id, deal_id, fields, explanation, claim_ids, known_from
        FROM contradiction_rows WHERE known_to IS NULL""",
    "payments": """
        WITH RECURSIVE years(year) AS (SELECT 2020 UNION ALL SELECT year + 1 FROM years WHERE year < 2060),
        dated AS (
            SELECT deal_id, supplier, customer, supplier_id, customer_id, kind, monthly_payment_usd, term_months,
                   CAST(substr(start_date, 1, 4) AS INTEGER) * 12
                   + CASE substr(start_date, 6, 2) WHEN '' THEN 0 WHEN 'H1' THEN 0 WHEN 'H2' THEN 6
                          WHEN 'Q1' THEN 0 WHEN 'Q2' THEN 3 WHEN 'Q3' THEN 6 WHEN 'Q4' THEN 9
                          ELSE CAST('0' || replace(replace(substr(start_date, 6, 2), 'Q', ''), 'H', '') AS INTEGER) - 1
                     END AS first_month
            FROM deal_rows
            WHERE known_to IS NULL AND status = 'signed' AND kind IN ('compute', 'lease', 'power')
              AND monthly_payment_usd IS NOT NULL AND term_months IS NOT NULL AND start_date IS NOT NULL
        ),
        spans AS (
            SELECT d.*, y.year, CASE WHEN d.first_month > y.year * 12 THEN d.first_month ELSE y.year * 12 END AS opens,
                   CASE WHEN d.first_month + d.term_months < (y.year + 1) * 12 THEN d.first_month + d.term_months
                        ELSE (y.year + 1) * 12 END AS closes
            FROM dated d
            JOIN years y ON y.year * 12 + 11 >= d.first_month AND y.year * 12 < d.first_month + d.term_months
        )
        SELECT deal_id, year, supplier, customer, supplier_id, customer_id, kind,
               (closes - opens) * monthly_payment_usd AS payments_usd,
               sum((closes - opens) * monthly_payment_usd) OVER (PARTITION BY deal_id ORDER BY year) AS cumulative_usd
        FROM spans""",
    "links": """
        SELECT deal_id, relation, other_id, reason, spread, known_from
        FROM link_rows WHERE known_to IS NULL""",
}


def create_views(connection: Connection) -> None:
    """Create every view; those of the same name must be gone."""
    for name, query in VIEWS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {query}"))


def drop_views(connection: Connection) -> None:
    """Drop every view that is there, so that tables beneath may change."""
    for name in VIEWS:
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
