"""Our own API on redirect sessions: read, list, result with waiting, expire-now."""

from __future__ import annotations

import asyncio
import time

import pytest

from roundtrip.api import redirect_sessions
from roundtrip.core.clock import HOUR, MINUTE
from tests.api.shape import refused, succeeded, violated
from tests.app_fixture import App, Browser, Json, auth, login

OWN = "/api/v1/redirect-sessions"
FIELDS = {"id", "clientId", "intent", "status", "outcome", "result", "language", "createdDate", "updatedDate", "expiresDate"}


def _read(app: App, session: Json, token: str | None = None) -> Json:
    return succeeded(app.get(f"{OWN}/{session['id']}", token or app.world.key))


def test_a_session_is_read_by_its_creator_and_by_keys_of_its_site(app: App) -> None:
    """AUT-14: everybody else gets what an unknown id gets."""
    world = app.world
    token, member = app.visitor(), app.member()["access_token"]
    session, of_member = app.session(login(), token), app.session(login(), member)
    for reader, mine in ((token, session), (world.key, session), (world.reading_key, session), (member, of_member), (world.key, of_member)):
        shown = _read(app, mine, reader)
        assert set(shown) == FIELDS
        assert (shown["id"], shown["status"], shown["outcome"], shown["intent"]) == (mine["id"], "created", None, "login")
    strangers = (
        app.visitor(),
        app.visitor(world.other),
        app.visitor(world.foreign),
        app.member()["access_token"],
        member,
        world.foreign_key,
    )
    for path in ("", "/result"):
        for stranger in strangers:
            refused(app.get(f"{OWN}/{session['id']}{path}", stranger), 404, "REDIRECT_SESSION_NOT_FOUND")
    refused(app.get(f"{OWN}/{of_member['id']}", token), 404, "REDIRECT_SESSION_NOT_FOUND")
    for stranger in strangers:
        refused(app.post(f"{OWN}/{session['id']}/expire", None, stranger), 404, "REDIRECT_SESSION_NOT_FOUND")
    assert _read(app, session)["status"] == "created"


@pytest.mark.parametrize("session_id", ["x", "%00", "..", "00000000-0000-4000-8000-00000000000", "'--", "\u00fc", "x" * 3000])
def test_what_is_no_id_is_not_found(shared_app: App, session_id: str) -> None:
    refused(shared_app.get(f"{OWN}/{session_id}", shared_app.world.key), 404)


def test_letters_of_an_id_may_be_large(app: App) -> None:
    session = app.session(login())
    assert _read(app, {"id": session["id"].upper()})["id"] == session["id"]


def test_nothing_secret_is_shown(app: App) -> None:
    session = app.session(login())
    text = app.get(f"{OWN}/{session['id']}", app.world.key).text + app.get(OWN, app.world.key).text
    assert session["sessionToken"] not in text
    assert "hash" not in text.lower()


def test_the_status_follows_the_visit(app: App) -> None:
    member = app.register()
    session = app.session(auth(app.world.shop, sessionToken=member["sessionToken"], prompt="none"))
    assert _read(app, session)["status"] == "created"
    Browser(app).open(session["fullUrl"])
    shown = _read(app, session)
    assert (shown["status"], shown["outcome"], shown["result"]) == ("returned", "completed", {})
    failed = app.session(auth(app.world.shop, prompt="none"))
    Browser(app).open(failed["fullUrl"])
    assert _read(app, failed)["outcome"] == "login_required"
    left = app.session(login())
    browser = Browser(app)
    browser.open(left["fullUrl"])
    assert _read(app, left)["status"] == "opened"
    browser.open(f"/session/{left['id']}/leave")
    assert (_read(app, left)["status"], _read(app, left)["outcome"]) == ("returned", "abandoned")
    late = app.session(login())
    app.clock.move(30 * MINUTE)
    assert (_read(app, late)["status"], _read(app, late)["outcome"]) == ("expired", "expired")


