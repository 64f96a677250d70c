-- title: Payments by deal and year
-- description: What each signed deal with a known monthly payment, start and term comes to in each calendar year, and cumulatively: even payments from the first month on, no ramps.
-- chart: line x=year y=cumulative_usd colour=customer
WITH RECURSIVE years(year) AS (SELECT 2020 UNION ALL SELECT year + 1 FROM years WHERE year < 2060),
dated AS (
    SELECT deal_id, supplier, customer, kind, monthly_payment_usd, term_months,
           CAST(substr(start_date, 1, 4) AS INTEGER) * 12
           + CASE substr(start_date, 6, 2) WHEN '' THEN 0 WHEN 'H1' THEN 0 WHEN 'H2' THEN 6 WHEN 'Q1' THEN 0 WHEN 'Q2' THEN 3
                  WHEN 'Q3' THEN 6 WHEN 'Q4' THEN 9 ELSE CAST('0' || replace(replace(substr(start_date, 6, 2), 'Q', ''), 'H', '') AS INTEGER) - 1 END
           AS first_month
    FROM deals
    WHERE status = 'signed' AND kind IN ('compute', 'lease', 'power') AND monthly_payment_usd IS NOT NULL
      AND term_months IS NOT NULL AND start_date IS NOT NULL
),
spans AS (
    SELECT d.deal_id, d.supplier, d.customer, d.kind, d.monthly_payment_usd, y.year,
           CASE WHEN d.first_month > y.year * 12 THEN d.first_month ELSE y.year * 12 END AS opens,
           CASE WHEN d.first_month + d.term_months < (y.year + 1) * 12 THEN d.first_month + d.term_months
                ELSE (y.year + 1) * 12 END AS closes
    FROM dated d JOIN years y ON y.year * 12 + 11 >= d.first_month AND y.year * 12 < d.first_month + d.term_months
)
SELECT supplier, customer, kind, year, (closes - opens) * monthly_payment_usd AS payments_usd,
       sum((closes - opens) * monthly_payment_usd) OVER (PARTITION BY deal_id ORDER BY year) AS cumulative_usd, deal_id
FROM spans
ORDER BY deal_id, year
