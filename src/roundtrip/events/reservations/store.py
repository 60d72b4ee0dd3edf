"""SQL of reservations, and nothing else."""

from __future__ import annotations

from typing import Final

import msgspec

from roundtrip.events.reservations.model import Content, Reservation, Status
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_RESERVATION = (
    "reservation.site_id, reservation.id, reservation.event_id, reservation.status, reservation.expires_at, reservation.visitor_id,"
    " reservation.member_id, reservation.order_id, reservation.content, reservation.revision, reservation.created_at,"
    " reservation.updated_at"
)
_TABLE = "ticket_reservation AS reservation"
_content = msgspec.json.Decoder(Content).decode
RESERVATIONS: Final = Fields(
    {
        "id": Field(Kind.ID, "reservation.id"),
        "status": Field(Kind.TEXT, "reservation.status"),
        "eventId": Field(Kind.ID, "reservation.event_id"),
        "createdDate": Field(Kind.TIME, "reservation.created_at", sortable=False),
    },
    key="reservation.id",
    default_sort=(),
)
"""What reservations can be asked for, in the words of the wire. Their ids are in the order of their age."""


def get(tx: Tx, site_id: str, reservation_id: str) -> Reservation | None:
    """A reservation of this site."""
    found = _all(tx, "reservation.site_id = :site_id AND reservation.id = :id", site_id=site_id, id=reservation_id)
    return found[0] if found else None


def query(tx: Tx, site_id: str, wanted: Query) -> tuple[Page, list[Reservation]]:
    """A page of the reservations of a site."""
    page = run(tx, Source(_RESERVATION, _TABLE, "reservation.site_id = :site_id", {"site_id": site_id}), wanted)
    return page, [_reservation(row) for row in page.rows]


def insert(tx: Tx, made: Reservation) -> None:
    """Keep a new one, whose tickets are taken."""
    tx.execute(
        "INSERT INTO ticket_reservation (site_id, id, event_id, status, expires_at, visitor_id, member_id, order_id, content, revision,"
        " created_at, updated_at) VALUES (:site_id, :id, :event_id, :status, :expires_at, :visitor_id, :member_id, NULL, :content, 1,"
        " :created_at, :created_at)",
        site_id=made.site_id,
        id=made.id,
        event_id=made.event_id,
        status=made.status.value,
        expires_at=made.expires_at,
        visitor_id=made.visitor_id,
        member_id=made.member_id,
        content=msgspec.json.encode(made.content).decode(),
        created_at=made.created_at,
    )


def lock(tx: Tx, site_id: str, reservation_id: str) -> bool:
    """Let nobody else move it until the transaction ends. False when it is gone."""
    sql = "UPDATE ticket_reservation SET revision = revision WHERE site_id = :site_id AND id = :id"
    return tx.execute(sql, site_id=site_id, id=reservation_id) == 1


def move(tx: Tx, site_id: str, reservation_id: str, old: Status, new: Status, now: int, *, over_at: int | None = None) -> bool:
    """True for exactly one caller, however many race for it. With `over_at` only one that is over by then."""
    over = "" if over_at is None else " AND expires_at <= :over_at"
    params: dict[str, Value] = {} if over_at is None else {"over_at": over_at}
    return (
        tx.execute(
            "UPDATE ticket_reservation SET status = :new, updated_at = :now, revision = revision + 1"
            f" WHERE site_id = :site_id AND id = :id AND status = :old{over}",
            site_id=site_id,
            id=reservation_id,
            old=old.value,
            new=new.value,
            now=now,
            **params,
        )
        == 1
    )


def keep_until(tx: Tx, site_id: str, reservation_id: str, expires_at: int, now: int, *, even_if_over: bool = False) -> bool:
    """Keep it until then, if it is still kept; never shorter than it is. `even_if_over`: as long as nobody has given its tickets back."""
    return (
        tx.execute(
            "UPDATE ticket_reservation SET expires_at = CASE WHEN expires_at < :until THEN :until ELSE expires_at END, updated_at = :now,"
            " revision = revision + 1 WHERE site_id = :site_id AND id = :id AND status = 'PENDING' AND expires_at > :after",
            site_id=site_id,
            id=reservation_id,
            until=expires_at,
            after=0 if even_if_over else now,
            now=now,
        )
        == 1
    )


