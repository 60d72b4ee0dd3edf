"""What this room keeps about a person: what they booked. Bookings that were made stay for the business, without who it was (OPS-08)."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from roundtrip.bookings.book import actions, store
from roundtrip.bookings.book.model import Booking, Contact, Status
from roundtrip.sites.moment import Moment
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000
AT_ONCE = 200
_UNFINISHED = (Status.CREATED, Status.WAITING_LIST)
"""Nobody relies on these: they are deleted whole. A time that one of them holds is free when its hold is over."""


def ids_of(tx: Tx, person: Person) -> list[str]:
    """The bookings of a person that stay when they are erased."""
    return [one.id for one in store.of_person(tx, person, MOST) if one.status not in _UNFINISHED]


def announce(tx: Tx, site_id: str, booking_ids: list[str], moment: Moment) -> None:
    """Tell that these bookings changed: who keeps copies of them reads them again, and finds nobody in them (decision 0047)."""
    for booking_id in booking_ids:
        actions.tell(tx, actions.require(tx, site_id, booking_id), "updated", moment)


def _bookings(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(one) for one in store.of_person(tx, person, MOST)]


def _shown(one: Booking) -> dict[str, Any]:
    content, contact = one.content, one.content.contact
    found = {
        "id": one.id,
        "status": one.status.value,
        "payment": one.payment.value,
        "service": content.service,
        "staff": content.staff,
        "location": content.location,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "participants": one.participants,
        "member_id": one.member_id,
        "visitor_id": one.visitor_id,
        "order_id": one.order_id,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
        "address": contact.address,
        "message": content.message,
        "answers": [{"title": answer.title, "value": answer.value} for answer in content.answers],
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _forget(tx: Tx, person: Person) -> int:
    count = 0
    # What is erased is not found again.
    while found := store.of_person(tx, person, AT_ONCE):
        for one in found:
            if one.status in _UNFINISHED:
                store.delete(tx, one.site_id, one.id)
            else:
                content = replace(one.content, contact=Contact(), message="", answers=(), is_erased=True)
                store.erase_person(tx, one, content)
        count += len(found)
    return count


KEEPS = Keeps("bookings", ("booking",), _bookings, _forget, place=72, ids_of=ids_of, announce=announce)
