"""Reservations, orders and tickets, as the wire shows them: reservations in two generations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roundtrip.api.events_view import amount_out, price_out, tax_out, ticket_v1
from roundtrip.api.operation import Call
from roundtrip.api.settings_calls import own_site
from roundtrip.api.stores_views import Front, Json
from roundtrip.core.clock import rfc3339
from roundtrip.core.money import Money
from roundtrip.events.event.model import Event
from roundtrip.events.orders import links
from roundtrip.events.orders.model import Guest, Order, Ticket
from roundtrip.events.pricing import Invoice
from roundtrip.events.reservations.model import Line, Reservation
from roundtrip.events.tickets.model import Definition
from roundtrip.storage.database import Tx


def pages_of(tx: Tx, call: Call) -> str:
    """Where the hosted pages of the caller's site are."""
    return own_site(tx, call).pages_url or call.services.issuer


def reservation_v1(
    one: Reservation, event: Event, known: Mapping[str, Definition], found: Invoice, now: int, coupon: str | None = None
) -> Json:
    """A reservation in the first generation, flat, with the invoice."""
    return {
        "id": one.id,
        "expires": rfc3339(one.expires_at),
        "reservationStatus": f"RESERVATION_{one.status.value}",
        "reservations": groups_v1(one, event, known, now),
        "invoice": invoice_out(one.lines, found, coupon),
    }


def groups_v1(one: Reservation, event: Event, known: Mapping[str, Definition], now: int) -> list[Json]:
    """How many of each kind of ticket."""
    found: list[Json] = []
    for definition_id, quantity in one.by_definition():
        own = [line for line in one.lines if line.definition_id == definition_id]
        details = [
            {"pricingOptionId": line.option_id, "pricingOptionName": line.option_name, "capacity": line.quantity}
            if line.option_id
            else {"priceOverride": line.unit, "capacity": line.quantity}
            for line in own
            if line.option_id or line.is_donation
        ]
        ticket = ticket_v1(known[definition_id], event, now) if definition_id in known else {"id": definition_id, "name": own[0].name}
        found.append({"quantity": quantity, "ticket": ticket, "ticketDetails": details})
    return found


def invoice_out(lines: Sequence[Line], found: Invoice, coupon: str | None = None) -> Json:
    """What it comes to."""
    currency = found.total.currency
    items = [
        {
            "id": line.definition_id,
            "name": f"{line.name} ({line.option_name})" if line.option_name else line.name,
            "quantity": line.quantity,
            "price": amount_out(Money.parse(line.unit, currency)),
            "total": amount_out(Money.parse(line.unit, currency) * line.quantity),
        }
        for line in lines
    ]
    told: Json = {
        "items": items,
        "subTotal": amount_out(found.subtotal),
        "total": amount_out(found.subtotal - found.discount),
        "fees": [{"name": "SERVICE_FEE", "type": "FEE_ADDED_AT_CHECKOUT", "amount": amount_out(found.fees)}] if found.fees else [],
        "grandTotal": amount_out(found.total),
    }
    if found.discount:
        told["discount"] = {"amount": amount_out(found.discount), **({"code": coupon} if coupon else {})}
    if found.rate is not None:
        told["tax"] = {**tax_out(found.rate), "taxable": amount_out(found.taxable), "amount": amount_out(found.tax)}
    return told


def reservation_v3(one: Reservation, shown: Front) -> Json:
    """A reservation in the third generation."""
    tickets = [
        {
            "ticketLineItemId": line.id,
            "eventId": one.event_id,
            "ticketDefinitionId": line.definition_id,
            "ticketName": line.name,
            "quantity": line.quantity,
            "price": price_out(one.price_of(line), shown),
            "subTotal": price_out(one.price_of(line) * line.quantity, shown),
            "ticketInfo": _info(line),
        }
        for line in one.lines
    ]
    return {
        "id": one.id,
        "revision": str(one.revision),
        "createdDate": rfc3339(one.created_at),
        "updatedDate": rfc3339(one.updated_at),
        "expirationDate": rfc3339(one.expires_at),
        "status": one.status.value,
        "tickets": tickets,
        **({"memberId": one.member_id} if one.member_id else {}),
        **({"visitorId": one.visitor_id} if one.visitor_id else {}),
    }


