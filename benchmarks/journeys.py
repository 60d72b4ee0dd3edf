"""What one user of a server does, from the first byte sent to the last byte read. `generator` repeats these and holds the stop-watch.

Each journey checks what it gets: a figure counts only right answers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from benchmarks.browser import Browser
from benchmarks.wire import Connection, WrongAnswerError, request

CALLBACK = "http://localhost:9/cb"
DOMAIN = "http://localhost:9"
CREATE = "/_api/redirects-api/v1/redirect-session"
TOKEN = "/oauth2/token"
REGISTER = "/_api/iam/authentication/v2/register"
MOST_ENTRIES = 20_000
FIVE = "5b0d9999-0000-4000-8000-000000000001"
"""A service that five people give (`benchmarks.bookings`)."""
PASSWORD = "correct horse battery staple"

_VERIFIER = "benchmark-verifier-0123456789-0123456789-01"
_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()


class NothingLeftError(Exception):
    """Every prepared redirect session has been entered; the round ends early and its real length counts."""


@dataclass
class Server:
    """What the generator remembers of one server between rounds."""

    base: str
    client_id: str
    tokens: list[str] = field(default_factory=list)
    create_requests: list[bytes] = field(default_factory=list)
    created: deque[bytes] = field(default_factory=lambda: deque(maxlen=MOST_ENTRIES))
    accounts: list[str] = field(default_factory=list)
    logged_in: list[dict[str, str]] = field(default_factory=list)
    products: int = 0


Journey = Callable[[Server, Connection, int], Awaitable[None]]
"""The number tells the connections of a round apart, so that each uses its own token, account and browser."""


def json_request(server: Server, target: str, body: object, token: str | None = None) -> bytes:
    """A request as the official SDK sends it: the token stands alone in its header."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = token
    return request("POST", server.base, target, headers, json.dumps(body, separators=(",", ":")).encode())


def _create_body(server: Server) -> object:
    return {"login": {}, "callbacks": {"postFlowUrl": f"{DOMAIN}/after"}}


def _auth_body(server: Server, prompt: str | None) -> object:
    wanted = {
        "redirectUri": CALLBACK,
        "clientId": server.client_id,
        "codeChallenge": _CHALLENGE,
        "codeChallengeMethod": "S256",
        "responseMode": "query",
        "responseType": "code",
        "scope": "offline_access",
        "state": secrets.token_urlsafe(16),
    }
    return {"auth": {"authRequest": wanted} | ({"prompt": prompt} if prompt else {})}


async def prepare_visitors(server: Server, connection: Connection, count: int) -> None:
    """Give `count` visitors their tokens and write their requests down, so that a round only sends bytes."""
    for _ in range(count):
        answer = await connection.send(json_request(server, TOKEN, {"clientId": server.client_id, "grantType": "anonymous"}))
        server.tokens.append(json.loads(answer.expect(200).body)["access_token"])
    server.create_requests = [json_request(server, CREATE, _create_body(server), token) for token in server.tokens]


async def prepare_members(server: Server, connection: Connection, count: int) -> None:
    """Register `count` members, each with a browser that stays logged in."""
    for number in range(count):
        email = f"member-{number}-{secrets.token_hex(4)}@bench.example"
        body = {"loginId": {"email": email}, "password": PASSWORD}
        (await connection.send(json_request(server, REGISTER, body, server.tokens[0]))).expect(200)
        server.accounts.append(email)
        browser = Browser(server.base)
        await _round_trip(server, connection, number, browser, "login")
        server.logged_in.append(browser.cookies)


async def create_session(server: Server, connection: Connection, number: int) -> None:
    """Create Redirect Session with the `login` intent and one callback, by one of many visitors."""
    answer = await connection.send(server.create_requests[number % len(server.create_requests)])
    if answer.status != 200:
        answer.expect(200)
    server.created.append(answer.body)


async def create_auth_session(server: Server, connection: Connection, number: int) -> None:
    """Create Redirect Session as `auth.getAuthUrl` of the official SDK does it."""
    token = server.tokens[number % len(server.tokens)]
    (await connection.send(json_request(server, CREATE, _auth_body(server, "login"), token))).expect(200)


