"""What stands behind the text of an access or refresh token, if it is alive: what token-info, introspection and revocation share."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.errors import AppError
from roundtrip.core.identity import App, Member
from roundtrip.oauth import grants, store
from roundtrip.oauth.access_token import PREFIX, AccessTokens, Holder
from roundtrip.sites import store as sites
from roundtrip.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Living:
    """A token that would be accepted now. Times are UTC milliseconds; `scope` is empty for visitors and apps."""

    holder: Holder
    scope: str
    issued_at: int
    expires_at: int
    is_refresh: bool

    @property
    def subject(self) -> str:
        """The id of whom it speaks for."""
        if isinstance(self.holder, App):
            return self.holder.client_id
        return self.holder.member_id if isinstance(self.holder, Member) else self.holder.visitor_id


def look(tx: Tx, text: str, *, access_tokens: AccessTokens, now: int) -> Living | None:
    """None for everything that would not be accepted now. The table of revocations is asked, not the set that every node keeps: this
    answer may be slower, and must not be half a second old."""
    bare = text[7:].lstrip() if text[:7].lower() == "bearer " else text
    if not bare.startswith(PREFIX):
        grant = grants.find(tx, bare)
        if grant is None or grants.why_unusable(tx, grant, now):
            return None
        return Living(grant.caller, grant.scope, grant.created_at, grant.expires_at, is_refresh=True)
    try:
        token = access_tokens.read(bare, now)
    except AppError:
        return None
    holder = token.caller
    if isinstance(holder, App):
        gone = sites.client_by_secret(tx, holder.client_id, holder.secret_id, now) is None
        if gone or store.is_revoked(tx, f"grant:{holder.grant_id}"):
            return None
        return Living(holder, "", token.issued_at, token.expires_at, is_refresh=False)
    grant = store.grant(tx, holder.grant_id)
    if grant is None or grants.why_unusable(tx, grant, now):
        return None
    return Living(holder, grant.scope, token.issued_at, token.expires_at, is_refresh=False)
