"""Access tokens: the shape that public clients parse, and what is not taken for one (AUT-12)."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from roundtrip.core.clock import HOUR
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Member, Visitor
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.keys import KeyRing
from tests.oauth.conftest import ISSUER, NOW, rotated

VISITOR = Visitor("site-1", "client-1", "visitor-1", "grant-1")
MEMBER = Member("site-1", "client-1", "member-1", "grant-2", "login-1")
EXTERNAL = Member("site-1", "client-1", "member-1", "grant-3", None)


@pytest.fixture
def tokens(key_ring: KeyRing) -> AccessTokens:
    return AccessTokens(key_ring, ISSUER)


def refusal(tokens: AccessTokens, text: str | None, now: int = NOW) -> AppError:
    with pytest.raises(AppError) as caught:
        tokens.verify(text, now)
    assert caught.value.kind is Kind.UNAUTHENTICATED
    assert caught.value.code == "UNAUTHENTICATED"
    return caught.value


def b64(content: object) -> str:
    octets = content if isinstance(content, bytes) else json.dumps(content, separators=(",", ":")).encode()
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> dict[str, object]:
    decoded: dict[str, object] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded


def forge(
    tokens: AccessTokens, header: dict[str, object], secret: bytes | None, change: Callable[[dict[str, object]], object] | None = None
) -> str:
    """A token with our payload, another header, and a signature by `secret` (none at all for None)."""
    claims = unb64(tokens.issue(VISITOR, NOW).split(".")[3])
    if change:
        change(claims)
    signed = f"{b64(header)}.{b64(claims)}"
    signature = b64(hmac.digest(secret, signed.encode(), "sha256")) if secret is not None else ""
    return f"OauthNG.JWS.{signed}.{signature}"


def secret_of(key_ring: KeyRing) -> bytes:
    key = key_ring.signing("HS256").key
    assert isinstance(key, OctKey)
    return key.raw_value


@pytest.mark.parametrize("caller", [VISITOR, MEMBER, EXTERNAL])
@pytest.mark.parametrize("form", ["{}", "Bearer {}", "bearer {}"])
def test_a_token_speaks_for_whom_it_was_made(tokens: AccessTokens, caller: Visitor | Member, form: str) -> None:
    text = form.format(tokens.issue(caller, NOW))
    assert tokens.verify(text, NOW) == caller
    assert tokens.verify(text, NOW) == caller  # from memory this time


def test_public_clients_find_what_they_look_for(tokens: AccessTokens) -> None:
    """They split at the dots, take the fourth part, and read `data`, a JSON text inside the JSON."""
    text = tokens.issue(MEMBER, NOW)
    prefix, jws_word, header, payload, _ = text.split(".")
    assert (prefix, jws_word) == ("OauthNG", "JWS")
    assert set(unb64(header)) == {"alg", "kid"}
    assert unb64(header)["alg"] == "HS256"
    claims = unb64(payload)
    assert claims["iat"] == NOW // 1000
    assert claims["exp"] == NOW // 1000 + 4 * 3600
    assert isinstance(claims["data"], str)
    instance = json.loads(claims["data"])["instance"]
    assert instance == {
        "instanceId": "site-1",
        "appDefId": "client-1",
        "metaSiteId": "site-1",
        "signDate": "2026-09-21T14:13:20.000Z",
        "siteMemberId": "member-1",
    }


def test_a_visitor_token_names_the_visitor_and_no_member(tokens: AccessTokens) -> None:
    data = unb64(tokens.issue(VISITOR, NOW).split(".")[3])["data"]
    assert isinstance(data, str)
    instance = json.loads(data)["instance"]
    assert instance["aid"] == "visitor-1"
    assert "siteMemberId" not in instance


def test_the_signature_is_an_ordinary_one(tokens: AccessTokens, key_ring: KeyRing) -> None:
    """A JOSE library of others comes to the same result: nothing about our small code is special."""
    text = tokens.issue(VISITOR, NOW).removeprefix("OauthNG.JWS.")
    assert jws.deserialize_compact(text, key_ring.signing("HS256").key, algorithms=["HS256"]).payload


def test_a_token_says_when_it_expired(tokens: AccessTokens) -> None:
    text = tokens.issue(VISITOR, NOW)
    assert tokens.verify(text, NOW + 4 * HOUR - 1) == VISITOR
    assert "expired at 2026-09-21T18:13:20.000Z" in refusal(tokens, text, NOW + 4 * HOUR).description


@pytest.mark.parametrize("text", [None, ""])
def test_a_missing_token_is_called_missing(tokens: AccessTokens, text: str | None) -> None:
    assert "missing" in refusal(tokens, text).description


STRANGE = ["x", "Bearer ", "Bearer x", "IST.abc", "OauthNG.JWS.", *(f"OauthNG.JWS.{rest}" for rest in (
    "a.b", "a.b.c", "a.b.c.d", "ä.b.c", "!!.b.c", "bnVsbA.b.c", "a" * 5000 + ".b.c",
))]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_something_else_is_called_malformed(tokens: AccessTokens, text: str) -> None:
    assert "malformed" in refusal(tokens, text).description


def test_any_changed_character_breaks_a_token(tokens: AccessTokens) -> None:
    text = tokens.issue(VISITOR, NOW)
    for place in range(len("OauthNG.JWS."), len(text)):
        other = "A" if text[place] != "A" else "B"
        refusal(tokens, text[:place] + other + text[place + 1 :])


def test_a_cut_off_or_padded_token_is_refused(tokens: AccessTokens) -> None:
    text = tokens.issue(VISITOR, NOW)
    for changed in (text[:-1], text + "=", text + "A", text + " ", " " + text, text.rsplit(".", 1)[0] + "."):
        refusal(tokens, changed)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS512", "RS256", "ES256", "dir"])
def test_the_token_does_not_choose_its_algorithm(tokens: AccessTokens, key_ring: KeyRing, alg: str) -> None:
    """AUT-12: `none` and key confusion."""
    kid = key_ring.signing("HS256").kid
    for secret in (None, b"", secret_of(key_ring)):
        assert "algorithm" in refusal(tokens, forge(tokens, {"alg": alg, "kid": kid}, secret)).description


def test_a_public_key_is_no_shared_secret(tokens: AccessTokens, key_ring: KeyRing) -> None:
    """AUT-12: key confusion. Everybody has our public keys; signing with one as a secret gets nowhere."""
    for key in key_ring.keys:
        if isinstance(key.key, OctKey):
            continue
        for public in (key.key.as_pem(private=False), json.dumps(key.key.as_dict(private=False)).encode()):
            assert "key" in refusal(tokens, forge(tokens, {"alg": "HS256", "kid": key.kid}, public)).description


@pytest.mark.parametrize("extra", [
    {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/cert"}, {"jwk": {"kty": "oct", "k": "c2VjcmV0"}}, {"typ": "JWT"},
    {"crit": ["exp"]}, {"b64": False},
])  # fmt: skip
def test_a_header_cannot_bring_its_own_key(tokens: AccessTokens, key_ring: KeyRing, extra: dict[str, object]) -> None:
    """AUT-12: jku, x5u and jwk are never looked at; not even our own signature makes such a header acceptable."""
    header = {"alg": "HS256", "kid": key_ring.signing("HS256").kid, **extra}
    for secret in (b"secret", secret_of(key_ring)):
        refusal(tokens, forge(tokens, header, secret))


def test_an_unknown_key_is_called_so(tokens: AccessTokens) -> None:
    assert "key" in refusal(tokens, forge(tokens, {"alg": "HS256", "kid": "stranger"}, b"secret")).description


@pytest.mark.parametrize("claim", ["iss", "aud"])
def test_a_token_of_another_server_with_the_same_key_is_refused(tokens: AccessTokens, key_ring: KeyRing, claim: str) -> None:
    """AUT-12: `iss` and `aud`."""
    header: dict[str, object] = {"alg": "HS256", "kid": key_ring.signing("HS256").kid}
    text = forge(tokens, header, secret_of(key_ring), lambda claims: claims.update({claim: "https://evil.example"}))
    assert "issued by" in refusal(tokens, text).description


@pytest.mark.parametrize("change", [
    lambda claims: claims.pop("data"), lambda claims: claims.pop("exp"), lambda claims: claims.pop("aud"),
    lambda claims: claims.update(exp="later"), lambda claims: claims.update(data="{}"), lambda claims: claims.update(data="no json"),
    lambda claims: claims.update(data='{"instance":{"instanceId":"a","appDefId":"b","metaSiteId":"a","signDate":"x"},"gid":"g"}'),
])  # fmt: skip
def test_signed_content_that_is_not_ours_is_refused_not_a_crash(
    tokens: AccessTokens, key_ring: KeyRing, change: Callable[[dict[str, object]], object]
) -> None:
    header: dict[str, object] = {"alg": "HS256", "kid": key_ring.signing("HS256").kid}
    refusal(tokens, forge(tokens, header, secret_of(key_ring), change))


def test_after_a_rotation_old_tokens_go_on_and_new_ones_carry_the_new_key(tokens: AccessTokens, key_ring: KeyRing) -> None:
    old = tokens.issue(VISITOR, NOW)
    tokens.use(rotated(key_ring))
    new = tokens.issue(VISITOR, NOW)
    assert unb64(new.split(".")[2])["kid"] == "new-HS256"
    assert tokens.verify(old, NOW) == tokens.verify(new, NOW) == VISITOR


def test_a_token_of_a_retired_key_is_refused_even_when_it_was_seen_before(tokens: AccessTokens, key_ring: KeyRing) -> None:
    old = tokens.issue(VISITOR, NOW)
    tokens.verify(old, NOW)
    tokens.use(KeyRing([key for key in rotated(key_ring).keys if key.kid.startswith("new-")]))
    refusal(tokens, old)


def test_what_is_remembered_is_bounded(key_ring: KeyRing) -> None:
    tokens = AccessTokens(key_ring, ISSUER, remembered=10)
    texts = [tokens.issue(Visitor("s", "c", str(number), "g"), NOW) for number in range(100)]
    for text in [*texts, *texts]:
        tokens.verify(text, NOW)
    assert len(tokens._recent) + len(tokens._older) <= 20
