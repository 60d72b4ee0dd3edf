"""The modules of the OpenID conformance suite that TST-04 names, as local tests: one test for each, named after it.

Every id_token is verified by another library (joserfc) against the published keys.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from roundtrip.core.clock import SECOND
from roundtrip.oauth import pkce
from roundtrip.sites.model import STANDARD_CLIENT
from tests.app_fixture import VERIFIER, App, Browser, query
from tests.conformance.conftest import CALLBACK, Party, party_of
from tests.web.journeys import fill, heading, tree


def test_oidcc_server(party: Party, browser: Browser, email: str) -> None:
    """TST-04, AUT-05: the whole code flow with state, nonce and iss."""
    back = party.log_in(browser, email)
    assert (back["state"], back["iss"]) == ("a-state", party.server["issuer"])
    answer = party.redeem(back["code"])
    tokens = answer.json()
    assert tokens["token_type"] == "Bearer"
    assert answer.headers["cache-control"] == "no-store"
    claims = party.claims(tokens["id_token"])
    assert claims["nonce"] == "a-nonce"
    assert {"auth_time", "at_hash", "sid"} <= set(claims)
    assert claims["email"] == email


def test_oidcc_response_type_missing(party: Party, browser: Browser) -> None:
    """TST-04."""
    _, outside = party.go(browser, response_type=None)
    assert query(outside or "")["error"] in ("invalid_request", "unsupported_response_type")
    assert query(outside or "")["state"] == "a-state"


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_oidcc_idtoken_signature(app: App, alg: str) -> None:
    """TST-04: signed as the client says, and a changed token fits no key."""
    settings = {"RS256": STANDARD_CLIENT, "ES256": replace(STANDARD_CLIENT, id_token_alg="ES256")}
    party = party_of(app, settings[alg])
    id_token = party.tokens()["id_token"]
    assert party.claims(id_token, alg)["sub"]
    head, payload, signature = id_token.split(".")
    with pytest.raises(Exception, match=r"(?i)signature"):
        party.claims(f"{head}.{payload}.{signature[:-8]}AAAAAAAA", alg)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_oidcc_userinfo_get(party: Party, email: str, method: str) -> None:
    """TST-04: the same `sub` as in the id_token, claims by scope, and a challenge without a token."""
    tokens = party.tokens(email=email)
    answer = party.userinfo(tokens, method)
    assert answer.status_code == 200
    assert answer.json()["sub"] == party.claims(tokens["id_token"])["sub"]
    assert answer.json()["email"] == email
    narrow = party.userinfo(party.tokens(email=email, scope="openid"), method)
    assert set(narrow.json()) == {"sub"}
    refused = party.app.request(method, party.server["userinfo_endpoint"])
    assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")


def test_userinfo_needs_the_scope_openid(party: Party, email: str) -> None:
    """RFC 6750 3.1."""
    answer = party.userinfo(party.tokens(email=email, scope="email"))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_oidcc_prompt_login(party: Party, browser: Browser, email: str) -> None:
    """TST-04, AUT-10: logged in already, and asked all the same; `auth_time` is new."""
    first = party.claims(party.tokens(browser, email)["id_token"])
    party.app.clock.move(5 * SECOND)
    second = party.claims(party.tokens(browser, email, prompt="login")["id_token"])
    assert second["auth_time"] == first["auth_time"] + 5
    assert second["sub"] == first["sub"]


def test_prompt_select_account_shows_the_login_page(party: Party, browser: Browser, email: str) -> None:
    party.tokens(browser, email)
    page, outside = party.go(browser, prompt="select_account")
    assert (outside, heading(page)) == (None, "Log in")


def test_prompt_consent_asks_nothing(party: Party, browser: Browser, email: str) -> None:
    """There is nothing to consent to: a site's clients are its owner's."""
    party.tokens(browser, email)
    assert "code" in query(party.go(browser, prompt="consent")[1] or "")


def test_oidcc_prompt_none_not_logged_in(party: Party, browser: Browser) -> None:
    """TST-04, AUT-10."""
    _, outside = party.go(browser, prompt="none")
    back = query(outside or "")
    assert (back["error"], back["state"], "code" in back) == ("login_required", "a-state", False)


def test_oidcc_prompt_none_logged_in(party: Party, browser: Browser, email: str) -> None:
    """TST-04: no page, the same login."""
    first = party.claims(party.tokens(browser, email)["id_token"])
    party.app.clock.move(3 * SECOND)
    _, outside = party.go(browser, prompt="none")
    second = party.claims(party.redeem(query(outside or "")["code"]).json()["id_token"])
    assert (second["sub"], second["auth_time"], second["sid"]) == (first["sub"], first["auth_time"], first["sid"])


def test_oidcc_max_age_1(party: Party, browser: Browser, email: str) -> None:
    """TST-04: an older login does not count."""
    first = party.claims(party.tokens(browser, email)["id_token"])
    party.app.clock.move(3 * SECOND)
    assert query(party.go(browser, max_age="1", prompt="none")[1] or "")["error"] == "login_required"
    second = party.claims(party.tokens(browser, email, max_age="1")["id_token"])
    assert second["auth_time"] > first["auth_time"]


def test_oidcc_max_age_10000(party: Party, browser: Browser, email: str) -> None:
    """TST-04: a login that is young enough counts."""
    first = party.claims(party.tokens(browser, email)["id_token"])
    party.app.clock.move(3 * SECOND)
    _, outside = party.go(browser, max_age="10000")
    second = party.claims(party.redeem(query(outside or "")["code"]).json()["id_token"])
    assert second["auth_time"] == first["auth_time"]


@pytest.mark.parametrize("max_age", ["0", "x", "-1", "99999999999"])
def test_max_age_is_read_strictly(party: Party, browser: Browser, email: str, max_age: str) -> None:
    party.tokens(browser, email)
    page, outside = party.go(browser, max_age=max_age)
    if max_age == "0":
        assert (outside, heading(page)) == (None, "Log in")
    else:
        assert query(outside or "")["error"] == "invalid_request"


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(party: Party, browser: Browser, email: str) -> None:
    """TST-04."""
    assert "code" in party.log_in(browser, email, extra="something", hinted_member="somebody", hintedMember="somebody")


def test_oidcc_ui_locales(party: Party, browser: Browser, email: str) -> None:
    """TST-04, PAG-07: the first language that we have."""
    page, _ = party.go(browser, ui_locales="se xx de en")
    assert tree(page).all("html")[0].get("lang") == "de"
    _, outside = browser.follow(fill(browser, page, email=email, password="seven brown owls at noon"))
    assert "code" in query(outside or "")


def test_oidcc_login_hint(party: Party, browser: Browser, email: str) -> None:
    """TST-04: the address is in the field already."""
    page, _ = party.go(browser, login_hint=email)
    (field,) = [field for field in tree(page).all("input") if field.get("name") == "email"]
    assert field.get("value") == email


def test_oidcc_codereuse(party: Party, browser: Browser, email: str) -> None:
    """TST-04, AUT-04: at once."""
    code = party.log_in(browser, email)["code"]
    tokens = party.redeem(code).json()
    answer = party.redeem(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_oidcc_codereuse_30seconds(party: Party, browser: Browser, email: str) -> None:
    """TST-04, AUT-04: later, and the access token of the first use is dead too."""
    code = party.log_in(browser, email)["code"]
    tokens = party.redeem(code).json()
    party.app.clock.move(30 * SECOND)
    assert party.redeem(code).json()["error"] == "invalid_grant"
    answer = party.post("introspection_endpoint", {"token": tokens["access_token"]})
    assert answer.json() == {"active": False}


@pytest.mark.parametrize("uri", [f"{CALLBACK}/", f"{CALLBACK}?x=1", "https://rp.example/other", "https://evil.tld/callback"])
def test_oidcc_ensure_registered_redirect_uri(party: Party, browser: Browser, uri: str) -> None:
    """TST-04, RED-01: a page of ours, and nothing leaves."""
    page, outside = party.go(browser, redirect_uri=uri)
    assert (page.status_code, outside) == (400, None)
    assert heading(page) == "Invalid redirect URI"
    assert "location" not in page.headers


def test_oidcc_ensure_request_with_valid_pkce_succeeds(party: Party, browser: Browser, email: str) -> None:
    """TST-04, AUT-03: with the verifier, and not without it."""
    pair = {"code_challenge": pkce.challenge(VERIFIER, "S256"), "code_challenge_method": "S256"}
    code = party.log_in(browser, email, **pair)["code"]
    assert party.redeem(code).json()["error"] == "invalid_request"
    assert party.redeem(code, code_verifier=VERIFIER).status_code == 200
    plain = query(party.go(browser)[1] or "")["code"]
    assert party.redeem(plain, code_verifier=VERIFIER).json()["error"] == "invalid_request"


def test_oidcc_refresh_token(party: Party, email: str) -> None:
    """TST-04, AUT-11: a new refresh token with each use; the old one ends the family."""
    tokens = party.tokens(email=email)
    renewed = party.refresh(tokens["refresh_token"]).json()
    assert renewed["refresh_token"] != tokens["refresh_token"]
    party.app.clock.move(11 * SECOND)
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.refresh(renewed["refresh_token"]).json()["error"] == "invalid_grant"


def test_another_clients_refresh_token_is_refused(app: App, party: Party, email: str) -> None:
    """The last part of the refresh-token module."""
    tokens, other = party.tokens(email=email), party_of(app)
    assert other.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_id_token_hint_of_somebody_else_is_login_required(party: Party, browser: Browser, email: str) -> None:
    """OpenID Connect Core 3.1.2.1."""
    mine = party.tokens(browser, email)["id_token"]
    theirs = party.tokens()["id_token"]
    assert "code" in query(party.go(browser, prompt="none", id_token_hint=mine)[1] or "")
    assert query(party.go(browser, prompt="none", id_token_hint=theirs)[1] or "")["error"] == "login_required"
    assert query(party.go(browser, prompt="none", id_token_hint="x.y.z")[1] or "")["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["request", "request_uri", "registration"])
def test_requests_as_objects_are_refused_by_name(party: Party, browser: Browser, name: str) -> None:
    """OpenID Connect Core 3.1.2.6."""
    assert query(party.go(browser, **{name: "https://rp.example/object"})[1] or "")["error"] == f"{name}_not_supported"


def test_discovery_names_only_what_answers(party: Party) -> None:
    """AUT-18: every address in it is one of ours, and the same under both names."""
    app = party.app
    assert app.get("/.well-known/oauth-authorization-server").json() == party.server
    assert party.server["issuer"] == app.base
    assert party.server["authorization_response_iss_parameter_supported"] is True
    for name, address in party.server.items():
        if name.endswith(("_endpoint", "_uri")):
            parts = urlsplit(address)
            assert f"{parts.scheme}://{parts.netloc}" == app.base
            assert app.request("GET", address).status_code != 404, name
