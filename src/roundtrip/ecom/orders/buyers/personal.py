"""What this room keeps about a person: what they bought. Orders stay for the books, without who it was (OPS-08, decision 0047)."""

from __future__ import annotations

from typing import Any

from roundtrip.core.email import email_key
from roundtrip.ecom.coupons import store as coupons
from roundtrip.ecom.handed_out import recipient, said
from roundtrip.ecom.orders import actions
from roundtrip.ecom.orders import store as orders
from roundtrip.ecom.orders.buyers import store
from roundtrip.ecom.orders.buyers.erasing import require_over, without_buyer
from roundtrip.ecom.orders.model import Order, OrderLine, Parcel
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage import kept_messages
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000
AT_ONCE = 200
TRIES = 3


def announce(tx: Tx, site_id: str, order_ids: list[str], moment: Moment) -> None:
    """Tell that these orders changed: who keeps copies of them reads them again, and finds nobody in them (decision 0047)."""
    for order_id in order_ids:
        store.touch(tx, order_id, moment.now)
        actions.tell(tx, actions.require(tx, site_id, order_id), "updated", moment)


def _orders(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(tx, order) for order in store.orders_of(tx, person, MOST)]


def _shown(tx: Tx, order: Order) -> dict[str, Any]:
    content = order.content
    return said(
        id=order.id,
        number=str(order.number),
        member_id=order.member_id,
        visitor_id=order.visitor_id,
        email=content.email,
        status=order.status.value,
        payment=order.payment.value,
        fulfilment=order.fulfilment.value,
        currency=order.currency,
        total=order.total.text,
        refunded=order.refunded.text if order.refunded_units else "",
        lines=[_line(line) for line in content.lines],
        shipping=recipient(content.shipping),
        billing=recipient(content.billing),
        delivery=content.delivery.title if content.delivery else "",
        coupon_code=content.coupon.code if content.coupon else "",
        buyer_note=content.buyer_note,
        gift_note=content.gift_note,
        answers=[{"title": answer.title, "value": answer.value} for answer in content.answers],
        parcels=[_parcel(parcel) for parcel in orders.parcels(tx, order.id)],
        history=[{"type": one.type, "note": one.note, "created_at": one.created_at} for one in orders.activities(tx, order.id)],
        created_at=order.created_at,
        approved_at=order.approved_at,
    )


def _line(line: OrderLine) -> dict[str, Any]:
    chosen = [{"name": one.name, "value": one.value} for one in line.description]
    return said(name=line.name, quantity=line.quantity, price=line.price, tax=line.tax, sku=line.sku, chosen=chosen)


def _parcel(parcel: Parcel) -> dict[str, Any]:
    where = parcel.tracking
    return said(carrier=where.carrier, number=where.number, link=where.link, created_at=parcel.created_at)


def _forget_orders(tx: Tx, person: Person) -> int:
    count = 0
    # What is erased is not found again.
    while found := store.orders_of(tx, person, AT_ONCE):
        require_over(found)
        for order in found:
            if email_key(order.content.email) != person.email_key:
                _forget_other_address(tx, order)
            coupon = order.content.coupon
            if coupon is not None and coupon.customer not in ("", person.email_key):
                coupons.forget_use(tx, coupon.id, coupon.customer)
            _forget(tx, order)
        count += len(found)
    return count


def _forget_other_address(tx: Tx, order: Order) -> None:
    """A member bought under another address than that of the account: what it left elsewhere is found by the order only."""
    key = email_key(order.content.email)
    kept_messages.forget_about(tx, order.site_id, (key, order.member_id or key), order.id)


def _forget(tx: Tx, order: Order) -> None:
    for _ in range(TRIES):
        if store.forget_buyer(tx, order, without_buyer(order.content)):
            store.forget_words(tx, order)
            return
        # Somebody moved it since it was read; late money may even have opened it again.
        order = actions.require(tx, order.site_id, order.id)
        require_over([order])
    raise changed_meanwhile("order", order.revision)


KEEPS = Keeps(
    "orders",
    ("shop_order", "order_parcel", "order_activity", "payment_request"),
    _orders,
    _forget_orders,
    place=70,
    ids_of=store.ids_of,
    announce=announce,
)
