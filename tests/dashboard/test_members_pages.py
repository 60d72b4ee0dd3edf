"""The owner's pages about members: found, decided about, helped; and what new members have to wait for."""

from __future__ import annotations

import re

import pytest

from roundtrip.core.clock import SECOND
from roundtrip.members import actions as members
from roundtrip.storage import audit
from tests.app_fixture import LOGIN, PASSWORD, REGISTER, App
from tests.dashboard.owner_browser import OwnerBrowser, readable


def ask(desk: OwnerBrowser, **boxes: str | None) -> str:
    """Change what new members have to wait for."""
    desk.open("kiln/settings/members")
    return desk.save("/settings/members", **{"verification": None, "approval": None, **boxes})


def register(app: App, email: str, **profile: str) -> str:
    """Sign up by the site's own form; the id of the member."""
    app.clock.move(1)
    body = {"loginId": {"email": email}, "password": PASSWORD, "profile": profile}
    assert app.post(REGISTER, body, app.visitor()).status_code == 200
    found = app.application.db.read_now(members.by_email, app.world.site.id, email)
    assert found is not None
    return found.id


def log(app: App, member_id: str) -> list[tuple[str, str]]:
    """What owners did about a member, oldest first: by whom, and what."""
    entries = app.application.db.read_now(
        lambda tx: audit.page(tx, site_id=app.world.site.id, before_id=None, limit=50, object_id=member_id)
    )
    return [(entry.actor.kind, entry.action) for entry in reversed(entries)]


def policy(app: App) -> dict[str, bool]:
    """What new members have to wait for, as the API tells it."""
    return dict(app.get("/iam/signon/v1/sign-on-policies", app.world.key).json()["signOnPolicy"])


def status(app: App, member_id: str) -> str:
    """The status of a member."""
    return str(app.get(f"/api/v1/members/{member_id}", app.world.key).json()["status"])


def test_who_waits_is_counted_shown_and_let_in(desk: OwnerBrowser) -> None:
    """OPS-02."""
    app = desk.app
    assert "You approve new members" in readable(ask(desk, approval="on"))
    bea, kim = register(app, "bea@example.com", nickname="Bea"), register(app, "kim@example.com")
    overview = desk.open("kiln")
    assert "2 new members wait for your approval" in readable(overview)
    assert re.search(r"<span>Members</span><b>2</b>", overview)
    desk.open("kiln/members?status=pending_approval")
    page = desk.save("/approve")
    assert "The member is in" in readable(page)
    assert "kim@example.com" not in page
    assert "bea@example.com" in page
    assert (status(app, kim), log(app, kim)) == ("active", [("owner", "member.approved")])
    desk.open(f"kiln/members/{bea}")
    assert "was refused" in readable(desk.save("/decline"))
    assert (status(app, bea), log(app, bea)) == ("blocked", [("owner", "member.declined")])
    assert "<b>2</b>" not in desk.open("kiln")


def test_a_decision_that_somebody_else_made_first_is_told_on_the_page(desk: OwnerBrowser) -> None:
    app = desk.app
    ask(desk, approval="on")
    bea = register(app, "bea@example.com")
    desk.open(f"kiln/members/{bea}")
    assert app.post(f"/api/v1/members/{bea}/decline", None, app.world.key).status_code == 200
    said = readable(desk.refuse("/approve", {}, 409))
    assert "This member is blocked; only a member who is pending_approval can be approved." in said
    assert status(app, bea) == "blocked"


def test_blocking_ends_what_is_open_at_once_and_can_be_taken_back(desk: OwnerBrowser) -> None:
    app = desk.app
    member = app.register(email="bea@example.com")
    token = app.member(session_token=member["sessionToken"])["access_token"]
    desk.open(f"kiln/members/{member['id']}")
    assert "logged out everywhere" in readable(desk.save("/block"))
    assert app.get("/members/v1/members/my", token).status_code == 401
    assert "may come in again" in readable(desk.save("/unblock"))
    assert log(app, member["id"]) == [("owner", "member.blocked"), ("owner", "member.unblocked")]


