"""Which ways back are allowed: redirect URIs, redirect domains, and what a refusal says (section RED)."""

from __future__ import annotations

import json

import pytest

from roundtrip.core.errors import AppError, Kind
from roundtrip.sites.allow_list import Reason, Rule, judge, require
from roundtrip.sites.model import ApplicationType, Mode
from roundtrip.sites.verdict import Part
from tests.sites.clients import make_client

URI, DOMAIN, LOGOUT = Rule.REDIRECT_URI, Rule.REDIRECT_DOMAIN, Rule.POST_LOGOUT_URI
TEST, LIVE = Mode.TEST, Mode.LIVE


def by_uri(
    entry: str, received: str, mode: Mode = LIVE, kind: ApplicationType = ApplicationType.WEB_APP, now: int | None = None
) -> Reason | str:
    return judge(make_client(uris=(entry,), kind=kind), mode, URI, received, now=now).reason


def by_domain(entry: str, received: str, mode: Mode = LIVE) -> Reason | str:
    return judge(make_client(domains=(entry,)), mode, DOMAIN, received).reason


# Redirect URIs


@pytest.mark.parametrize(
    ("entry", "received"),
    [
        ("https://shop.example/cb", "https://shop.example/cb"),
        ("https://shop.example/cb", "HTTPS://Shop.Example:443/cb"),
        ("https://shop.example/cb?tenant=1", "https://shop.example/cb?tenant=1"),
        ("https://shop.example", "https://shop.example/"),
        ("https://bücher.example/cb", "https://xn--bcher-kva.example/cb"),
        ("https://xn--bcher-kva.example/cb", "https://bücher.example/cb"),
        ("https://shop.example/ü", "https://shop.example/%C3%BC"),
        ("unused://", "unused://"),
        ("myapp://callback", "myapp://callback"),
        ("com.example.app:/cb", "com.example.app:/cb"),
        ("exp://192.168.1.5:8081/--/cb", "exp://192.168.1.5:8081/--/cb"),
    ],
)
def test_a_redirect_uri_is_allowed_when_it_is_listed_in_full(entry: str, received: str) -> None:
    """RED-01, RED-05, RED-15"""
    assert by_uri(entry, received) is Reason.LISTED


@pytest.mark.parametrize(
    ("received", "reason", "part"),
    [
        ("http://shop.example/cb", Reason.SCHEME_DIFFERS, Part.SCHEME),
        ("https://www.shop.example/cb", Reason.HOST_DIFFERS, Part.HOST),
        ("https://shop.example:8443/cb", Reason.PORT_DIFFERS, Part.PORT),
        ("https://shop.example/other", Reason.PATH_DIFFERS, Part.PATH),
        ("https://shop.example/cb/deeper", Reason.PATH_DIFFERS, Part.PATH),
        ("https://shop.example/cb/", Reason.SLASH_DIFFERS, Part.SLASH),
        ("https://shop.example/CB", Reason.CASE_DIFFERS, Part.CASE),
        ("https://shop.example/cb?x=1", Reason.QUERY_DIFFERS, Part.QUERY),
        ("https://shop.example/cb?", Reason.QUERY_DIFFERS, Part.QUERY),
        ("https://shop.example/cb#x", Reason.FRAGMENT_NOT_ALLOWED, Part.FRAGMENT),
        ("https://shop.example/cb#", Reason.FRAGMENT_NOT_ALLOWED, Part.FRAGMENT),
        ("https://shop.example/x/../cb", Reason.DOT_SEGMENTS, Part.PATH),
        ("https://shop.example/%2e/cb", Reason.DOT_SEGMENTS, Part.PATH),
        ("myapp://shop.example/cb", Reason.SCHEME_DIFFERS, Part.SCHEME),
    ],
)
def test_one_difference_is_enough_and_is_named(received: str, reason: Reason, part: Part) -> None:
    """RED-01, RED-07, RED-19"""
    verdict = judge(make_client(), LIVE, URI, received)
    assert not verdict.allowed
    assert (verdict.reason, verdict.part) == (reason, part)


def test_app_addresses_with_the_same_parts_are_still_told_apart() -> None:
    """RED-15"""
    assert by_uri("com.example.app:/cb", "com.example.app:///cb") is Reason.PATH_DIFFERS
    assert by_uri("myapp://Callback", "myapp://callback") is Reason.HOST_DIFFERS


