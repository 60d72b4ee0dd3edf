"""OpenID Connect id_tokens (Core 2): who logged in, for the client that asked, signed with a key that anybody can check (`jwks.py`)."""

from __future__ import annotations

from joserfc import jwt

from roundtrip.core.clock import SECOND
from roundtrip.members.model import Member
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.model import ID_TOKEN_LIFE


def id_token(
    key_ring: KeyRing, *, issuer: str, client_id: str, member: Member, scope: str, nonce: str | None, auth_time: int, now: int
) -> str:
    """A signed statement about a login. `auth_time` and `now` are UTC milliseconds; the claims follow the scope (Core 5.4)."""
    key = key_ring.signing("ES256")
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": member.id,
        "aud": client_id,
        "iat": now // SECOND,
        "exp": (now + ID_TOKEN_LIFE) // SECOND,
        "auth_time": auth_time // SECOND,
    }
    if nonce is not None:
        claims["nonce"] = nonce
    words = scope.split()
    if "email" in words:
        claims |= {"email": member.email, "email_verified": member.is_verified}
    if "profile" in words:
        known = {"name": member.name, "given_name": member.first_name, "family_name": member.last_name, "nickname": member.nickname}
        claims |= {name: value for name, value in known.items() if value}
    return jwt.encode({"alg": key.alg, "kid": key.kid, "typ": "JWT"}, claims, key.key, algorithms=[key.alg])
