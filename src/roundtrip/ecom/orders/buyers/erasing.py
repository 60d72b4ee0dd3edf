"""Which part of an order stays for the books when its buyer is erased, and which orders stand in the way of that. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from roundtrip.core.errors import AppError, Kind
from roundtrip.ecom.address import Address, Recipient
from roundtrip.ecom.orders.model import Content, Order, OrderLine

MOST_NAMED = 20


def without_buyer(content: Content) -> Content:
    """What was bought, what it came to, and the country or state that its taxes depend on: nothing else."""
    return replace(
        content,
        lines=tuple(_without_texts(line) for line in content.lines),
        email="",
        coupon=content.coupon and replace(content.coupon, customer=""),
        shipping=_place(content.shipping),
        billing=_place(content.billing),
        buyer_note="",
        gift_note="",
        answers=(),
        is_erased=True,
    )


def require_over(orders: Sequence[Order]) -> None:
    """Raises CONFLICT `ORDERS_OPEN`, naming those for which somebody has something to do yet (decision 0047)."""
    found = [order for order in orders if not order.is_over]
    if found:
        names = ", ".join(str(order.number) for order in found[:MOST_NAMED]) + (" and others" if len(found) > MOST_NAMED else "")
        text = (
            f"Nothing was erased, because of open orders: {names}. An order is open while it waits for its money, or stands and was not "
            "sent and paid. Finish them, cancel them, give the money back, or archive them; then erase again."
        )
        raise AppError(Kind.CONFLICT, "ORDERS_OPEN", text, data={"orders": [_named(order) for order in found[:MOST_NAMED]]})


def _named(order: Order) -> dict[str, str]:
    return {
        "id": order.id,
        "number": str(order.number),
        "status": order.status.value,
        "paymentStatus": order.payment.value,
        "fulfillmentStatus": order.fulfilment.value,
    }


def _without_texts(line: OrderLine) -> OrderLine:
    """What was chosen is still in the description; the key is made of typed texts too, and nothing asks for it after the purchase."""
    kept = tuple(one for one in line.description if not one.is_typed)
    return replace(line, reference=replace(line.reference, options={}), key=line.stock_key, description=kept)


def _place(who: Recipient | None) -> Recipient | None:
    return who and Recipient(Address(country=who.address.country, subdivision=who.address.subdivision))
