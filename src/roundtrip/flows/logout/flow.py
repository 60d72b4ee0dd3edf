"""The `logout` flow: one confirmation, only when the browser's login is not the caller's, then everything made from it ends."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.flows.base import Asked, Began, Context, Flow, Form, Identity, Leaving, Outcome, Stay, Step, Submitted
from roundtrip.flows.leaving import after_flow
from roundtrip.flows.links import direct
from roundtrip.flows.logout import standard
from roundtrip.flows.logout.farewell import by_way_of_logout_pages, living_logins
from roundtrip.flows.logout.params import INTENT, Logout
from roundtrip.oauth import revocation
from roundtrip.redirect_session.entry_url import LOGOUT_PATH
from roundtrip.redirect_session.model import Callbacks, Status
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx


class LogoutDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the visitor has to agree, and has."""

    version: int = 1
    ask: bool = False
    confirmed: bool = False
    ending: tuple[str, ...] = ()
    """The logins that this visit ends, for telling the site's own logout pages about them."""


def check(tx: Tx, asked: Asked[Logout]) -> None:
    """Anybody who holds a token of the client may ask; what ends is only the caller's own and this browser's login."""
    standard.check(asked)


def begin(tx: Tx, context: Context[Logout]) -> Began[LogoutDraft]:
    """Nobody is logged out by a picture or a stranger's link: a login that is not the caller's is asked about first (IDN-08)."""
    login = context.login
    ask = login is not None and login.id not in (context.session.caller_login_id, standard.hinted_login(context))
    return Began(LogoutDraft(ask=ask, ending=living_logins(tx, context)))


def finish(tx: Tx, draft: LogoutDraft, context: Context[Logout]) -> Outcome:
    """End the browser's login, the caller's login, and the caller's tokens, visitor or member."""
    login_ids = {login_id for login_id in (context.login and context.login.id, context.session.caller_login_id) if login_id}
    revoked = [revocation.end_login(tx, login_id, context.now) for login_id in sorted(login_ids)]
    if context.session.caller_grant_id is not None:
        revoked.append(revocation.end_grant(tx, context.session.caller_grant_id, context.now))
    return Outcome(login_ended=True, revoked=tuple(revoked))


def leave(tx: Tx, draft: LogoutDraft, context: Context[Logout]) -> Leaving:
    """As every flow, but a visitor with nowhere to go reads that the logout is done."""
    leaving = standard.leave(context) or after_flow(tx, draft, context)
    if isinstance(leaving, Stay) and context.login is None:
        leaving = Stay("signed_out")
    is_done = context.session.outcome == Status.COMPLETED.value
    return by_way_of_logout_pages(tx, leaving, draft.ending, context) if is_done else leaving


def _view(tx: Tx, draft: LogoutDraft, context: Context[Logout]) -> Mapping[str, object]:
    return {"client_name": context.client.name}


def _submit(tx: Tx, draft: LogoutDraft, form: Form, context: Context[Logout]) -> Submitted[LogoutDraft]:
    return Submitted(msgspec.structs.replace(draft, confirmed=True, ending=living_logins(tx, context)))


CONFIRM: Step[LogoutDraft] = Step(
    name="logout_confirm",
    needed=lambda draft: draft.ask,
    done=lambda draft: draft.confirmed,
    view=_view,
    submit=_submit,
)


def _shown(params: Logout, callbacks: Callbacks) -> Mapping[str, str]:
    target = {"postLogoutRedirectUri": callbacks.post_flow_url} if callbacks.post_flow_url else {}
    return {**target, "clientId": params.client_id}


FLOW: Flow[Logout, LogoutDraft] = Flow(
    intent=INTENT,
    params=Logout,
    draft=LogoutDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.ANYONE,
    check=check,
    link=direct(LOGOUT_PATH, _shown),
    begin=begin,
    steps=(CONFIRM,),
    finish=finish,
    leave=leave,
    client_id=lambda params: params.client_id,
    own_targets=standard.targets,
)
