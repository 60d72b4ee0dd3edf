"""Reserving tickets and ordering them: the first generation, whose clients look for `details.error_key`, and reservations of the third."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from roundtrip.api import errors
from roundtrip.api.callers import moment_of_call, owner_of
from roundtrip.api.events_checkout_wire import (
    BuyerIn,
    CheckoutBody,
    FormIn,
    InvoiceBody,
    QuantityIn,
    ReservationAnswer,
    ReserveV1,
    ReserveV3,
)
from roundtrip.api.events_orders_view import groups_v1, invoice_out, order_out, pages_of, reservation_v1, reservation_v3
from roundtrip.api.events_tickets import CHECKOUT
from roundtrip.api.operation import KEYS, VISITORS, Answer, Call, Operation
from roundtrip.api.settings_calls import own_site
from roundtrip.api.stores_views import Json, front, sees_hidden
from roundtrip.api.wire import Empty
from roundtrip.core.clock import rfc3339
from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.ids import new_id
from roundtrip.credentials import passwords
from roundtrip.events.event import actions as events
from roundtrip.events.event.model import Event, Status
from roundtrip.events.issued import store as issued
from roundtrip.events.orders.model import Answer as Said
from roundtrip.events.orders.model import Guest
from roundtrip.events.pricing import invoice
from roundtrip.events.reservations import actions
from roundtrip.events.reservations.model import Reservation
from roundtrip.events.reservations.wanted import Wanted, no_such_ticket
from roundtrip.events.tickets import store as tickets
from roundtrip.payments.site_settings import store as payment_settings
from roundtrip.storage.database import Tx
from roundtrip.workflows import order_tickets


def _told(run: Callable[[Call], Any]) -> Any:
    """A refusal in the form that clients of the first generation read."""

    async def telling(call: Call) -> Any:
        try:
            return await run(call)
        except AppError as error:
            return Answer(errors.error_key_body(error), status=errors.STATUS[error.kind])

    return telling


async def reserve_v1(call: Call) -> Any:
    """Keep tickets for a while."""
    call.count("reservations", call.services.limits.settings.purchases_per_minute)
    return await call.write(_reserve_v1, call, new_id(call.now))


def _reserve_v1(tx: Tx, call: Call, made: str) -> Json:
    body: ReserveV1 = call.body
    event = _open_event(tx, call, body.event_id)
    wanted = [one for sent in body.ticket_quantities for one in _wanted_v1(sent)]
    kept = _reserve(tx, call, event, wanted, made)
    known = tickets.several(tx, call.site_id, [line.definition_id for line in kept.lines])
    return reservation_v1(kept, event, known, invoice(kept.lines, kept.content.currency, event.terms.tax), call.now)


def _open_event(tx: Tx, call: Call, event_id: str) -> Event:
    event = events.require(tx, call.site_id, event_id)
    if event.status is Status.DRAFT:
        raise events.no_such_event(event_id)
    return event


def _wanted_v1(sent: QuantityIn) -> list[Wanted]:
    definition_id, left = sent.ticket_definition_id.lower(), sent.quantity
    found = []
    for detail in sent.ticket_details or ():
        quantity = min(detail.capacity or left, left)
        left -= quantity
        if quantity:
            found.append(Wanted(definition_id, quantity, (detail.pricing_option_id or "").lower(), detail.price_override or ""))
    return [*found, Wanted(definition_id, left, "", sent.price_override or "")] if left or not found else found


def _reserve(tx: Tx, call: Call, event: Event, wanted: list[Wanted], made: str) -> Reservation:
    visitor_id, member_id = owner_of(call)
    if event.terms.members_only and member_id is None and not sees_hidden(call):
        text = f"Tickets for {event.title} are for members. Let the visitor log in first."
        raise AppError(Kind.FORBIDDEN, "MEMBERS_ONLY", text, data={"eventId": event.id})
    moment = moment_of_call(tx, call, made)
    return actions.reserve(tx, event, wanted, visitor_id=visitor_id, member_id=member_id, moment=moment)


async def reserve_v3(call: Call) -> ReservationAnswer:
    """Keep tickets for a while."""
    call.count("reservations", call.services.limits.settings.purchases_per_minute)
    return ReservationAnswer(await call.write(_reserve_v3, call, new_id(call.now)))


def _reserve_v3(tx: Tx, call: Call, made: str) -> Json:
    body: ReserveV3 = call.body
    wanted = [
        Wanted(
            one.ticket_definition_id.lower(),
            one.quantity,
            ((one.ticket_info.pricing_option_id or "") if one.ticket_info else "").lower(),
            (one.ticket_info.guest_price or "") if one.ticket_info else "",
        )
        for one in body.ticket_reservation.tickets
    ]
    known = tickets.several(tx, call.site_id, [one.definition_id for one in wanted])
    first = known.get(wanted[0].definition_id)
    if first is None:
        raise no_such_ticket(wanted[0].definition_id)
    return reservation_v3(_reserve(tx, call, _open_event(tx, call, first.event_id), wanted, made), front(tx, call))


def _own(tx: Tx, call: Call) -> Reservation:
    """The reservation that the path names, if it is for this caller: NOT_FOUND otherwise."""
    found = actions.require(tx, call.site_id, call.path_params["id"])
    visitor_id, member_id = owner_of(call)
    is_own = (found.member_id and found.member_id == member_id) or (found.visitor_id and found.visitor_id == visitor_id)
    if not is_own and not sees_hidden(call):
        raise actions.no_reservation(found.id)
    return found


async def get_v3(call: Call) -> ReservationAnswer:
    """Read a reservation."""
    return ReservationAnswer(await call.read(lambda tx: reservation_v3(_own(tx, call), front(tx, call))))


async def cancel(call: Call) -> Empty:
    """Give up what is reserved, and the order that waits for its payment."""
    await call.write(_cancel, call, new_id(call.now))
    return Empty()


def _cancel(tx: Tx, call: Call, made: str) -> None:
    order_tickets.give_up_reservation(tx, call.site_id, _own(tx, call).id, moment_of_call(tx, call, made))


async def read_invoice(call: Call) -> Any:
    """What a reservation comes to."""
    return await call.read(_invoice, call)


def _invoice(tx: Tx, call: Call) -> Json:
    body: InvoiceBody = call.body
    kept = _own(tx, call)
    event = events.require(tx, call.site_id, kept.event_id)
    code = body.with_discount.coupon_code if body.with_discount else ""
    quoted = order_tickets.quote(tx, event, kept, code, "", call.now)
    known = tickets.several(tx, call.site_id, [line.definition_id for line in kept.lines])
    problem = {"error": [{"code": quoted.problem.value}]} if quoted.problem else {"error": []}
    return {
        "invoice": invoice_out(kept.lines, quoted.invoice, quoted.coupon.code if quoted.coupon else None),
        "discountErrors": problem,
        "expires": rfc3339(kept.expires_at),
        "reservationStatus": f"RESERVATION_{kept.status.value}",
        "reservationOccupied": not kept.is_kept(call.now),
        "reservations": groups_v1(kept, event, known, call.now),
    }


async def options(call: Call) -> Any:
    """What the site's checkout can do."""

    def reading(tx: Tx) -> Json:
        site = own_site(tx, call)
        ways = payment_settings.of_site(tx, site.id).ways_to_pay(site)
        return {"paymentMethodConfigured": bool(ways), "acceptCoupons": True, "premiumServices": True, "paidTickets": True,
                "acceptGiftCards": False}  # fmt: skip

    return await call.read(reading)


