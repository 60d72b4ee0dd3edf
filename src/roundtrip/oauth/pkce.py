"""Proof Key for Code Exchange (RFC 7636), with `S512` beside `S256` and without `plain` (AUT-02, AUT-03)."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode

from roundtrip.core.errors import AppError
from roundtrip.core.secrets import same
from roundtrip.oauth.errors import refuse

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 4.1
_HASHES = {"S256": hashlib.sha256, "S512": hashlib.sha512}
_CHALLENGES = {"S256": re.compile(r"[A-Za-z0-9_-]{43}"), "S512": re.compile(r"[A-Za-z0-9_-]{86}")}
METHODS = tuple(_HASHES)


def challenge(verifier: str, method: str) -> str:
    """The challenge that belongs to a verifier: unpadded base64url of its hash."""
    return urlsafe_b64encode(_HASHES[method](verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def check_challenge(code_challenge: str | None, method: str | None) -> tuple[str, str]:
    """The pair, when it may start an authorization. Raises `AppError` (`invalid_request`) that says which rule it breaks."""
    if not code_challenge:
        raise _refusal("codeChallenge is missing; this client must use PKCE (S256 or S512)")
    if method not in _CHALLENGES:
        raise _refusal("codeChallengeMethod must be S256 or S512; plain, which is also what an absent method means, is not accepted")
    if _CHALLENGES[method].fullmatch(code_challenge) is None:
        raise _refusal(f"codeChallenge is not the unpadded base64url of a hash, as {method} makes it")
    return code_challenge, method


def check_verifier(verifier: str | None, code_challenge: str | None, method: str | None) -> None:
    """Raises `AppError` unless the verifier fits the challenge of the authorization, or both are absent (AUT-03, RFC 9700 4.8)."""
    if not code_challenge:
        if verifier:
            raise refuse("invalid_request", "codeVerifier was sent, but the authorization had no codeChallenge")
        return
    if not verifier:
        raise refuse("invalid_request", "codeVerifier is missing; the authorization had a codeChallenge")
    if _VERIFIER.fullmatch(verifier) is None:
        raise refuse("invalid_request", "codeVerifier must have 43 to 128 characters of A-Z a-z 0-9 - . _ ~")
    if method not in _HASHES or not same(challenge(verifier, method), code_challenge):
        raise refuse("invalid_grant", "codeVerifier does not fit the codeChallenge of the authorization")


def _refusal(description: str) -> AppError:
    return refuse("invalid_request", description, may_return=True)
