"""The members of a site: the list with its search, one member with what can be decided, and the data of one handed out and erased."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.ids import is_guid, new_id
from roundtrip.members import actions, standing
from roundtrip.members import store as member_store
from roundtrip.members.model import Member, MemberStatus
from roundtrip.members.standing import Decision
from roundtrip.redirect_session import store as redirect_sessions
from roundtrip.storage import audit
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.audit_log import sentence
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.workflows import help_member, personal_record
from roundtrip.workflows.block_member import block_member
from roundtrip.workflows.personal_record import Erased, Who

PAGE = 50
LONGEST_SEARCH = 254
WORD = "erase"
SHOWN_ALREADY = frozenset({"nickname", "firstName", "lastName", "slug"})
"""What a profile repeats of the member's own fields."""
STATUSES: Mapping[str, str] = {
    MemberStatus.PENDING_APPROVAL: "waiting for approval",
    MemberStatus.PENDING_VERIFICATION: "address not proved yet",
    MemberStatus.ACTIVE: "active",
    MemberStatus.BLOCKED: "blocked",
}
"""What each status is called in the filter; those that ask for something come first."""


async def show_list(desk: Desk) -> Response:
    """A page of members, newest first, narrowed by what the address says."""
    text, status = desk.query("q")[:LONGEST_SEARCH], desk.query("status")
    wanted = MemberStatus(status) if status in STATUSES else None
    before = desk.query("before")
    found, older = await desk.read(_list, desk.here.id, text, wanted, before if is_guid(before) else None)
    kept = {name: value for name, value in {"q": text, "status": wanted or ""}.items() if value}
    return desk.page(
        "desk_members.html",
        {
            "site": desk.here,
            "members": found,
            "waiting": desk.counts.get("members", 0),
            "q": text,
            "status": wanted or "",
            "statuses": STATUSES.items(),
            "older": f"?{urlencode({**kept, 'before': older})}" if older else None,
            "is_narrowed": bool(kept),
            "is_first": not before,
            "look_at": actions.LOOK_AT,
            "saved": desk.query("saved"),
            "errors": [],
        },
    )


def _list(tx: Tx, site_id: str, text: str, status: MemberStatus | None, before: str | None) -> tuple[list[Member], str | None]:
    if text:
        return actions.search(tx, site_id=site_id, text=text, status=status, before_id=before, limit=PAGE)
    found = actions.page(tx, site_id=site_id, status=status, before_id=before, limit=PAGE + 1)
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


async def show(desk: Desk, error: AppError | None = None) -> Response:
    """One member: what is known, what is open, what was decided, and what can be."""
    view = await desk.read(_member, desk.here.id, desk.place("id"), desk.now)
    status = (409 if error.kind is Kind.CONFLICT else 429 if error.kind is Kind.LIMITED else 400) if error else 200
    shown = {**view, "site": desk.here, "saved": desk.query("saved"), "errors": errors_of(error) if error else []}
    return desk.page("desk_member.html", shown, status=status)


def _member(tx: Tx, site_id: str, member_id: str, now: int) -> dict[str, Any]:
    member = _require(tx, site_id, member_id)
    sessions = redirect_sessions.about(tx, site_id, (member.email_key, member.id), 8)
    logins = member_store.logins_of(tx, member.id, limit=100)
    return {
        "member": member,
        "profile": {name: value for name, value in _profile(member).items() if name not in SHOWN_ALREADY},
        "logins": [login for login in logins if not login.is_ended and login.expires_at > now],
        "sessions": [(session, session.status_at(now).value) for session in sessions],
        "entries": [(entry, sentence(entry)) for entry in audit.page(tx, site_id=site_id, before_id=None, limit=8, object_id=member.id)],
        "is_waiting": member.status is MemberStatus.PENDING_APPROVAL,
        "is_blocked": member.status is MemberStatus.BLOCKED,
    }


def _profile(member: Member) -> dict[str, Any]:
    return msgspec.json.decode(member.profile, type=dict[str, Any])


