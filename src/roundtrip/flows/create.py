"""Makes redirect sessions: for a site that asked through the API, and for a browser that came straight to the authorize address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey, App, Caller
from roundtrip.core.secrets import hash_secret
from roundtrip.flows.base import Asked, Flow, Place
from roundtrip.redirect_session import actions
from roundtrip.redirect_session.entry_url import EntryUrl
from roundtrip.redirect_session.model import Callbacks, Lifetimes, Preferences, RedirectSession, Request, Status, caller_columns
from roundtrip.sites import actions as sites
from roundtrip.sites import allow_list
from roundtrip.sites.model import Client, Site
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx

CALLBACK_FIELDS = {
    "post_flow_url": "callbacks.postFlowUrl",
    "thank_you_page_url": "callbacks.thankYouPageUrl",
    "login_url": "callbacks.loginUrl",
    "cart_page_url": "callbacks.cartPageUrl",
    "bookings_service_list_url": "callbacks.bookingsServiceListUrl",
    "plan_list_url": "callbacks.planListUrl",
}
"""Each address a session may carry, with its name on the wire."""

EXTERNAL_URL_KEYS = {"post_flow_url": "home", "thank_you_page_url": "ecom-typ", "cart_page_url": "ecom-cart", "plan_list_url": "paid-plans"}


class Creation(msgspec.Struct, frozen=True):
    """Everything one creation needs, decoded, with its random values made (`secret` goes into the address, its hash into the row)."""

    flow: Flow[Any, Any]
    params: Any
    caller: Caller | None
    callbacks: Callbacks
    preferences: Preferences
    origin: str | None
    language: str | None
    session_id: str
    event_id: str
    secret: str
    base_url: str
    lifetimes: Lifetimes
    now: int
    browser_origin: str | None = None
    """The `Origin` header of a browser's call."""


class Created(msgspec.Struct, frozen=True):
    """A stored session and the address that opens it."""

    session: RedirectSession
    entry: EntryUrl
    site: Site


def create(tx: Tx, wanted: Creation) -> Created:
    """Check everything, keep the session, record its domain event. Raises `AppError` naming what to change."""
    client, site = _client(tx, wanted)
    sites.require_origin(client, site, wanted.browser_origin, wanted.now)
    wanted.flow.check(tx, Asked(wanted.params, wanted.caller, client, site, wanted.now))
    callbacks, origin, hints = _way_back(tx, wanted, client, site)
    session = _session(wanted, client, site, _request(wanted, callbacks, origin))
    place = Place(site.pages_url or wanted.base_url, session.id, wanted.secret, callbacks, _extras(wanted), hints)
    entry = wanted.flow.link(wanted.params, place)
    actions.create(tx, session, announced=announced(session, entry), event_id=wanted.event_id)
    return Created(session, entry, site)


def create_opened(tx: Tx, wanted: Creation, *, browser_secret: str, came_from: str | None = None) -> tuple[RedirectSession, Client, Site]:
    """A session for a browser that came without one (a standard client): born opened, bound to it, not announced."""
    client, site = _client(tx, wanted)
    wanted.flow.check(tx, Asked(wanted.params, None, client, site, wanted.now))
    callbacks = judge_callbacks(wanted.callbacks, client, site, wanted.now)
    session = replace(
        _session(wanted, client, site, _request(wanted, callbacks, None)),
        status=Status.OPENED,
        browser_hash=hash_secret(actions.BROWSER_PURPOSE, browser_secret),
        expires_at=wanted.now + wanted.lifetimes.finish_within,
    )
    actions.create_opened(tx, session, came_from)
    return session, client, site


def _way_back(tx: Tx, wanted: Creation, client: Client, site: Site) -> tuple[Callbacks, str | None, Mapping[str, str]]:
    """The judged callbacks, the site's origin, and what pages show of both: the same for many sessions of one commit."""
    asked = (wanted.callbacks, wanted.origin, client.id)
    found: tuple[Callbacks, str | None, Mapping[str, str]] | None = tx.memo.get(asked)
    if found is None:
        callbacks = judge_callbacks(wanted.callbacks, client, site, wanted.now)
        origin = wanted.origin or _origin_of(callbacks)
        found = tx.memo[asked] = callbacks, origin, _hints(client, callbacks, origin)
    return found


def judge_callbacks(callbacks: Callbacks, client: Client, site: Site, now: int) -> Callbacks:
    """Every address of a creation by the domain rule (RED-02, RED-08); answers them as they will be sent (RED-04)."""
    judged: dict[str, str] = {}
    for name, field in CALLBACK_FIELDS.items():
        url = getattr(callbacks, name)
        if url is not None:
            judged[name] = allow_list.require(client, site.mode, Rule.REDIRECT_DOMAIN, url, field, now=now)
    return msgspec.structs.replace(callbacks, **judged) if judged else callbacks


