-- title: Contradictions
-- description: Claims on one deal that cannot all hold, with what each source says.
SELECT d.supplier, d.customer, c.fields, c.explanation, c.known_from, c.deal_id, c.contradiction_id
FROM contradictions c JOIN deals d ON d.deal_id = c.deal_id
ORDER BY c.known_from DESC, c.contradiction_id
