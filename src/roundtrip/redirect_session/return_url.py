"""The one way out: the only maker of addresses that leave our host.

Targets come from the stored session, are judged again by the allow-list right before leaving (RED-08), and what is sent is the parsed
address printed again (RED-04). Nothing of the current request can reach the result. A refused target is never replaced (RED-10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.urls import add_params, parse
from roundtrip.redirect_session.model import RedirectSession, Status
from roundtrip.sites import allow_list
from roundtrip.sites.model import Client, Site
from roundtrip.sites.verdict import Rule, Verdict

LOGGED_IN_PARAM = "wixMemberLoggedIn"
_LIST_NAMES = {
    Rule.REDIRECT_URI: "redirect URI",
    Rule.REDIRECT_DOMAIN: "redirect domain",
    Rule.POST_LOGOUT_URI: "post-logout redirect URI",
}


class NotAllowed(AppError):
    """The way back is not on the client's lists (any more). Carries the verdict, so that the owner can be told which rule decided."""

    def __init__(self, verdict: Verdict, url: str, site: Site) -> None:
        is_uri = verdict.rule.is_exact
        list_name = _LIST_NAMES[verdict.rule]
        super().__init__(
            Kind.FORBIDDEN,
            "INVALID_REDIRECT_URI" if is_uri else "INVALID_REDIRECT_DOMAIN",
            f"{url} isn't listed as an allowed {list_name}.",
            oauth_error="invalid_request",
        )
        self.verdict = verdict
        self.site = site


@dataclass(frozen=True, slots=True)
class Callback:
    """A judged address with its host, and whether it got through only by a pattern (RED-18)."""

    href: str
    host: str
    by_pattern: bool


def after_flow(session: RedirectSession, client: Client, site: Site, *, member_logged_in: bool, now: int) -> str | None:
    """Where a visitor goes when a flow that is not `auth` is over, or None when the site gave no address.

    Success prefers the thank-you page and carries the documented ids; everything else goes to the post-flow address without ids
    (PAY-11). Raises `NotAllowed`.
    """
    callbacks = session.request.callbacks
    succeeded = session.outcome == Status.COMPLETED.value
    target = (callbacks.thank_you_page_url if succeeded else None) or callbacks.post_flow_url
    href = _judge(client, site, Rule.REDIRECT_DOMAIN, target, now).href if target else _home(session, client, site, now)
    if href is None:
        return None
    added = dict(session.result or {}) if succeeded else {}
    added[LOGGED_IN_PARAM] = "true" if member_logged_in else "false"
    if callbacks.state is not None:
        added["state"] = callbacks.state
    return add_params(href, added)


def service_list(session: RedirectSession, client: Client, site: Site, *, member_logged_in: bool, now: int) -> str | None:
    """The site's own list of services; None when it has none. Raises `NotAllowed`."""
    target = session.request.callbacks.bookings_service_list_url
    if target is None:
        return None
    added = {LOGGED_IN_PARAM: "true" if member_logged_in else "false"}
    if session.request.callbacks.state is not None:
        added["state"] = session.request.callbacks.state
    return add_params(_judge(client, site, Rule.REDIRECT_DOMAIN, target, now).href, added)


def plan_list(
    session: RedirectSession, client: Client, site: Site, *, plan_ids: Sequence[str], data: str, member_logged_in: bool, now: int
) -> str | None:
    """The site's own page of plans, told which of them pay for what is booked, and what leads back; None when it has none.

    Raises `NotAllowed`.
    """
    target = session.request.callbacks.plan_list_url
    if target is None:
        return None
    added = {"planIds": ",".join(plan_ids), "checkoutData": data, LOGGED_IN_PARAM: "true" if member_logged_in else "false"}
    if session.request.callbacks.state is not None:
        added["state"] = session.request.callbacks.state
    return add_params(_judge(client, site, Rule.REDIRECT_DOMAIN, target, now).href, added)


def login_page(session: RedirectSession, client: Client, site: Site, *, resume_url: str, member_logged_in: bool, now: int) -> str | None:
    """The site's own login page, told where to come back to; None when it has none. Raises `NotAllowed`.

    The session's address goes before the client's. `resume_url` is on our own host and made by `flows/site_login.py`.
    """
    target = session.request.callbacks.login_url or client.login_url
    if target is None:
        return None
    added = {"redirectUrl": resume_url, "clientId": client.id, LOGGED_IN_PARAM: "true" if member_logged_in else "false"}
    if session.request.callbacks.state is not None:
        added["state"] = session.request.callbacks.state
    return add_params(_judge(client, site, Rule.REDIRECT_DOMAIN, target, now).href, added)


