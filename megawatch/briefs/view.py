"""One edition, built from what the ledger knew: the same ledger and week give the same edition, to the byte."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.facts import Fact, Sentence, phrase
from megawatch.briefs.findings import find_findings
from megawatch.briefs.reader import LedgerReader, reader_of
from megawatch.briefs.rows import deals, figures, plots, rates
from megawatch.briefs.rows.figures import Notebook
from megawatch.briefs.rows.gather import AHEAD_DAYS, Material, gather, size_of, window_of
from megawatch.briefs.rows.rates import Band
from megawatch.briefs.rows.types import Brief, Tick
from megawatch.briefs.selection import Selection, read_only
from megawatch.ledger.queries import Ledger
from megawatch.market import Deal

__all__ = ["Brief", "build_brief", "edition_id"]

_SUMS = (
    ("compute", "total_value_usd", "usd", "of compute signed"),
    ("lease", "power_mw", "mw", "of space leased"),
    ("power", "power_mw", "mw", "of power contracted"),
)
HOURS_A_MONTH = Decimal(730)
HOURS_A_YEAR = Decimal(8760)


def build_brief(ledger: LedgerReader | Ledger, *, week: str, as_of: str, only: str | Selection | None = None) -> Brief:
    """The edition of an ISO week (``2026-W21``), told as the ledger knew things on the day ``as_of``.

    ``only`` narrows it to deals with a party of that name, or to a selection. Raises BriefError where the week is none,
    or begins after ``as_of``.
    """
    window = window_of(week, as_of)
    selection = read_only(only)
    material = gather(reader_of(ledger), window, only=selection)
    bands = rates.bands_of(material.prices)
    notebook = Notebook()
    findings = find_findings(material, bands, notebook)
    rows = tuple(
        deals.deal_row(deal, f"d{place}", notebook, material.known) for place, deal in enumerate(material.new, start=1)
    )
    changes = deals.change_rows(material.changes, material, notebook, prefix="c")
    rate_rows = rates.rate_rows(material, bands, notebook)
    leases = rates.yield_rows(material, "lease", ("usd_per_kw_month", "usd_per_mw_year"), notebook)
    power = rates.power_rows(material, notebook)
    prices = rates.price_rows(material, notebook)
    clashes = deals.clash_rows(material.contradictions, material.known, notebook)
    corrections = deals.change_rows(material.corrections, material, notebook, prefix="k")
    due = deals.due_rows(material, notebook)
    gaps = deals.gap_rows(material.health)
    return Brief(
        key="edition",
        week=week,
        edition=edition_id(week, selection),
        as_of=as_of,
        only=figures.text_fact(selection.words, "edition/only", limit=80) if selection else None,
        headline=None,
        title=Fact(words=f"Week {int(week[6:])}, {week[:4]}", row="edition/week", kind="date", raw=(week,)),
        days=Fact(words=wording.days_in(window.since), row="edition/days", kind="date", raw=(window.since,)),
        known=figures.date_fact(as_of[:10], "edition/as_of"),
        summary=_summary(material, bands),
        findings=findings,
        new=rows,
        others=(),
        changes=changes,
        rates=rate_rows,
        rate_chart=plots.rate_chart(material, bands),
        refusals=deals.refusal_rows(material),
        leases=leases,
        lease_chart=plots.lease_chart(material),
        power=power,
        prices=prices,
        clashes=clashes,
        corrections=corrections,
        due=due,
        gaps=gaps,
        coverage=_coverage(material, len(gaps)),
        ahead=figures.count_fact(AHEAD_DAYS, "day", "constants/days_ahead"),
        omitted=None,
        method=_method(),
        notes=notebook.notes(),
        deal_ids=_told(material, rates.rated_deals(material)),
        empty=not (rows or changes or prices or clashes or corrections),
    )


def _told(material: Material, rated: tuple[Deal, ...]) -> tuple[str, ...]:
    """The deals that an edition names."""
    leases = tuple(deal for deal in material.quarter if deal.kind == "lease")
    ids = {deal.deal_id for deal in (*material.new, *material.due, *rated, *leases)}
    ids |= {change.deal_id for change in (*material.changes, *material.corrections)}
    return tuple(sorted(ids | {clash.deal_id for clash in material.contradictions}))


def edition_id(week: str, selection: Selection | None) -> str:
    """Names an edition for good: the week, and for a narrowed one what it was narrowed to.

    >>> edition_id("2026-W21", None)
    '2026-W21'
    >>> edition_id("2026-W21", read_only(" CoreWeave ")) == edition_id("2026-W21", read_only("coreweave"))
    True
    """
    return week if selection is None else f"{week}-{selection.key}"


def _summary(material: Material, bands: dict[str, Band]) -> tuple[Tick, ...]:
    """The figures at the top. Sums stay within one kind of deal: megawatts of different bases are never added."""
    told = [(figures.count_fact(len(material.new), "new deal", "edition/new"), phrase("in the week"))]
    for kind, field, unit, counted in _SUMS:
        signed = [deal for deal in material.new if deal.kind == kind and deal.status == "signed"]
        sizes = [size for deal in signed if (size := size_of(deal, field))]
        if sizes:
            total = sum(sizes, Decimal(0))
            row = f"edition/sum/{kind}/{field}"
            told.append((Fact(words=wording.amount(total, unit), row=row, raw=(total,)), phrase(counted)))
    quoted = Counter(price.gpu_model for price in material.prices if price.gpu_model in bands)
    if quoted:
        chip = min(quoted, key=lambda chip: (-quoted[chip], chip))
        label = phrase("a GPU-hour of {chip}", chip=figures.name_fact(chip, "prices/gpu_model"))
        told.append((replace(rates.band_fact(bands[chip], Notebook()), notes=()), label))
    ticks = enumerate(told[:4], start=1)
    return tuple(Tick(key=f"s{place}", fact=fact, label=label) for place, (fact, label) in ticks)


def _coverage(material: Material, failing: int) -> Sentence:
    """How many sources were read, and how many documents came of it."""
    sources = len({run.source_id for run in material.health})
    stored = sum(run.stored for run in material.health)
    if not sources:
        return phrase("No source was checked by this ledger in the week; its documents were handed in.")
    checked = Fact(words=wording.counted(sources, "outlet"), row="health", raw=(Decimal(sources),))
    documents = Fact(words=wording.counted(stored, "new document"), row="health/stored", raw=(Decimal(stored),))
    failed = Fact(words=wording.counted(failing, "outlet"), row="health/failing", raw=(Decimal(failing),))
    pattern = "{checked} read, with {documents}; {failed} failed at the last check."
    return phrase(pattern, checked=checked, documents=documents, failed=failed if failing else "none")


def _method() -> tuple[Sentence, ...]:
    """The conventions behind derived figures."""
    month = Fact(words="730 hours a month", row="constants/hours_a_month", raw=(HOURS_A_MONTH,))
    year = Fact(words="8,760 hours a year", row="constants/hours_a_year", raw=(HOURS_A_YEAR,))
    return (
        phrase(
            "A range is what the rounding and hedges of the sources leave open; nothing is averaged. "
            "A rate in dollars a GPU-hour is the payment divided by GPUs and hours, at full use, {month}, {year}. "
            "It is given for compute deals alone, never for a bare lease.",
            month=month,
            year=year,
        ),
        phrase(
            "Stated means that a source says so; derived means that it follows from stated figures. "
            "Where claims conflict, filings count before press releases, those before news, those before blogs."
        ),
    )
