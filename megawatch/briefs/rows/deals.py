"""The rows on deals: new ones, changes, contradictions, capacity due, and what sources said of them."""

from __future__ import annotations

from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.facts import Fact, Sentence, chain, phrase
from megawatch.briefs.rows import figures
from megawatch.briefs.rows.figures import NONE, Notebook
from megawatch.briefs.rows.gather import Material, by_size
from megawatch.briefs.rows.types import ChangeLine, ChangeRow, ClashRow, DealRow, DueRow, GapRow, Refusal
from megawatch.market import Change, Contradiction, Deal, SourceHealth

HEADLINE = ("total_value_usd", "power_mw", "gpu_count")
LABELS = {
    "total_value_usd": "Total value",
    "monthly_payment_usd": "Payment",
    "term_months": "Term",
    "start_date": "Start",
    "end_date": "End",
    "power_mw": "Power, contracted",
    "gross_power_mw": "Power, gross",
    "option_power_mw": "Power, under option",
    "gpu_count": "GPUs",
    "gpu_model": "Chips",
    "site": "Site",
    "rate_usd_per_gpu_hour": "Stated rate",
    "implied_usd_per_gpu_hour": "Implied rate",
    "usd_per_kw_month": "Rent",
    "usd_per_mwh": "Price of power",
}
KIND_LABELS = {("power", "power_mw"): "Output, contracted", ("power", "gross_power_mw"): "Output, installed"}
RATE_FIELDS = ("implied_usd_per_gpu_hour", "usd_per_kw_month", "usd_per_mwh")
TOLD = ("terminated", "slipped", "expanded", "changed", "withdrawn")
CHANGED_FIELDS = frozenset(LABELS) - frozenset(RATE_FIELDS) - {"site"} | {
    "supplier",
    "customer",
    "status",
    "kind",
    "total_value",
}
RELATIONS = {
    "expands": "expands",
    "amends": "amends",
    "supersedes": "replaces",
    "terminates": "ends",
    "stands_on": "stands on",
    "funds": "funds",
}


def anchor_of(deal_id: str) -> str:
    """The name of a deal's place in a page and of its own page: letters, digits and hyphens only."""
    return "deal-" + "".join(char if char.isascii() and char.isalnum() else "-" for char in deal_id)[:60]


def deal_row(deal: Deal, key: str, notebook: Notebook, known: dict[str, Deal]) -> DealRow:
    """A deal with all the terms that the ledger holds a value for."""
    terms = tuple(fact for name in LABELS if (fact := _labelled(deal, name, notebook)))
    return DealRow(
        key=key,
        anchor=anchor_of(deal.deal_id),
        deal_id=deal.deal_id,
        title=figures.title_of(deal),
        kind=Fact(words=wording.KIND_WORDS[deal.kind], row=f"deals/{deal.deal_id}/kind", kind="text"),
        status=Fact(words=wording.STATUS_WORDS[deal.status], row=f"deals/{deal.deal_id}/status", kind="text"),
        headline=_headline(deal, notebook),
        terms=terms,
        refusals=_refusals(deal),
        sources=figures.count_fact(deal.independent_sources, "source", f"deals/{deal.deal_id}/independent_sources"),
        confidence=_confidence(deal),
        flags=tuple(
            figures.text_fact(wording.humanised(flag), f"deals/{deal.deal_id}/flags", limit=200)
            for flag in deal.flags[:3]
        ),
        links=tuple(_link(relation, known[other]) for relation, other, _ in deal.links if other in known),
    )


def _headline(deal: Deal, notebook: Notebook) -> tuple[Fact, Fact]:
    """The value of a deal, and its size: power, else GPUs."""
    sizes = (_labelled(deal, name, notebook) for name in HEADLINE[1:])
    size = next((fact for fact in sizes if fact), NONE)
    return _labelled(deal, HEADLINE[0], notebook) or NONE, size


def _labelled(deal: Deal, name: str, notebook: Notebook) -> Fact | None:
    return figures.term_fact(deal, name, notebook, label=KIND_LABELS.get((deal.kind, name), LABELS[name]))


