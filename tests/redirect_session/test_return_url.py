"""The one way out: only listed addresses, judged now, with the documented parameters and nothing else."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundtrip.core.errors import Kind
from roundtrip.redirect_session import return_url
from roundtrip.redirect_session.model import Callbacks, RedirectSession, Request, Status
from roundtrip.redirect_session.return_url import NotAllowed
from roundtrip.sites.model import Client, Mode, Site
from tests.redirect_session.sessions import NOW, session
from tests.sites.attack_corpus import ATTACKS, DOMAIN_ATTACKS, Attack
from tests.sites.clients import make_client

SITE = Site("11111111-1111-4111-8111-111111111111", "shop", "Shop", Mode.LIVE, "en", None, "{}", NOW)
CLIENT = make_client()
HOME, THANKS = "https://shop.example/", "https://shop.example/thanks?src=web"
IDS = {"orderId": "0f7c", "bookingId": "b 1"}


def ended(outcome: str | None = "completed", result: dict[str, str] | None = None, **callbacks: str | None) -> RedirectSession:
    request = Request(msgspec.Raw(b"{}"), Callbacks(**callbacks))
    return session(status=Status.RETURNED, outcome=outcome, result=result, request=request)


def way(one: RedirectSession, *, logged_in: bool = False, client: Client = CLIENT, site: Site = SITE) -> str | None:
    return return_url.after_flow(one, client, site, member_logged_in=logged_in, now=NOW)


def params(address: str | None) -> dict[str, str]:
    assert address is not None
    found = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    assert len(dict(found)) == len(found)
    return dict(found)


def test_success_goes_to_the_thank_you_page_with_the_ids() -> None:
    """PAY-11."""
    address = way(ended(result=IDS, post_flow_url=HOME, thank_you_page_url=THANKS), logged_in=True)
    assert address is not None
    assert address.startswith("https://shop.example/thanks?src=web&")
    assert params(address) == {"src": "web", **IDS, "wixMemberLoggedIn": "true"}
    assert params(way(ended(result=IDS, post_flow_url=HOME))) == {**IDS, "wixMemberLoggedIn": "false"}


@pytest.mark.parametrize("outcome", ["abandoned", "expired", "login_required", None])
def test_everything_else_goes_to_the_post_flow_address_without_ids(outcome: str | None) -> None:
    """PAY-11: even when ids were stored."""
    address = way(ended(outcome, IDS, post_flow_url=HOME, thank_you_page_url=THANKS))
    assert address == "https://shop.example/?wixMemberLoggedIn=false"


@pytest.mark.parametrize("outcome", ["completed", "abandoned", "expired"])
@pytest.mark.parametrize("logged_in", [True, False])
def test_every_return_says_whether_a_member_is_logged_in(outcome: str, logged_in: bool) -> None:
    """PAY-11."""
    address = way(ended(outcome, post_flow_url=HOME), logged_in=logged_in)
    assert params(address)["wixMemberLoggedIn"] == str(logged_in).lower()


def test_state_comes_back_only_if_it_was_given() -> None:
    """PAY-11: unchanged, also when it is odd."""
    assert "state" not in params(way(ended(post_flow_url=HOME)))
    for state in ("s1", "", "a b&wixMemberLoggedIn=x#y%20ü", "\r\nLocation: https://evil.example"):
        address = way(ended(post_flow_url=HOME, state=state))
        assert params(address)["state"] == state
        assert address is not None
        assert "\r" not in address
        assert "\n" not in address


def test_a_callbacks_own_query_and_fragment_are_kept() -> None:
    """RED-07, RED-11."""
    address = way(ended(result=IDS, post_flow_url="https://shop.example/a?x=1&x=2&orderId=mine&e=%20&#part?x"))
    assert address == "https://shop.example/a?x=1&x=2&e=%20&orderId=0f7c&bookingId=b%201&wixMemberLoggedIn=false#part?x"


@given(st.dictionaries(st.text("abOr&=?# /", min_size=1, max_size=8), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
def test_ids_of_any_kind_are_encoded(ids: dict[str, str]) -> None:
    """RED-11."""
    address = way(ended(result=ids, post_flow_url=HOME))
    assert params(address) == {**ids, "wixMemberLoggedIn": "false"}
    assert address is not None
    assert urlsplit(address).netloc == "shop.example"
    assert urlsplit(address).fragment == ""


@pytest.mark.parametrize("attack", [attack for attack in DOMAIN_ATTACKS if attack.url], ids=lambda attack: attack.url)
def test_no_attack_leaves_even_if_it_was_stored(attack: Attack) -> None:
    """RED-02, RED-08: judged again right before leaving."""
    for one in (ended(post_flow_url=attack.url), ended(post_flow_url=HOME, thank_you_page_url=attack.url)):
        with pytest.raises(NotAllowed):
            way(one)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.url)
def test_no_code_goes_to_an_attacker_even_if_the_address_was_stored(attack: Attack) -> None:
    """RED-01, RED-08."""
    with pytest.raises(NotAllowed):
        return_url.authorization_answer(attack.url, CLIENT, SITE, {"code": "c"}, in_fragment=False, now=NOW)


def test_a_refused_target_is_never_replaced() -> None:
    """RED-10: not by the other callback, not by the origin, not by the site's own address."""
    home = Site(SITE.id, "shop", "Shop", Mode.LIVE, "en", HOME, "{}", NOW)
    one = ended(post_flow_url=HOME, thank_you_page_url="https://gone.example/thanks")
    with pytest.raises(NotAllowed) as refused:
        way(msgspec.structs.replace(one, request=msgspec.structs.replace(one.request, origin=HOME)), site=home)
    assert (refused.value.kind, refused.value.code) == (Kind.FORBIDDEN, "INVALID_REDIRECT_DOMAIN")
    assert refused.value.description == "https://gone.example/thanks isn't listed as an allowed redirect domain."
    assert not refused.value.may_return
    assert refused.value.verdict.received == "https://gone.example/thanks"


