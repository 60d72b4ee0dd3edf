"""What standard clients do besides logging in: show a secret, act for themselves, ask about tokens, end them, log out."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from roundtrip.core.clock import DAY, HOUR
from roundtrip.sites.client_secrets import Others
from roundtrip.sites.model import STANDARD_CLIENT, TokenSettings
from tests.app_fixture import App, Browser, auth, query
from tests.conformance.conftest import AFTER_LOGOUT, CALLBACK, Party, add_secret, end_secret, party_of
from tests.web.journeys import fill, form, heading, tree
from tests.web.test_page_headers import policy

POSTING = replace(STANDARD_CLIENT, auth_method="client_secret_post")
SERVER_CODE = replace(STANDARD_CLIENT, grant_types=("client_credentials",), permissions=("redirect_session.read",))


def _basic(client_id: str, secret: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def _ask(party: Party, headers: dict[str, str], **fields: str) -> tuple[int, str, str]:
    answer = party.app.request(
        "POST", "/oauth2/token", data={"grant_type": "refresh_token", "refresh_token": "x", **fields}, headers=headers
    )
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"], answer.headers.get("www-authenticate", "")


def test_a_secret_counts_only_in_the_way_that_is_set(app: App, party: Party) -> None:
    """AUT-13, RFC 6749 5.2: `invalid_grant` means that the client got through."""
    mine, right = party.client.id, party.secret
    assert _ask(party, _basic(mine, right)) == (400, "invalid_grant", "")
    assert _ask(party, _basic(mine.replace("-", "%2D"), right.replace("_", "%5F"))) == (400, "invalid_grant", "")
    wrong = _ask(party, _basic(mine, right + "x"))
    assert wrong[:2] == (401, "invalid_client")
    assert wrong[2].startswith("Basic realm=")
    for headers, fields, status, error in (
        ({}, {"client_id": mine}, 401, "invalid_client"),
        ({}, {"client_id": mine, "client_secret": right}, 401, "invalid_client"),
        (_basic(mine, right), {"client_secret": right}, 400, "invalid_request"),
        (_basic(mine, right), {"client_id": app.world.shop.id}, 400, "invalid_request"),
        ({"authorization": "Basic !!!"}, {"client_id": mine}, 401, "invalid_client"),
        ({"authorization": "Basic bm8gY29sb24="}, {}, 401, "invalid_client"),
        (_basic(app.world.shop.id, right), {}, 401, "invalid_client"),
    ):
        assert _ask(party, headers, **fields)[:2] == (status, error), (headers, fields)
    posting = party_of(app, POSTING)
    assert _ask(posting, {}, client_id=posting.client.id, client_secret=posting.secret) == (400, "invalid_grant", "")
    assert _ask(posting, _basic(posting.client.id, posting.secret))[:2] == (401, "invalid_client")


def test_two_secrets_are_right_while_one_replaces_the_other(party: Party) -> None:
    """AUT-13, OPS-03."""
    app, newer = party.app, add_secret(party.app, party.client, Others.A_DAY)
    mine = party.client.id
    assert {_ask(party, _basic(mine, one))[1] for one in (party.secret, newer)} == {"invalid_grant"}
    app.clock.move(DAY)
    assert _ask(party, _basic(mine, party.secret))[1] == "invalid_client"
    assert _ask(party, _basic(mine, newer))[1] == "invalid_grant"
    assert party.secret not in app.db_text()


def test_grants_and_response_modes_are_listed_per_client(app: App, party: Party) -> None:
    """AUT-01, AUT-06."""
    answer = party.post("token_endpoint", {"grant_type": "anonymous"})
    assert answer.json()["error"] == "unauthorized_client"
    narrow = party_of(app, replace(STANDARD_CLIENT, grant_types=("refresh_token",), response_modes=("query",)))
    assert query(narrow.go(Browser(app))[1] or "")["error"] == "unauthorized_client"
    page, outside = narrow.go(Browser(app), response_mode="fragment")
    assert (page.status_code, outside) == (400, None)


def test_a_public_client_cannot_do_without_pkce(app: App) -> None:
    """AUT-02."""
    public = party_of(app, replace(STANDARD_CLIENT, auth_method="none"))
    assert query(public.go(Browser(app))[1] or "")["error"] == "invalid_request"


def test_lifetimes_are_the_clients_own(app: App) -> None:
    """Access tokens end when it says so; an idle refresh token too."""
    party = party_of(app, replace(STANDARD_CLIENT, access_token_minutes=5, refresh_token_days=1))
    tokens = party.tokens()
    assert tokens["expires_in"] == 300
    app.clock.move(5 * 60 * 1000)
    assert party.userinfo(tokens).status_code == 401
    renewed = party.refresh(tokens["refresh_token"]).json()
    app.clock.move(24 * HOUR)
    assert party.refresh(renewed["refresh_token"]).json()["error"] == "invalid_grant"


def test_client_credentials_act_for_the_client_itself(app: App) -> None:
    """AUT-01: the permissions of today, no refresh token, the end with the secret."""
    party = party_of(app, SERVER_CODE)
    answer = party.post("token_endpoint", {"grant_type": "client_credentials"})
    tokens = answer.json()
    assert answer.status_code == 200, answer.text
    assert set(tokens) == {"access_token", "expires_in", "token_type"}
    token = tokens["access_token"]
    assert token.startswith("OauthNG.JWS.")
    assert app.get("/api/v1/redirect-sessions", token).status_code == 200
    assert app.post("/oauth2/token-info", {"token": token}).json()["subjectType"] == "APP"
    refused = app.create(auth(app.world.shop), token)
    assert refused.status_code == 403
    assert "lacks the permission" in refused.text
    assert app.get("/oauth2/user-info", token).status_code == 403
    end_secret(app, party.client)
    assert app.get("/api/v1/redirect-sessions", token).status_code == 401
    assert app.post("/oauth2/token-info", {"token": token}).json()["active"] is False


def test_client_credentials_need_a_secret_whatever_the_client(app: App) -> None:
    """An SDK client with that grant shows it either way, and a body in camelCase is fine."""
    both = party_of(app, TokenSettings(grant_types=("anonymous", "client_credentials")))
    body = {"grantType": "client_credentials", "clientId": both.client.id}
    assert app.post("/oauth2/token", body).json()["error"] == "invalid_client"
    assert app.post("/oauth2/token", {**body, "clientSecret": both.secret + "x"}).json()["error"] == "invalid_client"
    assert app.post("/oauth2/token", {**body, "clientSecret": both.secret}).status_code == 200
    assert both.post("token_endpoint", {"grant_type": "client_credentials"}).status_code == 200
    assert (
        app.post("/oauth2/token", {**body, "clientSecret": both.secret, "instanceId": both.client.id}).json()["error"] == "invalid_request"
    )
    assert app.post("/oauth2/token", {**body, "grantType": "anonymous"}).status_code == 200


def test_an_owner_vouches_for_a_member(app: App) -> None:
    """`authorized_client`: a visitor token and an API key in one header."""
    member = app.register()
    visitor, world = app.visitor(), app.world

    def ask(keys: str, **fields: str) -> tuple[int, dict[str, object]]:
        answer = app.post("/oauth2/token", {"grantType": "authorized_client", **fields}, keys)
        return answer.status_code, answer.json()

    status, tokens = ask(f"{visitor},{world.key}", member_id=member["id"], scope="offline_access")
    assert (status, "refresh_token" in tokens) == (200, True)
    assert app.get("/members/v1/members/my", str(tokens["access_token"])).status_code == 200
    status, short = ask(f"{visitor},{world.key}", member_id=member["id"])
    assert (status, "refresh_token" in short) == (200, False)
    status, bound = ask(f"{visitor},{world.key}", session_token=member["sessionToken"])
    assert (status, "refresh_token" in bound) == (200, True)
    for keys, fields, wanted in (
        (f"{visitor},{world.key}", {"session_token": member["sessionToken"]}, (400, "invalid_grant")),
        (f"{visitor},{world.key}", {"member_id": world.shop.id}, (400, "invalid_grant")),
        (f"{visitor},{world.key}", {}, (400, "invalid_request")),
        (f"{visitor},{world.reading_key}", {"member_id": member["id"]}, (403, "unauthorized_client")),
        (f"{visitor},{world.foreign_key}", {"member_id": member["id"]}, (401, "invalid_client")),
        (f"{visitor},IST.x", {"member_id": member["id"]}, (401, "invalid_client")),
        (f"{tokens['access_token']},{world.key}", {"member_id": member["id"]}, (401, "invalid_client")),
        (visitor, {"member_id": member["id"]}, (401, "invalid_client")),
    ):
        status, answer = ask(keys, **fields)
        assert (status, answer["error"]) == wanted, (keys[-10:], fields)


def test_introspection_tells_clients_and_keys_of_the_same_site(app: App, party: Party, email: str) -> None:
    """AUT-18, RFC 7662."""
    tokens = party.tokens(email=email)
    facts = party.post("introspection_endpoint", {"token": tokens["access_token"]}).json()
    assert (facts["active"], facts["client_id"], facts["token_type"]) == (True, party.client.id, "Bearer")
    assert facts["exp"] - facts["iat"] == tokens["expires_in"]
    assert facts["scope"].split() == ["openid", "email", "profile", "offline_access"]
    assert party.post("introspection_endpoint", {"token": tokens["refresh_token"]}).json()["token_type"] == "refresh_token"
    assert party.post("introspection_endpoint", {"token": "x"}).json() == {"active": False}
    token = {"token": tokens["access_token"]}
    assert app.post("/oauth2/introspect", token, app.world.key).json()["active"] is True
    assert app.post("/oauth2/introspect", token, app.world.foreign_key).json() == {"active": False}
    assert app.post("/oauth2/introspect", token, app.world.reading_key).status_code == 403
    assert app.post("/oauth2/introspect", token).status_code == 401
    assert app.post("/oauth2/introspect", {**token, "client_id": app.world.shop.id}).status_code == 401


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revocation_ends_both_tokens_at_once(app: App, party: Party, email: str, which: str) -> None:
    """AUT-18, RFC 7009; a dead or unknown token is fine."""
    tokens = party.tokens(email=email)
    other = party_of(app)
    assert other.post("revocation_endpoint", {"token": tokens[which]}).json()["error"] == "invalid_grant"
    assert party.post("revocation_endpoint", {"token": tokens[which]}, basic=False).status_code == 401
    assert party.userinfo(tokens).status_code == 200
    assert party.post("revocation_endpoint", {"token": tokens[which]}).status_code == 200
    assert party.userinfo(tokens).status_code == 401
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.post("revocation_endpoint", {"token": tokens[which]}).status_code == 200
    assert party.post("revocation_endpoint", {"token": "x"}).status_code == 200


def test_a_clients_own_token_is_revoked_by_name(app: App) -> None:
    """Record 0031: nothing of it is stored."""
    party = party_of(app, SERVER_CODE)
    token = party.post("token_endpoint", {"grant_type": "client_credentials"}).json()["access_token"]
    assert party.post("revocation_endpoint", {"token": token}).status_code == 200
    assert app.get("/api/v1/redirect-sessions", token).status_code == 401
    assert party.post("introspection_endpoint", {"token": token}).json() == {"active": False}


def _end(party: Party, browser: Browser, **params: str) -> tuple[object, str | None]:
    answers, outside = browser.follow(browser.open(f"{party.server['end_session_endpoint']}?{urlencode(params)}"))
    return answers[-1], outside


def test_end_session_with_the_browsers_own_hint_asks_nothing(party: Party, browser: Browser, email: str) -> None:
    """IDN-08: to the exact address, with the state and nothing else; the tokens are dead."""
    tokens = party.tokens(browser, email)
    _, outside = _end(party, browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER_LOGOUT, state="s 1")
    assert outside == f"{AFTER_LOGOUT}?state=s+1" or outside == f"{AFTER_LOGOUT}?state=s%201"
    assert party.userinfo(tokens).status_code == 401
    assert query(party.go(browser, prompt="none")[1] or "")["error"] == "login_required"


def test_end_session_without_a_hint_asks_first(party: Party, browser: Browser, email: str) -> None:
    """IDN-08: no forced logout; and somebody else's hint is none."""
    tokens, theirs = party.tokens(browser, email), party.tokens()
    for hint in ({}, {"id_token_hint": theirs["id_token"]}, {"id_token_hint": "x.y.z"}):
        page, outside = _end(party, browser, client_id=party.client.id, post_logout_redirect_uri=AFTER_LOGOUT, **hint)
        assert outside is None
        assert heading(page).startswith("Log out")  # type: ignore[arg-type]
    assert party.userinfo(tokens).status_code == 200
    assert party.userinfo(theirs).status_code == 200
    _, outside = browser.follow(fill(browser, page))  # type: ignore[arg-type]
    assert outside == AFTER_LOGOUT
    assert party.userinfo(tokens).status_code == 401
    assert party.userinfo(theirs).status_code == 200


