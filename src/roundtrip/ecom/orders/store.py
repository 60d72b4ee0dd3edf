"""SQL of orders, and nothing else. Every move is one conditional UPDATE whose count decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from roundtrip.core.email import email_key
from roundtrip.ecom.orders.model import (
    FIRST_NUMBER,
    Activity,
    Content,
    Fulfilment,
    Order,
    Parcel,
    Payment,
    Sent,
    Status,
    Stock,
    Tracking,
)
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Dialect, Row, Tx

COLUMNS = (
    "id, site_id, number, checkout_id, cart_id, visitor_id, member_id, status, payment, fulfilment, stock, hold_ends_at, pays_later,"
    " currency, total_units, refunded_units, is_archived, content, revision, created_at, updated_at, approved_at, uncounted"
)
_BUYER = {"visitor": "visitor_id", "member": "member_id"}
_PASS_OVER_LOCKED: Mapping[Dialect, str] = {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"}
_keys = msgspec.json.Decoder(list[str]).decode
_content = msgspec.json.Decoder(Content).decode
_sent = msgspec.json.Decoder(tuple[Sent, ...]).decode
_tracking = msgspec.json.Decoder(Tracking).decode


def get(tx: Tx, site_id: str, order_id: str) -> Order | None:
    """An order of this site."""
    row = tx.one(f"SELECT {COLUMNS} FROM shop_order WHERE id = :id AND site_id = :site_id", id=order_id, site_id=site_id)
    return order_of(row) if row else None


def take_number(tx: Tx, site_id: str) -> int:
    """The next number of a site; nobody else gets it, and none is left out unless this transaction is undone."""
    row = tx.one(
        f"INSERT INTO order_counter (site_id, last_number) VALUES (:site_id, {FIRST_NUMBER})"
        " ON CONFLICT (site_id) DO UPDATE SET last_number = order_counter.last_number + 1 RETURNING last_number",
        site_id=site_id,
    )
    assert row is not None
    return int(row[0])


def insert(tx: Tx, order: Order) -> None:
    """Keep a new order."""
    tx.execute(
        f"INSERT INTO shop_order ({COLUMNS}, email_key) VALUES (:id, :site_id, :number, :checkout_id, :cart_id, :visitor_id, :member_id,"
        " :status, :payment, :fulfilment, :stock, :hold_ends_at, :pays_later, :currency, :total_units, 0, :no, :content, 1, :now, :now,"
        " :approved_at, :uncounted, :email_key)",
        id=order.id,
        site_id=order.site_id,
        number=order.number,
        checkout_id=order.checkout_id,
        cart_id=order.cart_id,
        visitor_id=order.visitor_id,
        member_id=order.member_id,
        status=order.status.value,
        payment=order.payment.value,
        fulfilment=order.fulfilment.value,
        stock=order.stock.value,
        hold_ends_at=order.hold_ends_at,
        pays_later=order.pays_later,
        currency=order.currency,
        total_units=order.total_units,
        no=False,
        content=msgspec.json.encode(order.content).decode(),
        now=order.created_at,
        approved_at=order.approved_at,
        uncounted=_listed(order.uncounted),
        email_key=email_key(order.content.email),
    )


def approve(tx: Tx, order_id: str, payment: Payment, now: int) -> bool:
    """Let an order that waits for money stand; what is held for it is kept. True for exactly one caller, and never after its release."""
    return (
        tx.execute(
            "UPDATE shop_order SET status = 'APPROVED', payment = :payment, stock = 'kept', hold_ends_at = NULL, approved_at = :now,"
            " updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND status IN ('INITIALIZED', 'PENDING') AND stock = 'held'",
            id=order_id,
            payment=payment.value,
            now=now,
        )
        == 1
    )


def approve_late(tx: Tx, order_id: str, uncounted: Collection[str], now: int) -> bool:
    """Let an order stand whose time was over and whose money came all the same; its stock is taken again, and of this nobody counted
    `uncounted`. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET status = 'APPROVED', payment = 'PAID', stock = 'kept', uncounted = :uncounted, approved_at = :now,"
            " updated_at = :now, revision = revision + 1 WHERE id = :id AND status = 'REJECTED' AND stock = 'released'",
            id=order_id,
            uncounted=_listed(uncounted),
            now=now,
        )
        == 1
    )


def give_up_late(tx: Tx, order_id: str, now: int) -> bool:
    """Cancel an order whose money came too late and goes back. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET status = 'CANCELED', payment = 'FULLY_REFUNDED', refunded_units = total_units, updated_at = :now,"
            " revision = revision + 1 WHERE id = :id AND status IN ('REJECTED', 'CANCELED') AND payment IN ('NOT_PAID', 'PENDING')",
            id=order_id,
            now=now,
        )
        == 1
    )


def mark_paid(tx: Tx, order_id: str, now: int) -> bool:
    """The money of an order that stands already has come. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET payment = 'PAID', updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND status = 'APPROVED' AND payment IN ('NOT_PAID', 'PENDING')",
            id=order_id,
            now=now,
        )
        == 1
    )


