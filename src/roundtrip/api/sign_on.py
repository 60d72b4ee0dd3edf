"""Signing on: the site's own server vouches for somebody who logged in elsewhere. And what a site asks of those who sign up themselves."""

from __future__ import annotations

from roundtrip.api.authorization import key_of
from roundtrip.api.identity import paths, raw_profile
from roundtrip.api.identity_wire import Identity, LoginId, WireProfile, asking, identity, profile_of
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import actor_of, own_site
from roundtrip.api.wire import Wire
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey, Visitor
from roundtrip.core.identity import Member as MemberCaller
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.credentials import passwords
from roundtrip.members.model import Profile
from roundtrip.sites import actions as sites
from roundtrip.sites import sign_on_policy
from roundtrip.sites.model import Site
from roundtrip.storage.database import Tx
from roundtrip.workflows import identity_state
from roundtrip.workflows.identity_state import Standing

PERMISSION = "member.manage"


class SignOnRequest(Wire):
    """Who signed on. `mergeExistingContact` is accepted: here a contact and a member are the same thing already."""

    login_id: LoginId
    profile: WireProfile | None = None
    verify_email: bool = False
    merge_existing_contact: bool = True


class SignOnResponse(Wire, omit_defaults=False):
    """The member, and a session token for them."""

    session_token: str
    identity: Identity


class PolicyFields(Wire):
    """What changes; what is missing stays."""

    require_owner_approval: bool | None = None
    require_email_verification: bool | None = None


class PolicyRequest(Wire):
    """The change of a policy."""

    sign_on_policy: PolicyFields


class Policy(Wire, omit_defaults=False):
    """What new members of a site have to wait for."""

    require_owner_approval: bool
    require_email_verification: bool


class PolicyResponse(Wire, omit_defaults=False):
    """The wrapper that clients unpack."""

    sign_on_policy: Policy


async def sign_on(call: Call) -> SignOnResponse:
    """Make or bring up to date a member whom the site has authenticated by its own means.

    `Authorization` carries a visitor's token and an API key with the permission `member.manage`, joined by a comma.
    """
    request: SignOnRequest = call.body
    visitor, key = await _both(call)
    email = passwords.check_email(request.login_id.email)
    token = new_secret("JWS.")
    profile = profile_of(request.profile, raw_profile(call.raw_body))
    standing, revoked = await call.write(_sign_on, call, visitor, key, email, profile, request.verify_email, token)
    for subject in revoked:
        call.services.revocations.add(subject, call.now)
    return SignOnResponse(token, identity(standing.member))


def _sign_on(
    tx: Tx, call: Call, visitor: Visitor | MemberCaller, key: ApiKey, email: str, profile: Profile, verified: bool, token: str
) -> tuple[Standing, tuple[str, ...]]:
    client, site = sites.require_client(tx, visitor.client_id)
    if key.site_id != site.id:
        text = "The API key and the visitor's token of this call belong to different sites."
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", text, data={"clientId": client.id})
    return identity_state.sign_on(tx, asking(call, site, client.id, token), email, profile, verified=verified)


async def _both(call: Call) -> tuple[Visitor | MemberCaller, ApiKey]:
    """The visitor and the key of a header that names both. Raises UNAUTHENTICATED, or FORBIDDEN without the permission."""
    first, comma, second = call.headers.get(b"authorization", b"").decode("latin-1").partition(",")
    if not comma:
        text = "SignOn needs a visitor's token and an API key, joined by a comma: `Authorization: <token>,<key>`."
        raise AppError(Kind.UNAUTHENTICATED, "UNAUTHENTICATED", text)
    visitor = call.services.tokens.verify(first.strip(), call.now)
    if call.services.revocations.is_revoked(visitor):
        raise AppError(Kind.UNAUTHENTICATED, "UNAUTHENTICATED", "Access token was revoked: the visitor logged out. Get a new one.")
    key = await key_of(call.services, second.strip(), call.headers)
    if not key.may(PERMISSION) or not isinstance(visitor, Visitor | MemberCaller):
        text = f"This call lacks the permission {PERMISSION!r} that SignOn needs."
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", text, data={"permission": PERMISSION})
    return visitor, key


async def read_policy(call: Call) -> PolicyResponse:
    """What new members of the caller's site have to wait for."""
    return _policy(await call.read(own_site, call))


async def change_policy(call: Call) -> PolicyResponse:
    """Change what new members have to wait for. Members who are in already stay in. Audited."""
    request: PolicyRequest = call.body
    return _policy(await call.write(_change, call, request.sign_on_policy, new_id(call.now)))


def _change(tx: Tx, call: Call, wanted: PolicyFields, entry_id: str) -> Site:
    return sign_on_policy.change(
        tx,
        own_site(tx, call),
        require_owner_approval=wanted.require_owner_approval,
        require_email_verification=wanted.require_email_verification,
        actor=actor_of(tx, call),
        entry_id=entry_id,
        now=call.now,
    )


def _policy(site: Site) -> PolicyResponse:
    return PolicyResponse(Policy(site.require_owner_approval, site.require_email_verification))


_PATHS = ("/iam/signon/v1/sign-on-policies", "/_api/iam/signon/v1/sign-on-policies")
_LOGIN_ID = {"loginId": {"email": "ann@example.com"}}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="SignOn",
        method="POST",
        paths=paths("sign-on"),
        summary="Sign on a member whom the site's own server has authenticated: `Authorization: <visitor token>,<API key>`.",
        run=sign_on,
        permission=PERMISSION,
        request=SignOnRequest,
        response=SignOnResponse,
        example={**_LOGIN_ID, "profile": {"nickname": "Ann"}, "verifyEmail": True, "mergeExistingContact": True},
        errors=("UNAUTHENTICATED", "PERMISSION_DENIED", "MEMBER_BLOCKED"),
    ),
    Operation(
        name="GetSignOnPolicy",
        method="GET",
        paths=_PATHS,
        summary="Read what new members of a site have to wait for.",
        run=read_policy,
        permission="site.manage",
        callers=KEYS,
        response=PolicyResponse,
    ),
    Operation(
        name="UpdateSignOnPolicy",
        method="PATCH",
        paths=_PATHS,
        summary="Change what new members of a site have to wait for.",
        run=change_policy,
        permission="site.manage",
        callers=KEYS,
        request=PolicyRequest,
        response=PolicyResponse,
        example={"signOnPolicy": {"requireOwnerApproval": False}},
        errors=("REVISION_CHANGED",),
    ),
)
