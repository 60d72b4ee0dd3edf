"""What an authorize request may ask for, and which refusals may travel back to the site."""

from __future__ import annotations

import pytest

from roundtrip.core.errors import AppError
from roundtrip.oauth.authorize import AuthorizeRequest, read_request
from tests.oauth.conftest import AUTHORIZE, CALLBACK, OTHER, SHOP

SNAKE = {
    "client_id": SHOP.id,
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "offline_access",
    "state": "a-state",
    "response_mode": "fragment",
    "code_challenge": AUTHORIZE["codeChallenge"],
    "code_challenge_method": "S256",
}


def without(*names: str, **changes: str) -> dict[str, str]:
    return {**{name: value for name, value in AUTHORIZE.items() if name not in names}, **changes}


def refusal(params: dict[str, str]) -> AppError:
    with pytest.raises(AppError) as caught:
        read_request(params, SHOP)
    return caught.value


def test_both_spellings_mean_the_same() -> None:
    assert read_request(AUTHORIZE, SHOP) == read_request(SNAKE, SHOP)
    assert read_request(AUTHORIZE, SHOP) == AuthorizeRequest(
        SHOP.id, "code", CALLBACK, "offline_access", "a-state", "fragment", AUTHORIZE["codeChallenge"], "S256", None, None
    )


def test_the_answer_goes_into_the_query_unless_asked_otherwise() -> None:
    assert read_request(without("responseMode"), SHOP).response_mode == "query"


def test_what_the_sdk_sends_for_a_direct_login_is_taken() -> None:
    """No redirect URI; the answer is a message. What is not ours to read, such as the session token, is passed over."""
    request = read_request(without("redirectUri", responseMode="web_message", prompt="none", sessionToken="JWS.x", idp="google"), SHOP)
    assert (request.redirect_uri, request.response_mode, request.is_silent) == (None, "web_message", True)


@pytest.mark.parametrize("mode", ["form_get", "QUERY", "query.jwt", "", "web_message "])
def test_an_unknown_response_mode_is_an_error_and_not_a_default(mode: str) -> None:
    """AUT-06. It may not travel back: by which way?"""
    error = refusal(without(responseMode=mode))
    assert (error.oauth_error, error.may_return) == ("invalid_request", False)


@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_without_a_redirect_uri_there_is_nowhere_to_go(mode: str) -> None:
    error = refusal(without("redirectUri", responseMode=mode))
    assert (error.oauth_error, error.may_return) == ("invalid_request", False)


def test_a_request_for_another_client_is_nobodys() -> None:
    for params in (without(clientId=OTHER.id), without("clientId")):
        error = refusal(params)
        assert (error.oauth_error, error.may_return) == ("invalid_client", False)


@pytest.mark.parametrize("kind", ["token", "id_token", "code token", "code id_token", "none", "CODE"])
def test_only_the_code_flow_exists(kind: str) -> None:
    """AUT-01."""
    error = refusal(without(responseType=kind))
    assert (error.oauth_error, error.may_return) == ("unsupported_response_type", True)


def test_a_missing_response_type_is_an_invalid_request() -> None:
    assert refusal(without("responseType")).oauth_error == "invalid_request"


@pytest.mark.parametrize(
    "params",
    [
        without("codeChallenge"),
        without("codeChallenge", "codeChallengeMethod"),
        without("codeChallengeMethod"),
        without(codeChallengeMethod="plain"),
        without(codeChallengeMethod="S512"),
    ],
)
def test_every_public_client_uses_pkce(params: dict[str, str]) -> None:
    """AUT-02."""
    error = refusal(params)
    assert (error.oauth_error, error.may_return) == ("invalid_request", True)


@pytest.mark.parametrize("params", [without(state=""), without(state="x" * 2049), without(nonce=""), without(nonce="x" * 513)])
def test_state_and_nonce_are_bounded(params: dict[str, str]) -> None:
    assert refusal(params).oauth_error == "invalid_request"


def test_state_may_only_be_absent_where_nobody_waits_for_it() -> None:
    assert read_request(without("state"), SHOP).state is None
    assert refusal(without("state", responseMode="web_message")).oauth_error == "invalid_request"


def test_state_is_kept_to_the_letter() -> None:
    """AUT-05."""
    state = "a b&c=d#e%20ü'\"<>"
    assert read_request(without(state=state), SHOP).state == state


def test_a_parameter_given_twice_must_agree() -> None:
    assert read_request({**AUTHORIZE, "client_id": SHOP.id}, SHOP).client_id == SHOP.id
    assert refusal({**AUTHORIZE, "state": "a", "redirect_uri": "https://evil.example/"}).oauth_error == "invalid_request"


def test_scopes_that_mean_nothing_here_are_dropped() -> None:
    """RFC 6749 3.3: the token answer tells what was granted."""
    assert read_request(without(scope="openid admin email openid"), SHOP).scope == "openid email"
    assert refusal(without(scope='a"b')).oauth_error == "invalid_scope"


@pytest.mark.parametrize(
    ("prompt", "silent", "forced"),
    [("none", True, False), ("login", False, True), ("login consent", False, True), ("unknown", False, False)],
)
def test_prompt_says_whether_pages_may_or_must_be_shown(prompt: str, silent: bool, forced: bool) -> None:
    """AUT-10."""
    request = read_request(without(prompt=prompt), SHOP)
    assert (request.is_silent, request.forces_login) == (silent, forced)


def test_silence_and_a_page_cannot_be_had_together() -> None:
    """OpenID Connect Core 3.1.2.1."""
    assert refusal(without(prompt="none login")).oauth_error == "invalid_request"
