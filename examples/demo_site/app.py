"""Puts the site together: routes, the visit of each request, the client of the server. What the pages do is in `pages.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from examples.demo_site import memberships, pages, shop, stage, studio
from examples.demo_site.answers import HERE
from examples.demo_site.api import Api, ApiError
from examples.demo_site.settings import SiteSettings
from examples.demo_site.visits import VisitMiddleware, VisitStore


async def health(request: Request) -> Response:
    """Tells whoever started this site that it answers."""
    return PlainTextResponse("ok")


def create_app(settings: SiteSettings) -> Starlette:
    """The site, as an ASGI application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=5, follow_redirects=False) as client:
            app.state.api = Api(client, settings.server_url, settings.client_id)
            yield

    visits = VisitStore()
    app = Starlette(
        routes=[
            Route("/", pages.home),
            Route("/login", pages.login, methods=["GET", "POST"]),
            Route("/silent", pages.silent, methods=["GET", "POST"]),
            Route("/callback", pages.callback),
            Route("/hosted-login", pages.hosted_login, methods=["GET", "POST"]),
            Route("/logout", pages.logout, methods=["GET", "POST"]),
            Route("/signed-out", pages.signed_out),
            Route("/why-refused", pages.why_refused),
            Route("/inside", pages.inside),
            *shop.ROUTES,
            *studio.ROUTES,
            *memberships.ROUTES,
            *stage.ROUTES,
            Route("/health", health),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(VisitMiddleware, store=visits, is_https=settings.is_https)],
        exception_handlers={ApiError: pages.show_problem},
        lifespan=lifespan,
    )
    app.state.settings, app.state.visits = settings, visits
    return app
