"""From a view to the four twins of an edition: HTML for mail, a page, plain text and Markdown.

Templates do no arithmetic and word no number; an undefined name in one is an error. Text from sources reaches HTML
through autoescape alone.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from megawatch.briefs import wording
from megawatch.briefs.charts import Image, draw_chart
from megawatch.briefs.facts import Fact, Sentence, facts_of, phrase
from megawatch.briefs.markdown import escape_markdown
from megawatch.briefs.rows.types import Brief
from megawatch.briefs.twin import edition_json
from megawatch.errors import BriefError
from megawatch.resources import bundled

MAIL_BYTES = 90_000
MOST_LISTED = 120
TEXT_COLUMNS = 72
UNSUBSCRIBE_MARK = "https://unsubscribe.invalid/"
KEPT_STYLE = "<!--kept-style-->"
UNSUBSCRIBE_TEXT = "@@unsubscribe@@"
OPEN, MIDDLE, CLOSE = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"{OPEN}[^{MIDDLE}]*{MIDDLE}|{CLOSE}")
_SOURCE = re.compile(r'src="(cid:[^"]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One edition in all its forms.

    ``html`` refers to the charts as ``cid:`` parts of a message, ``page`` holds them as drawings. ``marked_text`` and
    ``marked_markdown`` are the twins with the places of their rows marked, from which the check reads; without the
    marks they are ``text`` and ``markdown``. ``data`` holds the facts as JSON.
    """

    edition: str
    day: str
    subject: str
    html: str
    text: str
    markdown: str
    page: str
    images: tuple[Image, ...]
    marked_text: str
    marked_markdown: str
    mailed: Brief
    data: str


def render(brief: Brief, *, base_url: str = "") -> Rendered:
    """All forms of an edition; ``base_url`` is where the archive is published (empty: no links to it).

    The mail is kept below 90 KB: where it would be larger, the smallest deals and what cites them are left to the page
    and the mail says how many. Raises BriefError where a template is broken.
    """
    images = tuple(draw_chart(chart) for chart in (brief.rate_chart, brief.lease_chart) if chart)
    mailed, html = _fitting(brief, images, base_url)
    text = fill("brief.txt.j2", _context(mailed, images, base_url)).replace(wording.GAP, " ")
    markdown = fill("brief.md.j2", _context(brief, images, base_url))
    page = render_page(brief, images, base_url=base_url)
    return Rendered(
        edition=brief.edition,
        day=brief.as_of[:10],
        subject=subject_of(brief),
        html=html,
        text=unmarked(text),
        markdown=unmarked(markdown),
        page=page,
        images=images,
        marked_text=text,
        marked_markdown=markdown,
        mailed=mailed,
        data=edition_json(brief),
    )


def render_page(brief: Brief, images: tuple[Image, ...], *, base_url: str = "", deals: str = "", home: str = "") -> str:
    """The page edition; ``deals`` is the path to the deals' own pages, ``home`` that of the index (empty: no links)."""
    context = _context(brief, images, base_url)

    def address(row: Any) -> str:
        return f"{deals}{row.anchor}.html" if deals else ""

    return fill("page.html.j2", {**context, "linked": True, "home": home, "address": address})


def subject_of(brief: Brief) -> str:
    """The subject line: the week, and the parties of the first finding."""
    if brief.headline:
        return f"Megawatch alert: {brief.headline}"
    head = f"Megawatch {brief.title}"
    return f"{head}: {brief.only}" if brief.only else head


def unmarked(text: str) -> str:
    """The text without the marks of its rows."""
    return _MARKS.sub("", text)


def _fitting(brief: Brief, images: tuple[Image, ...], base_url: str) -> tuple[Brief, str]:
    """The fullest form of an edition that a mail can hold: fewer deals with all terms, then fewer rows."""
    whole = len(brief.new)
    cards_tried = [whole, *(cards for cards in (24, 16, 12, 9, 7, 5, 3) if cards < whole)]
    sizes: list[tuple[int, int | None]] = [(cards, None) for cards in cards_tried if whole <= MOST_LISTED]
    for cards, rows in [*sizes, (7, 40), (3, 24), (3, 12), (2, 6)]:
        shown = trimmed(brief, cards=cards, rows=rows)
        html = _inlined(fill("brief.html.j2", _context(shown, images, base_url)))
        if len(html.encode()) <= MAIL_BYTES:
            return shown, html
    raise BriefError(f"Edition {brief.edition} takes {len(html.encode())} bytes as mail: narrow it with --only.")


_LISTS = (
    "others",
    "changes",
    "prices",
    "clashes",
    "corrections",
    "due",
    "refusals",
    "power",
    "leases",
    "rates",
    "gaps",
)


