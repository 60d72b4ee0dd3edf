"""Entry addresses: always short enough, never cut in half, read back by any client as they were made."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from roundtrip.core.urls import parse
from roundtrip.redirect_session import entry_url
from roundtrip.redirect_session.entry_url import EntryUrl

BASE = "https://pages.example"
ID = "0190a0b0-0000-7000-8000-000000000001"
SECRET = "JWS.4f0e9b1f1f6f0f1b7a01-_4f0e9b1f1f6f0f1b7a01abcd"
# What JSON can carry: any character but half a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
PARAMS = st.dictionaries(NAMES, TEXTS, max_size=50)
OURS = {"redirectSessionId", "entryToken", "sessionToken"}


def pairs(address: str) -> list[tuple[str, str]]:
    query = urlsplit(address).query
    return parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=1000)


def check_whole(address: str, wanted: dict[str, str], essential: dict[str, str]) -> None:
    """Every parameter is as it was wanted, none twice, and the essential ones are there."""
    found = pairs(address)
    assert len({name for name, _ in found}) == len(found)
    assert dict(found).items() >= essential.items()
    for name, value in found:
        assert value == (essential.get(name) or wanted[name])


def through_entry(params: dict[str, str], path: str = "/__ecom/checkout") -> EntryUrl:
    return entry_url.through_entry(BASE, path, ID, SECRET, params)


@given(PARAMS)
@example({"ключ" * 20: "x" * 20, **{f"ö{n}": "ü" * 20 for n in range(49)}})
@example({"a&sessionToken=evil#": "b&c", "": ""})
def test_a_direct_address_fits_and_reads_back(params: dict[str, str]) -> None:
    """SES-01, AUT-17."""
    entry = entry_url.direct(BASE, entry_url.AUTHORIZE_PATH, ID, SECRET, params)
    assert len(entry.full_url) <= entry_url.MAX_LENGTH
    assert entry.full_url.partition("?")[0] == entry.endpoint == BASE + entry_url.AUTHORIZE_PATH
    check_whole(entry.full_url, params, {"redirectSessionId": ID, "entryToken": SECRET})
    assert dict(pairs(entry.full_url)) == entry.search_params


@given(PARAMS)
@example({"ключ" * 20: "x" * 20, **{f"ö{n}": "ü" * 20 for n in range(49)}})
@example({"a&sessionToken=evil#": "b&c", "%26": "%2526"})
@example({"sessionToken": "theirs", "redirectSessionId": "theirs", "redirectUrl": "https://evil.example"})
def test_an_entry_address_fits_and_so_does_the_page_inside(params: dict[str, str]) -> None:
    """SES-01, AUT-17: a client that takes the inner address out gets exactly what the answer's second form says."""
    entry = through_entry(params)
    assert len(entry.full_url) <= entry_url.MAX_LENGTH
    assert entry.endpoint == f"{BASE}{entry_url.ENTER_PATH}{ID}"
    assert dict(pairs(entry.full_url)) == entry.search_params
    assert entry.search_params.keys() == {"redirectUrl", "sessionToken"}
    assert entry.search_params["sessionToken"] == SECRET
    inner = entry.search_params["redirectUrl"]
    assert inner.partition("?")[0] == f"{BASE}/__ecom/checkout"
    check_whole(inner, params, {"redirectSessionId": ID, "sessionToken": SECRET})


@given(PARAMS)
def test_browsers_read_both_addresses_without_repairing_them(params: dict[str, str]) -> None:
    """RED-04: what is sent is what a browser makes of it."""
    entry = through_entry(params)
    assert parse(entry.full_url).href == entry.full_url
    assert parse(entry.search_params["redirectUrl"]).href == entry.search_params["redirectUrl"]


@given(st.dictionaries(st.sampled_from(["origin", "lang", "utm_source", "checkoutId"]), st.text("abc-", max_size=36)))
def test_what_fits_is_all_there(params: dict[str, str]) -> None:
    entry = through_entry(params)
    assert dict(pairs(entry.search_params["redirectUrl"])).items() >= params.items()


def test_the_longest_values_go_first() -> None:
    """A clients' short hints survive a long one."""
    entry = through_entry({"checkoutData": "x" * 3000, "origin": "https://shop.example", "lang": "de"})
    inner = dict(pairs(entry.search_params["redirectUrl"]))
    assert inner.keys() == {"origin", "lang", "redirectSessionId", "sessionToken"}


def test_a_page_path_with_a_slug_of_any_script_stays_whole() -> None:
    """Slugs are quoted by the flow that makes the path."""
    entry = through_entry({}, "/__stores/product-page/caf%C3%A9")
    assert urlsplit(dict(pairs(entry.full_url))["redirectUrl"]).path == "/__stores/product-page/caf%C3%A9"
