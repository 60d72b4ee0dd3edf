"""What a developer, and what the public, is told about a refusal (RED-19)."""

from __future__ import annotations

from pathlib import Path

import pytest

from roundtrip.core.urls import Flaw
from roundtrip.sites.allow_list import Reason, Rule, judge
from roundtrip.sites.explain import Explanation, explain, public_host, public_text
from roundtrip.sites.model import Mode
from tests.sites.clients import make_client

URI, DOMAIN = Rule.REDIRECT_URI, Rule.REDIRECT_DOMAIN


def story(received: str, rule: Rule = URI, mode: Mode = Mode.LIVE, **lists: tuple[str, ...]) -> Explanation:
    return explain(judge(make_client(**lists), mode, rule, received))  # type: ignore[arg-type]  # only lists are given


@pytest.mark.parametrize(
    ("received", "marked"),
    [
        ("http://shop.example/cb", ("", "http", "://shop.example/cb")),
        ("https://www.shop.example/cb", ("https://", "www.shop.example", "/cb")),
        ("https://shop.example:8443/cb", ("https://shop.example", ":8443", "/cb")),
        ("https://shop.example/other?x", ("https://shop.example", "/other", "?x")),
        ("https://shop.example/cb/", ("https://shop.example/cb", "/", "")),
        ("https://shop.example/CB", ("https://shop.example", "/CB", "")),
        ("https://shop.example/cb?x=1", ("https://shop.example/cb", "?x=1", "")),
        ("https://shop.example/cb#x", ("https://shop.example/cb", "#x", "")),
        ("https://shop.example@evil.tld/cb", ("https://", "shop.example@", "evil.tld/cb")),
        ("https://shop.example\\cb", ("https://shop.example", "\\", "cb")),
        ("https://shop.example/a/../cb", ("https://shop.example/a", "/..", "/cb")),
        ("https://shop.example/c\tb", ("https://shop.example/c", "%09", "b")),
    ],
)
def test_the_first_differing_part_is_marked_in_the_received_address(received: str, marked: tuple[str, str, str]) -> None:
    """RED-19"""
    assert story(received).marked == marked


@pytest.mark.parametrize(
    ("entry", "received", "before"),
    [
        ("https://shop.example/cb/", "https://shop.example/cb?x", "https://shop.example/cb"),
        ("https://shop.example/cb?t=1", "https://shop.example/cb", "https://shop.example/cb"),
        ("https://shop.example:8443/cb", "https://shop.example/cb", "https://shop.example"),
        ("https://[::1]:8443/cb", "https://[::1]/cb", "https://[::1]"),
    ],
)
def test_a_missing_part_is_marked_where_it_belongs(entry: str, received: str, before: str) -> None:
    """RED-19"""
    told = story(received, mode=Mode.TEST, uris=(entry,))
    assert told.marked == (before, "", received.removeprefix(before))


def test_what_to_add_makes_the_address_pass() -> None:
    """RED-19"""
    for received in (
        "https://www.shop.example/a?b",
        "https://shop.example:8443/",
        "http://shop.example/",
        "http://localhost:3000/x",
        "https://bücher.example",
    ):
        for rule in (URI, DOMAIN):
            add = story(received, rule, Mode.TEST).add
            assert add is not None
            assert judge(make_client(uris=(add,), domains=(add,)), Mode.TEST, rule, received).reason == "LISTED"


def test_nothing_is_recommended_that_would_not_help() -> None:
    """RED-19: a live site is told to use https, not to list http."""
    for received in ("http://shop.example/", "http://localhost:3000/", "https://shop.example\\@evil.tld", "myapp://x"):
        assert story(received, DOMAIN).add is None
    assert "use https" in story("http://shop.example/", DOMAIN).description
    assert "test mode" in story("http://localhost:3000/", DOMAIN).description
    assert "exactly as listed" in story("https://shop.example/cb/").description


def test_what_the_mode_forbids_is_marked_too() -> None:
    """RED-06, RED-19"""
    told = story("http://shop.example/x", DOMAIN, domains=("http://shop.example",))
    assert told.marked == ("", "http", "://shop.example/x")
    told = story("https://localhost:3000/x", DOMAIN, domains=("localhost",))
    assert told.marked == ("https://", "localhost", ":3000/x")
    verdict = judge(make_client(domains=("localhost",)), Mode.LIVE, DOMAIN, "http://localhost/")
    assert (verdict.part, verdict.received_value, verdict.expected_value) == ("host", "localhost", None)
    verdict = judge(make_client(), Mode.LIVE, DOMAIN, "https://shop.example@evil.tld")
    assert (verdict.part, verdict.received_value) == ("host", "shop.example@")


def test_international_names_are_shown_in_both_forms() -> None:
    """RED-16, RED-19"""
    told = story("https://\u0455hop.example/cb", DOMAIN)
    assert told.received_host == "xn--hop-ehd.example (\u0455hop.example)"
    assert told.entry_host == "shop.example"
    assert "xn--hop-ehd.example (\u0455hop.example)" in told.description


def test_an_allowed_address_is_explained_too() -> None:
    told = story("https://shop.example/cb")
    assert told.description == "https://shop.example/cb is listed as an allowed redirect URI by the entry https://shop.example/cb"
    assert (told.add, told.span, told.advice) == (None, None, "")


def test_a_very_long_address_does_not_flood_the_message() -> None:
    assert len(story("https://evil.tld/" + "a" * 2000).description) < 1500


def test_the_public_sees_only_the_received_host() -> None:
    """RED-19"""
    verdict = judge(make_client(), Mode.LIVE, DOMAIN, "https://www.shop.example/secret?token=1")
    assert public_text(verdict) == "www.shop.example isn't listed as an allowed redirect domain."
    verdict = judge(make_client(), Mode.LIVE, URI, "https://\u0455hop.example/cb")
    assert public_text(verdict) == "xn--hop-ehd.example isn't listed as an allowed redirect URI."


def test_the_public_sees_nothing_of_an_address_that_cannot_be_read() -> None:
    """RED-19"""
    for received in ("https://<script>@evil.tld", "javascript:alert(1)", "unused://"):
        verdict = judge(make_client(), Mode.LIVE, DOMAIN, received)
        assert public_host(verdict) is None
        assert public_text(verdict) == "This address isn't listed as an allowed redirect domain."


def test_a_host_of_an_app_scheme_cannot_carry_markup() -> None:
    """RED-19, PAG-04"""
    assert public_host(judge(make_client(), Mode.LIVE, URI, "myapp://a'b\"&c/")) == "a%27b%22%26c"


def test_every_reason_is_in_the_reference_manual() -> None:
    """RED-19: a code that a developer meets can be looked up."""
    manual = (Path(__file__).parents[2] / "docs/reference/allow-list-rules.md").read_text(encoding="utf-8")
    for code in (*Reason, *Flaw, *Rule):
        assert f"| `{code.value}` |" in manual
