-- title: Financings by borrower
-- description: Debt and equity raised, by segment of the borrower or issuer.
-- chart: bar x=segment y=total_value_usd colour=customer
SELECT coalesce(o.segment, 'unknown') AS segment, d.customer, d.supplier, d.total_value_usd, d.term_months, d.end_date, d.status,
       d.power_mw, d.site, d.first_seen, d.deal_id
FROM deals d
LEFT JOIN organizations o ON o.organization_id = d.customer_id
WHERE d.kind = 'financing'
ORDER BY segment, d.total_value_usd DESC, d.deal_id
