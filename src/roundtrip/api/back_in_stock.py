"""Requests to be told when something is back in stock: visitors leave them, the owner's server code sees and deletes them."""

from __future__ import annotations

from typing import Any

from roundtrip.api.ecom_parts import LARGEST_OPTIONS, Email, Json, Link, WireReference, counter, moment, owners_moment, reference_out
from roundtrip.api.operation import KEYS, VISITORS, Call, Operation
from roundtrip.api.query_calls import PARAMETERS, PagingMetadata, QueryBody, asked, paging_metadata
from roundtrip.api.wire import Empty, Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import AppError, invalid_field
from roundtrip.core.identity import Member, Visitor
from roundtrip.credentials.passwords import check_email
from roundtrip.ecom.back_in_stock import actions, store
from roundtrip.ecom.back_in_stock.fields import REQUESTS
from roundtrip.ecom.back_in_stock.model import Request, Status
from roundtrip.ecom.cart.actions import not_sold
from roundtrip.ecom.goods import Reference
from roundtrip.ecom.product_shelf import APP_IDS
from roundtrip.flows.languages import language_of
from roundtrip.query.parse import read_query
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

FIELD = "request.catalogReference"


class RequestIn(Wire):
    """Who wants to be told of what. Everything else that clients send about it is ignored."""

    email: Email
    catalog_reference: WireReference
    item_url: Link | None = None


class CreateRequest(Wire):
    """A request. What it is called and costs is what the shop says, not what is sent beside it."""

    request: RequestIn
    item_details: dict[str, Any] | None = None


class RequestAnswer(Wire, omit_defaults=False):
    """One request."""

    request: dict[str, Any]


class RequestsPage(Wire, omit_defaults=False):
    """A page of requests. Both names of the paging are there."""

    requests: list[dict[str, Any]]
    metadata: PagingMetadata
    paging_metadata: PagingMetadata


def request_out(one: Request) -> Json:
    """A request on the wire. `autoNotified` is there once the mail is on its way."""
    told = {"autoNotified": True} if one.status is Status.NOTIFICATION_SENT else {}
    return {
        "id": one.id,
        "catalogReference": reference_out(one.reference),
        "email": one.email,
        "status": one.status.value,
        "createdDate": rfc3339(one.created_at),
        "itemUrl": one.item_url,
        **told,
    }


async def create(call: Call) -> RequestAnswer:
    """Let an address wait for something that is sold out."""
    caller, limits = call.caller, call.services.limits
    assert isinstance(caller, Visitor | Member)  # the operation is for these two
    limits.count_for(caller.client_id, "back in stock", f"{caller.client_id} {call.address}", limits.settings.notices_per_minute, call.now)
    sent: RequestIn = call.body.request
    email = _email(sent.email)
    asked_for = sent.catalog_reference
    reference = Reference(asked_for.app_id.lower(), asked_for.catalog_item_id.lower(), asked_for.options or {})
    if len(reference.options_text) > LARGEST_OPTIONS:
        text = f"must be at most {LARGEST_OPTIONS} characters as JSON"
        raise invalid_field(f"{FIELD}.options", text, "MAX_LENGTH", threshold=LARGEST_OPTIONS)
    return RequestAnswer(request_out(await call.write(_create, call, email, reference, moment(call))))


def _email(text: str) -> str:
    try:
        return check_email(text)
    except AppError:
        text = "is not an e-mail address; expected a form like name@example.com"
        raise invalid_field("request.email", text, "FORMAT", type="EMAIL") from None


def _create(tx: Tx, call: Call, email: str, reference: Reference, now: Moment) -> Request:
    assert isinstance(call.caller, Visitor | Member)
    at = counter(tx, call)
    good = at.shop.find(tx, [reference])[0] if reference.app_id in APP_IDS else None
    if good is None:
        raise not_sold(reference, FIELD)
    accepted = call.headers.get(b"accept-language", b"").decode("latin-1").partition(",")[0].partition(";")[0]
    linguist = call.headers.get(b"x-wix-linguist", b"").decode("latin-1")
    wanted = Request(
        id=now.new_id("request"),
        site_id=at.site.id,
        client_id=call.caller.client_id,
        email=email,
        reference=reference,
        variant_id=good.stock_key.partition("/")[2],
        item_url=call.body.request.item_url or "",
        language=language_of(None, linguist) or language_of(accepted, "") or at.site.language,
        status=Status.RECEIVED,
        created_at=now.now,
        changed_at=now.now,
    )
    return actions.create(tx, at.shop, wanted, now)