def trimmed(brief: Brief, *, cards: int, rows: int | None) -> Brief:
    """The edition with so many new deals in full, the others in one line each, and so many rows a list (None: all).

    Footnotes that are cited no longer go; what is left out is counted.
    """
    if cards >= len(brief.new) and rows is None:
        return brief
    others = tuple(replace(deal, terms=(), refusals=(), flags=(), links=()) for deal in brief.new[cards:])
    short = replace(brief, new=brief.new[:cards], others=others, notes=())
    kept: dict[str, Any] = {name: getattr(short, name)[:rows] for name in _LISTS}
    left = sum(len(getattr(short, name)) - len(kept[name]) for name in _LISTS)
    if left:
        count = Fact(words=wording.counted(left, "row"), row="edition/omitted", raw=(Decimal(left),))
        kept["omitted"] = phrase("{count} more on the page of this edition, so that the mail stays short.", count=count)
    short = replace(short, **kept)
    cited = {number for _, fact in facts_of(short) for number in fact.notes}
    return replace(short, notes=tuple(note for note in brief.notes if note.number.raw[0] in cited))


def _context(brief: Brief, images: tuple[Image, ...], base_url: str) -> dict[str, Any]:
    base = base_url.rstrip("/")

    def address(row: Any) -> str:
        return f"{base}/deals/{row.anchor}.html" if base else ""

    def source(name: str, dress: str) -> str:
        return f"cid:{image_id(brief.edition, name, dress)}"

    return {
        "brief": brief,
        "images": {image.name: image for image in images},
        "subject": subject_of(brief),
        "preheader": str(brief.findings[0].sentence) if brief.findings else str(brief.coverage),
        "page_url": f"{base}/editions/{brief.edition}.html" if base else "",
        "linked": False,
        "address": address,
        "source": source,
        "noted": _noted,
        "unsubscribe_mark": UNSUBSCRIBE_MARK,
        "unsubscribe_text": UNSUBSCRIBE_TEXT,
    }


def image_id(edition: str, name: str, dress: str) -> str:
    """The Content-ID of a chart, the same in every message of an edition."""
    return f"{name}-{dress}.{edition}@megawatch"


def fill(template: str, context: dict[str, Any]) -> str:
    """A template filled; BriefError where it is missing, broken or names what the context lacks."""
    try:
        return _environment().get_template(template).render(context)
    except TemplateError as error:
        raise BriefError(
            f"Template {template} cannot be filled: {error}. Compare it with the fields of Brief."
        ) from error


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(bundled("templates")),
        undefined=StrictUndefined,
        autoescape=lambda name: name is None or not name.endswith((".txt.j2", ".md.j2", ".css")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "wrap": _wrap,
        "heading": lambda text: f"{str(text).upper()}\n{'=' * min(len(str(text)), TEXT_COLUMNS)}",
        "leader": _leader,
        "open": lambda row: f"{OPEN}{row.key}{MIDDLE}",
        "close": lambda row: CLOSE,
        "upper_first": lambda text: str(text)[:1].upper() + str(text)[1:],
        "md": lambda text: escape_markdown(str(text)),
        "drawing": Markup,
    }
    environment.filters.update(filters)
    return environment


def _plain(text: object) -> str:
    return str(text).replace(wording.GAP, " ")


def _noted(fact: Fact | Sentence) -> str:
    """The words with the numbers of their footnotes in brackets."""
    pieces = fact.parts if isinstance(fact, Sentence) else (fact,)
    return "".join(str(p) + "".join(f" [{n}]" for n in p.notes) if isinstance(p, Fact) else p for p in pieces)


def _wrap(text: object, *, first: int = 0, indent: int = 0) -> str:
    # A figure keeps its unit: lines break at ordinary spaces, which the figure's own space is not.
    wrapper = textwrap.TextWrapper(TEXT_COLUMNS, initial_indent=" " * first, subsequent_indent=" " * indent)
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return _plain("\n".join(wrapper.wrap(str(text))))


def _leader(label: object, value: object) -> str:
    """A label, dots and a value, within the columns of a line; on two lines where they do not fit."""
    left, right = f"  {label} ", f" {value}"
    dots = TEXT_COLUMNS - len(left) - len(right)
    if dots >= 2:
        return _plain(left + "." * dots + right)
    return f"{_plain(left)}\n{_wrap(value, first=6, indent=6)}"


def _inlined(html: str) -> str:
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, minify_css=True)
    # The inliner writes a no-break space as an entity, three times as long.
    inlined: str = inliner.inline(html).replace("&nbsp;", wording.GAP)
    # Rules for dark mode and narrow screens cannot be inlined: they join after it, as a sheet of their own.
    kept = fill("parts/mail-keep.css", {})
    return re.sub(r"\n\s*", "\n", inlined.replace(KEPT_STYLE, f"<style>{kept}</style>"))


def view_fields() -> tuple[str, ...]:
    """The fields of an edition that templates may name."""
    return tuple(field.name for field in fields(Brief))
