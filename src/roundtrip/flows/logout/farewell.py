"""Telling the site's own logout addresses that a member logged out at the pages, without making the visitor wait (decision record 0071).

OpenID Connect Front-Channel Logout 1.0: each address is opened in a frame that nobody sees, with `iss` and `sid`. Told are the client of
this visit and every other client of the site that holds tokens from the same login.
"""

from __future__ import annotations

from typing import Any

from roundtrip.flows.base import Context, Farewell, Leaving, Redirect
from roundtrip.members import actions as members
from roundtrip.members.model import Login
from roundtrip.oauth import store as grants
from roundtrip.redirect_session import return_url
from roundtrip.sites import store as sites
from roundtrip.storage.database import Tx

MAX_FRAMES = 8
"""A site has a handful of clients; more frames than this would only slow the page down."""


def living_logins(tx: Tx, context: Context[Any]) -> tuple[str, ...]:
    """The logins that logging out here and now will end: the browser's, and the caller's own."""
    by_browser = context.login.id if context.login is not None else None
    by_caller = context.session.caller_login_id
    caller = members.login(tx, by_caller) if by_caller and by_caller != by_browser else None
    is_alive = caller is not None and not caller.is_ended and caller.expires_at > context.now
    return tuple(login_id for login_id in (by_browser, by_caller if is_alive else None) if login_id is not None)


def by_way_of_logout_pages(tx: Tx, leaving: Leaving, login_ids: tuple[str, ...], context: Context[Any]) -> Leaving:
    """`leaving` as it is when nobody has to be told; else the same by way of a page that tells them."""
    frames = _frames(tx, login_ids, context)
    if not frames:
        return leaving
    return Farewell(leaving if isinstance(leaving, Redirect) else None, frames)


def _frames(tx: Tx, login_ids: tuple[str, ...], context: Context[Any]) -> tuple[str, ...]:
    """Each address once; one that is not on its client's list (any more) is left out, because logging out must not fail for it."""
    found: list[str] = []
    for login in (members.login(tx, login_id) for login_id in login_ids):
        if login is None:
            continue
        for client_id in _told_of(tx, login, context):
            known = sites.client_and_site(tx, client_id)
            if known is None or known[1].id != context.site.id:
                continue
            try:
                url = return_url.logout_page(known[0], known[1], issuer=context.issuer, login_id=login.id, now=context.now)
            except return_url.NotAllowed:
                continue
            if url is not None:
                found.append(url)
    return tuple(dict.fromkeys(found))[:MAX_FRAMES]


def _told_of(tx: Tx, login: Login, context: Context[Any]) -> list[str]:
    """The client of this visit first, so that it is among those told in any case."""
    others = grants.clients_of_login(tx, login.member_id, login.id)
    return [context.client.id, *(client_id for client_id in others if client_id != context.client.id)]