def test_expire_now_ends_what_is_not_over(app: App) -> None:
    """SES-06."""
    token = app.visitor()
    session = app.session(login(), token)
    shown = succeeded(app.post(f"{OWN}/{session['id']}/expire", None, token))
    assert (shown["status"], shown["outcome"]) == ("expired", "expired")
    details = refused(app.post(f"{OWN}/{session['id']}/expire", None, token), 409, "REDIRECT_SESSION_ENDED")
    assert details["data"] == {"status": "expired"}
    answer = Browser(app).open(session["fullUrl"])
    assert answer.status_code == 410


def test_a_page_that_is_already_shown_cannot_complete_an_expired_session(app: App) -> None:
    """SES-06: it says so plainly, and never that it worked."""
    member = app.register()
    session = app.session(login())
    browser = Browser(app)
    page = browser.follow(browser.open(session["fullUrl"]))[0][-1]
    succeeded(app.post(f"{OWN}/{session['id']}/expire", None, app.world.key))
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    answer = browser.submit(str(page.request.url), {"csrf": csrf, "email": member["email"], "password": "seven brown owls at noon"})
    assert answer.status_code == 410
    assert "This page has expired" in answer.text
    assert not [cookie for cookie in answer.headers.get_list("set-cookie") if "login" in cookie]
    assert _read(app, session)["outcome"] == "expired"


def test_a_result_is_answered_at_once_when_it_is_there(app: App) -> None:
    session = app.session(auth(app.world.shop, prompt="none"))
    assert succeeded(app.get(f"{OWN}/{session['id']}/result", app.world.key))["status"] == "created"
    Browser(app).open(session["fullUrl"])
    started = time.monotonic()
    assert succeeded(app.get(f"{OWN}/{session['id']}/result?wait=30", app.world.key))["outcome"] == "login_required"
    assert time.monotonic() - started < 5