def test_the_nearest_entry_is_the_one_that_is_compared() -> None:
    """RED-19"""
    client = make_client(uris=("https://other.example/cb", "https://shop.example/login", "https://shop.example/cb", "myapp://cb"))
    verdict = judge(client, LIVE, URI, "https://shop.example/cb/")
    assert (verdict.closest, verdict.received_value, verdict.expected_value) == ("https://shop.example/cb", "/cb/", "/cb")
    assert judge(client, LIVE, URI, "https://shop.example/log").closest == "https://shop.example/login"
    assert judge(client, LIVE, URI, "http://shop.example/cb").closest == "https://shop.example/cb"
    assert judge(client, LIVE, URI, "https://www.other.example/cb").closest == "https://other.example/cb"


def test_an_empty_list_says_so() -> None:
    """RED-19"""
    client = make_client(uris=(), domains=())
    assert judge(client, LIVE, URI, "https://shop.example/cb").reason is Reason.LIST_IS_EMPTY
    assert judge(client, LIVE, DOMAIN, "https://shop.example/cb").reason is Reason.LIST_IS_EMPTY


def test_an_entry_that_cannot_be_read_allows_nothing() -> None:
    """RED-06"""
    client = make_client(uris=("javascript:alert(1)", "https://*.app/cb", "https://*/cb"), domains=("*", "*.com", "https://u@shop.example"))
    assert judge(client, TEST, URI, "https://x.app/cb").reason is Reason.NOT_LISTED
    assert judge(client, TEST, DOMAIN, "https://shop.example").reason is Reason.NOT_LISTED
    assert not judge(client, TEST, URI, "javascript:alert(1)").allowed


def test_a_listed_uri_of_one_client_does_not_help_another() -> None:
    """RED-20"""
    mine, other = make_client(), make_client(uris=("https://other.example/cb",), domains=("other.example",))
    for rule in (URI, DOMAIN):
        assert judge(mine, LIVE, rule, "https://shop.example/cb").allowed
        assert not judge(other, LIVE, rule, "https://shop.example/cb").allowed
        assert not judge(mine, LIVE, rule, "https://other.example/cb").allowed


def test_each_rule_reads_its_own_list() -> None:
    """RED-20"""
    client = make_client(uris=("https://a.example/cb",), domains=("b.example",), post_logout=("https://c.example/bye",))
    assert judge(client, LIVE, URI, "https://a.example/cb").allowed
    assert judge(client, LIVE, DOMAIN, "https://b.example/cb").allowed
    assert judge(client, LIVE, LOGOUT, "https://c.example/bye").allowed
    assert not judge(client, LIVE, DOMAIN, "https://a.example/cb").allowed
    assert not judge(client, LIVE, URI, "https://c.example/bye").allowed
    assert not judge(client, LIVE, LOGOUT, "https://a.example/cb").allowed
    assert judge(client, LIVE, LOGOUT, "https://c.example/bye/").reason is Reason.SLASH_DIFFERS


# Redirect domains


@pytest.mark.parametrize(
    ("entry", "received"),
    [
        ("shop.example", "https://shop.example/any/path?x=1#top"),
        ("Shop.Example", "https://shop.example/"),
        ("https://shop.example", "https://shop.example:443/thanks"),
        ("https://shop.example/", "https://shop.example/thanks"),
        ("shop.example:8443", "https://shop.example:8443/"),
        ("bücher.example", "https://xn--bcher-kva.example/"),
        ("xn--bcher-kva.example", "https://bücher.example/"),
    ],
)
def test_a_domain_allows_every_path_on_it(entry: str, received: str) -> None:
    """RED-02"""
    assert by_domain(entry, received) is Reason.LISTED


