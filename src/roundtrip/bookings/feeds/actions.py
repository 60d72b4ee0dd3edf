"""What owners do with feeds. Each change is written down (OPS-02)."""

from __future__ import annotations

from roundtrip.bookings.feeds import store
from roundtrip.bookings.feeds.model import MOST, Feed
from roundtrip.bookings.parts import actions as parts
from roundtrip.bookings.parts.model import PartKind
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.errors import AppError, Kind
from roundtrip.sites.change import Change
from roundtrip.storage.database import Tx

ENTITY = "booking_feed"


def create(tx: Tx, site_id: str, feed_id: str, staff_id: str, change: Change) -> Feed:
    """Let bookings be subscribed to. Raises NOT_FOUND `STAFF_MEMBER_NOT_FOUND`, CONFLICT `TOO_MANY_PARTS`."""
    name = parts.require(tx, site_id, PartKind.STAFF, staff_id).name if staff_id else ""
    if len(store.of_site(tx, site_id)) >= MOST:
        raise AppError(Kind.CONFLICT, "TOO_MANY_PARTS", f"A site has at most {MOST} calendars; end one first.")
    feed = Feed(site_id, feed_id, staff_id.lower(), change.now)
    store.insert(tx, feed)
    _note(tx, feed, name, "created", change)
    return feed


def delete(tx: Tx, site_id: str, feed_id: str, change: Change) -> None:
    """End a feed. Raises NOT_FOUND `FEED_NOT_FOUND` for whoever comes second."""
    feed = store.get(tx, feed_id)
    if feed is None or feed.site_id != site_id or not store.delete(tx, site_id, feed_id):
        raise AppError(Kind.NOT_FOUND, "FEED_NOT_FOUND", f"There is no calendar {feed_id[:40]!r}.", data={"id": feed_id[:40]})
    _note(tx, feed, "", "deleted", change)


def _note(tx: Tx, feed: Feed, name: str, slug: str, change: Change) -> None:
    change.note(tx, site_id=feed.site_id, action=f"{ENTITY}.{slug}", object_id=feed.id, object_name=name)
    change.tell(tx, DomainEvent(feed.site_id, ENTITY, slug, feed.id, {"id": feed.id, "staffMemberId": feed.staff_id or None}))
