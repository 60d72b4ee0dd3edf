"""Browsers on other origins can call every route and read every answer, errors included (OPS-06)."""

from __future__ import annotations

import pytest

from roundtrip.api.operations import OPERATIONS
from tests.api.shape import check_headers, refused, succeeded
from tests.app_fixture import CREATE, App, login

PATHS = sorted({path.replace("{id}", "x") for operation in OPERATIONS for path in operation.paths})
UNKNOWN = ["/", "/nothing", "/ecom/v1/carts/current", "/_api/bookings/v2/services/query"]
PAGES = ["/_api/oauth2/authorize", "/session/x/login", "/static/x/y.css", "/__members/login"]
SDK_HEADERS = "authorization,content-type,x-wix-bi-gateway"
NAMED = (
    "authorization",
    "content-type",
    "x-wix-bi-gateway",
    "x-wix-linguist",
    "x-wix-consistent",
    "wix-site-id",
    "wix-account-id",
    "client-binding",
    "idempotency-key",
)


def _preflight(app: App, path: str, headers: str | None = SDK_HEADERS, method: str = "POST") -> dict[str, str]:
    asked = {"origin": "http://localhost:3000", "access-control-request-method": method}
    answer = app.request("OPTIONS", path, headers={**asked, **({"access-control-request-headers": headers} if headers else {})})
    assert 200 <= answer.status_code < 300, answer.text
    return dict(answer.headers)


@pytest.mark.parametrize("path", [*PATHS, *UNKNOWN, *PAGES])
def test_every_path_answers_a_preflight(shared_app: App, path: str) -> None:
    headers = _preflight(shared_app, path)
    assert headers["access-control-allow-origin"] == "*"
    assert {name.strip() for name in headers["access-control-allow-headers"].split(",")} >= set(SDK_HEADERS.split(","))
    assert {name.strip() for name in headers["access-control-allow-methods"].split(",")} >= {"GET", "POST", "PATCH", "PUT", "DELETE"}
    assert "access-control-allow-credentials" not in headers
    assert "x-wix-request-id" in headers
    assert "set-cookie" not in headers


def test_a_preflight_allows_what_clients_are_known_to_send(shared_app: App) -> None:
    allowed = _preflight(shared_app, CREATE, None)["access-control-allow-headers"]
    assert set(NAMED) <= {name.strip() for name in allowed.split(",")}
    asked = "authorization, x-of-a-new-sdk"
    assert _preflight(shared_app, CREATE, asked)["access-control-allow-headers"] == asked


@pytest.mark.parametrize("asked", ["a\tb", "x<script>", "a;b", "*", "\u00fc", "x" * 2000, ":", "a=b"])
def test_a_preflight_echoes_nothing_but_header_names(shared_app: App, asked: str) -> None:
    answer = shared_app.request("OPTIONS", CREATE, headers=[(b"access-control-request-headers", asked.encode("latin-1"))])
    assert answer.headers["access-control-allow-headers"] != asked
    assert "authorization" in answer.headers["access-control-allow-headers"]


def test_success_and_refusal_are_readable_from_an_allowed_origin(shared_app: App) -> None:
    token = shared_app.visitor()
    origin = "https://shop.example"
    succeeded(shared_app.create(login(), token, origin=origin))
    refused(shared_app.create({}, token, origin=origin), 400)
    refused(shared_app.create(login(), "x", origin=origin), 401)
    refused(shared_app.get("/nothing", origin=origin), 404)


@pytest.mark.parametrize(
    "origin", ["https://evil.tld", "http://shop.example", "https://shop.example.evil.tld", "https://shop.example:444", "x"]
)
def test_an_unlisted_origin_reads_why(shared_app: App, origin: str) -> None:
    """OPS-06: no reflection, but the answer can be read, so that the developer learns what to list."""
    answer = shared_app.create(login(), shared_app.visitor(), origin=origin)
    assert refused(answer, 403, "ORIGIN_NOT_ALLOWED")["data"]["origin"] == origin
    body = {"clientId": shared_app.world.shop.id, "grantType": "anonymous"}
    refused(shared_app.post("/oauth2/token", body, origin=origin), 403, "ORIGIN_NOT_ALLOWED")


def test_the_development_origin_works_on_test_sites_only(shared_app: App) -> None:
    origin = "http://localhost:4321"
    body = {"grantType": "anonymous"}
    assert shared_app.post("/oauth2/token", {**body, "clientId": shared_app.world.shop.id}, origin=origin).status_code == 200
    answer = shared_app.post("/oauth2/token", {**body, "clientId": shared_app.world.live.id}, origin=origin)
    refused(answer, 403, "ORIGIN_NOT_ALLOWED")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_readable_across_origins(shared_app: App, path: str) -> None:
    """Decision record 0004: no answer that depends on a cookie is ever readable across origins."""
    answer = shared_app.get(path, origin="https://shop.example", sec_fetch_mode="cors")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_health_and_metrics_have_the_common_headers(shared_app: App) -> None:
    for path in ("/health/live", "/health/ready", "/metrics", "/openapi.json"):
        answer = shared_app.get(path)
        assert answer.status_code == 200
        check_headers(answer)