async def anonymous_token(server: Server, connection: Connection, number: int) -> None:
    """A new visitor asks for tokens."""
    (await connection.send(json_request(server, TOKEN, {"clientId": server.client_id, "grantType": "anonymous"}))).expect(200)


async def page_enter(server: Server, connection: Connection, number: int) -> None:
    """A new browser opens a fresh entry URL and is sent to the first step: the part that writes."""
    if not server.created:
        raise NothingLeftError
    url = json.loads(server.created.pop())["redirectSession"]["fullUrl"]
    (await Browser(server.base).get(connection, url)).expect(303)


async def page_enter_and_view(server: Server, connection: Connection, number: int) -> None:
    """The same, and the page of the first step is read to its end."""
    if not server.created:
        raise NothingLeftError
    url = json.loads(server.created.pop())["redirectSession"]["fullUrl"]
    browser = Browser(server.base)
    await browser.follow(connection, url, (await browser.get(connection, url)).expect(303), DOMAIN)


async def login_round_trip(server: Server, connection: Connection, number: int) -> None:
    """Out to the login page, in with e-mail and password, back with a code, tokens for it. One password is hashed."""
    await _round_trip(server, connection, number, Browser(server.base), "login")


async def login_round_trip_without_hashing(server: Server, connection: Connection, number: int) -> None:
    """The same in a browser that is logged in already, so no page is shown and no password is hashed."""
    await _round_trip(server, connection, number, Browser(server.base, server.logged_in[number % len(server.logged_in)]), None)


async def _round_trip(server: Server, connection: Connection, number: int, browser: Browser, prompt: str | None) -> None:
    token = server.tokens[number % len(server.tokens)]
    created = (await connection.send(json_request(server, CREATE, _auth_body(server, prompt), token))).expect(200)
    url = json.loads(created.body)["redirectSession"]["fullUrl"]
    url, answer = await browser.follow(connection, url, await browser.get(connection, url), CALLBACK)
    if not url.startswith(CALLBACK):
        if prompt is None:
            raise WrongAnswerError(f"a browser that is logged in was shown a page: {url}")
        typed = {"email": server.accounts[number % len(server.accounts)], "password": PASSWORD}
        url, answer = await browser.submit(connection, url, answer, "password", typed)
        url, answer = await browser.follow(connection, url, answer, CALLBACK)
    returned = parse_qs(urlsplit(url).query)
    if "code" not in returned:
        raise WrongAnswerError(f"no code came back: {url}\n{answer.body[:2000].decode(errors='replace')}")
    exchange = {
        "clientId": server.client_id,
        "grantType": "authorization_code",
        "redirectUri": CALLBACK,
        "code": returned["code"][0],
        "codeVerifier": _VERIFIER,
    }
    (await connection.send(json_request(server, TOKEN, exchange))).expect(200)


async def plain_product_query(server: Server, connection: Connection, number: int) -> None:
    """A shop front lists the seven products of the demo store."""
    token = server.tokens[number % len(server.tokens)]
    query = {"query": {"filter": {}, "paging": {"limit": 50, "offset": 0}}}
    (await connection.send(json_request(server, "/stores-reader/v1/products/query", query, token))).expect(200)


async def month_of_times(server: Server, connection: Connection, number: int) -> None:
    """A booking page asks for a month of times of a service that five people give: some 1,800, of which it gets the first thousand."""
    token = server.tokens[number % len(server.tokens)]
    now = datetime.now(UTC)
    window = {"startDate": now.isoformat(), "endDate": (now + timedelta(days=31)).isoformat()}
    query = {"query": {"filter": {"serviceId": [FIVE], **window}}, "timezone": "Europe/Berlin"}
    answer = (await connection.send(json_request(server, "/availability-calendar/v1/availability/query", query, token))).expect(200)
    if answer.body.count(b'"bookable":true') < 500:
        raise WrongAnswerError("a month has fewer times than it should")


JOURNEYS: dict[str, Journey] = {
    journey.__name__: journey
    for journey in (
        create_session,
        create_auth_session,
        anonymous_token,
        page_enter,
        page_enter_and_view,
        login_round_trip,
        login_round_trip_without_hashing,
        plain_product_query,
        month_of_times,
    )
}