def _request(wanted: Creation, callbacks: Callbacks, origin: str | None) -> Request:
    """What is stored of a creation: the judged addresses, and params without secrets."""
    kept = wanted.flow.keep(wanted.params)
    return Request(msgspec.Raw(msgspec.json.encode(kept)), callbacks, wanted.preferences, origin)


def announced(session: RedirectSession, entry: EntryUrl) -> dict[str, object]:
    """What its created event tells of a session: as its creator got it, without what the query holds, which are one-time values."""
    return {
        "id": session.id,
        "fullUrl": entry.endpoint,
        "urlDetails": {"endpoint": entry.endpoint, "searchParams": {}},
        "shortUrl": "",
        "clientId": session.client_id,
        "intent": session.intent,
    }


def client_id_of(wanted: Creation) -> str:
    """The client that a creation is about, whether or not there is one: the one that its params name, else the caller's; or empty."""
    caller = wanted.caller
    named = wanted.flow.client_id(wanted.params) if wanted.flow.client_id else None
    return (named or (caller.client_id if caller is not None and not isinstance(caller, ApiKey) else "")).lower()


def _client(tx: Tx, wanted: Creation) -> tuple[Client, Site]:
    """The client that the params name (auth, logout), else the caller's; and it has to be one of the caller's site (SES-07, RED-20)."""
    caller = wanted.caller
    named = wanted.flow.client_id(wanted.params) if wanted.flow.client_id else None
    if isinstance(caller, ApiKey | App) and named is None:
        raise AppError(
            Kind.FORBIDDEN,
            "CLIENT_NOT_HEADLESS",
            f"{wanted.flow.intent} is a visitor's flow: its redirect session belongs to the visitor who will take it, and an API key or a "
            "client's own secret is nobody's. "
            'Get a visitor token first (POST /oauth2/token {"clientId": ..., "grantType": "anonymous"}) '
            "and send it as the Authorization header of this call.",
            data={"intent": wanted.flow.intent},
        )
    client_id = named or (caller.client_id if caller is not None and not isinstance(caller, ApiKey | App) else "")
    client, site = sites.require_client(tx, client_id.lower())
    if caller is not None and (caller.site_id != site.id or (not isinstance(caller, ApiKey | App) and caller.client_id != client.id)):
        raise AppError(
            Kind.FORBIDDEN,
            "PERMISSION_DENIED",
            f"The token of this call belongs to another client than {client.id}; use a token of that client.",
            data={"clientId": client.id},
        )
    return client, site


def _session(wanted: Creation, client: Client, site: Site, request: Request) -> RedirectSession:
    kind, caller_id, grant_id, login_id = caller_columns(wanted.caller)
    return RedirectSession(
        id=wanted.session_id,
        site_id=site.id,
        client_id=client.id,
        intent=wanted.flow.intent,
        status=Status.CREATED,
        outcome=None,
        caller_kind=kind,
        caller_id=caller_id,
        caller_grant_id=grant_id,
        caller_login_id=login_id,
        language=wanted.language or site.language,
        request=request,
        entry_hash=hash_secret(actions.ENTRY_PURPOSE, wanted.secret),
        browser_hash=None,
        draft=None,
        draft_revision=0,
        result=None,
        created_at=wanted.now,
        changed_at=wanted.now,
        expires_at=wanted.now + wanted.lifetimes.open_within,
        person=_person(wanted, kind, caller_id),
    )


def _person(wanted: Creation, kind: str, caller_id: str | None) -> str | None:
    """Whom a session names from its beginning: the address that its pages are filled in with, or the member who asked for it."""
    hint = wanted.flow.prefilled(wanted.params).get("email")
    return email_key(hint) if hint else caller_id if kind == "member" else None


def _extras(wanted: Creation) -> Mapping[str, str]:
    extras = dict(wanted.preferences.additional_query_parameters)
    if wanted.language:
        extras["lang"] = wanted.language
    return extras


def _hints(client: Client, callbacks: Callbacks, origin: str | None) -> Mapping[str, str]:
    """The readable parameters that pages carry besides the intent's own. Hints only: the stored session decides."""
    hints = {"headlessClientId": client.id}
    if origin:
        hints["origin"] = origin
    urls = {key: getattr(callbacks, name) for name, key in EXTERNAL_URL_KEYS.items() if getattr(callbacks, name)}
    if urls:
        hints["headlessExternalUrls"] = msgspec.json.encode(urls).decode()
    return hints


def _origin_of(callbacks: Callbacks) -> str | None:
    if callbacks.post_flow_url is None:
        return None
    scheme, _, rest = callbacks.post_flow_url.partition("://")
    return f"{scheme}://{rest.split('/', 1)[0].split('?', 1)[0].split('#', 1)[0]}"
