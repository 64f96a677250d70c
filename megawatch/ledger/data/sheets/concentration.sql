-- title: Concentration by counterparty
-- description: The share of each supplier's signed contract value that one customer stands for.
-- chart: bar x=supplier y=share colour=customer
SELECT supplier, customer, sum(total_value_usd) AS total_value_usd, count(*) AS deals,
       sum(total_value_usd) / sum(sum(total_value_usd)) OVER (PARTITION BY supplier) AS share
FROM deals
WHERE status = 'signed' AND kind IN ('compute', 'lease', 'power', 'hardware') AND supplier IS NOT NULL
  AND total_value_usd > 0
GROUP BY supplier, customer
ORDER BY supplier, total_value_usd DESC, customer
