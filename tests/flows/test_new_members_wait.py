"""Sites that ask new members for a proved address, for the owner's approval, or for both."""

from __future__ import annotations

import pytest

from roundtrip.core.errors import AppError
from roundtrip.credentials.model import Purpose
from roundtrip.flows.mail_links import Elsewhere
from roundtrip.members import standing
from roundtrip.members.model import MemberStatus
from roundtrip.workflows.block_member import block_member
from tests.flows.browser import Tab, sent_to, shown
from tests.flows.shop import ANN, ANNS_PASSWORD, Shop
from tests.flows.test_forgot_password import follow

BEA = "bea@example.com"
FORM = {"email": BEA, "password": "a blue door in may", "nickname": "Bea"}


def sign_up(shop: Shop, tab: Tab, **changes: str) -> tuple[str, str]:
    """Sign up; answers the visit and the page that is shown then."""
    shop.wait(1)  # the newest mail is the one with the latest time in its id
    created = shop.login()
    shown(tab.open(created))
    return created.session.id, shown(tab.fill_in(created.session.id, "sign_up", {**FORM, **changes})).step.name


def log_in(shop: Shop, tab: Tab, email: str, password: str) -> tuple[str, str]:
    created = shop.login()
    shown(tab.open(created))
    return created.session.id, shown(tab.fill_in(created.session.id, "login", {"email": email, "password": password})).step.name


def test_a_new_member_types_the_code_and_is_in(shop: Shop, tab: Tab) -> None:
    shop.ask(verification=True)
    visit, page = sign_up(shop, tab)
    assert page == "verify_code"
    assert tab.login is None
    assert shop.member(BEA).status is MemberStatus.PENDING_VERIFICATION
    then = tab.fill_in(visit, "verify_code", {"code": shop.digits(BEA)})
    assert sent_to(then)[1] == {"wixMemberLoggedIn": "true"}
    bea = shop.member(BEA)
    assert (bea.status, bea.is_verified, bea.nickname, bea.last_login_at) == (MemberStatus.ACTIVE, True, "Bea", shop.now)
    assert [slug for slug, _ in shop.events(bea.id)] == ["created", "verified"]


def test_a_taken_address_looks_like_a_new_one(shop: Shop, tab: Tab) -> None:
    """IDN-03, decision record 0040."""
    shop.ask(verification=True)
    new, _ = sign_up(shop, tab)
    other = Tab(shop)
    taken, page = sign_up(shop, other, email=ANN)
    assert page == "verify_code"
    assert {**shown(tab.show(new, "verify_code")).view, "email": ANN} == shown(other.show(taken, "verify_code")).view
    assert [mail["kind"] for mail in shop.mails(ANN)] == ["already_registered"]
    said = []
    for one, visit in ((tab, new), (other, taken)):
        with pytest.raises(AppError) as refused:
            one.submit(visit, "verify_code", {"code": "12345"})
        said.append((refused.value.code, refused.value.description, refused.value.violations))
    assert said[0] == said[1]
    assert shop.member(ANN) == shop.ann


def test_who_registered_first_keeps_no_key_to_an_account_that_another_proves(shop: Shop, tab: Tab) -> None:
    """Decision record 0041: the password is that of whoever asked for the code that was typed."""
    shop.ask(verification=True)
    stranger = Tab(shop, address="198.51.100.9")
    theirs, _ = sign_up(shop, stranger, password="a stranger's password")
    visit, _ = sign_up(shop, tab)
    tab.fill_in(visit, "verify_code", {"code": shop.digits(BEA)})
    assert shown(stranger.show(theirs, "verify_code")).view["confirmed"] is False
    with pytest.raises(AppError, match="isn't right"):
        log_in(shop, Tab(shop), BEA, "a stranger's password")


def test_the_link_in_another_browser_lets_the_waiting_one_go_on(shop: Shop, tab: Tab) -> None:
    """IDN-05: the other browser is not logged in by it."""
    shop.ask(verification=True)
    visit, _ = sign_up(shop, tab)
    phone = Tab(shop)
    assert isinstance(follow(shop, phone, None, shop.link(BEA), Purpose.VERIFY_EMAIL), Elsewhere)
    assert phone.login is None
    assert shown(tab.show(visit, "verify_code")).view["confirmed"] is True
    assert sent_to(tab.fill_in(visit, "verify_code", {}))[1] == {"wixMemberLoggedIn": "true"}


def test_the_link_in_the_same_browser_goes_on_at_once(shop: Shop, tab: Tab) -> None:
    shop.ask(verification=True)
    visit, _ = sign_up(shop, tab)
    then = follow(shop, tab, visit, shop.link(BEA), Purpose.VERIFY_EMAIL)
    assert not isinstance(then, Elsewhere | None)
    assert sent_to(then)[1] == {"wixMemberLoggedIn": "true"}


