"""Where readers of the feed are: the SQL about them, and nothing else. The events themselves are in `storage/outbox.py`."""

from __future__ import annotations

from roundtrip.storage.database import Tx

COUNTED_FOR_A_WHILE = "redirect_session"


def acknowledged(tx: Tx, site_id: str, name: str) -> int:
    """Up to where a reader has acknowledged; 0 for one that never did."""
    row = tx.one("SELECT position FROM event_reader WHERE site_id = :site_id AND name = :name", site_id=site_id, name=name)
    return row[0] if row else 0


def acknowledge(tx: Tx, site_id: str, name: str, position: int, now: int) -> bool:
    """Write down how far a reader has come; False when it was further already."""
    return (
        tx.execute(
            "INSERT INTO event_reader (site_id, name, position, changed_at) VALUES (:site_id, :name, :position, :now) "
            "ON CONFLICT (site_id, name) DO UPDATE SET position = excluded.position, changed_at = excluded.changed_at "
            "WHERE event_reader.position < excluded.position",
            site_id=site_id,
            name=name,
            position=position,
            now=now,
        )
        == 1
    )


def readers(tx: Tx, site_id: str) -> list[tuple[str, int, int]]:
    """A site's readers: name, position, and when it last moved."""
    rows = tx.all("SELECT name, position, changed_at FROM event_reader WHERE site_id = :site_id ORDER BY name LIMIT 1000", site_id=site_id)
    return [(row[0], row[1], row[2]) for row in rows]


def forget(tx: Tx, site_id: str, name: str) -> bool:
    """Forget a reader; False when there was none."""
    return tx.execute("DELETE FROM event_reader WHERE site_id = :site_id AND name = :name", site_id=site_id, name=name) == 1


def purge_counts(tx: Tx, before: int, limit: int) -> int:
    """Forget at most `limit` counters of visits that began before `before`: nothing happens to them any more. Answers how many.

    Other things live as long as their site, and so do their counters.
    """
    text = f"{max(before, 0):012x}"
    return tx.execute(
        "DELETE FROM event_count WHERE entity = :entity AND entity_id IN (SELECT entity_id FROM event_count "
        "WHERE entity = :entity AND entity_id < :before ORDER BY entity_id LIMIT :limit)",
        entity=COUNTED_FOR_A_WHILE,
        before=f"{text[:8]}-{text[8:]}",
        limit=limit,
    )
