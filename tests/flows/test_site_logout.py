"""Sites with logout pages of their own are told when a member logs out at the hosted pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from roundtrip.core.identity import Member
from roundtrip.flows.base import Farewell, Redirect, Stay
from roundtrip.flows.runner import Leave
from roundtrip.sites.model import Client
from roundtrip.storage.database import Tx
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import ISSUER, Shop, auth_message

OUT = "https://shop.example/log-out?x=1"
BACK = "https://shop.example/?wixMemberLoggedIn=false"


def member(shop: Shop, tab: Tab) -> Member:
    """A member of the client, from this browser's login."""
    if tab.login is None:
        tab.log_in(shop.ann)
    return shop.member_of(shop.redeem(sent_to(tab.open(shop.auth()))[1]["code"]))


def at_other(shop: Shop, tab: Tab) -> None:
    """Tokens of the other client from the same login."""
    uri = "https://other.example/callback"
    message = auth_message(clientId=shop.other.id, redirectUri=uri)
    code = sent_to(tab.open(shop.create("auth", message, caller=shop.visitor(shop.other))))[1]["code"]
    shop.redeem(code, clientId=shop.other.id, redirectUri=uri)


def farewell(then: object) -> Farewell:
    """The page that tells, when there must be one."""
    assert isinstance(then, Leave), then
    assert isinstance(then.leaving, Farewell), then.leaving
    return then.leaving


def test_the_clients_logout_page_is_told_whose_login_ended(shop: Shop, tab: Tab) -> None:
    """IDN-08: with the issuer and the session id of Front-Channel Logout."""
    shop.set_pages(logout_url=OUT)
    caller = member(shop, tab)
    leaving = farewell(tab.open(shop.logout(caller)))
    assert leaving.redirect == Redirect(BACK)
    parts = urlsplit(leaving.frames[0])
    assert parts._replace(query="").geturl() == "https://shop.example/log-out"
    assert parse_qs(parts.query) == {"x": ["1"], "iss": [ISSUER], "sid": [caller.login_id]}
    assert len(leaving.frames) == 1
    assert tab.login is None


def test_other_clients_with_tokens_from_the_same_login_are_told_too(shop: Shop, tab: Tab) -> None:
    shop.set_pages(logout_url=OUT)
    shop.set_pages(logout_url="https://other.example/bye", client=shop.other)
    caller = member(shop, tab)
    at_other(shop, tab)
    frames = farewell(tab.open(shop.logout(caller))).frames
    assert [urlsplit(url).netloc for url in frames] == ["shop.example", "other.example"]


def test_clients_without_tokens_from_this_login_are_not_told(shop: Shop, tab: Tab) -> None:
    shop.set_pages(logout_url="https://other.example/bye", client=shop.other)
    elsewhere = Tab(shop)
    elsewhere.log_in(shop.ann)
    at_other(shop, elsewhere)
    assert sent_to(tab.open(shop.logout(member(shop, tab))))[0] == "https://shop.example/"


def test_without_a_logout_page_nothing_is_in_between(shop: Shop, tab: Tab) -> None:
    then = tab.open(shop.logout(member(shop, tab)))
    assert isinstance(then, Leave)
    assert then.leaving == Redirect(BACK)


NOT_LISTED = ("https://evil.example/", "https://shop.example.evil.example/", "http://shop.example/", "javascript:alert(1)")


@pytest.mark.parametrize("url", NOT_LISTED)
def test_an_address_that_is_not_listed_is_not_told_and_stops_nobody(shop: Shop, tab: Tab, url: str) -> None:
    """RED-08"""
    shop.set_pages(logout_url=url)
    then = tab.open(shop.logout(member(shop, tab)))
    assert isinstance(then, Leave)
    assert then.leaving == Redirect(BACK)
    assert tab.login is None


def test_who_was_not_logged_in_tells_nobody(shop: Shop, tab: Tab) -> None:
    shop.set_pages(logout_url=OUT)
    assert sent_to(tab.open(shop.logout()))[0] == "https://shop.example/"


def test_a_login_that_had_ended_before_is_not_told_again(shop: Shop, tab: Tab) -> None:
    shop.set_pages(logout_url=OUT)
    caller = member(shop, tab)
    tab.open(shop.logout(caller))
    assert sent_to(Tab(shop).open(shop.logout(caller)))[0] == "https://shop.example/"


def test_who_agreed_to_log_out_is_told_of_and_who_walked_away_is_not(shop: Shop, tab: Tab) -> None:
    """IDN-08"""
    shop.set_pages(logout_url=OUT)
    tab.log_in(shop.ann)
    created = shop.logout()
    assert shown(tab.open(created)).step.name == "logout_confirm"
    assert sent_to(tab.leave(created.session.id))[1] == {"wixMemberLoggedIn": "true"}
    tab.show(created.session.id, "logout_confirm")
    assert len(farewell(tab.fill_in(created.session.id, "logout_confirm", {})).frames) == 1
    assert len(farewell(tab.return_(created.session.id)).frames) == 1, "the answer may have been lost"


def test_with_nowhere_to_go_the_page_stays(shop: Shop, tab: Tab) -> None:
    shop.list_addresses(domains=("*.shop.example",))
    shop.set_pages(logout_url="https://www.shop.example/out")
    caller = member(shop, tab)
    leaving = farewell(tab.open(shop.create("logout", {"clientId": shop.client.id}, caller=caller)))
    assert leaving.redirect is None
    assert len(leaving.frames) == 1
    shop.set_pages()
    then = tab.open(shop.create("logout", {"clientId": shop.client.id}, caller=member(shop, tab)))
    assert isinstance(then, Leave)
    assert then.leaving == Stay("signed_out")


def test_at_most_eight_are_told(shop: Shop, tab: Tab) -> None:
    shop.set_pages(logout_url=OUT)
    caller = member(shop, tab)
    for number in range(10):
        shop.db.write_now(_more_tokens, _more_clients(shop, number))
    frames = farewell(tab.open(shop.logout(caller))).frames
    assert len(frames) == 8
    assert urlsplit(frames[0]).netloc == "shop.example"


def _more_clients(shop: Shop, number: int) -> Client:
    host = f"c{number}.example"
    made = shop.add_client(host)
    shop.set_pages(logout_url=f"https://{host}/out", client=made)
    return made


def _more_tokens(tx: Tx, client: Client) -> None:
    copied = "site_id, member_id, login_id, scope, created_at, used_at, expires_at, hard_end_at"
    tx.execute(
        f"INSERT INTO oauth_grant (id, client_id, {copied}) "
        f"SELECT :id, :client_id, {copied} FROM oauth_grant WHERE member_id IS NOT NULL LIMIT 1",
        id=f"grant-{client.id}",
        client_id=client.id,
    )
