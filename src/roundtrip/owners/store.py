"""SQL of the owners room, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.owners.model import LOGIN_HARD_END, LOGIN_IDLE, LOGIN_TOUCH_AFTER, Owner, OwnerLogin
from roundtrip.storage.database import Tx

_OWNER = "id, email, email_key, name, password_hash, totp_secret, totp_confirmed_at, totp_step, revision, created_at, removed_at"
_LOGIN = "id, owner_id, secret_hash, browser, created_at, seen_at, expires_at, proved_at, ended_at"


def add_owner(tx: Tx, owner: Owner) -> bool:
    """False when somebody has this address already."""
    return (
        tx.execute(
            f"INSERT INTO owner ({_OWNER}) VALUES (:id, :email, :email_key, :name, :password_hash, NULL, NULL, 0, 1, :created_at, NULL) "
            "ON CONFLICT (email_key) DO NOTHING",
            id=owner.id,
            email=owner.email,
            email_key=owner.email_key,
            name=owner.name,
            password_hash=owner.password_hash,
            created_at=owner.created_at,
        )
        == 1
    )


def owner(tx: Tx, owner_id: str) -> Owner | None:
    """The owner with this id, removed ones too."""
    row = tx.one(f"SELECT {_OWNER} FROM owner WHERE id = :id", id=owner_id)
    return Owner(*row) if row else None


def owner_by_email(tx: Tx, email_key: str) -> Owner | None:
    """The owner with this address, unless removed."""
    row = tx.one(f"SELECT {_OWNER} FROM owner WHERE email_key = :email_key AND removed_at IS NULL", email_key=email_key)
    return Owner(*row) if row else None


def owners(tx: Tx) -> Sequence[Owner]:
    """Everybody who may use the dashboard, oldest first."""
    return [Owner(*row) for row in tx.all(f"SELECT {_OWNER} FROM owner WHERE removed_at IS NULL ORDER BY id LIMIT 1000")]


def change_password(tx: Tx, owner_id: str, password_hash: str, revision: int) -> bool:
    """Replace a password if nobody changed the owner since `revision` was read."""
    return (
        tx.execute(
            "UPDATE owner SET password_hash = :password_hash, revision = revision + 1 "
            "WHERE id = :id AND revision = :revision AND removed_at IS NULL",
            id=owner_id,
            password_hash=password_hash,
            revision=revision,
        )
        == 1
    )


def remove(tx: Tx, owner_id: str, now: int) -> bool:
    """Take an owner's rights away, unless it is the last one. True for exactly one caller."""
    # Locks every living owner first: two owners who remove each other at the same moment must not both find the other alive.
    tx.execute("UPDATE owner SET revision = revision WHERE removed_at IS NULL")
    return (
        tx.execute(
            "UPDATE owner SET removed_at = :now, email_key = email_key || ' removed ' || id, revision = revision + 1 "
            "WHERE id = :id AND removed_at IS NULL AND EXISTS (SELECT 1 FROM owner o WHERE o.id <> :id AND o.removed_at IS NULL)",
            id=owner_id,
            now=now,
        )
        == 1
    )


def set_totp(tx: Tx, owner_id: str, *, sealed: str | None, confirmed_at: int | None, revision: int) -> bool:
    """Keep, confirm or drop a second factor if nobody changed the owner since `revision` was read."""
    return (
        tx.execute(
            "UPDATE owner SET totp_secret = :sealed, totp_confirmed_at = :confirmed_at, revision = revision + 1 "
            "WHERE id = :id AND revision = :revision AND removed_at IS NULL",
            id=owner_id,
            sealed=sealed,
            confirmed_at=confirmed_at,
            revision=revision,
        )
        == 1
    )


def use_totp_step(tx: Tx, owner_id: str, step: int) -> bool:
    """Take a time step, once: a code that was read over a shoulder is worth nothing (RFC 6238 5.2)."""
    return tx.execute("UPDATE owner SET totp_step = :step WHERE id = :id AND totp_step < :step", id=owner_id, step=step) == 1


def replace_recovery_codes(tx: Tx, owner_id: str, hashes: Sequence[str]) -> None:
    """Forget the codes of before and keep these."""
    tx.execute("DELETE FROM owner_recovery_code WHERE owner_id = :owner_id", owner_id=owner_id)
    for code_hash in hashes:
        tx.execute(
            "INSERT INTO owner_recovery_code (code_hash, owner_id) VALUES (:code_hash, :owner_id)", code_hash=code_hash, owner_id=owner_id
        )


