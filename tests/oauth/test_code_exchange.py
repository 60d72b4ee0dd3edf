"""Codes: one code, one pair of tokens, for the client and address they were promised to (AUT-02, AUT-03, AUT-04)."""

from __future__ import annotations

import hashlib
import threading
from base64 import urlsafe_b64encode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from roundtrip.core.clock import DAY, SECOND
from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.core.identity import Member
from roundtrip.core.secrets import hash_secret
from roundtrip.oauth import grants, pkce, revocation, store
from roundtrip.oauth.authorize import CODE_PURPOSE
from roundtrip.oauth.jwks import public_keys
from roundtrip.oauth.token import TokenAnswer, exchange
from roundtrip.storage.database import Tx
from tests.oauth.conftest import ISSUER, NOW, OTHER, SHOP, SITE, VERIFIER, World, redeem, renew


def test_a_member_comes_back_as_a_member(world: World) -> None:
    answer = world.ask(redeem(world.code()))
    caller = world.access_tokens.verify(answer.access_token, NOW)
    assert isinstance(caller, Member)
    assert (caller.site_id, caller.client_id, caller.member_id, caller.login_id) == (SITE, SHOP.id, world.ann.id, world.login.id)
    assert (answer.expires_in, answer.token_type, answer.scope) == (14400, "Bearer", "offline_access")


@pytest.mark.parametrize("method", pkce.METHODS)
def test_both_challenge_methods_work(world: World, method: str) -> None:
    code = world.code(codeChallenge=pkce.challenge(VERIFIER, method), codeChallengeMethod=method)
    assert world.ask(redeem(code)).access_token


def test_standard_clients_spell_it_their_way(world: World) -> None:
    params = {"client_id": SHOP.id, "grant_type": "authorization_code", "code": world.code(), "code_verifier": VERIFIER}
    assert world.ask({**params, "redirect_uri": "https://shop.example/callback"}).access_token


def test_only_who_asked_for_offline_access_gets_a_refresh_token(world: World) -> None:
    assert world.ask(redeem(world.code(scope=None))).refresh_token is None
    assert world.ask(redeem(world.code(scope="openid"))).refresh_token is None
    assert world.ask(redeem(world.code(scope="openid offline_access"))).refresh_token


def test_a_code_without_an_address_needs_none(world: World) -> None:
    """The direct login of the official SDK: web_message, no redirect URI in either request."""
    code = world.code(redirectUri=None, responseMode="web_message")
    params = redeem(code)
    assert world.refusal(params).oauth_error == "invalid_grant"
    del params["redirectUri"]
    assert world.ask(params).access_token


@pytest.mark.parametrize("redirect_uri", [None, "https://shop.example/callback/", "https://shop.example/Callback", "https://evil.example/"])
def test_the_address_must_be_the_one_of_the_authorization(world: World, redirect_uri: str | None) -> None:
    """AUT-04: bound to the redirect URI."""
    code = world.code()
    assert world.refusal(redeem(code, redirectUri=redirect_uri)).oauth_error == "invalid_grant"
    assert world.ask(redeem(code)).access_token


def test_a_code_belongs_to_its_client(world: World) -> None:
    """AUT-04: bound to the client."""
    code = world.code()
    assert world.refusal(redeem(code, clientId=OTHER.id)).oauth_error == "invalid_grant"
    assert world.ask(redeem(code)).access_token


@pytest.mark.parametrize(("verifier", "name"), [(None, "invalid_request"), ("b" * 43, "invalid_grant"), ("short", "invalid_request")])
def test_a_stolen_code_is_worth_nothing_without_the_verifier(world: World, verifier: str | None, name: str) -> None:
    """AUT-02, AUT-03."""
    assert world.refusal(redeem(world.code(), codeVerifier=verifier)).oauth_error == name


def test_a_verifier_for_a_code_without_a_challenge_is_refused(world: World) -> None:
    """AUT-03: downgrade."""
    code = world.code()
    world.db.write_now(lambda tx: tx.execute("UPDATE authorization_code SET code_challenge = NULL, code_challenge_method = NULL"))
    assert world.refusal(redeem(code)).oauth_error == "invalid_request"


def test_a_code_lives_60_seconds(world: World) -> None:
    """AUT-04."""
    code = world.code()
    assert "expired" in world.refusal(redeem(code), NOW + 60 * SECOND).description
    # The move itself says so too, whoever asks for it and whatever they looked at before.
    assert not world.db.write_now(store.use_code, hash_secret(CODE_PURPOSE, code), "a grant", NOW + 60 * SECOND)
    assert world.ask(redeem(code), NOW + 60 * SECOND - 1).access_token


def test_a_second_use_fails_and_ends_the_tokens_of_the_first(world: World) -> None:
    """AUT-04: and what was revoked stays revoked, although the request was refused."""
    code = world.code()
    first = world.ask(redeem(code))
    second = world.try_ask(redeem(code))
    assert isinstance(second, Refused)
    assert second.error.oauth_error == "invalid_grant"
    assert "revoked" in world.refusal(renew(first)).description
    revoked = revocation.RevocationSet()
    revoked.refresh(world.db.read_now(revocation.since, revoked.read_from), NOW)
    assert revoked.is_revoked(world.access_tokens.verify(first.access_token, NOW))


