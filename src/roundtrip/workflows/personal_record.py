"""One person's data: handed out, and erased, in every room where it lies (OPS-08).

A room that begins to keep something about people says so in its `personal.py`. Both work for members and for people who only left an
address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roundtrip.core.clock import rfc3339
from roundtrip.core.domain_event import DomainEvent
from roundtrip.core.email import email_key
from roundtrip.core.errors import AppError, Kind
from roundtrip.core.identity import Actor
from roundtrip.core.rooms import said_in
from roundtrip.members import actions as members
from roundtrip.members import personal as accounts
from roundtrip.oauth import revocation
from roundtrip.sites.model import Site
from roundtrip.sites.moment import Moment
from roundtrip.storage import audit, kept_messages, outbox
from roundtrip.storage.audit import AuditEntry
from roundtrip.storage.database import Tx
from roundtrip.storage.keeps import ERASED, Keeps, Person

_SAID = [module.KEEPS for module in said_in("personal")]
KEPT: tuple[Keeps, ...] = tuple(sorted((*_SAID, *kept_messages.KEEPS), key=lambda keeps: (keeps.place, keeps.name)))
"""Who keeps what: what every room's `personal.py` says, and the messages that are about people."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose data: a member by id, or anybody by address."""

    site: Site
    member_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: rows by the name of the room, and the subjects of access tokens that ended."""

    person: Person
    rows: Mapping[str, int]
    revoked: tuple[str, ...]


def hand_out(tx: Tx, who: Who, *, actor: Actor, entry_id: str, now: int) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept about a person, by the name of the room. That it was handed out is written down, like a change.

    Raises NOT_FOUND `MEMBER_NOT_FOUND`, or `PERSON_NOT_FOUND` when nothing is kept about an address.
    """
    person = _person(tx, who)
    found = _collected(tx, person)
    if not any(found.values()):
        raise _nobody()
    # About somebody who is no member the log says only that it happened: nothing could take their address out of it again.
    name = found[accounts.KEEPS.name][0]["email"] if person.member_id else ERASED
    _note(tx, who, actor, "person.data_handed_out", person, name, entry_id, now)
    return found


def look(tx: Tx, site: Site, member_id: str) -> dict[str, list[dict[str, Any]]]:
    """The same for the member themselves, who may look as often as they want. Raises NOT_FOUND `MEMBER_NOT_FOUND`."""
    return _collected(tx, _person(tx, Who(site, member_id)))


def _collected(tx: Tx, person: Person) -> dict[str, list[dict[str, Any]]]:
    return {keeps.name: [_told(row) for row in keeps.hand_out(tx, person)] for keeps in KEPT}


def erase(tx: Tx, who: Who, *, actor: Actor, entry_id: str, event_id: str, now: int) -> Erased:
    """Delete everything that is kept about a person, end what they have open, and tell the world that this member is gone.

    What has to stay (that an owner decided something, what was bought) stays with ids that lead nowhere. There is no way back. Add the
    answer's `revoked` to this node's `RevocationSet`. Raises what `hand_out` raises, and what a room refuses with: CONFLICT `ORDERS_OPEN`
    while something is to be done for them. Who comes second finds nothing.
    """
    person = _person(tx, who)
    left = [(keeps.announce, keeps.ids_of(tx, person)) for keeps in KEPT if keeps.ids_of is not None]
    revoked = revocation.end_member(tx, person.member_id, now) if person.member_id else ()
    rows = {keeps.name: keeps.erase(tx, person) for keeps in reversed(KEPT)}
    if not any(rows.values()):
        raise _nobody()
    _note(tx, who, actor, "person.erased", person, ERASED, entry_id, now)
    if person.member_id is not None:
        event = DomainEvent(who.site.id, "member", "erased", person.member_id, {"id": person.member_id, "erasedAt": now}, is_erasure=True)
        outbox.record(tx, event, event_id=event_id, now=now)
    for announce, ids in left:
        if announce is not None:
            announce(tx, who.site.id, ids, Moment(now, event_id, is_erasure=True))
    return Erased(person, {name: count for name, count in rows.items() if count}, revoked)


def _person(tx: Tx, who: Who) -> Person:
    if who.member_id is not None:
        member = members.require_member(tx, who.site.id, who.member_id)
        return Person(who.site.id, member.email_key, member.id)
    known = members.by_email(tx, who.site.id, who.email or "")
    return Person(who.site.id, email_key(who.email or ""), known.id if known else None)


def _note(tx: Tx, who: Who, actor: Actor, action: str, person: Person, name: str, entry_id: str, now: int) -> None:
    audit.record(tx, AuditEntry(entry_id, who.site.id, now, actor, action, person.member_id or who.site.id, name, None, None))


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as people and programs read it: names in camelCase, times as texts. What somebody typed stays as it was typed."""
    return {_name(key): _value(key, value) for key, value in row.items()}


def _name(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _value(key: str, value: Any) -> Any:
    if key.endswith("_at") and isinstance(value, int):
        return rfc3339(value)
    return [_told(one) for one in value] if isinstance(value, list) and all(isinstance(one, dict) for one in value) else value


def _nobody() -> AppError:
    return AppError(Kind.NOT_FOUND, "PERSON_NOT_FOUND", "Nothing is kept about this address on this site (any more).")