def _refusals(deal: Deal) -> tuple[Fact, ...]:
    """Why a figure is missing: redacted or conflicting terms, and rates that were refused."""
    facts = []
    for term in deal.terms:
        told = term.absence in ("redacted", "conflicting") or term.field in RATE_FIELDS
        if term.value is None and told and term.field in LABELS and term.absence != "not_applicable":
            words = wording.humanised(term.reason or str(term.absence))
            row = f"deals/{deal.deal_id}/{term.field}"
            facts.append(figures.text_fact(words, row, limit=200, label=LABELS[term.field]))
    return tuple(facts)


def _confidence(deal: Deal) -> Fact:
    """High where no printed term is below 0.9, medium where none is below 0.7, else low."""
    lowest = min((term.confidence for term in deal.terms if term.value is not None), default=0.0)
    words = "high confidence" if lowest >= 0.9 else "medium confidence" if lowest >= 0.7 else "low confidence"
    return Fact(words=words, row=f"deals/{deal.deal_id}/confidence", kind="text", raw=(Decimal(str(lowest)),))


def _link(relation: str, other: Deal) -> Sentence:
    title = figures.title_of(other)
    seen = figures.date_fact(other.first_seen, f"deals/{other.deal_id}/first_seen")
    return phrase("{verb} {title}, first seen {seen}", verb=RELATIONS.get(relation, relation), title=title, seen=seen)


def change_rows(
    changes: tuple[Change, ...], material: Material, notebook: Notebook, *, prefix: str
) -> tuple[ChangeRow, ...]:
    """Changes by deal: ends first, then slips, expansions and the rest; the largest deals first."""
    fresh = {deal.deal_id for deal in material.new}
    by_deal: dict[str, list[Change]] = {}
    for change in changes:
        minor = change.what == "changed" and (change.deal_id in fresh or _same_party(change))
        if change.field in CHANGED_FIELDS and not minor:
            by_deal.setdefault(change.deal_id, []).append(change)
    for told in by_deal.values():
        told.sort(key=lambda change: (_rank(change), change.field, change.known_at))
    ordered = sorted(by_deal.items(), key=lambda item: (_rank(item[1][0]), by_size(material.known[item[0]])))
    return tuple(
        _change_row(told, material.known[deal_id], f"{prefix}{place}", notebook)
        for place, (deal_id, told) in enumerate(ordered, start=1)
    )


def _same_party(change: Change) -> bool:
    """Whether only the names by which sources call a party changed."""
    names = {name.casefold() for name in figures.value_names(change.before)}
    return bool(names & {name.casefold() for name in figures.value_names(change.after)})


def _rank(change: Change) -> int:
    return TOLD.index(change.what) if change.what in TOLD else len(TOLD)


def _change_row(changes: list[Change], deal: Deal, key: str, notebook: Notebook) -> ChangeRow:
    latest = max(changes, key=lambda change: change.known_at)
    return ChangeRow(
        key=key,
        anchor=anchor_of(deal.deal_id),
        title=figures.title_of(deal),
        known=figures.date_fact(latest.known_at, f"changes/{deal.deal_id}/known_at"),
        lines=tuple(_change_line(change, notebook) for change in changes),
    )


def _change_line(change: Change, notebook: Notebook) -> ChangeLine:
    row = f"changes/{change.deal_id}/{change.field}/{change.known_at}"
    notes = notebook.cite(change.quotes)
    what = change.what
    if what == "changed" and change.before is None:
        what = "now stated"
    return ChangeLine(
        what=what,
        field=wording.FIELD_WORDS.get(change.field, change.field.replace("_", " ")),
        before=figures.value_fact(change.field, change.before, f"{row}/before"),
        after=figures.value_fact(change.field, change.after, f"{row}/after", notes=notes),
    )


def clash_rows(
    contradictions: tuple[Contradiction, ...], known: dict[str, Deal], notebook: Notebook
) -> tuple[ClashRow, ...]:
    """Contradictions in words, those on the largest deals first."""
    ordered = sorted(contradictions, key=lambda clash: (by_size(known[clash.deal_id]), clash.contradiction_id))
    return tuple(
        ClashRow(
            key=f"x{place}",
            anchor=anchor_of(clash.deal_id),
            title=figures.title_of(known[clash.deal_id]),
            fields=clash_fields(clash),
            told=clash_words(clash, notebook, most=4),
        )
        for place, clash in enumerate(ordered, start=1)
    )