def wait_for_money(tx: Tx, order_id: str, now: int) -> bool:
    """The money is on its way: what is held stays held until it is known. False when it stands, or has been released, already."""
    return (
        tx.execute(
            "UPDATE shop_order SET status = 'PENDING', payment = 'PENDING', hold_ends_at = NULL, updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND status = 'INITIALIZED' AND stock = 'held'",
            id=order_id,
            now=now,
        )
        == 1
    )


def hold_until(tx: Tx, order_id: str, hold_ends_at: int, now: int) -> bool:
    """Hold stock longer for an order that waits; never shorter. False when nothing is held for it."""
    return (
        tx.execute(
            "UPDATE shop_order SET hold_ends_at = CASE WHEN hold_ends_at < :until THEN :until ELSE hold_ends_at END, updated_at = :now"
            " WHERE id = :id AND status = 'INITIALIZED' AND stock = 'held' AND hold_ends_at > :now",
            id=order_id,
            until=hold_ends_at,
            now=now,
        )
        == 1
    )


def end_oldest_holds(tx: Tx, order: Order, kept: int, now: int) -> int:
    """End the time of the unpaid orders of this order's buyer, but for the `kept` newest; the worker releases them. Answers how many.

    What somebody else moves at this moment is passed over, not waited for: who would wait here has locked another order's checkout.
    """
    buyer = ("member", order.member_id) if order.member_id else ("visitor", order.visitor_id)
    return tx.execute(
        "WITH picked AS (SELECT id FROM shop_order WHERE site_id = :site_id"
        f" AND {_BUYER[buyer[0]]} = :buyer_id AND stock = 'held' AND status = 'INITIALIZED' AND hold_ends_at > :now"
        f" ORDER BY created_at DESC, id DESC LIMIT 100 OFFSET :kept {_PASS_OVER_LOCKED[tx.dialect]})"
        " UPDATE shop_order SET hold_ends_at = :now WHERE id IN (SELECT id FROM picked)",
        site_id=order.site_id,
        buyer_id=buyer[1],
        kept=kept,
        now=now,
    )


def give_up(tx: Tx, order_id: str, status: Status, now: int, *, only_if_over: bool = False) -> bool:
    """Give up an order that waits for money; the caller puts its stock back. True for exactly one caller.

    `status`: REJECTED, which late money may still make stand, or CANCELED, which it may not. `only_if_over`: only when the time of its
    hold is over.
    """
    return (
        tx.execute(
            "UPDATE shop_order SET status = :status, payment = 'NOT_PAID', stock = 'released', hold_ends_at = NULL, updated_at = :now,"
            " revision = revision + 1 WHERE id = :id AND status IN ('INITIALIZED', 'PENDING') AND stock = 'held'"
            " AND (:always OR hold_ends_at <= :now)",
            id=order_id,
            status=status.value,
            always=not only_if_over,
            now=now,
        )
        == 1
    )


def cancel(tx: Tx, order: Order, now: int, *, releases: bool) -> bool:
    """Cancel an order that stands, as it was read. `releases`: the caller puts its stock back. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET status = 'CANCELED', stock = :stock, updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND status = 'APPROVED' AND revision = :revision",
            id=order.id,
            stock=Stock.RELEASED.value if releases else order.stock.value,
            now=now,
            revision=order.revision,
        )
        == 1
    )


def set_refunded(tx: Tx, order_id: str, units: int, payment: Payment, now: int) -> bool:
    """How much goes back altogether, as payments say; False when that is what it says already."""
    return (
        tx.execute(
            "UPDATE shop_order SET refunded_units = :units, payment = :payment, updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND refunded_units <> :units",
            id=order_id,
            units=units,
            payment=payment.value,
            now=now,
        )
        == 1
    )


def set_fulfilment(tx: Tx, order: Order, fulfilment: Fulfilment, now: int) -> bool:
    """How much of it was sent altogether, as it was read. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET fulfilment = :fulfilment, updated_at = :now, revision = revision + 1"
            " WHERE id = :id AND status = 'APPROVED' AND revision = :revision",
            id=order.id,
            fulfilment=fulfilment.value,
            now=now,
            revision=order.revision,
        )
        == 1
    )


