-- title: Leases by rent
-- description: Leases of data-center space with their rent for a kilowatt and month and for a megawatt and year, on contracted critical IT load.
-- chart: bar x=supplier y=usd_per_kw_month colour=customer
SELECT supplier, customer, site, status, power_mw, gross_power_mw, term_months, total_value_usd, usd_per_kw_month,
       usd_per_mw_year, start_date, first_seen, deal_id
FROM deals
WHERE kind = 'lease'
ORDER BY power_mw DESC, deal_id
