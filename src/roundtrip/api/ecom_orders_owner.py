"""What owners do with orders: say that the money is there, send them, cancel them, give money back, correct an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from roundtrip.api.ecom_order_view import order_out
from roundtrip.api.ecom_orders import OrderAnswer, own, paths
from roundtrip.api.ecom_parts import Counter, Email, Json, Short, WireRecipient, counter, moment, owners_moment, recipient_in
from roundtrip.api.operation import KEYS, Call, Operation
from roundtrip.api.wire import Wire
from roundtrip.core.clock import rfc3339
from roundtrip.core.errors import invalid_field
from roundtrip.core.money import Money, NotAnAmount
from roundtrip.ecom.orders import actions, store
from roundtrip.ecom.orders.model import Order, Parcel, Sent, Tracking
from roundtrip.flows.paid import sellers
from roundtrip.payments.model import Refund
from roundtrip.payments.refunds import store as refund_store
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.workflows import order_mails
from roundtrip.workflows.cancel_order import cancel as cancel_order
from roundtrip.workflows.mark_order_paid import mark_order_paid
from roundtrip.workflows.order_money import paid_by
from roundtrip.workflows.refund_order import refund as refund_order

Reason = Annotated[str, Meta(max_length=300)]


class CancelOrder(Wire):
    """How it is cancelled. Money is not given back by itself."""

    send_order_canceled_email: bool = True
    restock_all_items: bool = True
    custom_message: Reason | None = None


class WireSent(Wire):
    """So many of one line."""

    id: Annotated[str, Meta(max_length=100)]
    quantity: int


class WireTracking(Wire):
    """Where a parcel is."""

    tracking_number: Short | None = None
    shipping_provider: Short | None = None
    tracking_link: Annotated[str, Meta(max_length=2048)] | None = None


class FulfilmentIn(Wire):
    """What was sent; without lines, all that is left."""

    line_items: Annotated[list[WireSent], Meta(max_length=300)] | None = None
    tracking_info: WireTracking | None = None


class CreateFulfilment(Wire):
    """One time that something was sent or handed over."""

    fulfillment: FulfilmentIn = msgspec.field(default_factory=FulfilmentIn)
    send_shipping_email: bool = True


class FulfilmentId(Wire, omit_defaults=False):
    """The parcel's id, and all parcels of the order."""

    fulfillment_id: str
    order_with_fulfillments: dict[str, Any]


class Fulfilments(Wire, omit_defaults=False):
    """All parcels of an order."""

    order_with_fulfillments: dict[str, Any]


class AmountIn(Wire):
    """An amount in the order's currency."""

    amount: Annotated[str, Meta(max_length=40)]


class RefundOrder(Wire):
    """How much goes back; without `amount`, all that is left. Who repeats it with the same `refundKey` refunds once."""

    amount: AmountIn | None = None
    reason: Reason = ""
    refund_key: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    send_refund_email: bool = True


class Refunded(Wire, omit_defaults=False):
    """The order afterwards, and the refund on its way."""

    order: dict[str, Any]
    refund: dict[str, Any]


class Transactions(Wire, omit_defaults=False):
    """What was paid for an order and what goes back."""

    order_transactions: dict[str, Any]


class OrderIn(Wire):
    """What may be corrected after an order was placed. Fields that are not sent stay as they are."""

    buyer_info: BuyerEmail | UnsetType = UNSET
    recipient_info: WireRecipient | UnsetType = UNSET
    billing_info: WireRecipient | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    buyer_note: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET


class BuyerEmail(Wire):
    """Where mails about the order go."""

    email: Email


class UpdateOrder(Wire):
    """A correction of an order."""

    order: OrderIn


async def mark_paid(call: Call) -> OrderAnswer:
    """The money is in hand."""
    return OrderAnswer(await call.write(_done, call, _mark_paid, moment(call)))


def _mark_paid(tx: Tx, call: Call, at: Counter, now: Moment) -> Order:
    return mark_order_paid(tx, at.shop, call.path_params["id"], now, sellers())


async def cancel(call: Call) -> OrderAnswer:
    """Cancel an order of which nothing was sent."""
    return OrderAnswer(await call.write(_done, call, _cancel, moment(call)))


def _cancel(tx: Tx, call: Call, at: Counter, now: Moment) -> Order:
    body: CancelOrder = call.body
    return cancel_order(
        tx,
        at.shop,
        call.path_params["id"],
        restocks=body.restock_all_items,
        reason=body.custom_message or "",
        tells_buyer=body.send_order_canceled_email,
        moment=now,
    )


async def update(call: Call) -> OrderAnswer:
    """Correct addresses, the buyer's note or the address of mail; put an order away."""
    return OrderAnswer(await call.write(_done, call, _update, moment(call)))


