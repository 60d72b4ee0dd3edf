"""Reading and extending addresses (RED-04, RED-05, RED-06, RED-11, TST-03)."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from ada_url import URL
from hypothesis import assume, example, given
from hypothesis import strategies as st

from roundtrip.core.urls import MAX_LENGTH, Flaw, Url, UrlRefused, add_params, parse, unicode_host, visible
from tests.sites.attack_corpus import ATTACKS

PIECES = st.one_of(
    st.sampled_from([":", "//", "/", "\\", "@", "?", "#", "%", "%2e", "%00", ".", "..", ";", "&", "=", "+", "*", "[", "]", "-"]),
    st.sampled_from(
        ["http", "https:", "HTTPS://", "myapp:", "javascript:", "443", ":80", ":8443", "::1", "127.0.0.1", "0x7f", "localhost"]
    ),
    st.sampled_from(["shop.example", "xn--", "xn--bcher-kva", "bücher", "ß", "İ", "。", "日本", "\t", "\n", "\u00ad", "\u200d", "a", "B"]),
)
MESSY = st.one_of(
    st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=10).map(lambda p: "https://" + "".join(p))
)
PATHS = st.text(alphabet="abcXYZ019-._~/%!$'()*+,;:@ü日{}|^`\"<>", max_size=20).map(lambda text: "/" + text)
QUERIES = st.one_of(st.none(), st.text(alphabet="abco=&+%20?/ü'\"[]~.", max_size=30))
FRAGMENTS = st.one_of(st.none(), st.text(alphabet="abc=&/?!%ü`", max_size=15))
PARAMS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=4)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    query, fragment = draw(QUERIES), draw(FRAGMENTS)
    base = draw(st.sampled_from(["https://shop.example", "http://localhost:3000", "https://bücher.example:8443", "exp://192.168.1.5:8081"]))
    return base + draw(PATHS) + ("" if query is None else f"?{query}") + ("" if fragment is None else f"#{fragment}")


def flaw_of(text: str) -> Flaw | None:
    try:
        parse(text)
    except UrlRefused as refused:
        return refused.reason_code
    return None


def test_an_address_is_taken_apart_as_a_browser_does() -> None:
    """RED-04"""
    assert parse("HTTPS://BÜCHER.example:443/a/../ü?q=ü#f") == Url(
        href="https://xn--bcher-kva.example/%C3%BC?q=%C3%BC#f",
        scheme="https",
        host="xn--bcher-kva.example",
        port=443,
        path="/%C3%BC",
        query="q=%C3%BC",
        fragment="f",
        origin="https://xn--bcher-kva.example",
        is_app_scheme=False,
    )


def test_an_empty_query_is_not_the_same_as_no_query() -> None:
    """RED-05"""
    assert parse("https://shop.example/cb").query is None
    assert parse("https://shop.example/cb?").query == ""
    assert parse("https://shop.example/cb#").fragment == ""


@pytest.mark.parametrize(
    ("text", "host", "port", "path"),
    [
        ("unused://", "", None, ""),
        ("myapp://callback", "callback", None, ""),
        ("MyApp://Callback/x", "Callback", None, "/x"),
        ("exp://192.168.1.5:8081/--/cb", "192.168.1.5", 8081, "/--/cb"),
        ("com.example.app:/cb", "", None, "/cb"),
        ("com.example.app:///cb", "", None, "/cb"),
    ],
)
def test_the_address_of_an_app_can_be_read(text: str, host: str, port: int | None, path: str) -> None:
    """RED-15"""
    url = parse(text)
    assert url.is_app_scheme
    assert (url.host, url.port, url.path, url.origin) == (host, port, path, "null")


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", Flaw.EMPTY),
        ("shop.example/cb", Flaw.RELATIVE),
        ("/cb", Flaw.RELATIVE),
        ("//evil.tld", Flaw.RELATIVE),
        ("?x", Flaw.RELATIVE),
        ("https://shop.example/" + "a" * MAX_LENGTH, Flaw.TOO_LONG),
        ("https://shop.example/" + "日" * 500, Flaw.TOO_LONG),
        ("https://shop.example/a b", Flaw.WHITESPACE),
        ("https://shop.example/a\u3000b", Flaw.WHITESPACE),
        ("https://shop.example/a\tb", Flaw.CONTROL_CHARACTER),
        ("https://shop.example/a\x00b", Flaw.CONTROL_CHARACTER),
        ("https://shop.example/\ud800", Flaw.CONTROL_CHARACTER),
        ("https://shop.example/\u202ecod", Flaw.CONTROL_CHARACTER),
        ("https://shop.example\\@evil.tld", Flaw.BACKSLASH),
        ("https://shop.example/?a=\\", Flaw.BACKSLASH),
        ("javascript:alert(1)", Flaw.SCHEME_NOT_ALLOWED),
        ("JAVASCRIPT://shop.example/", Flaw.SCHEME_NOT_ALLOWED),
        ("blob:https://shop.example/1", Flaw.SCHEME_NOT_ALLOWED),
        ("file:///x", Flaw.SCHEME_NOT_ALLOWED),
        ("https:shop.example", Flaw.MISSING_SLASHES),
        ("https:/shop.example", Flaw.MISSING_SLASHES),
        ("myapp:cb", Flaw.MISSING_SLASHES),
        ("https://", Flaw.EMPTY_HOST),
        ("https:///shop.example", Flaw.EMPTY_HOST),
        ("https://:443/", Flaw.EMPTY_HOST),
        ("https://a..example/", Flaw.EMPTY_HOST),
        ("https://u@shop.example", Flaw.USERINFO),
        ("https://@shop.example", Flaw.USERINFO),
        ("exp://u:p@shop.example", Flaw.USERINFO),
        ("https://shop.example%0d%0a.evil.tld", Flaw.ENCODED_HOST),
        ("https://shop.example%00", Flaw.ENCODED_HOST),
        ("myapp://a%0db/", Flaw.ENCODED_HOST),
        ("https://shop.example./", Flaw.TRAILING_DOT),
        ("https://2130706433", Flaw.NUMERIC_HOST),
        ("https://0x7f000001", Flaw.NUMERIC_HOST),
        ("https://127.1", Flaw.NUMERIC_HOST),
        ("https://[::ffff:127.0.0.1]", Flaw.HOST_SPELLING),
        ("https://shop。example", Flaw.HOST_SPELLING),
        ("https://\uff53hop.example", Flaw.HOST_SPELLING),
        ("myapp://ä/cb", Flaw.HOST_SPELLING),
        ("https://boo\u212a.example", Flaw.HOST_SPELLING),
        ("https://shop.example:", Flaw.PORT_SPELLING),
        ("https://shop.example:0443", Flaw.PORT_SPELLING),
        ("https://[::1", Flaw.NOT_A_URL),
        ("https://shop.example:99999", Flaw.NOT_A_URL),
        ("https://a|b/", Flaw.NOT_A_URL),
    ],
)
def test_an_address_that_hides_its_target_is_refused_with_its_own_reason(text: str, flaw: Flaw) -> None:
    """RED-06"""
    assert flaw_of(text) is flaw


def test_what_people_may_write_is_read_the_same_way_twice() -> None:
    """RED-06: letter case, international names and default ports are no tricks."""
    for text in (
        "https://Shop.Example:443/",
        "https://bücher.example",
        "https://BÜCHER.EXAMPLE",
        "https://faß.example",
        "http://[::1]:3000/",
    ):
        assert flaw_of(text) is None


def test_the_guilty_stretch_of_every_flaw_lies_inside_the_text() -> None:
    """RED-19"""
    for attack in ATTACKS:
        if flaw_of(attack.url) is None:
            continue
        with pytest.raises(UrlRefused) as refused:
            parse(attack.url)
        start, end = refused.value.at or (0, 0)
        assert 0 <= start <= end <= len(attack.url)
        assert refused.value.sentence.endswith(".")


def test_long_addresses_are_not_kept_in_memory() -> None:
    """Whatever strangers send, the store of parsed addresses stays small."""
    long = "https://shop.example/" + "a" * 1000
    assert parse(long) == parse(long)
    assert parse(long) is not parse(long)
    assert parse("https://shop.example/cb") is parse("https://shop.example/cb")


@given(MESSY)
@example("myapp:/..//x")
@example("myapp://ä")
@example("myapp://%")
@example("https://shop.example/#\u00e4%")
def test_printing_and_reading_again_changes_nothing(text: str) -> None:
    """TST-03, RED-04, RED-05"""
    try:
        url = parse(text)
    except UrlRefused:
        return
    assert parse(url.href) == url
    assert url.href.isascii()
    assert not any(character in url.href for character in " \\\r\n\t")


@given(MESSY)
def test_what_is_read_agrees_with_the_browsers_parser(text: str) -> None:
    """TST-03: the browser's parser, given the raw text, sees the same host, origin and parts."""
    try:
        url = parse(text)
    except UrlRefused:
        return
    theirs = URL(text)
    assert (url.href, url.host, f"{url.scheme}:") == (theirs.href, theirs.hostname, theirs.protocol)
    assert (theirs.username, theirs.password) == ("", "")
    assert theirs.search == (f"?{url.query}" if url.query else "")
    assert theirs.hash == (f"#{url.fragment}" if url.fragment else "")
    if not url.is_app_scheme:
        assert (url.origin, url.path) == (theirs.origin, theirs.pathname)
        assert url.host


