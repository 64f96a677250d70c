-- title: Contract-implied rates by chip and start
-- description: What each contract comes to for one accelerator for one hour, as a range, beside the market prices of the same chip in the month that it became known.
-- chart: point x=start_date y=implied_usd_per_gpu_hour colour=gpu_model
SELECT d.gpu_model, d.start_date, d.term_months, d.supplier, d.customer, d.implied_usd_per_gpu_hour,
       d.implied_usd_per_gpu_hour_low, d.implied_usd_per_gpu_hour_high, d.rate_usd_per_gpu_hour,
       m.spot_usd_per_gpu_hour, m.list_usd_per_gpu_hour, m.index_usd_per_gpu_hour, d.first_seen, d.deal_id
FROM deals d
LEFT JOIN (
    SELECT gpu_model, substr(observed, 1, 7) AS month,
           avg(CASE WHEN market = 'spot' THEN (low_usd_per_gpu_hour + high_usd_per_gpu_hour) / 2 END)
               AS spot_usd_per_gpu_hour,
           avg(CASE WHEN market IN ('on_demand', 'reserved', 'unspecified')
                    THEN (low_usd_per_gpu_hour + high_usd_per_gpu_hour) / 2 END) AS list_usd_per_gpu_hour,
           avg(CASE WHEN market = 'index' THEN (low_usd_per_gpu_hour + high_usd_per_gpu_hour) / 2 END)
               AS index_usd_per_gpu_hour
    FROM prices GROUP BY gpu_model, substr(observed, 1, 7)
) m ON m.gpu_model = d.gpu_model AND m.month = substr(d.first_seen, 1, 7)
WHERE d.implied_usd_per_gpu_hour IS NOT NULL OR d.rate_usd_per_gpu_hour IS NOT NULL
ORDER BY d.gpu_model, d.start_date, d.deal_id
