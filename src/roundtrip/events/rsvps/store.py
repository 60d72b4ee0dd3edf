"""SQL of answers, and nothing else."""

from __future__ import annotations

from typing import Final

import msgspec

from roundtrip.core.email import email_key
from roundtrip.events.orders.model import Guest
from roundtrip.events.rsvps.model import Content, Rsvp, Status
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_RSVP = (
    "rsvp.site_id, rsvp.id, rsvp.event_id, rsvp.status, rsvp.guests, rsvp.visitor_id, rsvp.member_id, rsvp.offer_ends_at, rsvp.checked_in,"
    " rsvp.content, rsvp.revision, rsvp.created_at, rsvp.updated_at"
)
_content = msgspec.json.Decoder(Content).decode
_OF_PERSON = (
    "rsvp.site_id = :site_id AND rsvp.id IN (SELECT id FROM rsvp WHERE site_id = :site_id AND member_id = :member"
    " UNION SELECT id FROM rsvp WHERE site_id = :site_id AND email_key = :email)"
)
RSVPS: Final = Fields(
    {
        "id": Field(Kind.ID, "rsvp.id"),
        "eventId": Field(Kind.ID, "rsvp.event_id"),
        "status": Field(Kind.TEXT, "rsvp.status"),
        "memberId": Field(Kind.ID, "rsvp.member_id", nullable=True),
        "createdDate": Field(Kind.TIME, "rsvp.created_at", sortable=True),
    },
    key="rsvp.id",
    default_sort=("createdDate",),
)
"""What answers can be asked for, in the words of the wire."""


def get(tx: Tx, site_id: str, rsvp_id: str) -> Rsvp | None:
    """An answer of this site."""
    return _one(tx, "rsvp.site_id = :site_id AND rsvp.id = :id", site_id=site_id, id=rsvp_id)


def by_id(tx: Tx, rsvp_id: str) -> Rsvp | None:
    """An answer of whatever site, for who has its address."""
    return _one(tx, "rsvp.id = :id", id=rsvp_id)


def of_caller(tx: Tx, site_id: str, event_id: str, visitor_id: str | None, member_id: str | None) -> Rsvp | None:
    """What this visitor or member has said last about an event."""
    column, owner = ("member_id", member_id) if member_id else ("visitor_id", visitor_id)
    return _one(
        tx,
        f"rsvp.site_id = :site_id AND rsvp.{column} = :owner AND rsvp.event_id = :event_id ORDER BY rsvp.created_at DESC LIMIT 1",
        site_id=site_id,
        owner=owner,
        event_id=event_id,
    )


def query(tx: Tx, site_id: str, wanted: Query, own: tuple[str | None, str | None] | None) -> tuple[Page, list[Rsvp]]:
    """A page of the answers of a site, or of one visitor's or member's."""
    where, params = "rsvp.site_id = :site_id", {"site_id": site_id}
    if own is not None:
        visitor_id, member_id = own
        where += " AND rsvp.member_id = :own_id" if member_id else " AND rsvp.visitor_id = :own_id"
        params["own_id"] = member_id or visitor_id or ""
    page = run(tx, Source(_RSVP, "rsvp", where, {**params}), wanted)
    return page, [_rsvp(row) for row in page.rows]


def insert(tx: Tx, made: Rsvp) -> None:
    """Keep a new one, whose places are taken."""
    tx.execute(
        "INSERT INTO rsvp (site_id, id, event_id, status, guests, visitor_id, member_id, email_key, offer_ends_at, checked_in, content,"
        " revision, created_at, updated_at) VALUES (:site_id, :id, :event_id, :status, :guests, :visitor_id, :member_id, :email_key,"
        " NULL, 0, :content, 1, :now, :now)",
        site_id=made.site_id,
        id=made.id,
        event_id=made.event_id,
        status=made.status.value,
        guests=made.guests,
        visitor_id=made.visitor_id,
        member_id=made.member_id,
        email_key=email_key(made.content.guest.email),
        content=_text(made.content),
        now=made.created_at,
    )


