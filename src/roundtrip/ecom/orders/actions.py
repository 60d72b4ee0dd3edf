"""What can be done with an order inside this room: its stock, its history, what was sent of it. What payments have to do with it is in
`workflows/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind, invalid_field
from roundtrip.ecom.coupons import store as coupons
from roundtrip.ecom.goods import Shelf, Taken
from roundtrip.ecom.orders import store
from roundtrip.ecom.orders.model import (
    Activity,
    Content,
    Order,
    Parcel,
    Sent,
    Status,
    Tracking,
    fulfilment_of,
)
from roundtrip.ecom.shop import Shop
from roundtrip.sites.change import changed_meanwhile
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx


def require(tx: Tx, site_id: str, order_id: str) -> Order:
    """The order of this site; raises NOT_FOUND `ORDER_NOT_FOUND`."""
    order = store.get(tx, site_id, order_id)
    if order is None:
        raise no_order(order_id)
    return order


def no_order(order_id: str) -> AppError:
    """There is none with this id for who asks."""
    return AppError(
        Kind.NOT_FOUND, "ORDER_NOT_FOUND", f"There is no order {order_id[:40]!r} for this caller.", data={"orderId": order_id[:40]}
    )


@dataclass(frozen=True, slots=True)
class TakenStock:
    """What became of taking everything for an order: the names of what is not there, and the stock keys of what nobody counts."""

    missing: tuple[str, ...]
    uncounted: frozenset[str]


def take_stock(tx: Tx, shop: Shop, order: Order, now: int) -> TakenStock:
    """Take everything from its shelves, in the order in which everybody takes.

    When something is missing, what was taken is put back: all or nothing.
    """
    shelves = order.shelves
    became: dict[str, Taken] = {}
    for stock_key, quantity in order.taken.items():
        shelf = shop.shelves.get(shelves[stock_key])
        became[stock_key] = shelf.take(tx, shop.site_id, order.id, stock_key, quantity, now) if shelf is not None else Taken.NOTHING
    missing = [stock_key for stock_key, taken in became.items() if taken is Taken.NOTHING]
    if missing:
        put_back(tx, shop, order, [stock_key for stock_key, taken in became.items() if taken is Taken.COUNTED])
    names = [next(line.name for line in order.content.lines if line.stock_key == stock_key) for stock_key in missing]
    return TakenStock(tuple(names), frozenset(stock_key for stock_key, taken in became.items() if taken is Taken.UNCOUNTED))


def release(tx: Tx, shop: Shop, order: Order) -> None:
    """Put everything that was counted back on its shelves, and the coupon's use too.

    The caller has just moved the order, and is the only one that did.
    """
    put_back(tx, shop, order, order.counted)
    if order.content.coupon is not None:
        coupons.give_back(tx, order.content.coupon.id, order.content.coupon.customer)


def release_overdue(tx: Tx, shop: Shop, order_id: str, moment: Moment) -> bool:
    """Give up an order whose hold is over, and release what it held. True for exactly one caller, and never for one that was just paid."""
    if not store.give_up(tx, order_id, Status.REJECTED, moment.now, only_if_over=True):
        return False
    let_go(tx, shop, require(tx, shop.site_id, order_id), "not paid in time", moment)
    return True


def let_go(tx: Tx, shop: Shop, order: Order, reason: str, moment: Moment) -> None:
    """Release what was held for an order that does not wait any more, and tell everybody why. The caller has just rejected it."""
    release(tx, shop, order)
    note(tx, order, "ORDER_REJECTED", moment, reason)
    tell(tx, order, "rejected", moment, reason=reason)
    tell_fallen(tx, shop, order, moment)


def tell_standing(tx: Tx, shop: Shop, order: Order, moment: Moment) -> None:
    """Tell each shelf that keeps something of an order that it stands."""
    for shelf in _shelves(shop, order):
        shelf.order_stands(tx, shop.site_id, order.id, moment)


def ids_of(tx: Tx, shop: Shop, order: Order) -> dict[str, str]:
    """What a site is told about an order when its buyer comes back: its id, and what the shelves of its goods add."""
    found = {"orderId": order.id}
    for shelf in _shelves(shop, order):
        found |= shelf.ids_of(tx, shop.site_id, order.id)
    return found


def tell_paid(tx: Tx, shop: Shop, order: Order, moment: Moment, *, late: bool) -> None:
    """Tell each shelf that keeps something of an order, and the world, that its money is there."""
    for shelf in _shelves(shop, order):
        shelf.order_paid(tx, shop.site_id, order.id, moment)
    note(tx, order, "ORDER_PAID", moment)
    tell(tx, order, "paid", moment, late=late)


def tell_fallen(tx: Tx, shop: Shop, order: Order, moment: Moment) -> None:
    """Tell each shelf that keeps something of an order that it does not stand, or not any more."""
    for shelf in _shelves(shop, order):
        shelf.order_fell(tx, shop.site_id, order.id, moment)


def fulfil(tx: Tx, order: Order, lines: Sequence[Sent] | None, tracking: Tracking, moment: Moment) -> Parcel:
    """Say that these lines, or all that is left for None, were sent or handed over.

    Raises INVALID for lines or numbers that the order does not have left, CONFLICT when it does not stand or somebody else was quicker.
    """
    if order.status is not Status.APPROVED:
        raise not_in_state(order, "be fulfilled", "approved ones")
    before = store.parcels(tx, order.id)
    left = _left(order, before)
    sent = tuple(lines) if lines is not None else tuple(Sent(line_id, quantity) for line_id, quantity in left.items() if quantity)
    if not sent:
        raise AppError(Kind.CONFLICT, "ORDER_ALREADY_FULFILLED", f"Everything of order {order.number} was sent already.")
    for place, one in enumerate(sent):
        wanted = sum(other.quantity for other in sent if other.line_id == one.line_id)
        if one.line_id not in left or one.quantity < 1 or wanted > left[one.line_id]:
            text = f"must be a line of the order with a quantity up to what is left ({left.get(one.line_id, 0)})"
            raise invalid_field(f"fulfillment.lineItems[{place}]", text, "OTHER")
    parcel = Parcel(moment.new_id("parcel"), order.id, sent, tracking, moment.now)
    if not store.set_fulfilment(tx, order, fulfilment_of(order.content.lines, [*before, parcel]), moment.now):
        raise changed_meanwhile("order", order.revision)
    store.add_parcel(tx, parcel)
    note(tx, order, "ORDER_FULFILLED", moment)
    body = {"fulfillmentId": parcel.id, "lineItems": [{"id": one.line_id, "quantity": one.quantity} for one in sent]}
    tell(tx, order, "fulfilled", moment, **body)
    note_change(tx, order, "fulfilled", moment, {"lineItems": body["lineItems"]})
    return parcel


def correct(tx: Tx, order: Order, content: Content, *, is_archived: bool, moment: Moment) -> Order:
    """Keep what an owner corrected. Raises CONFLICT `REVISION_CHANGED` when somebody else was quicker."""
    if not store.set_content(tx, order, content, is_archived=is_archived, now=moment.now):
        raise changed_meanwhile("order", order.revision)
    tell(tx, order, "updated", moment)
    corrected = [name for name in Content.__struct_fields__ if getattr(content, name) != getattr(order.content, name)]
    note_change(tx, order, "updated", moment, {"corrected": corrected, "archived": is_archived})
    return require(tx, order.site_id, order.id)


def note(tx: Tx, order: Order, type_: str, moment: Moment, text: str = "") -> None:
    """Write a line of its history; at most one of a type in one moment."""
    store.add_activity(tx, Activity(moment.new_id(f"{order.id} {type_}"), order.id, type_, text, moment.now))


def tell(tx: Tx, order: Order, slug: str, moment: Moment, **more: object) -> None:
    """Record a domain event about it."""
    body: Mapping[str, object] = {
        "id": order.id,
        "number": str(order.number),
        "checkoutId": order.checkout_id,
        "total": order.total.text,
        "currency": order.currency,
        **({"memberId": order.member_id} if order.member_id else {}),
        **more,
    }
    person = order.member_id or email_key(order.content.email) or None
    moment.tell(tx, order.site_id, "order", slug, order.id, body, person=person)


def note_change(tx: Tx, order: Order, slug: str, moment: Moment, after: Mapping[str, Any] | None = None) -> None:
    """Write down what an owner did with it, without a word about who bought it: entries stay when buyers are erased."""
    moment.note(tx, order.site_id, f"order.{slug}", order.id, str(order.number), None, after)


def not_in_state(order: Order, what: str, which: str) -> AppError:
    """The order is in the wrong state for what was asked."""
    return AppError(
        Kind.CONFLICT,
        "ORDER_STATUS",
        f"Order {order.number} is {order.status.value} and {order.payment.value}; only {which} can {what}.",
        data={"status": order.status.value, "paymentStatus": order.payment.value},
    )


def put_back(tx: Tx, shop: Shop, order: Order, stock_keys: Iterable[str]) -> None:
    """Put these of what an order took back on their shelves."""
    shelves, amounts = order.shelves, order.taken
    for stock_key in stock_keys:
        shelf = shop.shelves.get(shelves[stock_key])
        if shelf is not None:
            shelf.give_back(tx, shop.site_id, order.id, stock_key, amounts[stock_key])


def _shelves(shop: Shop, order: Order) -> list[Shelf]:
    """Each once: a shelf may keep the goods of several apps."""
    shelves = [shop.shelves.get(app_id) for app_id in sorted(set(order.shelves.values()))]
    return [shelf for place, shelf in enumerate(shelves) if shelf is not None and shelf not in shelves[:place]]


def _left(order: Order, parcels: Sequence[Parcel]) -> dict[str, int]:
    left = {line.id: line.quantity for line in order.content.lines}
    for parcel in parcels:
        for one in parcel.lines:
            left[one.line_id] = left.get(one.line_id, 0) - one.quantity
    return left