def test_waiting_for_a_result_ends_when_the_visit_ends(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands still, so only the end of the visit can have ended the waiting."""
    monkeypatch.setattr(redirect_sessions, "LOOK_UP_SECONDS", 0.01)
    session = app.session(auth(app.world.shop, prompt="none"))
    client, browser = app.new_client(), Browser(app)
    headers = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}

    async def visit() -> object:
        await asyncio.sleep(0.05)
        return await browser.client.get(session["fullUrl"], headers=headers)

    waiting = f"{OWN}/{session['id']}/result?wait=30"
    answers = app.at_once(lambda: client.get(waiting, headers={"authorization": app.world.key}), visit)  # type: ignore[arg-type]
    assert succeeded(answers[0])["status"] == "returned"
    assert app.clock.now == app.application.clock()


def test_waiting_for_a_result_ends_in_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect_sessions, "LOOK_UP_SECONDS", 0.01)
    session = app.session(login())
    client = app.new_client()
    finished: list[int] = []

    async def wait() -> object:
        answer = await client.get(f"{OWN}/{session['id']}/result?wait=10", headers={"authorization": app.world.key})
        finished.append(app.clock.now)
        return answer

    async def let_time_pass() -> None:
        started = app.clock.now
        while app.clock.now < started + 9_000:
            app.clock.move(1_000)
            await asyncio.sleep(0.02)
        assert finished == []
        app.clock.move(1_000)

    before = app.clock.now
    answers = app.at_once(wait, let_time_pass)  # type: ignore[arg-type]
    assert succeeded(answers[0])["status"] == "created"
    assert finished == [before + 10_000]


def test_one_visitor_does_not_keep_everybody_waiting(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """SES-12: the eleventh call that waits is told to come back; a key's is not, and who does not wait is answered as ever."""
    monkeypatch.setattr(redirect_sessions, "LOOK_UP_SECONDS", 0.01)
    token = app.visitor()
    session = succeeded(app.create(login(), token))["redirectSession"]
    waiting, client = f"{OWN}/{session['id']}/result?wait=10", app.new_client()

    async def wait() -> object:
        return await client.get(waiting, headers={"authorization": token})

    async def others() -> object:
        await asyncio.sleep(0.2)
        refused(await client.get(waiting, headers={"authorization": token}), 429, "RESOURCE_EXHAUSTED")
        assert (await client.get(waiting.partition("?")[0], headers={"authorization": token})).status_code == 200
        of_key = asyncio.create_task(client.get(waiting, headers={"authorization": app.world.key}))
        await asyncio.sleep(0.1)
        app.clock.move(10_000)
        return await of_key

    answers = app.at_once(*[wait] * 10, others)  # type: ignore[arg-type]
    assert [answer.status_code for answer in answers] == [200] * 11
    assert succeeded(app.get(waiting.replace("10", "0"), token))["status"] == "created"


@pytest.mark.parametrize("wait", ["-1", "31", "1.5", "x", "", "9" * 5000, "1e1", "0x1", "\u0665\u0665"])
def test_a_wait_outside_its_limits_is_refused(shared_app: App, wait: str) -> None:
    session = shared_app.session(login())
    violated(shared_app.get(f"{OWN}/{session['id']}/result?wait={wait}", shared_app.world.key), "wait", "FORMAT")


def test_a_list_is_newest_first_in_pages(app_on_each: App) -> None:
    app = app_on_each
    token = app.visitor()
    made = []
    for _ in range(7):
        made.append(app.session(login(), token)["id"])
        app.clock.move(1000)
    seen: list[str] = []
    cursor = ""
    for size in (3, 3, 1):
        page = succeeded(app.get(f"{OWN}?limit=3{cursor}", app.world.key))
        assert len(page["redirectSessions"]) == size
        seen += [session["id"] for session in page["redirectSessions"]]
        cursor = f"&cursor={page['nextCursor']}"
    assert page["nextCursor"] is None
    assert seen == made[::-1]
    exactly = succeeded(app.get(f"{OWN}?limit=7", app.world.key))
    assert exactly["nextCursor"] is None


def test_a_list_is_filtered(app: App) -> None:
    world = app.world
    made = {
        "login": app.session(login()),
        "auth": app.session(auth(world.shop)),
        "other": app.session({"login": {}}, app.visitor(world.other)),
        "foreign": app.session({"login": {}}, app.visitor(world.foreign)),
    }
    app.post(f"{OWN}/{made['login']['id']}/expire", None, world.key)

    def ids(query: str, key: str = world.key) -> set[str]:
        return {session["id"] for session in succeeded(app.get(f"{OWN}{query}", key))["redirectSessions"]}

    def named(*names: str) -> set[str]:
        return {made[name]["id"] for name in names}

    assert ids("") == named("login", "auth", "other")
    assert ids("", world.foreign_key) == named("foreign")
    assert ids("?intent=auth") == named("auth")
    assert ids("?intent=login") == named("login", "other")
    assert ids("?status=expired") == named("login")
    assert ids("?status=created") == named("auth", "other")
    assert ids(f"?clientId={world.other.id}") == named("other")
    assert ids(f"?clientId={world.foreign.id}") == set()
    assert ids(f"?clientId={world.shop.id}&status=created&intent=auth") == named("auth")


def test_a_list_by_status_sees_what_the_clock_sees(app: App) -> None:
    """SES-05: expiry is enforced on read, so a filter may not say `created` about what is shown as `expired`."""
    app.session(login())
    app.clock.move(HOUR)
    for status in ("created", "expired"):
        shown = succeeded(app.get(f"{OWN}?status={status}", app.world.key))["redirectSessions"]
        assert {session["status"] for session in shown} <= {status}


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [
        ("limit=0", "limit", "FORMAT"),
        ("limit=101", "limit", "FORMAT"),
        ("limit=x", "limit", "FORMAT"),
        ("limit=" + "9" * 5000, "limit", "FORMAT"),
        ("status=open", "status", "INVALID_ENUM_VALUE"),
        ("status=", "status", "INVALID_ENUM_VALUE"),
        ("intent=LOGIN", "intent", "INVALID_ENUM_VALUE"),
        ("clientId=x", "clientId", "FORMAT"),
        ("cursor=x", "cursor", "FORMAT"),
        ("cursor=%27%3B--", "cursor", "FORMAT"),
    ],
)
def test_a_wrong_filter_is_named(shared_app: App, query: str, field: str, rule: str) -> None:
    violated(shared_app.get(f"{OWN}?{query}", shared_app.world.key), field, rule)
