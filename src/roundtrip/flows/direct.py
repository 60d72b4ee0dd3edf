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
from roundtrip.flows.create import Order
from roundtrip.flows.languages import language_of
from roundtrip.flows.logout.flow import FLOW as LOGOUT
from roundtrip.flows.logout.params import Logout
from roundtrip.flows.runner import Next
from roundtrip.flows.visit import Edge
from roundtrip.redirect_session.model import Callbacks, Preferences
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Direct:
    """One direct request, read: what it asks for, and what to do with it in a transaction."""

    flow: Flow[Any, Any]
    params: Any
    callbacks: Callbacks
    query: Query

    @property
    def is_silent(self) -> bool:
        """True when it is answered without a page, whoever asks."""
        return self.flow.answers_silently(self.params)


def authorize(query: Query) -> Direct:
    """An authorization request (RFC 6749 4.1.1), in either spelling. Raises INVALID for what cannot be read."""
    return Direct(AUTH, from_query(_with_guid(query)), Callbacks(), query)


def logout(query: Query) -> Direct:
    """A logout request: `clientId`, and where to go then. Raises INVALID without a client."""
    known = _with_guid(query)
    target = known.get("postLogoutRedirectUri") or known.get("post_logout_redirect_uri") or None
    return Direct(LOGOUT, Logout(client_id=known.get("clientId") or known["client_id"]), Callbacks(post_flow_url=target), query)


Read = Callable[[Query], Direct]


def visit(tx: Tx, direct: Direct, edge: Edge, *, session_id: str, secret: str) -> Next:
    """Make the session and go on with it.

    A mistake of the client's that may be told to its redirect URI is told there (RFC 6749 4.1.2.1).
    """
    order = Order(
        flow=direct.flow,
        params=direct.params,
        caller=None,
        callbacks=direct.callbacks,
        preferences=Preferences(),
        origin=None,
        language=language_of(direct.query.get("lang") or direct.query.get("ui_locales", "").split(" ")[0], ""),
        session_id=session_id,
        event_id=edge.fresh.event_id,
        secret=secret,
        base_url=edge.issuer,
        lifetimes=edge.lifetimes,
        now=edge.now,
    )
    try:
        return runner.enter_directly(tx, order, edge)
    except AppError as error:
        if direct.flow is not AUTH or not error.may_return:
            raise
        client, site = sites.require_client(tx, direct.params.auth_request.client_id.lower())
        leaving = refusal(direct.params, client, site, error, issuer=edge.issuer, now=edge.now)
        return runner.SentBack(leaving)


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