async def get(call: Call) -> RequestAnswer:
    """Read one request."""
    return RequestAnswer(request_out(await call.read(actions.require, _site_id(call), call.path_params["id"])))


async def query(call: Call) -> RequestsPage:
    """List requests, newest first."""
    page, found = await call.read(store.query, _site_id(call), read_query(asked(call, QueryBody).query, REQUESTS))
    paging = paging_metadata(page)
    return RequestsPage([request_out(one) for one in found], paging, paging)


async def delete(call: Call) -> Empty:
    """Delete one request: nobody is told any more."""
    await call.write(_delete, call, moment(call))
    return Empty()


def _delete(tx: Tx, call: Call, now: Moment) -> None:
    actions.delete(tx, _site_id(call), call.path_params["id"], owners_moment(tx, call, now))


def _site_id(call: Call) -> str:
    return call.site_id


PREFIXES = ("/back-in-stock-service/v1/back-in-stock-notification-requests", "/v1/back-in-stock-notification-requests")
PERMISSION = "back_in_stock.manage"
_SUMMARY = f"List requests to be told. Filters: {', '.join(REQUESTS.fields)}. Sorts: {', '.join(REQUESTS.sortable)}."
_UNKNOWN = ("BACK_IN_STOCK_NOTIFICATION_REQUEST_NOT_FOUND",)
_MUG: Json = {"appId": APP_IDS[0], "catalogItemId": "7a1c2f10-0000-4000-8000-000000000005", "options": {}}


def _paths(rest: str = "") -> tuple[str, ...]:
    return tuple(prefix + rest for prefix in PREFIXES)


def _operation(name: str, method: str, rest: str, summary: str, run: Any, **more: Any) -> Operation:
    kept = {"permission": PERMISSION, "callers": KEYS, **more}
    return Operation(name=name, method=method, paths=_paths(rest), summary=summary, run=run, **kept)


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "CreateBackInStockNotificationRequest",
        "POST",
        "",
        "Let an address wait for something that is sold out: it gets one mail when it is back.",
        create,
        request=CreateRequest,
        response=RequestAnswer,
        callers=VISITORS,
        example={"request": {"email": "ann@example.com", "itemUrl": "https://shop.example/product/pin", "catalogReference": _MUG}},
        errors=(
            "ITEM_NOT_FOUND_IN_CATALOG",
            "ITEM_IN_STOCK",
            "BACK_IN_STOCK_NOTIFICATION_REQUEST_ALREADY_EXISTS",
            "REQUEST_COLLECTION_DISABLED",
            "TOO_MANY",
            "RESOURCE_EXHAUSTED",
        ),
    ),
    _operation(
        "QueryBackInStockNotificationRequests",
        "POST",
        "/query",
        _SUMMARY,
        query,
        request=QueryBody,
        response=RequestsPage,
        example={"query": {"filter": {"status": "RECEIVED"}, "paging": {"limit": 50, "offset": 0}}},
    ),
    _operation("QueryBackInStockNotificationRequestsByAddress", "GET", "", _SUMMARY, query, response=RequestsPage, query=PARAMETERS),
    _operation(
        "GetBackInStockNotificationRequest", "GET", "/{id}", "Read one request to be told.", get, response=RequestAnswer, errors=_UNKNOWN
    ),
    _operation(
        "DeleteBackInStockNotificationRequest",
        "DELETE",
        "/{id}",
        "Delete a request: nobody is told any more.",
        delete,
        response=Empty,
        errors=_UNKNOWN,
    ),
)
