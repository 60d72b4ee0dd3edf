"""What an authorize request asks for, and the code it ends with.

Deciding who the visitor is, showing pages and sending the browser back is the `auth` flow's; whether the client exists and the redirect
URI is listed is decided before, by `sites.allow_list`. Authlib's authorize endpoint is not used:
`docs/decisions/0012-authorize-without-authlib.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from roundtrip.core.errors import AppError
from roundtrip.oauth import pkce, store
from roundtrip.oauth.errors import refuse
from roundtrip.oauth.model import CODE_LIFE, AuthorizationCode, known_scope
from roundtrip.oauth.spelling import both, spelled
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx

ResponseMode = Literal["query", "fragment", "web_message", "form_post"]
RESPONSE_MODES: tuple[ResponseMode, ...] = ("query", "fragment", "web_message", "form_post")
CODE_PURPOSE = "authorization_code"
"""Purpose bound into the hash of a code (`core/secrets.py`)."""
MAX_STATE = 2048
MAX_NONCE = 512
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e ]*")  # RFC 6749 3.3

_PARAMETERS = both(
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "max_age",
    "login_hint",
)
PROMPTS = frozenset({"none", "login", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """A request that may be carried out. `redirect_uri` is None only for `web_message`; `prompt` holds the known words of it."""

    client_id: str
    response_type: Literal["code"]
    redirect_uri: str | None
    scope: str
    state: str | None
    response_mode: ResponseMode
    code_challenge: str | None
    code_challenge_method: str | None
    nonce: str | None
    prompt: str | None
    max_age: int | None = None
    """Seconds since the login after which it does not count any more (OpenID Connect Core 3.1.2.1)."""
    login_hint: str | None = None

    @property
    def is_silent(self) -> bool:
        """True when no page may be shown (`prompt=none`)."""
        return self.prompt == "none"

    @property
    def forces_login(self) -> bool:
        """True when being logged in already is not enough (`prompt=login`, AUT-10)."""
        return "login" in (self.prompt or "").split()


def read_request(params: Mapping[str, str], client: Client) -> AuthorizeRequest:
    """Check an authorize request, in either spelling, of a client whose redirect URI was already found on its list.

    Raises `AppError` with an RFC 6749 name; `may_return` says whether the site may be told through the browser. It may not as
    long as it is unclear how (an unknown response mode) or to whom (no redirect URI, somebody else's client id).
    """
    given = spelled(params, _PARAMETERS)
    if given.get("client_id") != client.id:
        raise refuse("invalid_client", "clientId is not the client that this request was started for")
    mode = _response_mode(given, client)
    if "authorization_code" not in client.tokens.grant_types:
        raise refuse("unauthorized_client", "This client may not use the grant authorization_code", may_return=True)
    response_type = given.get("response_type")
    if response_type != "code":
        name = "unsupported_response_type" if response_type else "invalid_request"
        raise refuse(name, "responseType must be code", may_return=True)
    state = _state(given, mode)
    code_challenge, method = _pkce(given, client)
    return AuthorizeRequest(
        client_id=client.id,
        response_type="code",
        redirect_uri=given.get("redirect_uri"),
        scope=_scope(given),
        state=state,
        response_mode=mode,
        code_challenge=code_challenge,
        code_challenge_method=method,
        nonce=_bounded(given, "nonce", MAX_NONCE),
        prompt=_prompt(given),
        max_age=_max_age(given),
        login_hint=given.get("login_hint"),
    )


def issue_code(
    tx: Tx,
    *,
    request: AuthorizeRequest,
    member_id: str,
    login_id: str | None,
    code_hash: str,
    redirect_session_id: str | None,
    now: int,
) -> None:
    """Promise tokens for a member to the client of `request`: keeps the hash of a code that lives 60 seconds."""
    code = AuthorizationCode(
        code_hash=code_hash,
        client_id=request.client_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        code_challenge_method=request.code_challenge_method,
        member_id=member_id,
        login_id=login_id,
        scope=request.scope,
        nonce=request.nonce,
        redirect_session_id=redirect_session_id,
        created_at=now,
        expires_at=now + CODE_LIFE,
        used_at=None,
        grant_id=None,
    )
    store.add_code(tx, code)


def _pkce(given: Mapping[str, str], client: Client) -> tuple[str | None, str | None]:
    """AUT-02: a client that can keep a secret may do without."""
    code_challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if not client.tokens.is_public and not code_challenge and not method:
        return None, None
    return pkce.check_challenge(code_challenge, method)


def _response_mode(given: Mapping[str, str], client: Client) -> ResponseMode:
    mode = next((known for known in RESPONSE_MODES if known == given.get("response_mode", "query")), None)
    if mode is None or mode not in client.tokens.response_modes:
        # AUT-06: never a default, so never an answer by a way that the site did not ask for
        raise refuse("invalid_request", f"responseMode must be one of {', '.join(client.tokens.response_modes)}")
    if mode == "web_message":
        return mode
    if not given.get("redirect_uri"):
        raise refuse("invalid_request", "redirectUri is missing; only responseMode web_message works without it")
    if mode == "form_post" and not given["redirect_uri"].lower().startswith(("https:", "http:")):
        raise refuse("invalid_request", "responseMode form_post needs a redirectUri that a form can be sent to")
    return mode


def _state(given: Mapping[str, str], mode: ResponseMode) -> str | None:
    state = _bounded(given, "state", MAX_STATE)
    if state is None and mode == "web_message":
        raise _refusal("state is missing; a web_message is matched by its state")
    return state


def _bounded(given: Mapping[str, str], name: str, longest: int) -> str | None:
    text = given.get(name)
    if text is not None and not 1 <= len(text) <= longest:
        raise _refusal(f"{name} must have 1 to {longest} characters")
    return text


def _scope(given: Mapping[str, str]) -> str:
    scope = given.get("scope", "")
    if _SCOPE.fullmatch(scope) is None:
        raise refuse("invalid_scope", "scope must be words with single spaces between them", may_return=True)
    return known_scope(scope)


def _prompt(given: Mapping[str, str]) -> str | None:
    words = [word for word in given.get("prompt", "").split() if word in PROMPTS]
    if "none" in words and len(words) > 1:  # OpenID Connect Core 3.1.2.1
        raise _refusal("prompt none cannot be combined with another")
    return " ".join(words) or None


def _max_age(given: Mapping[str, str]) -> int | None:
    text = given.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise _refusal("maxAge must be a number of seconds")
    return int(text)


def _refusal(description: str) -> AppError:
    return refuse("invalid_request", description, may_return=True)