def _update(tx: Tx, call: Call, at: Counter, now: Moment) -> Order:
    body: UpdateOrder = call.body
    order, sent = own(tx, call), body.order
    changes: dict[str, Any] = {}
    if sent.buyer_info is not UNSET:
        changes["email"] = sent.buyer_info.email.strip()
    if sent.recipient_info is not UNSET:
        changes["shipping"] = recipient_in(sent.recipient_info)
    if sent.billing_info is not UNSET:
        changes["billing"] = recipient_in(sent.billing_info)
    if sent.buyer_note is not UNSET:
        changes["buyer_note"] = sent.buyer_note
    archived = order.is_archived if sent.archived is UNSET else sent.archived
    return actions.correct(tx, order, replace(order.content, **changes), is_archived=archived, moment=now)


def _done(tx: Tx, call: Call, change: Callable[[Tx, Call, Counter, Moment], Order], now: Moment) -> Json:
    at = counter(tx, call)
    order = change(tx, call, at, owners_moment(tx, call, now))
    return order_out(order, store.activities(tx, order.id), at.shown)


async def fulfil(call: Call) -> FulfilmentId:
    """Say that something was sent or handed over."""
    return await call.write(_fulfil, call, moment(call))


def _fulfil(tx: Tx, call: Call, now: Moment) -> FulfilmentId:
    body: CreateFulfilment = call.body
    at, order = counter(tx, call), own(tx, call)
    sent, where = body.fulfillment.line_items, body.fulfillment.tracking_info or WireTracking()
    lines = [Sent(one.id, one.quantity) for one in sent] if sent is not None else None
    tracking = Tracking(where.tracking_number or "", where.shipping_provider or "", where.tracking_link or "")
    parcel = actions.fulfil(tx, order, lines, tracking, owners_moment(tx, call, now))
    if body.send_shipping_email:
        more = {"tracking": tracking.number, "carrier": tracking.carrier}
        order_mails.to_buyer(tx, at.shop, order, order_mails.SENT, now, {name: value for name, value in more.items() if value})
    return FulfilmentId(parcel.id, parcels_out(order, store.parcels(tx, order.id)))


async def parcels(call: Call) -> Fulfilments:
    """List what was sent of an order."""
    return Fulfilments(await call.read(_parcels, call))


def _parcels(tx: Tx, call: Call) -> Json:
    order = own(tx, call)
    return parcels_out(order, store.parcels(tx, order.id))


def parcels_out(order: Order, found: list[Parcel]) -> Json:
    """All parcels of an order on the wire."""
    return {
        "orderId": order.id,
        "fulfillments": [
            {
                "id": one.id,
                "createdDate": rfc3339(one.created_at),
                "lineItems": [{"id": line.line_id, "quantity": line.quantity} for line in one.lines],
                "trackingInfo": {
                    "trackingNumber": one.tracking.number,
                    "shippingProvider": one.tracking.carrier,
                    "trackingLink": one.tracking.link,
                },
                "status": "Fulfilled",
            }
            for one in found
        ],
    }


async def refund(call: Call) -> Refunded:
    """Give money back. The worker moves it afterwards."""
    return await call.write(_refund, call, moment(call))


def _refund(tx: Tx, call: Call, now: Moment) -> Refunded:
    now = owners_moment(tx, call, now)
    body: RefundOrder = call.body
    at, order = counter(tx, call), own(tx, call)
    try:
        amount = Money.parse(body.amount.amount, order.currency) if body.amount else None
    except NotAnAmount as error:
        raise invalid_field("amount.amount", str(error), "FORMAT") from error
    key = body.refund_key or now.id
    done, made = refund_order(tx, at.shop, order.id, amount, reason=body.reason, key=key, tells_buyer=body.send_refund_email, moment=now)
    return Refunded(order_out(done, store.activities(tx, done.id), at.shown), refund_out(made))


async def transactions(call: Call) -> Transactions:
    """List what was paid for an order, and what goes back."""
    return Transactions(await call.read(_transactions, call))


def _transactions(tx: Tx, call: Call) -> Json:
    order = own(tx, call)
    attempt = paid_by(tx, order)
    if attempt is None:
        return {"orderId": order.id, "payments": [], "refunds": []}
    paid = {
        "id": attempt.id,
        "createdDate": rfc3339(attempt.created_at),
        "updatedDate": rfc3339(attempt.changed_at),
        "amount": {"amount": attempt.amount.text},
        "refundDisabled": not attempt.refundable,
        "regularPaymentDetails": {
            "providerTransactionId": attempt.payment_ref or "",
            "paymentMethod": attempt.provider,
            "offlinePayment": order.pays_later,
            "status": "APPROVED",
        },
    }
    return {"orderId": order.id, "payments": [paid], "refunds": [refund_out(one) for one in refund_store.of_attempt(tx, attempt.id)]}


