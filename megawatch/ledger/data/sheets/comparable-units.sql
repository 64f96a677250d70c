-- title: One comparable unit a kind of deal
-- description: Compute in USD per GPU-hour, leases in USD per kW-month, power in USD per MWh, builds in USD per MW, filtered by :chip, :place and :least_months where they are given.
-- chart: point x=first_seen y=amount colour=kind
-- default: chip= place= least_months=0
SELECT kind, CASE kind WHEN 'compute' THEN 'USD per GPU-hour' WHEN 'lease' THEN 'USD per kW-month' WHEN 'power' THEN 'USD per MWh'
                       ELSE 'USD per MW' END AS unit,
       CASE kind WHEN 'compute' THEN coalesce(rate_usd_per_gpu_hour, implied_usd_per_gpu_hour) WHEN 'lease' THEN usd_per_kw_month
                 WHEN 'power' THEN usd_per_mwh ELSE usd_per_mw END AS amount,
       supplier, customer, gpu_model, term_months, site, status, first_seen, deal_id
FROM deals
WHERE CASE kind WHEN 'compute' THEN coalesce(rate_usd_per_gpu_hour, implied_usd_per_gpu_hour) WHEN 'lease' THEN usd_per_kw_month
                WHEN 'power' THEN usd_per_mwh ELSE usd_per_mw END IS NOT NULL
  AND (:chip = '' OR lower(coalesce(gpu_model, '')) LIKE '%' || lower(:chip) || '%')
  AND (:place = '' OR lower(coalesce(site, '')) LIKE '%' || lower(:place) || '%')
  AND coalesce(term_months, 0) >= CAST(:least_months AS REAL)
ORDER BY kind, amount, deal_id
