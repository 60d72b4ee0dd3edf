"""What an owner may list (RED-15, RED-16, RED-17)."""

from __future__ import annotations

import pytest

from roundtrip.core.errors import AppError, Violation
from roundtrip.sites.allow_list import judge
from roundtrip.sites.entries import EntryKind, check_entries, check_entry
from roundtrip.sites.model import Mode
from tests.sites.clients import make_client

URI, DOMAIN, LOGOUT = EntryKind.REDIRECT_URI, EntryKind.REDIRECT_DOMAIN, EntryKind.POST_LOGOUT_URI


def violation(kind: EntryKind, *texts: str) -> Violation:
    with pytest.raises(AppError) as refused:
        check_entries(kind, texts, Mode.TEST)
    (found,) = refused.value.violations
    return found


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        (URI, " https://Shop.Example:443/cb ", "https://shop.example/cb"),
        (URI, "https://shop.example", "https://shop.example/"),
        (URI, "https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        (URI, "com.example.app:/cb", "com.example.app:/cb"),
        (URI, "https://*-shop.previews.example/cb", "https://*-shop.previews.example/cb"),
        (URI, "https://*.previews.example/cb until 2027-01-31", "https://*.previews.example/cb until 2027-01-31"),
        (LOGOUT, "https://shop.example/bye", "https://shop.example/bye"),
        (DOMAIN, "Shop.Example", "shop.example"),
        (DOMAIN, "shop.example:443", "shop.example"),
        (DOMAIN, "shop.example:8443", "shop.example:8443"),
        (DOMAIN, "https://shop.example/", "https://shop.example"),
        (DOMAIN, "http://localhost:3000", "http://localhost:3000"),
        (DOMAIN, "localhost", "localhost"),
        (DOMAIN, "localhost:443", "localhost:443"),
        (DOMAIN, "[::1]:3000", "[::1]:3000"),
        (DOMAIN, "*.Shop.example", "*.shop.example"),
        (DOMAIN, "bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_an_entry_is_stored_in_one_form_that_stays(kind: EntryKind, given: str, stored: str) -> None:
    """RED-04, RED-16"""
    assert check_entry(kind, given, Mode.TEST).text == stored
    assert check_entry(kind, stored, Mode.TEST).text == stored


@pytest.mark.parametrize("kind", list(EntryKind))
def test_a_list_holds_twenty_entries(kind: EntryKind) -> None:
    """RED-16"""
    texts = tuple(f"https://shop{number}.example" for number in range(20))
    assert len(check_entries(kind, texts, Mode.LIVE)) == 20
    found = violation(kind, *texts, "https://one-more.example")
    assert (found.rule, found.data["threshold"]) == ("MAX_LENGTH", 20)


@pytest.mark.parametrize("kind", list(EntryKind))
def test_an_entry_has_at_most_2048_characters(kind: EntryKind) -> None:
    """RED-16"""
    found = violation(kind, "https://shop.example/" + "a" * 2048)
    assert (found.rule, found.data["threshold"]) == ("MAX_LENGTH", 2048)
    longest = "https://shop.example/" + "a" * 2027
    assert check_entry(URI, longest, Mode.LIVE).text == longest


def test_the_same_entry_twice_is_kept_once() -> None:
    assert check_entries(DOMAIN, ("b.example", "a.example", "B.example"), Mode.LIVE) == ("b.example", "a.example")


def test_a_violation_names_the_place_in_the_list() -> None:
    """RED-19"""
    assert violation(URI, "https://shop.example/cb", "https://shop.example/cb#x").field == "allowedRedirectUris[1]"
    assert violation(DOMAIN, "shop.example/path").field == "allowedRedirectDomains[0]"
    with pytest.raises(AppError) as refused:
        check_entry(DOMAIN, "", Mode.LIVE, "oAuthApp.allowedRedirectDomains")
    assert refused.value.violations[0].field == "oAuthApp.allowedRedirectDomains"


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (URI, "", "must not be empty"),
        (URI, "shop.example/cb", "isn't absolute"),
        (URI, "https://shop.example/cb#x", "fragment"),
        (URI, "https://u:p@shop.example/cb", "user name"),
        (URI, "javascript:alert(1)", "never allowed"),
        (URI, "https://shop.example/*", "left-most"),
        (URI, "https://*.*.shop.example/cb", "left-most"),
        (URI, "http://*.shop.example/cb", "https"),
        (URI, "https://*.vercel.app/cb", "anybody can have a name"),
        (URI, "https://*-shop.vercel.app/cb", "anybody can have a name"),
        (URI, "https://*.com/cb", "anybody can have a name"),
        (URI, "https://shop.example/cb until 2027-01-31", "end date"),
        (URI, "https://*.shop.example/cb until 2027-02-31", "no day"),
        (DOMAIN, "shop.example/path", "every path is allowed"),
        (DOMAIN, "https://shop.example?x", "every path is allowed"),
        (DOMAIN, "myapp://shop", "redirect URIs"),
        (DOMAIN, "*", "* in a place"),
        (DOMAIN, "a.*.example", "* in a place"),
        (DOMAIN, "*.co.uk", "anybody can have a name"),
        (DOMAIN, "u@shop.example", "user name"),
        (DOMAIN, "2130706433", "127.0.0.1"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused_in_words(kind: EntryKind, text: str, words: str) -> None:
    """RED-06, RED-16, RED-17"""
    assert words in violation(kind, text).description


def test_what_was_accepted_is_what_is_matched() -> None:
    """RED-05, RED-16"""
    for text in ("https://Bücher.example:443/cb", "exp://192.168.1.5:8081/--/cb", "unused://"):
        (stored,) = check_entries(URI, (text,), Mode.LIVE)
        assert judge(make_client(uris=(stored,)), Mode.LIVE, URI, text).allowed
    for text, received in (("BÜCHER.example", "https://bücher.example/x"), ("*.shop.example:8443", "https://a.shop.example:8443/")):
        (stored,) = check_entries(DOMAIN, (text,), Mode.LIVE)
        assert judge(make_client(domains=(stored,)), Mode.LIVE, DOMAIN, received).allowed


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (URI, "myapp://cb", "Any app can claim myapp:"),
        (URI, "http://localhost:3000/cb", "no effect while the site is live"),
        (URI, "http://shop.example/cb", "Plain http has no effect"),
        (URI, "https://*.previews.example/cb", "should end"),
        (DOMAIN, "localhost", "no effect while the site is live"),
        (DOMAIN, "http://shop.example", "Plain http has no effect"),
        (DOMAIN, "bücher.example", "is shown as bücher.example."),
        (DOMAIN, "\u0455hop.example", "mistaken for shop.example"),
        (DOMAIN, "shop-\u0431.example", "mixes alphabets"),
        (DOMAIN, "\u0430\u0440\u0440\u04cf\u0435.example", "is shown as"),
        (DOMAIN, "\u0441\u043e\u0440\u0435.example", "mistaken for cope.example"),
    ],
)
def test_an_owner_is_told_what_to_look_at(kind: EntryKind, text: str, words: str) -> None:
    """RED-15, RED-16, RED-17"""
    assert any(words in note for note in check_entry(kind, text, Mode.LIVE).notes)


def test_a_plain_entry_has_no_notes() -> None:
    assert check_entry(URI, "com.example.app:/cb", Mode.LIVE).notes == ()
    assert check_entry(DOMAIN, "localhost", Mode.TEST).notes == ()
    assert check_entry(DOMAIN, "shop.example", Mode.LIVE).notes == ()
