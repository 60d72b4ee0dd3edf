"""The pages of a payment: the test provider's, paying later, and what a stranger or another host gets."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest

from roundtrip.core.clock import MINUTE, SECOND
from roundtrip.payments import actions, providers
from roundtrip.payments.model import Attempt, RefundStatus, Status
from roundtrip.payments.providers.test import Choice
from roundtrip.payments.site_settings import actions as site_settings
from roundtrip.sites import site_settings as about_sites
from roundtrip.sites.model import Mode
from tests.app_fixture import App, Browser, login
from tests.payments.conftest import Selling, Shop, a_change
from tests.payments.owed import owed, refunds_of, stored

CARD = "4242 4242 4242 4242"
CARD_FORMS = (CARD, CARD.replace(" ", ""), CARD.replace(" ", "-"))


def begun(at: Selling, provider: str = providers.TEST, **changes: Any) -> tuple[Attempt, str]:
    """An attempt at the test site, and the path of its page."""
    thing = owed(**{"site_id": at.app.world.site.id, "pay_until": None, **changes})
    attempt = at.app.application.db.write_now(actions.begin, thing, provider, at.app.clock())
    return attempt, at.app.application.cashier.page_path(attempt)


def csrf_in(text: str) -> str:
    """The token that the page's forms carry."""
    found: list[str] = re.findall(r'name="csrf" value="([0-9a-f]+)"', text)
    return found[0]


def chosen(at: Selling, path: str, choice: str, **more: str) -> Any:
    """Open the page and choose."""
    browser = Browser(at.app)
    page = browser.open(path)
    assert page.status_code == 200, page.text
    return browser.submit(path, {"csrf": csrf_in(page.text), "choice": choice, **more})


def rounds(at: Selling) -> None:
    """Let the worker look until nothing is due."""
    while at.app.runner.run(at.app.application.payments.round()):
        pass


def now_(at: Selling, attempt: Attempt) -> Attempt:
    """The attempt as it is."""
    return stored(at.app.application.db, attempt.id)


def test_pay_now_pays_and_leads_back_to_the_flow(selling: Selling) -> None:
    """PAY-03."""
    attempt, path = begun(selling)
    page = Browser(selling.app).open(path).text
    assert "Pay now" in page
    assert "€42.00" in page
    assert "A vase" in page
    assert not re.findall(r"<input(?![^>]*type=\"(?:hidden|radio)\")", page), "nothing can be typed"
    answer = chosen(selling, path, "paid")
    assert (answer.status_code, answer.headers["location"]) == (303, attempt.return_path)
    assert selling.shop.sold == [attempt.owed_id]
    again = Browser(selling.app).open(path)
    assert (again.status_code, again.headers["location"]) == (303, attempt.return_path)


@pytest.mark.parametrize(
    ("choice", "at_once", "in_the_end", "is_sold"),
    [
        (Choice.PAID, Status.CAPTURED, Status.CAPTURED, True),
        (Choice.DECLINED, Status.DECLINED, Status.DECLINED, False),
        (Choice.CANCELLED, Status.CANCELLED, Status.CANCELLED, False),
        (Choice.PENDING, Status.PENDING, Status.CAPTURED, True),
        (Choice.LATE, Status.EXPIRED, Status.CAPTURED, True),
        (Choice.DUPLICATE, Status.CAPTURED, Status.CAPTURED, True),
        (Choice.REORDERED, Status.CAPTURED, Status.CAPTURED, True),
    ],
)
def test_every_other_outcome_can_be_tried(selling: Selling, choice: Choice, at_once: Status, in_the_end: Status, is_sold: bool) -> None:
    """PAY-04, PAY-05, PAY-08."""
    attempt, path = begun(selling)
    assert f'value="{choice.value}"' in Browser(selling.app).open(path).text
    assert chosen(selling, path, choice).headers["location"] == attempt.return_path
    assert now_(selling, attempt).status is at_once
    selling.app.clock.move(10 * SECOND)
    rounds(selling)
    assert now_(selling, attempt).status is in_the_end
    assert selling.shop.sold == [attempt.owed_id] * is_sold
    assert refunds_of(selling.app.application.db, attempt) == []
    assert [one.is_late for one in selling.shop.told if one.is_paid] == [choice is Choice.LATE] * is_sold


def test_pressing_twice_pays_once(selling: Selling) -> None:
    """PAY-06."""
    attempt, path = begun(selling)
    browser = Browser(selling.app)
    token = csrf_in(browser.open(path).text)
    answers = [browser.submit(path, {"csrf": token, "choice": choice}) for choice in ("paid", "paid", "declined", "duplicate")]
    assert {answer.headers["location"] for answer in answers} == {attempt.return_path}
    assert selling.shop.sold == [attempt.owed_id]
    assert now_(selling, attempt).status is Status.CAPTURED


