"""Switching the second factor on and off: a QR code, a code to prove it, and recovery codes that are shown once."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.randomness import random_bytes
from roundtrip.credentials import passwords
from roundtrip.owners import actions as owners
from roundtrip.owners import second_factor
from roundtrip.owners.model import RECOVERY_CODES
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of

ISSUER = "Roundtrip"


async def start(desk: Desk) -> Response:
    """Make a secret to scan. It counts for nothing until a code of it was typed."""
    await desk.form()
    if desk.me.has_second_factor:
        return desk.go("account")
    secret = second_factor.new_totp_secret(random_bytes(20))
    await desk.write(owners.offer_second_factor, desk.me, second_factor.sealed(secret, desk.services.totp_key))
    return desk.go("account", "second-factor")


async def show(desk: Desk, error: AppError | None = None) -> Response:
    """The picture to scan, the same as text, and the field for the first code."""
    if desk.me.has_second_factor or desk.me.totp_secret is None:
        return desk.go("account")
    secret = second_factor.unsealed(desk.me.totp_secret, desk.services.totp_key)
    view = {
        "qr": second_factor.enrolment_url(secret, desk.me.email, ISSUER),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "errors": errors_of(error) if error else [],
    }
    return desk.page("desk_second_factor_new.html", view, status=400 if error else 200)


async def confirm(desk: Desk) -> Response:
    """Switch it on, and show the recovery codes, once."""
    form = await desk.form()
    codes = [second_factor.recovery_code(random_bytes(12)) for _ in range(RECOVERY_CODES)]
    if desk.me.has_second_factor:
        return desk.go("account")
    if not await desk.write(owners.confirm_second_factor, desk.me, form.get("code", ""), desk.services.totp_key, codes, desk.now):
        text = "This code isn't right. Check that the clock of your device is right, and type the code that it shows now"
        return await show(desk, AppError(Kind.INVALID, "WRONG_CODE", text, violations=[Violation("code", text)]))
    return desk.page("desk_recovery_codes.html", {"codes": codes, "is_new": True})


async def renew(desk: Desk) -> Response:
    """New recovery codes in place of the old ones; asks for the password."""
    await _require_password(desk)
    codes = [second_factor.recovery_code(random_bytes(12)) for _ in range(RECOVERY_CODES)]
    await desk.write(owners.renew_recovery_codes, desk.me, codes, desk.now)
    return desk.page("desk_recovery_codes.html", {"codes": codes, "is_new": False})


async def switch_off(desk: Desk) -> Response:
    """Back to the password alone; asks for it."""
    await _require_password(desk)
    await desk.write(owners.drop_second_factor, desk.me, desk.actor, desk.now)
    return desk.go("account", saved="second-factor-off")


async def _require_password(desk: Desk) -> None:
    form = await desk.form()
    check = partial(passwords.verify_password, desk.me.password_hash, form.get("password", ""))
    if not await desk.services.web.hash_work(check):
        raise AppError(Kind.FORBIDDEN, "WRONG_CREDENTIALS", "This isn't your current password. Nothing was changed; go back and try again.")


PAGES = (
    DeskPage("/account/second-factor/start", start, ("POST",)),
    DeskPage("/account/second-factor", show),
    DeskPage("/account/second-factor", confirm, ("POST",)),
    DeskPage("/account/recovery-codes", renew, ("POST",)),
    DeskPage("/account/second-factor/off", switch_off, ("POST",)),
)
