"""Fixtures for a site that uses the official SDK: its client, its members, its hosted login in a browser, its bundle."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page

from tests.sdk.bridge import FOLDER, Sdk, end_idle_processes
from tests.server_fixtures import Server
from tests.site_fixture import Site

SHOP = "https://shop.example"
"""A site that nobody visits in these tests: only its addresses matter."""

PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class Account:
    """What a member types into a login form."""

    email: str
    password: str


class NewSdk(Protocol):
    """What the fixture `new_sdk` gives."""

    def __call__(
        self,
        client_id: str | None = None,
        *,
        tokens: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        on: Server | None = None,
    ) -> Sdk: ...


@pytest.fixture(scope="session")
def shop_client(server: Server) -> str:
    """A client that may return to `https://shop.example/callback`, and anywhere on that host after other flows."""
    return server.client("Shop", redirect_uris=[f"{SHOP}/callback"], redirect_domains=["shop.example"])


@pytest.fixture(scope="session")
def owner_key(server: Server) -> str:
    """The owner's server code of a site that sells the demo products, delivers for 5.00 and has a coupon that takes all off."""
    server.command("product", "demo", "--site", "demo", "--no-pictures", "--json")
    made = json.loads(server.command("key", "create", "--site", "demo", "--name", "Till", "--json"))
    key = server.secret(made["key"])
    with httpx.Client(base_url=server.origin, headers={"Authorization": key}, timeout=20) as owner:
        option = {"title": "Standard", "rates": [{"amount": "5.00"}]}
        owner.post("/ecom/v1/shipping-options", json={"shippingOption": option}).raise_for_status()
        for code, off in (("ALLOFF", {"percentOffRate": 100}), ("SHIPFREE", {"freeShipping": True})):
            owner.post("/stores/v2/coupons", json={"specification": {"name": code, "code": code, **off}}).raise_for_status()
    return key


@pytest.fixture(scope="session")
def buying_client(server: Server, owner_key: str) -> str:
    """A client of that site."""
    return server.client("Buyers", redirect_uris=[f"{SHOP}/callback"], redirect_domains=["shop.example"])


@pytest.fixture(scope="session")
def node_processes() -> Iterator[None]:
    """Whatever Node processes SDK clients need; they end with the session."""
    yield
    end_idle_processes()


@pytest.fixture
def new_sdk(server: Server, shop_client: str, node_processes: None) -> Iterator[NewSdk]:
    """Make SDK clients, each in a Node process that no other uses at the same time."""
    made: list[Sdk] = []

    def new(
        client_id: str | None = None,
        *,
        tokens: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        on: Server | None = None,
    ) -> Sdk:
        made.append(Sdk(on or server, client_id or shop_client, tokens, headers))
        return made[-1]

    yield new
    for sdk in made:
        sdk.close()


@pytest.fixture
def sdk(new_sdk: NewSdk) -> Sdk:
    """An SDK client of the shop that has no tokens yet."""
    return new_sdk()


@pytest.fixture
def account(server: Server, unique_email: str) -> Account:
    """An address and a password that nobody has registered yet."""
    return Account(unique_email, server.secret(f"Right-{uuid.uuid4().hex[:PASSWORD_BYTES]}-9!"))


@pytest.fixture(scope="session")
def somebody_else(server: Server, shop_client: str, node_processes: None) -> Iterator[Sdk]:
    """An SDK client that prepares things; no test looks at it."""
    sdk = Sdk(server, shop_client)
    yield sdk
    sdk.close()


@pytest.fixture
def member(somebody_else: Sdk, account: Account) -> Account:
    """The account of a member who signed up before."""
    answer = somebody_else("auth.register", {"email": account.email, "password": account.password})
    assert answer["loginState"] == "SUCCESS", answer
    return account


def web_message(server: Server, auth_url: str) -> dict[str, str]:
    """What a `web_message` page posts, read as official clients without a browser read it: quoted pairs in the page's source."""
    frame = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe", "Referer": f"{SHOP}/"}
    page = httpx.get(auth_url, headers=frame)
    found = {name: hit[1] for name in ("code", "state", "error") if (hit := re.search(rf"'{name}':\s*'([^']*)'", page.text))}
    assert found, f"{page.status_code} {page.text}"
    if "code" in found:
        server.secret(found["code"])
    return found


def sign_in(sdk: Sdk, session_token: str) -> Mapping[str, Any]:
    """Member tokens for a session token without a browser; the SDK goes on with them."""
    made = sdk("auth.generateOAuthData", "unused")
    oauth = {key: made[key] for key in ("state", "codeVerifier", "codeChallenge")}
    url = sdk("auth.getAuthUrl", oauth, {"responseMode": "web_message", "prompt": "none", "sessionToken": session_token})["authUrl"]
    message = web_message(sdk.server, url)
    tokens: Mapping[str, Any] = sdk("auth.getMemberTokens", message["code"], message["state"], oauth)
    sdk("auth.setTokens", tokens)
    return tokens


@pytest.fixture
def member_sdk(new_sdk: NewSdk, member: Account) -> Sdk:
    """An SDK client that holds the tokens of a logged-in member."""
    sdk = new_sdk()
    sign_in(sdk, sdk("auth.login", {"email": member.email, "password": member.password})["data"]["sessionToken"])
    return sdk


@pytest.fixture(scope="session")
def site_client(server: Server, site_for_all_tests: Site) -> str:
    """A client of the running site (`tests/site_fixture.py`)."""
    site = site_for_all_tests
    return server.client("Site", redirect_uris=[f"{site.origin}/callback"], redirect_domains=[site.origin])


def log_in_on_page(page: Page, url: str, account: Account, site: Site) -> None:
    """Open an address, fill in the hosted login page, and wait until the browser is back on the site."""
    page.goto(url)
    form = page.locator("form", has=page.locator("input[type=password]"))
    form.locator("input[type=email], input[autocomplete*=username], input[autocomplete*=email]").first.fill(account.email)
    form.locator("input[type=password]").first.fill(account.password)
    form.locator("button[type=submit], button:not([type])").first.click()
    page.wait_for_url(lambda url: url.startswith(site.origin))


def become_member(sdk: Sdk, page: Page, account: Account, site: Site) -> Mapping[str, Any]:
    """Log in on the hosted page and come back; the SDK then holds the member's tokens, which are the answer."""
    oauth = sdk("auth.generateOAuthData", f"{site.origin}/callback")
    log_in_on_page(page, sdk("auth.getAuthUrl", oauth, {"responseMode": "query"})["authUrl"], account, site)
    back = sdk("auth.parseFromUrl", page.url, "query")
    tokens: Mapping[str, Any] = sdk("auth.getMemberTokens", back["code"], back["state"], oauth)
    sdk("auth.setTokens", tokens)
    return tokens


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address; none may come twice."""
    found = parse_qs(urlsplit(url).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values()), url
    return {name: values[0] for name, values in found.items()}


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The SDK as a site would ship it to browsers (`in-browser.mjs`, made by esbuild)."""
    node = shutil.which("node")
    assert node, "No Node: run scripts/setup-tests"
    target = tmp_path_factory.mktemp("bundle") / "site.js"
    esbuild = FOLDER / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [
        node,
        str(esbuild),
        "in-browser.mjs",
        "--bundle",
        "--format=iife",
        "--platform=browser",
        "--log-level=warning",
        f"--outfile={target}",
    ]
    subprocess.run(command, cwd=FOLDER, check=True, timeout=60)
    return Path(target).read_bytes()
