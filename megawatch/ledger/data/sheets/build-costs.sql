-- title: Build cost by site
-- description: Investment a gigawatt of builds and purchases whose cost and megawatts are both known.
-- chart: bar x=site y=usd_bn_per_gw colour=kind
SELECT supplier, customer, kind, site, power_mw, gross_power_mw, total_value_usd, usd_per_mw / 1000000.0 AS usd_bn_per_gw,
       status, first_seen, deal_id
FROM deals
WHERE usd_per_mw IS NOT NULL
ORDER BY usd_per_mw DESC, deal_id
