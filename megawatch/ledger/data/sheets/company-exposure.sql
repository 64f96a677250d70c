-- title: One company's exposure by year
-- description: What a company owes and is owed a year under signed compute, lease and power deals with a known monthly payment, start and term; :company is part of its name.
-- chart: bar x=year y=owed_usd colour=side
-- default: company=anthropic
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
SELECT CASE WHEN lower(s.customer) LIKE '%' || lower(:company) || '%' THEN 'owes' ELSE 'is owed' END AS side,
       s.customer AS debtor, s.supplier AS creditor, s.year, sum((s.closes - s.opens) * s.monthly_payment_usd) AS owed_usd,
       count(*) AS deals
FROM spans s
WHERE lower(s.customer) LIKE '%' || lower(:company) || '%' OR lower(s.supplier) LIKE '%' || lower(:company) || '%'
GROUP BY 1, s.customer, s.supplier, s.year
ORDER BY s.year, owed_usd DESC, debtor, creditor
