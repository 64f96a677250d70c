"""The sentences of the findings: fixed phrases filled with facts, nothing free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.facts import Fact, Sentence, chain, phrase
from megawatch.briefs.rows import figures, rates
from megawatch.briefs.rows.deals import clash_fields, clash_words
from megawatch.briefs.rows.figures import NOTES_DERIVED, Notebook
from megawatch.briefs.rows.rates import Band
from megawatch.market import Change, Contradiction, Deal, Interval, Price, Term

# signed, planned
_CLAUSES = {
    "compute": ("{supplier} rents compute to {customer}", "{supplier} would rent compute to {customer}"),
    "lease": ("{supplier} leases data-center space to {customer}", "{supplier} would lease space to {customer}"),
    "power": ("{supplier} supplies power to {customer}", "{supplier} would supply power to {customer}"),
    "hardware": ("{supplier} sells hardware to {customer}", "{supplier} would sell hardware to {customer}"),
    "financing": ("{supplier} finances {customer}", "{supplier} would finance {customer}"),
    "acquisition": ("{customer} buys {supplier}", "{customer} would buy {supplier}"),
    "build": ("{supplier} builds capacity of its own", "{supplier} plans capacity of its own"),
}
_TOLD = (
    ("total_value_usd", " in all"),
    ("monthly_payment_usd", ""),
    ("term_months", ""),
    ("power_mw", ""),
    ("gpu_count", ""),
    ("implied_usd_per_gpu_hour", ""),
)
MOST_FIGURES = 6


@dataclass(frozen=True, slots=True)
class Written:
    """A finding in words: the figure that leads it, its sentence, and why it was chosen."""

    lead: Fact
    sentence: Sentence
    reason: Sentence


def clause_of(deal: Deal) -> Sentence:
    """What the deal is, as a clause that begins with a capital."""
    supplier, customer = figures.party_fact(deal, "supplier"), figures.party_fact(deal, "customer")
    clause = phrase(_CLAUSES[deal.kind][deal.status == "planned"], supplier=supplier, customer=customer)
    first = clause.parts[0]
    if isinstance(first, Fact) and first.words.startswith("an unnamed"):
        return Sentence((replace(first, words=f"A{first.words[1:]}"), *clause.parts[1:]))
    return clause


def figures_of(deal: Deal, notebook: Notebook) -> Sentence | None:
    """The deal's main figures as a list in words; None where the ledger has none."""
    told = [
        phrase(f"{{fact}}{after}", fact=fact)
        for name, after in _TOLD
        if (fact := figures.term_fact(deal, name, notebook)) is not None
    ]
    return chain(told[:MOST_FIGURES], ", ") if told else None


def sentence_of(deal: Deal, notebook: Notebook) -> Sentence:
    """The deal in one sentence with its figures."""
    clause, listed = clause_of(deal), figures_of(deal, notebook)
    return phrase("{clause}: {listed}.", clause=clause, listed=listed) if listed else phrase("{clause}.", clause=clause)


def lead_of(deal: Deal) -> Fact:
    """The figure to print large: the deal's value, else its power, else its GPUs, else its kind."""
    quiet = Notebook()
    found = (figures.term_fact(deal, name, quiet) for name in ("total_value_usd", "power_mw", "gpu_count"))
    kind = Fact(words=wording.KIND_WORDS[deal.kind], row=f"deals/{deal.deal_id}/kind", kind="text")
    return next((replace(fact, notes=()) for fact in found if fact), kind)


def write_size(deal: Deal, times: Decimal | None, peers: int, notebook: Notebook) -> Written:
    """A large new deal, against the median of its kind where there are enough peers (``times`` is None where not)."""
    if times is None:
        reason = phrase("Size: a large deal, with too few of its kind in the quarter before to compare.")
        return Written(lead_of(deal), sentence_of(deal, notebook), reason)
    row = f"deals/{deal.deal_id}/total_value_usd/ratio"
    ratio = Fact(words=wording.amount(times, "times"), row=row, raw=(times,))
    count = figures.count_fact(peers, "deal", "edition/peers")
    pattern = "Size: {ratio} the median value of its kind in the quarter before ({count})."
    return Written(lead_of(deal), sentence_of(deal, notebook), phrase(pattern, ratio=ratio, count=count))