def _info(line: Line) -> Json:
    if line.option_id:
        return {"pricingOptionId": line.option_id, "pricingOptionName": line.option_name}
    return {"guestPrice": line.unit} if line.is_donation else {}


def order_out(order: Order, tickets: Sequence[Ticket], code_key: bytes, pages: str) -> Json:
    """An order with its tickets."""
    content, buyer = order.content, order.content.buyer
    own = pages + links.order_path(code_key, order.id)
    amounts = content.amounts
    found: Json = {
        "id": order.id,
        "orderNumber": order.number,
        "reservationId": order.reservation_id,
        "eventId": order.event_id,
        "contactId": order.member_id or "",
        "memberId": order.member_id or "",
        "created": rfc3339(order.created_at),
        "updated": rfc3339(order.updated_at),
        **_named(buyer),
        "checkoutForm": {"inputValues": _inputs(buyer)},
        "confirmed": order.stands,
        "status": order.status.value,
        "method": _method(order),
        "ticketsQuantity": order.tickets,
        "totalPrice": amount_out(order.total),
        "refundedPrice": amount_out(Money.from_units(order.refunded_units, order.currency)),
        "tickets": [ticket_out(one, order, code_key, pages) for one in tickets],
        "invoice": {
            "subTotal": amount_out(order.money(amounts.subtotal)),
            "total": amount_out(order.money(amounts.subtotal) - order.money(amounts.discount)),
            "tax": {"name": amounts.tax_name, "rate": amounts.tax_rate, "amount": amount_out(order.money(amounts.tax))},
            "grandTotal": amount_out(order.total),
            "items": [],
            "fees": [],
        },
        "channel": "ONLINE",
        "anonymized": content.is_erased,
        "archived": order.archived,
        "fullyCheckedIn": bool(tickets) and all(one.checked_in_at is not None for one in tickets),
        "orderPageUrl": own,
        "ticketsPdf": f"{own}/tickets.pdf" if order.stands else "",
    }
    return found


def _method(order: Order) -> str:
    if not order.total:
        return "free"
    return "offline" if order.content.pays_later else "creditCard"


def _named(guest: Guest) -> Json:
    return {"firstName": guest.first_name, "lastName": guest.last_name, "fullName": guest.name, "email": guest.email}


def _inputs(guest: Guest) -> list[Json]:
    own = (("firstName", guest.first_name), ("lastName", guest.last_name), ("email", guest.email), ("phone", guest.phone))
    named = [{"inputName": name, "value": text, "values": []} for name, text in own if text]
    return named + [{"inputName": one.title, "value": one.value, "values": []} for one in guest.answers]


def ticket_out(one: Ticket, order: Order, code_key: bytes, pages: str) -> Json:
    """One ticket; `checkInUrl` is what its square code says."""
    guest = one.content.guest
    page = pages + links.ticket_path(code_key, one.id)
    price = order.money(one.content.price)
    return {
        "ticketNumber": one.number,
        "orderNumber": order.number,
        "ticketDefinitionId": one.definition_id,
        "name": one.content.name,
        "pricingOptionName": one.content.option,
        "price": amount_out(price),
        "free": not price,
        "policy": "",
        "orderStatus": order.status.value,
        "orderArchived": order.archived,
        "orderFullName": order.content.buyer.name,
        "guestFullName": guest.name,
        "guestDetails": {**_named(guest), "guestAssigned": bool(guest.name), "form": {"inputValues": _inputs(guest)}},
        "archived": order.archived,
        "canceled": not one.is_valid,
        "anonymized": order.content.is_erased,
        "checkInUrl": page,
        "ticketPdfUrl": f"{page}/ticket.pdf",
        "channel": "ONLINE",
        **({"checkIn": {"created": rfc3339(one.checked_in_at)}} if one.checked_in_at is not None else {}),
    }
