"""Servers that a test ends itself, with a shop that keeps asking them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from tests.browser.shop import PREVIEW_URI, Shop
from tests.server_fixtures import Server, StartServer

SITE = "https://shop.example"


def open_shop(server: Server) -> Shop:
    """A client of this server with everything a visit needs."""
    key = json.loads(server.command("key", "create", "--site", "demo", "--name", "Tests", "--json"))["key"]
    return Shop(
        server=server,
        site_origin=SITE,
        client_id=server.client("Shop", redirect_uris=[f"{SITE}/callback"], redirect_domains=["shop.example"]),
        preview=server.client("Previews", redirect_uris=[PREVIEW_URI]),
        bare=server.client("Bare"),
        key=server.secret(key),
    )


NewShop = Callable[..., Shop]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_shop(request: pytest.FixtureRequest) -> Iterator[NewShop]:
    """`new_shop(environment)`: a fresh server on each kind of database, and a shop on it."""
    start: StartServer = request.getfixturevalue("start_server" if request.param == "sqlite" else "start_server_on_postgresql")
    with ExitStack() as opened:

        def new(environment: Mapping[str, str] | None = None) -> Shop:
            shop = open_shop(start(environment=environment))
            opened.callback(shop.http.close)
            return shop

        yield new