def test_all_logins_end_and_the_member_may_come_back(desk: OwnerBrowser) -> None:
    app = desk.app
    member = app.register(email="bea@example.com")
    token = app.member(session_token=member["sessionToken"])["access_token"]
    desk.open(f"kiln/members/{member['id']}")
    desk.save("/end-logins")
    assert app.get("/members/v1/members/my", token).status_code == 401
    answer = app.post(LOGIN, {"loginId": {"email": "bea@example.com"}, "password": PASSWORD}, app.visitor())
    assert answer.json()["state"] == "SUCCESS"
    assert log(app, member["id"]) == [("owner", "member.logins_ended")]


def test_the_recovery_mail_is_sent_and_not_without_end(desk: OwnerBrowser) -> None:
    """IDN-02: an owner who presses and presses fills nobody's mailbox."""
    app = desk.app
    member_id = app.register(email="bea@example.com")["id"]
    desk.open(f"kiln/members/{member_id}")
    for _ in range(6):
        desk.save("/recover")
    assert "Too many attempts" in readable(desk.refuse("/recover", {}, 429))
    app.clock.move(2 * SECOND)
    desk.open(f"kiln/members/{member_id}")
    desk.save("/recover")
    mails = app.application.db.read_now(lambda tx: tx.all("SELECT body FROM outbox WHERE entity = 'mail'"))
    assert len(mails) == 7
    assert set(log(app, member_id)) == {("owner", "member.recovery_sent")}


@pytest.mark.parametrize("text", ["BEA@", "bea@example.com", "example.com", "sören", "Søren Ängs", "ängstr"])
def test_members_are_found_by_a_part_of_address_or_name_in_any_script(desk: OwnerBrowser, text: str) -> None:
    register(desk.app, "bea@example.com", firstName="Sören", lastName="Ängström", nickname="Søren Ängs")
    register(desk.app, "kim@other.example", nickname="Kim")
    page = desk.open(f"kiln/members?q={text}")
    assert "bea@example.com" in page
    assert "kim@other.example" not in page
    (found,) = desk.app.request("GET", "/api/v1/members", params={"q": text}, headers={"authorization": desk.app.world.key}).json()[
        "members"
    ]
    assert found["email"] == "bea@example.com"


def test_long_lists_have_a_next_page_whose_address_keeps_the_search(desk: OwnerBrowser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search looks at so many members and no more; the rest is one link away (decision record 0044)."""
    monkeypatch.setattr(members, "LOOK_AT", 4)
    for number in range(6):
        register(desk.app, f"member-{number}@example.com", nickname="Rare" if number == 0 else "Usual")
    page = desk.open("kiln/members?q=rare")
    assert "None among the newest" in readable(page)
    older = re.search(r'<a href="(\?[^"]+)">Older ones', page)
    assert older
    assert "q=rare" in older[1]
    assert "member-0@example.com" in desk.open(f"kiln/members{older[1].replace('&amp;', '&')}")


def test_the_policy_is_saved_undone_and_never_overwritten_unseen(desk: OwnerBrowser) -> None:
    """OPS-04."""
    app = desk.app
    ask(desk, verification="on", approval="on")
    assert policy(app) == {"requireOwnerApproval": True, "requireEmailVerification": True}
    assert "yes" in readable(desk.save("/undo"))
    assert policy(app) == {"requireOwnerApproval": False, "requireEmailVerification": False}
    desk.open("kiln/settings/members")
    body = {"signOnPolicy": {"requireOwnerApproval": True}}
    app.request("PATCH", "/iam/signon/v1/sign-on-policies", json=body, headers={"authorization": app.world.key})
    assert "changed meanwhile" in readable(desk.refuse("/settings/members", {"verification": "on"}, 409))
    assert policy(app) == {"requireOwnerApproval": True, "requireEmailVerification": False}


def test_the_search_box_leads_to_a_member(desk: OwnerBrowser) -> None:
    member_id = desk.app.register(email="bea@example.com")["id"]
    for text in ("BEA@example.com", member_id):
        desk.open(f"kiln/find?q={text}")
        assert desk.page.headers["location"].endswith(f"/dashboard/kiln/members/{member_id}")


def test_a_member_of_another_site_is_not_here(desk: OwnerBrowser) -> None:
    """AUT-14."""
    foreign = desk.app.register(desk.app.world.foreign, "bea@example.com")["id"]
    desk.open(f"kiln/members/{foreign}")
    assert desk.page.status_code == 404
    desk.open(f"third/members/{foreign}")
    assert desk.page.status_code == 200
