"""Requests that arrive at the authorize or logout address without a redirect session: from clients that know only the standard.

Each becomes a redirect session first (decision record 0003), so there is one path and not two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import is_guid
from roundtrip.flows import runner
from roundtrip.flows.auth.answer import refusal
from roundtrip.flows.auth.flow import FLOW as AUTH
from roundtrip.flows.auth.request import from_query
from roundtrip.flows.base import Flow
from roundtrip.flows.create import Creation
from roundtrip.flows.languages import language_of
from roundtrip.flows.logout.flow import FLOW as LOGOUT
from roundtrip.flows.logout.params import EndSession, Logout
from roundtrip.flows.runner import Next
from roundtrip.flows.visit import Edge
from roundtrip.oauth.errors import refuse
from roundtrip.oauth.id_token import Hint, read_hint
from roundtrip.oauth.keys import KeyRing
from roundtrip.redirect_session.model import Callbacks, Preferences
from roundtrip.sites import actions as sites
from roundtrip.sites import allow_list
from roundtrip.sites import store as site_store
from roundtrip.sites.model import Site
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import LANGUAGES, choose_language

Query = Mapping[str, str]
UNSUPPORTED = ("request_not_supported", "request_uri_not_supported", "registration_not_supported")


@dataclass(frozen=True, slots=True)
class Issued:
    """What our own tokens are recognised by."""

    key_ring: KeyRing
    issuer: str


@dataclass(frozen=True, slots=True)
class Direct:
    """One direct request, read: what it asks for, and what to do with it in a transaction."""

    flow: Flow[Any, Any]
    params: Any
    callbacks: Callbacks
    query: Query
    error: AppError | None = None
    """A mistake that is known already, and told once it is known that the client and its address are right."""
    target: str | None = None
    """Where the request wants to end, by the rule `held_to`."""
    held_to: Rule = Rule.REDIRECT_URI

    @property
    def client_id(self) -> str:
        """The client that it names."""
        return self.flow.client_id(self.params).lower() if self.flow.client_id else ""

    @property
    def is_silent(self) -> bool:
        """True when it is answered without a page, whoever asks."""
        return self.flow.answers_silently(self.params)


def authorize(query: Query, issued: Issued) -> Direct:
    """An authorization request (RFC 6749 4.1.1), in either spelling. Raises INVALID for what cannot be read."""
    known = _with_guid(query)
    hint, error = _hint(known, issued), _unsupported(known)
    if hint is None and _hint_text(known):
        error = refuse("invalid_request", "id_token_hint is not an id_token of this server", may_return=True)
    if not (known.get("response_type") or known.get("responseType")):
        # Read on as if it were there, because only then it is known where to say so.
        known = {**known, "response_type": "code"}
        error = refuse("invalid_request", "responseType is missing; expected code", may_return=True)
    params = from_query(known, hint.member_id if hint else None)
    return Direct(AUTH, params, Callbacks(), query, error, params.auth_request.redirect_uri)


def end_session(query: Query, issued: Issued) -> Direct:
    """A standard logout (RP-Initiated Logout 2). The client is named by `client_id` or by the hint; a hint for another client is refused.

    A hint that we cannot verify, because its key is gone, is no hint: the visitor is asked.
    """
    hint = _hint(query, issued)
    named = query.get("client_id") or query.get("clientId")
    known = _with_guid(query if named or hint is None else {**query, "client_id": hint.client_id})
    client_id = (known.get("client_id") or known["clientId"]).lower()
    if hint is not None and hint.client_id != client_id:
        raise AppError(
            Kind.INVALID,
            "ID_TOKEN_HINT_DIFFERS",
            f"The id_token_hint was made for the client {hint.client_id}, the request names {client_id}. Send the client's own id_token.",
            oauth_error="invalid_request",
        )
    target = query.get("post_logout_redirect_uri") or query.get("postLogoutRedirectUri") or None
    wanted = EndSession(target, query.get("state") or None, hint.login_id if hint else None)
    params = Logout(client_id=client_id, end_session=wanted)
    return Direct(LOGOUT, params, Callbacks(), query, target=target, held_to=Rule.POST_LOGOUT_URI)


def logout(query: Query, issued: Issued) -> Direct:
    """A logout request: `clientId`, and where to go then. Raises INVALID without a client."""
    known = _with_guid(query)
    target = known.get("postLogoutRedirectUri") or known.get("post_logout_redirect_uri") or None
    params = Logout(client_id=known.get("clientId") or known["client_id"])
    return Direct(LOGOUT, params, Callbacks(post_flow_url=target), query, target=target, held_to=Rule.REDIRECT_DOMAIN)


Read = Callable[[Query, Issued], Direct]


def look_ahead(tx: Tx, direct: Direct, only_site: str | None, now: int) -> tuple[Site, tuple[str, ...]] | None:
    """Whose request it is, and where outside it may lead without another page of ours; None for an unknown client. Decides nothing."""
    found = site_store.client_and_site(tx, direct.client_id)
    if found is None or only_site not in (None, found[1].id):
        return None
    client, site = found
    wanted = ((direct.held_to, direct.target), (Rule.REDIRECT_DOMAIN, client.login_url))
    verdicts = [allow_list.judge(client, site.mode, rule, url, now=now) for rule, url in wanted if url is not None]
    return site, tuple(verdict.href for verdict in verdicts if verdict.allowed)


def visit(tx: Tx, direct: Direct, edge: Edge, *, session_id: str, secret: str) -> Next:
    """Make the session and go on with it.

    A mistake of the client's that may be told to its redirect URI is told there (RFC 6749 4.1.2.1).
    """
    wanted = Creation(
        flow=direct.flow,
        params=direct.params,
        caller=None,
        callbacks=direct.callbacks,
        preferences=Preferences(),
        origin=None,
        language=_language(direct.query),
        session_id=session_id,
        event_id=edge.fresh.event_id,
        secret=secret,
        base_url=edge.issuer,
        lifetimes=edge.lifetimes,
        now=edge.now,
    )
    try:
        if direct.error is not None:
            raise direct.error
        return runner.enter_directly(tx, wanted, edge)
    except AppError as error:
        if direct.flow is not AUTH or not error.may_return:
            raise
        client, site = sites.require_client(tx, direct.params.auth_request.client_id.lower())
        leaving = refusal(direct.params, client, site, error, issuer=edge.issuer, now=edge.now)
        return runner.SentBack(leaving, client, site)


def _language(query: Query) -> str | None:
    """The first of the wanted languages that we have (`ui_locales` is a list, OpenID Connect Core 3.1.2.1)."""
    wanted = (query.get("lang"), *(query.get("ui_locales") or query.get("uiLocales") or "").split())
    known = [language for language in (language_of(one, "") for one in wanted) if language]
    return next((language for language in known if choose_language(language, LANGUAGES, "")), None)


def _hint_text(query: Query) -> str:
    return query.get("id_token_hint") or query.get("idTokenHint") or ""


def _hint(query: Query, issued: Issued) -> Hint | None:
    text = _hint_text(query)
    return read_hint(issued.key_ring, text, issued.issuer) if text else None


def _unsupported(query: Query) -> AppError | None:
    """Requests as objects: asked for by name, so refused by name (OpenID Connect Core 3.1.2.6)."""
    for place, code in enumerate(UNSUPPORTED):
        name = code.removesuffix("_not_supported")
        if query.get(name):
            text = f"The parameter {name} is not supported; send the parameters themselves"
            return refuse(UNSUPPORTED[place], text, may_return=True)
    return None


def _with_guid(query: Query) -> Query:
    client_id = query.get("clientId") or query.get("client_id") or ""
    if not is_guid(client_id):
        raise AppError(
            Kind.INVALID,
            "CLIENT_NOT_FOUND",
            f"The request names no client: clientId must be a GUID, received {client_id[:50]!r}.",
            oauth_error="invalid_client",
        )
    return query
