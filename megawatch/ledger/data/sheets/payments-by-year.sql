-- title: Payments by deal and year
-- description: What each signed deal with a known monthly payment, start and term comes to in each calendar year, and cumulatively over its term.
-- chart: line x=year y=cumulative_usd colour=customer
SELECT supplier, customer, kind, year, payments_usd, cumulative_usd, deal_id
FROM payments
ORDER BY deal_id, year