def logout_page(client: Client, site: Site, *, issuer: str, login_id: str, now: int) -> str | None:
    """The client's own logout address, told whose login ended (OpenID Connect Front-Channel Logout 1.0, 2); None when it has none.

    Raises `NotAllowed`.
    """
    if client.logout_url is None:
        return None
    return add_params(_judge(client, site, Rule.REDIRECT_DOMAIN, client.logout_url, now).href, {"iss": issuer, "sid": login_id})


def authorization_answer(redirect_uri: str, client: Client, site: Site, values: Mapping[str, str], *, in_fragment: bool, now: int) -> str:
    """Where a code, or an error, goes after `auth`: the exact redirect URI. Raises `NotAllowed`."""
    return add_params(_judge(client, site, Rule.REDIRECT_URI, redirect_uri, now).href, values, in_fragment=in_fragment)


def message_target(client: Client, site: Site, candidates: Iterable[str | None], now: int) -> str | None:
    """The one origin that a message with a code, or an error, is posted to: that of the first of these addresses whose domain the client
    lists. An origin that may merely call the API is none."""
    for candidate in candidates:
        verdict = allow_list.judge(client, site.mode, Rule.REDIRECT_DOMAIN, candidate, now=now) if candidate else None
        if verdict is not None and verdict.allowed and verdict.url is not None:
            return verdict.url.origin
    return None


def after_recovery(client: Client, site: Site, url: str, *, member_logged_in: bool, now: int) -> str:
    """Where a mail's link leads in the end: one of the exact redirect URIs, named when the mail was asked for. Raises `NotAllowed`."""
    verdict = _judge(client, site, Rule.REDIRECT_URI, url, now)
    return add_params(verdict.href, {LOGGED_IN_PARAM: "true" if member_logged_in else "false"})


def form_target(redirect_uri: str, client: Client, site: Site, now: int) -> str:
    """Where a form with a code, or an error, is sent after `auth`: the exact redirect URI. Raises `NotAllowed`."""
    return _judge(client, site, Rule.REDIRECT_URI, redirect_uri, now).href


def after_logout(post_logout_uri: str, client: Client, site: Site, *, state: str | None, now: int) -> str:
    """Where a standard logout ends: the exact post-logout URI, with the client's `state`. Raises `NotAllowed`."""
    href = _judge(client, site, Rule.POST_LOGOUT_URI, post_logout_uri, now).href
    return add_params(href, {"state": state}) if state is not None else href


def in_mail(url: str, client: Client, site: Site, now: int) -> str | None:
    """An address of the site that a visitor named and a mail shall link to; None when the client does not list its domain.

    Strangers would send their links in our mails otherwise.
    """
    verdict = allow_list.judge(client, site.mode, Rule.REDIRECT_DOMAIN, url, now=now)
    return verdict.href if verdict.allowed else None


def redirect_uri(client: Client, site: Site, stored: str, now: int) -> Callback:
    """Judge a stored redirect URI again without leaving. Raises `NotAllowed`."""
    verdict = _judge(client, site, Rule.REDIRECT_URI, stored, now)
    return Callback(verdict.href, parse(verdict.href).host, verdict.by_pattern)


def _judge(client: Client, site: Site, rule: Rule, url: str, now: int) -> Verdict:
    verdict = allow_list.judge(client, site.mode, rule, url, now=now)
    if not verdict.allowed:
        raise NotAllowed(verdict, url, site)
    return verdict


def _home(session: RedirectSession, client: Client, site: Site, now: int) -> str | None:
    """The site's own front page when no callback was given: the origin it said it has, else the first domain it may return to."""
    candidates = [session.request.origin, site.home_url, *(_as_url(entry) for entry in client.redirect_domains if "*" not in entry)]
    for candidate in candidates:
        if candidate:
            verdict = allow_list.judge(client, site.mode, Rule.REDIRECT_DOMAIN, candidate, now=now)
            if verdict.allowed:
                return verdict.href
    return None


def _as_url(entry: str) -> str:
    return entry if "://" in entry else f"https://{entry}/"