def write_rate(deal: Deal, term: Term, interval: Interval, band: Band, notebook: Notebook) -> Written:
    """A rate outside the band of quotes for its chip."""
    row = f"deals/{deal.deal_id}/{term.field}"
    rate = figures.range_fact(interval, "usd_per_gpu_hour", row, notes=notebook.cite(term.quotes, most=NOTES_DERIVED))
    sentence = phrase(
        "{title} {verb} {rate} a GPU-hour, {ratio} the {market} quoted for {chip}.",
        title=figures.title_of(deal),
        verb="comes to" if term.field == "implied_usd_per_gpu_hour" else "is told to come to",
        rate=rate,
        ratio=rates.ratio_fact(rates.ratio_of(interval, band), row),
        market=rates.band_fact(band, notebook),
        chip=rates.chip_fact(deal),
    )
    standing = rates.standing_of(interval, band)
    reason = phrase("Rate: {standing}, outside the quarter’s band for its chip.", standing=standing)
    return Written(replace(rate, notes=()), sentence, reason)


def write_contradiction(deal: Deal, clash: Contradiction, notebook: Notebook) -> Written:
    """Sources that disagree on a large deal."""
    told = clash_words(clash, notebook, most=3)
    fields = clash_fields(clash)
    pattern = "Sources disagree on the {fields} of {title}: {told}."
    sentence = phrase(pattern, fields=fields, title=figures.title_of(deal), told=told)
    return Written(lead_of(deal), sentence, phrase("Contradiction: claims on a large deal that cannot all hold."))


def write_reversal(deal: Deal, change: Change, notebook: Notebook) -> Written:
    """A large deal that ended or slipped."""
    title, row = figures.title_of(deal), f"changes/{change.deal_id}/{change.field}/{change.known_at}"
    notes = notebook.cite(change.quotes)
    if change.what == "terminated":
        state = Fact(words="terminated", row=f"{row}/after", kind="text", notes=notes)
        listed = figures_of(deal, notebook)
        ended = phrase("{title} is {state}", title=title, state=state)
        sentence = phrase("{ended}: {listed}.", ended=ended, listed=listed) if listed else phrase("{e}.", e=ended)
        return Written(lead_of(deal), sentence, phrase("Reversal: the end of a large deal."))
    sentence = phrase(
        "{title} slips: its {field} moves from {before} to {after}.",
        title=title,
        field=wording.FIELD_WORDS.get(change.field, change.field),
        before=figures.value_fact(change.field, change.before, f"{row}/before"),
        after=figures.value_fact(change.field, change.after, f"{row}/after", notes=notes),
    )
    lead = figures.value_fact(change.field, change.after, f"{row}/after")
    return Written(lead, sentence, phrase("Reversal: a later date on a large deal."))


def write_newcomer(deal: Deal, names: tuple[str, ...], notebook: Notebook) -> Written:
    """A party that no deal had before."""
    facts = [figures.name_fact(name, f"deals/{deal.deal_id}/parties") for name in names]
    pattern = "New counterparty: {names}, in no deal of the ledger before."
    return Written(lead_of(deal), sentence_of(deal, notebook), phrase(pattern, names=chain(facts, " and ")))


def write_price(price: Price, before: Price | None, notebook: Notebook) -> Written:
    """A quoted price that moved much."""
    row = rates.price_row(price, before, "", notebook)
    pattern = "{chip} at {seller}" if price.provider else "{chip} as quoted by {seller}"
    where = phrase(pattern, chip=row.chip, seller=row.provider)
    levels = phrase(", from {before} to {now} a GPU-hour", before=row.before, now=row.now)
    told = levels if row.before.raw and row.now.raw else phrase("")
    pattern = "{where} ({market}) is {move}{told}."
    sentence = phrase(pattern, where=where, market=row.market, move=row.move, told=told)
    reason = phrase("Price: a quoted price that moved by a tenth or more.")
    return Written(replace(row.move, notes=()), sentence, reason)
