"""Where refusals are kept: the SQL of this topic, and nothing else."""

from __future__ import annotations

from roundtrip.sites.refusals.model import Key, Refusal, Tally
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Row, Tx

_COLUMNS = "id, site_id, client_id, rule, address, left_out, reason, place, session_id, count, first_at, last_at"


def add(tx: Tx, refusal_id: str, site_id: str, key: Key, tally: Tally) -> None:
    """Count a group up, or start it."""
    tx.execute(
        f"INSERT INTO refusal ({_COLUMNS}) VALUES (:id, :site_id, :client_id, :rule, :address, :left_out, :reason, :place, :session_id, "
        ":count, :first_at, :last_at) ON CONFLICT (client_id, rule, address) DO UPDATE SET count = refusal.count + excluded.count, "
        "last_at = excluded.last_at, reason = excluded.reason, place = excluded.place, left_out = excluded.left_out, "
        "session_id = COALESCE(excluded.session_id, refusal.session_id)",
        id=refusal_id,
        site_id=site_id,
        client_id=key.client_id,
        rule=key.rule.value,
        address=key.address,
        left_out=tally.left_out,
        reason=tally.reason,
        place=tally.place,
        session_id=tally.session_id,
        count=tally.count,
        first_at=tally.first_at,
        last_at=tally.last_at,
    )


def keep_newest(tx: Tx, client_id: str, most: int) -> int:
    """Delete all groups of a client but the `most` that were touched last; answers how many."""
    return tx.execute(
        "DELETE FROM refusal WHERE id IN (SELECT id FROM refusal WHERE client_id = :client_id "
        "ORDER BY last_at DESC, id DESC LIMIT 1000 OFFSET :most)",
        client_id=client_id,
        most=most,
    )


def page(tx: Tx, site_id: str, *, limit: int) -> list[Refusal]:
    """The groups of a site that were touched last, newest first."""
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM refusal WHERE site_id = :site_id ORDER BY last_at DESC, id DESC LIMIT :limit", site_id=site_id, limit=limit
    )
    return [_refusal(row) for row in rows]


def get(tx: Tx, site_id: str, refusal_id: str) -> Refusal | None:
    """One group of this site, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM refusal WHERE id = :id AND site_id = :site_id", id=refusal_id, site_id=site_id)
    return _refusal(row) if row else None


def number(tx: Tx, site_id: str, most: int) -> int:
    """How many groups a site has; stops counting at `most`."""
    row = tx.one(
        "SELECT COUNT(*) FROM (SELECT id FROM refusal WHERE site_id = :site_id LIMIT :most) AS counted", site_id=site_id, most=most
    )
    return int(row[0]) if row else 0


def delete(tx: Tx, refusal_id: str) -> bool:
    """True for exactly one caller."""
    return tx.execute("DELETE FROM refusal WHERE id = :id", id=refusal_id) == 1


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete up to `limit` groups that nothing has touched since `before`; answers how many."""
    return tx.execute(
        "DELETE FROM refusal WHERE id IN (SELECT id FROM refusal WHERE last_at < :before ORDER BY last_at LIMIT :limit)",
        before=before,
        limit=limit,
    )


def _refusal(row: Row) -> Refusal:
    return Refusal(row[0], row[1], row[2], Rule(row[3]), *row[4:])