def test_two_browsers_that_press_at_once_pay_once(selling: Selling) -> None:
    """PAY-06."""
    attempt, path = begun(selling)
    token = csrf_in(Browser(selling.app).open(path).text)
    clients = [selling.app.new_client() for _ in range(6)]
    headers = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    calls = [lambda client=client: client.post(path, data={"csrf": token, "choice": "duplicate"}, headers=headers) for client in clients]
    assert {answer.status_code for answer in selling.app.at_once(*calls)} == {303}
    assert selling.shop.sold == [attempt.owed_id]


def test_a_refund_of_a_test_payment_moves_by_itself(selling: Selling) -> None:
    """PAY-06: the second of two."""
    attempt, path = begun(selling)
    second, other_path = begun(selling, session_id=attempt.session_id)
    for page in (path, other_path):
        chosen(selling, page, "paid")
    rounds(selling)
    assert selling.shop.sold == [attempt.owed_id]
    assert [refund.status for refund in refunds_of(selling.app.application.db, second)] == [RefundStatus.MOVED]


def test_who_only_looks_moves_nothing(selling: Selling) -> None:
    """SES-03: prefetching a link."""
    attempt, path = begun(selling)
    for page in (path, f"{path}/back"):
        assert Browser(selling.app).open(page, sec_purpose="prefetch").status_code == 204
        assert selling.app.request("HEAD", page).status_code == 405
    assert now_(selling, attempt).status is Status.CREATED


@pytest.mark.parametrize("change", [lambda path: path[:-1], lambda path: path[:-1] + "~", lambda path: path + "x", lambda path: "/pay/x"])
def test_a_guessed_page_is_not_there(selling: Selling, change: Any) -> None:
    _, path = begun(selling)
    for method in ("GET", "POST"):
        headers = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
        assert selling.app.request(method, change(path), headers=headers).status_code == 404


def test_another_sites_page_cannot_press_the_button(selling: Selling) -> None:
    """PAG-03."""
    attempt, path = begun(selling)
    browser = Browser(selling.app)
    token = csrf_in(browser.open(path).text)
    assert browser.submit(path, {"csrf": token, "choice": "paid"}, sec_fetch_site="cross-site").status_code == 403
    assert browser.submit(path, {"csrf": "0" * 64, "choice": "paid"}).status_code == 403
    assert browser.submit(path, {"choice": "paid"}).status_code == 403
    assert now_(selling, attempt).status is Status.STARTED


@pytest.mark.parametrize("choice", ["", "free", "PAID", "paid\x00x", "x" * 1000])
def test_an_outcome_that_does_not_exist_changes_nothing(selling: Selling, choice: str) -> None:
    attempt, path = begun(selling)
    answer = chosen(selling, path, choice)
    assert answer.status_code == 400 if "\x00" in choice else answer.headers["location"] == path
    assert now_(selling, attempt).status is Status.STARTED


def test_a_page_whose_time_is_over_leads_back(selling: Selling) -> None:
    attempt, path = begun(selling)
    selling.app.clock.move(61 * MINUTE)
    assert Browser(selling.app).open(path).headers["location"] == attempt.return_path
    assert now_(selling, attempt).status is Status.EXPIRED
    assert [one.attempt.status for one in selling.shop.told] == [Status.EXPIRED]


def test_a_live_site_takes_no_pretended_money(selling: Selling) -> None:
    """OPS-12: also when it was begun before the site went live."""
    attempt, path = begun(selling)
    token = csrf_in(Browser(selling.app).open(path).text)
    selling.app.application.db.write_now(about_sites.switch_mode, site=selling.app.world.site, mode=Mode.LIVE, change=a_change())
    browser = Browser(selling.app)
    assert browser.open(path).status_code == 403
    assert browser.submit(path, {"csrf": token, "choice": "paid"}).status_code == 403
    assert now_(selling, attempt).status is Status.STARTED
    assert selling.shop.told == []


@pytest.mark.parametrize("choice", [Choice.PENDING, Choice.LATE])
def test_pretended_money_that_arrives_after_the_site_went_live_pays_nothing(selling: Selling, choice: Choice) -> None:
    """OPS-12: what was waiting for it is free again."""
    attempt, path = begun(selling)
    chosen(selling, path, choice)
    selling.app.application.db.write_now(about_sites.switch_mode, site=selling.app.world.site, mode=Mode.LIVE, change=a_change())
    selling.app.clock.move(6 * SECOND)
    rounds(selling)
    assert now_(selling, attempt).status is (Status.DECLINED if choice is Choice.PENDING else Status.EXPIRED)
    assert selling.shop.sold == []


def test_pay_later_says_how_in_the_sites_own_words(selling: Selling) -> None:
    words = "Transfer it to\nDE02 1203 0000 0000 2020 51 <soon>"
    db = selling.app.application.db
    db.write_now(site_settings.set_offline, selling.app.world.site, on=True, instructions=words, change=a_change())
    attempt, path = begun(selling, providers.OFFLINE)
    page = Browser(selling.app).open(path).text
    assert '<p dir="auto">Transfer it to</p>' in page
    assert "2020 51 &lt;soon&gt;" in page
    assert f'href="{attempt.return_path}"' in page
    assert Browser(selling.app).submit(path, {"csrf": csrf_or_none(page), "choice": "paid"}).status_code in (303, 403)
    assert now_(selling, attempt).status is Status.STARTED


