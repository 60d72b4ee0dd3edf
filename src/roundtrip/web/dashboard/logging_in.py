"""Logging in to the dashboard and out of it: password, then the second factor where there is one."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, Refused, Violation
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.credentials import passwords, throttle
from roundtrip.credentials.throttle import Guess
from roundtrip.owners import actions as owners
from roundtrip.owners import store
from roundtrip.owners.model import LOGIN_PURPOSE, Owner
from roundtrip.storage.database import Tx
from roundtrip.web import cookies
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form

SCOPE = "owner login"
SECOND_SCOPE = "owner second factor"


async def show(desk: Desk) -> Response:
    """The form; who is logged in already goes on."""
    if desk.login is not None:
        return desk.go() if desk.login.proved_at is not None else desk.go("second-factor")
    has_owner = await desk.read(_has_owner)
    return desk.page("desk_login.html", {"errors": [], "email": "", "has_owner": has_owner})


def _has_owner(tx: Tx) -> bool:
    return bool(store.owners(tx))


async def log_in(desk: Desk) -> Response:
    """Check the password. Who is unknown waits as long and reads the same (IDN-03)."""
    form = await desk.form()
    email, password = form.get("email", "").strip(), form.get("password", "")
    try:
        if not email or not password:
            missing = [
                Violation(name, f"Enter your {words}", "REQUIRED_FIELD")
                for name, words, value in (("email", "email address", email), ("password", "password", password))
                if not value
            ]
            raise AppError(Kind.INVALID, "INVALID_ARGUMENT", missing[0].description, violations=missing)
        return await _checked(desk, email, password)
    except AppError as error:
        if not is_for_the_form(error):
            raise
        status = 429 if error.kind is Kind.LIMITED else 400
        return desk.page("desk_login.html", {"errors": errors_of(error), "email": email, "has_owner": True}, status=status)


async def _checked(desk: Desk, email: str, password: str) -> Response:
    guess = Guess(SCOPE, email_key(email), desk.address)
    owner = await desk.read(_may_try, email, guess, desk.now)
    stored = owner.password_hash if owner else None
    passed = bool(await desk.services.web.hash_work(partial(passwords.verify_password, stored, password)))
    secret = new_secret("")
    login = await desk.write(
        owners.start_login,
        owner=owner,
        passed=passed,
        guess=guess,
        login_id=new_id(desk.now),
        secret_hash=hash_secret(LOGIN_PURPOSE, secret),
        browser=desk.request.headers.get("user-agent", ""),
        now=desk.now,
    )
    if isinstance(login, Refused):
        raise login.error
    desk.set_cookies.append(cookies.owner(secret))
    return desk.go() if login.proved_at is not None else desk.go("second-factor")


def _may_try(tx: Tx, email: str, guess: Guess, now: int) -> Owner | None:
    throttle.require(tx, guess, now)
    return owners.find(tx, email)


async def show_second(desk: Desk) -> Response:
    """Asks for the code of the owner's app."""
    if desk.my_login.proved_at is not None:
        return desk.go()
    return desk.page("desk_second_factor.html", {"errors": []})


async def prove(desk: Desk) -> Response:
    """Check the code. From here on the browser has another secret (AUT-15)."""
    form = await desk.form()
    secret = new_secret("")
    proved = await desk.write(
        owners.prove,
        owner=desk.me,
        login=desk.my_login,
        typed=form.get("code", ""),
        key=desk.services.totp_key,
        guess=Guess(SECOND_SCOPE, desk.me.id, desk.address),
        secret_hash=hash_secret(LOGIN_PURPOSE, secret),
        now=desk.now,
    )
    if isinstance(proved, Refused):
        status = 429 if proved.error.kind is Kind.LIMITED else 400
        shown = AppError(
            proved.error.kind, proved.error.code, proved.error.description, violations=[Violation("code", proved.error.description)]
        )
        return desk.page("desk_second_factor.html", {"errors": errors_of(shown)}, status=status)
    desk.set_cookies.append(cookies.owner(secret))
    return desk.go()


async def log_out(desk: Desk) -> Response:
    """End this browser's login, on the server too (IDN-07)."""
    await desk.form()
    await desk.write(owners.end_login, desk.me, desk.my_login.id, desk.now)
    desk.set_cookies.append(cookies.no_owner())
    return desk.go("login")


PAGES = (
    DeskPage("/login", show, open_to="anybody"),
    DeskPage("/login", log_in, ("POST",), open_to="anybody"),
    DeskPage("/second-factor", show_second, open_to="password"),
    DeskPage("/second-factor", prove, ("POST",), open_to="password"),
    DeskPage("/logout", log_out, ("POST",), open_to="password"),
)