async def order(call: Call) -> Any:
    """Order what is reserved, when nothing has to be paid now. What has to be is ordered on the hosted page."""
    call.count("ticket orders", call.services.limits.settings.purchases_per_minute)
    return await call.write(_order, call, new_id(call.now))


def _order(tx: Tx, call: Call, made: str) -> Json:
    body: CheckoutBody = call.body
    call.path_params = {"id": body.reservation_id}
    kept = _own(tx, call)
    event = events.require(tx, call.site_id, kept.event_id)
    visitor_id, member_id = owner_of(call)
    site = own_site(tx, call)
    ways = payment_settings.of_site(tx, site.id).ways_to_pay(site)
    later = bool(body.options and body.options.pay_in_person) and (sees_hidden(call) or any(way.pays_later for way in ways))
    guests = tuple(_guest(one.form) for one in body.guests)
    buyer = _buyer(body.buyer, guests)
    wanted = order_tickets.Wanted(
        buyer, guests if event.terms.separately else (buyer,) * kept.quantity,
        body.discount.coupon_code if body.discount else "", later, site.language, None, visitor_id, member_id or kept.member_id,
    )  # fmt: skip
    quoted = order_tickets.quote(tx, event, kept, wanted.coupon_code, email_key(buyer.email), call.now)
    if quoted.invoice.total and not later:
        text = "These tickets have to be paid when ordering: create a redirect session of the kind eventsCheckout."
        raise AppError(Kind.CONFLICT, "PAYMENT_REQUIRED", text, data={"reservationId": kept.id})
    placed = order_tickets.place(tx, call.site_id, kept.id, wanted, moment_of_call(tx, call, made))
    shown = order_out(placed, issued.of_order(tx, call.site_id, placed.id), call.services.code_key, pages_of(tx, call))
    known = tickets.several(tx, call.site_id, [line.definition_id for line in kept.lines])
    return {"order": shown, "expires": rfc3339(kept.expires_at), "reservations": groups_v1(kept, event, known, call.now),
            "orderPageUrl": shown["orderPageUrl"]}  # fmt: skip


