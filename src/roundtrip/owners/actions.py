"""What can be done with owners and their logins. Each function is one part of a transaction; random values come from the edge.

What is not here: hashing passwords (`credentials/passwords.py`, before the transaction) and cookies (`web/dashboard/`).
"""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.core.clock import DAY
from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, Refused
from roundtrip.core.identity import Actor
from roundtrip.core.ids import new_id
from roundtrip.credentials import one_time_code, throttle
from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.credentials.throttle import Guess
from roundtrip.owners import second_factor, store
from roundtrip.owners.model import LOGIN_HARD_END, LOGIN_IDLE, LOGIN_TOUCH_AFTER, Owner, OwnerLogin
from roundtrip.storage import audit
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx

NOBODY = "nobody yet"
"""The subject of the link that makes the first owner."""


def first_invitation(tx: Tx, *, code_id: str, now: int) -> OneTimeCode | None:
    """The link that makes the first owner (OPS-01): the living one, or a new one; None as soon as there is an owner."""
    if store.owners(tx):
        return None
    living = one_time_code.living(tx, Purpose.JOIN, NOBODY, now)
    return living or invite(tx, code_id=code_id, actor=Actor("system", "", "First start"), now=now, subject=NOBODY)


def invite(tx: Tx, *, code_id: str, actor: Actor, now: int, subject: str = "", email: str = "") -> OneTimeCode:
    """Make a link with which somebody becomes an owner. `email` is only a hint for the form."""
    code = one_time_code.issue(
        tx, code_id=code_id, purpose=Purpose.JOIN, site_id="", subject_id=subject, binding={"email": email, "by": actor.name}, now=now
    )
    _note(tx, actor, "owner.invited", code.id, email or "an owner", now)
    return code


def password_link(tx: Tx, *, owner: Owner, code_id: str, actor: Actor, now: int) -> OneTimeCode:
    """Make a link with which an owner chooses a new password."""
    binding = {"email": owner.email, "by": actor.name}
    code = one_time_code.issue(tx, code_id=code_id, purpose=Purpose.JOIN, site_id="", subject_id=owner.id, binding=binding, now=now)
    _note(tx, actor, "owner.password_link_made", owner.id, owner.name, now)
    return code


def join(tx: Tx, *, key: bytes, token: str, email: str, name: str, password_hash: str, owner_id: str, now: int) -> Owner:
    """Become an owner by a link, or choose a new password by one. Raises GONE `INVITATION_ENDED` and CONFLICT `OWNER_EXISTS`."""
    code = one_time_code.spend_link(tx, key, token, Purpose.JOIN, now)
    if code is None:
        raise ended_invitation()
    known = store.owner(tx, code.subject_id) if code.subject_id not in ("", NOBODY) else None
    if known is not None:
        if not store.change_password(tx, known.id, password_hash, known.revision):
            raise ended_invitation()
        store.end_other_logins(tx, known.id, "", now)
        _note(tx, known.actor, "owner.password_changed", known.id, known.name, now)
        return store.owner(tx, known.id) or known
    if code.subject_id == NOBODY and store.owners(tx):
        raise ended_invitation()
    new = Owner(owner_id, email, email_key(email), name, password_hash, None, None, 0, 1, now, None)
    if not store.add_owner(tx, new):
        raise AppError(Kind.CONFLICT, "OWNER_EXISTS", f"There is an owner with the address {email} already; log in instead.")
    _note(tx, new.actor, "owner.joined", new.id, name, now, after={"email": email, "invited_by": code.binding.get("by", "")})
    return new


def ended_invitation() -> AppError:
    """The link is unknown, used or too old."""
    return AppError(
        Kind.GONE,
        "INVITATION_ENDED",
        "This link was used, is too old, or is incomplete. Make a new one on the server: `roundtrip owner invite`.",
    )


def find(tx: Tx, email: str) -> Owner | None:
    """The owner with this address. None means: check the password against `passwords.DUMMY_HASH` (IDN-03)."""
    return store.owner_by_email(tx, email_key(email))


def start_login(
    tx: Tx, *, owner: Owner | None, passed: bool, guess: Guess, login_id: str, secret_hash: str, browser: str, now: int
) -> OwnerLogin | Refused:
    """Log a browser in whose password check `passed`; with a second factor the login counts only once that was shown."""
    left = throttle.wait(tx, guess, now)
    if left:
        return Refused(throttle.refusal(left))
    if owner is None or not passed:
        throttle.failed(tx, guess, now)
        return Refused(AppError(Kind.INVALID, "WRONG_CREDENTIALS", "The email address or the password isn't right."))
    throttle.succeeded(tx, guess)
    proved_at = None if owner.has_second_factor else now
    login = OwnerLogin(login_id, owner.id, secret_hash, browser[:200], now, now, now + min(LOGIN_IDLE, LOGIN_HARD_END), proved_at, None)
    store.add_login(tx, login)
    if proved_at:
        _note(tx, owner.actor, "owner.logged_in", owner.id, owner.name, now)
    return login


