"""A site, two clients of it and a member, and the shortest way to tokens of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from roundtrip.core.errors import AppError, Refused
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.members import actions as members
from roundtrip.members.model import Login, Member, Profile
from roundtrip.oauth import authorize, keys, pkce
from roundtrip.oauth.access_token import AccessTokens
from roundtrip.oauth.keys import KeyRing
from roundtrip.oauth.token import TokenAnswer, TokenContext, exchange, token_context
from roundtrip.sites import actions as sites
from roundtrip.sites.model import ApplicationType, Client, Mode
from roundtrip.sites.store import insert_client
from roundtrip.storage.database import Database, Tx

NOW = 1_790_000_000_000
ISSUER = "https://pages.example"
MASTER = "a master secret for tests"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CALLBACK = "https://shop.example/callback"
SITE = "11111111-1111-4111-8111-111111111111"


def client(client_id: str, name: str) -> Client:
    """A client that may return to `CALLBACK`."""
    return Client(client_id, SITE, name, ApplicationType.WEB_APP, (CALLBACK,), ("shop.example",), (), None, None, False, 1, NOW)


SHOP = client("22222222-2222-4222-8222-222222222222", "Shop")
OTHER = client("33333333-3333-4333-8333-333333333333", "Other")


@dataclass(frozen=True)
class World:
    """Everything a token request needs. `ask` is the token endpoint."""

    db: Database
    key_ring: KeyRing
    access_tokens: AccessTokens
    ann: Member
    login: Login

    def context(self, now: int = NOW) -> TokenContext:
        """Fresh random values for one exchange."""
        return token_context(access_tokens=self.access_tokens, key_ring=self.key_ring, rotation_key=b"rotation", now=now)

    def try_ask(self, params: Mapping[str, object], now: int = NOW) -> TokenAnswer | Refused:
        """One request to the token endpoint, in its own transaction."""
        return self.db.write_now(exchange, params=params, context=self.context(now))

    def ask(self, params: Mapping[str, object], now: int = NOW) -> TokenAnswer:
        """The same, when it must succeed."""
        answer = self.try_ask(params, now)
        assert isinstance(answer, TokenAnswer)
        return answer

    def refusal(self, params: Mapping[str, object], now: int = NOW) -> AppError:
        """The same, when it must fail, in either way."""
        try:
            answer = self.try_ask(params, now)
        except AppError as error:
            return error
        assert isinstance(answer, Refused)
        return answer.error

    def visitor(self, now: int = NOW) -> TokenAnswer:
        """Tokens of a new visitor of the shop."""
        return self.ask({"clientId": SHOP.id, "grantType": "anonymous"}, now)

    def code(self, now: int = NOW, *, login: bool = True, **changes: str | None) -> str:
        """An authorization code for Ann, as the `auth` flow makes it."""
        code = new_secret("")
        params = {**AUTHORIZE, **{name: value for name, value in changes.items() if value is not None}}
        for name in [name for name, value in changes.items() if value is None]:
            del params[name]
        self.db.write_now(
            authorize.issue_code,
            request=authorize.read_request(params, SHOP),
            member_id=self.ann.id,
            login_id=self.login.id if login else None,
            code_hash=hash_secret(authorize.CODE_PURPOSE, code),
            redirect_session_id=None,
            now=now,
        )
        return code

    def member(self, now: int = NOW, *, login: bool = True) -> TokenAnswer:
        """Tokens of Ann at the shop."""
        return self.ask(redeem(self.code(now, login=login)), now)


AUTHORIZE = {
    "clientId": SHOP.id,
    "responseType": "code",
    "redirectUri": CALLBACK,
    "scope": "offline_access",
    "state": "a-state",
    "responseMode": "fragment",
    "codeChallenge": pkce.challenge(VERIFIER, "S256"),
    "codeChallengeMethod": "S256",
}


def redeem(code: str, **changes: object) -> dict[str, object]:
    """What the official SDK sends to exchange a code."""
    params = {"clientId": SHOP.id, "grantType": "authorization_code", "redirectUri": CALLBACK, "code": code, "codeVerifier": VERIFIER}
    return {**params, **changes}


def renew(tokens: TokenAnswer, **changes: object) -> dict[str, object]:
    """What the official SDK sends to renew."""
    return {"clientId": SHOP.id, "grantType": "refresh_token", "refreshToken": tokens.refresh_token, **changes}


def _prepare(tx: Tx) -> tuple[KeyRing, Member, Login]:
    sites.create_site(tx, site_id=SITE, slug="shop", name="Shop", mode=Mode.TEST, language="en", theme="{}", now=NOW)
    for each in (SHOP, OTHER):
        insert_client(tx, each)
    keys.ensure_keys(tx, MASTER, NOW, algorithms=("HS256", "ES256"))  # an RSA key takes long to make
    profile = Profile(nickname="Ann", first_name="Ann", last_name="Smith-Featherstonehaugh", more={"language": "de"})
    ann = members.register(
        tx, site_id=SITE, email="ann@example.com", password_hash=None, profile=profile, member_id=new_id(NOW), now=NOW, event_id=new_id(NOW)
    )
    login = members.start_login(tx, site_id=SITE, member_id=ann.id, login_id=new_id(NOW), secret_hash="browser", now=NOW)
    return keys.load(tx, MASTER, NOW), ann, login


@pytest.fixture
def world(db: Database) -> World:
    """The site, on each database."""
    key_ring, ann, login = db.write_now(_prepare)
    return World(db, key_ring, AccessTokens(key_ring, ISSUER), ann, login)


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    """Keys without a database."""
    made = [keys.SigningKey(f"kid-{alg}", alg, 1, keys.new_key(alg)) for alg in keys.ALGORITHMS]
    return KeyRing(made)


def rotated(key_ring: KeyRing) -> KeyRing:
    """The same keys with a newer one of each algorithm."""
    newer = [keys.SigningKey(f"new-{key.alg}", key.alg, key.generation + 1, keys.new_key(key.alg)) for key in key_ring.keys]
    return KeyRing([*key_ring.keys, *newer])
