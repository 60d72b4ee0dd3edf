"""SQL of bookings, and nothing else. Every move is one conditional UPDATE; its count says whether it happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from roundtrip.bookings.book.model import Booking, Content, Option, Payment, Status
from roundtrip.core.email import email_key
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_BOOKING = (
    "booking.site_id, booking.id, booking.status, booking.payment, booking.option, booking.service_id, booking.schedule_id,"
    " booking.staff_id, booking.event_id, booking.starts_at, booking.ends_at, booking.participants, booking.visitor_id, booking.member_id,"
    " booking.order_id, booking.hold_ends_at, booking.content, booking.revision, booking.created_at, booking.updated_at"
)
_SHOWN = "booking.status <> 'CREATED'"
_NEXT = "updated_at = :now, revision = revision + 1"
_OF_PERSON = "booking.site_id = :site_id AND (booking.member_id = :member OR booking.email_key = :email)"
_content = msgspec.json.Decoder(Content).decode

BOOKINGS: Final = Fields(
    {
        "id": Field(Kind.ID, "booking.id"),
        "status": Field(Kind.TEXT, "booking.status"),
        "paymentStatus": Field(Kind.TEXT, "booking.payment"),
        "startDate": Field(Kind.TIME, "booking.starts_at", sortable=True),
        "endDate": Field(Kind.TIME, "booking.ends_at"),
        "createdDate": Field(Kind.TIME, "booking.created_at", sortable=True),
        "updatedDate": Field(Kind.TIME, "booking.updated_at"),
        "bookedEntity.slot.serviceId": Field(Kind.ID, "booking.service_id"),
        "bookedEntity.item.slot.serviceId": Field(Kind.ID, "booking.service_id"),
        "bookedEntity.slot.resource.id": Field(Kind.ID, "booking.staff_id"),
        "bookedEntity.slot.eventId": Field(Kind.TEXT, "booking.event_id"),
        "contactDetails.email": Field(Kind.TEXT, "booking.email_key"),
        "orderId": Field(Kind.ID, "booking.order_id", nullable=True),
    },
    key="booking.id",
    default_sort=("-createdDate",),
)
"""What bookings can be asked for, in the words of the wire. Addresses of mail are compared in lower case: send them so."""


def insert(tx: Tx, made: Booking, *, remind_at: int | None = None) -> None:
    """Keep a new booking; the worker looks at it at `remind_at`."""
    tx.execute(
        "INSERT INTO booking (site_id, id, status, payment, option, service_id, schedule_id, staff_id, event_id, starts_at, ends_at,"
        " participants, visitor_id, member_id, email_key, order_id, hold_ends_at, remind_at, content, revision, created_at, updated_at)"
        " VALUES (:site_id, :id, :status, :payment, :option, :service_id, :schedule_id, :staff_id, :event_id, :starts_at, :ends_at,"
        " :participants, :visitor_id, :member_id, :email_key, NULL, :hold_ends_at, :remind_at, :content, 1, :now, :now)",
        site_id=made.site_id,
        id=made.id,
        status=made.status.value,
        payment=made.payment.value,
        option=made.option.value,
        service_id=made.service_id,
        schedule_id=made.schedule_id,
        staff_id=made.staff_id,
        event_id=made.event_id,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
        participants=made.participants,
        visitor_id=made.visitor_id,
        member_id=made.member_id,
        email_key=email_key(made.content.contact.email),
        hold_ends_at=made.hold_ends_at,
        remind_at=remind_at,
        content=_text(made.content),
        now=made.created_at,
    )


def get(tx: Tx, site_id: str, booking_id: str) -> Booking | None:
    """A booking of this site, whatever became of it."""
    return next(iter(several(tx, site_id, [booking_id])), None)


def several(tx: Tx, site_id: str, booking_ids: Sequence[str]) -> list[Booking]:
    """Those of these bookings that exist; at most a few hundred."""
    if not booking_ids:
        return []
    names, params = listed("id", sorted(set(booking_ids)))
    return _all(tx, f"booking.site_id = :site_id AND booking.id IN ({names}) ORDER BY booking.id", site_id=site_id, **params)


def by_id(tx: Tx, booking_id: str) -> Booking | None:
    """The same for who knows the id from an address that we made, whichever site it is of."""
    return next(iter(_all(tx, "booking.id = :id", id=booking_id)), None)


def of_member(tx: Tx, site_id: str, member_id: str, now: int, limit: int) -> list[Booking]:
    """What a member booked: what is still to come, the next first, then what is over, the latest first. Two steps in one index."""
    where = f"booking.site_id = :site_id AND booking.member_id = :member_id AND {_SHOWN} AND booking.starts_at"
    params: dict[str, Value] = {"site_id": site_id, "member_id": member_id, "now": now, "limit": limit}
    ahead = _all(tx, f"{where} >= :now ORDER BY booking.starts_at, booking.id LIMIT :limit", **params)
    past = _all(tx, f"{where} < :now ORDER BY booking.starts_at DESC, booking.id LIMIT :limit", **params)
    return [*ahead, *past][:limit]


def of_order(tx: Tx, site_id: str, order_id: str) -> list[Booking]:
    """The bookings that an order pays for."""
    return _all(tx, "booking.order_id = :order_id AND booking.site_id = :site_id ORDER BY booking.id", order_id=order_id, site_id=site_id)


def query(
    tx: Tx, site_id: str, wanted: Query, *, visitor_id: str | None, member_id: str | None, all_of: bool
) -> tuple[Page, list[Booking]]:
    """A page of the bookings of a site, or of one visitor or member. Those that nobody finished are in no list."""
    where, params = f"booking.site_id = :site_id AND {_SHOWN}", dict[str, Value](site_id=site_id)
    if not all_of:
        column, owner = ("member_id", member_id) if member_id else ("visitor_id", visitor_id or "")
        where += f" AND booking.{column} = :owner"
        params["owner"] = owner
    page = run(tx, Source(_BOOKING, "booking", where, params), wanted)
    return page, [_booking(row) for row in page.rows]


def in_calendar(tx: Tx, site_id: str, staff_id: str, since: int, until: int, limit: int) -> list[Booking]:
    """What stands and begins within a window, of one staff member or (empty) of all, in order."""
    staff = " AND booking.staff_id = :staff_id" if staff_id else ""
    params: dict[str, Value] = {"staff_id": staff_id} if staff_id else {}
    return _all(
        tx,
        f"booking.site_id = :site_id{staff} AND booking.starts_at >= :since AND booking.starts_at < :until"
        " AND booking.status IN ('CONFIRMED', 'PENDING') ORDER BY booking.starts_at, booking.id LIMIT :limit",
        site_id=site_id,
        since=since,
        until=until,
        limit=limit,
        **params,
    )


def lock(tx: Tx, site_id: str, booking_id: str) -> bool:
    """Let nobody else change a booking until the transaction ends. False when there is none."""
    return tx.execute("UPDATE booking SET revision = revision WHERE site_id = :site_id AND id = :id", site_id=site_id, id=booking_id) == 1


def hold_for_order(tx: Tx, site_id: str, booking_id: str, order_id: str, now: int) -> bool:
    """From now on the clock of an order decides about a booking that nobody finished yet. False for any other, or when an order has it."""
    sql = f"UPDATE booking SET order_id = :order_id, hold_ends_at = NULL, {_NEXT}"
    sql += " WHERE site_id = :site_id AND id = :id AND status = 'CREATED' AND hold_ends_at IS NOT NULL"
    return tx.execute(sql, site_id=site_id, id=booking_id, order_id=order_id, now=now) == 1


def let_go(tx: Tx, site_id: str, booking_id: str, order_id: str) -> bool:
    """The order does not hold it any more, and its hold is over, as old as the order. False for one that stands, or another order's."""
    sql = "UPDATE booking SET hold_ends_at = updated_at, revision = revision + 1"
    sql += " WHERE site_id = :site_id AND id = :id AND order_id = :order_id AND status = 'CREATED'"
    return tx.execute(sql, site_id=site_id, id=booking_id, order_id=order_id) == 1