def test_another_code_can_be_sent(shop: Shop, tab: Tab) -> None:
    shop.ask(verification=True)
    visit, _ = sign_up(shop, tab)
    first = shop.digits(BEA)
    shop.wait(1)
    page = shown(tab.fill_in(visit, "verify_code", {"again": "yes"}))
    assert page.view["notice"]
    assert len(shop.mails(BEA)) == 2
    if first != shop.digits(BEA):
        with pytest.raises(AppError):
            tab.submit(visit, "verify_code", {"code": first})
    assert sent_to(tab.fill_in(visit, "verify_code", {"code": shop.digits(BEA)}))[1] == {"wixMemberLoggedIn": "true"}


def test_logging_in_before_the_address_is_proved_asks_for_it(shop: Shop, tab: Tab) -> None:
    shop.ask(verification=True)
    sign_up(shop, tab)
    shop.wait(1)
    visit, page = log_in(shop, tab, BEA, FORM["password"])
    assert page == "verify_code"
    assert sent_to(tab.fill_in(visit, "verify_code", {"code": shop.digits(BEA)}))[1] == {"wixMemberLoggedIn": "true"}


def test_the_owner_lets_a_new_member_in(shop: Shop, tab: Tab) -> None:
    shop.ask(approval=True)
    visit, page = sign_up(shop, tab)
    assert page == "pending_approval"
    assert sent_to(tab.leave(visit))[1] == {"wixMemberLoggedIn": "false"}
    assert log_in(shop, tab, BEA, FORM["password"])[1] == "pending_approval"
    shop.decide(standing.approve, BEA)
    assert [mail["kind"] for mail in shop.mails(BEA)] == ["approved"]
    created = shop.login()
    tab.open(created)
    assert sent_to(tab.fill_in(created.session.id, "login", FORM))[1] == {"wixMemberLoggedIn": "true"}
    with pytest.raises(AppError) as refused:
        shop.decide(standing.approve, BEA)
    assert refused.value.code == "MEMBER_STATUS"


def test_the_address_comes_before_the_owner(shop: Shop, tab: Tab) -> None:
    """Decision record 0043."""
    shop.ask(verification=True, approval=True)
    visit, _ = sign_up(shop, tab)
    assert shown(tab.fill_in(visit, "verify_code", {"code": shop.digits(BEA)})).step.name == "pending_approval"
    assert shop.member(BEA).status is MemberStatus.PENDING_APPROVAL
    assert tab.login is None


def test_a_declined_member_reads_what_everybody_reads(shop: Shop, tab: Tab) -> None:
    """IDN-03."""
    shop.ask(approval=True)
    sign_up(shop, tab)
    shop.decide(standing.decline, BEA)
    with pytest.raises(AppError, match="isn't right"):
        log_in(shop, tab, BEA, FORM["password"])
    shop.decide(standing.unblock, BEA)
    assert shop.member(BEA).status is MemberStatus.ACTIVE


def test_members_of_before_stay_in(shop: Shop, tab: Tab) -> None:
    shop.ask(verification=True, approval=True)
    created = shop.login()
    tab.open(created)
    assert sent_to(tab.fill_in(created.session.id, "login", {"email": ANN, "password": ANNS_PASSWORD}))[1] == {"wixMemberLoggedIn": "true"}


def test_blocking_ends_what_is_open(shop: Shop, tab: Tab) -> None:
    tab.log_in(shop.ann)
    tokens = shop.redeem(sent_to(tab.open(shop.auth()))[1]["code"])
    _, revoked = shop.decide(block_member, ANN)
    assert tab.login is None
    assert not shop.can_refresh(tokens)
    assert set(revoked) == shop.revoked() != set()
    rows = shop.db.read_now(lambda tx: tx.all("SELECT action, before, after FROM audit_entry WHERE action <> 'site.created'"))
    assert rows == [("member.blocked", '{"status":"active"}', '{"status":"blocked"}')]


def test_the_policy_is_audited_and_idle_changes_are_not(shop: Shop) -> None:
    shop.ask(verification=True)
    shop.ask(verification=True)
    rows = shop.db.read_now(lambda tx: tx.all("SELECT action, before, after FROM audit_entry WHERE action <> 'site.created'"))
    assert rows == [("sign_on_policy.updated", '{"requireEmailVerification":false}', '{"requireEmailVerification":true}')]


def test_guessing_passwords_gets_slow_and_says_how_slow(shop: Shop, tab: Tab) -> None:
    """IDN-02: the same for an unknown address; the right password has to wait as well."""
    for email in (ANN, "nobody@example.com"):
        created = shop.login()
        tab.open(created)
        for _ in range(6):
            with pytest.raises(AppError, match="isn't right"):
                tab.submit(created.session.id, "login", {"email": email, "password": "wrong"})
        with pytest.raises(AppError) as refused:
            tab.submit(created.session.id, "login", {"email": email, "password": ANNS_PASSWORD})
        assert (refused.value.code, refused.value.retry_after) == ("TOO_MANY_ATTEMPTS", 1)
    elsewhere, created = Tab(shop, address="198.51.100.9"), shop.login()
    elsewhere.open(created)
    then = elsewhere.fill_in(created.session.id, "login", {"email": ANN, "password": ANNS_PASSWORD})
    assert sent_to(then)[1] == {"wixMemberLoggedIn": "true"}
