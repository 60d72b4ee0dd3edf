"""The shared login step: logging in and signing up tell nobody who has an account."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from argon2 import extract_parameters

from roundtrip.core.errors import AppError
from roundtrip.credentials import passwords
from roundtrip.flows import runner
from roundtrip.flows.runner import GoTo
from roundtrip.flows.steps.login import Verified
from tests.flows.browser import Tab, send, sent_to, shown
from tests.flows.shop import ANN, ANNS_PASSWORD, SITE_ID, Shop

RIGHT = {"email": ANN, "password": ANNS_PASSWORD}


@pytest.fixture
def visit(shop: Shop, tab: Tab) -> str:
    """A visit whose login page is open."""
    created = shop.login()
    shown(tab.open(created))
    return created.session.id


def refusal(tab: Tab, visit: str, page: str, form: Mapping[str, str]) -> AppError:
    with pytest.raises(AppError) as refused:
        tab.submit(visit, page, form)
    assert isinstance(tab.show(visit, page), runner.Show)
    assert SITE_ID not in tab.logins
    return refused.value


def said(error: AppError) -> tuple[object, ...]:
    """Everything of a refusal that a page shows."""
    return error.kind, error.code, error.description, error.violations, error.data


def test_an_unknown_address_and_a_wrong_password_read_the_same(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-03."""
    unknown = refusal(tab, visit, "login", {"email": "nobody@example.com", "password": ANNS_PASSWORD})
    wrong = refusal(tab, visit, "login", {"email": ANN, "password": "ten green bottles"})
    assert said(unknown) == said(wrong)
    assert unknown.code == "WRONG_CREDENTIALS"


