"""Lists of bookings: one's own, or for the owner's server code those of the site; and what may be done with each."""

from __future__ import annotations

from typing import Any

from roundtrip.api.bookings_book_view import booking_out
from roundtrip.api.callers import owner_of
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PagingMetadata, paging_metadata
from roundtrip.api.stores_views import Json, sees_hidden
from roundtrip.api.wire import Wire
from roundtrip.bookings.book import actions, store
from roundtrip.bookings.book.model import Booking
from roundtrip.bookings.services import store as services
from roundtrip.bookings.services.model import Service
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx


class ExtendedQuery(Wire):
    """A query; with `withBookingAllowedActions`, answers say what the caller may do."""

    query: dict[str, Any] | None = None
    with_booking_allowed_actions: bool = False


class ExtendedBookings(Wire, omit_defaults=False):
    """A page of bookings."""

    extended_bookings: list[dict[str, Any]]
    paging_metadata: PagingMetadata


async def query(call: Call) -> ExtendedBookings:
    """List bookings, the newest first. Those that nobody finished are in no list."""
    body: ExtendedQuery = call.body
    wanted = read_query(body.query, store.BOOKINGS, by_cursor="cursorPaging" in (body.query or {}))
    return await call.read(_queried, call, wanted)


def _queried(tx: Tx, call: Call, wanted: Query) -> ExtendedBookings:
    body: ExtendedQuery = call.body
    visitor_id, member_id = owner_of(call)
    page, found = store.query(tx, call.site_id, wanted, visitor_id=visitor_id, member_id=member_id, all_of=sees_hidden(call))
    known: dict[str, Service] = {}
    if body.with_booking_allowed_actions:
        known = {one.id: one for one in services.services(tx, call.site_id, [one.service_id for one in found])}
    shown = [_extended(one, known.get(one.service_id), call, body.with_booking_allowed_actions) for one in found]
    return ExtendedBookings(shown, paging_metadata(page))


def _extended(one: Booking, service: Service | None, call: Call, with_allowed: bool) -> Json:
    if not with_allowed:
        return {"booking": booking_out(one)}
    may_all = sees_hidden(call) and one.stands
    allowed = {
        "cancel": may_all or actions.may_cancel(service, one, call.now),
        "reschedule": may_all or actions.may_reschedule(service, one, call.now),
    }
    return {"booking": booking_out(one), "allowedActions": allowed}


_PATHS = ("/_api/bookings-reader/v2/extended-bookings/query", "/bookings/bookings-reader/v2/extended-bookings/query")
_EXAMPLE = {"query": {"filter": {"startDate": {"$gte": "2026-12-01T00:00:00Z"}}, "sort": [{"fieldName": "startDate", "order": "ASC"}]}}
_SUMMARY = f"List bookings. Filters: {', '.join(store.BOOKINGS.fields)}. Sorts: {', '.join(store.BOOKINGS.sortable)}."
OPERATIONS: tuple[Operation, ...] = (
    Operation("QueryExtendedBookings", "POST", _PATHS, _SUMMARY, query, "booking.read", VISITORS | KEYS, ExtendedQuery, ExtendedBookings,
              example=_EXAMPLE),
)  # fmt: skip