def test_a_late_second_use_counts_too(world: World) -> None:
    """AUT-04: long after the 60 seconds, somebody who found the code gets the tokens revoked."""
    code = world.code()
    first = world.ask(redeem(code))
    assert isinstance(world.try_ask(redeem(code), NOW + 3600 * SECOND), Refused)
    assert world.refusal(renew(first)).oauth_error == "invalid_grant"


def test_of_many_who_use_a_code_at_once_at_most_one_gets_tokens_and_they_are_revoked(world: World) -> None:
    """AUT-04, TST-06: with real threads."""
    code = world.code()
    outcomes: list[TokenAnswer | Refused] = []
    start = threading.Barrier(8)

    def run() -> None:
        start.wait()
        outcomes.append(world.try_ask(redeem(code)))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [outcome for outcome in outcomes if isinstance(outcome, TokenAnswer)]
    assert len(outcomes) == 8
    assert len(won) == 1
    assert world.refusal(renew(won[0])).oauth_error == "invalid_grant"
    assert world.db.read_now(lambda tx: tx.one("SELECT count(*) FROM oauth_grant")) == (1,)


def test_a_code_is_stored_only_as_a_hash(world: World) -> None:
    code = world.code()
    assert code not in str(world.db.read_now(lambda tx: tx.all("SELECT * FROM authorization_code")))


@pytest.mark.parametrize("sql", ["UPDATE login SET ended_at = 1", "UPDATE member SET status = 'blocked'", "DELETE FROM login"])
def test_who_logged_out_in_the_meantime_gets_nothing(world: World, sql: str) -> None:
    code = world.code()
    world.db.write_now(lambda tx: tx.execute(sql))
    assert world.refusal(redeem(code)).oauth_error == "invalid_grant"
    assert world.db.read_now(lambda tx: tx.one("SELECT count(*) FROM oauth_grant")) == (0,)


def _half_hash(text: str) -> str:
    """OpenID Connect Core 3.1.3.6."""
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def test_an_id_token_says_who_logged_in_and_when(world: World) -> None:
    code = world.code(NOW + 30_000, scope="openid email profile", nonce="n-0S6_WzA2Mj")
    answer = world.ask(redeem(code), NOW + 40_000)
    assert answer.id_token
    token = jwt.decode(answer.id_token, KeySet.import_key_set(public_keys(world.key_ring)), algorithms=["ES256"])  # type: ignore[arg-type]
    assert token.header["kid"] == world.key_ring.signing("ES256").kid
    assert token.claims == {
        "iss": ISSUER,
        "sub": world.ann.id,
        "aud": SHOP.id,
        "iat": (NOW + 40_000) // 1000,
        "exp": (NOW + 40_000) // 1000 + 3600,
        "auth_time": NOW // 1000,
        "nonce": "n-0S6_WzA2Mj",
        "at_hash": _half_hash(answer.access_token),
        "sid": world.login.id,
        "locale": "de",
        "updated_at": NOW // 1000,
        "email": "ann@example.com",
        "email_verified": False,
        "name": "Ann",
        "given_name": "Ann",
        "family_name": "Smith-Featherstonehaugh",
        "nickname": "Ann",
    }


def test_an_id_token_tells_no_more_than_was_asked_for(world: World) -> None:
    answer = world.ask(redeem(world.code(scope="openid")))
    token = jwt.decode(answer.id_token or "", KeySet.import_key_set(public_keys(world.key_ring)), algorithms=["ES256"])  # type: ignore[arg-type]
    assert set(token.claims) == {"iss", "sub", "aud", "iat", "exp", "auth_time", "at_hash", "sid"}


def test_answers_do_not_show_their_secrets_when_printed(world: World) -> None:
    """OPS: nothing secret in a log by accident."""
    assert "JWS" not in repr(world.member())


def test_codes_and_grants_are_kept_while_they_matter(world: World) -> None:
    code = world.code()
    world.ask(redeem(code))
    assert world.db.write_now(grants.forget_expired, NOW + DAY, 100) == 0
    assert isinstance(world.try_ask(redeem(code), NOW + DAY), Refused)
    assert world.db.write_now(grants.forget_expired, NOW + DAY + 61 * SECOND, 100) >= 1


def test_a_transaction_that_runs_twice_gives_out_the_same_refresh_token(world: World) -> None:
    """Transactions may be run again after a conflict; what the client gets must be what was kept."""
    code, context = world.code(), world.context()
    from_first: list[TokenAnswer | Refused] = []

    def undone(tx: Tx) -> None:
        from_first.append(exchange(tx, params=redeem(code), context=context))
        raise AppError(Kind.CONFLICT, "UNDO", "undo")

    with pytest.raises(AppError):
        world.db.write_now(undone)
    second = world.db.write_now(exchange, params=redeem(code), context=context)
    assert from_first
    assert all(first == second for first in from_first)
    assert isinstance(second, TokenAnswer)
    world.ask(renew(second))
