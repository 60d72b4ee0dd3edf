"""The identity API: a site's own forms register and log in members with it, and get a session token to authenticate with."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from roundtrip.api.identity_wire import (
    LoginRequest,
    RegisterRequest,
    StateResponse,
    asking,
    kept,
    limit,
    member_of,
    profile_of,
    state_response,
)
from roundtrip.api.operation import VISITORS, Call, Operation
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.credentials import passwords, throttle
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.workflows import identity_state, prove_address
from roundtrip.workflows.identity_state import NO_SUCH_MEMBER, WRONG_PASSWORD

MAX_PROFILE_BYTES = 16_384


class ChangePasswordRequest(Wire):
    """A new password for the member behind the token."""

    new_password: str


class ValidateEmailRequest(Wire):
    """An address to look at."""

    email: str


class ValidateEmailResponse(Wire, omit_defaults=False):
    """Whether a text can be an address. Only its form is looked at: no mail is sent and no name is resolved."""

    valid: bool
    format_invalid: bool


async def register(call: Call) -> StateResponse:
    """Make an account. Refusals are validation errors whose `data` is always there, because clients read it.

    Where the site asks for a proved address or for the owner's approval, the answer says so instead of giving a session token.
    """
    request: RegisterRequest = call.body
    client_id = limit(call)
    profile = raw_profile(call.raw_body)
    email = passwords.check_email(request.login_id.email)
    site = await call.read(_check_registration, client_id, email, call.address, _origin(call), call.now)
    passwords.check_password(request.password, email)
    password_hash = await call.services.hash_work(partial(passwords.hash_password, request.password))
    token = new_secret("JWS.")
    wanted = asking(call, site, client_id, token)
    outcome = await call.write(identity_state.register, wanted, email, str(password_hash), profile_of(request.profile, profile))
    return state_response(kept(outcome), token)


def _check_registration(tx: Tx, client_id: str, email: str, address: str, origin: str | None, now: int) -> Site:
    client, site = sites.require_client(tx, client_id)
    sites.require_origin(client, site, origin, now)
    throttle.require(tx, guesses.sign_up(site.id, email, address), now)
    return site


async def login(call: Call) -> StateResponse:
    """Check a password. Unlike the hosted pages this tells an unknown address from a wrong password: the SDK needs the codes (decision
    record 0006), so it is limited harder."""
    request: LoginRequest = call.body
    client_id = limit(call)
    email = request.login_id.email.strip()
    site, stored = await call.read(_stored_hash, client_id, email, call.address, _origin(call), call.now)
    matches = await call.services.hash_work(partial(passwords.verify_password, stored, request.password))
    token = new_secret("JWS.")
    wanted = asking(call, site, client_id, token)
    return state_response(kept(await call.write(identity_state.log_in, wanted, email, stored, bool(matches))), token)


def _stored_hash(tx: Tx, client_id: str, email: str, address: str, origin: str | None, now: int) -> tuple[Site, str]:
    client, site = sites.require_client(tx, client_id)
    sites.require_origin(client, site, origin, now)
    throttle.require(tx, guesses.login(site.id, email, address), now)
    found = members.credentials(tx, site.id, email)
    return site, (found.password_hash if found else None) or passwords.DUMMY_HASH


async def change_password(call: Call) -> Empty:
    """A new password for the member behind the token, whose tokens stay good. Every other login of the member ends."""
    request: ChangePasswordRequest = call.body
    caller = member_of(call)
    limit(call)
    member = await call.read(members.require_member, caller.site_id, caller.member_id)
    try:
        passwords.check_password(request.new_password, member.email)
    except AppError as error:
        raise at_field("newPassword", error) from error
    password_hash = await call.services.hash_work(partial(passwords.hash_password, request.new_password))
    for subject in await call.write(_change_password, caller, str(password_hash), new_id(call.now), call.now):
        call.services.revocations.add(subject, call.now)
    return Empty()


def _change_password(tx: Tx, caller: MemberCaller, password_hash: str, mail_id: str, now: int) -> tuple[str, ...]:
    _, site = sites.require_client(tx, caller.client_id)
    member = members.require_member(tx, site.id, caller.member_id)
    keep = {"keep_login_id": caller.login_id, "keep_grant_id": caller.grant_id}
    return prove_address.change_password(tx, site, member, password_hash, mail_id=mail_id, now=now, **keep)


async def validate_email(call: Call) -> ValidateEmailResponse:
    """Say whether a text has the form of an e-mail address. Nothing is said about accounts, and nobody is asked."""
    request: ValidateEmailRequest = call.body
    try:
        passwords.check_email(request.email)
    except AppError:
        return ValidateEmailResponse(valid=False, format_invalid=True)
    return ValidateEmailResponse(valid=True, format_invalid=False)


def raw_profile(body: bytes) -> dict[str, Any]:
    """Everything the site said about the member, kept as it came. Raises a violation when it is too much to keep."""
    profile = msgspec.json.decode(body).get("profile") or {}
    if len(msgspec.json.encode(profile)) > MAX_PROFILE_BYTES:
        text = f"size must be at most {MAX_PROFILE_BYTES} bytes as JSON"
        violation = Violation("profile", text, "MAX_LENGTH", {"threshold": MAX_PROFILE_BYTES})
        raise AppError(Kind.INVALID, "INVALID_ARGUMENT", "profile is too large", violations=(violation,))
    return {**profile}


def at_field(field: str, error: AppError) -> AppError:
    """A refused password or address, told at the field that this message has for it."""
    moved = tuple(Violation(field, one.description, one.rule, one.data) for one in error.violations)
    return AppError(error.kind, error.code, f"{field} {moved[0].description}", violations=moved)


def _origin(call: Call) -> str | None:
    origin = call.headers.get(b"origin")
    return origin.decode("latin-1") if origin else None


_EXAMPLE = {"loginId": {"email": "ann@example.com"}, "password": "a long sentence is best"}


def paths(name: str) -> tuple[str, ...]:
    """Every address that an operation of the authentication service answers on."""
    return (f"/_api/iam/authentication/v2/{name}", f"/iam/authentication/v2/{name}")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="Register",
        method="POST",
        paths=paths("register"),
        summary="Make an account with an email address and a password.",
        run=register,
        permission="member.register",
        callers=VISITORS,
        request=RegisterRequest,
        response=StateResponse,
        checks_origin=True,
        example={**_EXAMPLE, "profile": {"nickname": "Ann"}},
        errors=("-19995", "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="Login",
        method="POST",
        paths=paths("login"),
        summary="Check an email address and a password.",
        run=login,
        permission="member.login",
        callers=VISITORS,
        request=LoginRequest,
        response=StateResponse,
        checks_origin=True,
        plain_errors=True,
        example=_EXAMPLE,
        errors=(NO_SUCH_MEMBER, WRONG_PASSWORD, "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="ChangePassword",
        method="POST",
        paths=paths("change-password"),
        summary="Give the member behind the token a new password, and end their other logins.",
        run=change_password,
        permission="member.change_password",
        callers=VISITORS,
        request=ChangePasswordRequest,
        response=Empty,
        example={"newPassword": "another long sentence"},
        errors=("MEMBER_NOT_FOUND",),
    ),
    Operation(
        name="ValidateEmail",
        method="POST",
        paths=paths("validate-email"),
        summary="Say whether a text has the form of an email address.",
        run=validate_email,
        permission="member.validate_email",
        callers=VISITORS,
        request=ValidateEmailRequest,
        response=ValidateEmailResponse,
        example={"email": "ann@example.com"},
    ),
)
