"""The demo site's own care: what it refuses, and what it says when the server is away. Over HTTP, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from examples.demo_site.settings import read_settings
from examples.demo_site.trace import pretty, shorten_url
from tests.examples.conftest import DemoSite, StartDemoSite
from tests.server_fixtures import free_port

NO_CLIENT = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def site(demo_site: DemoSite) -> Iterator[httpx.Client]:
    """One browser on the demo site, as far as cookies go. It does not follow redirects."""
    with httpx.Client(base_url=demo_site.url) as browser:
        yield browser


def started_state(site: httpx.Client) -> str:
    """Start a login and answer the state that went out with it."""
    answer = site.post("/login")
    assert answer.status_code == 303
    location: str = answer.headers["location"]
    return parse_qs(urlsplit(location).query)["state"][0]


def test_an_answer_with_a_state_of_somebody_else_is_not_used(site: httpx.Client) -> None:
    started_state(site)
    answer = site.get("/callback", params={"code": "stolen", "state": "made-up"})

    assert answer.status_code == 400
    assert "We did not ask for this" in answer.text


def test_an_answer_counts_once(site: httpx.Client, demo_site: DemoSite) -> None:
    state = started_state(site)
    first = site.get("/callback", params={"error": "access_denied", "state": state, "iss": demo_site.server_url})
    second = site.get("/callback", params={"error": "access_denied", "state": state, "iss": demo_site.server_url})

    assert first.status_code == 200
    assert second.status_code == 400


@pytest.mark.parametrize("issuer", [None, "https://evil.example"])
def test_an_answer_of_another_server_is_not_used(site: httpx.Client, issuer: str | None) -> None:
    """AUT-05: the mix-up defence is worth something only if the site looks at `iss`."""
    state = started_state(site)
    answer = site.get("/callback", params={"code": "c", "state": state, **({"iss": issuer} if issuer else {})})

    assert answer.status_code == 400
    assert "Somebody else answered" in answer.text


def test_the_errors_of_the_server_are_shown_as_they_came_and_escaped(site: httpx.Client, demo_site: DemoSite) -> None:
    state = started_state(site)
    answer = site.get(
        "/callback",
        params={"error": "server_error", "error_description": "<b>out of clay</b>", "state": state, "iss": demo_site.server_url},
    )

    assert "server_error" in answer.text
    assert "&lt;b&gt;out of clay&lt;/b&gt;" in answer.text


def test_a_code_that_is_not_one_says_start_again(site: httpx.Client, demo_site: DemoSite) -> None:
    state = started_state(site)
    answer = site.get("/callback", params={"code": "not-a-code", "state": state, "iss": demo_site.server_url})

    assert answer.status_code == 502
    assert "start again" in answer.text


def test_two_tabs_can_log_in_at_once(site: httpx.Client, demo_site: DemoSite) -> None:
    first, second = started_state(site), started_state(site)
    assert first != second
    for state in (second, first):
        assert site.get("/callback", params={"error": "access_denied", "state": state, "iss": demo_site.server_url}).status_code == 200


def test_a_link_of_a_stranger_logs_nobody_out(site: httpx.Client) -> None:
    answer = site.get("/logout", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 200
    assert "Another site sent you here" in answer.text


def test_a_made_up_return_parameter_changes_nothing(site: httpx.Client) -> None:
    answer = site.get("/?wixMemberLoggedIn=true")

    assert answer.headers["location"] == "/", "no silent login is started for a visit that did not go out"


def test_one_visit_keeps_one_cookie_and_one_visitor(site: httpx.Client) -> None:
    first = site.get("/")
    site.get("/inside")
    second = site.get("/inside")

    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "set-cookie" not in second.headers
    assert second.text.count("A token for a new visitor") == 1


def test_while_the_server_is_away_the_shop_stays_open(start_demo_site: StartDemoSite) -> None:
    lonely = start_demo_site(server_url=f"http://127.0.0.1:{free_port()}", client_id=NO_CLIENT)
    with httpx.Client(base_url=lonely.url) as site:
        home, login = site.get("/"), site.post("/login")

    assert home.status_code == 200
    assert "does not answer" in home.text
    assert login.status_code == 502
    assert "Is it running?" in login.text


def test_a_wrong_client_id_is_told_in_the_words_of_the_server(start_demo_site: StartDemoSite) -> None:
    unknown = start_demo_site(client_id=NO_CLIENT)
    answer = httpx.get(unknown.url)

    assert answer.status_code == 200
    assert "The server refused" in answer.text


def test_secrets_are_cut_short_wherever_they_stand() -> None:
    token = "OauthNG.JWS." + "x" * 80
    url = f"https://pages.example/enter/1?redirectUrl=https%3A%2F%2Fa.example%2F&sessionToken={token}"

    assert token not in pretty({"a name nobody thought of": token, "list": [{"fullUrl": url, "searchParams": {"sessionToken": token}}]})
    assert shorten_url(url).startswith("https://pages.example/enter/1?redirectUrl=https://a.example/&sessionToken=OauthNG.JW…")


def test_a_missing_client_id_is_named() -> None:
    with pytest.raises(ValueError, match="DEMO_CLIENT_ID"):
        read_settings({})
