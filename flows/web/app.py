"""One ASGI application: our pages on top, the brief's archive beside them, Datasette for everything else.

Nothing here writes to the ledger. A PostgreSQL ledger is shown to Datasette as a copy made when the server starts;
deal pages read it as it is.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.database import Database
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from flows.web.metadata import DATABASE, LIMITS, build_metadata, sheet_address
from flows.web.search import SearchIndex
from megawatch.briefs import wording
from megawatch.briefs.dossier import build_dossier, render_dossier
from megawatch.briefs.render import fill
from megawatch.briefs.rows.figures import Notebook, term_fact, title_of
from megawatch.errors import LedgerError
from megawatch.ledger import Ledger
from megawatch.ledger.export import write_snapshot
from megawatch.ledger.queries import cash_schedule, explain, list_deals
from megawatch.ledger.sheets import read_sheets
from megawatch.market import Deal
from megawatch.resources import bundled

LATEST_DEALS = 25
_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def make_app(ledger: Ledger, *, home: Path, archive: Path) -> Any:
    """The application over one open ledger; ``archive`` holds the editions, ``home`` takes the search index."""
    pages = Pages(ledger, SearchIndex(ledger, home / "browse" / "search.sqlite"))
    routes: list[Route | Mount] = [
        Route("/", pages.start),
        Route("/search", pages.search),
        Route("/sheets", pages.sheets),
        Route("/deals/{deal_id}", pages.deal),
        Mount("/dress", StaticFiles(directory=bundled("templates") / "dress")),
    ]
    routes.append(Mount("/briefs", StaticFiles(directory=archive, html=True)))
    return Starlette(routes=[*routes, Mount("/", _datasette(ledger, home))])


def _datasette(ledger: Ledger, home: Path) -> Any:
    path = ledger.path
    if path is None:
        path = home / "browse" / "ledger.sqlite"
        write_snapshot(ledger, path)
    with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as connection:
        raw = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    shown = Datasette(
        files=[],
        metadata=build_metadata([] if ledger.path is None else raw),
        settings=LIMITS,
        template_dir=str(bundled("templates") / "datasette"),
        plugins_dir=str(Path(__file__).parent / "plugins"),
    )
    shown.add_database(Database(shown, path=str(path), is_mutable=True), name=DATABASE)
    return shown.app()


class Pages:
    """The pages of our own, filled from the ledger."""

    def __init__(self, ledger: Ledger, index: SearchIndex) -> None:
        self._ledger = ledger
        self._index = index

    async def start(self, request: Request) -> Response:
        """What is in the ledger, and where to go on."""
        return await self._page(self._start)

    async def search(self, request: Request) -> Response:
        """Passages that hold the words of ``?q=``."""
        words = request.query_params.get("q", "")[:200]
        return await self._page(lambda: self._search(words))

    async def sheets(self, request: Request) -> Response:
        """The market sheets."""
        return await self._page(self._sheets)

    async def deal(self, request: Request) -> Response:
        """One deal as known on the day ``?as_of=``, today where none is given."""
        deal_id = request.path_params["deal_id"]
        day = request.query_params.get("as_of") or None
        try:
            explanation = await run_in_threadpool(explain, self._ledger, deal_id, as_of=day)
        except LedgerError as error:
            return HTMLResponse(_plain("No such deal", str(error)), status_code=404, headers=_HEADERS)
        if explanation.deal.deal_id != deal_id:
            return RedirectResponse(f"/deals/{explanation.deal.deal_id}")
        known = day or datetime.now(UTC).date().isoformat()
        return await self._page(
            lambda: render_dossier(build_dossier(explanation, cash_schedule(explanation.deal)), known=known)
        )

    async def _page(self, render: Any) -> Response:
        return HTMLResponse(await run_in_threadpool(render), headers=_HEADERS)

    def _start(self) -> str:
        deals = list_deals(self._ledger, limit=LATEST_DEALS)
        counted = self._ledger.query("select (select count(*) from deals), (select count(*) from documents)").rows[0]
        lead = f"{wording.counted(counted[0], 'deal')} from {wording.counted(counted[1], 'document')}"
        return _desk("The ledger", lead=lead, deals=[_brief(deal) for deal in deals], sheets=_cards())

    def _search(self, words: str) -> str:
        hits = self._index.find(words)
        return _desk("Search", lead="Words in the sentences that state a figure", words=words, hits=hits)

    def _sheets(self) -> str:
        return _desk("Market sheets", lead="Each a query with its chart, and as CSV", sheets=_cards())


def _desk(title: str, *, lead: str, **parts: Any) -> str:
    context = {"title": title, "eyebrow": "Megawatch", "lead": lead, "words": "", "hits": (), "deals": (), "sheets": ()}
    return fill("desk.html.j2", context | parts)


def _plain(title: str, words: str) -> str:
    return _desk(title, lead=words)


def _cards() -> list[dict[str, str]]:
    return [
        {
            "title": sheet.title,
            "description": sheet.description,
            "address": sheet_address(sheet),
            "csv": sheet_address(sheet, form="csv"),
        }
        for sheet in read_sheets()
    ]


def _brief(deal: Deal) -> dict[str, str]:
    power, total = (term_fact(deal, name, Notebook()) for name in ("power_mw", "total_value_usd"))
    return {
        "deal_id": deal.deal_id,
        "title": str(title_of(deal)),
        "kind": deal.kind,
        "seen": wording.day(deal.last_seen),
        "power": "" if power is None else str(power),
        "total": "" if total is None else str(total),
    }
