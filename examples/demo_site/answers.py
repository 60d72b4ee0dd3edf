"""What every page of the site is made with: templates, headers, the ways out, and what belongs to a request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from examples.demo_site.api import Api, ApiError
from examples.demo_site.settings import SiteSettings
from examples.demo_site.visits import Visit

HERE = Path(__file__).parent
templates = Jinja2Templates(directory=HERE / "templates")


async def redirect_session(request: Request, title: str, body: Mapping[str, object]) -> str:
    """Where to send the visitor. If their login ended meanwhile, ask once more as a visitor: even a logout needs a token."""
    visit, api = visit_of(request), api_of(request)
    try:
        return await api.create_redirect_session(visit.trace, await visit.access_token(api), title, body)
    except ApiError as problem:
        if problem.status != 401:
            raise
        visit.forget()
        return await api.create_redirect_session(visit.trace, await visit.access_token(api), title, body)


def page(request: Request, name: str, *, status: int = 200, **context: object) -> Response:
    """A page in the site's frame."""
    visit, settings = visit_of(request), settings_of(request)
    shared: Mapping[str, object] = {"visit": visit, "member": visit.member, "settings": settings, "notice": visit.take_notice()}
    headers = {
        "Cache-Control": "no-store",
        # Buttons post to this site, which answers with a redirect to the server: browsers want both in `form-action`.
        # Pictures of products come from the server as well.
        "Content-Security-Policy": f"default-src 'self'; img-src 'self' {settings.server_url}; frame-ancestors 'none'; base-uri 'none';"
        f" form-action 'self' {settings.server_url}",
        "X-Content-Type-Options": "nosniff",
    }
    return templates.TemplateResponse(request, name, {**shared, **context}, status_code=status, headers=headers)


def leave(visit: Visit, url: str) -> Response:
    """To the hosted pages."""
    visit.trace.browser("Sent the browser to the hosted pages", url)
    return go(url)


def go(url: str) -> Response:
    """On to another address."""
    # 303: whatever the browser sent us, it goes on with a GET. Nothing on the way may be kept.
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


def visit_of(request: Request) -> Visit:
    """Who is browsing."""
    visit = request.state.visit
    assert isinstance(visit, Visit)
    return visit


def api_of(request: Request) -> Api:
    """The client of the server."""
    api = request.app.state.api
    assert isinstance(api, Api)
    return api


def settings_of(request: Request) -> SiteSettings:
    """What this site was told."""
    settings = request.app.state.settings
    assert isinstance(settings, SiteSettings)
    return settings
