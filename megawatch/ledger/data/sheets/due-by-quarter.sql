-- title: Megawatts and accelerators due by quarter
-- description: Capacity of signed deals by the quarter in which it begins; a start known only by its year counts in the year alone.
-- chart: bar x=due y=power_mw colour=kind
SELECT CASE WHEN length(start_date) = 4 THEN start_date
            WHEN substr(start_date, 6, 1) IN ('Q', 'H') THEN start_date
            WHEN substr(start_date, 6, 2) <= '03' THEN substr(start_date, 1, 4) || '-Q1'
            WHEN substr(start_date, 6, 2) <= '06' THEN substr(start_date, 1, 4) || '-Q2'
            WHEN substr(start_date, 6, 2) <= '09' THEN substr(start_date, 1, 4) || '-Q3'
            ELSE substr(start_date, 1, 4) || '-Q4' END AS due,
       kind, sum(power_mw) AS power_mw, sum(gpu_count) AS gpu_count, count(*) AS deals
FROM deals
WHERE start_date IS NOT NULL AND status = 'signed' AND kind IN ('compute', 'lease', 'power', 'build')
GROUP BY 1, 2
ORDER BY 1, 2
