"""Who is browsing: one visit per cookie, kept on this side. Tokens, PKCE verifiers and states never reach the browser."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examples.demo_site.api import Api, ApiError, Member, Tokens
from examples.demo_site.trace import Trace

COOKIE = "kiln_visit"
MAX_VISITS = 1000
MAX_PENDING = 10
LIFE_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """A login that left this site and is not back yet. `is_silent` means: no page was to be shown (prompt=none)."""

    code_verifier: str
    is_silent: bool

    @property
    def code_challenge(self) -> str:
        """RFC 7636 4.2, S256."""
        digest = hashlib.sha256(self.code_verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(slots=True)
class Visit:
    """One browser. `pending` maps a state to its login, so that two tabs can log in without upsetting each other.

    `cart_pieces` is how many things were in the cart when it was last looked at; the cart itself is the server's.
    """

    id: str
    seen_at: float
    tokens: Tokens | None = None
    member: Member | None = None
    pending: dict[str, PendingLogin] = field(default_factory=dict)
    awaits_flow: bool = False
    notice: str = ""
    cart_pieces: int = 0
    trace: Trace = field(default_factory=Trace)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start_login(self, *, is_silent: bool) -> tuple[str, PendingLogin]:
        """A new state and its login. Only the newest few are kept: whoever starts eleven logins does not finish the first."""
        state, login = secrets.token_urlsafe(32), PendingLogin(secrets.token_urlsafe(32), is_silent)
        self.pending[state] = login
        while len(self.pending) > MAX_PENDING:
            del self.pending[next(iter(self.pending))]
        return state, login

    def take_login(self, state: str) -> PendingLogin | None:
        """The login that this state belongs to, once. None: it was not started in this visit, or it already came back."""
        return self.pending.pop(state, None)

    async def access_token(self, api: Api) -> str:
        """An access token that works now: the visitor's or the member's, new or renewed. Raises `ApiError`."""
        async with self.lock:  # two requests of one visit must not become two visitors
            if self.tokens is not None and self.tokens.is_stale(time.time()):
                await self._renew(api, self.tokens)
            if self.tokens is None:
                self.tokens = await api.anonymous_tokens(self.trace)
            return self.tokens.access_token

    async def _renew(self, api: Api, old: Tokens) -> None:
        try:
            self.tokens = await api.refresh(self.trace, old.refresh_token) if old.refresh_token else None
        except ApiError as problem:
            if not problem.is_login_over:
                raise
            self.tokens = None
        if self.tokens is None and self.member is not None:
            self.forget("Your login has ended. You are browsing as a visitor again.")

    def forget(self, notice: str = "") -> None:
        """Become a visitor again. The next call gets new tokens."""
        self.tokens, self.member, self.notice = None, None, notice

    def take_notice(self) -> str:
        """The message for the next page, once."""
        notice, self.notice = self.notice, ""
        return notice


class VisitStore:
    """Visits in memory. Enough for a demo of one process; a real site keeps them in its database or cache."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}

    def find(self, visit_id: str) -> Visit | None:
        """The visit, unless it is unknown or too old."""
        visit = self._visits.get(visit_id)
        if visit is None or time.time() - visit.seen_at > LIFE_SECONDS:
            return None
        visit.seen_at = time.time()
        return visit

    def start(self) -> Visit:
        """A new visit. The oldest makes room when there are too many."""
        while len(self._visits) >= MAX_VISITS:
            del self._visits[next(iter(self._visits))]
        visit = Visit(secrets.token_urlsafe(24), time.time())
        self._visits[visit.id] = visit
        return visit

    def renew_id(self, visit: Visit) -> None:
        """A new cookie value after a login, so that a value known before it is worth nothing (session fixation)."""
        self._visits.pop(visit.id, None)
        visit.id = secrets.token_urlsafe(24)
        self._visits[visit.id] = visit


class VisitMiddleware:
    """Finds or starts the visit, puts it into `request.state.visit`, and sets the cookie when it changed."""

    def __init__(self, app: ASGIApp, store: VisitStore, *, is_https: bool) -> None:
        self._app = app
        self._store = store
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/static/", "/health")):
            await self._app(scope, receive, send)
            return
        received = _cookie(scope)
        visit = self._store.find(received) or self._store.start()
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        state["visit"] = visit

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and visit.id != received:
                MutableHeaders(scope=message).append("set-cookie", self._set_cookie(visit.id))
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _set_cookie(self, value: str) -> str:
        cookie: SimpleCookie = SimpleCookie({COOKIE: value})
        # Lax: the browser brings it along on the way back from the hosted pages, but not on a stranger's POST.
        attributes: dict[str, Any] = {"path": "/", "max-age": LIFE_SECONDS, "httponly": True, "secure": self._is_https, "samesite": "Lax"}
        cookie[COOKIE].update(attributes)
        return cookie[COOKIE].OutputString()


def _cookie(scope: Scope) -> str:
    header = next((value for name, value in scope["headers"] if name == b"cookie"), b"")
    return cookie_parser(header.decode("latin-1")).get(COOKIE, "")
