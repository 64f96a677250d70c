"""Terms of deals as facts: each with its words, its row in the ledger and the footnotes behind it."""

from __future__ import annotations

from decimal import Decimal

from megawatch.briefs import wording
from megawatch.briefs.facts import Fact, Sentence, phrase
from megawatch.briefs.hygiene import NAME_LIMIT, QUOTE_LIMIT, TITLE_LIMIT, plain, safe_link, short_name
from megawatch.briefs.rows.types import Note
from megawatch.market import Deal, Interval, Quote, Term, Value

UNITS = {
    "total_value_usd": "usd",
    "monthly_payment_usd": "usd",
    "term_months": "months",
    "power_mw": "mw",
    "gross_power_mw": "mw",
    "option_power_mw": "mw",
    "gpu_count": "gpus",
    "rate_usd_per_gpu_hour": "usd_per_gpu_hour",
    "implied_usd_per_gpu_hour": "usd_per_gpu_hour",
    "usd_per_kw_month": "usd_per_kw_month",
    "usd_per_mw_year": "usd_per_mw_year",
    "usd_per_mwh": "usd_per_mwh",
    "usd_per_mw": "usd_per_mw",
    "kw_per_gpu": "kw_per_gpu",
}
PER = {
    "usd_per_gpu_hour": " a GPU-hour",
    "usd_per_kw_month": " a kW-month",
    "usd_per_mw_year": " an MW-year",
    "usd_per_mwh": " an MWh",
    "usd_per_mw": " an MW",
    "kw_per_gpu": " a GPU",
}
SUFFIX = {"monthly_payment_usd": " a month"}
RATES = ("implied_usd_per_gpu_hour", "usd_per_kw_month", "usd_per_mw_year", "usd_per_mwh", "usd_per_mw", "kw_per_gpu")
DATES = ("start_date", "end_date")
NOTES_A_FIGURE = 2
NOTES_DERIVED = 4
UNNAMED = {
    "compute": ("an unnamed cloud", "an unnamed customer"),
    "lease": ("an unnamed landlord", "an unnamed tenant"),
    "power": ("an unnamed producer", "an unnamed customer"),
    "hardware": ("an unnamed vendor", "an unnamed buyer"),
    "financing": ("an unnamed lender or investor", "an unnamed borrower"),
    "acquisition": ("an unnamed target", "an unnamed buyer"),
    "build": ("an unnamed builder", "an unnamed customer"),
}
NONE = Fact(words="—", row="none", kind="text")


