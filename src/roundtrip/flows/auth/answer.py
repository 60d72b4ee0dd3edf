"""How the authorization answer travels: query, fragment or a message to another window (contract of `docs/reference/oauth.md`)."""

from __future__ import annotations

from collections.abc import Mapping

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.secrets import hash_secret
from roundtrip.flows.auth.params import Auth
from roundtrip.flows.auth.request import AuthDraft, read
from roundtrip.flows.base import Context, Leaving, Message, Post, Redirect
from roundtrip.members import actions as members
from roundtrip.oauth import authorize
from roundtrip.oauth.authorize import AuthorizeRequest
from roundtrip.oauth.errors import plain
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status
from roundtrip.sites.model import Client, Site
from roundtrip.storage.database import Tx

DESCRIPTIONS = {
    "login_required": "No active session",
    "access_denied": "The visitor left without logging in",
    "interaction_required": "The visitor has to confirm where to go",
}


def leave(tx: Tx, draft: AuthDraft, context: Context[Auth]) -> Leaving:
    """A code for the member in the draft, or an error, by the channel that the request named. Raises `return_url.NotAllowed`."""
    request = read(context.params, context.client)
    if request.response_mode == "web_message":
        target = _target_origin(request, context)
        return Message(target, _values(tx, draft, request, context))
    if request.redirect_uri is None:
        raise AppError(Kind.INVALID, "INVALID_REDIRECT_URI", "The authorization request has no redirectUri to return to.")
    # Judged before a code is made: a visitor who may not leave gets no code either.
    return_url.redirect_uri(context.client, context.site, request.redirect_uri, context.now)
    values = _values(tx, draft, request, context)
    return _to(request.redirect_uri, request.response_mode, context.client, context.site, values, context.now)


def refusal(params: Auth, client: Client, site: Site, error: AppError, *, issuer: str, now: int) -> Redirect | Post:
    """A mistake in the request, told to the redirect URI that it names (RFC 6749 4.1.2.1). Raises `error` where that may not be."""
    request = params.auth_request
    mode = request.response_mode or "query"
    if request.redirect_uri is None or mode not in ("query", "fragment", "form_post") or mode not in client.tokens.response_modes:
        raise error
    values = {"error": error.oauth_error or "invalid_request", "error_description": plain(error.description), "iss": issuer}
    if request.state is not None:
        values["state"] = request.state
    return _to(request.redirect_uri, mode, client, site, values, now)


def _to(redirect_uri: str, mode: str, client: Client, site: Site, values: Mapping[str, str], now: int) -> Redirect | Post:
    """The answer on its way to a redirect URI (Multiple Response Types 2.1, Form Post Response Mode 2)."""
    if mode == "form_post":
        return Post(return_url.form_target(redirect_uri, client, site, now), values)
    return Redirect(return_url.authorization_answer(redirect_uri, client, site, values, in_fragment=mode == "fragment", now=now))


def _values(tx: Tx, draft: AuthDraft, request: AuthorizeRequest, context: Context[Auth]) -> dict[str, str]:
    error = _error(tx, draft, context)
    if error is not None:
        values = {"error": error, "error_description": DESCRIPTIONS.get(error, error)}
    else:
        authorize.issue_code(
            tx,
            request=request,
            member_id=draft.member_id or "",
            login_id=draft.login_id,
            code_hash=hash_secret(authorize.CODE_PURPOSE, context.fresh.code),
            redirect_session_id=context.session.id,
            now=context.now,
        )
        values = {"code": context.fresh.code}
    if request.state is not None:
        values["state"] = request.state
    return {**values, "iss": context.issuer}


def _error(tx: Tx, draft: AuthDraft, context: Context[Auth]) -> str | None:
    outcome = context.session.outcome
    login = members.login(tx, draft.login_id) if draft.login_id else None
    if outcome == Status.COMPLETED.value and login is not None and login.is_ended:
        return "login_required"  # logged out in another tab before this one got back to the site
    if outcome in (Status.ABANDONED.value, Status.EXPIRED.value) or (outcome == Status.COMPLETED.value and draft.member_id is None):
        return "access_denied"
    if outcome == Status.COMPLETED.value and context.now >= context.session.expires_at:
        return "login_required"  # going back once more repeats the answer while the visit lives, not for ever after
    return None if outcome == Status.COMPLETED.value else outcome


def _target_origin(request: AuthorizeRequest, context: Context[Auth]) -> str:
    """Always exactly one origin (decision record 0005): the page that framed us if the client lists it, else the redirect URI's."""
    referrer = context.referrer_origin
    target = return_url.message_target(context.client, context.site, (referrer, request.redirect_uri), context.now)
    if target is not None:
        return target
    raise AppError(
        Kind.INVALID,
        "WEB_MESSAGE_ORIGIN",
        f"This page may only be framed by the client's own sites; the browser says it comes from {referrer or 'nowhere'}. "
        "Add that origin to the allowed redirect domains in Headless Settings.",
        data={"received": referrer or ""},
        oauth_error="invalid_request",
    )
