"""`logout`: nobody is logged out by somebody else, and who logs out is really out."""

from __future__ import annotations

import pytest

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Caller
from roundtrip.flows import direct
from roundtrip.flows.base import Stay
from roundtrip.flows.runner import Leave
from roundtrip.oauth.token import TokenAnswer
from roundtrip.redirect_session.return_url import NotAllowed
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import NOTHING_ISSUED, OTHER_ID, SHOP_ID, Shop, owner_key

OUT = ("https://shop.example/", {"wixMemberLoggedIn": "false"})


def log_in_at_the_shop(shop: Shop, tab: Tab) -> TokenAnswer:
    """Tokens of Ann, made from this browser's login."""
    tab.log_in(shop.ann)
    return shop.redeem(sent_to(tab.enter(shop.auth()))[1]["code"])


def test_a_member_who_logs_out_of_the_own_login_is_not_asked(shop: Shop, tab: Tab) -> None:
    tokens = log_in_at_the_shop(shop, tab)
    caller = shop.member_of(tokens)
    assert sent_to(tab.enter(shop.logout(caller))) == OUT
    assert tab.login is None
    assert not shop.can_refresh(tokens)
    assert shop.revoked() == {f"login:{caller.login_id}", f"grant:{caller.grant_id}"}


def test_the_login_is_over_on_the_server_too(shop: Shop, tab: Tab) -> None:
    """IDN-07: a cookie that somebody kept is worth nothing."""
    tokens = log_in_at_the_shop(shop, tab)
    kept = Tab(shop, logins=dict(tab.logins))
    tab.enter(shop.logout(shop.member_of(tokens)))
    assert kept.login is None
    assert sent_to(kept.enter(shop.auth(prompt="none")))[1]["error"] == "login_required"


def test_tokens_that_other_clients_hold_from_the_login_die_too(shop: Shop, tab: Tab) -> None:
    tokens = log_in_at_the_shop(shop, tab)
    more = shop.redeem(sent_to(tab.enter(shop.auth(prompt="none")))[1]["code"])
    assert shop.can_refresh(more)
    tab.enter(shop.logout(shop.member_of(tokens)))
    assert not shop.can_refresh(more)


@pytest.mark.parametrize("by", ["visitor", "another member", "key"])
def test_somebody_elses_link_asks_before_it_logs_out(shop: Shop, tab: Tab, by: str) -> None:
    """IDN-08: cancelling keeps the login, and the site is told so."""
    tokens = log_in_at_the_shop(shop, tab)
    caller: Caller | None = owner_key() if by == "key" else None
    if by == "another member":
        other = Tab(shop)
        other.log_in(shop.sign_up("bob@example.com"))
        caller = shop.member_of(shop.redeem(sent_to(other.enter(shop.auth()))[1]["code"]))
    created = shop.logout(caller)
    assert shown(tab.open(created)).step.name == "logout_confirm"
    assert sent_to(tab.leave(created.session.id)) == ("https://shop.example/", {"wixMemberLoggedIn": "true"})
    assert tab.login is not None
    assert shop.can_refresh(tokens)


def test_looking_at_the_question_does_not_answer_it(shop: Shop, tab: Tab) -> None:
    """IDN-08: a picture with the logout address, or a preview of it, logs nobody out."""
    tab.log_in(shop.ann)
    created = shop.logout()
    tab.look(created)
    shown(tab.open(created))
    for _ in range(3):
        shown(tab.show(created.session.id, "logout_confirm"))
    assert tab.login is not None
    assert shop.revoked() == set()


def test_who_confirms_is_out_and_the_callers_own_tokens_are_dead(shop: Shop, tab: Tab) -> None:
    tokens = log_in_at_the_shop(shop, tab)
    visitor = shop.visitor()
    created = shop.logout(visitor)
    tab.open(created)
    assert sent_to(tab.fill_in(created.session.id, "logout_confirm", {})) == OUT
    assert tab.login is None
    assert not shop.can_refresh(tokens)
    assert not shop.is_alive(visitor)


def test_a_visitor_who_logs_out_loses_the_visitors_grant(shop: Shop, tab: Tab) -> None:
    visitor, another = shop.visitor(), shop.visitor()
    assert sent_to(tab.enter(shop.logout(visitor))) == OUT
    assert not shop.is_alive(visitor)
    assert shop.is_alive(another)


