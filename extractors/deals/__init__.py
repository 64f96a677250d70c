"""From candidates to deals: which figure, date, party and place belongs to which agreement."""
