"""The edition for programs: every fact with its words, its exact value, its row of the ledger and its footnotes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from megawatch.briefs.facts import Fact, facts_of
from megawatch.briefs.rows.types import Brief
from megawatch.briefs.wording import GAP


def edition_json(brief: Brief) -> str:
    """An edition as JSON: ``facts`` by the row they are printed in, ``notes`` with quote, publisher, date and link."""
    noted = {note.key for note in brief.notes}
    once = dict.fromkeys((key, fact) for key, fact in facts_of(brief) if key not in noted and fact.raw)
    facts = [_fact(key, fact) for key, fact in once]
    notes = [
        {
            "note": int(note.number.words),
            "quote": note.quote.words,
            "title": note.title.words,
            "publisher": note.publisher.words,
            "published": note.published.raw[0] if note.published.raw else None,
            "url": note.url,
        }
        for note in brief.notes
    ]
    edition = {"edition": brief.edition, "week": brief.week, "as_of": brief.as_of, "facts": facts, "notes": notes}
    return json.dumps(edition, ensure_ascii=False, indent=1) + "\n"


def _fact(key: str, fact: Fact) -> dict[str, Any]:
    values = [format(value, "f") if isinstance(value, Decimal) else value for value in fact.raw]
    named = {"printed_in": key, "row": fact.row, "words": fact.words.replace(GAP, " "), "values": values}
    return named | {"notes": list(fact.notes)} | ({"basis": fact.basis} if fact.basis else {})