def clash_fields(clash: Contradiction) -> str:
    """The terms that clash, in words."""
    return wording.joined(tuple(wording.FIELD_WORDS.get(name, name.replace("_", " ")) for name in clash.fields))


def clash_words(clash: Contradiction, notebook: Notebook, *, most: int) -> Sentence:
    """What the sources say against each other, in their own words."""
    sayings = []
    for quote in clash.quotes[:most]:
        row = f"claims/{quote.claim_id}"
        said = figures.text_fact(quote.quote, f"{row}/quote", limit=120)
        publisher = figures.name_fact(quote.publisher, f"{row}/publisher", notes=notebook.cite((quote,)))
        sayings.append(phrase("“{said}” ({publisher})", said=said, publisher=publisher))
    return chain(sayings, " against ") if sayings else phrase("no passage is kept")


def due_rows(material: Material, notebook: Notebook) -> tuple[DueRow, ...]:
    """Capacity whose start falls in the days ahead, soonest first."""
    rows: list[DueRow] = []
    starts = [(start, deal) for deal in material.due if isinstance(start := deal.value("start_date"), str)]
    for start, deal in sorted(starts, key=lambda pair: (wording.first_day(pair[0]), by_size(pair[1]))):
        if (
            deal.status == "terminated"
            or not material.window.until <= wording.first_day(start) < material.window.due_until
        ):
            continue
        when = figures.term_fact(deal, "start_date", notebook)
        what = tuple(fact for name in HEADLINE[1:] if (fact := _labelled(deal, name, notebook)))
        key = f"u{len(rows) + 1}"
        title = figures.title_of(deal)
        rows.append(DueRow(key=key, anchor=anchor_of(deal.deal_id), title=title, when=when or NONE, what=what))
    return tuple(rows)


def refusal_rows(material: Material) -> tuple[Refusal, ...]:
    """New compute deals without a GPU-hour rate, and leases without a rent, each with the ledger's reason."""
    rows: list[Refusal] = []
    for deal in material.new:
        field = {"compute": "implied_usd_per_gpu_hour", "lease": "usd_per_kw_month"}.get(deal.kind, "")
        term = deal.get(field)
        if term is None or term.value is not None:
            continue
        words = wording.humanised(term.reason or str(term.absence))
        reason = figures.text_fact(words, f"deals/{deal.deal_id}/{field}", limit=200)
        key, title = f"q{len(rows) + 1}", figures.title_of(deal)
        rows.append(Refusal(key=key, anchor=anchor_of(deal.deal_id), title=title, reason=reason))
    return tuple(rows)


def gap_rows(health: tuple[SourceHealth, ...]) -> tuple[GapRow, ...]:
    """Sources whose last check of the week failed, with how often they failed in it."""
    by_source: dict[str, list[SourceHealth]] = {}
    for run in sorted(health, key=lambda run: run.checked_at):
        by_source.setdefault(run.source_id, []).append(run)
    failing = [runs for _, runs in sorted(by_source.items()) if runs[-1].outcome != "ok"]
    return tuple(_gap(runs, f"g{place}") for place, runs in enumerate(failing, start=1))


def _gap(runs: list[SourceHealth], key: str) -> GapRow:
    last = runs[-1]
    row = f"health/{last.source_id}"
    outcome = last.outcome.replace("_", " ") + (f": {last.detail}" if last.detail else "")
    return GapRow(
        key=key,
        publisher=figures.name_fact(last.publisher or last.source_id, f"{row}/publisher"),
        outcome=figures.text_fact(outcome, f"{row}/outcome", limit=200),
        failures=figures.count_fact(sum(run.outcome != "ok" for run in runs), "failure", f"{row}/failures"),
        last=figures.date_fact(last.checked_at, f"{row}/checked_at"),
    )
