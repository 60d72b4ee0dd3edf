"""The identity API's codes and mails: verify an address during a registration, recover an account by mail."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from msgspec import Meta

from roundtrip.api.identity import at_field
from roundtrip.api.identity_wire import StateResponse, asking, kept, limit, member_of, state_response
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.settings_calls import own_site
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.errors import AppError, Refused
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.ids import is_guid, new_id
from roundtrip.core.secrets import new_secret
from roundtrip.credentials import passwords, throttle
from roundtrip.members import actions as members
from roundtrip.members import guesses
from roundtrip.sites import actions as sites
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.workflows import ask_for_recovery, identity_state
from roundtrip.workflows.identity_state import Standing

StateToken = Annotated[str, Meta(max_length=1000)]
Language = Annotated[str, Meta(max_length=16)]


class VerifyRequest(Wire):
    """The digits from the mail, and the state token of the registration that they belong to."""

    code: Annotated[str, Meta(min_length=6, max_length=6)]
    state_token: StateToken


class ResendRequest(Wire):
    """The registration that wants another mail."""

    state_token: StateToken


class StartRequest(Wire):
    """Whose address is to be proved: the member's own."""

    identity_id: str | None = None
    target: Literal["EMAIL"] = "EMAIL"


class StartResponse(Wire):
    """`verificationId` is a state token: send it back with the digits."""

    verification_id: str


class WireRedirect(Wire):
    """Where the page behind the mail leads in the end: one of the client's redirect URIs, in full."""

    url: Annotated[str, Meta(max_length=1000)] | None = None
    client_id: str | None = None


class SendRecoveryRequest(Wire):
    """The address of whoever forgot a password."""

    email: Annotated[str, Meta(max_length=254)]
    language: Language | None = None
    redirect: WireRedirect | None = None


class EmailOptions(Wire):
    """Language of the mail, and where its page leads in the end."""

    language: Language | None = None
    redirect: WireRedirect | None = None


class SendActivationRequest(Wire):
    """The member who shall choose a password."""

    identity_id: str
    email_options: EmailOptions | None = None


class RecoverRequest(Wire):
    """The token from the mail's link, and the new password. Without one the old one stays."""

    recovery_token: Annotated[str, Meta(max_length=1000)]
    password: str | None = None


async def verify(call: Call) -> StateResponse:
    """Take the digits from the mail. A wrong try is counted; after five the code is dead (IDN-04)."""
    request: VerifyRequest = call.body
    client_id = limit(call)
    token = new_secret("JWS.")
    return state_response(kept(await call.write(_verify, call, client_id, request, token)), token)


def _verify(tx: Tx, call: Call, client_id: str, request: VerifyRequest, token: str) -> Standing | Refused:
    _, site = sites.require_client(tx, client_id)
    return identity_state.verify(tx, asking(call, site, client_id, token), request.state_token, request.code)


async def resend(call: Call) -> Empty:
    """Another mail with another code for the same registration. The state token stays the same."""
    request: ResendRequest = call.body
    await call.write(_resend, call, limit(call), request.state_token)
    return Empty()


def _resend(tx: Tx, call: Call, client_id: str, state_token: str) -> None:
    _, site = sites.require_client(tx, client_id)
    identity_state.send_again(tx, asking(call, site, client_id, ""), state_token)


async def start(call: Call) -> StartResponse:
    """Mail a code to the member behind the token, to prove the address later than at registration."""
    request: StartRequest = call.body
    caller = member_of(call)
    limit(call)
    return StartResponse(await call.write(_start, call, caller, (request.identity_id or caller.member_id).lower()))


def _start(tx: Tx, call: Call, caller: MemberCaller, member_id: str) -> str:
    _, site = sites.require_client(tx, caller.client_id)
    # Somebody else's id is answered like one that nobody has.
    member = members.require_member(tx, site.id, caller.member_id if member_id == caller.member_id else "")
    return identity_state.send_code(tx, asking(call, site, caller.client_id, ""), member, {})


async def send_recovery_email(call: Call) -> Empty:
    """Send a mail by which whoever has this address can choose a new password. The answer is the same when nobody has it (IDN-03)."""
    request: SendRecoveryRequest = call.body
    client_id = limit(call)
    try:
        email = passwords.check_email(request.email)
    except AppError as error:
        raise at_field("email", error) from error
    await call.write(_ask, call, client_id, email, request, new_id(call.now))
    return Empty()


def _ask(tx: Tx, call: Call, client_id: str, email: str, request: SendRecoveryRequest, mail_id: str) -> None:
    _, site = sites.require_client(tx, client_id)
    ask_for_recovery.ask_by_email(
        tx,
        site,
        email=email,
        address=call.address,
        language=request.language,
        binding=_redirect(tx, site, client_id, request.redirect, "redirect.url", call.now),
        mail_id=mail_id,
        now=call.now,
    )


async def send_activation_email(call: Call) -> Empty:
    """Send a member the mail by which they choose their first password. The answer is the same when there is no such member."""
    request: SendActivationRequest = call.body
    await call.write(_activate, call, request, new_id(call.now))
    return Empty()


