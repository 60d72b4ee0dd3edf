"""A relying party that knows nothing but the standard: it reads discovery, sends browsers, redeems codes and checks every signature."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets
from roundtrip.sites.change import Change
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.model import STANDARD_CLIENT, Client, TokenSettings
from roundtrip.storage.database import Tx
from tests.app_fixture import NOW, PASSWORD, App, Browser, Json, _prepared, app, query
from tests.web.journeys import fill, heading

__all__ = ["_prepared", "app"]

CALLBACK = "https://rp.example/callback"
AFTER_LOGOUT = "https://rp.example/signed-out"


def add_client(app: App, tokens: TokenSettings = STANDARD_CLIENT, name: str = "Relying party") -> tuple[Client, str]:
    """A client of the test site as its owner makes it, and its secret."""

    def make(tx: Tx) -> Client:
        return sites.create_client(
            tx,
            site=app.world.site,
            client_id=new_id(NOW),
            name=name,
            redirect_uris=(CALLBACK,),
            redirect_domains=("rp.example",),
            post_logout_uris=(AFTER_LOGOUT,),
            tokens=tokens,
            now=NOW,
        )

    made = app.application.db.write_now(make)
    return made, add_secret(app, made)


def add_secret(app: App, client: Client, others: Others = Others.KEEP) -> str:
    """One more secret of a client, as its owner makes it."""
    secret, change = new_secret(client_secrets.PREFIX), Change(new_id(NOW), COMMAND, app.clock())
    app.application.db.write_now(client_secrets.add, client=client, secret_id=new_id(NOW), secret=secret, others=others, change=change)
    return secret


def end_secret(app: App, client: Client) -> None:
    """End the newest secret of a client."""
    change = Change(new_id(NOW), COMMAND, app.clock())
    newest = app.application.db.read_now(client_secrets.alive, client.id, change.now)[0]
    app.application.db.write_now(client_secrets.end, client=client, secret_id=newest.id, change=change)


@dataclass
class Party:
    """One client with a secret, and the server as it describes itself."""

    app: App
    client: Client
    secret: str
    server: Json

    def address(self, **params: str | None) -> str:
        """An authorization request; None leaves a parameter out."""
        wanted = {
            "client_id": self.client.id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid email profile offline_access",
            "state": "a-state",
            "nonce": "a-nonce",
            **params,
        }
        named = {name: value for name, value in wanted.items() if value is not None}
        return f"{self.server['authorization_endpoint']}?{urlencode(named)}"

    def go(self, browser: Browser, **params: str | None) -> tuple[httpx.Response, str | None]:
        """A browser follows a request as far as it goes: the last page, and the address outside if it left."""
        answers, outside = browser.follow(browser.open(self.address(**params)))
        return answers[-1], outside

    def log_in(self, browser: Browser, email: str, **params: str | None) -> Json:
        """The same through the login page; answers what came back to the client."""
        page, outside = self.go(browser, **params)
        assert outside is None, outside
        assert heading(page) == "Log in"
        _, outside = browser.follow(fill(browser, page, email=email, password=PASSWORD))
        assert outside is not None
        assert outside.startswith(f"{CALLBACK}?")
        return query(outside)

    def post(self, endpoint: str, fields: Mapping[str, str], *, basic: bool = True) -> httpx.Response:
        """A form to one of the server's endpoints, with the client's secret."""
        pair = f"{quote_plus(self.client.id)}:{quote_plus(self.secret)}"
        headers = {"authorization": f"Basic {b64encode(pair.encode()).decode()}"} if basic else {}
        return self.app.request("POST", self.server[endpoint], data=dict(fields), headers=headers)

    def redeem(self, code: str, **more: str) -> httpx.Response:
        """A code for tokens."""
        return self.post("token_endpoint", {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **more})

    def refresh(self, token: str) -> httpx.Response:
        """A refresh token for tokens."""
        return self.post("token_endpoint", {"grant_type": "refresh_token", "refresh_token": token})

    def tokens(self, browser: Browser | None = None, email: str | None = None, **params: str | None) -> Json:
        """A whole login."""
        back = self.log_in(browser or Browser(self.app), email or self.app.register()["email"], **params)
        answer = self.redeem(back["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def claims(self, id_token: str, alg: str = "RS256") -> Json:
        """An id_token's claims, its signature checked against the published keys, by one algorithm only."""
        keys = KeySet.import_key_set(self.app.get(self.server["jwks_uri"]).json())
        token = jwt.decode(id_token, keys, algorithms=[alg])
        assert token.claims["iss"] == self.server["issuer"]
        assert token.claims["aud"] == self.client.id
        now = self.app.clock() // 1000
        assert token.claims["iat"] - 1 <= now < token.claims["exp"]
        return dict(token.claims)

    def userinfo(self, tokens: Json, method: str = "GET") -> httpx.Response:
        """The claims about whoever holds the tokens."""
        return self.app.request(method, self.server["userinfo_endpoint"], headers={"authorization": f"Bearer {tokens['access_token']}"})


def party_of(app: App, tokens: TokenSettings = STANDARD_CLIENT) -> Party:
    """A relying party of a new client."""
    client, secret = add_client(app, tokens)
    server = app.get("/.well-known/openid-configuration")
    assert server.status_code == 200
    return Party(app, client, secret, server.json())


@pytest.fixture
def party(app: App) -> Party:
    """A confidential client as the standard knows it."""
    return party_of(app)


@pytest.fixture
def browser(app: App) -> Browser:
    """A browser without cookies."""
    return Browser(app)


@pytest.fixture
def email(app: App) -> str:
    """The address of a member."""
    return str(app.register()["email"])
