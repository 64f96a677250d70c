-- title: Exposure by year
-- description: What each company owes each other a year under signed compute, lease and power deals with a known monthly payment, start and term, with the segments of both.
-- chart: bar x=year y=owed_usd colour=debtor
WITH RECURSIVE years(year) AS (SELECT 2020 UNION ALL SELECT year + 1 FROM years WHERE year < 2060),
dated AS (
    SELECT deal_id, supplier, customer, supplier_id, customer_id, monthly_payment_usd, term_months,
           CAST(substr(start_date, 1, 4) AS INTEGER) * 12
           + CASE substr(start_date, 6, 2) WHEN '' THEN 0 WHEN 'H1' THEN 0 WHEN 'H2' THEN 6 WHEN 'Q1' THEN 0 WHEN 'Q2' THEN 3
                  WHEN 'Q3' THEN 6 WHEN 'Q4' THEN 9 ELSE CAST('0' || replace(replace(substr(start_date, 6, 2), 'Q', ''), 'H', '') AS INTEGER) - 1 END
           AS first_month
    FROM deals
    WHERE status = 'signed' AND kind IN ('compute', 'lease', 'power') AND monthly_payment_usd IS NOT NULL
      AND term_months IS NOT NULL AND start_date IS NOT NULL
),
spans AS (
    SELECT d.*, y.year, CASE WHEN d.first_month > y.year * 12 THEN d.first_month ELSE y.year * 12 END AS opens,
           CASE WHEN d.first_month + d.term_months < (y.year + 1) * 12 THEN d.first_month + d.term_months
                ELSE (y.year + 1) * 12 END AS closes
    FROM dated d JOIN years y ON y.year * 12 + 11 >= d.first_month AND y.year * 12 < d.first_month + d.term_months
)
SELECT s.customer AS debtor, s.supplier AS creditor, co.segment AS debtor_segment, so.segment AS creditor_segment, s.year,
       sum((s.closes - s.opens) * s.monthly_payment_usd) AS owed_usd, count(*) AS deals
FROM spans s
LEFT JOIN organizations co ON co.organization_id = s.customer_id
LEFT JOIN organizations so ON so.organization_id = s.supplier_id
GROUP BY s.customer, s.supplier, co.segment, so.segment, s.year
ORDER BY s.year, owed_usd DESC, debtor, creditor
