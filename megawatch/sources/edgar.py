"""SEC EDGAR: a company's filings, the documents of a filing, and the parts of them that can tell a deal.

Addresses follow the SEC's scheme: submissions at ``https://data.sec.gov/submissions/CIK##########.json``; a filing's
folder at ``<archive>/<cik>/<accession without dashes>/`` with ``<accession>-index.htm`` listing its documents.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from megawatch.errors import SourceError
from megawatch.market import Source
from megawatch.sources.dates import to_day
from megawatch.sources.html import decode, node_text, parse, tidy
from megawatch.sources.specs import SourceSpec

ITEM_NAMES = {
    "1.01": "Entry into a Material Definitive Agreement",
    "1.02": "Termination of a Material Definitive Agreement",
    "2.01": "Completion of Acquisition or Disposition of Assets",
    "2.02": "Results of Operations and Financial Condition",
    "2.03": "Creation of a Direct Financial Obligation",
    "3.02": "Unregistered Sales of Equity Securities",
    "7.01": "Regulation FD Disclosure",
    "8.01": "Other Events",
}
LONG_FORMS = ("10-Q", "10-K", "S-1", "F-1", "20-F", "S-4", "424B", "10-12B")
READABLE = (".htm", ".html", ".txt", ".pdf")
LONGEST_WHOLE = 20_000
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
_EXHIBIT = re.compile(r"EX-(99|10)(\.\d+)*([A-Z]*)", re.IGNORECASE)
_FILE = re.compile(r"[\w.-]{1,120}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One filing of one company; ``filed`` is an ISO day, ``items`` those of an 8-K (``1.01``, ``9.01`` …)."""

    cik: int
    company: str
    form: str
    accession: str
    filed: str
    items: tuple[str, ...] = ()
    primary: str = ""

    @property
    def folder(self) -> str:
        """The filing's folder below the archive's address."""
        return f"{self.cik}/{self.accession.replace('-', '')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingDocument:
    """One document of a filing that is worth reading: the form itself or an exhibit 99 or 10."""

    filing: Filing
    kind: str
    url: str
    description: str = ""

    @property
    def source(self) -> Source:
        """Its genre: an exhibit 99 is what the company told the press, all else is the filing."""
        return "press_release" if self.kind.upper().startswith("EX-99") else "filing"

    @property
    def title(self) -> str:
        """A line that names company, form, and what it reports."""
        filing = self.filing
        told = [ITEM_NAMES[item] for item in filing.items if item in ITEM_NAMES]
        kind = filing.form if self.kind.upper() == filing.form.upper() else f"{filing.form} {self.kind.upper()}"
        tail = self.description if self.kind.upper() != filing.form.upper() else "; ".join(told)
        tail = "" if tail.upper() in (self.kind.upper(), filing.form.upper()) else tail
        return f"{filing.company} {kind}" + (f": {tail}" if tail else "")


