"""The messages of the identity API, and a member in its words."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.api.operation import Call
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.identity import Visitor
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret
from roundtrip.members.model import SESSION_TOKEN_PURPOSE, Member, MemberStatus, Profile
from roundtrip.sites.model import Site
from roundtrip.workflows.identity_state import Asking, Standing, State


class LoginId(Wire):
    """How a member is named at login."""

    email: str


class WireProfile(Wire):
    """What a site may tell about a new member."""

    first_name: str | None = None
    last_name: str | None = None
    nickname: str | None = None
    slug: str | None = None


class RegisterRequest(Wire):
    """A new account. Captcha tokens and client metadata are accepted and not used."""

    login_id: LoginId
    password: str
    profile: WireProfile | None = None


class LoginRequest(Wire):
    """An address and its password."""

    login_id: LoginId
    password: str


class WireEmail(Wire, omit_defaults=False):
    """The address of an identity."""

    address: str
    is_verified: bool


class IdentityStatus(Wire, omit_defaults=False):
    """Whether an identity may log in."""

    name: str
    reasons: list[str]


class Identity(Wire, omit_defaults=False):
    """A member as the identity API shows it."""

    id: str
    revision: str
    created_date: str
    updated_date: str
    identity_profile: dict[str, Any]
    email: WireEmail
    status: IdentityStatus
    connections: list[Any]
    factors: list[Any]


class StateResponse(Wire):
    """Where a registration or login stands. `sessionToken` is good once, for five minutes; `stateToken` comes back with the code.

    `identity` is missing while a code is awaited: somebody else may have registered with this address before.
    """

    state: str
    identity: Identity | None = None
    session_token: str | None = None
    state_token: str | None = None


_STATUS = {
    MemberStatus.ACTIVE: IdentityStatus("ACTIVE", []),
    MemberStatus.BLOCKED: IdentityStatus("BLOCKED", []),
    MemberStatus.PENDING_VERIFICATION: IdentityStatus("PENDING", ["PENDING_EMAIL_VERIFICATION_REQUIRED"]),
    MemberStatus.PENDING_APPROVAL: IdentityStatus("PENDING", ["PENDING_ADMIN_APPROVAL_REQUIRED"]),
}


def identity(member: Member) -> Identity:
    """A member in the words of the identity API."""
    profile: dict[str, Any] = {**msgspec.json.decode(member.profile, type=dict[str, Any])}
    for name, value in (("firstName", member.first_name), ("lastName", member.last_name), ("nickname", member.nickname)):
        if value:
            profile[name] = value
    return Identity(
        id=member.id,
        revision=str(member.revision),
        created_date=rfc3339(member.created_at),
        updated_date=rfc3339(member.updated_at),
        identity_profile=profile,
        email=WireEmail(member.email, member.is_verified),
        status=_STATUS[member.status],
        connections=[],
        factors=[],
    )


def profile_of(known: WireProfile | None, more: dict[str, Any]) -> Profile:
    """What a site said about a member: the names that we use ourselves, and all of it as it came."""
    names = known or WireProfile()
    return Profile(names.nickname, names.first_name, names.last_name, names.slug, more)


def asking(call: Call, site: Site, client_id: str, session_token: str) -> Asking:
    """One call, for `workflows/identity_state.py`."""
    return Asking(
        site=site,
        client_id=client_id,
        address=call.address,
        code_key=call.services.code_key,
        now=call.now,
        token_hash=hash_secret(SESSION_TOKEN_PURPOSE, session_token),
        member_id=new_id(call.now),
        event_id=new_id(call.now),
        mail_id=new_id(call.now),
    )


def state_response(standing: Standing, session_token: str) -> StateResponse:
    """Where somebody stands, with the token that belongs to it."""
    if standing.state is State.EMAIL:
        return StateResponse(standing.state.value, state_token=standing.state_token)
    token = session_token if standing.state is State.SUCCESS else None
    return StateResponse(standing.state.value, identity(standing.member), token)


def kept(outcome: Standing | Refused) -> Standing:
    """Raises, after the commit, what a transaction refused while keeping a counter."""
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome


def member_of(call: Call) -> MemberCaller:
    """The member behind the token. Raises FORBIDDEN `PERMISSION_DENIED` for a visitor's."""
    if not isinstance(call.caller, MemberCaller):
        text = f"{call.operation.name} is for a member's token; this call was made with a visitor's. Log in first."
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", text, data={"operation": call.operation.name})
    return call.caller


def limit(call: Call) -> str:
    """Count a call that may hash a password or send a mail; answers the client of its token."""
    assert isinstance(call.caller, Visitor | MemberCaller)  # the operation lists its callers
    client_id = call.caller.client_id
    limits = call.services.limits
    limits.count_for(client_id, "logins", f"{client_id} {call.address}", limits.settings.logins_per_minute, call.now)
    return client_id
