-- title: One company's deals
-- description: Everything that a company supplies or takes; :company is part of its name.
-- default: company=coreweave
SELECT CASE WHEN lower(supplier) LIKE '%' || lower(:company) || '%' THEN 'supplies' ELSE 'takes' END AS role, supplier, customer, kind,
       status, total_value_usd, monthly_payment_usd, term_months, power_mw, gpu_count, start_date, end_date, first_seen, deal_id
FROM deals
WHERE lower(supplier) LIKE '%' || lower(:company) || '%' OR lower(customer) LIKE '%' || lower(:company) || '%'
ORDER BY first_seen DESC, deal_id
