"""PKCE: the verifier has to fit the challenge, and there is no way around it (AUT-02, AUT-03)."""

from __future__ import annotations

import pytest

from roundtrip.core.errors import AppError
from roundtrip.oauth import pkce
from tests.oauth.conftest import VERIFIER


def verify(verifier: str | None, challenge: str | None, method: str | None) -> str | None:
    try:
        pkce.check_verifier(verifier, challenge, method)
    except AppError as error:
        return error.oauth_error
    return None


def test_the_example_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    assert pkce.challenge(VERIFIER, "S256") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize("method", pkce.METHODS)
@pytest.mark.parametrize("verifier", ["a" * 43, "a" * 128, "-._~" * 11, VERIFIER])
def test_a_fitting_verifier_is_taken(method: str, verifier: str) -> None:
    challenge = pkce.challenge(verifier, method)
    assert pkce.check_challenge(challenge, method) == (challenge, method)
    assert verify(verifier, challenge, method) is None


@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "ä", "a" * 42 + "\n", "a" * 42 + "="])
def test_a_verifier_outside_the_allowed_set_is_refused(verifier: str) -> None:
    """AUT-02: 43 to 128 characters of the set."""
    assert verify(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256") == "invalid_request"


@pytest.mark.parametrize("method", pkce.METHODS)
def test_another_verifier_does_not_fit(method: str) -> None:
    assert verify("b" * 43, pkce.challenge("a" * 43, method), method) == "invalid_grant"


def test_the_challenge_itself_is_no_verifier() -> None:
    """AUT-02: what `plain` would accept."""
    challenge = pkce.challenge(VERIFIER, "S256")
    assert verify(challenge, challenge, "S256") == "invalid_grant"
    for method in ("plain", None, "S512", ""):
        assert verify(challenge, challenge, method) == "invalid_grant"


def test_verifier_and_challenge_come_together() -> None:
    """AUT-03: neither half may be left out."""
    challenge = pkce.challenge(VERIFIER, "S256")
    assert verify(None, challenge, "S256") == "invalid_request"
    assert verify("", challenge, "S256") == "invalid_request"
    assert verify(VERIFIER, None, None) == "invalid_request"
    assert verify(None, None, None) is None


@pytest.mark.parametrize(
    ("challenge", "method"),
    [
        (None, "S256"),
        ("", "S256"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "plain"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", None),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "s256"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S512"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", "S256"),
        ("too-short", "S256"),
    ],
)
def test_an_authorization_without_a_good_challenge_is_refused(challenge: str | None, method: str | None) -> None:
    """AUT-02: `plain`, and an absent method, which means plain."""
    with pytest.raises(AppError) as caught:
        pkce.check_challenge(challenge, method)
    assert caught.value.oauth_error == "invalid_request"
    assert caught.value.may_return
