"""The ways to the dashboard's pages about redirect sessions and refused addresses: each makes first what its page shows."""

from __future__ import annotations

from typing import Protocol

import httpx
from playwright.sync_api import Page

from tests.server_fixtures import Server

CREATE = "/v1/redirect-session"


class AtDesk(Protocol):
    """What is needed of `tests/browser/desk.py`, which imports this file."""

    server: Server

    def url(self, path: str) -> str: ...


def _create(desk: AtDesk, post_flow_url: str) -> httpx.Response:
    client_id = desk.server.client("Trips", redirect_uris=["https://trips.example/cb"], redirect_domains=["trips.example"])
    with httpx.Client(base_url=desk.server.origin, timeout=20) as http:
        token = http.post("/oauth2/token", json={"clientId": client_id, "grantType": "anonymous"}).json()["access_token"]
        body = {"login": {}, "callbacks": {"postFlowUrl": post_flow_url}}
        return http.post(CREATE, json=body, headers={"authorization": desk.server.secret(token)})


def _session(desk: AtDesk) -> str:
    answer = _create(desk, "https://trips.example/after?a=1")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["redirectSession"]["id"])


def to_sessions(desk: AtDesk, page: Page) -> None:
    """The list, with something in it."""
    _session(desk)
    page.goto(desk.url("demo/redirect-sessions"))
    page.wait_for_selector(".bars svg")


def to_session(desk: AtDesk, page: Page) -> None:
    """The trip of one, ended by its owner."""
    path = f"demo/redirect-sessions/{_session(desk)}"
    page.goto(desk.url(f"{path}/expire"))
    page.click("button:has-text('Expire it')")
    page.wait_for_selector(".notice-good")


def to_expiring(desk: AtDesk, page: Page) -> None:
    """The question before a session is ended."""
    page.goto(desk.url(f"demo/redirect-sessions/{_session(desk)}/expire"))


def to_refusals(desk: AtDesk, page: Page) -> None:
    """The list, with something in it, and an explanation."""
    assert _create(desk, "https://shop.trips.example/after?a=1").status_code == 400
    page.goto(desk.url("demo/refusals"))
    page.fill("#explain-url", "http://trips.example/cb/")
    if page.locator("select#explain-client").count():
        page.select_option("#explain-client", index=1)
    page.click("button:has-text('Explain')")
    page.wait_for_selector(".verdict")


def to_approval(desk: AtDesk, page: Page) -> None:
    """The page before a foreign host is allowed, with its host not typed rightly."""
    assert _create(desk, "https://trips-example.example/after").status_code == 400
    page.goto(desk.url("demo/refusals"))
    page.locator(".refusals > li", has_text="trips-example.example").first.locator("a:has-text('Allow it')").click()
    page.fill("#host", "trips.example")
    page.click("button:has-text('Allow it')")
    page.wait_for_selector("#error-summary")
