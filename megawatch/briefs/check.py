"""No figure leaves that the ledger does not hold: each printed number, unit, name and date is traced to its row.

The twins are read as a reader sees them, row by row. What a row prints must be covered by the words of that row's own
facts, so that one deal's figure beside another deal is found too; what no fact covers may only be fixed words, and
those never hold a digit. Each fact in turn must say what its row of the ledger holds, within rounding.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from megawatch.briefs.facts import Fact, Sentence, facts_of
from megawatch.briefs.markdown import escape_markdown
from megawatch.briefs.passages import Passage, html_passages, read_passages
from megawatch.briefs.reader import LedgerReader, reader_of
from megawatch.briefs.render import Rendered, unmarked
from megawatch.briefs.reread import check_fact, check_rows
from megawatch.briefs.rows.deal_page import DealPage
from megawatch.briefs.rows.types import Brief
from megawatch.errors import BriefError
from megawatch.ledger.queries import Ledger
from megawatch.resources import bundled

_SPACES = re.compile(r"\s+")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;)]")
_WORD = re.compile(r"[^\W_]+")
_UNIT = re.compile(r"[ ]?(?:bn|tn|m|%|mwh|mw|gw|kw|gpus?|months?|years?|times)(?!\w)")
_TAG = re.compile(r"<[^>]*>|\{[{%#].*?[}%#]\}", re.DOTALL)
_SPOKEN = re.compile(r"(?:aria-label|alt|title)=\"([^\"{]*)\"")
_LITERAL = re.compile(r"\"([^\"]*)\"")
_EDITION = re.compile(r"/editions/[\w-]+\.html$")
_GAP = "\x00"


def check_edition(rendered: Rendered, brief: Brief, *, ledger: LedgerReader | Ledger | None = None) -> int:
    """Trace all that an edition prints; the number of passages that stand in a row of the ledger.

    Raises BriefError that names the first word which no row stands behind, and where it stands. With ``ledger`` the
    rows are read again and compared as well.
    """
    if ledger is not None:
        check_rows(brief, reader_of(ledger))
    if unmarked(rendered.marked_text) != rendered.text or unmarked(rendered.marked_markdown) != rendered.markdown:
        raise BriefError(f"Edition {rendered.edition}: a plain twin was changed after it was rendered; render again.")
    return check_passages(read_passages(rendered), brief, rendered.mailed)


def check_page(html: str, view: Brief | DealPage) -> int:
    """Trace what a page of its own prints, as ``check_edition`` does; the passages that stand in a row."""
    return check_passages(html_passages(html, "the page"), view)


def check_passages(passages: Iterable[Passage], *views: Brief | DealPage) -> int:
    """Trace passages to the facts of the views that they were made from."""
    facts: dict[str, list[Fact]] = {}
    for view in views:
        for key, fact in facts_of(view):
            check_fact(fact)
            facts.setdefault(key, []).append(fact)
        for chart in (view.rate_chart, view.lease_chart) if isinstance(view, Brief) else ():
            if chart:
                facts[chart.key] += [fact for mark in chart.marks for _, fact in facts_of(mark)]
    fixed = _template_words().union(*(_fixed_words(view) for view in views))
    addresses = {note.url for view in views for note in view.notes if note.url}
    traced = 0
    for passage in passages:
        read = dataclasses.replace(passage, text=_without_addresses(passage, addresses))
        check_passage(read, facts.get(passage.key, []), fixed)
        traced += passage.key != "edition"
    return traced


def check_passage(passage: Passage, facts: list[Fact], fixed: frozenset[str]) -> None:
    """Raises BriefError where a passage prints a number, a name or a footnote that is none of its row's."""
    notes = {note for fact in facts for note in fact.notes} | {int(f.words) for f in facts if f.row == "edition/notes"}
    for note in passage.notes:
        if note not in notes:
            raise BriefError(f"Footnote {note} in {passage.where} belongs to no figure of row {passage.key!r}.")
    text = _flat(passage.text)
    covered = text
    for words in sorted({form for fact in facts for form in _forms(fact)}, key=len, reverse=True):
        covered = _cover(covered, words)
    for found in re.finditer(_GAP + r"+", covered):
        if text[found.end() - 1].isdigit() and (unit := _UNIT.match(covered, found.end())):
            raise _error(f"{text[found.start() : unit.end()]}", passage, "its unit is not the ledger's")
    left = list(_WORD.finditer(covered))
    for found in left:
        if any(char.isdigit() for char in found.group()):
            raise _error(text[max(found.start() - 12, 0) : found.end() + 8].strip(), passage, "no row holds it")
    for found in left:
        if found.group() not in fixed:
            raise _error(found.group(), passage, "it is neither a name of the row nor a fixed word")


