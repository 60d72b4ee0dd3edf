"""SQL of the oauth room, and nothing else."""

from __future__ import annotations

from roundtrip.oauth.model import AuthorizationCode, Grant
from roundtrip.storage.database import Row, Tx

_GRANT = (
    "id, site_id, client_id, visitor_id, member_id, login_id, scope, refresh_hash, created_at, used_at, expires_at, hard_end_at, revoked_at"
)
_WHOLE_GRANT = f"{_GRANT}, previous_hash, rotated_at"
_CODE = (
    "code_hash, client_id, redirect_uri, code_challenge, code_challenge_method, member_id, login_id, scope, nonce,"
    " redirect_session_id, created_at, expires_at, used_at, grant_id"
)


def add_grant(tx: Tx, grant: Grant) -> None:
    """Keep a new grant."""
    tx.execute(
        f"INSERT INTO oauth_grant ({_GRANT}) VALUES (:id, :site_id, :client_id, :visitor_id, :member_id, :login_id, :scope,"
        " :refresh_hash, :created_at, :used_at, :expires_at, :hard_end_at, NULL)",
        id=grant.id,
        site_id=grant.site_id,
        client_id=grant.client_id,
        visitor_id=grant.visitor_id,
        member_id=grant.member_id,
        login_id=grant.login_id,
        scope=grant.scope,
        refresh_hash=grant.refresh_hash,
        created_at=grant.created_at,
        used_at=grant.used_at,
        expires_at=grant.expires_at,
        hard_end_at=grant.hard_end_at,
    )


def grant(tx: Tx, grant_id: str) -> Grant | None:
    """A grant by its id, dead ones too."""
    row = tx.one(f"SELECT {_WHOLE_GRANT} FROM oauth_grant WHERE id = :id", id=grant_id)
    return Grant(*row) if row else None


def slide_grant(tx: Tx, grant: Grant, idle: int, now: int) -> bool:
    """Note a use and move the idle end; False when the grant was revoked, has expired, or has another refresh token by now."""
    return (
        tx.execute(
            "UPDATE oauth_grant SET used_at = :now, expires_at = CASE WHEN :idle_end < hard_end_at THEN :idle_end ELSE hard_end_at END"
            " WHERE id = :id AND refresh_hash = :refresh_hash AND revoked_at IS NULL AND expires_at > :now",
            id=grant.id,
            refresh_hash=grant.refresh_hash,
            now=now,
            idle_end=now + idle,
        )
        == 1
    )


def rotate_grant(tx: Tx, grant: Grant, new_hash: str, idle: int, now: int) -> bool:
    """The same, and put another refresh token in the place of the one that was read; True for exactly one caller (AUT-11)."""
    return (
        tx.execute(
            "UPDATE oauth_grant SET previous_hash = refresh_hash, refresh_hash = :new_hash, rotated_at = :now, used_at = :now,"
            " expires_at = CASE WHEN :idle_end < hard_end_at THEN :idle_end ELSE hard_end_at END"
            " WHERE id = :id AND refresh_hash = :refresh_hash AND revoked_at IS NULL AND expires_at > :now",
            id=grant.id,
            refresh_hash=grant.refresh_hash,
            new_hash=new_hash,
            now=now,
            idle_end=now + idle,
        )
        == 1
    )


def clients_of_login(tx: Tx, member_id: str, login_id: str) -> list[str]:
    """The clients that hold living tokens made from a login (a site has a handful of clients)."""
    rows = tx.all(
        "SELECT DISTINCT client_id FROM oauth_grant WHERE member_id = :member_id AND login_id = :login_id AND revoked_at IS NULL "
        "ORDER BY client_id LIMIT 100",
        member_id=member_id,
        login_id=login_id,
    )
    return [row[0] for row in rows]


def revoke_grant(tx: Tx, grant_id: str, now: int) -> bool:
    """True for exactly one caller."""
    return tx.execute("UPDATE oauth_grant SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL", id=grant_id, now=now) == 1


def revoke_grants_of(tx: Tx, member_id: str, now: int, *, keep: str | None, keep_login: str | None) -> list[Row]:
    """End the grants of a member, but one and those made from one login: (id, used_at) of each that ended."""
    return tx.all(
        "UPDATE oauth_grant SET revoked_at = :now WHERE member_id = :member_id AND revoked_at IS NULL AND id <> :keep"
        " AND (login_id IS NULL OR login_id <> :keep_login) RETURNING id, used_at",
        member_id=member_id,
        now=now,
        keep=keep or "",
        keep_login=keep_login or "",
    )


def grants_of(tx: Tx, member_id: str, limit: int) -> list[Row]:
    """(client_id, scope, created_at, used_at, revoked_at) of a member's grants, newest first."""
    return tx.all(
        "SELECT client_id, scope, created_at, used_at, revoked_at FROM oauth_grant WHERE member_id = :member_id"
        " ORDER BY id DESC LIMIT :limit",
        member_id=member_id,
        limit=limit,
    )


def delete_grants_of(tx: Tx, member_id: str) -> int:
    """Delete the grants of a member; answers how many. Their access tokens are ended by `revocation.end_member`, before."""
    return tx.execute("DELETE FROM oauth_grant WHERE member_id = :member_id", member_id=member_id)


def forget_grants(tx: Tx, before: int, limit: int) -> int:
    """Delete grants that passed their hard end before `before`. Ids are time-ordered, so the oldest are at the front of the key."""
    return tx.execute(
        "DELETE FROM oauth_grant WHERE id IN (SELECT id FROM oauth_grant ORDER BY id LIMIT :limit) AND hard_end_at < :before",
        before=before,
        limit=limit,
    )