def test_a_code_goes_only_to_the_exact_listed_uri() -> None:
    """RED-01, RED-08."""
    values = {"code": "c 1", "state": "s&1"}
    send = return_url.authorization_answer
    address = send("https://shop.example/cb", CLIENT, SITE, values, in_fragment=False, now=NOW)
    assert address == "https://shop.example/cb?code=c%201&state=s%261"
    address = send("https://shop.example/cb", CLIENT, SITE, values, in_fragment=True, now=NOW)
    assert address == "https://shop.example/cb#code=c%201&state=s%261"
    for other in ("https://shop.example/", "https://shop.example/cb/", "https://shop.example/cb?x=1", "https://shop.example/cb#x"):
        with pytest.raises(NotAllowed) as refused:
            send(other, CLIENT, SITE, values, in_fragment=False, now=NOW)
        assert refused.value.code == "INVALID_REDIRECT_URI"
        assert "c 1" not in refused.value.description


def test_a_logout_ends_only_at_the_exact_listed_uri() -> None:
    """RED-01, RED-08: a listed domain is no leave to end anywhere on it, and a redirect URI is none either."""
    client = make_client(post_logout=("https://shop.example/bye",))
    send = return_url.after_logout
    assert send("https://shop.example/bye", client, SITE, state="s&1", now=NOW) == "https://shop.example/bye?state=s%261"
    assert send("https://shop.example/bye", client, SITE, state=None, now=NOW) == "https://shop.example/bye"
    for other in ("https://shop.example/", "https://shop.example/bye/", "https://shop.example/cb"):
        with pytest.raises(NotAllowed) as refused:
            send(other, client, SITE, state=None, now=NOW)
        assert refused.value.code == "INVALID_REDIRECT_URI"


def test_without_a_callback_only_the_sites_own_listed_addresses_are_tried() -> None:
    """RED-10: the origin it said it has, its home address, its first domain; each has to be listed, or it is nowhere."""
    nowhere = make_client(domains=("*.shop.example",))
    assert way(ended(), client=nowhere) is None
    assert way(ended()) == "https://shop.example/?wixMemberLoggedIn=false"
    both = make_client(domains=("shop.example", "www.shop.example"))
    one = ended()
    told = msgspec.structs.replace(one, request=msgspec.structs.replace(one.request, origin="https://www.shop.example"))
    assert way(told, client=both) == "https://www.shop.example/?wixMemberLoggedIn=false"
    lied = msgspec.structs.replace(one, request=msgspec.structs.replace(one.request, origin="https://evil.example"))
    assert way(lied, client=both) == "https://shop.example/?wixMemberLoggedIn=false"


def test_a_pattern_match_is_told_to_who_asks() -> None:
    """RED-18."""
    client = make_client(uris=("https://*-p.shop.example/cb", "https://shop.example/cb"))
    test_site = Site(SITE.id, "shop", "Shop", Mode.TEST, "en", None, "{}", NOW)
    by_pattern = return_url.redirect_uri(client, test_site, "https://blue-p.shop.example/cb", NOW)
    assert (by_pattern.by_pattern, by_pattern.host) == (True, "blue-p.shop.example")
    assert not return_url.redirect_uri(client, test_site, "https://shop.example/cb", NOW).by_pattern
