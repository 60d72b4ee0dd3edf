"""Puts the frame around a page: site, theme, language, way back. The same for every page of every flow."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from roundtrip.core.urls import UrlRefused, parse
from roundtrip.flows.visit import Visit
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.entry_url import ENTRY_PARAM
from roundtrip.sites.model import Site
from roundtrip.sites.verdict import Rule
from roundtrip.text.catalogue import LANGUAGES, choose_language, spoken
from roundtrip.web import cookies, csrf
from roundtrip.web.render import Back, LanguageLink, Link, Page, SiteView
from roundtrip.web.security_headers import Policy
from roundtrip.web.services import WebServices
from roundtrip.web.theme import Theme, stored_theme

SERVICE_NAME = "Roundtrip"


@dataclass(frozen=True, slots=True)
class Frame:
    """A page and the header policy that fits it."""

    page: Page
    policy: Policy


def reference(request: Request) -> str:
    """The request id, which logs and support know too."""
    request_id: bytes = request.scope["roundtrip.request_id"]
    return request_id.decode()


def chosen_language(request: Request) -> str:
    """What the visitor chose on this page or on an earlier one of the visit; empty when they chose nothing that there is."""
    return choose_language(request.query_params.get("lang") or request.cookies.get(cookies.LANGUAGE), LANGUAGES, "")


def language(request: Request, visit: Visit | None, begun_in: str | None = None) -> str:
    """What the visitor chose here, else what the session was made with, else the site's; without a visit what the browser asks for.

    `begun_in` is the language of something that was begun in a visit and goes on here.
    """
    default = visit.site.language if visit else None
    asked = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    fallback = begun_in or (visit.session.language if visit else asked)
    return spoken(chosen_language(request), fallback, default)


def build(
    services: WebServices,
    request: Request,
    visit: Visit | None,
    *,
    site: Site | None = None,
    session_secret: str | None = None,
    entry_secret: str | None = None,
    with_back: bool = True,
    framed_by: str | None = None,
    begun_in: str | None = None,
    leads_to: Iterable[str | None] = (),
) -> Frame:
    """The frame of one page, in the look of the visit's site (or of `site`).

    `entry_secret` lets somebody who only holds the link go back to the site as well. `leads_to` are addresses that the page's form may
    end at besides those of the visit.
    """
    nonce = secrets.token_urlsafe(16)
    lang = language(request, visit, begun_in)
    site = visit.site if visit else site
    theme = stored_theme(site.theme, services.base_url) if site else None
    back = Back(visit.site.name, leave_path(visit, entry_secret)) if visit and with_back else None
    page = Page(
        lang=lang,
        site=_site(site, theme, back) if site and theme else SiteView(SERVICE_NAME),
        nonce=nonce,
        csrf=csrf.token(session_secret),
        back=back,
        languages=_languages(request, lang),
        policies=tuple(Link(policy.label, policy.url) for policy in theme.policies) if theme else (),
        reference=reference(request),
    )
    targets = _sources((*(_ways_out(visit, services.clock()) if visit else ()), *leads_to))
    return Frame(page, Policy(nonce, targets, framed_by, theme.logo_origin if theme else None))


def leave_path(visit: Visit, entry_secret: str | None = None) -> str:
    """The address on our host that leads back to the site."""
    query = f"?{urlencode({ENTRY_PARAM: entry_secret})}" if entry_secret else ""
    return f"/session/{visit.session.id}/leave{query}"


def _site(site: Site, theme: Theme, back: Back | None) -> SiteView:
    return SiteView(
        name=site.name,
        theme_css=theme.css(),
        appearance=theme.appearance.value,
        logo_url=theme.logo_url,
        logo_width=theme.logo_width,
        home_url=back.url if back else None,
        is_test=site.is_test,
    )


def _languages(request: Request, current: str) -> tuple[LanguageLink, ...]:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    here = f"{request.url.path}?{urlencode([*kept, ('lang', '')])}"
    return tuple(LanguageLink(code, known.name, here + code, code == current) for code, known in LANGUAGES.items())


def _ways_out(visit: Visit, now: int) -> tuple[str | None, ...]:
    """Where a form of this visit may end: at its own callbacks, or the site's home without any; nowhere else (PAG-01)."""
    callbacks = visit.session.request.callbacks
    back = callbacks.post_flow_url or _home(visit, now)
    return (back, callbacks.thank_you_page_url, callbacks.login_url or visit.client.login_url, *visit.flow.own_targets(visit.params))


def _sources(addresses: Iterable[str | None]) -> tuple[str, ...]:
    """Addresses as sources of a policy: origins, and the bare scheme of an app."""
    sources: list[str] = []
    for address in addresses:
        if address is not None:
            try:
                url = parse(address)
            except UrlRefused:
                continue
            sources.append(f"{url.scheme}:" if url.is_app_scheme else url.origin)
    return tuple(dict.fromkeys(sources))


def _home(visit: Visit, now: int) -> str | None:
    """Where a visit without a post-flow address goes in the end."""
    if visit.flow.returns_to is not Rule.REDIRECT_DOMAIN:
        return None
    try:
        return return_url.after_flow(visit.session, visit.client, visit.site, member_logged_in=False, now=now)
    except return_url.NotAllowed:
        return None
