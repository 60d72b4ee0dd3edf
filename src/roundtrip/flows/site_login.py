"""The site's own login page in place of the shared login step, for any flow that has one (decision record 0070).

A session's `callbacks.loginUrl` goes before the client's `login_url`. The visitor is sent there with `redirectUrl`, an address of this
visit that takes up the flow again; the site logs the member in by the identity API and sends the browser back with a `sessionToken`.

Going there is no move. What keeps anybody from going in circles: a visit that came back without a login stays on the hosted page, and so
does one that was begun by that very login page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from roundtrip.core.secrets import hash_secret, same
from roundtrip.core.urls import UrlRefused, parse
from roundtrip.flows.base import Context, Redirect, Submitted
from roundtrip.flows.next import Elsewhere, Notice
from roundtrip.flows.steps.login import IdentifiedDraft
from roundtrip.flows.steps.session_token import log_in_by_token
from roundtrip.flows.visit import Edge, Visit
from roundtrip.members import actions as members
from roundtrip.members.model import SESSION_TOKEN_PURPOSE
from roundtrip.redirect_session import return_url
from roundtrip.sites import allow_list
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx

ASKED_FOR: Final = "asked_for"
BEGUN_THERE: Final = "begun_there"
CAME_BACK: Final = "came_back"
"""What `IdentifiedDraft.hosted_login` says: why this visit logs in on the hosted page."""

RESUME_PURPOSE = "redirect_session_resume"

D = TypeVar("D", bound=msgspec.Struct)


def remember(draft: D, visit: Visit, edge: Edge) -> D:
    """The draft of a visit that begins, with the reason to stay on the hosted page, if there is one."""
    address = _address(visit)
    if address is None or not isinstance(draft, IdentifiedDraft):
        return draft
    if visit.flow.logs_in_here(visit.params):
        return msgspec.structs.replace(draft, hosted_login=ASKED_FOR)
    if _was_begun_at(address, visit.client.id, edge):
        return msgspec.structs.replace(draft, hosted_login=BEGUN_THERE)
    return draft


def instead_of_page(visit: Visit, edge: Edge) -> Elsewhere | None:
    """Where this visit logs in, when that is not our page. Raises `return_url.NotAllowed`."""
    draft = visit.draft
    return None if not isinstance(draft, IdentifiedDraft) or draft.hosted_login else page(visit, edge)


def page(visit: Visit, edge: Edge) -> Elsewhere | None:
    """The site's own login page, or None when it has none. Judged again right here (RED-08); raises `return_url.NotAllowed`."""
    url = return_url.login_page(
        visit.session,
        visit.client,
        visit.site,
        resume_url=f"{edge.pages_url or edge.issuer}/session/{quote(visit.session.id)}/resume/{resume_key(edge.browser.session_secret)}",
        member_logged_in=visit.login is not None,
        now=edge.now,
    )
    return None if url is None else Elsewhere(visit, Redirect(url))


def is_offered(visit: Visit, edge: Edge) -> bool:
    """True when the hosted page may lead to the site's own login page."""
    address = _address(visit)
    return address is not None and allow_list.judge(visit.client, visit.site.mode, Rule.REDIRECT_DOMAIN, address, now=edge.now).allowed


def notice(draft: object) -> Notice | None:
    """What somebody has to know who is back from there and not logged in."""
    return Notice.NOT_LOGGED_IN if isinstance(draft, IdentifiedDraft) and draft.hosted_login == CAME_BACK else None


def come_back(tx: Tx, draft: Any, key: str, token: str | None, context: Context[Any], browser_secret: str | None) -> Submitted[Any]:
    """Log in whom the session token stands for. Without a good one, the visit goes on at the hosted page.

    The key tells that the browser comes from where it was sent: whoever only knows a visit's id cannot put a login into it.
    """
    stays = Submitted(msgspec.structs.replace(draft, hosted_login=CAME_BACK))
    if not token or browser_secret is None or not same(key, resume_key(browser_secret)):
        return stays
    token_hash = hash_secret(SESSION_TOKEN_PURPOSE, token)
    found = members.spend_session_token(tx, token_hash=token_hash, client_id=context.client.id, now=context.now)
    if found is None:
        return stays
    submitted = log_in_by_token(tx, draft, context, found.member_id)
    return replace(submitted, draft=msgspec.structs.replace(submitted.draft, logged_in_outside=True))


def resume_key(browser_secret: str | None) -> str:
    """Names the way back into one visit in one browser. It reveals nothing of the cookie it is made from."""
    return hash_secret(RESUME_PURPOSE, browser_secret) if browser_secret else ""


def _address(visit: Visit) -> str | None:
    return visit.session.request.callbacks.login_url or visit.client.login_url


def _was_begun_at(address: str, client_id: str, edge: Edge) -> bool:
    """True when the visit seems to have been begun by the login page at `address` itself, which would lead in circles.

    Most browsers tell other sites only the origin of the page they come from, and some tell nothing; then it counts whether this browser
    was sent there in the last minutes.
    """
    was_sent = client_id in edge.browser.sent_away
    try:
        login_page, referrer = parse(address), parse(edge.referrer or "")
    except UrlRefused:
        return was_sent
    if login_page.origin != referrer.origin:
        return False
    is_origin_only = referrer.path == "/" and not referrer.query
    return referrer.path == login_page.path or (is_origin_only and was_sent)
