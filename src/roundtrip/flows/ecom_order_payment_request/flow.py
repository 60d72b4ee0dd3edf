"""The `ecomOrderPaymentRequest` flow: an order as it was placed, and the page to pay for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store as order_store
from roundtrip.ecom.orders.model import OWED_KIND, Order
from roundtrip.ecom.payment_requests import actions, store
from roundtrip.ecom.payment_requests.model import State
from roundtrip.flows.base import Asked, Began, Context, Flow, Identity, Outcome, Refreshed
from roundtrip.flows.ecom_checkout.thanks import leave
from roundtrip.flows.ecom_order_payment_request.draft import RequestDraft
from roundtrip.flows.ecom_order_payment_request.params import INTENT, EcomOrderPaymentRequest
from roundtrip.flows.links import through_entry
from roundtrip.flows.steps.pay_order import pay_order_step
from roundtrip.payments import store as payments
from roundtrip.payments.model import Status
from roundtrip.sites.verdict import Rule
from roundtrip.storage.database import Tx
from roundtrip.text.marks import marked

NAME = "pay_request"
WHY_ENDED: Mapping[str, str] = {
    "CANCELED": marked("The shop doesn't ask for this payment any more. You don't have to pay anything here."),
    "EXPIRED": marked("This can't be paid any more: its time is over, or the order was cancelled. Ask the shop if you still want it."),
}
_ENDED: Mapping[State, Literal["CANCELED", "EXPIRED"]] = {State.CANCELED: "CANCELED", State.EXPIRED: "EXPIRED"}


def check(tx: Tx, asked: Asked[EcomOrderPaymentRequest]) -> None:
    """There is something to pay. Raises NOT_FOUND `PAYMENT_REQUEST_NOT_FOUND`, CONFLICT `PAYMENT_REQUEST_ENDED`."""
    actions.require_payable(tx, asked.site.id, asked.params.payment_request_id, asked.now)


def begin(tx: Tx, context: Context[EcomOrderPaymentRequest]) -> Began[RequestDraft]:
    """Which order it is about."""
    return Began(RequestDraft(order_id=actions.require(tx, context.site.id, context.params.payment_request_id).order_id))


def refresh(tx: Tx, draft: RequestDraft, context: Context[EcomOrderPaymentRequest]) -> Refreshed[RequestDraft]:
    """Whether the money is there, and whether it is still asked for: nobody is sent to pay what was cancelled or ran out meanwhile."""
    found = store.get(tx, context.site.id, context.params.payment_request_id)
    order = order_store.get(tx, context.site.id, found.order_id) if found else None
    if found is None or order is None:
        return Refreshed(draft)
    running = payments.running(tx, order.site_id, OWED_KIND, order.id)
    # Who has paid waits for the word that it has arrived, whatever became of the request.
    is_on_its_way = running is not None and running.status is Status.PENDING
    state = found.state(order, context.now)
    ended = "" if is_on_its_way else _ENDED.get(state, "")
    return Refreshed(replace(draft, order_id=order.id, is_paid=state is State.PAID, ended=ended))


def finish(tx: Tx, draft: RequestDraft, context: Context[EcomOrderPaymentRequest]) -> Outcome:
    """It is paid."""
    return Outcome(ids={"orderId": draft.order_id, "paymentRequestId": context.params.payment_request_id})


def _order(tx: Tx, draft: RequestDraft, context: Context[EcomOrderPaymentRequest]) -> Order:
    return orders.require(tx, context.site.id, draft.order_id)


PAY = pay_order_step(
    _order, needed=lambda draft: True, done=lambda draft: draft.is_paid, ended=lambda draft: WHY_ENDED.get(draft.ended), name=NAME
)

FLOW: Flow[EcomOrderPaymentRequest, RequestDraft] = Flow(
    intent=INTENT,
    params=EcomOrderPaymentRequest,
    draft=RequestDraft,
    returns_to=Rule.REDIRECT_DOMAIN,
    identity=Identity.VISITOR,
    check=check,
    link=through_entry(lambda params: "/__ecom/payment-request", lambda params: {"paymentRequestId": params.payment_request_id}),
    begin=begin,
    refresh=refresh,
    steps=(PAY,),
    finish=finish,
    leave=leave,
    return_params=("orderId", "paymentRequestId"),
)