def test_parameters_join_an_existing_query_and_keep_the_fragment() -> None:
    """RED-07, RED-11"""
    assert add_params("https://shop.example/t?src=web#top", {"orderId": "1"}) == "https://shop.example/t?src=web&orderId=1#top"
    assert add_params("https://shop.example/t", {"a": "1", "b": "2"}) == "https://shop.example/t?a=1&b=2"
    assert add_params("https://shop.example/t?", {"a": "1"}) == "https://shop.example/t?a=1"
    assert add_params("https://shop.example/t?x=1&", {"a": "1"}) == "https://shop.example/t?x=1&a=1"
    assert add_params("https://shop.example/t?", {}) == "https://shop.example/t?"
    assert add_params("myapp://callback", {"code": "c"}) == "myapp://callback?code=c"
    assert add_params("unused://", {"code": "c"}) == "unused://?code=c"


def test_parameters_can_go_into_the_fragment() -> None:
    """RED-11"""
    assert (
        add_params("https://shop.example/cb?x=1", {"code": "c", "state": "s"}, in_fragment=True)
        == "https://shop.example/cb?x=1#code=c&state=s"
    )
    assert add_params("https://shop.example/cb#a=1&code=old", {"code": "c"}, in_fragment=True) == "https://shop.example/cb#a=1&code=c"


