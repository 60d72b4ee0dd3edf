"""What a grant and an authorization code are, and how long things live. Pure values; `store.py` keeps them."""

from __future__ import annotations

from dataclasses import dataclass

from roundtrip.core.clock import DAY, HOUR, MINUTE, SECOND
from roundtrip.core.identity import Member, Visitor
from roundtrip.sites.model import TokenSettings

ACCESS_TOKEN_LIFE = 4 * HOUR
"""The default, and the longest: what was revoked is remembered on every node for as long (decision record 0034)."""
ID_TOKEN_LIFE = HOUR
CODE_LIFE = 60 * SECOND
"""AUT-04."""
VISITOR_IDLE = 365 * DAY
VISITOR_HARD_END = 2 * 365 * DAY
MEMBER_IDLE = 90 * DAY
MEMBER_HARD_END = 365 * DAY
GRACE = 10 * SECOND
"""How long a refresh token that was just replaced gets the same answer once more (decision record 0032)."""

OFFLINE_ACCESS = "offline_access"
OPENID = "openid"
SCOPES = frozenset({OFFLINE_ACCESS, OPENID, "profile", "email"})
"""Scopes that change something here. Others are dropped, which RFC 6749 3.3 allows when the answer says so."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The right of one client to act for one visitor or member. Refresh tokens renew it; revoking it ends all tokens made from it.

    `expires_at` slides with use and never passes `hard_end_at`. `refresh_hash` is None when no refresh token was asked for.
    """

    id: str
    site_id: str
    client_id: str
    visitor_id: str | None
    member_id: str | None
    login_id: str | None
    scope: str
    refresh_hash: str | None
    created_at: int
    used_at: int
    expires_at: int
    hard_end_at: int
    revoked_at: int | None
    previous_hash: str | None = None
    rotated_at: int | None = None

    @property
    def caller(self) -> Visitor | Member:
        """Whom tokens made from this grant speak for."""
        if self.member_id is not None:
            return Member(self.site_id, self.client_id, self.member_id, self.id, self.login_id)
        return Visitor(self.site_id, self.client_id, self.visitor_id or "", self.id)

    def is_alive(self, now: int) -> bool:
        """True while it is neither revoked nor expired. Whether the member logged out is another question (`grants.usable`)."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What was promised to a client at the authorize endpoint. `redirect_uri` is None for a `web_message` answer without one."""

    code_hash: str
    client_id: str
    redirect_uri: str | None
    code_challenge: str | None
    code_challenge_method: str | None
    member_id: str
    login_id: str | None
    scope: str
    nonce: str | None
    redirect_session_id: str | None
    created_at: int
    expires_at: int
    used_at: int | None
    grant_id: str | None

    # Authlib's names for what it asks a code.
    def get_redirect_uri(self) -> str | None:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


def access_token_life(tokens: TokenSettings) -> int:
    """How long access tokens of a client live, in milliseconds: at least a minute, at most four hours."""
    return min(max(tokens.access_token_minutes, 1) * MINUTE, ACCESS_TOKEN_LIFE)


def idle_life(tokens: TokenSettings, *, is_member: bool) -> int:
    """How long a refresh token of a client lives without use, in milliseconds."""
    if tokens.refresh_token_days is not None:
        return max(tokens.refresh_token_days, 1) * DAY
    return MEMBER_IDLE if is_member else VISITOR_IDLE


def known_scope(scope: str) -> str:
    """The part of a requested scope that means something here, each word once, in the order given."""
    return " ".join(dict.fromkeys(word for word in scope.split(" ") if word in SCOPES))
