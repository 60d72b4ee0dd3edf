"""What the token-info endpoint says about an access or refresh token (names of the wire; no HTTP here).

Unlike RFC 7662 introspection this is open to whoever holds the token: it says nothing that the holder could not find out by using it.
"""

from __future__ import annotations

from roundtrip.core.clock import SECOND
from roundtrip.core.errors import AppError
from roundtrip.oauth import grants, store
from roundtrip.oauth.access_token import PREFIX, AccessTokens
from roundtrip.oauth.model import Grant
from roundtrip.storage.database import Tx

INACTIVE: dict[str, object] = {"active": False, "subjectType": "UNKNOWN", "subjectId": "", "exp": "", "iat": "", "clientId": ""}


def describe(tx: Tx, text: str, *, access_tokens: AccessTokens, now: int) -> dict[str, object]:
    """Whose token this is and until when; `INACTIVE` for everything that would not be accepted now. Never raises for a bad token."""
    bare = text[7:].lstrip() if text[:7].lower() == "bearer " else text
    if bare.startswith(PREFIX):
        try:
            token = access_tokens.read(bare, now)
        except AppError:
            return dict(INACTIVE)
        grant = store.grant(tx, token.caller.grant_id)
        return _about(tx, grant, token.issued_at, token.expires_at, now)
    grant = grants.find(tx, bare)
    return _about(tx, grant, grant.created_at, grant.expires_at, now) if grant else dict(INACTIVE)


def _about(tx: Tx, grant: Grant | None, issued_at: int, expires_at: int, now: int) -> dict[str, object]:
    # The table is asked, not the revocation set: this answer may be slower, and must not be half a second old.
    if grant is None or grants.why_unusable(tx, grant, now):
        return dict(INACTIVE)
    return {
        "active": True,
        "subjectType": "VISITOR" if grant.member_id is None else "MEMBER",
        "subjectId": grant.member_id or grant.visitor_id,
        "exp": str(expires_at // SECOND),
        "iat": str(issued_at // SECOND),
        "clientId": grant.client_id,
        "siteId": grant.site_id,
        "instanceId": grant.site_id,
    }
