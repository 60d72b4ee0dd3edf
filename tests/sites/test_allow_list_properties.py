"""The matcher against random addresses (TST-03)."""

from __future__ import annotations

import re

from ada_url import URL
from hypothesis import example, given
from hypothesis import strategies as st

from roundtrip.sites.allow_list import Rule, allows_origin, judge
from roundtrip.sites.explain import explain, public_text
from roundtrip.sites.model import ApplicationType, Mode
from tests.sites.attack_corpus import ALLOWED_URI, ATTACKS
from tests.sites.clients import make_client

INSERTS = st.one_of(
    st.characters(),
    st.sampled_from(
        ["@", "\\", "/", "//", "?", "#", ":", ":443", ".", "..", "/..", "%2e", "%00", "%2f", "evil.tld", "\t", "。", "\u00ad", "*"]
    ),
)
CLIENT = make_client(
    uris=(ALLOWED_URI, "https://*-p.shop.example/cb", "http://localhost:3000/cb", "myapp://cb"),
    domains=("shop.example", "*.shop.example", "localhost", "http://plain.example:8080", "bücher.example"),
    kind=ApplicationType.MOBILE,
)
LISTED_ORIGIN = re.compile(
    r"https://([a-z0-9-]+\.)?shop\.example|https?://localhost(:\d+)?|http://plain\.example:8080|https://xn--bcher-kva\.example"
)


@st.composite
def mutations(draw: st.DrawFn, base: str = ALLOWED_URI) -> str:
    """The allowed address with one to three pieces put in, taken out or replaced."""
    text = base
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        text = text[:start] + draw(st.one_of(st.just(""), INSERTS)) + text[end:]
    return text


ANYTHING = st.one_of(
    st.text(max_size=80),
    mutations(),
    st.sampled_from(["https://a.shop.example/x?y#z", "http://localhost:3000/cb", "http://plain.example:8080/"]).flatmap(mutations),
    st.sampled_from([attack.url for attack in ATTACKS]).flatmap(mutations),
)


@given(mutations())
def test_no_mutation_of_a_listed_uri_is_allowed(text: str) -> None:
    """RED-01, RED-05, TST-03: only letter case of scheme and host, or the default port, may differ."""
    if judge(make_client(), Mode.LIVE, Rule.REDIRECT_URI, text).allowed:
        assert re.fullmatch(r"https://shop\.example(:443)?/cb", re.sub(r"^[^/]*//[^/]*", lambda hit: hit[0].lower(), text))


@given(ANYTHING, st.sampled_from(list(Mode)))
def test_what_is_allowed_leads_to_a_listed_origin_in_the_browsers_eyes(text: str, mode: Mode) -> None:
    """RED-02, RED-03, RED-04, TST-03: whether a browser gets the raw text or what we send."""
    verdict = judge(CLIENT, mode, Rule.REDIRECT_DOMAIN, text)
    if not verdict.allowed:
        return
    assert LISTED_ORIGIN.fullmatch(URL(verdict.href).origin)
    assert URL(text).href == verdict.href == URL(verdict.href).href
    assert judge(CLIENT, mode, Rule.REDIRECT_DOMAIN, verdict.href).allowed
    assert mode is Mode.TEST or verdict.href.startswith("https://")


@given(ANYTHING, st.sampled_from(list(Mode)))
def test_an_allowed_redirect_uri_is_one_of_few(text: str, mode: Mode) -> None:
    """RED-01, RED-14, RED-17"""
    verdict = judge(CLIENT, mode, Rule.REDIRECT_URI, text)
    if verdict.allowed:
        assert re.fullmatch(
            r"https://shop\.example/cb|https://[a-z0-9-]+-p\.shop\.example/cb|http://localhost(:\d+)?/cb|myapp://cb", verdict.href
        )


@given(ANYTHING, st.sampled_from(list(Rule)), st.sampled_from(list(Mode)))
@example("myapp://%", Rule.REDIRECT_URI, Mode.TEST)
@example("myapp://~", Rule.REDIRECT_URI, Mode.TEST)
def test_every_verdict_can_be_explained(text: str, rule: Rule, mode: Mode) -> None:
    """RED-19"""
    verdict = judge(CLIENT, mode, rule, text)
    explanation = explain(verdict)
    assert explanation.description
    assert not re.search(r"[\r\n\t\x00\x7f\u202e\ud800-\udfff]", "".join((explanation.description, *explanation.marked)))
    start, end = explanation.span or (0, 0)
    assert 0 <= start <= end <= len(text)
    assert re.fullmatch(r"[A-Za-z0-9 .'%:\[\]*_~-]+", public_text(verdict))


@given(ANYTHING, st.sampled_from(list(Mode)))
def test_an_allowed_origin_is_a_listed_one(text: str, mode: Mode) -> None:
    """OPS-06"""
    if allows_origin(CLIENT, mode, text):
        assert LISTED_ORIGIN.fullmatch(text)
