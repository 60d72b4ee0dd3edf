"""Becoming an owner by a one-time link, or choosing a new password by one. Looking at the link spends nothing (IDN-05)."""

from __future__ import annotations

from functools import partial

from starlette.responses import Response

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, Violation
from roundtrip.core.ids import new_id
from roundtrip.core.secrets import hash_secret, new_secret
from roundtrip.credentials import one_time_code, passwords
from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.credentials.throttle import Guess
from roundtrip.owners import actions as owners
from roundtrip.owners import store
from roundtrip.owners.model import LOGIN_PURPOSE, Owner, OwnerLogin
from roundtrip.storage.database import Tx
from roundtrip.web import cookies
from roundtrip.web.dashboard.desk import Desk, DeskPage, errors_of, is_for_the_form
from roundtrip.web.dashboard.logging_in import SCOPE

LONGEST_NAME = 100


async def show(desk: Desk) -> Response:
    """The form behind a living link."""
    code, known = await desk.read(_invitation, desk.services.join_key, desk.place("token"), desk.now)
    return _form(desk, code, known, {"email": str(code.binding.get("email", "")), "name": ""}, None)


def _invitation(tx: Tx, key: bytes, token: str, now: int) -> tuple[OneTimeCode, Owner | None]:
    code_id = one_time_code.id_in(key, token)
    code = one_time_code.find(tx, code_id, Purpose.JOIN, now) if code_id else None
    if code is None or (code.subject_id == owners.NOBODY and store.owners(tx)):
        raise owners.ended_invitation()
    return code, store.owner(tx, code.subject_id) if code.subject_id not in ("", owners.NOBODY) else None


def _form(desk: Desk, code: OneTimeCode, known: Owner | None, values: dict[str, str], error: AppError | None) -> Response:
    view = {
        "action": f"/dashboard/join/{desk.place('token')}",
        "known": known.name if known else None,
        "is_first": code.subject_id == owners.NOBODY,
        "values": values,
        "errors": errors_of(error) if error else [],
    }
    return desk.page("desk_join.html", view, status=400 if error else 200)


async def join(desk: Desk) -> Response:
    """Make the account and log this browser in."""
    form = await desk.form()
    code, known = await desk.read(_invitation, desk.services.join_key, desk.place("token"), desk.now)
    values = {"email": form.get("email", "").strip(), "name": form.get("name", "").strip()}
    email = known.email if known else values["email"]
    try:
        _check(email, values["name"], form.get("password", ""), is_new=known is None)
        password_hash = str(await desk.services.web.hash_work(partial(passwords.hash_password, form.get("password", ""))))
        secret = new_secret("")
        await desk.write(_join, desk, email, values["name"], password_hash, new_id(desk.now), hash_secret(LOGIN_PURPOSE, secret))
    except AppError as error:
        if not is_for_the_form(error):
            raise
        return _form(desk, code, known, values, error)
    desk.set_cookies.append(cookies.owner(secret))
    return desk.go()


def _join(tx: Tx, desk: Desk, email: str, name: str, password_hash: str, owner_id: str, secret_hash: str) -> OwnerLogin:
    now = desk.now
    owner = owners.join(
        tx,
        key=desk.services.join_key,
        token=desk.place("token"),
        email=email,
        name=name,
        password_hash=password_hash,
        owner_id=owner_id,
        now=now,
    )
    started = owners.start_login(
        tx,
        owner=owner,
        passed=True,
        guess=Guess(SCOPE, email_key(email), ""),
        login_id=new_id(now),
        secret_hash=secret_hash,
        browser=desk.request.headers.get("user-agent", ""),
        now=now,
    )
    assert isinstance(started, OwnerLogin)  # a link is no guess
    return started


def _check(email: str, name: str, password: str, *, is_new: bool) -> None:
    violations = []
    for field, check in (
        ("email", partial(passwords.check_email, email)),
        ("password", partial(passwords.check_password, password, email)),
    ):
        try:
            check()
        except AppError as error:
            violations += [Violation(field, violation.description, violation.rule) for violation in error.violations]
    if is_new and not 1 <= len(name) <= LONGEST_NAME:
        violations.append(Violation("name", f"Your name must have 1 to {LONGEST_NAME} characters", "MAX_LENGTH"))
    if violations:
        raise AppError(Kind.INVALID, "INVALID_ARGUMENT", violations[0].description, violations=violations)


PAGES = (
    DeskPage("/join/{token}", show, open_to="anybody"),
    DeskPage("/join/{token}", join, ("POST",), open_to="anybody"),
)
