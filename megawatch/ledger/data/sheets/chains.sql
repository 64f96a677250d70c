-- title: Chains of capacity
-- description: Deals whose capacity stands on another's (power, landlord, cloud, lab) or that another funds; the spread is what a megawatt-year earns out less what it costs in.
-- chart: bar x=upper_supplier y=spread_usd_per_mw_year colour=relation
SELECT l.relation, u.supplier AS upper_supplier, u.customer AS upper_customer, u.kind AS upper_kind,
       b.supplier AS lower_supplier, b.customer AS lower_customer, b.kind AS lower_kind, u.usd_per_mw_year AS out_usd_per_mw_year,
       b.usd_per_mw_year AS in_usd_per_mw_year, u.usd_per_mw_year - b.usd_per_mw_year AS spread_usd_per_mw_year,
       l.reason, l.deal_id, l.other_id
FROM links l
JOIN deals u ON u.deal_id = l.deal_id
JOIN deals b ON b.deal_id = l.other_id
ORDER BY l.relation, l.deal_id, l.other_id
