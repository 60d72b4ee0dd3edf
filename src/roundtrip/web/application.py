"""The ASGI application of the pages: which address is whose, and how a refusal or a fault is shown."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from roundtrip.core.errors import AppError
from roundtrip.core.ids import is_guid
from roundtrip.core.nul import refuse_in_address
from roundtrip.flows import notes
from roundtrip.redirect_session.entry_url import AUTHORIZE_PATH, END_SESSION_PATH, ENTER_PATH, LOGOUT_PATH, SESSION_ID_PARAM
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.storage.errors import StorageError
from roundtrip.web import bookings, ends, entering, events, files, frame, payments, recovery, steps
from roundtrip.web.hosts import Hosts
from roundtrip.web.services import WebServices

logger = logging.getLogger("roundtrip.web")

Page = Callable[[WebServices, Request], Awaitable[Response]]


class Pages:
    """Serves every hosted page. Accepts only the configured host names (OPS-05): the server's, and those of sites (`hosts.py`)."""

    def __init__(self, services: WebServices) -> None:
        self._services = services
        self._hosts = Hosts(services)
        self._router = Router([self._route(path, page, methods) for path, page, methods in _PAGES])
        # What a page's address begins with, up to its first parameter; all of it where there is none. The last page takes the rest.
        begins = [path.partition("{") for path, _, _ in _PAGES[:-1]]
        self._prefixes = tuple({before for before, brace, _ in begins if brace})
        self._paths = {"/", *(before for before, brace, _ in begins if not brace)}

    def owns(self, path: str) -> bool:
        """True for the addresses of pages; everything else is the API's."""
        return path in self._paths or path.startswith(self._prefixes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._router(scope, receive, send)

    def _route(self, path: str, page: Page, methods: list[str]) -> Route:
        route = Route(path, partial(self._answer, page), methods=methods)
        if "HEAD" not in methods and route.methods:
            # Starlette answers HEAD wherever it answers GET; here a HEAD would run the move of the page (SES-03).
            route.methods = set(methods)
        return route

    async def _answer(self, page: Page, request: Request) -> Response:
        services = await self._hosts.find(request.headers.get("host", "").lower())
        if services is None:
            return _wrong_host(request, self._services.base_url)
        try:
            return await _page_or_refusal(services, page, request)
        except StorageError as error:
            logger.error("storage failed: %s", error, extra={"request_id": frame.reference(request)})
            return _failed(services, request, 503)
        except Exception:
            logger.exception("page failed", extra={"request_id": frame.reference(request)})
            return _failed(services, request, 500)


async def _page_or_refusal(services: WebServices, page: Page, request: Request) -> Response:
    try:
        refuse_in_address(request.scope["path"], request.scope["query_string"])
        return await page(services, request)
    except AppError as error:
        if isinstance(error, NotAllowed):
            await _note(services, request, error)
        return ends.refused(services, request, error)


async def _note(services: WebServices, request: Request, error: NotAllowed) -> None:
    """A visit that could not go back: its owner finds it among the refused addresses and in the timeline."""
    session_id = request.path_params.get("id") or request.query_params.get(SESSION_ID_PARAM) or ""
    session_id = session_id.lower() if is_guid(session_id) else ""
    now = services.clock()
    try:
        client_id = await services.db.write(notes.refused_to_leave, session_id, error, now)
    except StorageError as problem:
        logger.error("a refusal could not be noted: %s", problem, extra={"request_id": frame.reference(request)})
        return
    if client_id is not None:
        services.refusals.note_verdict(client_id, error.verdict, "return", now, session_id=session_id)


async def _nothing(services: WebServices, request: Request) -> Response:
    return ends.nothing_here(services, request)


def _failed(services: WebServices, request: Request, status: int) -> Response:
    """A fault of ours as a page; in plain words when even that page can't be made."""
    try:
        return ends.failed(services, request, status=status)
    except Exception:
        logger.exception("the page about a fault failed", extra={"request_id": frame.reference(request)})
        text = f"Something went wrong on our side. Please try again in a moment. Reference: {frame.reference(request)}\n"
        return Response(text, status, {"cache-control": "no-store", "x-content-type-options": "nosniff"}, media_type="text/plain")


def _wrong_host(request: Request, base_url: str) -> Response:
    """A page asked for under a name that was not configured: plain text, and no link made from that name."""
    text = f"This server's pages are at {base_url}, or at the pages address of a site. Nothing is known at the name in this request.\n"
    return Response(text, 421, {"cache-control": "no-store", "x-content-type-options": "nosniff"}, media_type="text/plain")


_ENTRY = ["GET", "HEAD", "POST"]
_PAGES: tuple[tuple[str, Page, list[str]], ...] = (
    (ENTER_PATH + "{id}", entering.enter, _ENTRY),
    (AUTHORIZE_PATH, entering.authorize, _ENTRY),
    ("/oauth2/authorize", entering.authorize, _ENTRY),
    (END_SESSION_PATH, entering.end_session, _ENTRY),
    (LOGOUT_PATH, entering.logout, _ENTRY),
    ("/iam/authentication/v1/logout", entering.logout, _ENTRY),
    ("/session/{id}/return", steps.return_, ["GET"]),
    ("/session/{id}/leave", steps.leave, ["GET"]),
    ("/session/{id}/outside", steps.outside, ["GET"]),
    ("/session/{id}/resume/{key}", steps.resume, ["GET"]),
    ("/session/{id}/again", steps.again, ["POST"]),
    ("/session/{id}/{segment}", steps.show, ["GET"]),
    ("/session/{id}/{segment}", steps.submit, ["POST"]),
    ("/recover/{token}", recovery.recover, _ENTRY),
    ("/verify/{token}", recovery.verify, _ENTRY),
    (payments.PAGE, payments.show, ["GET"]),
    (payments.PAGE, payments.choose, ["POST"]),
    (payments.PAGE_BACK, payments.back, ["GET"]),
    (bookings.PAGE, bookings.show, ["GET"]),
    (bookings.PAGE, bookings.act, ["POST"]),
    (bookings.MOVE, bookings.choose, ["GET", "POST"]),
    (bookings.EVENT, bookings.event, ["GET"]),
    (bookings.FEED, bookings.feed, ["GET"]),
    (events.ORDER_PAGE, events.show_order, ["GET"]),
    (events.ORDER_EVENT, events.order_event, ["GET"]),
    (events.ORDER_PDF, events.order_pdf, ["GET"]),
    (events.TICKET_PAGE, events.show_ticket, ["GET"]),
    (events.TICKET_PDF, events.one_pdf, ["GET"]),
    (events.RSVP_PAGE, events.show_rsvp, ["GET"]),
    (events.RSVP_PAGE, events.act, ["POST"]),
    (events.RSVP_EVENT, events.rsvp_event, ["GET"]),
    ("/static/{version}/{name}", files.static, ["GET"]),
    ("/favicon.ico", files.icon, ["GET"]),
    ("/__{rest:path}", entering.inner_page, _ENTRY),
    ("/{rest:path}", _nothing, ["GET"]),
)
"""Every hosted page: its path, who makes it, and the methods it has. The first that fits counts."""
