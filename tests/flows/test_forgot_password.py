"""Somebody forgot the password: a code by mail, a new password, and the visit goes on. Nobody learns who has an account."""

from __future__ import annotations

from functools import partial

import pytest

from roundtrip.core.clock import MINUTE
from roundtrip.core.errors import AppError
from roundtrip.credentials import passwords
from roundtrip.credentials.model import Purpose
from roundtrip.flows import mail_links, runner
from roundtrip.flows.mail_links import Elsewhere
from roundtrip.flows.runner import GoTo, Next, Show
from roundtrip.workflows import ask_for_recovery
from tests.flows.at_once import at_once
from tests.flows.browser import Tab, send, sent_to, shown
from tests.flows.shop import ANN, ANNS_PASSWORD, NOW, SHOP_ID, Shop

NEW = "ten green bottles on a wall"
NOBODY = "nobody@example.com"


@pytest.fixture
def visit(shop: Shop, tab: Tab) -> str:
    """A visit whose page asks for the code that was sent to Ann."""
    return ask(shop, tab, ANN)


def ask(shop: Shop, tab: Tab, email: str) -> str:
    """Ask for a code, starting from the login page."""
    created = shop.login()
    shown(tab.open(created))
    assert shown(tab.show(created.session.id, "forgot")).step.name == "forgot"
    assert shown(tab.fill_in(created.session.id, "forgot", {"email": email})).step.name == "reset"
    return created.session.id


def refusal(tab: Tab, visit: str, form: dict[str, str]) -> AppError:
    with pytest.raises(AppError) as refused:
        tab.submit(visit, "reset", form)
    return refused.value


