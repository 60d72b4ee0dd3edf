"""What a payment request is. Pure. It holds no amount: what is to be paid is what the order still owes when somebody looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from roundtrip.core.clock import DAY
from roundtrip.core.told import told
from roundtrip.ecom.orders.model import Order, Payment
from roundtrip.ecom.orders.model import Status as OrderStatus

LONGEST_TITLE = 250
MOST_OF_ORDER = 50
LONGEST_LIFE = 3650 * DAY
"""How far away its end may be, in milliseconds: later than that is a slip of the keyboard, and no date at all beyond the year 9999."""
EVENTS: Mapping[str, Mapping[str, str]] = {
    "payment_request": {
        "created": told("An owner asks for the money of an order.", "id orderId amount"),
        "canceled": told("An owner does not ask for it any more.", "id orderId"),
    }
}
"""What is told to the world about payment requests, by slug. That one was paid is told as `order.paid`."""


class State(StrEnum):
    """Whether it can be paid, and if not, why."""

    UNPAID = "UNPAID"
    PAID = "PAID"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One request as it is kept. Times are UTC milliseconds; without `expires_at` it is good for as long as the order can be paid."""

    id: str
    site_id: str
    order_id: str
    title: str
    cancelled_at: int | None
    expires_at: int | None
    created_at: int

    def state(self, order: Order | None, now: int) -> State:
        """What it is worth now. An order that is gone, or was given up, cannot be paid any more; what came for it and went back paid
        nothing."""
        went_back = order is not None and order.status is OrderStatus.CANCELED and order.payment is Payment.FULLY_REFUNDED
        if order is not None and order.is_paid and not went_back:
            return State.PAID
        if self.cancelled_at is not None:
            return State.CANCELED
        if order is None or order.status in (OrderStatus.CANCELED, OrderStatus.REJECTED):
            return State.EXPIRED
        return State.EXPIRED if self.expires_at is not None and self.expires_at <= now else State.UNPAID
