"""One visit as a page request finds it: the stored session with all that belongs to it, and who is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from roundtrip.core.secrets import hash_secret
from roundtrip.flows.base import Browser, Context, Flow, Fresh
from roundtrip.flows.registry import registry
from roundtrip.members import actions as members
from roundtrip.members.model import LOGIN_PURPOSE, Login
from roundtrip.redirect_session import store
from roundtrip.redirect_session.model import Lifetimes, RedirectSession
from roundtrip.sites import store as sites
from roundtrip.sites.model import Client, Site
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Edge:
    """What the edge knows about one page request: the time, who is there, and fresh random values."""

    now: int
    issuer: str
    browser: Browser
    fresh: Fresh
    lifetimes: Lifetimes
    referrer_origin: str | None = None
    address: str = ""
    code_key: bytes = b""
    payment_key: bytes = b""
    referrer: str | None = None
    """The whole address that the browser says it comes from, as far as it says it."""
    pages_url: str = ""
    """Where this browser sees the hosted pages; empty: at the issuer's address."""
    language: str = ""
    """What the visitor chose on the pages; empty: nothing, so that what the session was made with counts."""
    only_site: str | None = None
    """Set at an address that belongs to one site: sessions of others do not exist there."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A redirect session with its flow, client and site. `login` is this browser's login at the site, if it has one."""

    flow: Flow[Any, Any]
    session: RedirectSession
    client: Client
    site: Site
    params: Any
    draft: Any
    login: Login | None
    found: object | None = None
    """What the flow's `refresh` found in this transaction."""


def load(tx: Tx, session_id: str, edge: Edge) -> Visit | None:
    """Everything about a session, or None when there is none (or its client or flow is gone)."""
    session = store.get(tx, session_id)
    found = sites.client_and_site(tx, session.client_id) if session else None
    flow = registry().flows.get(session.intent) if session else None
    if session is None or found is None or flow is None or edge.only_site not in (None, session.site_id):
        return None
    client, site = found
    params = msgspec.json.decode(session.request.params, type=flow.params)
    draft = stored_draft(flow, session) or flow.draft()
    return Visit(flow, session, client, site, params, draft, find_login(tx, site.id, edge))


def stored_draft(flow: Flow[Any, Any], session: RedirectSession) -> msgspec.Struct | None:
    """What the visitor has filled in so far; None before the first draft was kept."""
    return msgspec.json.decode(session.draft, type=flow.draft) if session.draft else None


def find_login(tx: Tx, site_id: str, edge: Edge, *, started: bool = False) -> Login | None:
    """The living login of this browser at a site; with `started`, the one that this very request has begun."""
    secret = edge.fresh.login_secret if started else edge.browser.login_secrets.get(site_id)
    return members.find_login(tx, site_id, hash_secret(LOGIN_PURPOSE, secret), edge.now) if secret else None


def context_of(visit: Visit, edge: Edge) -> Context[Any]:
    """What a flow may look at."""
    return Context(
        now=edge.now,
        issuer=edge.issuer,
        session=visit.session,
        params=visit.params,
        client=visit.client,
        site=visit.site,
        login=visit.login,
        fresh=edge.fresh,
        referrer_origin=edge.referrer_origin,
        address=edge.address,
        code_key=edge.code_key,
        payment_key=edge.payment_key,
        chosen_language=edge.language,
        found=visit.found,
    )
