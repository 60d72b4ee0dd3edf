"""What this room keeps about a person: what they bought, and the tickets that they came with. Orders stay for the organizer, without who it
was (OPS-08)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from roundtrip.core.email import email_key
from roundtrip.events.issued import store as tickets
from roundtrip.events.orders import actions, store
from roundtrip.events.orders.model import Guest, Order
from roundtrip.events.reservations import store as reservations
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000
AT_ONCE = 200


def ids_of(tx: Tx, person: Person) -> list[str]:
    """The orders of a person, or with tickets of theirs."""
    return [one.id for one in store.of_person(tx, person, MOST)]


def announce(tx: Tx, site_id: str, order_ids: list[str], moment: Moment) -> None:
    """Tell that these orders changed: who keeps copies of them reads them again, and finds nobody in them (decision 0047)."""
    for order_id in order_ids:
        actions.tell(tx, actions.require(tx, site_id, order_id), "updated", moment)


def _orders(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(tx, person, one) for one in store.of_person(tx, person, MOST)] + _reserved(tx, person)


def _reserved(tx: Tx, person: Person) -> list[dict[str, Any]]:
    """What a member reserved, bought or not."""
    return [
        {"reservation_id": one.id, "status": one.status.value, "member_id": one.member_id, "created_at": one.created_at}
        for one in (reservations.of_person(tx, person, MOST) if person.member_id else [])
    ]


def _shown(tx: Tx, person: Person, one: Order) -> dict[str, Any]:
    content = one.content
    is_buyer = _is_buyer(one, person)
    own = [ticket for ticket in tickets.of_order(tx, one.site_id, one.id) if is_buyer or _is_of(ticket.content.guest, person)]
    found: dict[str, Any] = {
        "id": one.id,
        "order_number": one.number,
        "status": one.status.value,
        "event": content.title,
        "starts_at": content.starts_at,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "tickets": [{"number": ticket.number, "name": ticket.content.name, **_guest(ticket.content.guest)} for ticket in own],
    }
    if is_buyer:
        coupon = content.coupon
        found |= {"buyer": _guest(content.buyer), "total": one.total.text, "currency": one.currency, "member_id": one.member_id,
                  "visitor_id": one.visitor_id, "coupon": coupon.code if coupon else None}  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _guest(guest: Guest) -> dict[str, Any]:
    found = {"first_name": guest.first_name, "last_name": guest.last_name, "email": guest.email, "phone": guest.phone}
    answers = [{"title": one.title, "value": one.value} for one in guest.answers]
    return {name: value for name, value in found.items() if value} | ({"answers": answers} if answers else {})


def _is_buyer(one: Order, person: Person) -> bool:
    return (person.member_id is not None and one.member_id == person.member_id) or _is_of(one.content.buyer, person)


def _is_of(guest: Guest, person: Person) -> bool:
    return bool(guest.email) and email_key(guest.email) == person.email_key


def _forget(tx: Tx, person: Person) -> int:
    count = 0
    # What is erased is not found again.
    while found := store.of_person(tx, person, AT_ONCE):
        for one in found:
            _forget_one(tx, person, one)
        count += len(found)
    return count + (reservations.erase_person(tx, person) if person.member_id else 0)


def _forget_one(tx: Tx, person: Person, one: Order) -> None:
    """A buyer takes everybody along whom they named; a guest only themselves."""
    is_buyer = _is_buyer(one, person)
    for ticket in tickets.of_order(tx, one.site_id, one.id):
        if is_buyer or _is_of(ticket.content.guest, person):
            tickets.erase_guest(tx, ticket, replace(ticket.content, guest=Guest()))
    content = one.content
    guests = tuple(Guest() if is_buyer or _is_of(guest, person) else guest for guest in content.guests)
    if not is_buyer:
        store.set_content(tx, one, replace(content, guests=guests))
        return
    coupon = replace(content.coupon, customer="") if content.coupon else None
    store.erase_person(tx, one, replace(content, buyer=Guest(), guests=guests, coupon=coupon, is_erased=True))
    reservations.forget_owner(tx, one.site_id, one.reservation_id)


KEEPS = Keeps(
    "event orders", ("event_order", "event_ticket", "ticket_reservation"), _orders, _forget, place=73, ids_of=ids_of, announce=announce
)
