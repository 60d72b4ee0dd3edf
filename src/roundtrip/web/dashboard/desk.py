"""One request of an owner's browser, as the pages see it: who is there, which site, and how to answer."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.identity import Actor
from roundtrip.flows.base import Form
from roundtrip.owners.model import Owner, OwnerLogin
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.web import csrf, responses, security_headers
from roundtrip.web.cookies import Cookie
from roundtrip.web.dashboard.render import DeskFrame
from roundtrip.web.dashboard.services import DeskServices
from roundtrip.web.forms import read_form
from roundtrip.web.frame import reference
from roundtrip.web.security_headers import Policy

P = ParamSpec("P")
T = TypeVar("T")
MOST_COUNTED = 99
"""Where counting for the navigation stops."""


@dataclass(slots=True)
class Desk:
    """What a page is given. `owner` and `login` are there on every page that needs them; `site` on every page of a site.

    `counts` are the numbers beside entries of the navigation.
    `browser_secret` is the secret of this browser's cookie: of its login, or of the form before there is one.
    """

    services: DeskServices
    request: Request
    now: int
    browser_secret: str
    owner: Owner | None = None
    login: OwnerLogin | None = None
    site: Site | None = None
    sites: Sequence[Site] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    set_cookies: list[Cookie] = field(default_factory=list)
    frame: Callable[[Desk, str], DeskFrame] | None = None

    @property
    def me(self) -> Owner:
        """The owner; only on pages that need one."""
        assert self.owner is not None
        return self.owner

    @property
    def my_login(self) -> OwnerLogin:
        """This browser's login; only on pages that need one."""
        assert self.login is not None
        return self.login

    @property
    def here(self) -> Site:
        """The site of the address; only on pages of a site."""
        assert self.site is not None
        return self.site

    @property
    def actor(self) -> Actor:
        """The owner in the audit log."""
        return self.me.actor

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.request.client.host if self.request.client else ""

    def place(self, name: str) -> str:
        """A part of the address, such as an id."""
        value: str = self.request.path_params[name]
        return value

    def query(self, name: str) -> str:
        """A parameter of the address, trimmed; empty when it is not there."""
        return self.request.query_params.get(name, "").strip()

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction that cannot write."""
        return await self.services.web.db.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a transaction and wait until it is durable."""
        return await self.services.web.db.write(fn, *args, **kwargs)

    async def form(self) -> Form:
        """The fields of a POST, after asking where it comes from (PAG-03)."""
        csrf.check_site(self.request.headers, self.services.web.base_url)
        fields = await read_form(self.request)
        csrf.check_token(fields.get(csrf.FIELD, ""), self.browser_secret)
        return fields

    def page(self, template: str, view: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page. Its view may hold `errors` (violations), which come back beside their fields."""
        web = self.services.web
        nonce = secrets.token_urlsafe(16)
        assert self.frame is not None
        body = self.services.renderer.render(template, self.frame(self, nonce), view)
        headers = security_headers.headers(Policy(nonce), secure=web.is_secure)
        return responses.html(body, status=status, headers=headers, set_cookies=self.set_cookies, secure=web.is_secure)

    def go(self, *segments: str, **query: str) -> Response:
        """On to another page of the dashboard."""
        return responses.at_desk(segments, query, set_cookies=self.set_cookies, secure=self.services.web.is_secure)

    @property
    def frame_facts(self) -> tuple[str, str]:
        """CSRF token and reference, which every frame shows."""
        return csrf.token(self.browser_secret), reference(self.request)


Run = Callable[[Desk], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class DeskPage:
    """One address of the dashboard. `path` comes after `/dashboard`; with `{site}` in it the page belongs to a site.

    `open_to` is `anybody`, `password` (the second factor is still to be shown) or `owner`.
    """

    path: str
    run: Run
    methods: tuple[str, ...] = ("GET",)
    open_to: str = "owner"


def errors_of(error: AppError) -> list[dict[str, str]]:
    """What a refused form shows: one entry per field, or one for the form as a whole."""
    violations = error.violations or (Violation("", error.description),)
    return [{"field": violation.field.split("[", 1)[0], "message": _sentence(violation)} for violation in violations]


def is_for_the_form(error: AppError) -> bool:
    """True for refusals that are shown beside the form they are about."""
    return error.kind in (Kind.INVALID, Kind.CONFLICT, Kind.LIMITED)


def _sentence(violation: Violation) -> str:
    text = violation.description
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