def set_order(tx: Tx, site_id: str, reservation_id: str, order_id: str | None) -> None:
    """Say which order buys it."""
    sql = "UPDATE ticket_reservation SET order_id = :order_id WHERE site_id = :site_id AND id = :id"
    tx.execute(sql, site_id=site_id, id=reservation_id, order_id=order_id)


def overdue(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of what is over, the oldest first. A read of an index that holds nothing else."""
    sql = "SELECT site_id, id FROM ticket_reservation WHERE status = 'PENDING' AND expires_at <= :now ORDER BY expires_at LIMIT :limit"
    return [(row[0], row[1]) for row in tx.all(sql, now=now, limit=limit)]


def overdue_of_event(tx: Tx, site_id: str, event_id: str, now: int, limit: int) -> list[Reservation]:
    """What is over of one event, whose order nobody is paying for, in the order in which everybody locks it."""
    return _all(
        tx,
        "reservation.site_id = :site_id AND reservation.event_id = :event_id AND reservation.status = 'PENDING'"
        " AND reservation.expires_at <= :now AND reservation.order_id IS NULL ORDER BY reservation.id LIMIT :limit",
        site_id=site_id,
        event_id=event_id,
        now=now,
        limit=limit,
    )


def kept_by(tx: Tx, made: Reservation, limit: int) -> list[Reservation]:
    """What the same visitor or member keeps of the same event, the newest first, this one left out."""
    column, owner = ("member_id", made.member_id) if made.member_id else ("visitor_id", made.visitor_id)
    return _all(
        tx,
        f"reservation.site_id = :site_id AND reservation.{column} = :owner AND reservation.event_id = :event_id"
        " AND reservation.status = 'PENDING' AND reservation.id <> :id ORDER BY reservation.created_at DESC, reservation.id DESC"
        " LIMIT :limit",
        site_id=made.site_id,
        owner=owner,
        event_id=made.event_id,
        id=made.id,
        limit=limit,
    )


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete what nobody bought and what has not moved since."""
    return tx.execute(
        "DELETE FROM ticket_reservation WHERE (site_id, id) IN (SELECT site_id, id FROM ticket_reservation"
        " WHERE status IN ('CANCELED', 'EXPIRED') AND updated_at < :before ORDER BY updated_at LIMIT :limit)"
        " AND status IN ('CANCELED', 'EXPIRED')",
        before=before,
        limit=limit,
    )


def of_person(tx: Tx, person: Person, limit: int) -> list[Reservation]:
    """Those that a member made."""
    where = "reservation.site_id = :site_id AND reservation.member_id = :member_id ORDER BY reservation.created_at LIMIT :limit"
    return _all(tx, where, site_id=person.site_id, member_id=person.member_id or "", limit=limit)


def erase_person(tx: Tx, person: Person) -> int:
    """Keep what a member reserved without who it was; how many."""
    sql = "UPDATE ticket_reservation SET member_id = NULL, visitor_id = NULL WHERE site_id = :site_id AND member_id = :member_id"
    return tx.execute(sql, site_id=person.site_id, member_id=person.member_id or "")


def forget_owner(tx: Tx, site_id: str, reservation_id: str) -> None:
    """Forget who made a reservation."""
    sql = "UPDATE ticket_reservation SET member_id = NULL, visitor_id = NULL WHERE site_id = :site_id AND id = :id"
    tx.execute(sql, site_id=site_id, id=reservation_id)


def _all(tx: Tx, where: str, **params: Value) -> list[Reservation]:
    return [_reservation(row) for row in tx.all(f"SELECT {_RESERVATION} FROM {_TABLE} WHERE {where}", **params)]


def _reservation(row: Row) -> Reservation:
    return Reservation(
        row[0], row[1], row[2], Status(row[3]), row[4], row[5], row[6], row[7], _content(row[8]), row[9], row[10], row[11]
    )  # fmt: skip