def _error(words: str, passage: Passage, why: str) -> BriefError:
    place = "outside of any row" if passage.key == "edition" else f"in row {passage.key!r}"
    return BriefError(f"{words!r} in {passage.where}, {place}, cannot be traced: {why}. The edition does not leave.")


def _forms(fact: Fact) -> Iterator[str]:
    yield _flat(fact.words)
    yield _flat(escape_markdown(fact.words))


def _flat(text: str) -> str:
    """Runs of spaces as one space, or as one line end: a unit stands on the line of its number."""
    return _SPACES.sub(lambda run: "\n" if "\n" in run.group() else " ", text).casefold().strip()


def _cover(text: str, words: str) -> str:
    """The text with each whole occurrence of the words blanked; ``300`` is no part of ``1,300`` or ``300,000``."""
    if not words.strip("—… ") or words not in text.replace("\n", " "):
        return text
    before = r"(?<![\w.,$])" if words[0].isalnum() else r"(?<!\w)" if words[0] == "$" else ""
    after = r"(?!\w|[.,]\d)" if words[-1].isalnum() else ""
    pattern = re.escape(words).replace("\\ ", r"\s")
    return re.sub(before + pattern + after, lambda found: _GAP * len(found.group()), text)


def _without_addresses(passage: Passage, known: set[str]) -> str:
    """The text without the addresses of its sources and without that of an edition."""

    def keep(found: re.Match[str]) -> str:
        return " " if found.group() in known or _EDITION.search(found.group()) else found.group()

    return _ADDRESS.sub(keep, passage.text)


def _fixed_words(view: object) -> Iterator[str]:
    """The words of phrases and labels in a view that are no facts."""
    if isinstance(view, Sentence):
        for part in view.parts:
            if isinstance(part, str):
                yield from _words(part)
    elif isinstance(view, Fact):
        yield from _words(view.label)
        if view.kind == "text" and not view.raw:
            yield from _words(view.words)
    elif isinstance(view, tuple):
        for item in view:
            yield from _fixed_words(item)
    elif dataclasses.is_dataclass(view) and not isinstance(view, type):
        for field in dataclasses.fields(view):
            value = getattr(view, field.name)
            named = field.name in ("what", "field", "how", "standing", "market", "fields", "only", "title", "legend")
            yield from _words(value) if isinstance(value, str) and named else _fixed_words(value)


def _words(text: str) -> Iterator[str]:
    return (word for word in _WORD.findall(text.casefold()) if not any(char.isdigit() for char in word))


@lru_cache(maxsize=1)
def _template_words() -> frozenset[str]:
    """The words that the templates themselves print."""
    words: set[str] = set()
    for path in sorted(bundled("templates").rglob("*.j2")):
        source = path.read_text(encoding="utf-8")
        words.update(_words(_TAG.sub(" ", source)))
        for spoken in _SPOKEN.findall(source):
            words.update(_words(spoken))
        for expression in re.findall(r"\{\{.*?\}\}", source, re.DOTALL):
            for literal in _LITERAL.findall(expression):
                words.update(_words(literal))
    return frozenset(words)