def csrf_or_none(text: str) -> str:
    """A page without a form has no token."""
    found = re.findall(r'name="csrf" value="([0-9a-f]+)"', text)
    return found[0] if found else ""


def test_the_page_speaks_the_language_of_the_visit_and_reads_from_its_side(selling: Selling) -> None:
    """PAG-07."""
    _, path = begun(selling, language="he")
    page = Browser(selling.app).open(path).text
    assert '<html lang="he" dir="rtl"' in page
    assert "Pay now" not in page
    assert '<html lang="de"' in Browser(selling.app).open(f"{path}?lang=de").text


def test_the_form_may_lead_to_where_the_visit_returns_and_nowhere_else(selling: Selling) -> None:
    """PAG-01: what is paid may lead on to the site at once."""
    session = selling.app.session(login())
    _, path = begun(selling, session_id=session["id"])
    policy = Browser(selling.app).open(path).headers["content-security-policy"]
    assert "form-action 'self' https://shop.example;" in policy


def test_a_card_number_typed_anywhere_is_neither_stored_nor_logged(selling: Selling, caplog: pytest.LogCaptureFixture) -> None:
    """PAY-01: whatever somebody puts into the requests of these pages, under whatever name, in the path, the query or a header."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own browser
    attempt, path = begun(selling)
    browser = Browser(selling.app)
    token = csrf_in(browser.open(path).text)
    seen = ""
    for card in CARD_FORMS:
        for name in ("choice", "card", "number", "cc-number", "csrf", card):
            fields = {"csrf": token, "choice": "nothing", name: card}
            seen += browser.submit(path, fields).text
        seen += browser.submit(path, {"csrf": token, "choice": card, "lang": card}, referer=f"https://x.example/{card}").text
        seen += browser.open(f"{path}/back").text
        seen += selling.app.post(f"/payments/{attempt.site_id}/stripe/events", {"card": card}, stripe_signature=f"t={card}").text
    seen += browser.submit(path, {"csrf": token, "choice": "paid", "card": CARD}).text
    assert selling.shop.sold == [attempt.owed_id]
    for card in CARD_FORMS:
        for place in (selling.app.db_text(), caplog.text, seen):
            assert card not in place


def test_a_payment_of_another_site_is_not_at_this_sites_own_address(selling: Selling, tmp_path: Path) -> None:
    """OPS-05, decision 0072."""
    db = selling.app.application.db
    live = selling.app.world.live_site
    db.write_now(about_sites.update, site=live, fields={"pagesUrl": "https://pay.loom.example"}, change=a_change())
    _, path = begun(selling)
    headers = {"host": "pay.loom.example", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert selling.app.request("GET", path, headers=headers).status_code == 404


def test_on_each_database_a_visitor_pays(app_on_each: App) -> None:
    """PAY-03, on PostgreSQL too."""
    shop = Shop()
    application = app_on_each.application
    thing = owed(site_id=app_on_each.world.site.id, pay_until=None, kind="none")
    attempt = application.db.write_now(actions.begin, thing, providers.TEST, app_on_each.clock())
    path = application.cashier.page_path(attempt)
    browser = Browser(app_on_each)
    token = csrf_in(browser.open(path).text)
    browser.submit(path, {"csrf": token, "choice": "pending"})
    app_on_each.clock.move(10 * SECOND)
    for _ in range(3):
        app_on_each.runner.run(application.payments.round())
    assert stored(application.db, attempt.id).status is Status.CAPTURED
    assert shop.told == []


def test_sites_are_settled_by_the_process_that_was_given_their_sellers(selling: Selling) -> None:
    """A kind of thing that nobody sells any more is paid all the same; nothing is lost."""
    attempt, path = begun(selling, kind="unknown")
    chosen(selling, path, "paid")
    assert now_(selling, attempt).status is Status.CAPTURED
    assert selling.shop.told == []


@pytest.mark.parametrize("card", CARD_FORMS)
def test_a_card_number_typed_into_another_form_of_a_visit_is_not_kept(app: App, caplog: pytest.LogCaptureFixture, card: str) -> None:
    """PAY-01: the field says so, what else was typed stays, and the number is nowhere: no row, no log line, not on the page again."""
    caplog.set_level(logging.DEBUG)
    browser = Browser(app)
    _, outside = browser.follow(browser.open(app.session(login())["fullUrl"]))
    assert outside is None
    step = browser.follow(browser.open(app.session(login())["fullUrl"]))[0][-1]
    sign_up = str(step.url).replace("/login", "/sign_up")
    fields = {"csrf": csrf_in(step.text), "email": "ann@example.com", "nickname": f"Ann {card}", "password": "seven brown owls at noon"}
    answer = browser.submit(sign_up, fields)
    assert answer.status_code == 400
    assert "number of a payment card" in answer.text
    assert "ann@example.com" in answer.text
    for place in (answer.text, app.db_text(), caplog.text):
        assert card not in place
    done = browser.submit(sign_up, {**fields, "nickname": "Ann"})
    assert done.status_code in (302, 303)
