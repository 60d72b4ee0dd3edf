"""What the token-info endpoint says about an access or refresh token (names of the wire; no HTTP here).

Unlike RFC 7662 introspection this is open to whoever holds the token: it says nothing that the holder could not find out by using it.
"""

from __future__ import annotations

from roundtrip.core.clock import SECOND
from roundtrip.core.identity import App, Member
from roundtrip.oauth import inspection
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.storage.database import Tx

INACTIVE: dict[str, object] = {"active": False, "subjectType": "UNKNOWN", "subjectId": "", "exp": "", "iat": "", "clientId": ""}


def describe(tx: Tx, text: str, *, access_tokens: AccessTokens, now: int) -> dict[str, object]:
    """Whose token this is and until when; `INACTIVE` for everything that would not be accepted now. Never raises for a bad token."""
    found = inspection.look(tx, text, access_tokens=access_tokens, now=now)
    if found is None:
        return dict(INACTIVE)
    kinds = {App: "APP", Member: "MEMBER"}
    return {
        "active": True,
        "subjectType": kinds.get(type(found.holder), "VISITOR"),
        "subjectId": found.subject,
        "exp": str(found.expires_at // SECOND),
        "iat": str(found.issued_at // SECOND),
        "clientId": found.holder.client_id,
        "siteId": found.holder.site_id,
        "instanceId": found.holder.site_id,
    }
