"""The dashboard's door: nobody gets in without a link, a password and, where there is one, the second factor."""

from __future__ import annotations

import re

import httpx
import pyotp
import pytest

from roundtrip.core.clock import MINUTE, SECOND
from roundtrip.web.dashboard.desk import DeskPage
from roundtrip.web.dashboard.pages import PAGES
from tests.app_fixture import PASSWORD, App, Browser
from tests.web.page_reader import read_page

OWNER_PAGES = [page for page in PAGES if page.open_to == "owner"]


def token_in(answer: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text)
    assert found, answer.text
    return found[1]


def become_owner(app: App, browser: Browser | None = None) -> Browser:
    """Join by the link that the server prints."""
    browser = browser or Browser(app)
    link = app.application.setup_link()
    assert link
    form = browser.open(link)
    assert form.status_code == 200, form.text
    joined = browser.submit(link, {"csrf": token_in(form), "name": "Ann", "email": "ann@kiln.example", "password": PASSWORD})
    assert joined.status_code == 303, joined.text
    return browser


def ask(browser: Browser, page: DeskPage, method: str) -> httpx.Response:
    """Call a page as one of our own forms would, with nothing filled in."""
    return browser.send(method, address(page), {"sec-fetch-site": "same-origin"}, data={} if method == "POST" else None)


def log_in(browser: Browser, password: str = PASSWORD) -> httpx.Response:
    form = browser.open("/dashboard/login")
    return browser.submit("/dashboard/login", {"csrf": token_in(form), "email": "ann@kiln.example", "password": password})


def address(page: DeskPage) -> str:
    return "/dashboard" + page.path.replace("{site}", "kiln").replace("{id}", "1").replace("{token}", "x")


