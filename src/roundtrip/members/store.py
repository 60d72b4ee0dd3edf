"""SQL of the members room, and nothing else."""

from __future__ import annotations

from roundtrip.members.model import (
    LOGIN_HARD_END,
    LOGIN_IDLE,
    LOGIN_TOUCH_AFTER,
    SESSION_TOKEN_LIFE,
    Credentials,
    Login,
    Member,
    MemberStatus,
    SessionToken,
)
from roundtrip.storage.database import Row, Tx, Value

_MEMBER = (
    "id, site_id, email, email_key, status, nickname, first_name, last_name, slug, profile, revision, created_at, updated_at, "
    "email_verified_at, last_login_at"
)
_LOGIN = "l.id, l.site_id, l.member_id, l.secret_hash, l.created_at, l.seen_at, l.expires_at, l.ended_at"


def _member(row: Row) -> Member:
    return Member(row[0], row[1], row[2], row[3], MemberStatus(row[4]), *row[5:])


def add_member(tx: Tx, member: Member, password_hash: str | None) -> bool:
    """False when the site already has a member with this address; the database's constraint decides, so one of two twins wins."""
    return (
        tx.execute(
            f"INSERT INTO member ({_MEMBER}, password_hash) VALUES (:id, :site_id, :email, :email_key, :status, :nickname,"
            " :first_name, :last_name, :slug, :profile, :revision, :created_at, :updated_at,"
            " :email_verified_at, :last_login_at, :password_hash)"
            " ON CONFLICT (site_id, email_key) DO NOTHING",
            id=member.id,
            site_id=member.site_id,
            email=member.email,
            email_key=member.email_key,
            status=member.status.value,
            nickname=member.nickname,
            first_name=member.first_name,
            last_name=member.last_name,
            slug=member.slug,
            profile=member.profile,
            revision=member.revision,
            created_at=member.created_at,
            updated_at=member.updated_at,
            email_verified_at=member.email_verified_at,
            last_login_at=member.last_login_at,
            password_hash=password_hash,
        )
        == 1
    )


def member(tx: Tx, site_id: str, member_id: str) -> Member | None:
    """A member of this site, whatever its status."""
    row = tx.one(f"SELECT {_MEMBER} FROM member WHERE id = :id AND site_id = :site_id", id=member_id, site_id=site_id)
    return _member(row) if row else None


def member_by_email(tx: Tx, site_id: str, email_key: str) -> Member | None:
    """The member with this address, whatever its status."""
    row = tx.one(f"SELECT {_MEMBER} FROM member WHERE site_id = :site_id AND email_key = :key", site_id=site_id, key=email_key)
    return _member(row) if row else None


def page(tx: Tx, *, site_id: str, status: str | None, email_key: str | None, before_id: str | None, limit: int) -> list[Member]:
    """Up to `limit` members of a site, newest first, older than `before_id`."""
    wanted = {"status": status, "email_key": email_key}
    conditions = ["site_id = :site_id", *(f"{name} = :{name}" for name, value in wanted.items() if value is not None)]
    params: dict[str, Value] = {name: value for name, value in wanted.items() if value is not None}
    if before_id is not None:
        conditions.append("id < :before_id")
        params["before_id"] = before_id
    rows = tx.all(
        f"SELECT {_MEMBER} FROM member WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT :limit",
        site_id=site_id,
        limit=limit,
        **params,
    )
    return [_member(row) for row in rows]


def number(tx: Tx, site_id: str, status: str, most: int) -> int:
    """How many members of a site have a status; counting stops at `most`."""
    row = tx.one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM member WHERE site_id = :site_id AND status = :status LIMIT :most) AS counted",
        site_id=site_id,
        status=status,
        most=most,
    )
    return int(row[0]) if row else 0


def move(tx: Tx, member_id: str, *, old: MemberStatus, new: MemberStatus, now: int) -> bool:
    """True for exactly one caller, however many decide about the same member."""
    return (
        tx.execute(
            "UPDATE member SET status = :new, updated_at = :now, revision = revision + 1 WHERE id = :id AND status = :old",
            id=member_id,
            old=old.value,
            new=new.value,
            now=now,
        )
        == 1
    )


