"""What this room keeps about a person: what they answered. Places stay taken, without who takes them (OPS-08)."""

from __future__ import annotations

from typing import Any

from roundtrip.events.rsvps import store
from roundtrip.events.rsvps.model import Rsvp
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import Keeps, Person

MOST = 10_000
AT_ONCE = 200


def _answers(tx: Tx, person: Person) -> list[dict[str, Any]]:
    return [_shown(one) for one in store.of_person(tx, person, MOST)]


def _shown(one: Rsvp) -> dict[str, Any]:
    guest = one.content.guest
    found = {
        "id": one.id,
        "event_id": one.event_id,
        "status": one.status.value,
        "guests": one.guests,
        "member_id": one.member_id,
        "visitor_id": one.visitor_id,
        "first_name": guest.first_name,
        "last_name": guest.last_name,
        "email": guest.email,
        "answers": [{"title": answer.title, "value": answer.value} for answer in guest.answers],
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _forget(tx: Tx, person: Person) -> int:
    count = 0
    # What is erased is not found again.
    while found := store.of_person(tx, person, AT_ONCE):
        for one in found:
            store.erase_person(tx, one)
        count += len(found)
    return count


KEEPS = Keeps("event answers", ("rsvp",), _answers, _forget, place=74)
