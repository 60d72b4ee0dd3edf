"""A tiny client of the server's public wire: tokens, members, redirect sessions, and one exception. No cookies, no pages.

What is about buying is in `shop_api.py`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from examples.demo_site.trace import Entry, Trace, pretty, shorten

CREATE_PATH = "/redirect-session/v1/redirect-session"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave. `expires_at` is seconds since 1970, by this machine's clock."""

    access_token: str
    refresh_token: str | None
    id_token: str | None
    expires_at: float

    def is_stale(self, now: float, margin: float = 60) -> bool:
        """True when the access token ends within `margin` seconds: renew now, rather than fail in the middle of a request."""
        return now > self.expires_at - margin


@dataclass(frozen=True, slots=True)
class Member:
    """The logged-in person, as far as this site shows them."""

    id: str
    name: str
    email: str


class ApiError(Exception):
    """A call that did not work. `status` is None when the server could not be reached at all."""

    def __init__(
        self, title: str, *, status: int | None, code: str, description: str, data: Mapping[str, object], request_id: str = ""
    ) -> None:
        super().__init__(f"{title}: {description}")
        self.title = title
        self.status = status
        self.code = code
        self.description = description
        self.data = data
        self.request_id = request_id

    @property
    def is_unreachable(self) -> bool:
        """The server is down, or something between here and there is."""
        return self.status is None

    @property
    def is_login_over(self) -> bool:
        """The token is expired or revoked; for the token endpoint that is a 400 `invalid_grant` (RFC 6749 5.2)."""
        return self.code == "invalid_grant" or (self.status == 401 and self.code != "invalid_client")


class Api:
    """The server, seen by one client. Every method raises `ApiError`; every call is noted in `trace`."""

    def __init__(self, http: httpx.AsyncClient, server_url: str, client_id: str) -> None:
        self._http = http
        self._server_url = server_url
        self._client_id = client_id

    async def anonymous_tokens(self, trace: Trace) -> Tokens:
        """Tokens of a new visitor. A new token is a new visitor, so keep it for the whole visit."""
        return await self._tokens(trace, "A token for a new visitor", {"grantType": "anonymous"})

    async def refresh(self, trace: Trace, refresh_token: str) -> Tokens:
        """Fresh tokens for the same visitor or member."""
        body = {"grantType": "refresh_token", "refreshToken": refresh_token}
        fresh = await self._tokens(trace, "Fresh tokens for the old ones", body)
        # Some servers rotate refresh tokens and some do not: take a new one, else keep the old one.
        return Tokens(fresh.access_token, fresh.refresh_token or refresh_token, fresh.id_token, fresh.expires_at)

    async def exchange_code(self, trace: Trace, code: str, code_verifier: str, redirect_uri: str) -> Tokens:
        """The authorization code and its PKCE verifier for the tokens of a member. Works once, within a minute."""
        body = {"grantType": "authorization_code", "code": code, "codeVerifier": code_verifier, "redirectUri": redirect_uri}
        return await self._tokens(trace, "The code for tokens", body)

    async def create_redirect_session(self, trace: Trace, access_token: str, title: str, body: Mapping[str, object]) -> str:
        """The address to send the visitor to (`fullUrl`). It works once, so make it when it is needed, not ahead."""
        answer = await self.call(trace, title, "POST", CREATE_PATH, body=body, access_token=access_token)
        session = answer.get("redirectSession")
        if not isinstance(session, Mapping) or not isinstance(session.get("fullUrl"), str):
            raise ApiError(title, status=200, code="UNREADABLE", description="The answer has no redirectSession.fullUrl.", data={})
        return str(session["fullUrl"])

    async def current_member(self, trace: Trace, access_token: str) -> Member:
        """Who the access token belongs to."""
        answer = await self.call(trace, "Who is logged in?", "GET", "/members/v1/members/my?fieldsets=FULL", access_token=access_token)
        member = mapping(answer.get("member"))
        contact, profile = mapping(member.get("contact")), mapping(member.get("profile"))
        full_name = " ".join(str(contact[part]) for part in ("firstName", "lastName") if contact.get(part))
        email = str(member.get("loginEmail") or "")
        name = full_name or str(profile.get("nickname") or "") or email.partition("@")[0]
        return Member(id=str(member.get("id", "")), name=name, email=email)

    async def token_info(self, trace: Trace, token: str) -> Mapping[str, object]:
        """What the server thinks of a token: is it active, whose is it, until when."""
        return await self.call(trace, "What is this token?", "POST", "/oauth2/token-info", body={"token": token})

    async def _tokens(self, trace: Trace, title: str, body: Mapping[str, str]) -> Tokens:
        answer = await self.call(trace, title, "POST", "/oauth2/token", body={"clientId": self._client_id, **body})
        return Tokens(
            access_token=str(answer["access_token"]),
            refresh_token=_text_or_none(answer.get("refresh_token")),
            id_token=_text_or_none(answer.get("id_token")),
            expires_at=time.time() + float(str(answer.get("expires_in", 0))),
        )

    async def call(
        self, trace: Trace, title: str, method: str, path: str, *, body: Mapping[str, object] | None = None, access_token: str = ""
    ) -> Mapping[str, object]:
        """Any call; what came back, which is always an object. Noted in `trace` under its title."""
        url, started = self._server_url + path, time.perf_counter()
        # The access token goes in as it is. `Bearer <token>` works as well.
        headers = {"Authorization": access_token} if access_token else {}
        status: int | None = None
        answer_body: object = None
        try:
            answer = await self._http.request(method, url, json=body, headers=headers)
            status = answer.status_code
            answer_body = answer.json()
        except httpx.HTTPError as error:
            text = f"{self._server_url} does not answer ({type(error).__name__})."
            raise ApiError(title, status=None, code="UNREACHABLE", description=text, data={}) from error
        except ValueError as error:
            raise ApiError(title, status=status, code="UNREADABLE", description="The answer is not JSON.", data={}) from error
        finally:
            sent = (f"Authorization: {shorten(access_token)}\n" if access_token else "") + pretty(body)
            took_ms = (time.perf_counter() - started) * 1000
            trace.api(Entry(datetime.now(UTC), "api", title, method, url, sent, status, pretty(answer_body), took_ms))
        if status != 200 or not isinstance(answer_body, Mapping):
            raise _problem(title, answer, answer_body)
        return answer_body


def _problem(title: str, answer: httpx.Response, body: object) -> ApiError:
    """The server explains itself in `details`; the token endpoint also in the words of RFC 6749 (`error`, `error_description`)."""
    top = mapping(body)
    details = mapping(top.get("details"))
    application = mapping(details.get("applicationError"))
    violations = mapping(details.get("validationError")).get("fieldViolations")
    first = mapping(violations[0]) if isinstance(violations, list) and violations else {}
    return ApiError(
        title,
        status=answer.status_code,
        code=str(application.get("code") or top.get("error") or first.get("violatedRule") or answer.status_code),
        description=str(application.get("description") or top.get("error_description") or top.get("message") or answer.reason_phrase),
        data=mapping(application.get("data")) or first,
        request_id=answer.headers.get("x-wix-request-id", ""),
    )


def mapping(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one: an answer is a stranger's text until it was looked at."""
    return value if isinstance(value, Mapping) else {}


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