def test_values_cannot_add_parameters_or_lines() -> None:
    """RED-11, AUT-05"""
    added = add_params("https://shop.example/cb", {"state": "a&code=x#y\r\nLocation: z ü+%", "no value": ""})
    assert added == "https://shop.example/cb?state=a%26code%3Dx%23y%0D%0ALocation%3A%20z%20%C3%BC%2B%25&no%20value="


def test_a_parameter_of_the_same_name_is_replaced_however_it_was_spelled() -> None:
    """RED-11: ours win, also over `order%49d`; everybody else's bytes stay."""
    href = "https://shop.example/t?orderId=0&order%49d=1&a=%7e+b&orderid=2&orderId"
    assert add_params(href, {"orderId": "9"}) == "https://shop.example/t?a=%7e+b&orderid=2&orderId=9"


@given(addresses(), PARAMS, st.booleans())
def test_added_parameters_never_disturb_what_was_there(text: str, params: dict[str, str], in_fragment: bool) -> None:
    """RED-11, TST-03"""
    assume(flaw_of(text) is None)
    assume(all(flaw_of_value(value) for pair in params.items() for value in pair))
    url = parse(text)
    result = add_params(url.href, params, in_fragment=in_fragment)
    read = URL(result)
    assert read.href == result  # nothing was left for a browser to repair
    assert (read.hostname, read.port, f"{read.pathname}") == (URL(url.href).hostname, URL(url.href).port, URL(url.href).pathname)
    changed, before = (read.hash[1:], url.fragment) if in_fragment else (read.search[1:], url.query)
    untouched = (read.search[1:], url.query) if in_fragment else (read.hash[1:], url.fragment)
    assert untouched[0] == (untouched[1] or "")
    kept = [pair for pair in parse_qsl(before or "", keep_blank_values=True) if pair[0] not in params]
    assert parse_qsl(changed, keep_blank_values=True) == kept + list(params.items())
    if not set(params) & {name for name, _ in parse_qsl(before or "", keep_blank_values=True)}:
        assert changed.startswith(before or "")


def flaw_of_value(value: str) -> bool:
    """True for text that UTF-8 can carry; lone surrogates become question marks."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def test_hosts_and_texts_can_be_shown_safely() -> None:
    """RED-16, RED-19"""
    assert unicode_host("xn--bcher-kva.example") == "bücher.example"
    assert unicode_host("shop.example") == "shop.example"
    assert visible("a\r\n\u202eb\ud800ü") == "a%0D%0A%E2%80%AEb%3Fü"