@pytest.mark.parametrize("uri", [f"{AFTER_LOGOUT}/", f"{AFTER_LOGOUT}?x=1", "https://rp.example/", "https://evil.tld/"])
def test_end_session_goes_to_listed_addresses_only(party: Party, browser: Browser, email: str, uri: str) -> None:
    """RED-01: letter by letter, before anything ends."""
    tokens = party.tokens(browser, email)
    page, outside = _end(party, browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=uri)
    assert outside is None
    assert page.status_code == 400  # type: ignore[attr-defined]
    assert party.userinfo(tokens).status_code == 200


def test_end_session_needs_the_clients_own_hint(app: App, party: Party, browser: Browser, email: str) -> None:
    tokens = party.tokens(browser, email)
    page, _ = _end(party, browser, id_token_hint=tokens["id_token"], client_id=app.world.shop.id)
    assert page.status_code == 400  # type: ignore[attr-defined]
    page, _ = _end(party, browser, post_logout_redirect_uri=AFTER_LOGOUT)
    assert page.status_code == 400  # type: ignore[attr-defined]
    page, outside = _end(party, browser, id_token_hint=tokens["id_token"])
    assert (outside, heading(page)) == (None, "You are logged out")  # type: ignore[arg-type]


def test_a_redirect_session_cannot_bring_a_hint(app: App) -> None:
    """IDN-08: what spares the question is read from a signed token at the door, never from a message."""
    answer = app.create({"logout": {"clientId": app.world.shop.id, "endSession": {"hintedLogin": app.world.shop.id}}})
    assert answer.status_code == 400


def test_form_post_is_a_form_to_the_redirect_uri_alone(party: Party, browser: Browser, email: str) -> None:
    """AUT-06, PAG-01: hidden fields, a button, and a policy that allows this one address."""
    page, _ = party.go(browser, response_mode="form_post")
    answers, outside = browser.follow(fill(browser, page, email=email, password="seven brown owls at noon"))
    answer = answers[-1]
    assert outside is None
    action, fields = form(answer)
    assert action == CALLBACK
    assert {"code", "state", "iss"} == set(fields)
    assert policy(answer)["form-action"] == [CALLBACK]
    assert tree(answer).all("button")
    assert answer.headers["cache-control"] == "no-store"
    assert party.redeem(fields["code"]).status_code == 200
    silent, _ = party.go(Browser(party.app), response_mode="form_post", prompt="none")
    assert form(silent)[1]["error"] == "login_required"
    wrong, _ = party.go(Browser(party.app), response_mode="form_post", scope='"')
    assert form(wrong)[1]["error"] == "invalid_scope"
