"""The `auth` flow: log in if need be, then a code to the exact redirect URI."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.secrets import hash_secret
from roundtrip.flows.auth.answer import leave
from roundtrip.flows.auth.params import INTENT, Auth
from roundtrip.flows.auth.request import AuthDraft, answers_silently, counts, logs_in_here, read, wants_login_page, wants_no_page
from roundtrip.flows.base import Asked, Began, Context, Flow, Form, Identity, Outcome, Step, Submitted
from roundtrip.flows.links import direct
from roundtrip.flows.steps.login import LOGIN
from roundtrip.flows.steps.session_token import log_in_by_token
from roundtrip.members import actions as members
from roundtrip.members.model import SESSION_TOKEN_PURPOSE
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.entry_url import AUTHORIZE_PATH
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites import allow_list
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


def check(tx: Tx, asked: Asked[Auth]) -> None:
    """The redirect URI has to be listed, and the request has to follow the OAuth rules.

    The one request without a redirect URI is `web_message`, whose answer goes to a listed origin instead (decision record 0005).
    """
    request = asked.params.auth_request
    if request.redirect_uri is not None:
        allow_list.require(
            asked.client, asked.site.mode, Rule.REDIRECT_URI, request.redirect_uri, "auth.authRequest.redirectUri", now=asked.now
        )
    elif request.response_mode != "web_message":
        raise AppError(
            Kind.INVALID,
            "INVALID_REDIRECT_URI",
            "auth.authRequest.redirectUri is missing; only responseMode web_message works without one.",
            data={"field": "auth.authRequest.redirectUri"},
            oauth_error="invalid_request",
        )
    read(asked.params, asked.client)


def begin(tx: Tx, context: Context[Auth]) -> Began[AuthDraft]:
    """A session token beats the browser's login, which beats the login page; `prompt=none` never shows one (AUT-10)."""
    draft = AuthDraft(confirm_return=_needs_confirmation(context))
    token_hash = context.params.auth_request.session_token
    if token_hash is not None:
        token = members.spend_session_token(tx, token_hash=token_hash, client_id=context.client.id, now=context.now)
        if token is not None:
            by_token = log_in_by_token(tx, draft, context, token.member_id)
            return _answerable(Began(by_token.draft, by_token.login_started), context)
        if wants_no_page(context.params):
            return Began(draft, error=_error("login_required", "The session token is unknown, used or older than five minutes."))
    login = context.login
    if login is not None and not wants_login_page(context.params) and counts(context.params, login, context.now):
        found = msgspec.structs.replace(draft, member_id=login.member_id, login_id=login.id)
        return _answerable(Began(found), context)
    if wants_no_page(context.params):
        return Began(draft, error=_error("login_required", "No active session"))
    return Began(msgspec.structs.replace(draft, confirm_return=False, by_pattern=draft.confirm_return))


def finish(tx: Tx, draft: AuthDraft, context: Context[Auth]) -> Outcome:
    """Nothing to keep: the code is made when the visitor leaves, because only its hash is ever stored."""
    return Outcome()


def _answerable(began: Began[AuthDraft], context: Context[Auth]) -> Began[AuthDraft]:
    if began.draft.confirm_return and wants_no_page(context.params):
        return Began(began.draft, began.login_started, error=_error("interaction_required", "The visitor has to confirm where to go"))
    return began


def _needs_confirmation(context: Context[Auth]) -> bool:
    """RED-18: an answer that no user action preceded, to an address that only a pattern allowed, is confirmed by the visitor."""
    redirect_uri = context.params.auth_request.redirect_uri
    return redirect_uri is not None and return_url.redirect_uri(context.client, context.site, redirect_uri, context.now).by_pattern


def _keep(params: Auth) -> Auth:
    request = params.auth_request
    if request.session_token is None:
        return params
    hashed = msgspec.structs.replace(request, session_token=hash_secret(SESSION_TOKEN_PURPOSE, request.session_token))
    return msgspec.structs.replace(params, auth_request=hashed)


def _prefilled(params: Auth) -> Mapping[str, str]:
    hint = params.auth_request.login_hint
    return {"email": hint} if hint else {}


def _shown(params: Auth, callbacks: Callbacks) -> Mapping[str, str]:
    shown = {name: str(value) for name, value in msgspec.to_builtins(params.auth_request).items()}
    return {**shown, "prompt": params.prompt} if params.prompt else shown


def _error(oauth_error: str, description: str) -> AppError:
    return AppError(Kind.UNAUTHENTICATED, oauth_error.upper(), description, may_return=True, oauth_error=oauth_error)


def _confirm(tx: Tx, draft: AuthDraft, form: Form, context: Context[Auth]) -> Submitted[AuthDraft]:
    return Submitted(msgspec.structs.replace(draft, confirmed=True))


def _confirm_view(tx: Tx, draft: AuthDraft, context: Context[Auth]) -> Mapping[str, object]:
    redirect_uri = context.params.auth_request.redirect_uri or ""
    host = return_url.redirect_uri(context.client, context.site, redirect_uri, context.now).host
    return {"client_name": context.client.name, "host": host}


CONFIRM: Step[AuthDraft] = Step(
    name="continue",
    # The site's own login page may send its member on without asking anything, so what happened there is no agreement.
    needed=lambda draft: draft.confirm_return or (draft.by_pattern and draft.logged_in_outside),
    done=lambda draft: draft.confirmed,
    view=_confirm_view,
    submit=_confirm,
)

FLOW: Flow[Auth, AuthDraft] = Flow(
    intent=INTENT,
    params=Auth,
    draft=AuthDraft,
    returns_to=Rule.REDIRECT_URI,
    identity=Identity.ANYONE,
    check=check,
    link=direct(AUTHORIZE_PATH, _shown),
    begin=begin,
    steps=(LOGIN, CONFIRM),
    finish=finish,
    leave=leave,
    client_id=lambda params: params.auth_request.client_id,
    keep=_keep,
    answer_again_within=MINUTE,
    answers_silently=answers_silently,
    logs_in_here=logs_in_here,
    prefilled=_prefilled,
    own_targets=lambda params: (params.auth_request.redirect_uri,) if params.auth_request.redirect_uri else (),
)
