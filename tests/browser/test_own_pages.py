"""In a real browser: a site with login and logout pages of its own, and pages under the site's own address."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import back_at_site, become_logged_in, log_in
from tests.browser.shop import AUTHORIZE, Account, Shop, query_of
from tests.browser_fixtures import NewContext
from tests.server_fixtures import Server, StartServer
from tests.site_fixture import Site

LOGIN_PAGE = """<!doctype html><html lang=en><title>The shop</title><link rel=icon href='data:,'><h1>The shop's own page</h1>
<form><label>Email <input id=email></label> <label>Password <input id=password type=password></label>
<button type=submit>Log in</button></form>
<p><a id=back>Not now</a></p>
<script>
const asked = new URLSearchParams(location.search), back = new URL(asked.get("redirectUrl"));
document.querySelector("#back").href = back.href;
async function call(path, body, token) {
  const headers = { "content-type": "application/json", ...(token ? { authorization: token } : {}) };
  return (await fetch(back.origin + path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { access_token } = await call("/oauth2/token", { clientId: asked.get("clientId"), grantType: "anonymous" });
  const loginId = { email: document.querySelector("#email").value };
  const password = document.querySelector("#password").value;
  const answer = await call("/_api/iam/authentication/v2/login", { loginId, password }, access_token);
  back.searchParams.set("sessionToken", answer.sessionToken ?? "");
  location.href = back.href;
});
</script>"""


def set_pages(server: Server, client_id: str, *, login_url: str | None = None, logout_url: str | None = None) -> None:
    """The owner names pages of the client's own."""
    with closing(sqlite3.connect(server.database_url.removeprefix("sqlite:///"), timeout=20)) as db, db:
        db.execute("UPDATE client SET login_url = ?, logout_url = ? WHERE id = ?", (login_url, logout_url, client_id))


@pytest.fixture
def own_client(server: Server, shop: Shop) -> Shop:
    """The shop with a client that no other test uses."""
    origin = shop.site_origin
    client_id = server.client("Own pages", redirect_uris=[f"{origin}/callback"], redirect_domains=[origin])
    return Shop(server, origin, client_id, shop.preview, shop.bare, shop.key)


def with_login_page(shop: Shop, site: Site) -> str:
    """The site has a login page, and its client names it."""
    url = site.page("/log-in", LOGIN_PAGE)
    set_pages(shop.server, shop.client_id, login_url=url)
    return url


def at_own_page(page: Page) -> dict[str, str]:
    """Wait for the site's own login page; answers what it was told."""
    expect(page.locator("h1")).to_have_text("The shop's own page")
    return query_of(page.url)


@pytest.mark.parametrize("kind", ["login", "auth"])
def test_a_member_logs_in_at_the_shop_and_the_visit_goes_on(own_client: Shop, site: Site, page: Page, kind: str) -> None:
    """SES-09: and the token is in no address that the shop gets to see afterwards."""
    with_login_page(own_client, site)
    account = own_client.member()
    page.goto((own_client.login() if kind == "login" else own_client.auth())["fullUrl"])
    assert at_own_page(page)["clientId"] == own_client.client_id
    log_in(page, account)
    url = page.url if back_at_site(own_client, page) else ""
    page.wait_for_url(lambda url: urlsplit(url).path in ("/after", "/callback"))
    url = page.url
    assert "sessionToken" not in url
    if kind == "auth":
        assert own_client.redeem(url)["access_token"]
    else:
        assert query_of(url) == {"wixMemberLoggedIn": "true"}
    names = [cookie["name"] for cookie in page.context.cookies()]
    assert any(name.startswith("login-") for name in names)
    assert not any(name.startswith("away-") for name in names)


def test_who_comes_back_without_a_login_logs_in_here(own_client: Shop, site: Site, page: Page) -> None:
    with_login_page(own_client, site)
    account = own_client.member()
    page.goto(own_client.login()["fullUrl"])
    at_own_page(page)
    page.locator("#back").click()
    expect(page.get_by_role("status")).to_contain_text("You came back without being logged in.")
    page.reload()
    expect(page.locator("h1")).to_have_text("Log in")
    page.get_by_role("link", name="instead").click()
    at_own_page(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Log in")
    log_in(page, account)
    page.wait_for_url("**/after?*")
    assert query_of(page.url) == {"wixMemberLoggedIn": "true"}


def test_a_wrong_password_there_is_no_way_in(own_client: Shop, site: Site, page: Page) -> None:
    with_login_page(own_client, site)
    page.goto(own_client.login()["fullUrl"])
    at_own_page(page)
    log_in(page, Account("nobody@example.com", "not the password"))
    expect(page.get_by_role("status")).to_contain_text("You came back without being logged in.")


def test_the_back_button_from_the_shops_page_and_the_link_again(own_client: Shop, site: Site, page: Page) -> None:
    """SES-04: reload, Back and opening the link again all lead to where one can log in."""
    with_login_page(own_client, site)
    full_url = own_client.login()["fullUrl"]
    page.goto(site.page("/shop", "<!doctype html><title>Shop</title><link rel=icon href='data:,'><h1>Shelves</h1>"))
    page.goto(full_url)
    first = at_own_page(page)["redirectUrl"]
    page.reload()
    at_own_page(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Shelves")
    page.goto(full_url)
    assert at_own_page(page)["redirectUrl"] == first


@pytest.mark.parametrize("policy", ["", "no-referrer", "unsafe-url"])
def test_a_login_page_that_begins_a_visit_itself_does_not_turn_in_circles(own_client: Shop, site: Site, page: Page, policy: str) -> None:
    """Whatever the browser says of where it comes from."""
    query = urlencode({**own_client.authorization(), "prompt": "login"})
    begins = f"{own_client.server.origin}{AUTHORIZE}?{query}"
    html = f"<!doctype html><title>Log in</title><link rel=icon href='data:,'><script>location.href = {json.dumps(begins)}</script>"
    url = site.page("/log-in-hosted", html)
    site.headers["/log-in-hosted"] = {"Referrer-Policy": policy} if policy else {}
    set_pages(own_client.server, own_client.client_id, login_url=url)
    page.goto(url)
    expect(page.locator("h1")).to_have_text("Log in")
    assert urlsplit(page.url).path.startswith("/session/")
    log_in(page, own_client.member())
    page.wait_for_url("**/callback?*")
    assert own_client.redeem(page.url)["access_token"]


def test_another_browser_with_the_address_sees_a_safe_page(own_client: Shop, site: Site, page: Page, new_context: NewContext) -> None:
    """SES-03"""
    with_login_page(own_client, site)
    page.goto(own_client.login()["fullUrl"])
    back = at_own_page(page)["redirectUrl"]
    other = new_context().new_page()
    answer = other.goto(f"{back}?sessionToken=JWS.made-up")
    assert answer is not None
    assert answer.status == 404
    assert "sessionToken" not in other.url


def test_logging_out_tells_the_shop_and_goes_back_by_itself(own_client: Shop, site: Site, page: Page) -> None:
    """IDN-08, PAG-01"""
    logged_out = site.page("/log-out", "<!doctype html><title>Bye</title><script>document.cookie = 'shop=; Max-Age=0'</script>")
    set_pages(own_client.server, own_client.client_id, logout_url=logged_out)
    become_logged_in(own_client, page)
    tokens = own_client.redeem(page.url)
    page.goto(own_client.logout(tokens["access_token"])["fullUrl"])
    expect(page.locator("h1")).to_have_text("You are logged out")
    page.wait_for_url("**/bye?*")
    assert query_of(page.url) == {"wixMemberLoggedIn": "false"}
    told = [one for one in site.seen if one.path.startswith("/log-out")]
    assert len(told) == 1
    assert query_of(told[0].path)["iss"] == own_client.server.origin
    assert "referer" not in told[0].headers


@pytest.fixture
def hanging() -> Iterator[str]:
    """A page that never answers."""
    let_go = threading.Event()

    class Never(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            let_go.wait(60)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Never)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://localhost:{http.server_address[1]}/log-out"
    let_go.set()
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_logout_page_that_hangs_keeps_nobody(own_client: Shop, hanging: str, page: Page) -> None:
    """Browsers begin to count the second when the page is loaded; the frame must not delay that."""
    origin = hanging.removesuffix("/log-out")
    own_client.server.command("client", "allow", own_client.client_id, "--redirect-domain", origin)
    set_pages(own_client.server, own_client.client_id, logout_url=hanging)
    become_logged_in(own_client, page)
    tokens = own_client.redeem(page.url)
    page.goto(own_client.logout(tokens["access_token"])["fullUrl"], wait_until="commit")
    page.wait_for_url("**/bye?*", timeout=10_000)


def test_the_way_back_is_there_without_waiting(own_client: Shop, hanging: str, new_context: NewContext) -> None:
    """Without scripts too."""
    origin = hanging.removesuffix("/log-out")
    own_client.server.command("client", "allow", own_client.client_id, "--redirect-domain", origin)
    set_pages(own_client.server, own_client.client_id, logout_url=hanging)
    page = new_context(scripts=False).new_page()
    become_logged_in(own_client, page)
    tokens = own_client.redeem(page.url)
    page.goto(own_client.logout(tokens["access_token"])["fullUrl"], wait_until="commit")
    page.get_by_role("link", name="Back to").last.click(no_wait_after=True)
    page.wait_for_url("**/bye?*")


def test_a_site_has_its_pages_under_its_own_address(start_server: StartServer, site: Site, page: Page) -> None:
    """Two host names, one server: `127.0.0.1` is the server's, `localhost` the site's."""
    server = start_server()
    pages = server.origin.replace("127.0.0.1", "localhost")
    said = json.loads(server.command("site", "update", "--site", "demo", "--set", f"pagesUrl={pages}/", "--json"))
    assert said["pagesUrl"] == pages
    client_id = server.client("Shop", redirect_uris=[f"{site.origin}/callback"], redirect_domains=[site.origin])
    shop = Shop(server, site.origin, client_id, "", "", "")
    full_url = shop.auth()["fullUrl"]
    assert full_url.startswith(pages + "/")
    account = shop.member()
    page.goto(full_url)
    assert page.url.startswith(pages + "/session/")
    log_in(page, account)
    page.wait_for_url("**/callback?*")
    assert query_of(page.url)["iss"] == server.origin
    assert shop.redeem(page.url)["access_token"]
    silent = shop.auth(prompt="none")["fullUrl"]
    page.goto(silent)
    assert "code" in query_of(page.url), "the login of the site's address"
    page.goto(shop.auth(prompt="none")["fullUrl"].replace(pages, server.origin))
    assert query_of(page.url)["error"] == "login_required", "cookies belong to a host"
    server.command("site", "update", "--site", "demo", "--set", "pagesUrl=")
    assert shop.auth()["fullUrl"].startswith(server.origin + "/")
    shop.http.close()