def refund_out(made: Refund) -> Json:
    """A refund on the wire."""
    status = {"requested": "PENDING", "moved": "SUCCEEDED", "failed": "FAILED"}[made.status.value]
    return {
        "id": made.id,
        "createdDate": rfc3339(made.requested_at),
        "summary": {"requestedRefund": {"amount": made.amount.text}, "status": status},
        "transactions": [{"paymentId": made.attempt_id, "amount": {"amount": made.amount.text}, "refundStatus": status}],
        "details": {"reason": made.reason},
        **({"failure": made.error} if made.error else {}),
    }


PERMISSION = "order.manage"
_FULFILMENTS = ("/ecom/v1/fulfillments", "/_api/ecom-fulfillments/v1/fulfillments")
_STATE = ("ORDER_NOT_FOUND", "ORDER_STATUS", "REVISION_CHANGED")
_LINE = {"id": "01990000-0000-7000-8000-000000000001", "quantity": 1}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="MarkOrderAsPaid",
        method="POST",
        paths=(
            "/ecom/v1/payments-collector/orders/{id}/mark-as-paid",
            "/_api/payments-collector/v1/payments-collector/orders/{id}/mark-as-paid",
        ),
        summary="Say that the money for an order is in hand; the order stands then, if it waited for it.",
        run=mark_paid,
        permission=PERMISSION,
        callers=KEYS,
        response=OrderAnswer,
        errors=("ORDER_NOT_FOUND", "ORDER_STATUS", "ALREADY_PAID", "PAYMENT_PENDING", "NOTHING_TO_PAY"),
    ),
    Operation(
        name="CancelOrder",
        method="POST",
        paths=paths("/{id}/cancel"),
        summary="Cancel an order of which nothing was sent. Money is given back separately.",
        run=cancel,
        permission=PERMISSION,
        callers=KEYS,
        request=CancelOrder,
        response=OrderAnswer,
        example={"restockAllItems": True, "sendOrderCanceledEmail": True, "customMessage": "Broken in the kiln"},
        errors=_STATE,
    ),
    Operation(
        name="UpdateOrder",
        method="PATCH",
        paths=paths("/{id}"),
        summary="Correct addresses, the buyer's note or the address of mail of an order, or put it away; what is not sent stays as it is.",
        run=update,
        permission=PERMISSION,
        callers=KEYS,
        request=UpdateOrder,
        response=OrderAnswer,
        example={"order": {"archived": True}},
        errors=("ORDER_NOT_FOUND", "REVISION_CHANGED"),
    ),
    Operation(
        name="CreateFulfillment",
        method="POST",
        paths=tuple(f"{prefix}/orders/{{id}}/create-fulfillment" for prefix in _FULFILMENTS),
        summary="Say that lines of an order, or all that is left, were sent or handed over.",
        run=fulfil,
        permission=PERMISSION,
        callers=KEYS,
        request=CreateFulfilment,
        response=FulfilmentId,
        example={"fulfillment": {"lineItems": [_LINE], "trackingInfo": {"trackingNumber": "1Z999", "shippingProvider": "ups"}}},
        errors=(*_STATE, "ORDER_ALREADY_FULFILLED"),
    ),
    Operation(
        name="ListFulfillmentsForSingleOrder",
        method="GET",
        paths=tuple(f"{prefix}/orders/{{id}}" for prefix in _FULFILMENTS),
        summary="List what was sent of an order.",
        run=parcels,
        permission="order.read",
        callers=KEYS,
        response=Fulfilments,
        errors=("ORDER_NOT_FOUND",),
    ),
    Operation(
        name="RefundOrder",
        method="POST",
        paths=("/api/v1/orders/{id}/refund",),
        summary="Give money back for a paid order: an amount, or all that is left. Repeating it with the same `refundKey` refunds once.",
        run=refund,
        permission=PERMISSION,
        callers=KEYS,
        request=RefundOrder,
        response=Refunded,
        example={"amount": {"amount": "10.00"}, "reason": "One was broken", "refundKey": "claim-7"},
        errors=(*_STATE, "REFUND_TOO_HIGH"),
    ),
    Operation(
        name="ListTransactionsForSingleOrder",
        method="GET",
        paths=("/ecom/v1/payments/orders/{id}", "/_api/ecom-payments/v1/payments/orders/{id}"),
        summary="List what was paid for an order, and what goes back.",
        run=transactions,
        permission="order.read",
        callers=KEYS,
        response=Transactions,
        errors=("ORDER_NOT_FOUND",),
    ),
)
