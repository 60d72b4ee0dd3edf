"""An owner's own account: password, and the browsers that are logged in."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.credentials import passwords
from roundtrip.owners import actions as owners
from roundtrip.owners import store
from roundtrip.storage.database import Tx
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form


async def show(desk: Desk, error: AppError | None = None) -> Response:
    """Everything about the account on one page."""
    logins, codes_left = await desk.read(_account, desk.me.id, desk.now)
    view = {
        "owner": desk.me,
        "logins": logins,
        "my_login_id": desk.my_login.id,
        "codes_left": codes_left,
        "saved": desk.query("saved"),
        "errors": errors_of(error) if error else [],
    }
    return desk.page("desk_account.html", view, status=400 if error else 200)


def _account(tx: Tx, owner_id: str, now: int) -> tuple[object, int]:
    return store.logins_of(tx, owner_id, now), store.unused_recovery_codes(tx, owner_id)


async def change_password(desk: Desk) -> Response:
    """The old password first: a dashboard left open in a café is not an account lost."""
    form = await desk.form()
    try:
        known = await desk.services.web.hash_work(partial(passwords.verify_password, desk.me.password_hash, form.get("current", "")))
        if not known:
            text = "This isn't your current password"
            raise AppError(Kind.INVALID, "WRONG_CREDENTIALS", text, violations=[Violation("current", text)])
        passwords.check_password(form.get("password", ""), desk.me.email)
        new_hash = str(await desk.services.web.hash_work(partial(passwords.hash_password, form.get("password", ""))))
        await desk.write(owners.change_password, desk.me, desk.my_login, new_hash, desk.now)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return await show(desk, error)
    return desk.go("account", saved="password")


async def end_login(desk: Desk) -> Response:
    """Log another browser out."""
    form = await desk.form()
    await desk.write(owners.end_login, desk.me, form.get("login", ""), desk.now)
    return desk.go("account", saved="login")


PAGES = (
    DeskPage("/account", show),
    DeskPage("/account/password", change_password, ("POST",)),
    DeskPage("/account/logins", end_login, ("POST",)),
)