def verify_email(tx: Tx, member_id: str, now: int) -> bool:
    """Write down that mail to the address is read; True the first time."""
    return (
        tx.execute(
            "UPDATE member SET email_verified_at = :now, updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND email_verified_at IS NULL",
            id=member_id,
            now=now,
        )
        == 1
    )


def delete_member(tx: Tx, site_id: str, member_id: str) -> int:
    """Delete a member with their logins and session tokens; 1 for exactly one caller."""
    return tx.execute("DELETE FROM member WHERE id = :id AND site_id = :site_id", id=member_id, site_id=site_id)


def set_password(tx: Tx, member_id: str, password_hash: str | None, now: int) -> None:
    """Replace the password, or take it away."""
    tx.execute(
        "UPDATE member SET password_hash = :password_hash, updated_at = :now, revision = revision + 1 WHERE id = :id",
        id=member_id,
        password_hash=password_hash,
        now=now,
    )


def set_profile(tx: Tx, member: Member, now: int) -> None:
    """Replace the names and the rest of what a member says about themselves."""
    tx.execute(
        "UPDATE member SET nickname = :nickname, first_name = :first_name, last_name = :last_name, profile = :profile, updated_at = :now,"
        " revision = revision + 1 WHERE id = :id",
        id=member.id,
        nickname=member.nickname,
        first_name=member.first_name,
        last_name=member.last_name,
        profile=member.profile,
        now=now,
    )


def note_login(tx: Tx, member_id: str, now: int) -> None:
    """Write down when somebody last proved to be this member."""
    tx.execute("UPDATE member SET last_login_at = :now WHERE id = :id", id=member_id, now=now)


def end_logins(tx: Tx, member_id: str, now: int, *, keep: str | None) -> list[str]:
    """End the logins of a member but one; answers which ended."""
    rows = tx.all(
        "UPDATE login SET ended_at = :now WHERE member_id = :member_id AND ended_at IS NULL AND id <> :keep RETURNING id",
        member_id=member_id,
        now=now,
        keep=keep or "",
    )
    return sorted(row[0] for row in rows)


def spend_session_tokens(tx: Tx, member_id: str, now: int) -> None:
    """Spend what session tokens of a member are still good."""
    tx.execute("UPDATE session_token SET spent_at = :now WHERE member_id = :member_id AND spent_at IS NULL", member_id=member_id, now=now)


def credentials(tx: Tx, site_id: str, email_key: str) -> Credentials | None:
    """What a password is checked against."""
    row = tx.one(
        "SELECT id, password_hash, status FROM member WHERE site_id = :site_id AND email_key = :email_key",
        site_id=site_id,
        email_key=email_key,
    )
    return Credentials(row[0], row[1], MemberStatus(row[2])) if row else None


def add_login(tx: Tx, login: Login) -> None:
    """Keep a new login."""
    tx.execute(
        "INSERT INTO login (id, site_id, member_id, secret_hash, created_at, seen_at, expires_at)"
        " VALUES (:id, :site_id, :member_id, :secret_hash, :created_at, :seen_at, :expires_at)",
        id=login.id,
        site_id=login.site_id,
        member_id=login.member_id,
        secret_hash=login.secret_hash,
        created_at=login.created_at,
        seen_at=login.seen_at,
        expires_at=login.expires_at,
    )


def renew_login(tx: Tx, login: Login) -> bool:
    """Give a login that has not ended a new secret and a new beginning."""
    return (
        tx.execute(
            "UPDATE login SET secret_hash = :secret_hash, created_at = :created_at, seen_at = :seen_at, expires_at = :expires_at"
            " WHERE id = :id AND ended_at IS NULL",
            id=login.id,
            secret_hash=login.secret_hash,
            created_at=login.created_at,
            seen_at=login.seen_at,
            expires_at=login.expires_at,
        )
        == 1
    )


