"""A site with a login page of its own: visitors log in there, and the visit goes on here."""

from __future__ import annotations

import pytest

from roundtrip.core.clock import HOUR
from roundtrip.core.errors import AppError
from roundtrip.flows.create import Created
from roundtrip.flows.next import Elsewhere, End, Ended, GoTo, Notice
from roundtrip.redirect_session.model import Callbacks
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.examples import Walk, installed
from tests.flows.shop import ANN, ANNS_PASSWORD, ISSUER, PREVIEW_URI, SHOP_ID, SITE_ID, Shop, auth_message

OWN_PAGE = "https://shop.example/log-in?from=pages"
ANNS_FORM = {"email": ANN, "password": ANNS_PASSWORD}


def login(shop: Shop, *, login_url: str | None = None, state: str | None = None) -> Created:
    """A visit that logs in."""
    return shop.create("login", {}, callbacks=Callbacks(post_flow_url="https://shop.example/", login_url=login_url, state=state))


def sent_out(tab: Tab, created: Created) -> str:
    """Open the visit from a page of the site, be sent to its login page, and answer the address that it was given to come back to."""
    tab.referrer = "https://shop.example/basket"
    where, params = sent_to(tab.open(created))
    assert where == "https://shop.example/log-in"
    return params["redirectUrl"]


@pytest.fixture
def with_page(shop: Shop) -> Shop:
    """The shop, whose client has a login page."""
    shop.set_pages(login_url=OWN_PAGE)
    return shop


def test_the_visitor_logs_in_at_the_sites_own_page_and_comes_back(with_page: Shop, tab: Tab) -> None:
    """SES-09: the whole trip."""
    created = login(with_page)
    where, params = sent_to(tab.open(created))
    assert (where, params["from"], params["clientId"], params["wixMemberLoggedIn"]) == (
        "https://shop.example/log-in",
        "pages",
        SHOP_ID,
        "false",
    )
    assert params["redirectUrl"].startswith(f"{ISSUER}/session/{created.session.id}/resume/")
    assert with_page.session(created.session.id).status == "opened", "going there is no move"
    then = tab.follow(tab.resume(params["redirectUrl"], with_page.session_token()))
    assert sent_to(then) == ("https://shop.example/", {"wixMemberLoggedIn": "true"})
    assert tab.login is not None
    assert tab.login.member_id == with_page.ann.id
    assert with_page.moves(created.session.id) == ["completed", "created", "opened", "returned"]


def test_the_addresses_of_the_session_go_before_those_of_the_client(with_page: Shop, tab: Tab) -> None:
    where, params = sent_to(tab.open(login(with_page, login_url="https://shop.example/this-one", state="s/1")))
    assert where == "https://shop.example/this-one"
    assert params["state"] == "s/1"


def test_auth_brings_a_code_for_whom_the_site_logged_in(with_page: Shop, tab: Tab) -> None:
    created = with_page.auth(prompt="login")
    back = sent_out(tab, created)
    _, params = sent_to(tab.follow(tab.resume(back, with_page.session_token())))
    assert with_page.member_of(with_page.redeem(params["code"])).member_id == with_page.ann.id


@pytest.mark.parametrize(("folder", "intent"), list(installed()))
def test_every_flow_with_a_login_step_goes_out_and_on(with_page: Shop, folder: str, intent: str) -> None:
    """No flow knows of it; a flow without that step goes nowhere."""
    walk = Walk(with_page, folder, intent)
    created = walk.create()
    then = walk.tab.open(created)
    goes_out = bool(walk.pages) and walk.pages[0] in ("login", "sign_up")
    assert isinstance(then, Elsewhere) is goes_out
    if goes_out:
        on = walk.tab.resume(sent_to(then)[1]["redirectUrl"], with_page.session_token())
        assert isinstance(on, GoTo)
        assert on.segment not in ("login", "sign_up")
        assert on.changes.login_started


@pytest.mark.parametrize("token", [None, "", "JWS.made-up"])
def test_who_comes_back_without_a_login_sees_the_hosted_page_and_a_notice(with_page: Shop, tab: Tab, token: str | None) -> None:
    """And is never sent there again by the page itself; only by choosing to."""
    created = login(with_page)
    page = shown(tab.follow(tab.resume(sent_out(tab, created), token)))
    assert (page.step.name, page.notice, page.own_login_page) == ("login", Notice.NOT_LOGGED_IN, True)
    assert shown(tab.show(created.session.id, "login")).notice is Notice.NOT_LOGGED_IN
    assert sent_to(tab.outside(created.session.id))[0] == "https://shop.example/log-in"
    assert sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))[1] == {"wixMemberLoggedIn": "true"}


