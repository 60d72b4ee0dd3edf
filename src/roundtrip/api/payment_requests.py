"""Owners ask for the money of an order by a link: the redirect session intent `ecomOrderPaymentRequest` pays it.

The original's own calls for this are not described anywhere; these are ours (`docs/reference/operations.md`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from roundtrip.api.ecom_parts import moment, owners_moment
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.ecom.orders import store as orders
from roundtrip.ecom.payment_requests import actions
from roundtrip.ecom.payment_requests.model import PaymentRequest
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx

PATH = "/ecom/v1/payment-requests"


class Wanted(Wire):
    """Which order, in which words, and until when."""

    order_id: Annotated[str, Meta(max_length=100)]
    title: Annotated[str, Meta(max_length=1000)] = ""
    expiration_date: Annotated[datetime, Meta(tz=True)] | None = None


class CreatePaymentRequest(Wire):
    """A new request."""

    payment_request: Wanted


class PaymentRequestAnswer(Wire, omit_defaults=False):
    """One request, as it stands now."""

    payment_request: dict[str, Any]


async def create(call: Call) -> PaymentRequestAnswer:
    """Ask for the money of an order."""
    return PaymentRequestAnswer(await call.write(_create, call, moment(call)))


def _create(tx: Tx, call: Call, now: Moment) -> dict[str, Any]:
    body: CreatePaymentRequest = call.body
    wanted = body.payment_request
    expires_at = int(wanted.expiration_date.timestamp() * 1000) if wanted.expiration_date else None
    by_owner = owners_moment(tx, call, now)
    made = actions.create(tx, call.site_id, wanted.order_id, title=wanted.title, expires_at=expires_at, moment=by_owner)
    return shown(tx, made, call.now)


async def get(call: Call) -> PaymentRequestAnswer:
    """Read one."""
    return PaymentRequestAnswer(await call.read(_get, call))


def _get(tx: Tx, call: Call) -> dict[str, Any]:
    return shown(tx, actions.require(tx, call.site_id, call.path_params["id"]), call.now)


async def cancel(call: Call) -> PaymentRequestAnswer:
    """Do not ask for it any more."""
    return PaymentRequestAnswer(await call.write(_cancel, call, moment(call)))


def _cancel(tx: Tx, call: Call, now: Moment) -> dict[str, Any]:
    return shown(tx, actions.cancel(tx, call.site_id, call.path_params["id"], owners_moment(tx, call, now)), call.now)


def shown(tx: Tx, one: PaymentRequest, now: int) -> dict[str, Any]:
    """A request on the wire, with what is to be paid for its order."""
    order = orders.get(tx, one.site_id, one.order_id)
    amount = {"amount": order.total.text, "currency": order.currency} if order else None
    return {
        "id": one.id,
        "orderId": one.order_id,
        "title": one.title,
        "status": one.state(order, now).value,
        "amount": amount,
        "createdDate": rfc3339(one.created_at),
        "expirationDate": rfc3339(one.expires_at) if one.expires_at is not None else None,
    }


_SHARED: dict[str, Any] = {"permission": "order.manage", "callers": KEYS, "response": PaymentRequestAnswer}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="CreatePaymentRequest",
        method="POST",
        paths=(PATH,),
        summary="Ask for the money of an order. The link is made by a redirect session with `ecomOrderPaymentRequest`.",
        run=create,
        request=CreatePaymentRequest,
        example={"paymentRequest": {"orderId": "01990000-0000-7000-8000-000000000001", "title": "Your mugs"}},
        errors=("ORDER_NOT_FOUND", "ORDER_CANNOT_BE_PAID", "TOO_MANY"),
        **_SHARED,
    ),
    Operation(
        name="GetPaymentRequest",
        method="GET",
        paths=(PATH + "/{id}",),
        summary="Read a payment request: whether it can be paid, and how much.",
        run=get,
        errors=("PAYMENT_REQUEST_NOT_FOUND",),
        **_SHARED,
    ),
    Operation(
        name="CancelPaymentRequest",
        method="POST",
        paths=(PATH + "/{id}/cancel",),
        summary="Stop asking for the money. Who is on the payment page at this moment may finish.",
        run=cancel,
        errors=("PAYMENT_REQUEST_NOT_FOUND",),
        **_SHARED,
    ),
)