def _require(tx: Tx, site_id: str, member_id: str) -> Member:
    return actions.require_member(tx, site_id, member_id.lower())


Decide = Callable[[Tx, Decision], tuple[Member, tuple[str, ...]]]


def _plain(decide: Callable[[Tx, Decision], Member], tx: Tx, decision: Decision) -> tuple[Member, tuple[str, ...]]:
    return decide(tx, decision), ()


ACTS: Mapping[str, Decide] = {
    "approve": partial(_plain, standing.approve),
    "decline": partial(_plain, standing.decline),
    "unblock": partial(_plain, standing.unblock),
    "recover": partial(_plain, help_member.send_recovery),
    "block": block_member,
    "end-logins": help_member.end_logins,
}
"""The last part of the address, and what it does."""


async def decide(desk: Desk) -> Response:
    """Do what the button says; back to where it was pressed."""
    form = await desk.form()
    act = desk.place("act")
    if act not in ACTS:
        raise AppError(Kind.NOT_FOUND, "NOT_FOUND", "There is no such page in the dashboard.")
    ids = (new_id(desk.now), new_id(desk.now), new_id(desk.now))
    decision = Decision(desk.here, desk.place("id").lower(), desk.actor, desk.now, *ids)
    try:
        _, revoked = await desk.write(ACTS[act], decision)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error)
    for subject in revoked:
        desk.services.web.revocations.add(subject, desk.now)
    if form.get("from") == "list":
        return desk.go(desk.here.slug, "members", status=MemberStatus.PENDING_APPROVAL.value, saved=act)
    return desk.go(desk.here.slug, "members", decision.member_id, saved=act)


async def export(desk: Desk) -> Response:
    """Everything that is kept about a member, as a file. A POST, because it is written down."""
    await desk.form()
    member_id = desk.place("id").lower()
    found = await desk.write(personal_record.hand_out, Who(desk.here, member_id), actor=desk.actor, entry_id=new_id(desk.now), now=desk.now)
    headers = {
        "content-disposition": f'attachment; filename="member-{member_id}.json"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    body = msgspec.json.format(msgspec.json.encode(found), indent=2)
    return Response(body, 200, headers, media_type="application/json")


async def confirm_erase(desk: Desk, error: AppError | None = None) -> Response:
    """Says what will be gone, and asks for a word."""
    member = await desk.read(_require, desk.here.id, desk.place("id"))
    view = {"member": member, "word": WORD, "errors": errors_of(error) if error else []}
    return desk.page("desk_member_erase.html", view, status=(409 if error.kind is Kind.CONFLICT else 400) if error else 200)


async def erase(desk: Desk) -> Response:
    """Erase a member; the word has to be typed, and nothing may be left to do for them (`ORDERS_OPEN`)."""
    form = await desk.form()
    if form.get("word", "").strip().lower() != WORD:
        text = f"Nothing was erased: type {WORD} to confirm"
        return await confirm_erase(desk, AppError(Kind.INVALID, "WORD_MISSING", text, violations=[Violation("word", text)]))
    who, ids = Who(desk.here, desk.place("id").lower()), {"entry_id": new_id(desk.now), "event_id": new_id(desk.now)}
    try:
        erased: Erased = await desk.write(personal_record.erase, who, actor=desk.actor, now=desk.now, **ids)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await confirm_erase(desk, error)
    for subject in erased.revoked:
        desk.services.web.revocations.add(subject, desk.now)
    return desk.go(desk.here.slug, "members", saved="erased")


PAGES = (
    DeskPage("/{site}/members", show_list),
    DeskPage("/{site}/members/{id}", show),
    DeskPage("/{site}/members/{id}/erase", confirm_erase),
    DeskPage("/{site}/members/{id}/erase", erase, ("POST",)),
    DeskPage("/{site}/members/{id}/export", export, ("POST",)),
    DeskPage("/{site}/members/{id}/{act}", decide, ("POST",)),
)