def test_a_token_of_another_client_is_worth_nothing(with_page: Shop, tab: Tab) -> None:
    """AUT-16"""
    created = login(with_page)
    foreign = with_page.session_token(client=with_page.other)
    assert shown(tab.follow(tab.resume(sent_out(tab, created), foreign))).notice is Notice.NOT_LOGGED_IN
    assert tab.login is None


def test_a_token_is_spent_once(with_page: Shop, tab: Tab) -> None:
    """SES-09, AUT-16"""
    token = with_page.session_token()
    first, second = login(with_page), login(with_page)
    tab.resume(sent_out(tab, first), token)
    assert shown(tab.follow(tab.resume(sent_out(tab, second), token))).notice is Notice.NOT_LOGGED_IN


def test_an_old_token_is_worth_nothing(with_page: Shop, tab: Tab) -> None:
    created, token = login(with_page), with_page.session_token()
    back = sent_out(tab, created)
    with_page.wait(HOUR)
    assert shown(tab.follow(tab.resume(back, token))).notice is Notice.NOT_LOGGED_IN


def test_another_browser_can_do_nothing_with_the_address(with_page: Shop, tab: Tab) -> None:
    """SES-03: and it spends nothing."""
    created, token = login(with_page), with_page.session_token()
    back = sent_out(tab, created)
    stranger = Tab(with_page)
    assert stranger.resume(back, token) == Ended(End.NOT_FOUND)
    assert isinstance(tab.resume(back, token), GoTo)
    assert tab.login is not None


def test_who_only_knows_the_id_of_a_visit_cannot_put_a_login_into_it(with_page: Shop, tab: Tab) -> None:
    """AUT-15: a link of a stranger's does not log anybody in as the stranger."""
    created, token = login(with_page), with_page.session_token()
    tab.open(created)
    other = sent_out(tab, login(with_page)).rpartition("/")[2]
    for key in ("", "x", other[:-1] + "g"):
        assert isinstance(tab.resume(f"{ISSUER}/session/{created.session.id}/resume/{key}", token), GoTo)
    assert tab.login is None
    assert tab.resume(sent_out(tab, login(with_page)), token) is not None
    assert tab.login is not None, "the token was not spent"


def test_a_browser_that_is_somebody_else_stays_so(with_page: Shop, tab: Tab) -> None:
    """Decision record 0016, as at the authorize address."""
    bob = with_page.sign_up("bob@example.com")
    tab.log_in(bob)
    created = with_page.auth(prompt="login")
    _, params = sent_to(tab.open(created))
    assert params["wixMemberLoggedIn"] == "true"
    _, answer = sent_to(tab.follow(tab.resume(params["redirectUrl"], with_page.session_token())))
    assert with_page.member_of(with_page.redeem(answer["code"])).member_id == with_page.ann.id
    assert tab.login is not None
    assert tab.login.member_id == bob.id


def test_coming_back_twice_leads_on(with_page: Shop, tab: Tab) -> None:
    """Reload, and the Back button after all is done."""
    created = login(with_page)
    back = sent_out(tab, created)
    tab.resume(back, with_page.session_token())
    again = tab.resume(back, with_page.session_token())
    assert isinstance(again, GoTo)
    assert again.segment == "return"
    tab.follow(again)
    assert tab.resume(back, with_page.session_token()) == Ended(End.OVER, tab.resume(back).visit)  # type: ignore[union-attr]


def test_opening_the_link_again_leads_to_the_sites_page_again(with_page: Shop, tab: Tab) -> None:
    """SES-04: the first answer may have been lost. Nothing of it is remembered, so nothing can be half done."""
    created = login(with_page)
    assert sent_out(tab, created) == sent_out(tab, created)
    assert isinstance(tab.show(created.session.id, "login"), Elsewhere)


def test_two_tabs_log_in_once(with_page: Shop, tab: Tab) -> None:
    created = login(with_page)
    back = sent_out(tab, created)
    assert isinstance(tab.show(created.session.id, "login"), Elsewhere)
    tab.resume(back, with_page.session_token())
    then = tab.resume(back, None)
    assert isinstance(then, GoTo)
    assert then.segment == "return"


def test_who_never_comes_back_has_an_expired_visit(with_page: Shop, tab: Tab) -> None:
    created = login(with_page)
    back = sent_out(tab, created)
    with_page.wait(25 * HOUR)
    then = tab.resume(back, with_page.session_token())
    assert isinstance(then, Ended)
    assert then.end is End.EXPIRED
    assert tab.login is None


