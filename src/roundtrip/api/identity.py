"""The identity API: a site's own forms register and log in members with it, and get a session token to authenticate with."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from roundtrip.api.operation import VISITORS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.identity import Visitor
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.credentials import passwords
from roundtrip.members import actions as members
from roundtrip.members.model import SESSION_TOKEN_PURPOSE, Credentials, Member, MemberStatus, Profile
from roundtrip.sites import actions as sites
from roundtrip.storage.database import Tx

EMAIL_FIELD = "loginId.email"
NO_SUCH_MEMBER = "-19999"
WRONG_PASSWORD = "-19976"  # noqa: S105  a code of the wire


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
    """Where a registration or login stands. `sessionToken` is good once, for five minutes."""

    state: str
    identity: Identity
    session_token: str


async def register(call: Call) -> StateResponse:
    """Make an account. Refusals are validation errors whose `data` is always there, because clients read it."""
    request: RegisterRequest = call.body
    client_id = _limit(call)
    profile = _raw_profile(call.raw_body)
    await call.read(_check_origin, client_id, _origin(call), call.now)
    email = passwords.check_email(request.login_id.email)
    passwords.check_password(request.password, email)
    password_hash = await call.services.hash_work(partial(passwords.hash_password, request.password))
    token = new_secret("JWS.")
    known = request.profile or WireProfile()
    member = await call.write(
        _register,
        client_id=client_id,
        email=email,
        password_hash=str(password_hash),
        profile=Profile(known.nickname, known.first_name, known.last_name, known.slug, profile),
        member_id=new_id(call.now),
        event_id=new_id(call.now),
        token_hash=hash_secret(SESSION_TOKEN_PURPOSE, token),
        now=call.now,
    )
    return StateResponse("SUCCESS", identity(member), token)


def _register(
    tx: Tx,
    *,
    client_id: str,
    email: str,
    password_hash: str,
    profile: Profile,
    member_id: str,
    event_id: str,
    token_hash: str,
    now: int,
) -> Member:
    _, site = sites.require_client(tx, client_id)
    member = members.register(
        tx,
        site_id=site.id,
        email=email,
        password_hash=password_hash,
        profile=profile,
        member_id=member_id,
        now=now,
        event_id=event_id,
    )
    members.issue_session_token(tx, token_hash=token_hash, client_id=client_id, member_id=member.id, login_id=None, now=now)
    return member


async def login(call: Call) -> StateResponse:
    """Check a password. Unlike the hosted pages this tells an unknown address from a wrong password: the SDK needs the codes (decision
    record 0006), so it is limited harder."""
    request: LoginRequest = call.body
    client_id = _limit(call)
    found = await call.read(_credentials, client_id, request.login_id.email.strip(), _origin(call), call.now)
    stored = (found.password_hash if found else None) or passwords.DUMMY_HASH
    matches = await call.services.hash_work(partial(passwords.verify_password, stored, request.password))
    if found is None or found.status is not MemberStatus.ACTIVE:
        raise AppError(Kind.NOT_FOUND, NO_SUCH_MEMBER, "There is no member with this email address.")
    if not matches:
        raise AppError(Kind.UNAUTHENTICATED, WRONG_PASSWORD, "The password is wrong.")
    token = new_secret("JWS.")
    member = await call.write(_start, client_id, found, hash_secret(SESSION_TOKEN_PURPOSE, token), call.now)
    return StateResponse("SUCCESS", identity(member), token)


def _credentials(tx: Tx, client_id: str, email: str, origin: str | None, now: int) -> Credentials | None:
    client, site = sites.require_client(tx, client_id)
    sites.require_origin(client, site, origin, now)
    return members.credentials(tx, site.id, email)


def _start(tx: Tx, client_id: str, found: Credentials, token_hash: str, now: int) -> Member:
    _, site = sites.require_client(tx, client_id)
    member = members.member(tx, site.id, found.member_id)
    if member is None or not member.is_active:
        raise AppError(Kind.NOT_FOUND, NO_SUCH_MEMBER, "There is no member with this email address.")
    members.issue_session_token(tx, token_hash=token_hash, client_id=client_id, member_id=member.id, login_id=None, now=now)
    return member


def _check_origin(tx: Tx, client_id: str, origin: str | None, now: int) -> None:
    client, site = sites.require_client(tx, client_id)
    sites.require_origin(client, site, origin, now)


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
        email=WireEmail(member.email, False),
        status=IdentityStatus("ACTIVE" if member.is_active else "BLOCKED", []),
        connections=[],
        factors=[],
    )


def _raw_profile(body: bytes) -> dict[str, Any]:
    """Everything the site said about the member, kept as it came. Raises a violation when it is too much to keep."""
    profile = msgspec.json.decode(body).get("profile") or {}
    if len(msgspec.json.encode(profile)) > 16_384:
        violation = Violation("profile", "size must be at most 16384 bytes as JSON", "MAX_LENGTH", {"threshold": 16384})
        raise AppError(Kind.INVALID, "INVALID_ARGUMENT", "profile is too large", violations=(violation,))
    return {**profile}


def _limit(call: Call) -> str:
    assert isinstance(call.caller, Visitor | MemberCaller)  # the operation lists its callers
    limits = call.services.limits
    key = f"{call.caller.client_id} {call.address}"
    limits.count_for(call.caller.client_id, "logins", key, limits.settings.logins_per_minute, call.now)
    return call.caller.client_id


def _origin(call: Call) -> str | None:
    origin = call.headers.get(b"origin")
    return origin.decode("latin-1") if origin else None


_EXAMPLE = {"loginId": {"email": "ann@example.com"}, "password": "a long sentence is best"}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="Register",
        method="POST",
        paths=("/_api/iam/authentication/v2/register", "/iam/authentication/v2/register"),
        summary="Make an account with an email address and a password.",
        run=register,
        permission="member.register",
        callers=VISITORS,
        request=RegisterRequest,
        response=StateResponse,
        checks_origin=True,
        example={**_EXAMPLE, "profile": {"nickname": "Ann"}},
        errors=("-19995", "RESOURCE_EXHAUSTED"),
    ),
    Operation(
        name="Login",
        method="POST",
        paths=("/_api/iam/authentication/v2/login", "/iam/authentication/v2/login"),
        summary="Check an email address and a password.",
        run=login,
        permission="member.login",
        callers=VISITORS,
        request=LoginRequest,
        response=StateResponse,
        checks_origin=True,
        plain_errors=True,
        example=_EXAMPLE,
        errors=("-19999", "-19976", "RESOURCE_EXHAUSTED"),
    ),
)
