"""Somebody's whole life on a site, by every door that keeps something about them: what a test about their data walks through."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from roundtrip.credentials import one_time_code
from roundtrip.storage import caught_mail
from tests.app_fixture import LOGIN, REGISTER, App, Browser, auth, login
from tests.people import purchase

MARY = "Mary.Quant@Example.com"
NAMES = ("mary.quant", "Zephyrina", "Quantlebury", "Blue hat", *purchase.WORDS)
"""Parts of the address and of the names: none may be found anywhere once she is erased."""
MARYS_PASSWORD = "seven brown owls at noon"
PROFILE = {
    "nickname": "Zephyrina",
    "firstName": "Zephyrina",
    "lastName": "Quantlebury",
    "customFields": [{"name": "note", "value": "Blue hat"}],
}
MEMBERS = "/api/v1/members"


def businesses() -> list[ModuleType]:
    """What she does in a business of its own: a file `leaves_behind.py` beside its tests, with `leaves_behind(app, email)`.

    Found when it is asked for, so that such a file may use what stands here.
    """
    found = sorted(Path(__file__).parent.parent.glob("*/leaves_behind.py"))
    return [importlib.import_module(f"tests.{file.parent.name}.leaves_behind") for file in found]


def mails(app: App) -> list[dict[str, Any]]:
    """Every mail in the queue, in order."""
    rows = app.application.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail' ORDER BY occurred_at, id"))
    return [msgspec.json.decode(body, type=dict) for (body,) in rows]


def digits(app: App, kind: str) -> str:
    """The digits of the newest mail of a kind."""
    code_id = next(mail["code_id"] for mail in reversed(mails(app)) if mail["kind"] == kind)
    return one_time_code.digits(app.application._code_key, code_id)


def on_page(browser: Browser, page: Any, segment: str, fields: dict[str, str]) -> Any:
    """Fill in a page of a visit, going to it first."""
    visit = re.search(r"/session/([0-9a-f-]{36})/", str(page.request.url))
    assert visit, page.request.url
    url = f"{browser.app.base}/session/{visit[1]}/{segment}"
    shown = browser.open(url)
    csrf = re.search(r'name="csrf" value="([^"]+)"', shown.text)
    assert csrf, shown.text
    browser.app.clock.move(1)
    answer = browser.submit(url, {**fields, "csrf": csrf[1]})
    return browser.follow(answer)[0][-1]


def lives(app: App) -> str:
    """Registers, proves her address, is approved, logs in, forgets, is mailed, blocked and let in again, and buys; the member's id."""
    key, post = {"authorization": app.world.key}, app.post
    policy = {"signOnPolicy": {"requireEmailVerification": True, "requireOwnerApproval": True}}
    assert app.request("PATCH", "/iam/signon/v1/sign-on-policies", json=policy, headers=key).status_code == 200
    made = post(REGISTER, {"loginId": {"email": MARY}, "password": MARYS_PASSWORD, "profile": PROFILE}, app.visitor()).json()
    app.clock.move(1)
    proof = {"code": digits(app, "verify_email"), "stateToken": made["stateToken"]}
    assert post("/iam/verification/v1/auth/verify", proof, app.visitor()).json()["state"] == "REQUIRE_OWNER_APPROVAL"
    (waiting,) = app.get(f"{MEMBERS}?status=pending_approval", app.world.key).json()["members"]
    member_id: str = waiting["id"]
    for act in ("approve", "block", "unblock", "send-recovery-email", "end-logins"):
        app.clock.move(1)
        assert post(f"{MEMBERS}/{member_id}/{act}", None, app.world.key).status_code == 200, act
    token = post(LOGIN, {"loginId": {"email": MARY}, "password": MARYS_PASSWORD}, app.visitor()).json()["sessionToken"]
    tokens = app.member(session_token=token)
    purchase.shop(app)
    purchase.buys(app, tokens["access_token"], MARY.lower())
    visits(app)
    for module in businesses():
        module.leaves_behind(app, MARY)
    app.runner.run(app.application.mails.round())
    return member_id


def visits(app: App, *, signs_up: bool = True) -> None:
    """What she types on hosted pages: logs in, asks for a mail, leaves a hint and half a form behind, and signs up (once more)."""
    browser = Browser(app)
    page = browser.follow(browser.open(app.session(login())["fullUrl"]))[0][-1]
    on_page(browser, page, "login", {"email": MARY, "password": MARYS_PASSWORD})
    other = Browser(app)
    page = other.follow(other.open(app.session(login())["fullUrl"]))[0][-1]
    on_page(other, page, "forgot", {"email": MARY.lower()})
    app.session(auth(app.world.shop, loginHint=MARY))
    if not signs_up:
        return
    third = Browser(app)
    page = third.follow(third.open(app.session(login())["fullUrl"]))[0][-1]
    on_page(third, page, "sign_up", {"email": MARY, "password": MARYS_PASSWORD, "nickname": "Zephyrina"})


def everything(app: App) -> str:
    """All that the database holds, opened: the bodies of caught mails are sealed, and would hide from a search."""
    found = app.application.db.read_now(lambda tx: caught_mail.page(tx, app.world.site.id, before_id=None, limit=500))
    key = app.application._code_key
    bodies = [app.application.db.read_now(caught_mail.find, key, mail.site_id, mail.id) for mail in found]
    return app.db_text() + repr(bodies)


def traces(app: App) -> list[str]:
    """Which parts of her address and her names are still somewhere."""
    text = everything(app).casefold()
    return [name for name in NAMES if name.casefold() in text]
