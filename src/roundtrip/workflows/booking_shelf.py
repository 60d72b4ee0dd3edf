"""The shelf of bookings: one that nobody finished yet is one good, named by its id, that an order can pay for (decision 0153)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roundtrip.bookings.book import actions, store
from roundtrip.bookings.book.model import Booking, Payment, Status
from roundtrip.bookings.book.wanted import offered
from roundtrip.bookings.services import store as services
from roundtrip.bookings.services.model import Service
from roundtrip.bookings.times import actions as times
from roundtrip.bookings.times import store as lanes
from roundtrip.core.money import Money
from roundtrip.ecom.goods import DescriptionLine, Good, Kind, Picture, Reference, Taken
from roundtrip.ecom.orders import store as orders
from roundtrip.ecom.orders.model import Order
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.text.catalogue import say
from roundtrip.text.marks import marked
from roundtrip.text.when import when
from roundtrip.workflows import booking_mails, waiting_list

BOOKINGS = "13d21c63-b5ec-5912-8397-c3a5ddb27a97"
"""What clients call the app that bookings are of."""
WHEN = marked("When")
WITH = marked("With")
PEOPLE = marked("Participants")
PRICE = marked("Price in all")


class BookingShelf:
    """Bookings that somebody began. The order says how long one may wait for its money."""

    def find(self, tx: Tx, site_id: str, references: Sequence[Reference]) -> list[Good | None]:
        """See `Shelf.find`. What costs nothing that we know of is not sold."""
        found = {one.id: one for one in store.several(tx, site_id, [reference.item_id.lower() for reference in references])}
        known = {one.id: one for one in services.services(tx, site_id, [one.service_id for one in found.values()])}
        return [_good(tx, found.get(reference.item_id.lower()), known) for reference in references]

    def take(self, tx: Tx, site_id: str, order_id: str, stock_key: str, quantity: int, now: int) -> Taken:
        """See `Shelf.take`. The time is held or taken again, and stays so as long as the order waits; one order at a time has it."""
        if quantity != 1 or not store.lock(tx, site_id, stock_key):
            return Taken.NOTHING
        booking = actions.require(tx, site_id, stock_key)
        service = services.service(tx, site_id, booking.service_id)
        if service is None or booking.status is not Status.CREATED or not store.hold_for_order(tx, site_id, stock_key, order_id, now):
            return Taken.NOTHING
        if actions.take_again(tx, service, booking, now):
            return Taken.COUNTED
        store.let_go(tx, site_id, stock_key, order_id)
        return Taken.NOTHING

    def give_back(self, tx: Tx, site_id: str, order_id: str, stock_key: str, quantity: int) -> None:
        """See `Shelf.give_back`."""
        if not store.lock(tx, site_id, stock_key):
            return
        booking = actions.require(tx, site_id, stock_key)
        if booking.order_id == order_id and (store.let_go(tx, site_id, stock_key, order_id) or booking.stands):
            times.release(tx, site_id, stock_key)

    def order_stands(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """See `Shelf.order_stands`."""
        order = orders.get(tx, site_id, order_id)
        for booking in _of_order(tx, site_id, order_id):
            if booking.status is Status.CREATED and order is not None:
                service = services.service(tx, site_id, booking.service_id)
                stands = actions.stand(tx, service, booking, _paid(order, booking), moment)
                booking_mails.stands(tx, service, stands, moment)

    def order_paid(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """See `Shelf.order_paid`."""
        order = orders.get(tx, site_id, order_id)
        for booking in _of_order(tx, site_id, order_id):
            if order is not None and booking.stands and booking.payment in (Payment.NOT_PAID, Payment.UNDEFINED):
                actions.pay(tx, booking, _paid(order, booking), moment)

    def ids_of(self, tx: Tx, site_id: str, order_id: str) -> Mapping[str, str]:
        """See `Shelf.ids_of`. Of several bookings the first is named."""
        found = store.of_order(tx, site_id, order_id)
        return {"bookingId": found[0].id} if found else {}

    def order_fell(self, tx: Tx, site_id: str, order_id: str, moment: Moment) -> None:
        """See `Shelf.order_fell`. What stood is cancelled with it; what nobody finished can be paid by another order."""
        for booking in _of_order(tx, site_id, order_id):
            service = services.service(tx, site_id, booking.service_id)
            if booking.stands:
                cancelled = actions.cancel(tx, booking, "order", moment, frees_time=False)
                booking_mails.to_booker(tx, cancelled, booking_mails.CANCELED, moment)
            if service is not None:
                waiting_list.offer_next(tx, service, booking, moment)


def _of_order(tx: Tx, site_id: str, order_id: str) -> list[Booking]:
    """The bookings of an order, which nobody else moves until the transaction ends."""
    found = store.of_order(tx, site_id, order_id)
    for one in found:
        store.lock(tx, site_id, one.id)
    return store.several(tx, site_id, [one.id for one in found])


def _good(tx: Tx, booking: Booking | None, known: dict[str, Service]) -> Good | None:
    service = known.get(booking.service_id) if booking is not None else None
    if booking is None or service is None or booking.status is not Status.CREATED:
        return None
    now_due = service.terms.rate.due_now
    if now_due is None:
        return None
    media = service.terms.media[:1]
    return Good(
        key=booking.id,
        stock_key=booking.id,
        name=service.name,
        unit=now_due * booking.participants,
        full_unit=now_due * booking.participants,
        kind=Kind.SERVICE,
        available=1 if _is_there(tx, service, booking) else 0,
        item_id=booking.id,
        is_paid_first=not service.terms.pays_in_person,
        description=_description(service, booking),
        picture=next((Picture(one.picture_id, one.url, one.width, one.height, one.alt) for one in media), None),
    )


def _is_there(tx: Tx, service: Service, booking: Booking) -> bool:
    """Whether its time is its own, or free. An order that holds it says so itself; a hold of somebody else that is just over counts yet."""
    if booking.hold_ends_at is None:
        return False
    if lanes.lane_of(tx, booking.site_id, booking.id) is not None:
        return True
    offer = offered(tx, service, actions.slot_of(booking), booking.updated_at, ignoring=booking.id)
    return offer is not None and offer.open >= booking.participants


def _description(service: Service, booking: Booking) -> tuple[DescriptionLine, ...]:
    content = booking.content
    lines = [(WHEN, when(booking.starts_at, booking.ends_at, content.zone, content.language)), (WITH, content.staff)]
    if booking.participants > 1:
        lines.append((PEOPLE, str(booking.participants)))
    due = service.terms.rate.due
    if service.terms.rate.deposit and due is not None:
        lines.append((PRICE, (due * booking.participants).words(content.language)))
    return tuple(DescriptionLine(say(content.language, name), value) for name, value in lines if value)


def _paid(order: Order, booking: Booking) -> Payment:
    """How far an order pays for a booking: all of it, or what was due when booking."""
    line = next((one for one in order.content.lines if one.stock_key == booking.id), None)
    if line is None or not order.is_paid:
        return Payment.NOT_PAID
    paid, due = Money.parse(line.unit, order.currency), booking.price
    if due is not None and not due:
        return Payment.EXEMPT
    return Payment.PARTIALLY_PAID if due is not None and paid.amount < due.amount else Payment.PAID
