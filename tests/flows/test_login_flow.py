"""`login`: always the page, and back with the truth about being logged in."""

from __future__ import annotations

from roundtrip.flows.base import Stay
from roundtrip.flows.runner import Leave
from roundtrip.redirect_session.model import Callbacks
from roundtrip.sites.model import Mode
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import ANN, ANNS_PASSWORD, SITE_ID, Shop

ANNS_FORM = {"email": ANN, "password": ANNS_PASSWORD}


def test_the_page_comes_even_to_somebody_who_is_logged_in(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    assert shown(tab.open(shop.login())).step.name == "login"


def test_who_logged_in_comes_back_as_logged_in(shop: Shop, tab: Tab) -> None:
    created = shop.login()
    tab.open(created)
    assert sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM)) == ("https://shop.example/", {"wixMemberLoggedIn": "true"})
    assert shop.session(created.session.id).outcome == "completed"


def test_a_lost_answer_to_the_login_form_loses_no_login(shop: Shop, tab: Tab) -> None:
    """SES-04, AUT-15: the cookie was in that answer; on the way back the browser gets one again, with a secret it never had."""
    created = shop.login()
    tab.open(created)
    tab.submit(created.session.id, "login", ANNS_FORM)
    lost = tab.logins.pop(SITE_ID)
    assert sent_to(tab.return_(created.session.id)) == ("https://shop.example/", {"wixMemberLoggedIn": "true"})
    assert tab.login is not None
    assert tab.logins[SITE_ID] != lost
    tab.logins.clear()
    assert sent_to(tab.return_(created.session.id))[1] == {"wixMemberLoggedIn": "false"}, "only on the way to the first return"


def test_who_walked_away_comes_back_as_not_logged_in(shop: Shop, tab: Tab) -> None:
    created = shop.login()
    tab.open(created)
    assert sent_to(tab.leave(created.session.id)) == ("https://shop.example/", {"wixMemberLoggedIn": "false"})


def test_who_was_logged_in_before_and_walked_away_still_is(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    created = shop.login()
    tab.open(created)
    assert sent_to(tab.leave(created.session.id))[1] == {"wixMemberLoggedIn": "true"}


def test_the_parameters_of_the_site_are_kept(shop: Shop, tab: Tab) -> None:
    """RED-07, RED-11: query and fragment of the callback, and its state."""
    callbacks = Callbacks(post_flow_url="https://shop.example/done?src=web&wixMemberLoggedIn=maybe#top", state="s/1")
    created = shop.create("login", {}, callbacks=callbacks)
    tab.open(created)
    then = tab.fill_in(created.session.id, "login", ANNS_FORM)
    assert isinstance(then, Leave)
    assert then.leaving.url == "https://shop.example/done?src=web&wixMemberLoggedIn=true&state=s%2F1#top"  # type: ignore[union-attr]


def test_without_a_callback_the_visitor_goes_to_the_sites_own_domain(shop: Shop, tab: Tab) -> None:
    """RED-08: `login` without callbacks is fine."""
    created = shop.login(None)
    tab.open(created)
    assert sent_to(tab.fill_in(created.session.id, "login", ANNS_FORM))[0] == "https://shop.example/"


def test_with_nowhere_to_go_the_visitor_reads_that_it_is_done(shop: Shop, tab: Tab) -> None:
    """RED-10: and is not sent to a guess."""
    shop.list_addresses(domains=("*.shop.example",))
    created = shop.login(None)
    tab.open(created)
    then = tab.fill_in(created.session.id, "login", ANNS_FORM)
    assert isinstance(then, Leave)
    assert then.leaving == Stay("done")
    assert shop.site.mode is Mode.TEST


def test_two_visits_in_one_browser_do_not_disturb_each_other(shop: Shop, tab: Tab) -> None:
    """SES-04: one cookie per visit."""
    first, second = shop.login(), shop.login("https://shop.example/second")
    tab.open(first)
    tab.open(second)
    assert sent_to(tab.fill_in(second.session.id, "login", ANNS_FORM))[0] == "https://shop.example/second"
    assert sent_to(tab.fill_in(first.session.id, "login", ANNS_FORM))[0] == "https://shop.example/"
