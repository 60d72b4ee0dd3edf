"""SQL of orders, and nothing else. Tickets are in `events/issued`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from roundtrip.core.email import email_key
from roundtrip.events.orders.model import STANDING, Content, Order, Status
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_ORDER = (
    "orders.site_id, orders.id, orders.number, orders.event_id, orders.reservation_id, orders.session_id, orders.status, orders.why,"
    " orders.visitor_id, orders.member_id, orders.currency, orders.total_units, orders.refunded_units, orders.tickets, orders.archived,"
    " orders.content, orders.revision, orders.created_at, orders.updated_at"
)
_TABLE = "event_order AS orders"
_content = msgspec.json.Decoder(Content).decode
_STANDING = ", ".join(f"'{status.value}'" for status in sorted(STANDING))
_OF_PERSON = (
    "orders.site_id = :site_id AND orders.id IN (SELECT id FROM event_order WHERE site_id = :site_id AND member_id = :member"
    " UNION SELECT id FROM event_order WHERE site_id = :site_id AND email_key = :email"
    " UNION SELECT order_id FROM event_ticket WHERE site_id = :site_id AND guest_key = :email)"
)
ORDERS: Final = Fields(
    {
        "id": Field(Kind.ID, "orders.id"),
        "orderNumber": Field(Kind.TEXT, "orders.number"),
        "eventId": Field(Kind.ID, "orders.event_id"),
        "status": Field(Kind.TEXT, "orders.status"),
        "memberId": Field(Kind.ID, "orders.member_id", nullable=True),
        "created": Field(Kind.TIME, "orders.created_at", sortable=True),
    },
    key="orders.id",
    default_sort=("-created",),
)
"""What orders can be asked for, in the words of the wire."""


def get(tx: Tx, site_id: str, order_id: str) -> Order | None:
    """An order of this site."""
    return _one(tx, "orders.site_id = :site_id AND orders.id = :id", site_id=site_id, id=order_id)


def by_id(tx: Tx, order_id: str) -> Order | None:
    """An order of whatever site, for who has its address."""
    return _one(tx, "orders.id = :id", id=order_id)


def by_number(tx: Tx, site_id: str, number: str) -> Order | None:
    """An order of this site by its number."""
    return _one(tx, "orders.site_id = :site_id AND orders.number = :number", site_id=site_id, number=number)


def of_session(tx: Tx, session_id: str) -> Order | None:
    """What a visit has bought: the one that stands, else the one whose money is on its way."""
    return _one(
        tx,
        f"orders.session_id = :session_id AND orders.status IN ({_STANDING}, 'PENDING')"
        " ORDER BY CASE WHEN orders.status = 'PENDING' THEN 1 ELSE 0 END, orders.created_at DESC LIMIT 1",
        session_id=session_id,
    )


def query(tx: Tx, site_id: str, wanted: Query, member_id: str | None = None) -> tuple[Page, list[Order]]:
    """A page of the orders of a site, or of one member's."""
    own = "" if member_id is None else " AND orders.member_id = :own_id"
    params: dict[str, Value] = {"site_id": site_id} if member_id is None else {"site_id": site_id, "own_id": member_id}
    page = run(tx, Source(_ORDER, _TABLE, f"orders.site_id = :site_id{own}", params), wanted)
    return page, [_order(row) for row in page.rows]


def several(tx: Tx, site_id: str, ids: Sequence[str]) -> dict[str, Order]:
    """Those of these that exist, by id. Give at most a few hundred."""
    if not ids:
        return {}
    names, params = listed("id", sorted(set(ids)))
    return {one.id: one for one in _all(tx, f"orders.site_id = :site_id AND orders.id IN ({names})", site_id=site_id, **params)}


def has_orders(tx: Tx, site_id: str, event_id: str) -> bool:
    """Whether anybody ever ordered for an event."""
    sql = "SELECT 1 FROM event_order WHERE site_id = :site_id AND event_id = :event_id LIMIT 1"
    return tx.one(sql, site_id=site_id, event_id=event_id) is not None