def switch_second_factor_on(app: App, browser: Browser) -> tuple[str, list[str]]:
    account = browser.open("/dashboard/account")
    browser.submit("/dashboard/account/second-factor/start", {"csrf": token_in(account)})
    offer = browser.open("/dashboard/account/second-factor")
    secret = re.search(r'data-copy="([A-Z2-7 ]+)"', offer.text)
    assert secret
    totp = secret[1].replace(" ", "")
    typed = pyotp.TOTP(totp).at(app.clock.now // SECOND)
    done = browser.submit("/dashboard/account/second-factor", {"csrf": token_in(offer), "code": typed})
    codes = re.findall(r"<li><code>([a-z0-9-]{14})</code></li>", done.text)
    assert len(codes) == 10, done.text
    return totp, codes


def test_the_printed_link_makes_the_first_owner_and_then_nobody(app: App) -> None:
    """OPS-01."""
    link = app.application.setup_link()
    browser = become_owner(app)
    assert app.application.setup_link() is None
    assert "Kiln" in browser.open("/dashboard").text
    assert link
    assert Browser(app).open(link).status_code == 410


def test_looking_at_the_link_spends_nothing(app: App) -> None:
    """IDN-05: previews and scanners look too."""
    link = app.application.setup_link()
    assert link
    for _ in range(3):
        assert Browser(app).open(link).status_code == 200
        assert app.request("HEAD", link).status_code == 200
    become_owner(app)


@pytest.mark.parametrize("page", OWNER_PAGES, ids=lambda page: f"{'/'.join(page.methods)} {page.path}")
def test_a_stranger_gets_the_login_form_for_every_page(shared_app: App, page: DeskPage) -> None:
    """OPS-01: one page that forgets to ask would be one too many."""
    for method in page.methods:
        answer = Browser(shared_app).send(
            method, address(page), {"sec-fetch-site": "same-origin"}, data={"csrf": "x"} if method == "POST" else None
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/login")


def test_with_the_password_alone_no_page_opens_once_there_is_a_second_factor(app: App) -> None:
    totp, codes = switch_second_factor_on(app, become_owner(app))
    browser = Browser(app)
    app.clock.move(MINUTE)
    assert log_in(browser).headers["location"] == "/dashboard/second-factor"
    for page in OWNER_PAGES:
        answer = browser.send(
            page.methods[0], address(page), {"sec-fetch-site": "same-origin"}, data={} if "POST" in page.methods else None
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/dashboard/second-factor"), page
    form = browser.open("/dashboard/second-factor")
    assert browser.submit("/dashboard/second-factor", {"csrf": token_in(form), "code": "000000"}).status_code == 400
    before = dict(browser.client.cookies)
    typed = pyotp.TOTP(totp).at(app.clock.now // SECOND)
    assert browser.submit("/dashboard/second-factor", {"csrf": token_in(form), "code": typed}).status_code == 303
    assert dict(browser.client.cookies)["__Host-owner"] != before["__Host-owner"], "AUT-15: the secret changes when the login counts"
    assert browser.open("/dashboard/account").status_code == 200
    other = Browser(app)
    log_in(other)
    form = other.open("/dashboard/second-factor")
    assert other.submit("/dashboard/second-factor", {"csrf": token_in(form), "code": codes[3]}).headers["location"] == "/dashboard"


def test_a_wrong_password_and_an_unknown_address_read_the_same(app: App) -> None:
    """IDN-03."""
    become_owner(app)
    browser = Browser(app)
    form = browser.open("/dashboard/login")
    answers = [
        browser.submit("/dashboard/login", {"csrf": token_in(form), "email": email, "password": "not the password"})
        for email in ("ann@kiln.example", "bea@kiln.example")
    ]
    texts = [re.sub(r"(ann|bea)@|nonce=\"[^\"]+\"|<code>[^<]*</code>", "", answer.text) for answer in answers]
    assert texts[0] == texts[1]
    assert {answer.status_code for answer in answers} == {400}


def test_guessing_is_slowed_down_and_said_so(app: App) -> None:
    """IDN-02."""
    become_owner(app)
    browser = Browser(app)
    for _ in range(6):
        assert log_in(browser, "not the password").status_code == 400
    slowed = log_in(browser)
    assert slowed.status_code == 429
    assert "Too many attempts. Wait 1 s" in slowed.text
    app.clock.move(2 * SECOND)
    assert log_in(browser).status_code == 303


def test_logging_out_ends_the_login_on_the_server(app: App) -> None:
    """IDN-07: a copied cookie is worth nothing afterwards."""
    browser = become_owner(app)
    copied = dict(browser.client.cookies)
    account = browser.open("/dashboard/account")
    out = browser.submit("/dashboard/logout", {"csrf": token_in(account)})
    assert out.headers["location"] == "/dashboard/login"
    thief = Browser(app)
    thief.client.cookies.update(copied)
    assert thief.open("/dashboard/account").headers["location"] == "/dashboard/login"


def test_another_sites_page_cannot_press_a_button(app: App) -> None:
    """PAG-03."""
    browser = become_owner(app)
    account = browser.open("/dashboard/account")
    fields = {"csrf": token_in(account)}
    assert browser.submit("/dashboard/people/invite", fields, sec_fetch_site="cross-site").status_code == 403
    assert browser.submit("/dashboard/people/invite", {"csrf": "0" * 64}).status_code == 403
    assert browser.submit("/dashboard/people/invite", fields).status_code == 200


def test_pages_of_the_dashboard_are_framed_by_nobody_and_kept_by_nobody(app: App) -> None:
    """PAG-01, PAG-02."""
    browser = become_owner(app)
    for path in ("/dashboard/kiln", "/dashboard/account", "/dashboard/people", "/dashboard/kiln/audit", "/dashboard/nothing"):
        answer = browser.open(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        document = read_page(answer.text)
        assert len(document.all("h1")) == 1, path
        assert not document.all("iframe")


def test_the_dashboard_answers_on_the_servers_own_address_only(app: App) -> None:
    """OPS-05."""
    assert app.get("/dashboard/login", host="evil.example").status_code == 421


def test_a_changed_password_logs_out_the_other_browsers(app: App) -> None:
    first = become_owner(app)
    second = Browser(app)
    log_in(second)
    account = second.open("/dashboard/account")
    wrong = second.submit("/dashboard/account/password", {"csrf": token_in(account), "current": "nope", "password": "nine grey geese"})
    assert wrong.status_code == 400
    fields = {"csrf": token_in(account), "current": PASSWORD, "password": "nine grey geese"}
    assert second.submit("/dashboard/account/password", fields).status_code == 303
    assert first.open("/dashboard/account").headers["location"] == "/dashboard/login"
    assert second.open("/dashboard/account").status_code == 200


def test_an_invited_owner_joins_and_can_be_removed_by_a_typed_word(app: App) -> None:
    ann = become_owner(app)
    people = ann.open("/dashboard/people")
    made = ann.submit("/dashboard/people/invite", {"csrf": token_in(people), "email": "bea@kiln.example"})
    link = re.search(r'data-copy="([^"]+/join/[^"]+)"', made.text)
    assert link
    bea = Browser(app)
    form = bea.open(link[1])
    assert 'value="bea@kiln.example"' in form.text
    bea.submit(link[1], {"csrf": token_in(form), "name": "Bea", "email": "bea@kiln.example", "password": PASSWORD})
    assert bea.open("/dashboard/people").status_code == 200
    people = ann.open("/dashboard/people")
    bea_id = re.findall(r'/people/remove".*?name="owner" value="([^"]+)"', people.text, re.DOTALL)[0]
    fields = {"csrf": token_in(people), "owner": bea_id, "word": "yes"}
    assert ann.submit("/dashboard/people/remove", fields).status_code == 400
    assert ann.submit("/dashboard/people/remove", {**fields, "word": "Remove"}).status_code == 303
    assert bea.open("/dashboard/people").headers["location"] == "/dashboard/login"


def test_what_owners_type_cannot_become_markup(app: App) -> None:
    """PAG-04."""
    browser = Browser(app)
    link = app.application.setup_link()
    assert link
    form = browser.open(link)
    evil = "<script>alert(1)</script>\"'"
    browser.submit(link, {"csrf": token_in(form), "name": evil, "email": "ann@kiln.example", "password": PASSWORD})
    for path in ("/dashboard/kiln", "/dashboard/people", "/dashboard/kiln/audit"):
        assert "<script>alert" not in browser.open(path).text
