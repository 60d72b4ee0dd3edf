"""Where webhook keys are kept: the SQL about them, and nothing else."""

from __future__ import annotations

from roundtrip.storage.database import Row, Tx
from roundtrip.webhooks.keys.model import KeyKind, WebhookKey

_COLUMNS = "id, holder_id, kind, sealed, public_half, hint, created_at, signs_from, expires_at"


def insert(tx: Tx, key: WebhookKey) -> None:
    """Keep a new key."""
    tx.execute(
        f"INSERT INTO webhook_key ({_COLUMNS}) VALUES (:id, :holder_id, :kind, :sealed, :public_half, :hint, :created_at, :signs_from, "
        ":expires_at)",
        id=key.id,
        holder_id=key.holder_id,
        kind=key.kind.value,
        sealed=key.sealed,
        public_half=key.public_half,
        hint=key.hint,
        created_at=key.created_at,
        signs_from=key.signs_from,
        expires_at=key.expires_at,
    )


def of_holder(tx: Tx, holder_id: str, now: int) -> list[WebhookKey]:
    """The keys of an endpoint or a client that have not ended, newest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM webhook_key WHERE holder_id = :holder_id AND (expires_at IS NULL OR expires_at > :now) "
        "ORDER BY id DESC LIMIT 20",
        holder_id=holder_id,
        now=now,
    )
    return [_key(row) for row in rows]


def end(tx: Tx, holder_id: str, kind: KeyKind, but: str, at: int) -> int:
    """Let every other key of this kind end at `at` (UTC milliseconds), none later than was said before; answers how many were shortened."""
    return tx.execute(
        "UPDATE webhook_key SET expires_at = :at WHERE holder_id = :holder_id AND kind = :kind AND id <> :but "
        "AND (expires_at IS NULL OR expires_at > :at)",
        holder_id=holder_id,
        kind=kind.value,
        but=but,
        at=at,
    )


def delete(tx: Tx, holder_id: str) -> None:
    """Forget every key of an endpoint that is deleted."""
    tx.execute("DELETE FROM webhook_key WHERE holder_id = :holder_id", holder_id=holder_id)


def purge(tx: Tx, before: int, limit: int) -> int:
    """Forget at most `limit` keys that ended before `before`; answers how many."""
    return tx.execute(
        "DELETE FROM webhook_key WHERE id IN (SELECT id FROM webhook_key WHERE expires_at < :before ORDER BY expires_at, id LIMIT :limit)",
        before=before,
        limit=limit,
    )


def _key(row: Row) -> WebhookKey:
    return WebhookKey(row[0], row[1], KeyKind(row[2]), row[3], row[4], row[5], row[6], row[7], row[8])
