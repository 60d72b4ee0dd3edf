"""What depends on the mode of the site: http, loopback, preview patterns, origins of scripts (RED-06, RED-14, RED-17, RED-18)."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import DAY
from roundtrip.sites.allow_list import Reason, Rule, allows_origin, judge
from roundtrip.sites.model import ApplicationType, Mode
from tests.sites.clients import make_client

URI, DOMAIN = Rule.REDIRECT_URI, Rule.REDIRECT_DOMAIN
TEST, LIVE = Mode.TEST, Mode.LIVE
NATIVE = ApplicationType.MOBILE


def by_uri(
    entry: str, received: str, mode: Mode = LIVE, kind: ApplicationType = ApplicationType.WEB_APP, now: int | None = None
) -> Reason | str:
    return judge(make_client(uris=(entry,), kind=kind), mode, URI, received, now=now).reason


def by_domain(entry: str, received: str, mode: Mode = LIVE) -> Reason | str:
    return judge(make_client(domains=(entry,)), mode, DOMAIN, received).reason


# Modes, http and loopback


def test_http_is_for_test_sites_only() -> None:
    """RED-06, OPS-12"""
    assert by_domain("http://shop.example", "http://shop.example/x", TEST) is Reason.LISTED
    assert by_domain("http://shop.example", "http://shop.example/x", LIVE) is Reason.HTTP_NEEDS_TEST_MODE
    assert by_uri("http://shop.example/cb", "http://shop.example/cb", TEST) is Reason.LISTED
    assert by_uri("http://shop.example/cb", "http://shop.example/cb", LIVE) is Reason.HTTP_NEEDS_TEST_MODE


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_bare_loopback_entry_means_any_port_and_http_on_that_host_only(host: str) -> None:
    """RED-02, RED-18"""
    for received in (f"http://{host}/", f"http://{host}:3000/cb", f"https://{host}:8443/", f"https://{host}/"):
        verdict = judge(make_client(domains=(host,)), TEST, DOMAIN, received)
        assert verdict.reason is Reason.LISTED_BY_LOOPBACK
        assert verdict.by_pattern
        assert by_domain(host, received, LIVE) is Reason.LOOPBACK_NEEDS_TEST_MODE
    for other in {"localhost", "127.0.0.1", "[::1]", "a.localhost", "localhost.evil.tld", "127.0.0.2"} - {host}:
        assert by_domain(host, f"http://{other}:3000/", TEST) is Reason.HOST_DIFFERS


def test_a_loopback_entry_with_a_port_means_that_port() -> None:
    """RED-02"""
    assert by_domain("localhost:3000", "http://localhost:3000/", TEST) is Reason.LISTED
    assert by_domain("localhost:3000", "http://localhost:3001/", TEST) is Reason.PORT_DIFFERS
    assert by_domain("localhost:443", "http://localhost:3001/", TEST) is Reason.PORT_DIFFERS
    assert by_domain("http://localhost:3000", "http://localhost:3000/", TEST) is Reason.LISTED
    assert by_domain("http://localhost:3000", "https://localhost:3000/", TEST) is Reason.SCHEME_DIFFERS
    assert by_domain("http://localhost", "http://localhost:3000/", TEST) is Reason.PORT_DIFFERS


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_app_on_the_visitors_device_may_come_back_on_any_port(host: str, mode: Mode) -> None:
    """RED-14, RED-18, RFC 8252 7.3"""
    client = make_client(uris=(f"http://{host}/cb",), kind=NATIVE)
    verdict = judge(client, mode, URI, f"http://{host}:51004/cb")
    assert verdict.reason is Reason.LISTED_BY_LOOPBACK
    assert verdict.by_pattern
    assert verdict.href == f"http://{host}:51004/cb"
    assert judge(client, mode, URI, f"http://{host}/cb").reason is Reason.LISTED
    for received in (
        f"http://{host}:51004/other",
        f"http://{host}:51004/cb?x",
        f"https://{host}:51004/cb",
        f"http://{host}:51004/cb#f",
        f"http://{host}@evil.tld/cb",
        "http://localhost.evil.tld/cb",
        "http://127.0.0.2:51004/cb",
    ):
        assert not judge(client, mode, URI, received).allowed


def test_other_clients_need_the_exact_loopback_port_and_a_test_site() -> None:
    """RED-14"""
    for kind in (ApplicationType.WEB_APP, ApplicationType.OTHER):
        assert by_uri("http://localhost:3000/cb", "http://localhost:3001/cb", TEST, kind) is Reason.PORT_DIFFERS
        assert by_uri("http://localhost:3000/cb", "http://localhost:3000/cb", TEST, kind) is Reason.LISTED
        assert by_uri("http://localhost:3000/cb", "http://localhost:3000/cb", LIVE, kind) is Reason.LOOPBACK_NEEDS_TEST_MODE
    assert by_domain("localhost", "http://localhost:3000/", LIVE) is Reason.LOOPBACK_NEEDS_TEST_MODE
    client = make_client(domains=("localhost",), kind=NATIVE)
    assert judge(client, LIVE, DOMAIN, "http://localhost:3000/").reason is Reason.LOOPBACK_NEEDS_TEST_MODE


@pytest.mark.parametrize("host", ["127.0.0.2", "a.localhost", "0.0.0.0", "[::ffff:7f00:1]", "[::]"])
def test_live_sites_know_every_name_of_the_own_machine(host: str) -> None:
    """OPS-12"""
    assert by_domain(f"https://{host}", f"https://{host}/", LIVE) is Reason.LOOPBACK_NEEDS_TEST_MODE


def test_the_default_development_origin_is_no_way_back() -> None:
    """RED-06"""
    for rule in (URI, DOMAIN):
        assert not judge(make_client(), TEST, rule, "http://localhost:4321/").allowed


# Preview patterns


def test_a_pattern_matches_inside_the_left_most_label_only() -> None:
    """RED-17, RED-18"""
    entry = "https://*-shop.previews.example/cb"
    verdict = judge(make_client(uris=(entry,)), TEST, URI, "https://pr-12-shop.previews.example/cb")
    assert verdict.reason is Reason.LISTED_BY_PATTERN
    assert verdict.by_pattern
    assert verdict.closest == entry
    for received, reason in (
        ("https://-shop.previews.example/cb", Reason.HOST_DIFFERS),
        ("https://a.b-shop.previews.example/cb", Reason.HOST_DIFFERS),
        ("https://a_b-shop.previews.example/cb", Reason.HOST_DIFFERS),
        ("https://a-shop.evil.tld/cb", Reason.HOST_DIFFERS),
        ("https://evil.tld/-shop.previews.example/cb", Reason.HOST_DIFFERS),
        ("http://a-shop.previews.example/cb", Reason.SCHEME_DIFFERS),
        ("https://a-shop.previews.example:444/cb", Reason.PORT_DIFFERS),
        ("https://a-shop.previews.example/cb/", Reason.SLASH_DIFFERS),
        ("https://a-shop.previews.example/cb?x", Reason.QUERY_DIFFERS),
        (entry, Reason.HOST_DIFFERS),
    ):
        assert by_uri(entry, received, TEST) is reason


def test_patterns_are_off_on_a_live_site() -> None:
    """RED-17"""
    entry = "https://*-shop.previews.example/cb"
    assert by_uri(entry, "https://a-shop.previews.example/cb", LIVE) is Reason.PATTERN_NEEDS_TEST_MODE


def test_a_pattern_ends_with_its_day() -> None:
    """RED-17: own expiry; without a time it does not count."""
    entry, received, midnight = "https://*.previews.example/cb until 1970-01-31", "https://a.previews.example/cb", 31 * DAY
    assert by_uri(entry, received, TEST, now=midnight - 1) is Reason.LISTED_BY_PATTERN
    assert by_uri(entry, received, TEST, now=midnight) is Reason.PATTERN_ENDED
    assert by_uri(entry, received, TEST) is Reason.PATTERN_ENDED
    client = make_client(uris=(entry, "https://*.previews.example/cb"))
    assert judge(client, TEST, URI, received, now=midnight).allowed


@pytest.mark.parametrize(
    "entry",
    [
        "https://*.vercel.app/cb",
        "https://*-shop.vercel.app/cb",
        "https://*.co.uk/cb",
        "https://*/cb",
        "http://*.previews.example/cb",
        "https://a.*.previews.example/cb",
        "https://*-*.previews.example/cb",
        "https://*.previews.example/*",
        "https://shop.example:*/cb",
        "myapp://*.previews.example/cb",
    ],
)
def test_a_pattern_that_could_reach_strangers_matches_nothing(entry: str) -> None:
    """RED-17"""
    for received in (
        "https://a-shop.vercel.app/cb",
        "https://a.co.uk/cb",
        "https://b.a.previews.example/cb",
        "http://a.previews.example/cb",
    ):
        assert not judge(make_client(uris=(entry,)), TEST, URI, received, now=0).allowed


# Origins of scripts


def test_scripts_of_listed_domains_and_of_redirect_uris_may_call() -> None:
    """OPS-06, decision record 0004"""
    client = make_client(uris=("https://app.example:8443/cb", "myapp://cb"), domains=("shop.example", "*.shop.example"))
    for origin in ("https://shop.example", "https://a.shop.example", "https://app.example:8443"):
        assert allows_origin(client, LIVE, origin)
    for origin in (
        "http://shop.example",
        "https://app.example",
        "https://a.b.shop.example",
        "null",
        "",
        "myapp://cb",
        "*",
        "https://evil.tld",
    ):
        assert not allows_origin(client, TEST, origin)


def test_an_origin_header_is_a_bare_origin() -> None:
    """OPS-06"""
    for origin in (
        "https://shop.example/",
        "https://SHOP.example",
        "https://shop.example:443",
        "https://shop.example/x",
        "https://shop.example?x",
    ):
        assert not allows_origin(make_client(), LIVE, origin)


def test_development_origins_work_on_test_sites_only() -> None:
    """OPS-12"""
    client = make_client(uris=("http://localhost:3000/cb", "https://*.previews.example/cb until 1970-01-31"), domains=("127.0.0.1",))
    for origin in ("http://localhost:4321", "http://localhost:3000", "http://127.0.0.1:5173", "https://pr1.previews.example"):
        assert allows_origin(client, TEST, origin, now=0)
        assert not allows_origin(client, LIVE, origin, now=0)
    assert not allows_origin(client, TEST, "http://localhost:5173", now=0)
    assert not allows_origin(client, TEST, "https://pr1.previews.example", now=31 * DAY)