def live_login(tx: Tx, site_id: str, secret_hash: str, now: int) -> Login | None:
    """The login behind a browser's secret, if it has not ended or expired and its member is active."""
    row = tx.one(
        f"SELECT {_LOGIN} FROM login l JOIN member m ON m.id = l.member_id"
        " WHERE l.secret_hash = :secret_hash AND l.site_id = :site_id AND l.ended_at IS NULL AND l.expires_at > :now"
        " AND m.status = :active",
        secret_hash=secret_hash,
        site_id=site_id,
        now=now,
        active=MemberStatus.ACTIVE.value,
    )
    return Login(*row) if row else None


def login(tx: Tx, login_id: str) -> Login | None:
    """A login by its id, ended ones too."""
    row = tx.one(f"SELECT {_LOGIN} FROM login l WHERE l.id = :id", id=login_id)
    return Login(*row) if row else None


def logins_of(tx: Tx, member_id: str, *, limit: int) -> list[Login]:
    """The logins of a member, newest first, ended ones too."""
    rows = tx.all(f"SELECT {_LOGIN} FROM login l WHERE l.member_id = :id ORDER BY l.id DESC LIMIT :limit", id=member_id, limit=limit)
    return [Login(*row) for row in rows]


def touch_login(tx: Tx, login_id: str, now: int) -> bool:
    """Slide the idle end, at most once per `LOGIN_TOUCH_AFTER`."""
    return (
        tx.execute(
            "UPDATE login SET seen_at = :now,"
            " expires_at = CASE WHEN :idle_end < created_at + :hard THEN :idle_end ELSE created_at + :hard END"
            " WHERE id = :id AND ended_at IS NULL AND expires_at > :now AND seen_at <= :seen_before",
            id=login_id,
            now=now,
            idle_end=now + LOGIN_IDLE,
            hard=LOGIN_HARD_END,
            seen_before=now - LOGIN_TOUCH_AFTER,
        )
        == 1
    )


def end_login(tx: Tx, login_id: str, now: int) -> bool:
    """True for exactly one caller."""
    return tx.execute("UPDATE login SET ended_at = :now WHERE id = :id AND ended_at IS NULL", id=login_id, now=now) == 1


def add_session_token(tx: Tx, *, token_hash: str, client_id: str, member_id: str, login_id: str | None, now: int) -> None:
    """Keep a new session token's hash."""
    tx.execute(
        "INSERT INTO session_token (token_hash, client_id, member_id, login_id, created_at, expires_at)"
        " VALUES (:token_hash, :client_id, :member_id, :login_id, :now, :expires_at)",
        token_hash=token_hash,
        client_id=client_id,
        member_id=member_id,
        login_id=login_id,
        now=now,
        expires_at=now + SESSION_TOKEN_LIFE,
    )


def spend_session_token(tx: Tx, *, token_hash: str, client_id: str, now: int) -> SessionToken | None:
    """The token's content for exactly one caller. A token whose login ended or whose member was blocked is worth nothing."""
    row = tx.one(
        "UPDATE session_token SET spent_at = :now"
        " WHERE token_hash = :token_hash AND client_id = :client_id AND spent_at IS NULL AND expires_at > :now"
        " AND EXISTS (SELECT 1 FROM member m WHERE m.id = session_token.member_id AND m.status = :active)"
        " AND NOT EXISTS (SELECT 1 FROM login l WHERE l.id = session_token.login_id AND l.ended_at IS NOT NULL)"
        " RETURNING client_id, member_id, login_id",
        token_hash=token_hash,
        client_id=client_id,
        now=now,
        active=MemberStatus.ACTIVE.value,
    )
    return SessionToken(*row) if row else None


def forget_session_tokens(tx: Tx, before: int, limit: int) -> int:
    """Delete tokens that expired before `before`."""
    return tx.execute(
        "DELETE FROM session_token WHERE token_hash IN"
        " (SELECT token_hash FROM session_token WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def forget_logins(tx: Tx, before: int, limit: int) -> int:
    """Delete logins that began before `before`."""
    return tx.execute(
        "DELETE FROM login WHERE id IN (SELECT id FROM login WHERE created_at < :before ORDER BY created_at LIMIT :limit)",
        before=before,
        limit=limit,
    )