def change(tx: Tx, before: Rsvp, after: Rsvp, now: int) -> bool:
    """Keep an answer as it is now, if it still has its revision."""
    return (
        tx.execute(
            "UPDATE rsvp SET status = :status, guests = :guests, offer_ends_at = :offer_ends_at, content = :content,"
            " email_key = :email_key, updated_at = :now, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND revision = :revision",
            site_id=before.site_id,
            id=before.id,
            revision=before.revision,
            status=after.status.value,
            guests=after.guests,
            offer_ends_at=after.offer_ends_at,
            content=_text(after.content),
            email_key=email_key(after.content.guest.email),
            now=now,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, rsvp_id: str) -> bool:
    """True for exactly one caller."""
    return tx.execute("DELETE FROM rsvp WHERE site_id = :site_id AND id = :id", site_id=site_id, id=rsvp_id) == 1


def first_waiting(tx: Tx, site_id: str, event_id: str, limit: int) -> list[Rsvp]:
    """Who waits for a place, the first first."""
    where = (
        "rsvp.site_id = :site_id AND rsvp.event_id = :event_id AND rsvp.status = 'WAITLIST' ORDER BY rsvp.created_at, rsvp.id LIMIT :limit"
    )
    return _all(tx, where, site_id=site_id, event_id=event_id, limit=limit)


def overdue_offers(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of offers that nobody took. A read of an index that holds nothing else."""
    sql = "SELECT site_id, id FROM rsvp WHERE offer_ends_at IS NOT NULL AND offer_ends_at <= :now ORDER BY offer_ends_at LIMIT :limit"
    return [(row[0], row[1]) for row in tx.all(sql, now=now, limit=limit)]


def check_in(tx: Tx, one: Rsvp) -> bool:
    """Let everybody in who comes with it: true for exactly one caller."""
    return (
        tx.execute(
            "UPDATE rsvp SET checked_in = guests WHERE site_id = :site_id AND id = :id AND status = 'YES' AND checked_in = 0",
            site_id=one.site_id,
            id=one.id,
        )
        == 1
    )


def undo_check_in(tx: Tx, one: Rsvp) -> bool:
    """Take it back. True for exactly one caller."""
    sql = "UPDATE rsvp SET checked_in = 0 WHERE site_id = :site_id AND id = :id AND checked_in > 0"
    return tx.execute(sql, site_id=one.site_id, id=one.id) == 1


def of_event(tx: Tx, site_id: str, event_id: str, after: str, limit: int) -> list[Rsvp]:
    """The answers to an event whose id comes after that one: in the order in which people answered."""
    where = "rsvp.site_id = :site_id AND rsvp.event_id = :event_id AND rsvp.id > :after ORDER BY rsvp.id LIMIT :limit"
    return _all(tx, where, site_id=site_id, event_id=event_id, after=after, limit=limit)


def of_member(tx: Tx, site_id: str, member_id: str, limit: int) -> list[Rsvp]:
    """Where a member said whether they come, the latest first."""
    where = "rsvp.site_id = :site_id AND rsvp.member_id = :member ORDER BY rsvp.created_at DESC LIMIT :limit"
    return _all(tx, where, site_id=site_id, member=member_id, limit=limit)


def of_person(tx: Tx, person: Person, limit: int) -> list[Rsvp]:
    """The answers of a person, by the member or by the address that was said, oldest first."""
    params = {"site_id": person.site_id, "member": person.member_id or "", "email": person.email_key}
    return _all(tx, f"{_OF_PERSON} ORDER BY rsvp.id LIMIT :limit", **params, limit=limit)


def erase_person(tx: Tx, one: Rsvp) -> None:
    """Keep an answer without whose it was: the places stay taken."""
    tx.execute(
        "UPDATE rsvp SET content = :content, visitor_id = NULL, member_id = NULL, email_key = '', revision = revision + 1"
        " WHERE site_id = :site_id AND id = :id",
        site_id=one.site_id,
        id=one.id,
        content=_text(Content(Guest(), one.content.language)),
    )


def _one(tx: Tx, where: str, **params: Value) -> Rsvp | None:
    return next(iter(_all(tx, where, **params)), None)


def _all(tx: Tx, where: str, **params: Value) -> list[Rsvp]:
    return [_rsvp(row) for row in tx.all(f"SELECT {_RSVP} FROM rsvp WHERE {where}", **params)]


def _text(content: Content) -> str:
    return msgspec.json.encode(content).decode()


def _rsvp(row: Row) -> Rsvp:
    return Rsvp(row[0], row[1], row[2], Status(row[3]), row[4], row[5], row[6], row[7], row[8], _content(row[9]), row[10], row[11], row[12])
