"""Reads the authorization request of an `auth` session: from its stored message, and from the query of a standard client."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from roundtrip.core.clock import SECOND
from roundtrip.core.errors import AppError, Kind
from roundtrip.flows.auth.params import Auth, AuthRequest
from roundtrip.flows.steps.login import IdentifiedDraft
from roundtrip.members.model import Login
from roundtrip.oauth import authorize
from roundtrip.oauth.authorize import AuthorizeRequest
from roundtrip.sites.model import Client


class AuthDraft(IdentifiedDraft, frozen=True, omit_defaults=True):
    """Who logged in, and whether the visitor has to agree to where the code goes (RED-18)."""

    confirm_return: bool = False
    by_pattern: bool = False
    confirmed: bool = False


def read(params: Auth, client: Client) -> AuthorizeRequest:
    """The request by the rules of `oauth/authorize.py`. Raises `AppError` with the OAuth error's name."""
    # Ids are GUIDs, which may be written with capitals; the client was found by the small ones.
    return authorize.read_request({**_present(params.auth_request), "clientId": params.auth_request.client_id.lower()}, client)


def wants_login_page(params: Auth) -> bool:
    """`prompt=login`, or `select_account`, which the login page is for as well: an existing login does not count (AUT-10)."""
    return not _prompts(params).isdisjoint({"login", "select_account"})


def counts(params: Auth, login: Login, now: int) -> bool:
    """True when a browser's login is the one that was asked for: young enough (`max_age`), and the hinted member's."""
    request = params.auth_request
    if request.hinted_member is not None and request.hinted_member != login.member_id:
        return False
    if request.max_age is None:
        return True
    seconds = int(request.max_age)  # in whole seconds, as the client will check `auth_time`
    return seconds > 0 and now // SECOND - login.created_at // SECOND <= seconds


def wants_no_page(params: Auth) -> bool:
    """`prompt=none`, in either place, and every `web_message`: who waits for a message would never see a page (AUT-08)."""
    return "none" in _prompts(params) or params.auth_request.response_mode == "web_message"


def answers_silently(params: Auth) -> bool:
    """A request that is answered without a page: by its prompt, by a session token, or because it waits in a frame (AUT-09)."""
    return wants_no_page(params) or params.auth_request.session_token is not None


def logs_in_here(params: Auth) -> bool:
    """A request that brings a login of its own is not sent to the site's login page, which may be where it comes from."""
    return params.auth_request.session_token is not None or params.auth_request.idp is not None


def from_query(query: Mapping[str, str], hinted_member: str | None = None) -> Auth:
    """The message that a request straight to the authorize address amounts to; both spellings of each name are read.

    `hinted_member` is what an `id_token_hint` said. Raises INVALID when a field breaks its limits. What the OAuth rules say about it comes
    later, in `read`.
    """
    camel = {_camel(name): value for name, value in query.items() if value != ""}
    camel.pop("hintedMember", None)
    if hinted_member is not None:
        camel["hintedMember"] = hinted_member
    prompt = camel.get("prompt", "").split(" ")[0]
    message = {"authRequest": camel, **({"prompt": prompt} if prompt in ("login", "none", "consent", "select_account") else {})}
    try:
        return msgspec.convert(message, Auth)
    except msgspec.ValidationError as error:
        raise AppError(
            Kind.INVALID, "INVALID_AUTHORIZATION_REQUEST", f"The authorization request is not valid: {error}", oauth_error="invalid_request"
        ) from error


def _prompts(params: Auth) -> set[str]:
    """The words of both prompts: a standard client may send several, in any order (OpenID Connect Core 3.1.2.1)."""
    return {*(params.prompt or "").split(), *(params.auth_request.prompt or "").split()}


def _present(request: AuthRequest) -> dict[str, str]:
    builtins: dict[str, str | int] = msgspec.to_builtins(request)
    return {name: str(value) for name, value in builtins.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
