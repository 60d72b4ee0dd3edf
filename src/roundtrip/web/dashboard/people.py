"""Who else may use the dashboard: invite, make a link for a new password, remove."""

from __future__ import annotations

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.credentials import one_time_code
from roundtrip.credentials.model import OneTimeCode
from roundtrip.owners import actions as owners
from roundtrip.owners import store
from roundtrip.owners.model import Owner
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage


async def show(desk: Desk, code: OneTimeCode | None = None, link_for: str = "") -> Response:
    """Everybody, and the form to invite. A new link is shown once."""
    link = f"{desk.services.web.base_url}/dashboard/join/{one_time_code.link_token(desk.services.join_key, code.id)}" if code else None
    view = {
        "owners": await desk.read(store.owners),
        "me": desk.me.id,
        "link": link,
        "link_for": link_for,
        "link_ends_at": code.expires_at if code else None,
        "saved": desk.query("saved"),
        "errors": [],
    }
    return desk.page("desk_people.html", view)


async def invite(desk: Desk) -> Response:
    """Make a link for one more owner."""
    form = await desk.form()
    email = form.get("email", "").strip()[:254]
    code = await desk.write(owners.invite, code_id=new_id(desk.now), actor=desk.actor, now=desk.now, email=email)
    return await show(desk, code, email or "a new owner")


async def password_link(desk: Desk) -> Response:
    """Make a link for an owner who forgot the password."""
    form = await desk.form()
    code, owner = await desk.write(_password_link, form.get("owner", ""), desk, new_id(desk.now))
    return await show(desk, code, owner.name)


def _password_link(tx: Tx, owner_id: str, desk: Desk, code_id: str) -> tuple[OneTimeCode, Owner]:
    owner = _require(tx, owner_id)
    return owners.password_link(tx, owner=owner, code_id=code_id, actor=desk.actor, now=desk.now), owner


async def remove(desk: Desk) -> Response:
    """Remove an owner; the word has to be typed."""
    form = await desk.form()
    if form.get("word", "").strip().lower() != "remove":
        raise AppError(Kind.INVALID, "WORD_MISSING", "Nothing was removed: type the word remove to confirm.")
    await desk.write(_remove, form.get("owner", ""), desk)
    return desk.go("people", saved="removed")


def _remove(tx: Tx, owner_id: str, desk: Desk) -> None:
    owners.remove(tx, _require(tx, owner_id), desk.actor, desk.now)


def _require(tx: Tx, owner_id: str) -> Owner:
    owner = store.owner(tx, owner_id)
    if owner is None or owner.removed_at is not None:
        raise AppError(Kind.NOT_FOUND, "OWNER_NOT_FOUND", "There is no such owner (any more).")
    return owner


PAGES = (
    DeskPage("/people", show),
    DeskPage("/people/invite", invite, ("POST",)),
    DeskPage("/people/password-link", password_link, ("POST",)),
    DeskPage("/people/remove", remove, ("POST",)),
)
