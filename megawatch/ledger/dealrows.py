"""A reconciled deal as rows, without the span of time in which it is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from megawatch.ledger.encode import as_number, encode_interval, encode_json, encode_value
from megawatch.ledger.organizations import name_key
from megawatch.ledger.rows import chunks
from megawatch.ledger.tables import DealRow, OrganizationName, OrganizationRow, table_of
from megawatch.market import PARTY_FIELDS, Contradiction, Deal, Interval, Term, Value

_ORGANIZATIONS = table_of(OrganizationRow)
_NAMES = table_of(OrganizationName)
_TERM_COLUMNS = tuple(
    name
    for name, info in DealRow.model_fields.items()
    if name
    not in (
        *("deal_id", "known_from", "known_to", "kind", "status", "supplier", "customer", "flags", "quotes"),
        *("first_seen", "last_seen", "documents", "independent_sources", "contradictions"),
        *("supplier_id", "customer_id", "implied_usd_per_gpu_hour_low", "implied_usd_per_gpu_hour_high"),
    )
)


class Names:
    """Canonical names of organizations by any of their names, read once for a batch of deals."""

    def __init__(self, connection: Connection, deals: Sequence[Deal], redirects: Mapping[str, str]) -> None:
        firsts = {name for deal in deals for role in PARTY_FIELDS if (name := _first(deal.value(role)))}
        self._ids: dict[str, str] = {}
        for chunk in chunks({name_key(name) for name in firsts}):
            query = select(_NAMES.c.name_key, _NAMES.c.organization_id).where(_NAMES.c.name_key.in_(chunk))
            self._ids |= {key: redirects.get(found, found) for key, found in connection.execute(query)}
        self._names: dict[str, str] = {}
        for chunk in chunks(self._ids.values()):
            # What only texts name keeps the name that the deal's own texts give it, unless others were merged into it.
            listed = (_ORGANIZATIONS.c.origin == "lexicon") | _ORGANIZATIONS.c.organization_id.in_(redirects.values())
            query = select(_ORGANIZATIONS.c.organization_id, _ORGANIZATIONS.c.name)
            query = query.where(_ORGANIZATIONS.c.organization_id.in_(chunk), listed)
            self._names |= {row.organization_id: row.name for row in connection.execute(query)}

    def main(self, names: Value | None) -> tuple[str | None, str | None]:
        """Id and canonical name of a party's organization, by its first name; the name itself where unknown."""
        first = _first(names)
        if first is None:
            return None, None
        found = self._ids.get(name_key(first))
        return found, self._names.get(found or "", first)


def _first(names: Value | None) -> str | None:
    return names[0] if isinstance(names, tuple) and names else None


def term_row(term: Term, names: Names) -> dict[str, Any]:
    """The row of a term; parties carry the canonical name first."""
    value = term.value
    if term.field in PARTY_FIELDS and isinstance(value, tuple):
        _, canonical = names.main(value)
        value = (canonical or value[0], *(name for name in value if name != canonical))
    interval = term.interval or Interval(None, None)
    return {
        "field": term.field,
        "value": None if value is None else encode_value(value),
        "amount": as_number(value),
        "low": as_number(interval.low),
        "high": as_number(interval.high),
        "unit": term.unit,
        "basis": term.basis,
        "absence": term.absence,
        "reason": term.reason,
        "hedge": term.hedge,
        "words": term.words,
        "rule": term.rule,
        "confidence": term.confidence,
        "detail": _detail(term) if term.interval or term.quotes or term.assumptions else _NO_DETAIL,
    }


def _detail(term: Term) -> str:
    return encode_json(
        {
            "interval": encode_interval(term.interval),
            "assumptions": list(term.assumptions),
            "claims": [quote.claim_id for quote in term.quotes],
            "rivals": [[encode_value(rival), quote.claim_id] for rival, quote in term.rivals],
        }
    )


_NO_DETAIL = encode_json({"interval": None, "assumptions": [], "claims": [], "rivals": []})


def deal_row(deal: Deal, names: Names) -> dict[str, Any]:
    """The wide row of a deal, as the view ``deals`` shows it."""
    supplier_id, supplier = names.main(deal.value("supplier"))
    customer_id, customer = names.main(deal.value("customer"))
    implied = deal.get("implied_usd_per_gpu_hour")
    interval = implied.interval if implied and implied.interval else Interval(None, None)
    return {
        "deal_id": deal.deal_id,
        "kind": deal.kind,
        "status": deal.status,
        "supplier": supplier,
        "customer": customer,
        "supplier_id": supplier_id,
        "customer_id": customer_id,
        **{name: _cell(deal.value(name)) for name in _TERM_COLUMNS},
        "implied_usd_per_gpu_hour_low": as_number(interval.low),
        "implied_usd_per_gpu_hour_high": as_number(interval.high),
        "first_seen": deal.first_seen,
        "last_seen": deal.last_seen,
        "documents": deal.documents,
        "independent_sources": deal.independent_sources,
        "contradictions": len(deal.contradictions),
        "flags": encode_json(list(deal.flags)),
        "quotes": encode_json([quote.claim_id for quote in deal.quotes]),
    }


def _cell(value: Value | None) -> float | str | None:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if value is None or isinstance(value, str) else float(value)


def contradiction_row(contradiction: Contradiction) -> dict[str, Any]:
    """The row of a contradiction."""
    return {
        "contradiction_id": contradiction.contradiction_id,
        "fields": encode_json(list(contradiction.fields)),
        "explanation": contradiction.explanation,
        "claim_ids": encode_json([quote.claim_id for quote in contradiction.quotes]),
    }
