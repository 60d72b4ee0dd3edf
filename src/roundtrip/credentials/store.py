"""SQL of the credentials room, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from roundtrip.credentials.model import OneTimeCode, Purpose
from roundtrip.storage.database import Row, Tx, Value

_CODE = "id, purpose, site_id, subject_id, binding, tries, created_at, expires_at, used_at"


def blocked_until(tx: Tx, keys: Sequence[str]) -> int:
    """The latest end of a pause of these counters, 0 without one."""
    names = {f"key{place}": key for place, key in enumerate(keys)}
    params: dict[str, Value] = {**names}
    row = tx.one(f"SELECT MAX(blocked_until) FROM throttle WHERE key IN ({', '.join(f':{name}' for name in names)})", **params)
    return int(row[0]) if row and row[0] is not None else 0


def count_failure(tx: Tx, key: str, now: int, *, forget_before: int) -> int:
    """Count one more wrong guess; answers how many there are by now."""
    row = tx.one(
        "INSERT INTO throttle (key, failures, failed_at, blocked_until) VALUES (:key, 1, :now, 0) "
        "ON CONFLICT (key) DO UPDATE SET failed_at = :now, "
        "failures = CASE WHEN throttle.failed_at < :forget_before THEN 1 ELSE throttle.failures + 1 END "
        "RETURNING failures",
        key=key,
        now=now,
        forget_before=forget_before,
    )
    assert row is not None  # an upsert answers with its row
    return int(row[0])


def block(tx: Tx, key: str, until: int) -> None:
    """Let the next guess wait. A longer pause is never shortened."""
    tx.execute("UPDATE throttle SET blocked_until = :until WHERE key = :key AND blocked_until < :until", key=key, until=until)


def clear(tx: Tx, key: str) -> None:
    """Forget one counter."""
    tx.execute("DELETE FROM throttle WHERE key = :key", key=key)


def forget_counters(tx: Tx, before: int, limit: int) -> int:
    """Delete counters without a wrong guess since `before`."""
    return tx.execute(
        "DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE failed_at < :before ORDER BY failed_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def add_code(tx: Tx, code: OneTimeCode) -> None:
    """Keep a new code."""
    tx.execute(
        f"INSERT INTO one_time_code ({_CODE}) VALUES (:id, :purpose, :site_id, :subject_id, :binding, 0, :created_at, :expires_at, NULL)",
        id=code.id,
        purpose=code.purpose.value,
        site_id=code.site_id,
        subject_id=code.subject_id,
        binding=msgspec.json.encode(code.binding).decode(),
        created_at=code.created_at,
        expires_at=code.expires_at,
    )


def code(tx: Tx, code_id: str) -> OneTimeCode | None:
    """A code by its id, dead ones too."""
    row = tx.one(f"SELECT {_CODE} FROM one_time_code WHERE id = :id", id=code_id)
    return _code(row) if row else None


def living_code(tx: Tx, purpose: str, subject_id: str, now: int) -> OneTimeCode | None:
    """The newest code of a subject that can still be used."""
    row = tx.one(
        f"SELECT {_CODE} FROM one_time_code WHERE subject_id = :subject_id AND purpose = :purpose AND used_at IS NULL "
        "AND expires_at > :now ORDER BY id DESC LIMIT 1",
        subject_id=subject_id,
        purpose=purpose,
        now=now,
    )
    return _code(row) if row else None


def _code(row: Row) -> OneTimeCode:
    return OneTimeCode(row[0], Purpose(row[1]), row[2], row[3], msgspec.json.decode(row[4], type=dict), *row[5:])


def take_try(tx: Tx, code_id: str, purpose: str, now: int, *, issued_after: int, most: int) -> bool:
    """Use up one of the tries of a living code; False when there is none left."""
    return (
        tx.execute(
            "UPDATE one_time_code SET tries = tries + 1 WHERE id = :id AND purpose = :purpose AND used_at IS NULL "
            "AND expires_at > :now AND created_at > :issued_after AND tries < :most",
            id=code_id,
            purpose=purpose,
            now=now,
            issued_after=issued_after,
            most=most,
        )
        == 1
    )


def tries_of(tx: Tx, subject_id: str, *, since: int) -> int:
    """How often digits were tried at the codes that a subject got since then."""
    row = tx.one(
        "SELECT COALESCE(SUM(tries), 0) FROM one_time_code WHERE subject_id = :subject_id AND created_at > :since",
        subject_id=subject_id,
        since=since,
    )
    return int(row[0]) if row else 0


def codes_of(tx: Tx, subject_id: str, purpose: str) -> list[OneTimeCode]:
    """The last codes of a subject, newest first, dead ones too."""
    rows = tx.all(
        f"SELECT {_CODE} FROM one_time_code WHERE subject_id = :subject_id AND purpose = :purpose "
        "ORDER BY created_at DESC, id DESC LIMIT 50",
        subject_id=subject_id,
        purpose=purpose,
    )
    return [_code(row) for row in rows]


def all_codes_of(tx: Tx, subject_id: str, *, limit: int) -> list[OneTimeCode]:
    """The codes of a subject for whatever purpose, newest first."""
    rows = tx.all(
        f"SELECT {_CODE} FROM one_time_code WHERE subject_id = :subject_id ORDER BY created_at DESC, id DESC LIMIT :limit",
        subject_id=subject_id,
        limit=limit,
    )
    return [_code(row) for row in rows]


def delete_codes_of(tx: Tx, subject_id: str) -> int:
    """Delete every code of a subject; answers how many."""
    return tx.execute("DELETE FROM one_time_code WHERE subject_id = :subject_id", subject_id=subject_id)


def use_code(tx: Tx, code_id: str, now: int) -> bool:
    """True for exactly one caller, however many hold the code."""
    return (
        tx.execute("UPDATE one_time_code SET used_at = :now WHERE id = :id AND used_at IS NULL AND expires_at > :now", id=code_id, now=now)
        == 1
    )


def retire_codes(tx: Tx, subject_id: str, purpose: str, now: int) -> None:
    """End the living codes of a subject."""
    tx.execute(
        "UPDATE one_time_code SET used_at = :now WHERE subject_id = :subject_id AND purpose = :purpose AND used_at IS NULL",
        subject_id=subject_id,
        purpose=purpose,
        now=now,
    )


def forget_codes(tx: Tx, before: int, limit: int) -> int:
    """Delete codes that ended before `before`."""
    return tx.execute(
        "DELETE FROM one_time_code WHERE id IN (SELECT id FROM one_time_code WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)",
        before=before,
        limit=limit,
    )
