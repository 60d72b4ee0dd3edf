"""What token-info, user-info and the error body tell."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import ApiKey
from roundtrip.oauth import revocation
from roundtrip.oauth.errors import body, refuse
from roundtrip.oauth.token_info import INACTIVE, describe
from roundtrip.oauth.user_info import user_info
from tests.oauth.conftest import NOW, SHOP, SITE, World, renew


def about(world: World, text: str | None, now: int = NOW) -> dict[str, object]:
    return world.db.read_now(describe, text or "", access_tokens=world.access_tokens, now=now)


def test_a_members_tokens_are_described(world: World) -> None:
    tokens = world.member()
    expected = {"active": True, "subjectType": "MEMBER", "subjectId": world.ann.id, "clientId": SHOP.id, "siteId": SITE, "instanceId": SITE}
    seconds = NOW // 1000
    assert about(world, tokens.access_token) == {**expected, "iat": str(seconds), "exp": str(seconds + 14400)}
    assert about(world, f"Bearer {tokens.access_token}")["active"]
    assert about(world, tokens.refresh_token) == {**expected, "iat": str(seconds), "exp": str(seconds + 90 * 86400)}


def test_a_visitors_tokens_are_described(world: World) -> None:
    tokens = world.visitor()
    caller = world.access_tokens.verify(tokens.access_token, NOW)
    for text in (tokens.access_token, tokens.refresh_token):
        found = about(world, text)
        assert (found["subjectType"], found["subjectId"]) == ("VISITOR", getattr(caller, "visitor_id", None))


@pytest.mark.parametrize("text", ["", "x", "Bearer ", "OauthNG.JWS.a.b.c", "JWS.nonsense"])
def test_what_is_no_token_is_inactive(world: World, text: str) -> None:
    assert about(world, text) == INACTIVE


def test_expired_tokens_are_inactive(world: World) -> None:
    tokens = world.member()
    assert about(world, tokens.access_token, NOW + 4 * HOUR) == INACTIVE
    assert about(world, tokens.refresh_token, NOW + 90 * DAY) == INACTIVE


def test_after_a_logout_all_tokens_are_inactive_at_once(world: World) -> None:
    tokens = world.member()
    world.db.write_now(revocation.end_login, world.login.id, NOW)
    assert about(world, tokens.access_token) == INACTIVE
    assert about(world, tokens.refresh_token) == INACTIVE


def test_a_member_reads_their_own_facts(world: World) -> None:
    caller = world.access_tokens.verify(world.member().access_token, NOW)
    assert world.db.read_now(user_info, caller) == {
        "sub": world.ann.id,
        "givenName": "Ann",
        "familyName": "Smith-Featherstonehau"[:20],
        "email": "ann@example.com",
        "emailVerified": False,
        "language": "de",
        "name": "Ann",
    }


def test_a_visitor_and_a_key_are_nobody_in_particular(world: World) -> None:
    """AUT-14."""
    for caller in (world.access_tokens.verify(world.visitor().access_token, NOW), ApiKey(SITE, "key", frozenset({"*"}))):
        with pytest.raises(AppError) as caught:
            world.db.read_now(user_info, caller)
        assert caught.value.kind is Kind.FORBIDDEN


def test_a_blocked_member_has_no_facts(world: World) -> None:
    caller = world.access_tokens.verify(world.member().access_token, NOW)
    world.db.write_now(lambda tx: tx.execute("UPDATE member SET status = 'blocked'"))
    with pytest.raises(AppError) as caught:
        world.db.read_now(user_info, caller)
    assert caught.value.kind is Kind.UNAUTHENTICATED


def test_an_error_body_serves_both_kinds_of_reader(world: World) -> None:
    """AUT-13: RFC 6749 5.2 for standard clients, the vendor's shape for the SDK."""
    assert body(refuse("invalid_grant", "code already used")) == {
        "error": "invalid_grant",
        "error_description": "code already used",
        "message": "invalid_grant",
        "details": {"applicationError": {"code": "invalid_grant", "description": "code already used", "data": {}}},
    }
    answer = body(world.refusal({"grantType": 'ä"\\\n'}))
    assert (answer["error"], answer["error_description"]) == ("unsupported_grant_type", "grant_type=?'?? is not supported")


def test_a_failed_client_authentication_is_told_apart(world: World) -> None:
    assert world.refusal({"clientId": "unknown", "grantType": "anonymous"}).kind is Kind.UNAUTHENTICATED
    assert world.refusal(renew(world.visitor(), refreshToken="x")).kind is Kind.INVALID
