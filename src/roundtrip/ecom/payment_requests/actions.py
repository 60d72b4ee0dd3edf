"""What owners can do with payment requests."""

from __future__ import annotations

from roundtrip.core.clock import DAY
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.ecom.orders import actions as orders
from roundtrip.ecom.orders import store as order_store
from roundtrip.ecom.orders.model import Order
from roundtrip.ecom.payment_requests import store
from roundtrip.ecom.payment_requests.model import LONGEST_LIFE, LONGEST_TITLE, MOST_OF_ORDER, PaymentRequest, State
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def create(tx: Tx, site_id: str, order_id: str, *, title: str, expires_at: int | None, moment: Moment) -> PaymentRequest:
    """Ask for the money of an order that still owes some. Raises NOT_FOUND, INVALID, CONFLICT `ORDER_CANNOT_BE_PAID`."""
    order = orders.require(tx, site_id, order_id)
    title = title.strip()
    if len(title) > LONGEST_TITLE:
        raise invalid_field("paymentRequest.title", f"must have at most {LONGEST_TITLE} characters", "MAX_LENGTH", threshold=LONGEST_TITLE)
    if expires_at is not None and expires_at <= moment.now:
        raise invalid_field("paymentRequest.expirationDate", "must lie in the future", "OTHER")
    if expires_at is not None and expires_at > moment.now + LONGEST_LIFE:
        raise invalid_field("paymentRequest.expirationDate", f"must lie at most {LONGEST_LIFE // DAY} days ahead", "OTHER")
    made = PaymentRequest(moment.new_id("payment request"), site_id, order_id, title, None, expires_at, moment.now)
    state = made.state(order, moment.now)
    if state is not State.UNPAID or not order.total:
        text = f"The order {order.number} can't be paid: it is {order.status.value}, {order.payment.value}."
        raise AppError(Kind.CONFLICT, "ORDER_CANNOT_BE_PAID", text, data={"orderId": order_id, "paymentStatus": order.payment.value})
    if len(store.of_order(tx, site_id, order_id, MOST_OF_ORDER)) == MOST_OF_ORDER:
        raise AppError(Kind.CONFLICT, "TOO_MANY", f"An order has at most {MOST_OF_ORDER} payment requests; use one that there is.")
    store.insert(tx, made)
    moment.tell(tx, site_id, "payment_request", "created", made.id, {"id": made.id, "orderId": order_id, "amount": order.total.text})
    # Without its title, which may name the buyer.
    after = {"orderId": order_id, "expiresAt": expires_at}
    moment.note(tx, site_id, "payment_request.created", made.id, f"for order {order.number}", None, after)
    return made


def require(tx: Tx, site_id: str, request_id: str) -> PaymentRequest:
    """A request of this site; raises NOT_FOUND `PAYMENT_REQUEST_NOT_FOUND`."""
    found = store.get(tx, site_id, request_id)
    if found is None:
        text = f"There is no payment request {request_id[:40]!r}."
        raise AppError(Kind.NOT_FOUND, "PAYMENT_REQUEST_NOT_FOUND", text, data={"paymentRequestId": request_id[:40]})
    return found


def require_payable(tx: Tx, site_id: str, request_id: str, now: int) -> tuple[PaymentRequest, Order]:
    """A request that can be paid now, and its order; raises NOT_FOUND, CONFLICT `PAYMENT_REQUEST_ENDED` saying how."""
    found = require(tx, site_id, request_id)
    order = order_store.get(tx, site_id, found.order_id)
    state = found.state(order, now)
    if state is not State.UNPAID or order is None:
        text = f"This payment request is {state.value.lower()}; nothing is to be paid for it."
        raise AppError(Kind.CONFLICT, "PAYMENT_REQUEST_ENDED", text, data={"status": state.value})
    return found, order


def cancel(tx: Tx, site_id: str, request_id: str, moment: Moment) -> PaymentRequest:
    """Do not ask for it any more; who is paying at this moment may finish. Raises NOT_FOUND; doing it twice changes nothing."""
    found = require(tx, site_id, request_id)
    if store.cancel(tx, request_id, moment.now):
        moment.tell(tx, site_id, "payment_request", "canceled", request_id, {"id": request_id, "orderId": found.order_id})
        order = order_store.get(tx, site_id, found.order_id)
        moment.note(tx, site_id, "payment_request.canceled", request_id, f"for order {order.number}" if order else "")
    return require(tx, site_id, request_id)
