"""Clients that others wrote, unmodified, against a running server: `openid-client` under Node, and Authlib's.

The browser between them is scripted: it has cookies, says that it navigates, and fills in our login page.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from roundtrip.core.clock import system_clock
from roundtrip.core.identity import COMMAND
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import new_secret
from roundtrip.sites import actions as sites
from roundtrip.sites import client_secrets
from roundtrip.sites.change import Change
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.model import STANDARD_CLIENT, TokenSettings
from roundtrip.storage.connect import connect
from roundtrip.storage.database import Tx
from tests.app_fixture import NAVIGATION, OWN_FORM, PASSWORD
from tests.server_fixtures import Server
from tests.web.page_reader import read_page

CALLBACK = "http://127.0.0.1:9/callback"
AFTER_LOGOUT = "http://127.0.0.1:9/signed-out"
SDK = Path(__file__).resolve().parents[1] / "sdk"
SECRETS = ("access_token", "refresh_token", "id_token")


class ScriptedBrowser:
    """Follows redirects on the server's host, fills in forms there, and stops where the site begins."""

    def __init__(self, server: Server) -> None:
        self._origin = server.origin
        self._client = httpx.Client(timeout=30)

    def open(self, url: str) -> httpx.Response:
        """Where an address leads: the last answer of ours, whose `location` is outside if it has one."""
        return self._follow(self._client.get(url, headers=NAVIGATION))

    def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """The page's form, filled in."""
        action, hidden = form_of(page)
        return self._follow(
            self._client.post(urljoin(str(page.url), action), data={**hidden, **fields}, headers={**OWN_FORM, "origin": "null"})
        )

    def _follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect and urljoin(str(answer.url), answer.headers["location"]).startswith(self._origin):
            answer = self._client.get(urljoin(str(answer.url), answer.headers["location"]), headers=NAVIGATION)
        return answer

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """A page's form: where it goes, and its hidden fields."""
    (found,) = read_page(page.text).all("form")
    hidden = [field for field in found.all("input") if field.get("type") == "hidden"]
    return found.get("action") or "", {field.get("name") or "": field.get("value") or "" for field in hidden}


@pytest.fixture
def scripted(server: Server) -> Iterator[ScriptedBrowser]:
    """A browser of its own."""
    browser = ScriptedBrowser(server)
    yield browser
    browser.close()


def new_client(server: Server, tokens: TokenSettings) -> tuple[str, str]:
    """A client with these settings, and its secret."""
    secret, now = server.secret(new_secret(client_secrets.PREFIX)), system_clock()
    change = Change(new_id(now), COMMAND, now)

    def add(tx: Tx) -> str:
        made = sites.create_client(
            tx,
            site=sites.require_site(tx, "demo"),
            client_id=change.id,
            name="Library",
            redirect_uris=(CALLBACK,),
            post_logout_uris=(AFTER_LOGOUT,),
            tokens=tokens,
            now=now,
            change=change,
        )
        by = Change(new_id(now), COMMAND, now)
        client_secrets.add(tx, client=made, secret_id=new_id(now), secret=secret, others=Others.KEEP, change=by)
        return made.id

    with closing(connect(server.database_url, own=False)) as db:
        return db.write_now(add), secret


