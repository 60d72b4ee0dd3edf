"""Services for booking pages, and for the owner's own server code. Visitors see what is visible, keys see and change everything."""

from __future__ import annotations

from typing import Any

from roundtrip.api.bookings_view import service_out
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PARAMETERS, PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.settings_calls import change_of
from roundtrip.api.stores_views import Json, front, sees_hidden
from roundtrip.api.wire import Empty, Wire
from roundtrip.bookings.services import actions, store
from roundtrip.bookings.services.draft import ServiceDraft
from roundtrip.core.ids import derived_id, is_guid, new_id
from roundtrip.query.model import Query
from roundtrip.query.parse import read_query
from roundtrip.storage.database import Tx


class Services(Wire, omit_defaults=False):
    """A page of services."""

    services: list[dict[str, Any]]
    paging_metadata: PagingMetadata


class ServiceAnswer(Wire, omit_defaults=False):
    """One service."""

    service: dict[str, Any]


class ServiceBody(Wire):
    """A new service, or what changes about one: fields that are not sent stay. With `revision`, only if nobody was quicker."""

    service: ServiceDraft


async def query(call: Call) -> Services:
    """List services in the owner's order."""
    return await call.read(_queried, call, read_query(asked(call, QueryBody).query, store.SERVICES))


def _queried(tx: Tx, call: Call, wanted: Query) -> Services:
    shown = front(tx, call)
    page, found = store.query_services(tx, call.site_id, wanted, hidden_too=sees_hidden(call))
    return Services([service_out(one, shown) for one in found], paging_metadata(page))


async def get(call: Call) -> ServiceAnswer:
    """Read one service."""
    return ServiceAnswer(await call.read(_found, call))


def _found(tx: Tx, call: Call) -> Json:
    service_id = call.path_params["id"]
    found = store.service(tx, call.site_id, service_id.lower()) if is_guid(service_id) else None
    if found is None or (found.hidden and not sees_hidden(call)):
        raise actions.no_such_service(service_id)
    return service_out(found, front(tx, call))


async def create(call: Call) -> ServiceAnswer:
    """Make a service."""
    made = new_id(call.now)
    return ServiceAnswer(await call.write(_create, call, made))


def _create(tx: Tx, call: Call, service_id: str) -> Json:
    body: ServiceBody = call.body
    change = change_of(tx, call, derived_id(service_id, "change"))
    schedule_id = derived_id(service_id, "schedule")
    made = actions.create(tx, call.site_id, body.service, service_id=service_id, schedule_id=schedule_id, change=change)
    return service_out(made, front(tx, call))


async def update(call: Call) -> ServiceAnswer:
    """Set the fields that are sent; with `revision`, only if nobody was quicker."""
    return ServiceAnswer(await call.write(_update, call, new_id(call.now)))


def _update(tx: Tx, call: Call, entry_id: str) -> Json:
    body: ServiceBody = call.body
    changed = actions.update(tx, call.site_id, call.path_params["id"], body.service, change_of(tx, call, entry_id))
    return service_out(changed, front(tx, call))


async def delete(call: Call) -> Empty:
    """Delete a service with its sessions; what was booked stays."""

    def deleting(tx: Tx, entry_id: str) -> None:
        actions.delete(tx, call.site_id, call.path_params["id"], change_of(tx, call, entry_id))

    await call.write(deleting, new_id(call.now))
    return Empty()


_PREFIXES = ("/_api/bookings/v2/services", "/bookings/v2/services")
_QUERY = tuple(f"{prefix}/query" for prefix in _PREFIXES)
_ONE = tuple(f"{prefix}/{{id}}" for prefix in _PREFIXES)
_SUMMARY = f"List services. Filters: {', '.join(store.SERVICES.fields)}. Sorts: {', '.join(store.SERVICES.sortable)}."
_UNKNOWN = ("SERVICE_NOT_FOUND",)
_PARTS = (
    "CATEGORY_NOT_FOUND",
    "LOCATION_NOT_FOUND",
    "STAFF_MEMBER_NOT_FOUND",
    "BOOKING_POLICY_NOT_FOUND",
    "PICTURE_NOT_FOUND",
    "SLUG_TAKEN",
)
_EXAMPLE = {
    "service": {
        "type": "APPOINTMENT",
        "name": "Coaching Session",
        "payment": {
            "rateType": "FIXED",
            "fixed": {"price": {"value": "80.00", "currency": "USD"}},
            "options": {"online": True, "inPerson": False},
        },
        "schedule": {"availabilityConstraints": {"sessionDurations": [60], "timeBetweenSessions": 15}},
        "staffMemberIds": [],
    }
}


def _reading(name: str, method: str, paths: tuple[str, ...], summary: str, run: Any, **more: Any) -> Operation:
    kept = {"permission": "booking.read", "callers": VISITORS | KEYS, **more}
    return Operation(name=name, method=method, paths=paths, summary=summary, run=run, **kept)


def _owning(name: str, method: str, paths: tuple[str, ...], summary: str, run: Any, **more: Any) -> Operation:
    kept = {"permission": "booking.manage", "callers": KEYS, "response": ServiceAnswer, **more}
    return Operation(name=name, method=method, paths=paths, summary=summary, run=run, **kept)


OPERATIONS: tuple[Operation, ...] = (
    _reading(
        "QueryServices",
        "POST",
        _QUERY,
        _SUMMARY,
        query,
        request=QueryBody,
        response=Services,
        example={"query": {"filter": {"type": {"$in": ["CLASS"]}}, "paging": {"limit": 100, "offset": 0}}},
    ),
    _reading("QueryServicesByAddress", "GET", _QUERY, _SUMMARY, query, response=Services, query=PARAMETERS),
    _reading("GetService", "GET", _ONE, "Read one service.", get, response=ServiceAnswer, errors=_UNKNOWN),
    _owning("CreateService", "POST", _PREFIXES, "Make a service.", create, request=ServiceBody, example=_EXAMPLE, errors=_PARTS),
    _owning(
        "UpdateService",
        "PATCH",
        _ONE,
        "Set the fields of a service that are sent.",
        update,
        request=ServiceBody,
        example={"service": {"tagLine": "An hour for you", "revision": "1"}},
        errors=(*_UNKNOWN, *_PARTS, "REVISION_CHANGED"),
    ),
    _owning("DeleteService", "DELETE", _ONE, "Delete a service with its sessions.", delete, response=Empty, errors=_UNKNOWN),
)