def test_a_new_password_takes_the_visitor_back_logged_in(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-06: the third page from the site is the last."""
    then = tab.fill_in(visit, "reset", {"code": shop.digits(ANN), "password": NEW})
    assert sent_to(then)[1] == {"wixMemberLoggedIn": "true"}
    assert tab.login is not None
    assert tab.login.member_id == shop.ann.id
    assert shop.member(ANN).is_verified
    assert sorted(mail["kind"] for mail in shop.mails(ANN)) == ["password_changed", "recover"]
    again = shop.login()
    other = Tab(shop)
    other.open(again)
    with pytest.raises(AppError, match="isn't right"):
        other.submit(again.session.id, "login", {"email": ANN, "password": ANNS_PASSWORD})
    assert sent_to(other.fill_in(again.session.id, "login", {"email": ANN, "password": NEW}))[1] == {"wixMemberLoggedIn": "true"}


def test_an_unknown_address_leads_to_the_same_page(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-03: same page, same refusals, as many rows; only the mail is missing."""
    unknown = Tab(shop)
    other = ask(shop, unknown, NOBODY)
    known_page, unknown_page = shown(tab.show(visit, "reset")), shown(unknown.show(other, "reset"))
    assert {**known_page.view, "email": NOBODY} == unknown_page.view
    form = {"code": "000000" if shop.digits(ANN) != "000000" else "111111", "password": NEW}
    one, two = refusal(tab, visit, form), refusal(unknown, other, form)
    assert (one.code, one.description, one.violations) == (two.code, two.description, two.violations)
    assert one.code == "CODE_WRONG"
    assert shop.mails(NOBODY) == []
    row = shop.db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM one_time_code"))
    assert row == (2,)


def test_everybody_else_is_logged_out_by_a_reset(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-06: another browser, its tokens, and a session token that was not used yet."""
    other = Tab(shop)
    other.log_in(shop.ann)
    code = sent_to(other.open(shop.auth()))[1]["code"]
    tokens = shop.redeem(code)
    token = shop.session_token()
    tab.fill_in(visit, "reset", {"code": shop.digits(ANN), "password": NEW})
    assert other.login is None
    assert not shop.can_refresh(tokens)
    assert sent_to(Tab(shop).open(shop.auth(prompt="none", sessionToken=token)))[1]["error"] == "login_required"
    assert len(shop.revoked()) >= 1


def test_after_five_wrong_codes_the_right_one_is_too_late(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-04."""
    right = shop.digits(ANN)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert refusal(tab, visit, {"code": wrong, "password": NEW}).code == "CODE_WRONG"
    shop.wait(MINUTE)
    assert refusal(tab, visit, {"code": right, "password": NEW}).code == "CODE_WRONG"
    shop.wait(MINUTE)
    assert shown(tab.fill_in(visit, "reset", {"again": "yes"})).view["notice"]
    assert sent_to(tab.fill_in(visit, "reset", {"code": shop.digits(ANN), "password": NEW}))[1] == {"wixMemberLoggedIn": "true"}


def test_a_code_belongs_to_the_visit_that_asked_for_it(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-04: somebody who asks in Ann's name can do nothing with the digits of her mail, nor end them."""
    digits = shop.digits(ANN)
    stranger = Tab(shop, address="198.51.100.9")
    theirs = ask(shop, stranger, ANN)
    with pytest.raises(AppError) as refused:
        stranger.submit(theirs, "reset", {"code": digits, "password": "a stranger's password"})
    assert refused.value.code == "CODE_WRONG"
    assert sent_to(tab.fill_in(visit, "reset", {"code": digits, "password": NEW}))[1] == {"wixMemberLoggedIn": "true"}


def test_a_code_is_too_old_after_ten_minutes(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-04."""
    shop.wait(10 * MINUTE)
    assert refusal(tab, visit, {"code": shop.digits(ANN), "password": NEW}).code == "CODE_WRONG"


def test_two_resets_with_one_code_make_one_password(shop: Shop, tab: Tab, visit: str) -> None:
    """TST-06, IDN-04."""
    digits = shop.digits(ANN)
    hashes = ["first", "second", "third"]
    edges = [tab.edge(visit) for _ in hashes]
    form = {"code": digits, "password": NEW}
    answers = at_once([partial(send, shop.db, visit, "reset", form, edge, made) for edge, made in zip(edges, hashes, strict=True)])
    won = [isinstance(one, GoTo) and one.changes.login_started for one in answers]
    assert won.count(True) == 1, answers
    row = shop.db.read_now(lambda tx: tx.one("SELECT password_hash FROM member WHERE id = :id", id=shop.ann.id))
    assert row == (hashes[won.index(True)],)
    assert sorted(mail["kind"] for mail in shop.mails(ANN)) == ["password_changed", "recover"]


def test_a_blocked_member_gets_no_mail_and_no_other_page(shop: Shop, tab: Tab) -> None:
    """IDN-03."""
    shop.db.write_now(lambda tx: tx.execute("UPDATE member SET status = 'blocked'"))
    visit = ask(shop, tab, ANN)
    assert shop.mails(ANN) == []
    assert refusal(tab, visit, {"code": "123456", "password": NEW}).code == "CODE_WRONG"


def test_somebody_who_remembers_goes_back_to_the_login_page(shop: Shop, tab: Tab, visit: str) -> None:
    page = shown(tab.show(visit, "login"))
    assert page.view["values"] == {"email": ANN}
    assert sent_to(tab.fill_in(visit, "login", {"email": ANN, "password": ANNS_PASSWORD}))[1] == {"wixMemberLoggedIn": "true"}


def test_what_was_typed_at_the_login_page_is_there_already(shop: Shop, tab: Tab) -> None:
    created = shop.login()
    tab.open(created)
    with pytest.raises(AppError):
        tab.submit(created.session.id, "login", {"email": ANN, "password": "wrong"})
    assert shown(tab.show(created.session.id, "forgot")).view["values"] == {"email": ANN}


def follow(shop: Shop, tab: Tab, visit: str | None, token: str, purpose: Purpose = Purpose.RECOVER) -> Next | Elsewhere | None:
    """Press the button behind a mail's link."""
    edge = tab.edge(visit)
    assert shop.db.read_now(mail_links.look, token, purpose, edge) is not None
    password_hash = passwords.hash_password(NEW) if purpose is Purpose.RECOVER else None
    then = shop.db.write_now(mail_links.follow, token, purpose, password_hash, edge)
    if isinstance(then, Elsewhere):
        if then.changes.login_started:
            tab.logins[shop.site.id] = edge.fresh.login_secret
        return then
    return tab.follow(tab._take(edge, then)) if then is not None else None


def test_the_link_goes_on_with_the_visit_in_its_own_browser(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-05, IDN-06."""
    then = follow(shop, tab, visit, shop.link(ANN))
    assert not isinstance(then, Elsewhere | None)
    assert sent_to(then)[1] == {"wixMemberLoggedIn": "true"}


def test_the_link_in_another_browser_logs_in_that_one_only(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-06: whoever waits may have asked in somebody else's name, and learns nothing."""
    before = shown(tab.show(visit, "reset")).view
    phone = Tab(shop)
    then = follow(shop, phone, None, shop.link(ANN))
    assert isinstance(then, Elsewhere)
    assert then.redirect is None
    assert phone.login is not None
    assert isinstance(tab.show(visit, "reset"), Show)
    assert shown(tab.show(visit, "reset")).view == before
    assert tab.login is None


def test_a_browser_that_is_somebody_elses_stays_so(shop: Shop, tab: Tab, visit: str) -> None:
    """Decision record 0016."""
    bob = shop.sign_up("bob@example.com")
    bobs = Tab(shop)
    bobs.log_in(bob)
    assert isinstance(follow(shop, bobs, None, shop.link(ANN)), Elsewhere)
    assert bobs.login is not None
    assert bobs.login.member_id == bob.id


def test_a_link_works_once(shop: Shop, tab: Tab, visit: str) -> None:
    token = shop.link(ANN)
    follow(shop, Tab(shop), None, token)
    edge = tab.edge()
    assert shop.db.read_now(mail_links.look, token, Purpose.RECOVER, edge) is None
    assert shop.db.write_now(mail_links.follow, token, Purpose.RECOVER, "x", edge) is None


@pytest.mark.parametrize("still_listed", [True, False])
def test_a_site_that_asked_gets_its_visitor_back_at_a_listed_address_only(shop: Shop, tab: Tab, still_listed: bool) -> None:
    """IDN-06: judged when the mail is asked for, and again when the browser leaves."""
    url = shop.client.redirect_uris[0]
    with pytest.raises(AppError) as refused:
        shop.db.read_now(ask_for_recovery.check_redirect, shop.site, SHOP_ID, url + "/other", "redirect.url", NOW)
    assert refused.value.code == "INVALID_REDIRECT_URI"
    binding = shop.db.read_now(ask_for_recovery.check_redirect, shop.site, SHOP_ID, url, "redirect.url", NOW)
    made = tab.edge().fresh.mail_id
    asked = partial(ask_for_recovery.ask_by_email, email=ANN, address="", language=None, binding=binding, mail_id=made, now=NOW)
    shop.db.write_now(lambda tx: asked(tx, shop.site))
    if not still_listed:
        shop.list_addresses(uris=())
    then = follow(shop, tab, None, shop.link(ANN))
    assert isinstance(then, Elsewhere)
    assert (then.redirect.url if then.redirect else None) == (f"{url}?wixMemberLoggedIn=true" if still_listed else None)
    assert tab.login is not None


def test_asking_again_and_again_has_to_wait(shop: Shop, tab: Tab) -> None:
    """IDN-02: for known and unknown addresses alike."""
    waits = []
    for email in (ANN, NOBODY):
        created = shop.login()
        tab.open(created)
        for _ in range(6):
            tab.fill_in(created.session.id, "forgot", {"email": email})
        with pytest.raises(AppError) as refused:
            tab.submit(created.session.id, "forgot", {"email": email})
        waits.append((refused.value.code, refused.value.retry_after))
        assert isinstance(tab.show(created.session.id, "reset"), runner.Show)
    assert waits[0] == waits[1] == ("TOO_MANY_ATTEMPTS", 1)
    assert len(shop.mails(ANN)) == 6
