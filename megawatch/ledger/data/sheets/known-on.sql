-- title: Deals as known on a day
-- description: Every value that was believed at the end of the day :day, for example 2026-05-10.
-- default: day=2026-05-10
SELECT deal_id, field, value, unit, basis, rule, known_from, known_to
FROM deal_history
WHERE known_from <= :day || 'T99' AND (known_to IS NULL OR known_to > :day || 'T99')
ORDER BY deal_id, field