def read_submissions(body: bytes, spec: SourceSpec) -> list[Filing]:
    """Read a company's recent filings of the wanted forms, newest first; SourceError where the JSON is not such."""
    try:
        told = json.loads(body)
        recent = told["filings"]["recent"]
        columns = [recent[name] for name in ("accessionNumber", "form", "filingDate", "primaryDocument")]
        items = recent.get("items") or [""] * len(columns[0])
        rows = list(zip(*columns, items, strict=True))
        company, cik = str(told.get("name") or spec.publisher), int(told.get("cik") or spec.cik or 0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(f"{spec.address}: not a submissions file of EDGAR ({error!r}).") from error
    filings = [
        Filing(
            cik=cik,
            company=" ".join(tidy(company).split()),
            form=str(form),
            accession=str(accession),
            filed=to_day(str(filed)) or "",
            items=tuple(part.strip() for part in str(told_items or "").split(",") if part.strip()),
            primary=str(primary or ""),
        )
        for accession, form, filed, primary, told_items in rows
        if wanted_form(str(form), spec.forms) and _ACCESSION.fullmatch(str(accession))
    ]
    return sorted(filings, key=lambda filing: filing.filed, reverse=True)


def wanted_form(form: str, wanted: tuple[str, ...]) -> bool:
    """Whether a form, or what it amends (``8-K/A``), is among the wanted ones."""
    return form.upper().removesuffix("/A") in {name.upper() for name in wanted}


def index_address(filing: Filing, archive: str) -> str:
    """Give the address of the page that lists a filing's documents."""
    return f"{archive.rstrip('/')}/{filing.folder}/{filing.accession}-index.htm"


def read_index(body: bytes, filing: Filing, archive: str) -> list[FilingDocument]:
    """Read which documents of a filing are worth reading: the form, and exhibits 99 and 10, in their order.

    Raises SourceError where the page lists none.
    """
    folder = f"{archive.rstrip('/')}/{filing.folder}/"
    found: dict[str, FilingDocument] = {}
    for row in parse(decode(body)).iter("tr"):
        cells = [node_text(cell) for cell in row.iter("td")]
        link = next(row.iter("a"), None)
        if len(cells) < 4 or link is None:
            continue
        kind, name = cells[3], _file_name(link.get("href") or "")
        worth = kind.upper() == filing.form.upper() or _EXHIBIT.fullmatch(kind)
        if worth and name.lower().endswith(READABLE):
            found.setdefault(
                name, FilingDocument(filing=filing, kind=kind, url=urljoin(folder, name), description=cells[1])
            )
    if not found:
        raise SourceError(f"{index_address(filing, archive)}: lists no document of form {filing.form}.")
    return list(found.values())


def _file_name(href: str) -> str:
    """Take the bare file name out of a link; the inline viewer's ``/ix?doc=`` before it is dropped."""
    name = urlsplit(href.rpartition("doc=")[2]).path.rpartition("/")[2]
    return name if _FILE.fullmatch(name) else ""


def primary_document(filing: Filing, archive: str) -> list[FilingDocument]:
    """Give the form itself by the name that the submissions file has for it, where the list cannot be had."""
    if not _FILE.fullmatch(filing.primary):
        return []
    url = f"{archive.rstrip('/')}/{filing.folder}/{filing.primary}"
    return [FilingDocument(filing=filing, kind=filing.form, url=url)]


def told_part(text: str, form: str) -> str:
    """Cut a filing's text down to what can tell a deal.

    An 8-K loses its cover page and its list of exhibits and signatures; a long form (10-Q, 10-K, S-1 …) keeps the
    sections on agreements, commitments, customers and their like; whatever holds no such parts is kept whole.
    """
    if form.upper().startswith("8-K"):
        return _items_part(text)
    long = form.upper().removesuffix("/A").startswith(LONG_FORMS)
    return _sections_part(text) if long and len(text) > LONGEST_WHOLE else text


_ITEM = re.compile(r"^\s*item\s+(\d+\.\d\d)", re.IGNORECASE | re.MULTILINE)
_ITEM_9_OR_END = re.compile(r"^\s*(?:item\s+9\.01|signatures?\s*$)", re.IGNORECASE | re.MULTILINE)


def _items_part(text: str) -> str:
    first = _ITEM.search(text)
    if not first:
        return text
    end = _ITEM_9_OR_END.search(text, first.end())
    part = text[first.start() : end.start() if end else len(text)].strip()
    return part or text


_HEADING = re.compile(r"(?:item\s+\d+[ab]?\.|note\s+\d+|\d{1,2}\.|\([a-z]\))?\s*[A-Z“\"]", re.IGNORECASE)
_WANTED = re.compile(
    r"material (?:definitive )?(?:agreement|contract)|commitment|contractual obligation|purchase obligation|customer|"
    r"concentration|remaining performance obligation|backlog|hosting|colocation|leases?\b|power purchase|energy supply|"
    r"subsequent event|recent (?:development|event)|strategic (?:relation|part)|our contracts|key agreements|"
    r"data cent(?:er|re)s?\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"[$€£]\s?\d|\b\d[\d,.]*\s?(?:%|MW|GW|megawatts?|gigawatts?|million|billion|GPUs?)")
_SPOKEN = re.compile(
    r"\b(?:megawatts?|MW|gigawatts?|GW|GPUs?|colocation|hyperscalers?|power purchase agreements?|take-or-pay|"
    r"master services? agreements?|cloud services? agreements?|order forms?|data cent(?:er|re) leases?)\b"
)
_PAGE_LINES = frozenset(("table of contents", "(unaudited)", "page"))


def _sections_part(text: str) -> str:
    """Keep the sections whose headings speak of deals and tell figures; of the others, the paragraphs that do.

    A paragraph comes with its neighbours, which may name the parties.
    """
    kept: list[str] = []
    for heading, blocks in _sections(text):
        named = _WANTED.search(heading) and any(_FIGURE.search(block) for block in blocks)
        telling = [named or _tells(block) for block in blocks]
        chosen = [block for at, block in enumerate(blocks) if any(telling[max(0, at - 1) : at + 2])]
        if chosen:
            kept += [heading, *chosen] if heading else chosen
    return "\n\n".join(kept) or text[: 10 * LONGEST_WHOLE]


def _tells(block: str) -> bool:
    """Whether a paragraph speaks of this market with a figure, or begins with such a heading and has one."""
    return bool(_FIGURE.search(block) and (_SPOKEN.search(block) or _WANTED.search(block[:60].partition(":")[0])))


def _sections(text: str) -> list[tuple[str, list[str]]]:
    sections: list[tuple[str, list[str]]] = [("", [])]
    for block in text.split("\n\n"):
        if block.casefold() in _PAGE_LINES or block.isdigit():
            continue
        if _is_heading(block):
            sections.append((block, []))
        else:
            sections[-1][1].append(block)
    return sections


def _is_heading(block: str) -> bool:
    words = block.split()
    if not 0 < len(words) <= 14 or "\n" in block or " | " in block or block[-1] in ".;:,•" or not block[0].isalnum():
        return False
    capital = sum(word[0].isupper() or not word[0].isalpha() for word in words)
    return bool(_HEADING.match(block)) and capital >= 0.6 * len(words)


def daily_address(spec: SourceSpec, day: date) -> str:
    """Fill the day into the address of a daily index."""
    return (
        spec.address.replace("{year}", f"{day.year:04d}")
        .replace("{quarter}", str((day.month - 1) // 3 + 1))
        .replace("{date}", f"{day:%Y%m%d}")
    )


def read_daily_index(body: bytes, spec: SourceSpec) -> list[Filing]:
    """Read a ``master`` index (``CIK|Company Name|Form Type|Date Filed|File Name``): filings of the wanted forms.

    ``title_pattern`` of the source picks companies by name. Lines of another shape are passed over; SourceError where
    no line has it.
    """
    rows = [line.split("|") for line in decode(body).splitlines() if line.count("|") == 4]
    if not rows:
        raise SourceError(f"{spec.address}: not a master index of EDGAR.")
    names = re.compile(spec.title_pattern, re.IGNORECASE)
    filings: list[Filing] = []
    for cik, company, form, filed, file_name in rows:
        accession = _ACCESSION.search(file_name)
        if accession and cik.strip().isdigit() and wanted_form(form.strip(), spec.forms) and names.search(company):
            filings.append(
                Filing(
                    cik=int(cik),
                    company=" ".join(company.split()),
                    form=form.strip(),
                    accession=accession.group(),
                    filed=to_day(filed) or "",
                )
            )
    return filings