def add_code(tx: Tx, code: AuthorizationCode) -> None:
    """Keep a new authorization code's hash and what it stands for."""
    tx.execute(
        f"INSERT INTO authorization_code ({_CODE}) VALUES (:code_hash, :client_id, :redirect_uri, :code_challenge,"
        " :code_challenge_method, :member_id, :login_id, :scope, :nonce, :redirect_session_id, :created_at, :expires_at, NULL, NULL)",
        code_hash=code.code_hash,
        client_id=code.client_id,
        redirect_uri=code.redirect_uri,
        code_challenge=code.code_challenge,
        code_challenge_method=code.code_challenge_method,
        member_id=code.member_id,
        login_id=code.login_id,
        scope=code.scope,
        nonce=code.nonce,
        redirect_session_id=code.redirect_session_id,
        created_at=code.created_at,
        expires_at=code.expires_at,
    )


def code(tx: Tx, code_hash: str) -> AuthorizationCode | None:
    """A code by its hash, used and expired ones too."""
    row = tx.one(f"SELECT {_CODE} FROM authorization_code WHERE code_hash = :code_hash", code_hash=code_hash)
    return AuthorizationCode(*row) if row else None


def use_code(tx: Tx, code_hash: str, grant_id: str, now: int) -> bool:
    """True for exactly one caller, however many hold the code (AUT-04)."""
    return (
        tx.execute(
            "UPDATE authorization_code SET used_at = :now, grant_id = :grant_id"
            " WHERE code_hash = :code_hash AND used_at IS NULL AND expires_at > :now",
            code_hash=code_hash,
            grant_id=grant_id,
            now=now,
        )
        == 1
    )


def forget_codes(tx: Tx, before: int, limit: int) -> int:
    """Delete codes that expired before `before`."""
    return tx.execute(
        "DELETE FROM authorization_code WHERE code_hash IN"
        " (SELECT code_hash FROM authorization_code WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def add_key(tx: Tx, *, kid: str, alg: str, generation: int, private_key: str, now: int, signs_from: int = 0) -> bool:
    """False when another server made this generation first."""
    return (
        tx.execute(
            "INSERT INTO signing_key (kid, alg, generation, private_key, created_at, signs_from)"
            " VALUES (:kid, :alg, :generation, :private_key, :now, :signs_from) ON CONFLICT (alg, generation) DO NOTHING",
            kid=kid,
            alg=alg,
            generation=generation,
            private_key=private_key,
            now=now,
            signs_from=signs_from,
        )
        == 1
    )


def live_keys(tx: Tx, now: int) -> list[Row]:
    """(kid, alg, generation, private_key, signs_from) of every key that is not retired yet, newest first."""
    return tx.all(
        "SELECT kid, alg, generation, private_key, signs_from FROM signing_key WHERE retired_at IS NULL OR retired_at > :now"
        " ORDER BY generation DESC, kid LIMIT 100",
        now=now,
    )


def key_states(tx: Tx) -> list[Row]:
    """(kid, alg, generation, created_at, signs_from, retired_at) of every key there ever was, newest first."""
    return tx.all(
        "SELECT kid, alg, generation, created_at, signs_from, retired_at FROM signing_key ORDER BY alg, generation DESC LIMIT 1000"
    )


def live_kids(tx: Tx, now: int) -> list[Row]:
    """(kid, signs_from) of the same: little enough to be asked for all the time."""
    return tx.all("SELECT kid, signs_from FROM signing_key WHERE retired_at IS NULL OR retired_at > :now ORDER BY kid LIMIT 100", now=now)


def last_generation(tx: Tx, alg: str) -> int:
    """The number of the newest key of an algorithm, 0 when there is none."""
    row = tx.one("SELECT MAX(generation) FROM signing_key WHERE alg = :alg", alg=alg)
    return int(row[0] or 0) if row else 0


def retire_keys(tx: Tx, alg: str, before_generation: int, at: int) -> int:
    """Let the keys of an algorithm before a generation verify no longer than until `at`; never longer than was said before."""
    return tx.execute(
        "UPDATE signing_key SET retired_at = :at"
        " WHERE alg = :alg AND generation < :generation AND (retired_at IS NULL OR retired_at > :at)",
        alg=alg,
        generation=before_generation,
        at=at,
    )


def revoke(tx: Tx, subject: str, now: int, expires_at: int) -> bool:
    """True the first time."""
    return (
        tx.execute(
            "INSERT INTO revocation (subject, revoked_at, expires_at) VALUES (:subject, :now, :expires_at)"
            " ON CONFLICT (subject) DO NOTHING",
            subject=subject,
            now=now,
            expires_at=expires_at,
        )
        == 1
    )


def is_revoked(tx: Tx, subject: str) -> bool:
    """True when the tokens of a subject were ended before their time."""
    return tx.one("SELECT 1 FROM revocation WHERE subject = :subject", subject=subject) is not None


def revocations_since(tx: Tx, after: int) -> list[Row]:
    """(subject, expires_at). Bounded by nature: the logouts of one access token's life at most, of a few seconds normally."""
    return tx.all("SELECT subject, expires_at FROM revocation WHERE revoked_at >= :after", after=after)


def forget_revocations(tx: Tx, before: int, limit: int) -> int:
    """Delete revocations of which every token expired before `before`."""
    return tx.execute(
        "DELETE FROM revocation WHERE subject IN"
        " (SELECT subject FROM revocation WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)",
        before=before,
        limit=limit,
    )
