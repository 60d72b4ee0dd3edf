"""An answer that travels as a form (OAuth 2.0 Form Post Response Mode): sent by our script, by a button without scripts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from roundtrip.core.urls import parse
from roundtrip.flows.base import Post
from roundtrip.flows.visit import Visit
from roundtrip.sites.model import Site
from roundtrip.web import frame, responses, security_headers
from roundtrip.web.cookies import Cookie
from roundtrip.web.services import WebServices


def page(
    services: WebServices, request: Request, post: Post, site: Site, visit: Visit | None = None, *, set_cookies: Iterable[Cookie] = ()
) -> Response:
    """The page with the form. It may be sent to that one address only, and to nothing of ours."""
    built = frame.build(services, request, visit, site=site, with_back=False)
    shown = replace(built.page, languages=())  # asking for this page again would be asking for another answer
    policy = replace(built.policy, posts_only_to=_source(post.url))
    body = services.renderer.render("form_post.html", shown, {"action": post.url, "fields": post.values})
    headers = security_headers.headers(policy, secure=services.is_secure)
    return responses.html(body, headers=headers, set_cookies=set_cookies, secure=services.is_secure)


def _source(url: str) -> str:
    """An address as a source of the policy (CSP 3, 2.3.1): no query, and only the origin where the path has what would end a source."""
    path = url.partition("#")[0].partition("?")[0]
    return parse(url).origin if any(sign in path for sign in ";,'") else path
