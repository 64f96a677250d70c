"""Commands for a person's judgement: what waits, and what was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from flows.commands.find import find_deal
from flows.commands.frame import command, console, ledger_in_force, print_json, print_rows
from flows.now import utc_text

if TYPE_CHECKING:
    from megawatch.ledger.open import Ledger
    from megawatch.ledger.review import Signed
    from megawatch.ledger.waiting import Waiting

PANEL = "Ask the ledger"
WHAT = ("doubtful", "tie", "contradiction", "merge", "organization", "adrift")

Deal = Annotated[str, typer.Argument(help="Id of a deal, or words that only one deal holds.")]
Field = Annotated[str, typer.Argument(help="A field, as power_mw.")]
By = Annotated[str, typer.Option(help="Your name.")]
Because = Annotated[str, typer.Option(help="Your reason.")]
At = Annotated[str, typer.Option(help="From when it holds, an ISO day or instant; now where none is given.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(no_args_is_help=True, help="See what waits for a person, and decide it.")
    signed = "--by Ines --because 'the filing says so'"
    for name, function, example in (
        ("list", list_items, "list --what contradiction"),
        ("accept", accept, f"accept 'spacex anthropic' term_months {signed}"),
        ("reject", reject, f"reject 'spacex anthropic' site {signed}"),
        ("correct", correct, f"correct 'spacex anthropic' term_months 36 {signed}"),
        ("merge", merge, f"merge 6b4beb35 0c1d2e3f {signed}"),
        ("split", split, f"split 6b4beb35 2f7a9c0011223344 {signed}"),
        ("same", same, f"same 'Marlowe Credit' 'Marlowe Credit Partners' {signed}"),
        ("note", note, f"note 55aa66bb77cc88dd {signed}"),
        ("undo", undo, f"undo 99aa88bb77cc66dd {signed}"),
        ("judgements", judgements, "judgements"),
    ):
        command(group, name=name, examples=(f"megawatch review {example}",))(function)
    app.add_typer(group, name="review", rich_help_panel=PANEL)


def list_items(
    what: Annotated[str, typer.Option(help=", ".join(WHAT) + "; all where none is given.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what waits: doubtful values, ties, contradictions, deals and companies that may be one."""
    from megawatch.errors import SettingsError
    from megawatch.ledger.waiting import list_waiting

    if what not in ("", *WHAT):
        raise SettingsError(f"--what {what!r} is not one of {', '.join(WHAT)}.")
    kind: Any = what or None
    with ledger_in_force() as ledger:
        items = list_waiting(ledger, what=kind, limit=limit)
    if as_json:
        print_json([asdict(item) for item in items])
        return
    for item in items:
        _tell(item)
    console.print(f"{len(items)} wait." if items else "Nothing waits.", highlight=False)


def _tell(item: Waiting) -> None:
    ids = " ".join(item.ids)
    console.print(Text.assemble((item.what, "bold yellow"), f" {item.item_id}  {item.summary}"), soft_wrap=True)
    console.print(Text(f"  about {ids}", "dim"), soft_wrap=True)
    for quote, sentence in zip(item.quotes, item.sentences, strict=True):
        told = f"  “{sentence or quote.quote}” ({quote.publisher}, {quote.published or 'no date'})"
        console.print(Text(told), soft_wrap=True)


def accept(deal: Deal, field: Field, by: By, because: Because, at: At = "") -> None:
    """Confirm a value: its claims count as reviewed."""
    from megawatch.ledger import review

    def work(ledger: Ledger, signed: Signed) -> str:
        return review.accept(ledger, find_deal(ledger, deal).deal_id, field, signed=signed)

    _decide(work, by, because, at)


def reject(
    deal: Deal,
    by: By,
    because: Because,
    field: Annotated[str, typer.Argument(help="A field; the whole deal where none is given.")] = "",
    at: At = "",
) -> None:
    """Refuse the claims behind a value, or a whole deal; the next best claim takes their place."""
    from megawatch.ledger import review

    def work(ledger: Ledger, signed: Signed) -> str:
        return review.reject(ledger, find_deal(ledger, deal).deal_id, field or None, signed=signed)

    _decide(work, by, because, at)


def correct(
    deal: Deal,
    field: Field,
    value: Annotated[str, typer.Argument(help="The right value, in the unit of the field's name.")],
    by: By,
    because: Because,
    at: At = "",
) -> None:
    """Give a field the value that you know to be right."""
    from megawatch.ledger import review

    def work(ledger: Ledger, signed: Signed) -> str:
        return review.correct(ledger, find_deal(ledger, deal).deal_id, field, value, signed=signed)

    _decide(work, by, because, at)


def merge(
    deals: Annotated[list[str], typer.Argument(help="Two deals or more.")], by: By, because: Because, at: At = ""
) -> None:
    """Decide that deals are one."""
    from megawatch.ledger import review

    def work(ledger: Ledger, signed: Signed) -> str:
        return review.merge(ledger, [find_deal(ledger, deal).deal_id for deal in deals], signed=signed)

    _decide(work, by, because, at)


def split(
    deal: Deal,
    mentions: Annotated[list[str], typer.Argument(help="Mentions that tell another deal; the view mentions has ids.")],
    by: By,
    because: Because,
    at: At = "",
) -> None:
    """Decide that some mentions of a deal tell another one."""
    from megawatch.ledger import review

    def work(ledger: Ledger, signed: Signed) -> str:
        return review.split(ledger, find_deal(ledger, deal).deal_id, mentions, signed=signed)

    _decide(work, by, because, at)


def same(
    name: Annotated[str, typer.Argument(help="A company.")],
    into: Annotated[str, typer.Argument(help="The company that it is.")],
    by: By,
    because: Because,
    at: At = "",
) -> None:
    """Decide that two companies are one; the first leads to the second from then on."""
    from megawatch.ledger import review

    _decide(lambda ledger, signed: review.merge_organizations(ledger, name, into, signed=signed), by, because, at)


def note(item: Annotated[str, typer.Argument(help="Id of what waits.")], by: By, because: Because, at: At = "") -> None:
    """Take note of something that waits, so that it is not listed again."""
    from megawatch.ledger import review

    _decide(lambda ledger, signed: review.acknowledge(ledger, item, signed=signed), by, because, at)


def undo(
    judgement: Annotated[str, typer.Argument(help="Id of a judgement.")], by: By, because: Because, at: At = ""
) -> None:
    """Take a judgement back."""
    from megawatch.ledger import review

    def work(ledger: Ledger, signed: Signed) -> str:
        review.undo(ledger, judgement, signed=signed)
        return judgement

    _decide(work, by, because, at, done="undone")


def judgements(
    everything: Annotated[bool, typer.Option("--all", help="Those taken back, too.")] = False, as_json: AsJson = False
) -> None:
    """List what was decided, by whom and why."""
    from megawatch.ledger.review import list_judgements

    with ledger_in_force() as ledger:
        rows = [asdict(one) for one in list_judgements(ledger, standing=not everything)]
    if as_json:
        print_json(rows)
    else:
        columns = ("judgement_id", "kind", "target", "value", "reviewer", "reason", "known_from", "known_to")
        print_rows(rows, columns=columns)


def _decide(work: Callable[[Ledger, Signed], str], by: str, because: str, at: str, *, done: str = "recorded") -> None:
    from megawatch.ledger.reconcile import settle
    from megawatch.ledger.review import Signed

    signed = Signed(by, because, at or utc_text())
    with ledger_in_force() as ledger:
        judgement = work(ledger, signed)
        touched = settle(ledger).deals
    console.print(f"Judgement {judgement} {done}; {touched} deals settled anew.", highlight=False)