def prove(
    tx: Tx, *, owner: Owner, login: OwnerLogin, typed: str, key: str, guess: Guess, secret_hash: str, now: int
) -> OwnerLogin | Refused:
    """Show the second factor: a code of the app, or a recovery code, each once."""
    left = throttle.wait(tx, guess, now)
    if left:
        return Refused(throttle.refusal(left))
    step = second_factor.matching_step(second_factor.unsealed(owner.totp_secret, key), typed, now) if owner.totp_secret else None
    by_app = step is not None and store.use_totp_step(tx, owner.id, step)
    if not by_app and not store.use_recovery_code(tx, owner.id, second_factor.recovery_hash(typed), now):
        throttle.failed(tx, guess, now)
        return Refused(AppError(Kind.INVALID, "WRONG_CODE", "This code isn't right, or was used already. Wait for the next one."))
    if not store.prove_login(tx, login.id, secret_hash, now):
        return Refused(AppError(Kind.CONFLICT, "CHANGED_MEANWHILE", "This login was finished in another tab."))
    throttle.succeeded(tx, guess)
    _note(tx, owner.actor, "owner.logged_in", owner.id, owner.name, now, after={"second_factor": "app" if by_app else "recovery code"})
    return login


def find_login(tx: Tx, secret_hash: str, now: int) -> tuple[OwnerLogin, Owner] | None:
    """The living login behind a browser's secret, with its owner; it may still lack its second factor."""
    return store.live_login(tx, secret_hash, now)


def needs_touch(login: OwnerLogin, now: int) -> bool:
    """True when its use was last written down so long ago that it should be written again."""
    return login.seen_at <= now - LOGIN_TOUCH_AFTER


def touch(tx: Tx, login: OwnerLogin, now: int) -> bool:
    """Note that a login was used, which moves its idle end."""
    return store.touch_login(tx, login.id, now)


def end_login(tx: Tx, owner: Owner, login_id: str, now: int) -> bool:
    """End one login of this owner. True for exactly one caller."""
    ended = store.end_login(tx, owner.id, login_id, now)
    if ended:
        _note(tx, owner.actor, "owner.logged_out", owner.id, owner.name, now)
    return ended


def change_password(tx: Tx, owner: Owner, login: OwnerLogin, password_hash: str, now: int) -> None:
    """Replace the password and end every other login. Raises CONFLICT `REVISION_CHANGED`."""
    if not store.change_password(tx, owner.id, password_hash, owner.revision):
        raise _changed(owner)
    store.end_other_logins(tx, owner.id, login.id, now)
    _note(tx, owner.actor, "owner.password_changed", owner.id, owner.name, now)


def offer_second_factor(tx: Tx, owner: Owner, sealed_secret: str) -> None:
    """Keep the secret that the owner is about to scan. It counts once a code of it was shown. Raises CONFLICT `REVISION_CHANGED`."""
    if not store.set_totp(tx, owner.id, sealed=sealed_secret, confirmed_at=None, revision=owner.revision):
        raise _changed(owner)


def confirm_second_factor(tx: Tx, owner: Owner, typed: str, key: str, recovery_codes: Sequence[str], now: int) -> bool:
    """Switch the second factor on, if the owner's app shows the right code. `recovery_codes` are shown once by the caller."""
    step = second_factor.matching_step(second_factor.unsealed(owner.totp_secret, key), typed, now) if owner.totp_secret else None
    if step is None or not store.use_totp_step(tx, owner.id, step):
        return False
    if not store.set_totp(tx, owner.id, sealed=owner.totp_secret, confirmed_at=now, revision=owner.revision):
        raise _changed(owner)
    store.replace_recovery_codes(tx, owner.id, [second_factor.recovery_hash(code) for code in recovery_codes])
    _note(tx, owner.actor, "owner.second_factor_switched_on", owner.id, owner.name, now)
    return True


def drop_second_factor(tx: Tx, owner: Owner, actor: Actor, now: int) -> None:
    """Switch the second factor off. Raises CONFLICT `REVISION_CHANGED`."""
    if not store.set_totp(tx, owner.id, sealed=None, confirmed_at=None, revision=owner.revision):
        raise _changed(owner)
    store.replace_recovery_codes(tx, owner.id, [])
    _note(tx, actor, "owner.second_factor_switched_off", owner.id, owner.name, now)


def renew_recovery_codes(tx: Tx, owner: Owner, recovery_codes: Sequence[str], now: int) -> None:
    """New recovery codes; the old ones are dead."""
    store.replace_recovery_codes(tx, owner.id, [second_factor.recovery_hash(code) for code in recovery_codes])
    _note(tx, owner.actor, "owner.recovery_codes_renewed", owner.id, owner.name, now)


def remove(tx: Tx, owner: Owner, actor: Actor, now: int) -> None:
    """Take an owner's rights away and end the logins. Raises CONFLICT `LAST_OWNER`."""
    if not store.remove(tx, owner.id, now):
        raise AppError(Kind.CONFLICT, "LAST_OWNER", "The last owner can't be removed. Invite another one first.")
    store.end_other_logins(tx, owner.id, "", now)
    _note(tx, actor, "owner.removed", owner.id, owner.name, now, before={"email": owner.email})


def forget_expired(tx: Tx, now: int, limit: int) -> int:
    """Delete logins that ended long ago; answers how many."""
    return store.forget_logins(tx, now - LOGIN_HARD_END - 30 * DAY, limit)


def _changed(owner: Owner) -> AppError:
    return AppError(
        Kind.CONFLICT,
        "REVISION_CHANGED",
        f"The owner was changed meanwhile (you read revision {owner.revision}); read it again and repeat.",
        data={"revision": owner.revision},
    )


def _note(
    tx: Tx,
    actor: Actor,
    action: str,
    object_id: str,
    object_name: str,
    now: int,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit.record(tx, AuditEntry(new_id(now), None, now, actor, action, object_id, object_name, before, after))