def new_member(server: Server, client_id: str, email: str) -> str:
    """A member, by the identity API."""
    public = server.client("Sign up", redirect_domains=["shop.example"])
    visitor = httpx.post(f"{server.origin}/oauth2/token", json={"clientId": public, "grantType": "anonymous"}).json()
    body = {"loginId": {"email": email}, "password": server.secret(PASSWORD)}
    headers = {"authorization": server.secret(visitor["access_token"])}
    answer = httpx.post(f"{server.origin}/_api/iam/authentication/v2/register", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return email


class OpenidClient:
    """The Node process with the library in it."""

    def __init__(self, server: Server, client_id: str, secret: str, **more: object) -> None:
        node = shutil.which("node")
        assert node, "No Node: run scripts/setup-tests"
        self._server = server
        settings = {
            "issuer": server.origin,
            "clientId": client_id,
            "secret": secret,
            "redirectUri": CALLBACK,
            "afterLogout": AFTER_LOGOUT,
            **more,
        }
        self._process = subprocess.Popen(
            [node, "openid-client.mjs", json.dumps(settings)],
            cwd=SDK,
            env={**os.environ, "NODE_OPTIONS": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, command: str, argument: object = None) -> Any:
        answer = self.try_(command, argument)
        assert "value" in answer, answer
        return answer["value"]

    def try_(self, command: str, argument: object = None) -> Any:
        """The same for what may fail."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"command": command, "argument": argument}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the Node process ended; its last words are above"
        answer = json.loads(line)
        if isinstance(answer.get("value"), dict):
            for name in SECRETS:
                if name in answer["value"]:
                    self._server.secret(answer["value"][name])
        return answer

    def close(self) -> None:
        """End the Node process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def verified(server: Server, id_token: str, alg: str, client_id: str) -> dict[str, Any]:
    """The claims, once the signature fits one of the published keys."""
    keys = KeySet.import_key_set(httpx.get(f"{server.origin}/oauth2/jwks").json())
    claims = jwt.decode(id_token, keys, algorithms=[alg]).claims
    assert (claims["iss"], claims["aud"]) == (server.origin, client_id)
    return dict(claims)


@pytest.mark.parametrize(("alg", "mode", "post"), [("RS256", "query", False), ("ES256", "form_post", True)])
def test_openid_client_from_login_to_logout(
    server: Server, scripted: ScriptedBrowser, unique_email: str, alg: str, mode: str, post: bool
) -> None:
    """TST-04, AUT-05, AUT-11, AUT-18: code flow with PKCE, userinfo, rotation, introspection, revocation, end-session."""
    tokens_of_client = replace(
        STANDARD_CLIENT,
        id_token_alg="RS256" if alg == "RS256" else "ES256",
        auth_method="client_secret_post" if post else "client_secret_basic",
    )
    client_id, secret = new_client(server, tokens_of_client)
    email = new_member(server, client_id, unique_email)
    party = OpenidClient(server, client_id, secret, alg=alg, post=post)
    page = scripted.open(party("start", {"response_mode": mode}))
    answer = scripted.submit(page, email=email, password=PASSWORD)
    if mode == "form_post":
        action, fields = form_of(answer)
        assert action == CALLBACK
        tokens = party("finish", {"form": fields})
    else:
        tokens = party("finish", {"url": answer.headers["location"]})
    claims = verified(server, tokens["id_token"], alg, client_id)
    assert claims["sub"] == tokens["claims"]["sub"]
    assert party("userinfo", {"token": tokens["access_token"], "sub": claims["sub"]})["email"] == email

    renewed = party("refresh", tokens["refresh_token"])
    assert renewed["refresh_token"] != tokens["refresh_token"]
    assert party("introspect", renewed["access_token"])["active"] is True
    assert party("revoke", renewed["refresh_token"]) is True
    assert party("introspect", renewed["access_token"]) == {"active": False}
    assert party.try_("refresh", renewed["refresh_token"])["error"]["oauth"] == "invalid_grant"

    away = scripted.open(party("endSession", tokens["id_token"]))
    assert away.headers["location"] == f"{AFTER_LOGOUT}?state=bye"
    asked = scripted.open(party("start", {}))
    assert ">Log in</h1>" in asked.text
    party.close()


def test_openid_client_acts_for_itself(server: Server) -> None:
    """AUT-01."""
    settings = replace(STANDARD_CLIENT, grant_types=("client_credentials",))
    client_id, secret = new_client(server, settings)
    party = OpenidClient(server, client_id, secret, alg="RS256")
    tokens = party("clientCredentials")
    assert "refresh_token" not in tokens
    answer = httpx.get(f"{server.origin}/api/v1/redirect-sessions", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert answer.status_code == 200
    party.close()


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_authlibs_client_from_login_to_logout(server: Server, scripted: ScriptedBrowser, unique_email: str, alg: str) -> None:
    """TST-04: the same with another library, in Python."""
    settings = replace(STANDARD_CLIENT, id_token_alg="RS256" if alg == "RS256" else "ES256")
    client_id, secret = new_client(server, settings)
    email = new_member(server, client_id, unique_email)
    about = httpx.get(f"{server.origin}/.well-known/openid-configuration").json()
    with OAuth2Client(
        client_id,
        secret,
        scope="openid email profile offline_access",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",
        revocation_endpoint_auth_method="client_secret_basic",
    ) as party:
        verifier = "v" * 64
        url, state = party.create_authorization_url(about["authorization_endpoint"], code_verifier=verifier, nonce="a-nonce")
        answer = scripted.submit(scripted.open(url), email=email, password=PASSWORD)
        tokens = party.fetch_token(
            about["token_endpoint"], authorization_response=answer.headers["location"], state=state, code_verifier=verifier
        )
        for name in SECRETS:
            server.secret(tokens[name])
        claims = verified(server, tokens["id_token"], alg, client_id)
        assert claims["nonce"] == "a-nonce"
        assert party.get(about["userinfo_endpoint"]).json()["email"] == email

        first = tokens["refresh_token"]
        renewed = party.refresh_token(about["token_endpoint"], first)
        second = server.secret(renewed["refresh_token"])
        server.secret(renewed["access_token"])
        assert second != first
        assert party.introspect_token(about["introspection_endpoint"], token=second).json()["active"] is True
        assert party.revoke_token(about["revocation_endpoint"], token=second).status_code == 200
        assert party.introspect_token(about["introspection_endpoint"], token=second).json() == {"active": False}
        with pytest.raises(OAuthError, match="invalid_grant"):
            party.refresh_token(about["token_endpoint"], second)
