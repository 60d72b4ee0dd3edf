"""What the user-info endpoint says about the member behind an access token (names of the wire; no HTTP here)."""

from __future__ import annotations

from typing import Any

import msgspec

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Caller, Member
from roundtrip.members import actions as members
from roundtrip.members.model import Member as Account
from roundtrip.oauth import store
from roundtrip.oauth.id_token import member_claims
from roundtrip.storage.database import Tx

OPENID = "openid"
_LONGEST_NAME = 20  # the contract's limit for givenName and familyName


def user_info(tx: Tx, caller: Caller) -> dict[str, object]:
    """The member's own facts; absent ones are left out.

    Raises `AppError`: forbidden for visitors and keys, who are nobody in particular; unauthenticated when the member is gone.
    """
    member = _member(tx, caller)
    profile: dict[str, Any] = msgspec.json.decode(member.profile)
    facts: dict[str, object] = {
        "sub": member.id,
        "givenName": (member.first_name or "")[:_LONGEST_NAME],
        "familyName": (member.last_name or "")[:_LONGEST_NAME],
        "email": member.email,
        "emailVerified": member.is_verified,
        "picture": profile.get("picture"),
        "language": profile.get("language"),
        "name": member.name,
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def claims(tx: Tx, caller: Caller) -> dict[str, object]:
    """The same by the standard (OpenID Connect Core 5.3): `sub`, and what the scope of the token asks for.

    Raises as `user_info` does, and forbidden for a token without the scope `openid`.
    """
    member = _member(tx, caller)
    grant = store.grant(tx, caller.grant_id) if isinstance(caller, Member) else None
    scope = grant.scope if grant else ""
    if OPENID not in scope.split():
        text = "This access token was asked for without the scope openid"
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", text, oauth_error="insufficient_scope")
    return {"sub": member.id, **member_claims(member, scope)}


def _member(tx: Tx, caller: Caller) -> Account:
    if not isinstance(caller, Member):
        text = "Only a logged-in member has user info; this token is not a member's"
        raise AppError(Kind.FORBIDDEN, "PERMISSION_DENIED", text, oauth_error="insufficient_scope")
    member = members.member(tx, caller.site_id, caller.member_id)
    if member is None or not member.is_active:
        raise AppError(Kind.UNAUTHENTICATED, "UNAUTHENTICATED", "The member of this access token may not log in any more")
    return member