def _guest(form: FormIn) -> Guest:
    said = {one.input_name: one.value for one in form.input_values}
    rest = tuple(Said(name, text) for name, text in said.items() if name not in ("firstName", "lastName", "email", "phone"))
    return Guest(said.get("firstName", ""), said.get("lastName", ""), said.get("email", ""), said.get("phone", ""), rest)


def _buyer(sent: BuyerIn | None, guests: tuple[Guest, ...]) -> Guest:
    if sent is None:
        found = guests[0] if guests else Guest()
    else:
        found = Guest(sent.first_name, sent.last_name, sent.email, sent.phone)
    return msgspec.structs.replace(found, email=passwords.check_email(found.email))


RESERVATIONS = (
    "/events/v1/ticket-reservations",
    "/_api/events-ticket-reservations/v1/ticket-reservations",
)
_ONE = tuple(f"{prefix}/{{id}}" for prefix in RESERVATIONS)
_GENERAL = "71c00001-0000-4000-8000-000000000001"
_TWO = {"ticketDefinitionId": _GENERAL, "quantity": 2}
_EVENT = "e0e00001-0000-4000-8000-000000000001"
_KEPT = "4e500001-0000-4000-8000-000000000001"
_REFUSALS = (
    "EVENT_NOT_FOUND",
    "TICKET_DEFINITION_NOT_FOUND",
    "UNSUPPORTED_PRICING_OPTION",
    "INVALID_TICKET_PRICE",
    "NO_TICKETS",
    "TICKETS_NOT_ON_SALE",
    "TICKET_LIMIT_EXCEEDED",
    "TICKETS_SOLD_OUT",
    "EVENT_HAS_NO_TICKETS",
    "MEMBERS_ONLY",
    "RESOURCE_EXHAUSTED",
)
_GONE = ("TICKET_RESERVATION_NOT_FOUND",)
_ORDER_REFUSALS = (*_GONE, "EVENT_NOT_FOUND", "RESERVATION_EXPIRED", "PAYMENT_REQUIRED", "EVENT_STATUS", "RESOURCE_EXHAUSTED")
_ALL = VISITORS | KEYS


def _checkout(rest: str) -> tuple[str, ...]:
    return tuple(prefix + rest for prefix in CHECKOUT)


OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateReservation", "POST", _checkout("/reservations"), "Keep tickets of an event for a while.", _told(reserve_v1),
              "event.manage", _ALL, ReserveV1, example={"eventId": _EVENT, "ticketQuantities": [_TWO]}, errors=_REFUSALS),
    Operation("CancelReservation", "DELETE", _checkout("/reservations/{id}"), "Give up what is reserved.", _told(cancel), "event.manage",
              _ALL, None, Empty, errors=_GONE),
    Operation("GetInvoice", "POST", _checkout("/invoices/{id}"), "What a reservation comes to, with a coupon.", _told(read_invoice),
              "event.read", _ALL, InvoiceBody, example={"eventId": _EVENT, "withDiscount": {"couponCode": "WELCOME10"}}, errors=_GONE),
    Operation("GetCheckoutOptions", "GET", _checkout("/options"), "What the site's checkout can do.", options, "event.read", _ALL),
    Operation("Checkout", "POST", CHECKOUT, "Order what is reserved, when nothing has to be paid now.", _told(order), "event.manage", _ALL,
              CheckoutBody, example={"eventId": _EVENT, "reservationId": _KEPT, "buyer": {"firstName": "Ann", "lastName": "Example",
              "email": "ann@example.com"}}, errors=_ORDER_REFUSALS),
    Operation("CreateTicketReservation", "POST", RESERVATIONS, "Keep tickets for a while.", reserve_v3, "event.manage", _ALL, ReserveV3,
              ReservationAnswer, idempotent=True,
              example={"ticketReservation": {"tickets": [_TWO]}}, errors=_REFUSALS),
    Operation("GetTicketReservation", "GET", _ONE, "Read a reservation: one's own, or for keys any of the site.", get_v3, "event.read",
              _ALL, None, ReservationAnswer, errors=_GONE),
    Operation("CancelTicketReservation", "POST", tuple(f"{one}/cancel" for one in _ONE), "Give up what is reserved.", cancel,
              "event.manage", _ALL, None, Empty, errors=_GONE),
    Operation("DeleteTicketReservation", "DELETE", _ONE, "Give up what is reserved.", cancel, "event.manage", _ALL, None, Empty,
              errors=_GONE),
)  # fmt: skip
