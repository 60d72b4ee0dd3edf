"""What a standard client's logout adds to the flow (OpenID Connect RP-Initiated Logout 1.0): an exact address to return to, and a hint."""

from __future__ import annotations

from roundtrip.core.errors import invalid_field
from roundtrip.flows.base import Asked, Context, Leaving, Redirect, Stay
from roundtrip.flows.logout.params import Logout
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Status
from roundtrip.sites import allow_list
from roundtrip.sites.verdict import Rule


def check(asked: Asked[Logout]) -> None:
    """The address has to be on the client's list of post-logout addresses, letter by letter. Raises `AppError`."""
    wanted = asked.params.end_session
    if wanted is None:
        return
    if asked.caller is not None:
        raise invalid_field("logout.endSession", "is not for redirect sessions; use callbacks.postFlowUrl")
    if wanted.post_logout_uri is not None:
        field = "post_logout_redirect_uri"
        allow_list.require(asked.client, asked.site.mode, Rule.POST_LOGOUT_URI, wanted.post_logout_uri, field, now=asked.now)


def hinted_login(context: Context[Logout]) -> str | None:
    """The login that the client's id_token is about: who holds it was logged in by it, and needs no question (IDN-08)."""
    wanted = context.params.end_session
    return wanted.hinted_login if wanted is not None else None


def leave(context: Context[Logout]) -> Leaving | None:
    """To the post-logout address with the client's `state`, or to our own page; None for any other logout.

    Who did not confirm is still logged in, and goes back like from every flow: the post-logout address would say otherwise.
    """
    wanted = context.params.end_session
    if wanted is None or context.session.outcome != Status.COMPLETED.value:
        return None
    if wanted.post_logout_uri is None:
        return Stay("signed_out")
    return Redirect(return_url.after_logout(wanted.post_logout_uri, context.client, context.site, state=wanted.state, now=context.now))


def targets(params: Logout) -> tuple[str, ...]:
    """The address that a form of this visit may lead to."""
    wanted = params.end_session
    return (wanted.post_logout_uri,) if wanted is not None and wanted.post_logout_uri is not None else ()
