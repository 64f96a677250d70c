"""Commands that walk a value back to its sentences, and check that all of them still hold."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from flows.commands.ask import AsOf
from flows.commands.figures import short_number
from flows.commands.find import find_deal, headline
from flows.commands.frame import PART_FAILED, bar, command, console, ledger_in_force, print_json, settings_in_force
from flows.progress import tell
from megawatch.market import Interval, Value

if TYPE_CHECKING:
    from megawatch.ledger.queries import ClaimStory, Explanation, TermStory

PANEL = "Ask the ledger"
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel=PANEL,
        examples=(
            'megawatch explain "spacex anthropic"',
            'megawatch explain "spacex anthropic" implied_usd_per_gpu_hour',
        ),
    )(explain)
    command(app, panel=PANEL, examples=("megawatch verify",))(verify)


def explain(
    deal: Annotated[str, typer.Argument(help="Id of a deal, or words that only one deal holds.")],
    field: Annotated[str, typer.Argument(help="One field, as power_mw; else all of them.")] = "",
    as_of: AsOf = "",
    as_json: AsJson = False,
) -> None:
    """Walk a value back: the rule that chose it, its claims, their sentences, documents, fetch times and hashes."""
    from megawatch.ledger.queries import explain as explain_deal

    with ledger_in_force() as ledger:
        found = find_deal(ledger, deal, as_of=as_of or None)
        told = explain_deal(ledger, found.deal_id, field or None, as_of=as_of or None)
    if as_json:
        print_json(asdict(told))
    else:
        _tell(told)


def _tell(told: Explanation) -> None:
    console.print(Text.assemble((headline(told.deal), "bold"), f"  ({told.deal.deal_id})"), soft_wrap=True)
    for story in told.stories:
        _tell_term(story)
    for clash in told.deal.contradictions:
        console.print(Text.assemble(("\nContradiction: ", "bold red"), clash.explanation), soft_wrap=True)
    for relation, other, reason in told.deal.links:
        console.print(Text(f"\n{relation.replace('_', ' ')} {other}: {reason}"), soft_wrap=True)


def _tell_term(story: TermStory) -> None:
    term = story.term
    shown = f"no value ({term.absence}: {term.reason})" if term.value is None else _value(term.value)
    head = Text.assemble(("\n" + term.field, "bold cyan"), " = ", (shown, "bold"))
    if term.interval is not None and term.value is not None:
        head.append(f"  [{_range(term.interval)}]", "dim")
    head.append(f"  {term.basis}" + (f" by rule {term.rule}" if term.rule else ""))
    console.print(head, soft_wrap=True)
    if term.value is not None and term.reason:
        console.print(Text(f"  {term.reason}"), soft_wrap=True)
    for assumption in term.assumptions:
        console.print(Text(f"  assumes {assumption}"), soft_wrap=True)
    for claim in story.claims:
        _tell_claim(claim)
    for since, until, value in story.history[:-1]:
        console.print(Text(f"  believed from {since[:10]} to {(until or '')[:10]}: {value}", "dim"), soft_wrap=True)
    for judgement in story.judgements:
        console.print(Text(f"  {judgement.kind} by {judgement.reviewer}: {judgement.reason}"), soft_wrap=True)


def _tell_claim(claim: ClaimStory) -> None:
    quote = claim.quote
    mark = "✓" if claim.chosen else "✗"
    before, found, after = claim.sentence.partition(quote.quote)
    sentence = Text.assemble(before, (found, "bold underline"), after) if found else Text(quote.quote)
    line = Text.assemble(f"  {mark} {claim.field} {_value(claim.value)}: “", sentence, "”")
    console.print(line, soft_wrap=True)
    told = (quote.publisher, quote.published or "no date", f"“{quote.title}”", quote.url)
    console.print(Text("    " + ", ".join(part for part in told if part), "dim"), soft_wrap=True)
    fetched = f"fetched {claim.retrieved_at}, " if claim.retrieved_at else ""
    console.print(Text(f"    {fetched}text sha256 {claim.text_sha256[:16]}…", "dim"), soft_wrap=True)


def _value(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, str) else short_number(round(value, 4))


def _range(interval: Interval) -> str:
    low, high = ("…" if end is None else f"{end:,.6g}" for end in (interval.low, interval.high))
    return f"{low} to {high}"


def verify(as_json: AsJson = False) -> None:
    """Recompute every derived value and check every quote against its stored document."""
    from flows.steps import open_store
    from megawatch.errors import SourceError
    from megawatch.ledger.verify import verify as verify_ledger
    from megawatch.market import Document

    with ledger_in_force() as ledger, open_store(settings_in_force()) as store, bar():

        def get_document(document_id: str) -> Document | None:
            try:
                return store.get(document_id)
            except SourceError:
                return None

        found = verify_ledger(
            ledger, get_document, progress=lambda done, total: tell("Checking documents", done, total)
        )
    if as_json:
        print_json(asdict(found))
    else:
        counts = f"{found.documents} documents, {found.quotes} quotes, {found.deals} deals, {found.terms} terms checked"
        console.print(f"{counts}; {len(found.faults)} faults.", highlight=False)
        for fault in found.faults:
            console.print(Text(f"{fault.what}: {fault.where}: {fault.detail}"), soft_wrap=True)
    if found.faults:
        raise typer.Exit(PART_FAILED)
