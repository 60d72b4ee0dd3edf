"""Calendars of bookings that a calendar program subscribes to, for the owner's own server code."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.settings_calls import change_of, own_site
from roundtrip.api.stores_views import Json
from roundtrip.api.wire import Empty, Wire
from roundtrip.bookings.book import links
from roundtrip.bookings.feeds import actions, store
from roundtrip.bookings.feeds.model import Feed
from roundtrip.core.clock import rfc3339
from roundtrip.core.ids import derived_id, new_id
from roundtrip.storage.database import Tx


class FeedIn(Wire):
    """Whose bookings: those of one staff member, or all of the site."""

    staff_member_id: Annotated[str, Meta(max_length=36)] | None = None


class FeedAnswer(Wire, omit_defaults=False):
    """One calendar with its secret address."""

    feed: dict[str, Any]


class Feeds(Wire, omit_defaults=False):
    """All calendars of the site."""

    feeds: list[dict[str, Any]]


async def create(call: Call) -> FeedAnswer:
    """Make a calendar."""

    def making(tx: Tx, feed_id: str) -> Json:
        body: FeedIn = call.body
        change = change_of(tx, call, derived_id(feed_id, "change"))
        return _out(tx, call, actions.create(tx, call.site_id, feed_id, (body.staff_member_id or "").lower(), change))

    return FeedAnswer(await call.write(making, new_id(call.now)))


async def list_(call: Call) -> Feeds:
    """List calendars."""
    return Feeds(await call.read(lambda tx: [_out(tx, call, one) for one in store.of_site(tx, call.site_id)]))


async def delete(call: Call) -> Empty:
    """End a calendar."""

    def ending(tx: Tx, entry_id: str) -> None:
        actions.delete(tx, call.site_id, call.path_params["id"].lower(), change_of(tx, call, entry_id))

    await call.write(ending, new_id(call.now))
    return Empty()


def _out(tx: Tx, call: Call, feed: Feed) -> Json:
    pages = own_site(tx, call).pages_url or call.services.issuer
    url = pages + links.feed_path(call.services.code_key, feed.id)
    return {"id": feed.id, "staffMemberId": feed.staff_id or None, "url": url, "createdDate": rfc3339(feed.created_at)}


_PATHS, _ONE = ("/api/v1/booking-feeds",), ("/api/v1/booking-feeds/{id}",)
OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateBookingFeed", "POST", _PATHS, "Make a calendar of bookings, whose secret address a calendar program subscribes to.",
              create, "booking.manage", KEYS, FeedIn, FeedAnswer, example={"staffMemberId": "57af0001-0000-4000-8000-000000000001"},
              errors=("STAFF_MEMBER_NOT_FOUND", "TOO_MANY_PARTS")),
    Operation("ListBookingFeeds", "GET", _PATHS, "List the calendars of bookings.", list_, "booking.manage", KEYS, None, Feeds),
    Operation("DeleteBookingFeed", "DELETE", _ONE, "End a calendar of bookings: its address answers nothing any more.", delete,
              "booking.manage", KEYS, None, Empty, errors=("FEED_NOT_FOUND",)),
)  # fmt: skip
