-- title: Exposure by year
-- description: What each company owes each other a year under signed deals with a known monthly payment, start and term, with the segments of both.
-- chart: bar x=year y=owed_usd colour=debtor
SELECT p.customer AS debtor, p.supplier AS creditor, co.segment AS debtor_segment, so.segment AS creditor_segment, p.year,
       sum(p.payments_usd) AS owed_usd, count(*) AS deals
FROM payments p
LEFT JOIN organizations co ON co.organization_id = p.customer_id
LEFT JOIN organizations so ON so.organization_id = p.supplier_id
GROUP BY p.customer, p.supplier, co.segment, so.segment, p.year
ORDER BY p.year, owed_usd DESC, debtor, creditor