def test_an_unknown_address_takes_as_much_work(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-03: the same hashing with the same costs, on either way."""
    costs = []
    for email in (ANN, "nobody@example.com"):
        work = shop.db.read_now(runner.prepare, visit, "login", {"email": email, "password": "ten green bottles"}, tab.edge(visit))
        assert work is not None
        checked = work.run()
        assert isinstance(checked, Verified)
        assert not checked.matches
        costs.append(extract_parameters(checked.password_hash))
    assert costs[0] == costs[1]


def test_a_blocked_member_reads_what_everybody_reads(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-03."""
    wrong = refusal(tab, visit, "login", {"email": ANN, "password": "ten green bottles"})
    shop.db.write_now(lambda tx: tx.execute("UPDATE member SET status = 'blocked'"))
    assert said(refusal(tab, visit, "login", RIGHT)) == said(wrong)


def test_a_member_without_a_password_cannot_log_in_with_any(shop: Shop, tab: Tab, visit: str) -> None:
    shop.sign_up("cleo@example.com", None)
    for password in ("None", "", " ", ANNS_PASSWORD):
        form = {"email": "cleo@example.com", "password": password}
        assert refusal(tab, visit, "login", form).code in ("WRONG_CREDENTIALS", "INVALID_ARGUMENT")


@pytest.mark.parametrize("email", ["ANN@EXAMPLE.COM", "  ann@example.com  ", "\uff41nn@example.com"])
def test_an_address_is_found_however_it_is_typed(shop: Shop, tab: Tab, visit: str, email: str) -> None:
    assert sent_to(tab.fill_in(visit, "login", {**RIGHT, "email": email}))[1] == {"wixMemberLoggedIn": "true"}


def test_what_is_missing_is_said_at_its_field(shop: Shop, tab: Tab, visit: str) -> None:
    error = refusal(tab, visit, "login", {"email": " "})
    assert [violation.field for violation in error.violations] == ["email", "password"]


def test_a_password_that_was_changed_between_check_and_login_does_not_count(shop: Shop, tab: Tab, visit: str) -> None:
    edge = tab.edge(visit)
    work = shop.db.read_now(runner.prepare, visit, "login", RIGHT, edge)
    assert work is not None
    checked = work.run()
    new_hash = passwords.hash_password("another password")
    shop.db.write_now(lambda tx: tx.execute("UPDATE member SET password_hash = :hash", hash=new_hash))
    with pytest.raises(AppError) as refused:
        send(shop.db, visit, "login", RIGHT, edge, checked)
    assert refused.value.code == "WRONG_CREDENTIALS"


def test_a_check_of_one_account_does_not_open_another(shop: Shop, tab: Tab, visit: str) -> None:
    """The check was made with Ann's password; the form of the second request names Bob."""
    shop.sign_up("bob@example.com", passwords.hash_password("bob's own password"))
    edge = tab.edge(visit)
    work = shop.db.read_now(runner.prepare, visit, "login", RIGHT, edge)
    assert work is not None
    with pytest.raises(AppError, match="isn't right"):
        send(shop.db, visit, "login", {**RIGHT, "email": "bob@example.com"}, edge, work.run())


def test_without_a_check_nobody_gets_in(shop: Shop, tab: Tab, visit: str) -> None:
    with pytest.raises(AppError) as refused:
        send(shop.db, visit, "login", RIGHT, tab.edge(visit), None)
    assert refused.value.code == "WRONG_CREDENTIALS"


def test_signing_up_makes_a_member_who_can_log_in(shop: Shop, tab: Tab, visit: str) -> None:
    form = {"email": " bea@example.com ", "password": "a blue door in may", "nickname": " Bea "}
    assert isinstance(tab.submit(visit, "sign_up", form), GoTo)
    assert tab.login is not None
    member_id = tab.login.member_id
    assert shop.events(member_id)[0][0] == "created"
    assert "a blue door" not in str(shop.events(member_id))
    created = shop.login()
    other = Tab(shop)
    other.open(created)
    then = other.fill_in(created.session.id, "login", {"email": "bea@example.com", "password": "a blue door in may"})
    assert sent_to(then)[1] == {"wixMemberLoggedIn": "true"}
    assert other.login is not None
    assert other.login.member_id == member_id


def test_signing_up_with_a_taken_address_does_not_say_so(shop: Shop, tab: Tab, visit: str) -> None:
    """IDN-03, decision record 0006: a text that fits other causes, and Ann's account is as it was."""
    error = refusal(tab, visit, "sign_up", {"email": "Ann@Example.com", "password": "a blue door in may"})
    assert error.code == "SIGN_UP_REFUSED"
    assert "exist" not in error.description.lower()
    assert "taken" not in error.description.lower()
    assert sent_to(tab.fill_in(visit, "login", RIGHT))[1] == {"wixMemberLoggedIn": "true"}


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"email": "bea", "password": "short"}, ["email", "password"]),
        ({"email": "bea@example.com", "password": "password1"}, ["password"]),
        ({"email": "bea@example.com", "password": "bea@example.com"}, ["password"]),
        ({}, ["email", "password"]),
    ],
)
def test_a_weak_sign_up_is_refused_at_its_fields(shop: Shop, tab: Tab, visit: str, form: Mapping[str, str], fields: list[str]) -> None:
    """IDN-01."""
    error = refusal(tab, visit, "sign_up", form)
    assert [violation.field for violation in error.violations] == fields
    row = shop.db.read_now(lambda tx: tx.one("SELECT COUNT(*) FROM member"))
    assert row == (1,)


def test_logging_in_gives_the_browser_a_secret_it_never_had(shop: Shop, tab: Tab, visit: str) -> None:
    """AUT-15: a secret that somebody planted before the login is not logged in afterwards."""
    tab.logins[SITE_ID] = "planted"
    tab.submit(visit, "login", RIGHT)
    assert tab.logins[SITE_ID] != "planted"
    assert Tab(shop, logins={SITE_ID: "planted"}).login is None


def test_logging_in_as_somebody_else_logs_the_first_one_out(shop: Shop, tab: Tab, visit: str) -> None:
    bob = shop.sign_up("bob@example.com", passwords.hash_password("bob's own password"))
    tab.log_in(bob)
    bobs = Tab(shop, logins=dict(tab.logins))
    tab.submit(visit, "login", RIGHT)
    assert bobs.login is None
    assert tab.login is not None
    assert tab.login.member_id == shop.ann.id