def set_option(tx: Tx, booking: Booking, option: Option, now: int) -> bool:
    """Keep how a booking is paid that nobody finished yet."""
    sql = f"UPDATE booking SET option = :option, {_NEXT} WHERE site_id = :site_id AND id = :id AND status = 'CREATED'"
    return tx.execute(sql, site_id=booking.site_id, id=booking.id, option=option.value, now=now) == 1


def stand(tx: Tx, booking: Booking, status: Status, payment: Payment, remind_at: int | None, now: int) -> bool:
    """Let a booking stand that nobody finished yet. True for exactly one caller."""
    return (
        tx.execute(
            f"UPDATE booking SET status = :status, payment = :payment, hold_ends_at = NULL, remind_at = :remind_at, {_NEXT}"
            " WHERE site_id = :site_id AND id = :id AND status = 'CREATED'",
            site_id=booking.site_id,
            id=booking.id,
            status=status.value,
            payment=payment.value,
            remind_at=remind_at,
            now=now,
        )
        == 1
    )


def move(tx: Tx, booking: Booking, to: Status, now: int, *, hold_ends_at: int | None = None) -> bool:
    """Move a booking from the state in which it was read, if nobody changed it since; what it was to be reminded of is kept only when it
    is confirmed."""
    reminder = "" if to is Status.CONFIRMED else ", remind_at = NULL"
    return (
        tx.execute(
            f"UPDATE booking SET status = :to, hold_ends_at = :hold_ends_at{reminder}, {_NEXT}"
            " WHERE site_id = :site_id AND id = :id AND status = :was AND revision = :revision",
            site_id=booking.site_id,
            id=booking.id,
            to=to.value,
            was=booking.status.value,
            revision=booking.revision,
            hold_ends_at=hold_ends_at,
            now=now,
        )
        == 1
    )