def test_who_walked_away_and_logs_in_after_all_goes_on(with_page: Shop, tab: Tab) -> None:
    """As with the Back button and any other form."""
    created = login(with_page)
    back = sent_out(tab, created)
    tab.leave(created.session.id)
    assert sent_to(tab.follow(tab.resume(back, with_page.session_token())))[1] == {"wixMemberLoggedIn": "true"}


@pytest.mark.parametrize(
    ("referrer", "was_sent", "goes_out"),
    [
        ("https://shop.example/log-in", False, False),
        ("https://shop.example/log-in?redirectUrl=x", False, False),
        ("https://shop.example/", True, False),
        ("https://shop.example/", False, True),
        ("https://shop.example/basket", True, True),
        ("https://elsewhere.example/", True, True),
        (None, True, False),
        (None, False, True),
        ("not an address", True, False),
    ],
)
def test_a_login_page_that_begins_a_visit_is_not_sent_to_itself(
    with_page: Shop, tab: Tab, referrer: str | None, was_sent: bool, goes_out: bool
) -> None:
    tab.referrer = referrer
    if was_sent:
        tab.away.add(SHOP_ID)
    then = tab.open(with_page.auth(prompt="login"))
    assert isinstance(then, Elsewhere) is goes_out
    if not goes_out:
        assert shown(then).notice is None


@pytest.mark.parametrize("request_", [{"sessionToken": "JWS.spent"}, {"idp": "0e6a50f5-b523-4e29-990d-f37fa2ffdd69"}])
def test_a_request_that_brings_a_login_of_its_own_stays_here(with_page: Shop, tab: Tab, request_: dict[str, str | None]) -> None:
    assert shown(tab.open(with_page.create("auth", auth_message(**request_)))).step.name == "login"


def test_without_a_page_nobody_is_sent_anywhere(with_page: Shop, tab: Tab) -> None:
    """AUT-08: `prompt=none` says so to the site."""
    where, params = sent_to(tab.open(with_page.auth(prompt="none")))
    assert (where, params["error"]) == ("https://shop.example/callback", "login_required")


def test_who_is_logged_in_is_not_sent_to_log_in(with_page: Shop, tab: Tab) -> None:
    tab.log_in(with_page.ann)
    assert "code" in sent_to(tab.open(with_page.auth()))[1]


def test_an_address_that_is_not_listed_any_more_is_not_used(with_page: Shop, tab: Tab) -> None:
    """RED-08, RED-10: the hosted page, which it stood for, is shown; and the developer reads why."""
    created = login(with_page, login_url="https://shop.example/mine")
    with_page.list_addresses(domains=("www.shop.example",))
    page = shown(tab.open(created))
    assert (page.step.name, page.notice, page.own_login_page) == ("login", Notice.LOGIN_ADDRESS_REFUSED, False)
    assert isinstance(tab.submit(created.session.id, "login", ANNS_FORM), GoTo)


def test_an_address_that_is_not_listed_is_refused_at_creation(shop: Shop) -> None:
    """RED-02"""
    with pytest.raises(AppError, match=r"evil\.example"):
        login(shop, login_url="https://evil.example/")


def test_an_unlisted_address_of_the_client_is_never_used(shop: Shop, tab: Tab) -> None:
    """RED-08"""
    shop.set_pages(login_url="https://shop.example.evil.example/")
    assert shown(tab.open(login(shop))).notice is Notice.LOGIN_ADDRESS_REFUSED


def test_a_code_for_a_pattern_is_agreed_to_here(with_page: Shop, tab: Tab) -> None:
    """RED-18: the site's page may send its member on without asking, which is no agreement."""
    created = with_page.create("auth", auth_message(prompt="login", redirectUri=PREVIEW_URI.replace("*", "spring")))
    then = tab.follow(tab.resume(sent_out(tab, created), with_page.session_token()))
    assert shown(then).step.name == "continue"


def test_signing_in_on_the_hosted_page_needs_no_second_agreement(shop: Shop, tab: Tab) -> None:
    created = shop.create("auth", auth_message(prompt="login", redirectUri=PREVIEW_URI.replace("*", "spring")))
    tab.open(created)
    assert "code" in sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))[1]


def test_starting_again_goes_out_again(with_page: Shop, tab: Tab) -> None:
    """SES-11"""
    created = login(with_page)
    tab.resume(sent_out(tab, created), None)
    with_page.wait(25 * HOUR)
    tab.away.clear()  # the cookie lives for ten minutes
    tab.referrer = None
    assert sent_to(tab.follow(tab.start_again(created.session.id)))[0] == "https://shop.example/log-in"
    assert SITE_ID not in tab.logins