def set_content(tx: Tx, order: Order, content: Content, *, is_archived: bool, now: int) -> bool:
    """What an owner corrected, as it was read. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE shop_order SET content = :content, email_key = :email_key, is_archived = :is_archived, updated_at = :now,"
            " revision = revision + 1 WHERE id = :id AND revision = :revision",
            id=order.id,
            content=msgspec.json.encode(content).decode(),
            email_key=email_key(content.email),
            is_archived=is_archived,
            now=now,
            revision=order.revision,
        )
        == 1
    )


def overdue(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of orders whose hold is over, longest over first."""
    rows = tx.all(
        "SELECT site_id, id FROM shop_order WHERE stock = 'held' AND hold_ends_at IS NOT NULL AND hold_ends_at <= :now"
        " ORDER BY hold_ends_at LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [(row[0], row[1]) for row in rows]


def search(tx: Tx, site_id: str, query: Query, *, buyer: tuple[str, str] | None, unplaced_too: bool) -> tuple[Page, list[Order]]:
    """A page of the orders of a site. `buyer` narrows it to those of one (`visitor` or `member`, and the id).

    `unplaced_too`: those that wait for money or were given up unpaid as well.
    """
    where, params = "shop_order.site_id = :site_id", {"site_id": site_id}
    if buyer is not None:
        where += f" AND shop_order.{_BUYER[buyer[0]]} = :buyer_id"
        params["buyer_id"] = buyer[1]
    if not unplaced_too:
        where += " AND shop_order.status IN ('APPROVED', 'CANCELED')"
    page = run(tx, Source(COLUMNS, "shop_order", where, params), query)
    return page, [order_of(row) for row in page.rows]


def of_member(tx: Tx, site_id: str, member_id: str, limit: int) -> list[Order]:
    """A member's orders that stand or stood, newest first."""
    rows = tx.all(
        f"SELECT {COLUMNS} FROM shop_order WHERE site_id = :site_id AND member_id = :member_id AND status IN ('APPROVED', 'CANCELED')"
        " ORDER BY created_at DESC, id DESC LIMIT :limit",
        site_id=site_id,
        member_id=member_id,
        limit=limit,
    )
    return [order_of(row) for row in rows]


def add_parcel(tx: Tx, parcel: Parcel) -> None:
    """Keep what was sent."""
    tx.execute(
        "INSERT INTO order_parcel (id, order_id, lines, tracking, created_at) VALUES (:id, :order_id, :lines, :tracking, :now)",
        id=parcel.id,
        order_id=parcel.order_id,
        lines=msgspec.json.encode(parcel.lines).decode(),
        tracking=msgspec.json.encode(parcel.tracking).decode(),
        now=parcel.created_at,
    )


def parcels(tx: Tx, order_id: str) -> list[Parcel]:
    """What was sent of an order, oldest first."""
    rows = tx.all(
        "SELECT id, order_id, lines, tracking, created_at FROM order_parcel WHERE order_id = :order_id ORDER BY id LIMIT 1000",
        order_id=order_id,
    )
    return [Parcel(row[0], row[1], _sent(row[2]), _tracking(row[3]), row[4]) for row in rows]


def add_activity(tx: Tx, activity: Activity) -> None:
    """Write one line of an order's history."""
    tx.execute(
        "INSERT INTO order_activity (id, order_id, type, note, position, created_at) VALUES (:id, :order_id, :type, :note,"
        " (SELECT COALESCE(MAX(position), 0) + 1 FROM order_activity WHERE order_id = :order_id), :now)",
        id=activity.id,
        order_id=activity.order_id,
        type=activity.type,
        note=activity.note,
        now=activity.created_at,
    )


def has_activity(tx: Tx, order_id: str, type_: str) -> bool:
    """True when its history has something of this type."""
    sql = "SELECT 1 FROM order_activity WHERE order_id = :order_id AND type = :type LIMIT 1"
    return tx.one(sql, order_id=order_id, type=type_) is not None


def activities(tx: Tx, order_id: str) -> list[Activity]:
    """The history of an order, oldest first."""
    rows = tx.all(
        "SELECT id, order_id, type, note, created_at FROM order_activity WHERE order_id = :order_id ORDER BY position, id LIMIT 500",
        order_id=order_id,
    )
    return [Activity(*row) for row in rows]


def order_of(row: Row) -> Order:
    """A row with `COLUMNS`."""
    return Order(
        id=row[0],
        site_id=row[1],
        number=row[2],
        checkout_id=row[3],
        cart_id=row[4],
        visitor_id=row[5],
        member_id=row[6],
        status=Status(row[7]),
        payment=Payment(row[8]),
        fulfilment=Fulfilment(row[9]),
        stock=Stock(row[10]),
        hold_ends_at=row[11],
        pays_later=bool(row[12]),
        currency=row[13],
        total_units=row[14],
        refunded_units=row[15],
        is_archived=bool(row[16]),
        content=_content(row[17]),
        revision=row[18],
        created_at=row[19],
        updated_at=row[20],
        approved_at=row[21],
        uncounted=frozenset(_keys(row[22])),
    )


def _listed(stock_keys: Collection[str]) -> str:
    return msgspec.json.encode(sorted(stock_keys)).decode()
