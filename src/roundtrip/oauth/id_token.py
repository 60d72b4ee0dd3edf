"""OpenID Connect id_tokens (Core 2): who logged in, for the client that asked, signed with a key that anybody can check (`jwks.py`)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol, OctKey, RSAKey

from roundtrip.core.clock import SECOND
from roundtrip.members.model import Member
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.model import ID_TOKEN_LIFE

SIGNED_WITH = ("ES256", "RS256")
"""What clients may choose from."""


CLAIMS = (
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid"),
    *("email", "email_verified", "name", "given_name", "family_name", "nickname", "picture", "locale", "updated_at"),
)
"""Every claim that an id_token or userinfo may have."""


def member_claims(member: Member, scope: str) -> dict[str, object]:
    """The claims that the words of a scope ask for (Core 5.4), in an id_token and in userinfo alike. Absent facts are left out."""
    words = scope.split()
    claims: dict[str, object] = {}
    if "email" in words:
        claims |= {"email": member.email, "email_verified": False}  # nothing here verifies addresses yet
    if "profile" in words:
        more: dict[str, object] = msgspec.json.decode(member.profile)
        known = {
            "name": member.name,
            "given_name": member.first_name,
            "family_name": member.last_name,
            "nickname": member.nickname,
            "picture": more.get("picture"),
            "locale": more.get("language"),
            "updated_at": member.updated_at // SECOND,
        }
        claims |= {name: value for name, value in known.items() if value}
    return claims


@dataclass(frozen=True, slots=True)
class Hint:
    """What an id_token of ours says about a login, read back from a request that carries it as `id_token_hint`."""

    member_id: str
    client_id: str
    login_id: str | None


def id_token(
    key_ring: KeyRing,
    *,
    alg: Literal["ES256", "RS256"],
    issuer: str,
    client_id: str,
    member: Member,
    login_id: str | None,
    scope: str,
    nonce: str | None,
    access_token: str,
    auth_time: int,
    now: int,
) -> str:
    """A signed statement about a login. `auth_time` and `now` are UTC milliseconds; the claims follow the scope (Core 5.4).

    `sid` names the browser's login (Front-Channel Logout 3), `at_hash` the access token beside it (Core 3.1.3.6).
    """
    key = key_ring.signing(alg, now)
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": member.id,
        "aud": client_id,
        "iat": now // SECOND,
        "exp": (now + ID_TOKEN_LIFE) // SECOND,
        "auth_time": auth_time // SECOND,
        "at_hash": urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode(),
    }
    if login_id is not None:
        claims["sid"] = login_id
    if nonce is not None:
        claims["nonce"] = nonce
    claims |= member_claims(member, scope)
    return jwt.encode({"alg": key.alg, "kid": key.kid, "typ": "JWT"}, claims, key.key, algorithms=[key.alg])


def read_hint(key_ring: KeyRing, text: str, issuer: str) -> Hint | None:
    """What one of our id_tokens says, however old it is (RP-Initiated Logout 2); None for what we did not sign as one."""

    def key_of(token: GuestProtocol) -> ECKey | RSAKey:
        header = token.headers()
        key = key_ring.find(str(header.get("kid")), "RS256" if header.get("alg") == "RS256" else "ES256")
        if key is None or isinstance(key.key, OctKey):
            raise ValueError("not a key of ours")
        return key.key

    try:
        claims = jwt.decode(text, key_of, algorithms=list(SIGNED_WITH)).claims
    except (JoseError, ValueError):
        return None
    subject, audience, login = claims.get("sub"), claims.get("aud"), claims.get("sid")
    if claims.get("iss") != issuer or "auth_time" not in claims or not isinstance(subject, str) or not isinstance(audience, str):
        return None
    return Hint(subject, audience, login if isinstance(login, str) else None)