def insert(tx: Tx, made: Order) -> bool:
    """False when the number is taken."""
    return (
        tx.execute(
            "INSERT INTO event_order (site_id, id, number, event_id, reservation_id, session_id, status, why, visitor_id, member_id,"
            " email_key, currency, total_units, refunded_units, tickets, archived, content, revision, created_at, updated_at) VALUES"
            " (:site_id, :id, :number, :event_id, :reservation_id, :session_id, :status, '', :visitor_id, :member_id, :email_key,"
            " :currency, :total_units, 0, :tickets, :archived, :content, 1, :now, :now) ON CONFLICT (site_id, number) DO NOTHING",
            site_id=made.site_id,
            id=made.id,
            number=made.number,
            event_id=made.event_id,
            reservation_id=made.reservation_id,
            session_id=made.session_id,
            status=made.status.value,
            visitor_id=made.visitor_id,
            member_id=made.member_id,
            email_key=email_key(made.content.buyer.email),
            currency=made.currency,
            total_units=made.total_units,
            tickets=made.tickets,
            archived=False,
            content=_text(made.content),
            now=made.created_at,
        )
        == 1
    )


def move(tx: Tx, order: Order, among: Sequence[Status], to: Status, now: int, why: str = "") -> bool:
    """True for exactly one caller, however many race for it."""
    names, params = listed("old", [one.value for one in among])
    return (
        tx.execute(
            "UPDATE event_order SET status = :to, why = :why, updated_at = :now, revision = revision + 1"
            f" WHERE site_id = :site_id AND id = :id AND status IN ({names})",
            site_id=order.site_id,
            id=order.id,
            to=to.value,
            why=why,
            now=now,
            **params,
        )
        == 1
    )


def pay_late(tx: Tx, order: Order, now: int) -> bool:
    """Money came for an order whose time was over, or whose money was thought lost. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE event_order SET status = 'PAID', why = '', updated_at = :now, revision = revision + 1 WHERE site_id = :site_id"
            " AND id = :id AND (status = 'DECLINED' OR (status = 'CANCELED' AND why = 'time_over'))",
            site_id=order.site_id,
            id=order.id,
            now=now,
        )
        == 1
    )


def set_refunded(tx: Tx, order: Order, units: int, now: int) -> bool:
    """How much of it went back. False when that is known already."""
    return (
        tx.execute(
            "UPDATE event_order SET refunded_units = :units, updated_at = :now, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND refunded_units <> :units",
            site_id=order.site_id,
            id=order.id,
            units=units,
            now=now,
        )
        == 1
    )


def set_archived(tx: Tx, order: Order, archived: bool, now: int) -> bool:
    """Put it away, or take it out again. False when it is so already."""
    return (
        tx.execute(
            "UPDATE event_order SET archived = :archived, updated_at = :now, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND archived <> :archived",
            site_id=order.site_id,
            id=order.id,
            archived=archived,
            now=now,
        )
        == 1
    )


def of_member(tx: Tx, site_id: str, member_id: str, limit: int) -> list[Order]:
    """What a member ordered, the latest first."""
    where = "orders.site_id = :site_id AND orders.member_id = :member ORDER BY orders.created_at DESC LIMIT :limit"
    return _all(tx, where, site_id=site_id, member=member_id, limit=limit)


def of_person(tx: Tx, person: Person, limit: int) -> list[Order]:
    """The orders of a person, by the member, by the address of the buyer, or of a guest; the oldest first."""
    params = {"site_id": person.site_id, "member": person.member_id or "", "email": person.email_key}
    return _all(tx, f"{_OF_PERSON} ORDER BY orders.id LIMIT :limit", **params, limit=limit)


def erase_person(tx: Tx, order: Order, content: Content) -> None:
    """Keep an order without who made it."""
    tx.execute(
        "UPDATE event_order SET content = :content, visitor_id = NULL, member_id = NULL, email_key = '', revision = revision + 1"
        " WHERE site_id = :site_id AND id = :id",
        site_id=order.site_id,
        id=order.id,
        content=_text(content),
    )


def set_content(tx: Tx, order: Order, content: Content) -> None:
    """Keep an order without one of its guests."""
    sql = "UPDATE event_order SET content = :content, revision = revision + 1 WHERE site_id = :site_id AND id = :id"
    tx.execute(sql, site_id=order.site_id, id=order.id, content=_text(content))


def _one(tx: Tx, where: str, **params: Value) -> Order | None:
    return next(iter(_all(tx, where, **params)), None)


def _all(tx: Tx, where: str, **params: Value) -> list[Order]:
    return [_order(row) for row in tx.all(f"SELECT {_ORDER} FROM {_TABLE} WHERE {where}", **params)]


def _text(content: Content) -> str:
    return msgspec.json.encode(content).decode()


def _order(row: Row) -> Order:
    return Order(
        row[0], row[1], row[2], row[3], row[4], row[5], Status(row[6]), row[7], row[8], row[9], row[10], row[11], row[12], row[13],
        bool(row[14]), _content(row[15]), row[16], row[17], row[18],
    )  # fmt: skip