class Notebook:
    """Numbers the footnotes of an edition in the order in which they are first cited."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str, int, int], int] = {}
        self._quotes: list[Quote] = []

    def cite(self, quotes: tuple[Quote, ...], *, most: int = NOTES_A_FIGURE) -> tuple[int, ...]:
        """The footnote numbers of the quotes, the same passage always under the same number."""
        numbers = []
        for quote in quotes[:most]:
            place = (quote.document_id, quote.part, quote.start, quote.end)
            if place not in self._numbers:
                self._numbers[place] = len(self._quotes) + 1
                self._quotes.append(quote)
            numbers.append(self._numbers[place])
        return tuple(dict.fromkeys(numbers))

    def notes(self) -> tuple[Note, ...]:
        """All footnotes so far, in order."""
        return tuple(_note(number, quote) for number, quote in enumerate(self._quotes, start=1))


def _note(number: int, quote: Quote) -> Note:
    row = f"claims/{quote.claim_id}"
    return Note(
        key=f"n{number}",
        number=Fact(words=str(number), row="edition/notes", raw=(Decimal(number),)),
        quote=text_fact(quote.quote, f"{row}/quote", limit=QUOTE_LIMIT),
        title=text_fact(quote.title or "untitled", f"{row}/title", limit=TITLE_LIMIT),
        publisher=name_fact(quote.publisher or "publisher unknown", f"{row}/publisher"),
        published=date_fact(quote.published, f"{row}/published"),
        url=safe_link(quote.url),
    )


def text_fact(text: str, row: str, *, limit: int = QUOTE_LIMIT, notes: tuple[int, ...] = (), label: str = "") -> Fact:
    """A passage of the ledger, cleaned for print."""
    return Fact(words=plain(text, limit=limit) or "—", row=row, kind="text", raw=(text,), notes=notes, label=label)


def name_fact(name: str, row: str, *, notes: tuple[int, ...] = (), label: str = "") -> Fact:
    """A name, cleaned for print."""
    words = plain(name, limit=NAME_LIMIT) or "—"
    return Fact(words=words, row=row, kind="name", raw=(name,), notes=notes, label=label)


def date_fact(iso: str | None, row: str, *, notes: tuple[int, ...] = (), label: str = "", basis: str = "") -> Fact:
    """A date at its precision, or that it is unknown."""
    if iso is None:
        return Fact(words="date unknown", row=row, kind="text", notes=notes, label=label)
    return Fact(words=wording.day(iso), row=row, kind="date", raw=(iso,), notes=notes, label=label, basis=basis)


def count_fact(count: int, noun: str, row: str) -> Fact:
    """A count with its noun."""
    return Fact(words=wording.counted(count, noun), row=row, raw=(Decimal(count),))


def range_fact(interval: Interval, unit: str, row: str, *, notes: tuple[int, ...] = (), label: str = "") -> Fact:
    """A range in words."""
    words = wording.span(interval, unit)
    ends = tuple(end for end in (interval.low, interval.high) if end is not None)
    raw = ends if "–" in words else ends[:1]
    return Fact(words=words, row=row, raw=raw, notes=notes, label=label)


def rate_fact(value: Decimal, interval: Interval, unit: str, row: str, *, notes: tuple[int, ...] = ()) -> Fact:
    """A derived figure as the range that its sources leave open; its value and its limit where one side is open."""
    low = interval.low if interval.low is not None and interval.low > 0 else None
    if low is not None and interval.high is not None:
        return range_fact(Interval(low, interval.high), unit, row, notes=notes)
    if low is None and interval.high is None:
        return Fact(words=wording.amount(value, unit), row=row, raw=(value,), notes=notes)
    limit = wording.span(Interval(low, interval.high), unit)
    ends = tuple(end for end in (low, interval.high) if end is not None)
    return Fact(words=f"{wording.amount(value, unit)}, {limit}", row=row, raw=(value, *ends), notes=notes)


def party_fact(deal: Deal, side: str) -> Fact:
    """The first name of a party without its legal form, or that it is unnamed."""
    term = deal.get(side)
    names = value_names(None if term is None else term.value)
    row = f"deals/{deal.deal_id}/{side}"
    if term is None or not names:
        return Fact(words=UNNAMED[deal.kind][side == "customer"], row=row, kind="text")
    return name_fact(short_name(plain(names[0], limit=NAME_LIMIT * 4)), row)


def value_names(value: Value | None) -> tuple[str, ...]:
    """The names of a party or of chips."""
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) and value else ()


def title_of(deal: Deal) -> Sentence:
    """The deal as its parties: ``SpaceX to Anthropic``.

    Who builds alone stands alone; where the customer is unnamed, the site tells deals apart.
    """
    supplier, customer = party_fact(deal, "supplier"), party_fact(deal, "customer")
    if deal.kind == "build" and customer.kind != "name":
        return phrase("{supplier}", supplier=supplier)
    pattern = "{customer} buys {supplier}" if deal.kind == "acquisition" else "{supplier} to {customer}"
    title = phrase(pattern, supplier=supplier, customer=customer)
    site = deal.value("site")
    if isinstance(site, str) and site and "name" not in (supplier.kind, customer.kind)[1:]:
        place = name_fact(site, f"deals/{deal.deal_id}/site")
        return phrase("{title}, {site}", title=title, site=place)
    return title


def term_fact(
    deal: Deal, name: str, notebook: Notebook, *, label: str | None = None, bare: bool = False
) -> Fact | None:
    """One term in words with its footnotes, or None where the ledger holds no value for it.

    ``bare`` leaves out ``a kW-month`` and the like, where the heading of the column says it.
    """
    term = deal.get(name)
    if term is None or term.value is None:
        return None
    notes = notebook.cite(term.quotes, most=NOTES_A_FIGURE if term.basis == "stated" else NOTES_DERIVED)
    row = f"deals/{deal.deal_id}/{name}"
    label = wording.FIELD_WORDS.get(name, name) if label is None else label
    if name in DATES and isinstance(term.value, str):
        return date_fact(term.value, row, notes=notes, label=label, basis=term.basis)
    if name in UNITS and isinstance(term.value, Decimal):
        return _number_fact(term, term.value, row, notes=notes, label=label, bare=bare)
    words = wording.joined(tuple(plain(each, limit=NAME_LIMIT) for each in value_names(term.value)[:6]))
    return Fact(words=words or "—", row=row, kind="name", raw=(words,), notes=notes, label=label, basis=term.basis)


def _number_fact(term: Term, value: Decimal, row: str, *, notes: tuple[int, ...], label: str, bare: bool) -> Fact:
    unit = UNITS[term.field]
    suffix = "" if bare else PER.get(unit, "") + SUFFIX.get(term.field, "")
    if term.field in RATES and term.interval and (term.interval.low, term.interval.high) != (None, None):
        ranged = rate_fact(value, term.interval, unit, row)
        words, raw = ranged.words + suffix, ranged.raw
    else:
        words, raw = wording.hedged(wording.amount(value, unit), term.hedge) + suffix, (value,)
    return Fact(words=words, row=row, raw=raw, notes=notes, label=label, basis=term.basis)


def value_fact(name: str, value: Value | None, row: str, *, notes: tuple[int, ...] = ()) -> Fact:
    """A value of a change in words; nothing there is told as such."""
    if value is None:
        return Fact(words="not stated", row=row, kind="text", notes=notes)
    if name in UNITS and isinstance(value, Decimal):
        words = wording.amount(value, UNITS[name]) + PER.get(UNITS[name], "") + SUFFIX.get(name, "")
        return Fact(words=words, row=row, raw=(value,), notes=notes)
    if name in DATES and isinstance(value, str):
        return date_fact(value, row, notes=notes)
    if name == "status":
        return Fact(words=wording.STATUS_WORDS.get(str(value), str(value)), row=row, kind="text", notes=notes)
    names = (str(value),) if isinstance(value, Decimal) else value_names(value)
    return name_fact(wording.joined(names[:3]), row, notes=notes)