def use_recovery_code(tx: Tx, owner_id: str, code_hash: str, now: int) -> bool:
    """True for exactly one use."""
    return (
        tx.execute(
            "UPDATE owner_recovery_code SET used_at = :now WHERE code_hash = :code_hash AND owner_id = :owner_id AND used_at IS NULL",
            code_hash=code_hash,
            owner_id=owner_id,
            now=now,
        )
        == 1
    )


def unused_recovery_codes(tx: Tx, owner_id: str) -> int:
    """How many are left."""
    row = tx.one("SELECT COUNT(*) FROM owner_recovery_code WHERE owner_id = :owner_id AND used_at IS NULL", owner_id=owner_id)
    return int(row[0]) if row else 0


def add_login(tx: Tx, login: OwnerLogin) -> None:
    """Keep a new login."""
    tx.execute(
        f"INSERT INTO owner_login ({_LOGIN}) VALUES (:id, :owner_id, :secret_hash, :browser, :created_at, :seen_at, :expires_at, "
        ":proved_at, NULL)",
        id=login.id,
        owner_id=login.owner_id,
        secret_hash=login.secret_hash,
        browser=login.browser,
        created_at=login.created_at,
        seen_at=login.seen_at,
        expires_at=login.expires_at,
        proved_at=login.proved_at,
    )


def live_login(tx: Tx, secret_hash: str, now: int) -> tuple[OwnerLogin, Owner] | None:
    """The login behind a browser's secret with its owner, if both are alive."""
    columns = ", ".join([*(f"l.{name}" for name in _LOGIN.split(", ")), *(f"o.{name}" for name in _OWNER.split(", "))])
    row = tx.one(
        f"SELECT {columns} FROM owner_login l JOIN owner o ON o.id = l.owner_id WHERE l.secret_hash = :secret_hash "
        "AND l.ended_at IS NULL AND l.expires_at > :now AND o.removed_at IS NULL",
        secret_hash=secret_hash,
        now=now,
    )
    width = _LOGIN.count(",") + 1
    return (OwnerLogin(*row[:width]), Owner(*row[width:])) if row else None


def touch_login(tx: Tx, login_id: str, now: int) -> bool:
    """Slide the idle end, now and then."""
    return (
        tx.execute(
            "UPDATE owner_login SET seen_at = :now, "
            "expires_at = CASE WHEN :idle_end < created_at + :hard THEN :idle_end ELSE created_at + :hard END "
            "WHERE id = :id AND ended_at IS NULL AND expires_at > :now AND seen_at <= :seen_before",
            id=login_id,
            now=now,
            idle_end=now + LOGIN_IDLE,
            hard=LOGIN_HARD_END,
            seen_before=now - LOGIN_TOUCH_AFTER,
        )
        == 1
    )


def prove_login(tx: Tx, login_id: str, secret_hash: str, now: int) -> bool:
    """The second factor was shown: from here on the login counts, under a new secret (AUT-15). True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE owner_login SET proved_at = :now, secret_hash = :secret_hash WHERE id = :id AND proved_at IS NULL AND ended_at IS NULL",
            id=login_id,
            secret_hash=secret_hash,
            now=now,
        )
        == 1
    )


def end_login(tx: Tx, owner_id: str, login_id: str, now: int) -> bool:
    """End one login of an owner. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE owner_login SET ended_at = :now WHERE id = :id AND owner_id = :owner_id AND ended_at IS NULL",
            id=login_id,
            owner_id=owner_id,
            now=now,
        )
        == 1
    )


def end_other_logins(tx: Tx, owner_id: str, kept_id: str, now: int) -> int:
    """End every login of an owner but one; answers how many."""
    return tx.execute(
        "UPDATE owner_login SET ended_at = :now WHERE owner_id = :owner_id AND id <> :kept_id AND ended_at IS NULL",
        owner_id=owner_id,
        kept_id=kept_id,
        now=now,
    )


def logins_of(tx: Tx, owner_id: str, now: int) -> Sequence[OwnerLogin]:
    """The living logins of an owner, newest first."""
    rows = tx.all(
        f"SELECT {_LOGIN} FROM owner_login WHERE owner_id = :owner_id AND ended_at IS NULL AND expires_at > :now ORDER BY id DESC LIMIT 50",
        owner_id=owner_id,
        now=now,
    )
    return [OwnerLogin(*row) for row in rows]


def forget_logins(tx: Tx, before: int, limit: int) -> int:
    """Delete logins that began before `before`."""
    return tx.execute(
        "DELETE FROM owner_login WHERE id IN (SELECT id FROM owner_login WHERE created_at < :before ORDER BY id LIMIT :limit)",
        before=before,
        limit=limit,
    )
