"""Visitors whose every request may be answered by another node, as behind a load balancer."""

from __future__ import annotations

import html
import json
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.browser.shop import NAVIGATION, PREVIEW_URI, Account, Shop
from tests.server_fixtures import Server

SITE = "https://shop.example"
TRUSTED = ssl.create_default_context()
"""Read once: a client of its own for each visitor would read all certificates again."""
OWN_FORM = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "same-origin", "origin": "null"}


@dataclass
class Visitor:
    """A browser without scripts. `at` is the node that answers next; addresses and cookies stay those of the one public address."""

    at: Server
    public: str
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=20, verify=TRUSTED))

    def open(self, url: str, **headers: str) -> httpx.Response:
        """Open an address of the pages host at the present node, without following."""
        return self._send("GET", url, {**NAVIGATION, **headers})

    def follow(self, answer: httpx.Response) -> httpx.Response:
        """Go on while redirects stay on the pages host; the last answer is a page, or a redirect that leads away."""
        for _ in range(6):
            target = answer.headers.get("location")
            if target is None or urlsplit(target).netloc not in ("", urlsplit(self.public).netloc):
                return answer
            answer = self.open(urljoin(self.public, target))
        raise AssertionError("sent in circles")

    def fill_in(self, page: httpx.Response, account: Account) -> httpx.Response:
        """Send the login or sign-up form that this page shows, without following."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert action, page.text
        assert csrf
        fields = {"csrf": html.unescape(csrf[1]), "email": account.email, "password": account.password}
        return self._send("POST", html.unescape(action[1]), OWN_FORM, fields)

    def _send(self, method: str, url: str, headers: dict[str, str], fields: dict[str, str] | None = None) -> httpx.Response:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        known = {**headers, "host": urlsplit(self.public).netloc}
        return self.client.request(method, self.at.origin + path, headers=known, data=fields)


@pytest.fixture(scope="session")
def node_shop(two_servers: tuple[Server, Server]) -> Iterator[Shop]:
    """A customer of both nodes; speaks to the first unless told otherwise."""
    first, _ = two_servers
    key = json.loads(first.command("key", "create", "--site", "demo", "--name", "Tests", "--json"))["key"]
    shop = Shop(
        server=first,
        site_origin=SITE,
        client_id=first.client("Shop", redirect_uris=[f"{SITE}/callback"], redirect_domains=["shop.example"]),
        preview=first.client("Previews", redirect_uris=[PREVIEW_URI]),
        bare=first.client("Bare"),
        key=first.secret(key),
    )
    yield shop
    shop.http.close()


@pytest.fixture
def new_visitor(two_servers: tuple[Server, Server]) -> Iterator[Callable[[Server], Visitor]]:
    """Make visitors with cookies of their own: `new_visitor(node)`."""
    made: list[Visitor] = []

    def new(at: Server) -> Visitor:
        made.append(Visitor(at, two_servers[0].environment["ROUNDTRIP_BASE_URL"]))
        return made[-1]

    yield new
    for visitor in made:
        visitor.client.close()