def set_payment(tx: Tx, booking: Booking, payment: Payment, now: int) -> bool:
    """Keep how far a booking that stands is paid. False when it was so already, or does not stand."""
    return (
        tx.execute(
            f"UPDATE booking SET payment = :payment, {_NEXT} WHERE site_id = :site_id AND id = :id"
            " AND status IN ('CONFIRMED', 'PENDING') AND payment <> :payment",
            site_id=booking.site_id,
            id=booking.id,
            payment=payment.value,
            now=now,
        )
        == 1
    )


def set_time(tx: Tx, before: Booking, after: Booking, remind_at: int | None, now: int) -> bool:
    """Keep another time of a booking that stands, if nobody changed it since."""
    return (
        tx.execute(
            "UPDATE booking SET staff_id = :staff_id, event_id = :event_id, starts_at = :starts_at, ends_at = :ends_at, content = :content,"
            f" remind_at = :remind_at, {_NEXT}"
            " WHERE site_id = :site_id AND id = :id AND status IN ('CONFIRMED', 'PENDING') AND revision = :revision",
            site_id=before.site_id,
            id=before.id,
            revision=before.revision,
            staff_id=after.staff_id,
            event_id=after.event_id,
            starts_at=after.starts_at,
            ends_at=after.ends_at,
            content=_text(after.content),
            remind_at=remind_at,
            now=now,
        )
        == 1
    )


def end_oldest_holds(tx: Tx, newest: Booking, most: int, now: int) -> None:
    """Of what this visitor or member holds and has not booked, end all but the latest `most`. The worker releases them as any other."""
    column, owner = ("member_id", newest.member_id) if newest.member_id else ("visitor_id", newest.visitor_id)
    if not owner:
        return
    rows = tx.all(
        f"SELECT id FROM booking WHERE site_id = :site_id AND {column} = :owner AND status = 'CREATED' AND hold_ends_at > :now"
        " ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :most",
        site_id=newest.site_id,
        owner=owner,
        most=most,
        now=now,
    )
    for (booking_id,) in sorted(rows):
        tx.execute(
            "UPDATE booking_time SET hold_ends_at = :now WHERE site_id = :site_id AND holder = :id AND hold_ends_at > :now",
            site_id=newest.site_id,
            id=booking_id,
            now=now,
        )


