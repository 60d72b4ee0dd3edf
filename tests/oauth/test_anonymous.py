"""Visitors: whoever names a client becomes one, and stays the same one for as long as the token is renewed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roundtrip.core.clock import DAY, HOUR
from roundtrip.core.identity import Visitor
from roundtrip.oauth import grants
from roundtrip.oauth.access_token import AccessTokens
from tests.oauth.conftest import NOW, OTHER, SHOP, SITE, World, redeem, renew

YEAR = 365 * DAY


def test_a_visitor_gets_tokens_in_the_contracts_form(world: World) -> None:
    answer = world.visitor()
    assert answer.access_token.startswith("OauthNG.JWS.")
    assert (answer.refresh_token or "").startswith("JWS.")
    assert (answer.expires_in, answer.token_type, answer.id_token) == (14400, "Bearer", None)
    caller = world.access_tokens.verify(answer.access_token, NOW)
    assert isinstance(caller, Visitor)
    assert (caller.site_id, caller.client_id) == (SITE, SHOP.id)


@pytest.mark.parametrize(
    "params",
    [
        {"clientId": SHOP.id, "grantType": "anonymous"},
        {"client_id": SHOP.id, "grant_type": "anonymous"},
        {"clientId": SHOP.id, "grant_type": "anonymous", "scope": None, "somethingElse": {"deep": [1]}, "foo": 3},
    ],
)
def test_both_spellings_work_and_unknown_parameters_are_ignored(world: World, params: dict[str, object]) -> None:
    assert world.ask(params).access_token


def test_each_request_is_a_new_visitor(world: World) -> None:
    callers = {world.access_tokens.verify(world.visitor().access_token, NOW) for _ in range(5)}
    assert len(callers) == 5


def test_the_same_refresh_token_works_again_and_again_for_the_same_visitor(world: World) -> None:
    """Decision record 0013: the official SDK keeps its first refresh token and ignores a new one (AUT-11 is for clients that rotate)."""
    first = world.visitor()
    for hours in (1, 5, 9):
        again = world.ask(renew(first), NOW + hours * HOUR)
        assert again.refresh_token == first.refresh_token
        assert world.access_tokens.verify(again.access_token, NOW + hours * HOUR) == world.access_tokens.verify(first.access_token, NOW)


def test_a_refresh_needs_no_client_id(world: World) -> None:
    """One strategy of the official SDK sends none."""
    first = world.visitor()
    assert world.ask({"grantType": "refresh_token", "refreshToken": first.refresh_token}).access_token


def test_a_refresh_token_belongs_to_its_client(world: World) -> None:
    """AUT-11: bound to the client."""
    assert world.refusal(renew(world.visitor(), clientId=OTHER.id)).oauth_error == "invalid_grant"


def test_a_visitor_who_stays_away_for_a_year_is_forgotten(world: World) -> None:
    first = world.visitor()
    world.ask(renew(first), NOW + YEAR - 1)
    error = world.refusal(renew(first), NOW + 2 * YEAR)
    assert (error.oauth_error, "expired" in error.description) == ("invalid_grant", True)


def test_a_refresh_token_has_a_hard_end(world: World) -> None:
    """AUT-11: an absolute end of life, two years for visitors."""
    first = world.visitor()
    for days in range(300, 720, 60):
        world.ask(renew(first), NOW + days * DAY)
    assert world.refusal(renew(first), NOW + 730 * DAY).oauth_error == "invalid_grant"


def test_a_guessed_refresh_token_is_worth_nothing(world: World) -> None:
    first = world.visitor()
    token = first.refresh_token or ""
    for guess in (token[:-1], token + "A", "JWS." + "0" * 32 + token[36:], token[:36] + "A" * 43, token[4:], "JWS.nonsense", token.upper()):
        assert world.refusal(renew(first, refreshToken=guess)).oauth_error == "invalid_grant"
    world.ask(renew(first))


def test_a_refresh_token_is_stored_only_as_a_hash(world: World) -> None:
    """AUT-13's idea: a stolen database opens nothing."""
    token = world.visitor().refresh_token or ""
    rows = world.db.read_now(lambda tx: tx.all("SELECT * FROM oauth_grant"))
    assert token not in str(rows)
    assert token[36:] not in str(rows)


def test_a_visitor_grant_cannot_grow_into_more(world: World) -> None:
    """AUT-14: a scope that was not granted cannot be had by refreshing."""
    assert world.refusal(renew(world.visitor(), scope="openid")).oauth_error == "invalid_scope"


BAD_REQUESTS: list[tuple[dict[str, object], str, str]] = [
    ({}, "invalid_request", "grantType"),
    ({"clientId": SHOP.id}, "invalid_request", "grantType"),
    ({"clientId": SHOP.id, "grantType": ""}, "invalid_request", "grantType"),
    ({"clientId": SHOP.id, "grantType": "password"}, "unsupported_grant_type", "password"),
    ({"clientId": SHOP.id, "grantType": 'x"\\\n'}, "unsupported_grant_type", ""),
    ({"clientId": SHOP.id, "grantType": 3}, "invalid_request", "grantType"),
    ({"clientId": {"a": 1}, "grantType": "anonymous"}, "invalid_request", "clientId"),
    ({"clientId": ["a"], "client_id": SHOP.id, "grantType": "anonymous"}, "invalid_request", "clientId"),
    ({"clientId": "a", "client_id": "b", "grantType": "anonymous"}, "invalid_request", "client_id"),
    ({"grantType": "anonymous"}, "invalid_client", "client"),
    ({"clientId": "unknown", "grantType": "anonymous"}, "invalid_client", "client"),
    ({"clientId": SHOP.id, "clientSecret": "x", "grantType": "anonymous"}, "invalid_client", "client"),
    ({"clientId": SHOP.id, "grantType": "refresh_token"}, "invalid_request", "refresh_token"),
    ({"grantType": "refresh_token"}, "invalid_grant", "refreshToken"),
    ({"clientId": SHOP.id, "grantType": "refresh_token", "refreshToken": 7}, "invalid_request", "refreshToken"),
    ({"clientId": SHOP.id, "grantType": "refresh_token", "refreshToken": "x"}, "invalid_grant", "refreshToken"),
    ({"clientId": SHOP.id, "grantType": "authorization_code"}, "invalid_request", "code"),
    (redeem("guess"), "invalid_grant", "code"),
    ({**redeem("guess"), "code": None}, "invalid_request", "code"),
]


def test_a_bad_request_is_refused_by_its_standard_name(world: World) -> None:
    """AUT-13: the codes of RFC 6749."""
    for params, name, words in BAD_REQUESTS:
        error = world.refusal(params)
        assert error.oauth_error == name, params
        assert words in error.description, params


def test_an_old_grant_is_forgotten_after_its_hard_end(world: World) -> None:
    world.visitor()
    assert world.db.write_now(grants.forget_expired, NOW + 730 * DAY, 100) == 0
    assert world.db.write_now(grants.forget_expired, NOW + 732 * DAY, 100) == 1


@pytest.mark.parametrize(
    ("issuer", "works"), [("http://127.0.0.1:8000", True), ("http://localhost:8000", True), ("http://10.0.0.5", False)]
)
def test_tokens_are_given_out_over_https_or_on_loopback(world: World, issuer: str, works: bool) -> None:
    """Decision record 0004. RFC 6749 3.2: a server at another plain http address says why it refuses, and does not fail."""
    here = replace(world, access_tokens=AccessTokens(world.key_ring, issuer))
    if works:
        here.visitor()
    else:
        assert issuer in here.refusal({"clientId": SHOP.id, "grantType": "anonymous"}).description
