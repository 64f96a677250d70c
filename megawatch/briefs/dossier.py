"""A deal's dossier, for reading on a screen: each term with its sentences, its rivals, and what was believed before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from megawatch.briefs import wording
from megawatch.briefs.hygiene import plain
from megawatch.briefs.render import fill
from megawatch.briefs.rows.figures import DATES, UNITS, Notebook, term_fact, title_of, value_fact
from megawatch.ledger.queries import ClaimStory, Explanation, Schedule, TermStory
from megawatch.market import Interval, Term, Value

LONGEST_TEXT = 900
_OPEN = Interval(None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One claim: what it says, its sentence around the quote, and where it stands."""

    value: str
    chosen: bool
    before: str
    quote: str
    after: str
    publisher: str
    source: str
    published: str
    url: str | None
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One term of the dossier; ``words`` is its value, or ``absent`` says why there is none."""

    field: str
    label: str
    words: str
    absent: str
    basis: str
    span: str
    rule: str
    assumptions: tuple[str, ...]
    tellings: tuple[Telling, ...]
    earlier: tuple[tuple[str, str], ...]
    judged: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything that the ledger holds of one deal, in words."""

    deal_id: str
    title: str
    kind: str
    status: str
    sources: str
    seen: str
    entries: tuple[Entry, ...]
    clashes: tuple[str, ...]
    links: tuple[tuple[str, str, str], ...]
    flags: tuple[str, ...]
    payments: tuple[tuple[str, str, str], ...]
    payments_absent: str
    payments_assumed: tuple[str, ...]


def _line(text: str) -> str:
    return plain(text, limit=LONGEST_TEXT)


def build_dossier(explanation: Explanation, schedule: Schedule) -> Dossier:
    """The dossier of an explained deal with its schedule of payments."""
    deal = explanation.deal
    told = wording.counted(deal.documents, "document")
    apart = wording.counted(deal.independent_sources, "source")
    return Dossier(
        deal_id=deal.deal_id,
        title=str(title_of(deal)),
        kind=deal.kind,
        status=deal.status,
        sources=f"{told}, {apart}",
        seen=f"{wording.day(deal.first_seen)} to {wording.day(deal.last_seen)}",
        entries=tuple(_entry(explanation, story) for story in explanation.stories),
        clashes=tuple(_line(clash.explanation) for clash in deal.contradictions),
        links=tuple((relation.replace("_", " "), other, _line(reason)) for relation, other, reason in deal.links),
        flags=tuple(_line(flag) for flag in deal.flags),
        payments=tuple(_payments(schedule)),
        payments_absent=schedule.reason,
        payments_assumed=schedule.assumptions,
    )


def render_dossier(dossier: Dossier, *, known: str) -> str:
    """The page of a dossier as HTML; ``known`` is the day as of which it speaks."""
    return fill("dossier.html.j2", {"deal": dossier, "known": wording.day(known)})


def _entry(explanation: Explanation, story: TermStory) -> Entry:
    term = story.term
    fact = term_fact(explanation.deal, term.field, Notebook())
    return Entry(
        field=term.field,
        label=wording.FIELD_WORDS.get(term.field, term.field),
        words="" if fact is None else str(fact),
        absent=_absent(term),
        basis=term.basis,
        span=_span(term),
        rule=term.rule,
        assumptions=term.assumptions,
        tellings=tuple(_telling(claim) for claim in story.claims),
        earlier=tuple(_earlier(term.field, story)),
        judged=tuple(_line(f"{one.kind} by {one.reviewer}: {one.reason}") for one in story.judgements),
    )


def _absent(term: Term) -> str:
    if term.absence is None:
        return ""
    return f"{term.absence.replace('_', ' ')}: {_line(term.reason)}" if term.reason else term.absence.replace("_", " ")


def _span(term: Term) -> str:
    interval = term.interval
    if interval is None or interval == _OPEN or term.field not in UNITS or term.value is None:
        return ""
    return wording.span(interval, UNITS[term.field])


def _telling(claim: ClaimStory) -> Telling:
    quote = claim.quote
    sentence = claim.sentence if quote.quote in claim.sentence else quote.quote
    before, _, after = sentence.partition(quote.quote)
    return Telling(
        value=_value(claim.field, claim.value),
        chosen=claim.chosen,
        before=_line(before) + (" " if before[-1:].isspace() else ""),
        quote=_line(quote.quote),
        after=(" " if after[:1].isspace() else "") + _line(after),
        publisher=_line(quote.publisher) or "unknown publisher",
        source=quote.source.replace("_", " "),
        published=wording.day(quote.published) if quote.published else "undated",
        url=quote.url if quote.url.startswith(("https://", "http://")) else None,
        read=f"{claim.rule}, confidence {claim.confidence:.2f}, {claim.extractor_version}",
    )


def _value(field: str, value: Value) -> str:
    if isinstance(value, tuple):
        return wording.joined(tuple(_line(name) for name in value))
    return str(value_fact(field, value, "claim")) if field in UNITS or field in DATES else _line(str(value))


def _earlier(field: str, story: TermStory) -> Iterator[tuple[str, str]]:
    for since, until, value in story.history:
        if until is not None:
            days = f"{wording.day(since)} to {wording.day(until)}"
            yield days, "not stated" if value is None else _line(value)


def _payments(schedule: Schedule) -> Iterator[tuple[str, str, str]]:
    for year, paid in schedule.by_year().items():
        yield year, wording.usd(paid), wording.usd(schedule.paid_until(f"{year}-12"))
