-- title: One company's exposure by year
-- description: What a company owes and is owed a year under signed deals with a known monthly payment, start and term; :company is part of its name.
-- chart: bar x=year y=owed_usd colour=side
-- default: company=anthropic
SELECT CASE WHEN lower(customer) LIKE '%' || lower(:company) || '%' THEN 'owes' ELSE 'is owed' END AS side,
       customer AS debtor, supplier AS creditor, year, sum(payments_usd) AS owed_usd, count(*) AS deals
FROM payments
WHERE lower(customer) LIKE '%' || lower(:company) || '%' OR lower(supplier) LIKE '%' || lower(:company) || '%'
GROUP BY 1, customer, supplier, year
ORDER BY year, owed_usd DESC, debtor, creditor
