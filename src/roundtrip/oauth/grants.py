"""What can be done with grants and their refresh tokens.

A refresh token is `JWS.`, the grant's id without dashes and a secret: the row is found by its primary key, and the hash of the whole
token decides. So a new visitor costs one insert at the end of one index, not a second one somewhere in the middle of another.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode

from roundtrip.core.clock import DAY
from roundtrip.core.secrets import hash_secret, same
from roundtrip.members import actions as members
from roundtrip.oauth import store
from roundtrip.oauth.model import GRACE, MEMBER_HARD_END, VISITOR_HARD_END, Grant, idle_life
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx

PREFIX = "JWS."
_PURPOSE = "refresh_token"
_TOKEN = re.compile(r"JWS\.([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})[A-Za-z0-9_-]{43}")


def refresh_token(grant_id: str, secret: str) -> str:
    """The text that is given to the client, once. `secret` comes from `core.secrets.new_secret("")`."""
    return PREFIX + grant_id.replace("-", "") + secret


def visitor_grant(tx: Tx, *, client: Client, visitor_id: str, grant_id: str, token: str, now: int) -> Grant:
    """Let a client act for a new visitor."""
    return _add(tx, client, grant_id, now, VISITOR_HARD_END, visitor_id=visitor_id, token=token)


def member_grant(
    tx: Tx, *, client: Client, member_id: str, login_id: str | None, scope: str, grant_id: str, token: str | None, now: int
) -> Grant:
    """Let a client act for a member. Without a refresh token it lasts as long as the access tokens made now."""
    return _add(tx, client, grant_id, now, MEMBER_HARD_END, member_id=member_id, login_id=login_id, scope=scope, token=token)


def find(tx: Tx, token: str) -> Grant | None:
    """The grant that a refresh token belongs to, dead or alive; None when no such token was ever given out."""
    grant = named(tx, token)
    return grant if grant is not None and is_current(grant, token) else None


def named(tx: Tx, token: str) -> Grant | None:
    """The grant whose id is in a refresh token, whether or not the rest of it is right."""
    match = _TOKEN.fullmatch(token)
    grant = store.grant(tx, "-".join(match.groups())) if match else None
    return grant if grant is not None and grant.refresh_hash is not None else None


def is_current(grant: Grant, token: str) -> bool:
    """True when this is the refresh token that renews the grant now."""
    return grant.refresh_hash is not None and same(grant.refresh_hash, hash_secret(_PURPOSE, token))


def was_just_replaced(grant: Grant, token: str, now: int) -> bool:
    """True for the token before the current one, for a few seconds: its answer may have been lost on the way."""
    if grant.previous_hash is None or grant.rotated_at is None or now - grant.rotated_at > GRACE:
        return False
    return same(grant.previous_hash, hash_secret(_PURPOSE, token))


def why_unusable(tx: Tx, grant: Grant, now: int) -> str | None:
    """Why no new tokens may be made from a grant, as the end of a sentence; None when they may."""
    if grant.revoked_at is not None:
        return "was revoked"
    if now >= grant.expires_at:
        return "has expired"
    if grant.member_id is None:
        return None
    member = members.member(tx, grant.site_id, grant.member_id)
    if member is None or not member.is_active:
        return "belongs to a member who may not log in any more"
    if grant.login_id is None:
        return None
    login = members.login(tx, grant.login_id)
    return "ended with the member's logout" if login is None or login.is_ended else None


def slide(tx: Tx, client: Client, grant: Grant, now: int) -> bool:
    """Note that a grant was used, which moves its idle end; False when it died meanwhile."""
    return store.slide_grant(tx, grant, idle_life(client.tokens, is_member=grant.member_id is not None), now)


def successor(grant: Grant, token: str, key: bytes) -> str:
    """The refresh token that comes after `token`. Derived from it, so that a repeated request gets the same one (decision record 0032)."""
    secret = urlsafe_b64encode(hmac.digest(key, token.encode(), "sha256")).rstrip(b"=").decode()
    return refresh_token(grant.id, secret)


def rotate(tx: Tx, client: Client, grant: Grant, new_token: str, now: int) -> bool:
    """Put `new_token` in the place of the grant's refresh token; True for exactly one caller, however many hold the old one."""
    idle = idle_life(client.tokens, is_member=grant.member_id is not None)
    return store.rotate_grant(tx, grant, hash_secret(_PURPOSE, new_token), idle, now)


def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Delete grants, codes and revocations that can no longer change any answer; the number of rows deleted.

    A used code is kept for a day, so that using it a second time still revokes what was made from it (AUT-04).
    """
    codes = store.forget_codes(tx, now - DAY, limit)
    return codes + store.forget_grants(tx, now - DAY, limit) + store.forget_revocations(tx, now, limit)


def _add(
    tx: Tx,
    client: Client,
    grant_id: str,
    now: int,
    hard_end: int,
    *,
    token: str | None,
    visitor_id: str | None = None,
    member_id: str | None = None,
    login_id: str | None = None,
    scope: str = "",
) -> Grant:
    idle = idle_life(client.tokens, is_member=member_id is not None)
    grant = Grant(
        id=grant_id,
        site_id=client.site_id,
        client_id=client.id,
        visitor_id=visitor_id,
        member_id=member_id,
        login_id=login_id,
        scope=scope,
        refresh_hash=hash_secret(_PURPOSE, token) if token else None,
        created_at=now,
        used_at=now,
        expires_at=now + min(idle, hard_end),
        hard_end_at=now + hard_end,
        revoked_at=None,
    )
    store.add_grant(tx, grant)
    return grant
