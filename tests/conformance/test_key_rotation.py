"""Exchanging the signing keys while two nodes serve (AUT-18): nobody restarts, nobody meets a key that is not published."""

from __future__ import annotations

import json
import time

import httpx
from joserfc import jws, jwt
from joserfc.jwk import KeySet

from roundtrip.core.clock import DAY, HOUR
from roundtrip.oauth import keys
from roundtrip.storage.database import Tx
from tests.app_fixture import SECRET, App
from tests.conformance.conftest import Party
from tests.server_fixtures import Server

WITHIN_SECONDS = 10.0


def _kids(app: App) -> set[str]:
    return {key["kid"] for key in app.get("/oauth2/jwks").json()["keys"] if key["alg"] == "RS256"}


def _rotate(app: App, alg: keys.Algorithm, published_before: int = keys.PUBLISHED_BEFORE, verifies_for: int = keys.VERIFIES_FOR) -> str:
    fresh = keys.new_key(alg)

    def rotate(tx: Tx) -> str:
        return keys.rotate(tx, fresh, alg, SECRET, app.clock(), published_before=published_before, verifies_for=verifies_for)

    kid = app.application.db.write_now(rotate)
    app.runner.run(app.application._watch())
    return kid


def _move(app: App, ms: int) -> None:
    app.clock.move(ms)
    app.runner.run(app.application._watch())


def test_a_new_key_is_published_signs_later_and_the_old_one_retires(party: Party, email: str) -> None:
    """AUT-18: the three times of a rotation, seen from outside."""
    app = party.app
    (old,) = _kids(app)
    before = party.tokens(email=email)["id_token"]
    new = _rotate(app, "RS256")
    assert _kids(app) == {old, new}
    assert jws.extract_compact(party.tokens(email=email)["id_token"].encode()).headers()["kid"] == old
    _move(app, HOUR)
    after = party.tokens(email=email)["id_token"]
    assert jws.extract_compact(after.encode()).headers()["kid"] == new
    published = KeySet.import_key_set(app.get("/oauth2/jwks").json())
    assert jwt.decode(before, published, algorithms=["RS256"]).claims["sub"]
    _move(app, DAY)
    assert _kids(app) == {new}


def test_access_tokens_outlive_the_rotation_of_their_key(app: App) -> None:
    """AUT-18: also when the key signs at once; not when it got out."""
    before = app.visitor()
    _rotate(app, "HS256", published_before=0)
    after = app.visitor()
    assert before.split(".")[2] != after.split(".")[2]
    for token in (before, after):
        assert app.post("/oauth2/token-info", {"token": token}).json()["active"] is True
    _rotate(app, "HS256", published_before=0, verifies_for=0)
    for token in (before, after):
        assert app.create({"login": {}}, token).status_code == 401
    assert app.create({"login": {}}, app.visitor()).status_code == 200


def test_the_command_reaches_every_server_by_itself(two_servers: tuple[Server, Server]) -> None:
    """AUT-18, OPS-11: `roundtrip signing-keys rotate` at one of two servers on PostgreSQL."""
    here, there = two_servers
    client = here.client("Rotation", redirect_domains=["rotation.example"])
    body = {"clientId": client, "grantType": "anonymous"}

    def token(server: Server) -> str:
        answer = httpx.post(f"{server.origin}/oauth2/token", json=body)
        return server.secret(str(answer.json()["access_token"]))

    before = token(here)
    made = json.loads(here.command("signing-keys", "rotate", "--at-once", "--json"))
    new = {one["kid"] for one in made if one["alg"] != "HS256"}
    deadline = time.monotonic() + WITHIN_SECONDS
    for server in (here, there):
        while True:
            found = {key["kid"] for key in httpx.get(f"{server.origin}/oauth2/jwks").json()["keys"]}
            if new <= found and token(server).split(".")[2] != before.split(".")[2]:
                break
            assert time.monotonic() < deadline, f"{server.origin} does not know the new keys"
            time.sleep(0.05)
    after = token(here)
    for server in (here, there):
        for one in (before, after):
            assert httpx.post(f"{server.origin}/oauth2/token-info", json={"token": one}).json()["active"] is True
    states = {(one["alg"], one["state"]) for one in json.loads(there.command("signing-keys", "list", "--json"))}
    assert states == {(alg, state) for alg in ("HS256", "ES256", "RS256") for state in ("signs", "verifies")}