def test_logging_out_twice_is_fine(shop: Shop, tab: Tab) -> None:
    tokens = log_in_at_the_shop(shop, tab)
    caller = shop.member_of(tokens)
    first, second = shop.logout(caller), shop.logout(caller)
    assert sent_to(tab.enter(first)) == OUT
    assert sent_to(tab.enter(second)) == OUT


def test_an_old_logout_link_does_not_end_a_newer_login(shop: Shop, tab: Tab) -> None:
    """IDN-08."""
    tokens = log_in_at_the_shop(shop, tab)
    caller = shop.member_of(tokens)
    old = shop.logout(caller)
    tab.enter(shop.logout(caller))
    tab.log_in(shop.ann)
    assert shown(tab.open(old)).step.name == "logout_confirm"
    assert tab.login is not None


def test_a_logout_counts_even_when_the_way_back_was_taken_off_the_list(shop: Shop, tab: Tab) -> None:
    """RED-08: the redirect is stopped, the logout is not."""
    tokens = log_in_at_the_shop(shop, tab)
    created = shop.logout(shop.member_of(tokens))
    shop.list_addresses(domains=("new.example",))
    with pytest.raises(NotAllowed):
        tab.open(created)
    assert tab.login is None
    assert not shop.can_refresh(tokens)
    assert shop.moves(created.session.id) == ["completed", "created", "opened"]


def test_a_standard_clients_logout_asks_and_returns(shop: Shop, tab: Tab) -> None:
    """IDN-08, decision record 0003."""
    tab.log_in(shop.ann)
    wanted = direct.logout({"clientId": SHOP_ID, "postLogoutRedirectUri": "https://shop.example/bye"}, NOTHING_ISSUED)
    page = shown(tab.go_directly(wanted))
    assert page.step.name == "logout_confirm"
    then = tab.fill_in(page.visit.session.id, "logout_confirm", {})
    assert sent_to(then) == ("https://shop.example/bye", {"wixMemberLoggedIn": "false"})
    assert tab.login is None


def test_a_standard_clients_logout_without_a_login_returns_at_once(shop: Shop, tab: Tab) -> None:
    wanted = direct.logout({"client_id": SHOP_ID, "post_logout_redirect_uri": "https://shop.example/bye"}, NOTHING_ISSUED)
    assert sent_to(tab.go_directly(wanted)) == ("https://shop.example/bye", {"wixMemberLoggedIn": "false"})


@pytest.mark.parametrize("target", ["https://evil.example/", "https://other.example/", "javascript:alert(1)", "//evil.example"])
def test_an_unlisted_way_back_is_refused_before_anything_ends(shop: Shop, tab: Tab, target: str) -> None:
    """IDN-08, RED-09, RED-20."""
    tab.log_in(shop.ann)
    with pytest.raises(AppError) as refused:
        tab.go_directly(direct.logout({"clientId": SHOP_ID, "postLogoutRedirectUri": target}, NOTHING_ISSUED))
    assert (refused.value.kind, refused.value.code) == (Kind.INVALID, "INVALID_REDIRECT_DOMAIN")
    assert tab.login is not None
    assert shop.session_count() == 0


def test_a_logout_without_a_client_is_refused(shop: Shop, tab: Tab) -> None:
    with pytest.raises(AppError, match="clientId must be a GUID"):
        direct.logout({"postLogoutRedirectUri": "https://shop.example/"}, NOTHING_ISSUED)


def test_with_nowhere_to_go_the_visitor_reads_that_the_logout_is_done(shop: Shop, tab: Tab) -> None:
    """RED-10."""
    shop.list_addresses(domains=("*.shop.example",))
    tab.log_in(shop.ann)
    page = shown(tab.go_directly(direct.logout({"clientId": SHOP_ID}, NOTHING_ISSUED)))
    then = tab.fill_in(page.visit.session.id, "logout_confirm", {})
    assert isinstance(then, Leave)
    assert then.leaving == Stay("signed_out")


def test_a_token_of_another_client_cannot_log_out_of_this_one(shop: Shop) -> None:
    """SES-07."""
    with pytest.raises(AppError) as refused:
        shop.create("logout", {"clientId": SHOP_ID}, caller=shop.visitor(shop.other))
    assert refused.value.kind is Kind.FORBIDDEN
    with pytest.raises(AppError, match="another client"):
        shop.create("logout", {"clientId": OTHER_ID})