def _activate(tx: Tx, call: Call, request: SendActivationRequest, mail_id: str) -> None:
    site = own_site(tx, call)
    options = request.email_options or EmailOptions()
    binding = _redirect(tx, site, None, options.redirect, "emailOptions.redirect.url", call.now)
    guess = guesses.mail(site.id, request.identity_id, call.address)
    throttle.require(tx, guess, call.now)
    throttle.failed(tx, guess, call.now)
    member = members.member(tx, site.id, request.identity_id.lower()) if is_guid(request.identity_id) else None
    ask_for_recovery.send(tx, site, member, language=options.language, binding=binding, mail_id=mail_id, now=call.now)


def _redirect(tx: Tx, site: Site, own_client: str | None, redirect: WireRedirect | None, field: str, now: int) -> dict[str, str]:
    if redirect is None:
        return {}
    return ask_for_recovery.check_redirect(tx, site, redirect.client_id or own_client, redirect.url, field, now)


async def recover(call: Call) -> StateResponse:
    """Choose a new password by the token of a mail's link. Everything that was logged in with the old one ends (IDN-06)."""
    request: RecoverRequest = call.body
    client_id = limit(call)
    password_hash = None
    if request.password is not None:
        passwords.check_password(request.password, "")
        password_hash = str(await call.services.hash_work(partial(passwords.hash_password, request.password)))
    token = new_secret("JWS.")
    standing, revoked = await call.write(_recover, call, client_id, request.recovery_token, password_hash, token)
    for subject in revoked:
        call.services.revocations.add(subject, call.now)
    return state_response(standing, token)


def _recover(
    tx: Tx, call: Call, client_id: str, recovery_token: str, password_hash: str | None, token: str
) -> tuple[Standing, tuple[str, ...]]:
    _, site = sites.require_client(tx, client_id)
    return identity_state.recover(tx, asking(call, site, client_id, token), recovery_token, password_hash)


_VERIFICATION = ("/_api/iam/verification/v1", "/iam/verification/v1")
_RECOVERY = ("/_api/iam/recovery/v1", "/_iam/recovery/v1", "/iam/recovery/v1")
_STATE_TOKEN = "01990000000070008000000000000000" + 43 * "x"
_REDIRECT = {"url": "https://shop.example/cb", "clientId": "00000000-0000-4000-8000-000000000011"}


def _paths(prefixes: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}/{name}" for prefix in prefixes for name in names)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="VerifyDuringAuthentication",
        method="POST",
        paths=_paths(_VERIFICATION, "auth/verify"),
        summary="Go on with a registration by the six digits from the mail.",
        run=verify,
        permission="member.verify",
        callers=VISITORS,
        request=VerifyRequest,
        response=StateResponse,
        example={"code": "123456", "stateToken": _STATE_TOKEN},
        errors=("VERIFICATION_FAILED", "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="ResendDuringAuthentication",
        method="POST",
        paths=_paths(_VERIFICATION, "auth/resend"),
        summary="Send another code for a registration.",
        run=resend,
        permission="member.verify",
        callers=VISITORS,
        request=ResendRequest,
        response=Empty,
        example={"stateToken": _STATE_TOKEN},
        errors=("VERIFICATION_FAILED", "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="StartVerification",
        method="POST",
        paths=_paths(_VERIFICATION, "start", "Start"),
        summary="Send the member behind the token a code that proves their address.",
        run=start,
        permission="member.verify",
        callers=VISITORS,
        request=StartRequest,
        response=StartResponse,
        example={"target": "EMAIL"},
        errors=("MEMBER_NOT_FOUND", "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="SendRecoveryEmail",
        method="POST",
        paths=_paths(_RECOVERY, "send-email"),
        summary="Send whoever has this address a mail to choose a new password with.",
        run=send_recovery_email,
        permission="member.recover",
        callers=VISITORS,
        request=SendRecoveryRequest,
        response=Empty,
        example={"email": "ann@example.com", "language": "en", "redirect": _REDIRECT},
        errors=("INVALID_REDIRECT_URI", "CLIENT_NOT_FOUND", "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="SendActivationEmail",
        method="POST",
        paths=_paths(_RECOVERY, "activation-email"),
        summary="Send a member a mail to choose their first password with.",
        run=send_activation_email,
        permission="member.manage",
        callers=VISITORS | KEYS,
        request=SendActivationRequest,
        response=Empty,
        example={"identityId": "01990000-0000-7000-8000-000000000000", "emailOptions": {"language": "en", "redirect": _REDIRECT}},
        errors=("INVALID_REDIRECT_URI", "CLIENT_NOT_FOUND", "TOO_MANY_ATTEMPTS"),
    ),
    Operation(
        name="Recover",
        method="POST",
        paths=_paths(_RECOVERY, "recover"),
        summary="Choose a new password by the token from the mail.",
        run=recover,
        permission="member.recover",
        callers=VISITORS,
        request=RecoverRequest,
        response=StateResponse,
        example={"recoveryToken": _STATE_TOKEN, "password": "another long sentence"},
        errors=("RECOVERY_TOKEN_INVALID", "PASSWORD_REQUIRED"),
    ),
)
