"""SQL of feeds, and nothing else."""

from __future__ import annotations

from roundtrip.bookings.feeds.model import MOST, Feed
from roundtrip.storage.database import Tx

_FEED = "site_id, id, staff_id, created_at"


def get(tx: Tx, feed_id: str) -> Feed | None:
    """A feed of any site, for who knows its address."""
    row = tx.one(f"SELECT {_FEED} FROM booking_feed WHERE id = :id", id=feed_id)
    return Feed(*row) if row else None


def of_site(tx: Tx, site_id: str) -> list[Feed]:
    """All feeds of a site, the oldest first."""
    rows = tx.all(f"SELECT {_FEED} FROM booking_feed WHERE site_id = :site_id ORDER BY id LIMIT :most", site_id=site_id, most=MOST + 1)
    return [Feed(*row) for row in rows]


def insert(tx: Tx, feed: Feed) -> None:
    """Keep a new feed."""
    tx.execute(
        f"INSERT INTO booking_feed ({_FEED}) VALUES (:site_id, :id, :staff_id, :now)",
        site_id=feed.site_id,
        id=feed.id,
        staff_id=feed.staff_id,
        now=feed.created_at,
    )


def delete(tx: Tx, site_id: str, feed_id: str) -> bool:
    """End a feed. True for exactly one caller."""
    return tx.execute("DELETE FROM booking_feed WHERE site_id = :site_id AND id = :id", site_id=site_id, id=feed_id) == 1
