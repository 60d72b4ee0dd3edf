"""The cookies of the pages host: one per redirect session, one login per site, the language of a visit, and for some minutes a note that
the browser was sent to a site's own login page. Nothing else is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roundtrip.core.clock import SECOND
from roundtrip.flows.base import Browser

_HOST_PREFIX = "__Host-"
_VISIT = "visit-"
_LOGIN = "login-"
_AWAY = "away-"
LANGUAGE = "lang"
_OWNER = "owner"
_DESK_FORM = "desk-form"
AWAY_MAX_AGE = 600
OVER_MAX_AGE = 600
LOGIN_MAX_AGE = 90 * 24 * 3600
OWNER_MAX_AGE = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Cookie:
    """One `Set-Cookie` line (RFC 6265). A `max_age` of 0 deletes."""

    name: str
    value: str
    max_age: int
    path: str = "/"


def header(cookie: Cookie, *, secure: bool) -> str:
    """`__Host-` and `Secure` wherever the pages are on https (IDN-07); plain http loopback cannot have either."""
    prefix = _HOST_PREFIX if secure and cookie.path == "/" else ""
    attributes = f"Path={cookie.path}; Max-Age={cookie.max_age}; HttpOnly; SameSite=Lax"
    return f"{prefix}{cookie.name}={cookie.value}; {attributes}{'; Secure' if secure else ''}"


def visit(session_id: str, secret: str, expires_at: int, now: int) -> Cookie:
    """Binds the browser to one redirect session, so that tabs never overwrite each other."""
    return Cookie(_VISIT + session_id, secret, max(0, expires_at - now) // SECOND)


def visit_over(session_id: str, secret: str) -> Cookie:
    """Keeps the visit's cookie a little longer, for an answer that got lost on its way; then it goes, so that they do not pile up."""
    return Cookie(_VISIT + session_id, secret, OVER_MAX_AGE)


def login(site_id: str, secret: str) -> Cookie:
    """Keeps the browser logged in at one site."""
    return Cookie(_LOGIN + site_id, secret, LOGIN_MAX_AGE)


def no_login(site_id: str) -> Cookie:
    """Forgets the browser's login at one site."""
    return Cookie(_LOGIN + site_id, "", 0)


def owner(secret: str) -> Cookie:
    """Keeps an owner logged in to the dashboard."""
    return Cookie(_OWNER, secret, OWNER_MAX_AGE)


def no_owner() -> Cookie:
    """Forgets the owner's login."""
    return Cookie(_OWNER, "", 0)


def owner_secret(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """The secret of the owner's login, if this browser has one."""
    return cookies.get((_HOST_PREFIX if secure else "") + _OWNER)


def desk_form(secret: str) -> Cookie:
    """Binds the forms before a login (log in, join) to this browser (PAG-03)."""
    return Cookie(_DESK_FORM, secret, 3600)


def desk_form_secret(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """The secret of the forms before a login."""
    return cookies.get((_HOST_PREFIX if secure else "") + _DESK_FORM)


def sent_away(client_id: str) -> Cookie:
    """Notes for ten minutes that the browser was sent to a client's own login page, so that the page can't send it in circles."""
    return Cookie(_AWAY + client_id, "1", AWAY_MAX_AGE)


def not_away(client_id: str) -> Cookie:
    """Forgets that note: the member is logged in."""
    return Cookie(_AWAY + client_id, "", 0)


def language(session_id: str, code: str) -> Cookie:
    """Keeps the language that the visitor chose for one visit."""
    return Cookie(LANGUAGE, code, 24 * 3600, f"/session/{session_id}")


def browser(cookies: Mapping[str, str], session_id: str | None, *, secure: bool) -> Browser:
    """What the rooms may know of a browser's cookies.

    On https only those with the prefix count: one without it may have been set by a neighbour under the same domain (IDN-07).
    """
    prefix = _HOST_PREFIX if secure else ""
    plain = {name.removeprefix(prefix): value for name, value in cookies.items() if name.startswith(prefix)}
    logins = {name.removeprefix(_LOGIN): value for name, value in plain.items() if name.startswith(_LOGIN)}
    away = frozenset(name.removeprefix(_AWAY) for name in plain if name.startswith(_AWAY))
    return Browser(plain.get(_VISIT + session_id) if session_id else None, logins, away)
