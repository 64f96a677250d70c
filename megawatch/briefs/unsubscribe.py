"""The page that a mail's unsubscribe link leads to: looking at it changes nothing, only POST unsubscribes (RFC 8058).

Mail scanners follow every link; a one-click client posts to the same address and must get no redirect.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from megawatch.briefs.render import fill
from megawatch.briefs.tokens import read_address

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def make_app(*, key: str, remove: Callable[[str], bool], archive: Path | None = None) -> Starlette:
    """An ASGI app with ``/unsubscribe/<token>`` and, where a folder is given, the archive at ``/``.

    ``remove`` ends the subscription of an address; whether there was one is not told to the caller. A failure of it
    answers 500, so that the mail program tries again.
    """

    async def show(request: Request) -> Response:
        token = request.path_params["token"]
        return _page("ask" if read_address(token, key=key) else "unknown")

    async def end(request: Request) -> Response:
        address = read_address(request.path_params["token"], key=key)
        if address is None:
            return _page("unknown")
        await run_in_threadpool(remove, address)
        return _page("done")

    routes: list[BaseRoute] = [
        Route("/unsubscribe/{token}", show, methods=["GET"]),
        Route("/unsubscribe/{token}", end, methods=["POST"]),
    ]
    if archive is not None:
        routes.append(Mount("/", StaticFiles(directory=archive, html=True)))
    return Starlette(routes=routes, middleware=[Middleware(BaseHTTPMiddleware, dispatch=_with_headers)])


async def _with_headers(request: Request, answer: RequestResponseEndpoint) -> Response:
    response = await answer(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _page(state: str) -> HTMLResponse:
    status = 404 if state == "unknown" else 200
    return HTMLResponse(fill("unsubscribe.html.j2", {"state": state}), status_code=status, headers=_PRIVATE)
