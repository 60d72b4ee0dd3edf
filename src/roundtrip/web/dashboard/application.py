"""The dashboard's addresses: finds the page, who is there, and the site; shows refusals. What pages do is in their own files."""

from __future__ import annotations

import logging
from functools import partial
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.nul import refuse_in_address
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.members import actions as members
from roundtrip.owners import actions as owners
from roundtrip.owners.model import LOGIN_PURPOSE, Owner, OwnerLogin
from roundtrip.sites import store as site_store
from roundtrip.sites.model import Site
from roundtrip.sites.refusals import store as refusals
from roundtrip.storage.database import Tx
from roundtrip.storage.errors import StorageError
from roundtrip.web import cookies, responses
from roundtrip.web.dashboard import PREFIX
from roundtrip.web.dashboard.desk import MOST_COUNTED, Desk, DeskPage
from roundtrip.web.dashboard.frame import build
from roundtrip.web.dashboard.pages import PAGES
from roundtrip.web.dashboard.services import DeskServices
from roundtrip.web.frame import reference

logger = logging.getLogger("roundtrip.dashboard")

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.LIMITED: 429,
}


class Dashboard:
    """Serves the owner's pages, on the server's own address only."""

    def __init__(self, services: DeskServices) -> None:
        self._services = services
        self._host = urlsplit(services.web.base_url).netloc.lower()
        nothing = DeskPage("/{rest:path}", _nothing, open_to="anybody")
        self._router = Router([self._route(page) for page in (*PAGES, nothing)])

    def owns(self, path: str) -> bool:
        """True for the addresses of the dashboard."""
        return path == PREFIX or path.startswith(PREFIX + "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(scope, receive, send)

    def _route(self, page: DeskPage) -> Route:
        return Route(PREFIX + page.path, partial(self._answer, page), methods=list(page.methods))

    async def _answer(self, page: DeskPage, request: Request) -> Response:
        web = self._services.web
        if request.headers.get("host", "").lower() != self._host:
            text = f"The dashboard is at {web.base_url}{PREFIX} only.\n"
            return Response(text, 421, {"cache-control": "no-store", "x-content-type-options": "nosniff"}, media_type="text/plain")
        desk = Desk(self._services, request, web.clock(), "", frame=build)
        try:
            refuse_in_address(request.scope["path"], request.scope["query_string"])
            return await self._open(page, desk)
        except AppError as error:
            return _refused(desk, STATUS[error.kind], error.description, error.code)
        except StorageError as error:
            logger.error("storage failed: %s", error, extra={"request_id": reference(request)})
            return _refused(
                desk, 503, "The database can't be reached right now. Nothing was changed; try again in a moment.", "UNAVAILABLE"
            )
        except Exception:
            logger.exception("dashboard page failed", extra={"request_id": reference(request)})
            return _refused(desk, 500, "Something went wrong on our side. The log has more under the reference below.", "INTERNAL")

    async def _open(self, page: DeskPage, desk: Desk) -> Response:
        web = self._services.web
        secret = cookies.owner_secret(desk.request.cookies, secure=web.is_secure)
        found = await desk.read(_find, hash_secret(LOGIN_PURPOSE, secret), desk.now) if secret else None
        if found is None:
            desk.browser_secret = cookies.desk_form_secret(desk.request.cookies, secure=web.is_secure) or new_secret("")
            desk.set_cookies.append(cookies.desk_form(desk.browser_secret))
        else:
            desk.browser_secret = secret or ""
            desk.login, desk.owner, desk.sites = found
        if page.open_to != "anybody":
            if desk.login is None or desk.owner is None:
                return desk.go("login")
            if page.open_to == "owner" and desk.login.proved_at is None:
                return desk.go("second-factor")
        if desk.login is not None and owners.needs_touch(desk.login, desk.now):
            await desk.write(owners.touch, desk.login, desk.now)
        if "{site}" in page.path:
            desk.site = next((site for site in desk.sites if site.slug == desk.place("site")), None)
            if desk.site is None:
                raise AppError(Kind.NOT_FOUND, "NOT_FOUND", f"There is no site called {desk.place('site')!r} here.")
            if desk.request.method == "GET":
                desk.counts = await desk.read(_counts, desk.site.id)
        return await page.run(desk)


def _find(tx: Tx, secret_hash: str, now: int) -> tuple[OwnerLogin, Owner, list[Site]] | None:
    found = owners.find_login(tx, secret_hash, now)
    return (*found, site_store.sites(tx)) if found else None


def _counts(tx: Tx, site_id: str) -> dict[str, int]:
    return {"refusals": refusals.number(tx, site_id, MOST_COUNTED), "members": members.number_waiting(tx, site_id, MOST_COUNTED)}


async def _nothing(desk: Desk) -> Response:
    raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "There is no such page in the dashboard.")


def _refused(desk: Desk, status: int, sentence: str, code: str) -> Response:
    try:
        return desk.page("desk_problem.html", {"sentence": sentence, "code": code, "status": status}, status=status)
    except Exception:
        logger.exception("the page about a fault failed", extra={"request_id": reference(desk.request)})
        return responses.plain(f"{sentence}\nReference: {reference(desk.request)}\n", status)
