"""Commands that read texts: into the ledger, or to standard output for whoever improves a rule."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.frame import (
    bar,
    command,
    console,
    end,
    print_json,
    print_problems,
    print_rows,
    settings_in_force,
)
from flows.plan import Plan, Problem, Read
from flows.progress import tell
from megawatch.errors import ExtractionError, LedgerError, SettingsError

if TYPE_CHECKING:
    from extractors.evaluate import Scores, Tally
    from extractors.pipeline import Reader as ReaderName
    from megawatch.market import Document

PANEL = "Do the job"
IMPROVE = "Improve it"

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


class Reader(StrEnum):
    """What reads a text: a small network over what the grammar finds, or the grammar alone."""

    TRAINED = "trained"
    GRAMMAR = "grammar"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        panel=PANEL,
        examples=(
            "megawatch extract",
            "megawatch extract article.html --show",
            "megawatch extract --jsonl documents.jsonl > found.jsonl",
        ),
    )(extract)
    command(app, panel=IMPROVE, examples=("megawatch evaluate", "megawatch evaluate my-gold.jsonl --json"))(evaluate)
    command(app, panel=IMPROVE, examples=("megawatch cluster --jsonl found.jsonl > deals.jsonl",))(cluster)


def extract(
    file: Annotated[Path | None, typer.Argument(help="A document (.txt, .html, .jsonl, .pdf, .eml) to read.")] = None,
    jsonl: Annotated[Path | None, typer.Option(help="Documents, one JSON object a line; - is standard input.")] = None,
    show: Annotated[bool, typer.Option("--show", help="The text in colour with its deals below.")] = False,
    reader: Annotated[Reader | None, typer.Option(help="What reads; the setting `reader` where none.")] = None,
) -> None:
    """Read the stored documents into the ledger; or read a file and print what it says, one JSON line a document."""
    if file is not None and jsonl is not None:
        raise SettingsError("Give a file or --jsonl, not both.")
    if file is None and jsonl is None:
        _read_stored()
        return
    problems: list[Problem] = []
    if jsonl is not None:
        with _lines(jsonl) as lines:
            _print_findings(_from_lines(lines, problems), problems, show=show, reader=reader)
    elif file is not None:
        _print_findings(_from_file(file, problems), problems, show=show, reader=reader)
    print_problems(problems)
    end(problems)


def _read_stored() -> None:
    from flows.steps import BATCH, read_documents, unread

    waiting, found = unread(Plan()), Read()
    with bar():
        for start in range(0, len(waiting), BATCH):
            found += read_documents(waiting[start : start + BATCH], Plan())
            tell("Reading documents", min(start + BATCH, len(waiting)), len(waiting))
    print_problems(found.problems)
    console.print(
        f"{found.documents} documents, {found.deals} mentions of deals, {found.prices} prices, {found.claims} claims. "
        "`megawatch reconcile` settles them.",
        highlight=False,
    )
    end(found.problems)


@contextmanager
def _lines(path: Path) -> Iterator[Iterable[str]]:
    if str(path) == "-":
        yield sys.stdin
        return
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield file
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from error


def _from_lines(lines: Iterable[str], problems: list[Problem]) -> Iterator[Document]:
    from extractors.lines import read_lines

    return read_lines(lines, on_fault=lambda fault: problems.append(Problem(where="--jsonl", what=str(fault))))


def _from_file(path: Path, problems: list[Problem]) -> Iterator[Document]:
    from megawatch.sources.folders import read_folder
    from megawatch.sources.refusals import Refusal

    for found in read_folder(path):
        if isinstance(found, Refusal):
            problems.append(Problem(where=found.where, what=found.reason))
        else:
            yield found


def _print_findings(
    documents: Iterable[Document], problems: list[Problem], *, show: bool, reader: Reader | None
) -> None:
    from extractors.lines import write_findings
    from extractors.pipeline import read_findings
    from extractors.show import render_findings

    chosen = _chosen(reader)
    for document in documents:
        try:
            findings = read_findings(document, reader=chosen)
        except ExtractionError as error:
            problems.append(Problem(where=document.id, what=str(error)))
            continue
        if show:
            console.print(render_findings(document, findings))
        else:
            sys.stdout.write(write_findings(findings) + "\n")


def _chosen(reader: Reader | None) -> ReaderName:
    """The reader asked for, else the one that is set."""
    from flows.steps import reader_of

    return reader_of(settings_in_force()) if reader is None else "trained" if reader is Reader.TRAINED else "grammar"


def evaluate(
    gold: Annotated[list[Path] | None, typer.Argument(help="Annotated documents; the bundled ones where none.")] = None,
    reader: Annotated[Reader | None, typer.Option(help="What reads; the setting `reader` where none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Score the extractors on annotated documents, by field, source and kind."""
    from extractors.evaluate import evaluate as score
    from extractors.evaluate import read_gold
    from extractors.lines import to_document, write_findings
    from extractors.pipeline import extract as read
    from megawatch.resources import bundled

    rows = [row for path in gold or sorted((bundled("fixtures") / "gold").glob("*.jsonl")) for row in read_gold(path)]
    documents = [to_document(json.dumps(row), number=place) for place, row in enumerate(rows, start=1)]
    scores = score(
        rows, {one.document_id: json.loads(write_findings(one)) for one in read(documents, reader=_chosen(reader))}
    )
    if as_json:
        print_json({"figures": scores.figures(), "documents": scores.documents, "scores": asdict(scores)})
    else:
        _print_scores(scores)


def _print_scores(scores: Scores) -> None:
    figures = [{"figure": name, "value": f"{value:.3f}"} for name, value in scores.figures().items()]
    print_rows(figures, columns=("figure", "value"), right=("value",), title=f"{scores.documents} documents")
    groups = (("field", scores.fields), ("source", scores.by_source), ("kind", scores.by_kind))
    for name, tallies in groups:
        rows = [{name: key, **_cells(tally)} for key, tally in tallies.items()]
        console.print()
        print_rows(rows, columns=(name, *_TALLY), right=_TALLY)
    _print_reliability(scores)


def _print_reliability(scores: Scores) -> None:
    """Of the claims of about one confidence, how many are right."""
    rows = [
        {
            "confidence": f"{number / 10:.1f} to {(number + 1) / 10:.1f}",
            "claims": step.claims,
            "promised": f"{step.promised / step.claims:.2f}",
            "right": f"{step.right / step.claims:.2f}",
        }
        for number, step in sorted(scores.reliability.items())
    ]
    columns = ("confidence", "claims", "promised", "right")
    console.print()
    print_rows(rows, columns=columns, right=columns[1:], title=f"calibration error {scores.calibration_error:.3f}")


_TALLY = ("F1", "precision", "recall", "right", "missed", "extra")


def _cells(tally: Tally) -> dict[str, object]:
    shares = {"F1": tally.f1, "precision": tally.precision, "recall": tally.recall}
    counts = {"right": tally.right, "missed": tally.missed, "extra": tally.extra}
    return {**{name: f"{share:.2f}" for name, share in shares.items()}, **counts}


def cluster(
    jsonl: Annotated[Path, typer.Option(help="Documents with their deals, one JSON object a line; - is stdin.")],
) -> None:
    """Tell which deals of many documents are one; one JSON line a deal."""
    from megawatch.ledger.cluster_lines import cluster_lines

    with _lines(jsonl) as lines:
        try:
            for line in cluster_lines(lines):
                sys.stdout.write(line + "\n")
        except LedgerError as error:
            raise SettingsError(f"{jsonl}: {error}") from error