@pytest.mark.parametrize(
    ("entry", "received", "reason"),
    [
        ("shop.example", "http://shop.example/", Reason.SCHEME_DIFFERS),
        ("https://shop.example", "http://shop.example/", Reason.SCHEME_DIFFERS),
        ("http://shop.example", "https://shop.example/", Reason.SCHEME_DIFFERS),
        ("shop.example", "https://www.shop.example/", Reason.HOST_DIFFERS),
        ("www.shop.example", "https://shop.example/", Reason.HOST_DIFFERS),
        ("shop.example", "https://shop.example.evil.tld/", Reason.HOST_DIFFERS),
        ("shop.example", "https://evil-shop.example/", Reason.HOST_DIFFERS),
        ("shop.example", "https://shop.example:8443/", Reason.PORT_DIFFERS),
        ("shop.example:8443", "https://shop.example/", Reason.PORT_DIFFERS),
        ("shop.example", "myapp://shop.example/", Reason.APP_SCHEME_NOT_ALLOWED),
        ("*.shop.example", "https://shop.example/", Reason.HOST_DIFFERS),
        ("*.shop.example", "https://a.b.shop.example/", Reason.HOST_DIFFERS),
        ("*.shop.example", "https://a_b.shop.example/", Reason.HOST_DIFFERS),
        ("*.shop.example", "https://a.shop.example:444/", Reason.PORT_DIFFERS),
        ("*.shop.example", "http://a.shop.example/", Reason.SCHEME_DIFFERS),
        ("*.shop.example", "https://a.evilshop.example/", Reason.HOST_DIFFERS),
        ("*.shop.example", "https://*.shop.example/", Reason.HOST_DIFFERS),
    ],
)
def test_scheme_host_and_port_of_a_domain_are_exact(entry: str, received: str, reason: Reason) -> None:
    """RED-02, RED-03, RED-15"""
    assert by_domain(entry, received, TEST) is reason


def test_a_star_opts_in_to_one_level_of_sub_domains() -> None:
    """RED-03, RED-18, RED-02"""
    for mode in Mode:
        verdict = judge(make_client(domains=("*.shop.example",)), mode, DOMAIN, "https://preview-1.shop.example/x")
        assert verdict.reason is Reason.LISTED_BY_PATTERN
        assert verdict.by_pattern
    assert by_domain("*.shop.example:8443", "https://a.shop.example:8443/") is Reason.LISTED_BY_PATTERN
    assert by_domain("https://*.shop.example", "https://a.shop.example/") is Reason.LISTED_BY_PATTERN


@pytest.mark.parametrize(
    "entry", ["*.com", "*.co.uk", "*.vercel.app", "*.github.io", "*.localhost", "*.*.shop.example", "a.*.shop.example"]
)
def test_a_star_above_a_public_suffix_lets_nobody_in(entry: str) -> None:
    """RED-17"""
    for received in ("https://evil.com/", "https://evil.co.uk/", "https://evil.vercel.app/", "https://a.b.shop.example/"):
        assert by_domain(entry, received, TEST) is Reason.NOT_LISTED


def test_own_fragment_and_query_of_a_callback_are_kept() -> None:
    """RED-04, RED-07"""
    verdict = judge(make_client(), LIVE, DOMAIN, "HTTPS://SHOP.example/a/../Thanks?b=%7e#top")
    assert verdict.href == "https://shop.example/Thanks?b=%7e#top"


# Refusing


def test_an_allowed_address_comes_back_in_the_form_that_is_sent() -> None:
    """RED-04"""
    assert require(make_client(), LIVE, DOMAIN, "HTTPS://SHOP.EXAMPLE/ü", "callbacks.postFlowUrl") == "https://shop.example/%C3%BC"


def test_a_refusal_says_everything_its_author_needs() -> None:
    """RED-08, RED-19"""
    with pytest.raises(AppError) as refused:
        require(make_client(), LIVE, DOMAIN, "https://www.shop.example/thanks", "callbacks.thankYouPageUrl")
    error = refused.value
    assert (error.kind, error.code) == (Kind.INVALID, "INVALID_REDIRECT_DOMAIN")
    assert error.description == (
        "https://www.shop.example/thanks isn't listed as an allowed redirect domain: the host is www.shop.example, the closest entry "
        "shop.example has shop.example; add www.shop.example to the allowed redirect domains in Headless Settings"
    )
    assert json.loads(json.dumps(dict(error.data))) == {
        "field": "callbacks.thankYouPageUrl",
        "url": "https://www.shop.example/thanks",
        "rule": "REDIRECT_DOMAIN",
        "reason": "HOST_DIFFERS",
        "part": "host",
        "received": "www.shop.example",
        "expected": "shop.example",
        "closest": "shop.example",
    }


def test_each_rule_has_its_error_code() -> None:
    for rule, code in ((URI, "INVALID_REDIRECT_URI"), (LOGOUT, "INVALID_REDIRECT_URI"), (DOMAIN, "INVALID_REDIRECT_DOMAIN")):
        with pytest.raises(AppError) as refused:
            require(make_client(), LIVE, rule, "https://evil.tld/", "field")
        assert refused.value.code == code
        assert refused.value.data["rule"] == rule.value