def first_waiting(tx: Tx, site_id: str, event_id: str, limit: int) -> list[Booking]:
    """Who waits for a place in a session, the first first."""
    return _all(
        tx,
        "booking.site_id = :site_id AND booking.event_id = :event_id AND booking.status = 'WAITING_LIST'"
        " ORDER BY booking.created_at, booking.id LIMIT :limit",
        site_id=site_id,
        event_id=event_id,
        limit=limit,
    )


def due_reminders(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of bookings whose reminder is due. A read of an index that holds nothing else."""
    rows = tx.all(
        "SELECT site_id, id FROM booking WHERE remind_at IS NOT NULL AND remind_at <= :now ORDER BY remind_at LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [(row[0], row[1]) for row in rows]


def take_reminder(tx: Tx, site_id: str, booking_id: str, now: int) -> bool:
    """True for the one caller who has to send it."""
    sql = "UPDATE booking SET remind_at = NULL WHERE site_id = :site_id AND id = :id AND remind_at IS NOT NULL AND remind_at <= :now"
    return tx.execute(sql, site_id=site_id, id=booking_id, now=now) == 1


def forget(tx: Tx, before: int, limit: int) -> int:
    """Delete bookings that nobody finished and whose hold was over by then."""
    return tx.execute(
        "DELETE FROM booking WHERE (site_id, id) IN (SELECT site_id, id FROM booking WHERE hold_ends_at IS NOT NULL"
        " AND hold_ends_at < :before ORDER BY hold_ends_at LIMIT :limit) AND status = 'CREATED' AND hold_ends_at < :before",
        before=before,
        limit=limit,
    )


def of_person(tx: Tx, person: Person, limit: int) -> list[Booking]:
    """The bookings of a person, by the member or by the address that was said, oldest first."""
    return _all(tx, f"{_OF_PERSON} ORDER BY booking.id LIMIT :limit", **_person(person), limit=limit)


def erase_person(tx: Tx, booking: Booking, content: Content) -> None:
    """Keep a booking without who made it."""
    tx.execute(
        "UPDATE booking SET content = :content, visitor_id = NULL, member_id = NULL, email_key = '', remind_at = NULL,"
        " revision = revision + 1 WHERE site_id = :site_id AND id = :id",
        site_id=booking.site_id,
        id=booking.id,
        content=_text(content),
    )


def delete(tx: Tx, site_id: str, booking_id: str) -> bool:
    """Forget a booking."""
    return tx.execute("DELETE FROM booking WHERE site_id = :site_id AND id = :id", site_id=site_id, id=booking_id) == 1


def _all(tx: Tx, where: str, **params: Value) -> list[Booking]:
    return [_booking(row) for row in tx.all(f"SELECT {_BOOKING} FROM booking WHERE {where}", **params)]


def _person(person: Person) -> dict[str, Value]:
    return {"site_id": person.site_id, "member": person.member_id or "", "email": person.email_key}


def _text(content: Content) -> str:
    return msgspec.json.encode(content).decode()


def _booking(row: Row) -> Booking:
    return Booking(
        site_id=row[0],
        id=row[1],
        status=Status(row[2]),
        payment=Payment(row[3]),
        option=Option(row[4]),
        service_id=row[5],
        schedule_id=row[6],
        staff_id=row[7],
        event_id=row[8],
        starts_at=row[9],
        ends_at=row[10],
        participants=row[11],
        visitor_id=row[12],
        member_id=row[13],
        order_id=row[14],
        hold_ends_at=row[15],
        content=_content(row[16]),
        revision=row[17],
        created_at=row[18],
        updated_at=row[19],
    )
