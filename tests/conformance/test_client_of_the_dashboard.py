"""A client as its owner makes it, with nothing but the pages of the dashboard: all that a standard client does works from there."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from roundtrip.sites import store
from tests.app_fixture import App, Browser
from tests.conformance.conftest import AFTER_LOGOUT, CALLBACK, Party
from tests.dashboard.owner_browser import OwnerBrowser

T = "tokenSettings."


def _shown_once(page: str, start: str) -> str:
    found = re.search(rf"<code>({re.escape(start)}[A-Za-z0-9_-]{{43}})</code>", page)
    assert found, "the page shows no new secret"
    return found[1]


@pytest.fixture
def desk(app: App) -> OwnerBrowser:
    """The owner."""
    return OwnerBrowser(app)


@pytest.fixture
def party(app: App, desk: OwnerBrowser) -> Party:
    """A standard client, made, allowed to act for itself, and given a secret, page by page."""
    desk.open("kiln/settings/clients/new")
    page = desk.save("/clients/new", name="Accounts", kind="standard", uri=CALLBACK)
    (client_id,) = set(re.findall(r"settings/clients/([0-9a-f-]{36})/identity", page))
    desk.save("/add", list="postLogoutRedirectUris", entry=AFTER_LOGOUT)
    default = ("redirect_session.create", "redirect_session.read", "client.read", "catalogue.read")
    assert f"Given now: {', '.join(default)}." in page
    desk.save_fields(
        "/tokens", {f"{T}grantTypes.client_credentials": "on", **{f"{T}permissions.{one}": None for one in default if "read" not in one}}
    )
    secret = _shown_once(desk.send("/secrets", {}).text, "rts_")
    client = app.application.db.read_now(store.client, client_id)
    assert client is not None
    return Party(app, client, secret, app.get("/.well-known/openid-configuration").json())


def test_its_page_says_what_a_library_asks_for(desk: OwnerBrowser, party: Party) -> None:
    """OPS-03: issuer, discovery address, id and addresses to copy; the secret only by its last characters."""
    page = desk.open(f"kiln/settings/clients/{party.client.id}")
    issuer = party.server["issuer"]
    values = (issuer, f"{issuer}/.well-known/openid-configuration", party.client.id, CALLBACK, AFTER_LOGOUT)
    assert [value for value in values if f"<code>{value}</code>" not in page] == []
    assert party.secret not in page
    assert f"rts_…{party.secret[-4:]}" in page


def test_a_login_refreshes_by_rotation(party: Party, browser: Browser, email: str) -> None:
    """AUT-11: an old refresh token ends all of its family, ten seconds after it was replaced."""
    tokens = party.tokens(browser, email)
    assert party.claims(tokens["id_token"])["email"] == email
    renewed = party.refresh(tokens["refresh_token"]).json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    party.app.clock.move(11_000)
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.refresh(renewed["refresh_token"]).json()["error"] == "invalid_grant"


def test_the_client_acts_for_itself_within_its_permissions(party: Party) -> None:
    """AUT-01."""
    token = party.post("token_endpoint", {"grant_type": "client_credentials"}).json()["access_token"]
    assert party.app.get("/api/v1/redirect-sessions", token).status_code == 200
    assert party.app.get(f"/oauth-app/v1/oauth-apps/{party.client.id}", token).status_code == 403


def test_its_tokens_are_looked_into_by_itself_and_by_a_key_made_for_that(party: Party, desk: OwnerBrowser) -> None:
    """OPS-03, RFC 7662: `oauth.introspect` can be ticked, and opens nothing else."""
    tokens = party.tokens()
    assert party.post("introspection_endpoint", {"token": tokens["access_token"]}).json()["active"] is True
    desk.open("kiln/settings/keys")
    key = _shown_once(desk.send("/settings/keys", {"name": "Gateway", "may.oauth.introspect": "on"}).text, "IST.")

    def ask(key: str) -> tuple[int, dict[str, object]]:
        answer = party.app.request("POST", "/oauth2/introspect", data={"token": tokens["access_token"]}, headers={"authorization": key})
        return answer.status_code, answer.json()

    status, facts = ask(key)
    assert (status, facts["active"], facts["client_id"]) == (200, True, party.client.id)
    assert party.app.get("/api/v1/redirect-sessions", key).status_code == 403
    assert ask(party.app.world.reading_key)[0] == 403
    assert ask(party.app.world.foreign_key) == (200, {"active": False})


def test_its_tokens_are_revoked(party: Party) -> None:
    """RFC 7009."""
    tokens = party.tokens()
    assert party.post("revocation_endpoint", {"token": tokens["refresh_token"]}).status_code == 200
    assert party.userinfo(tokens).status_code == 401
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_logout_ends_at_the_address_that_was_added(party: Party, browser: Browser, email: str) -> None:
    """RP-Initiated Logout 2, RED-01."""
    tokens = party.tokens(browser, email)
    query = urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"})
    _, outside = browser.follow(browser.open(f"{party.server['end_session_endpoint']}?{query}"))
    assert outside == f"{AFTER_LOGOUT}?state=s"
    assert party.userinfo(tokens).status_code == 401
