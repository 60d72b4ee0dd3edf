"""SQL of orders of plans and their charges, and nothing else. Every move is one conditional UPDATE; its count says if it happened."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from roundtrip.core.email import email_key
from roundtrip.plans.orders.model import Cause, Charge, Content, Effect, Kind, Paid, PlanOrder, Status
from roundtrip.query.fields import Field, Fields
from roundtrip.query.fields import Kind as FieldKind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value
from roundtrip.storage.keeps import Person

_NAMES: Final = (
    "site_id", "id", "plan_id", "member_id", "kind", "status", "paid", "starts_at", "first_cycle_at", "ends_at", "cycle",
    "cycle_starts_at", "cycle_ends_at", "renews", "cancel_cause", "cancel_effect", "canceled_at", "paused_at", "failures", "due_at",
    "session_id", "content", "revision", "created_at", "updated_at",
)  # fmt: skip
_ORDER = ", ".join(f"plan_order.{name}" for name in _NAMES)
_STAYS = frozenset({"site_id", "id", "plan_id", "kind", "revision", "created_at", "updated_at"})
_MOVED = ", ".join(f"{name} = :{name}" for name in _NAMES if name not in _STAYS)
_CHARGE = ", ".join(Charge.__struct_fields__)
_OF_PERSON = "plan_order.site_id = :site_id AND (plan_order.member_id = :member OR plan_order.email_key = :email)"
_content = msgspec.json.Decoder(Content).decode

ORDERS: Final = Fields(
    {
        "id": Field(FieldKind.ID, "plan_order.id"),
        "planId": Field(FieldKind.ID, "plan_order.plan_id"),
        "buyer.memberId": Field(FieldKind.ID, "plan_order.member_id", nullable=True),
        "status": Field(FieldKind.TEXT, "plan_order.status"),
        "lastPaymentStatus": Field(FieldKind.TEXT, "plan_order.paid"),
        "type": Field(FieldKind.TEXT, "plan_order.kind"),
        "startDate": Field(FieldKind.TIME, "plan_order.starts_at", sortable=True),
        "endDate": Field(FieldKind.TIME, "plan_order.ends_at", nullable=True),
        "createdDate": Field(FieldKind.TIME, "plan_order.created_at", sortable=True),
        "updatedDate": Field(FieldKind.TIME, "plan_order.updated_at"),
    },
    key="plan_order.id",
    default_sort=("-createdDate",),
)
"""What orders can be asked for, in the words of the wire."""


def insert(tx: Tx, made: PlanOrder) -> None:
    """Keep a new order."""
    names = (*_NAMES, "email_key")
    columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
    tx.execute(f"INSERT INTO plan_order ({columns}) VALUES ({values})", **_values(made), email_key=email_key(made.content.email))


def order(tx: Tx, site_id: str, order_id: str) -> PlanOrder | None:
    """An order of this site, whatever became of it."""
    return next(iter(_all(tx, "plan_order.site_id = :site_id AND plan_order.id = :id", site_id=site_id, id=order_id)), None)


def newest_of_session(tx: Tx, session_id: str) -> PlanOrder | None:
    """What a visit has ordered: the order that stands, or else the last draft."""
    where = (
        "plan_order.session_id = :session_id ORDER BY CASE WHEN plan_order.status = 'DRAFT' THEN 1 ELSE 0 END, plan_order.id DESC LIMIT 1"
    )
    return next(iter(_all(tx, where, session_id=session_id)), None)


def of_member(tx: Tx, site_id: str, member_id: str, statuses: Collection[Status], limit: int, offset: int = 0) -> list[PlanOrder]:
    """The orders of a member in these states, the newest first."""
    names, params = listed("status", sorted(one.value for one in statuses))
    return _all(
        tx,
        f"plan_order.site_id = :site_id AND plan_order.member_id = :member_id AND plan_order.status IN ({names})"
        " ORDER BY plan_order.created_at DESC, plan_order.id DESC LIMIT :limit OFFSET :offset",
        site_id=site_id,
        member_id=member_id,
        limit=limit,
        offset=offset,
        **params,
    )


def count_bought(tx: Tx, site_id: str, plan_id: str, member_id: str) -> int:
    """How many orders of a plan a member has or had; drafts are none."""
    row = tx.one(
        "SELECT COUNT(*) FROM plan_order WHERE site_id = :site_id AND plan_id = :plan_id AND member_id = :member_id AND status <> 'DRAFT'",
        site_id=site_id,
        plan_id=plan_id,
        member_id=member_id,
    )
    return int(row[0]) if row else 0


def query(tx: Tx, site_id: str, wanted: Query, *, member_id: str | None) -> tuple[Page, list[PlanOrder]]:
    """A page of the orders of a site, or of one member. Drafts are in no list."""
    where, params = "plan_order.site_id = :site_id AND plan_order.status <> 'DRAFT'", dict[str, Value](site_id=site_id)
    if member_id is not None:
        where, params = f"{where} AND plan_order.member_id = :member_id", {**params, "member_id": member_id}
    page = run(tx, Source(_ORDER, "plan_order", where, params), wanted)
    return page, [_read(row) for row in page.rows]


def lock(tx: Tx, site_id: str, order_id: str) -> bool:
    """Let nobody else change an order until the transaction ends. False when there is none."""
    sql = "UPDATE plan_order SET revision = revision WHERE site_id = :site_id AND id = :id"
    return tx.execute(sql, site_id=site_id, id=order_id) == 1


def move(tx: Tx, before: PlanOrder, after: PlanOrder, now: int) -> bool:
    """Keep an order as it is now, if nobody changed it since `before` was read."""
    changed = tx.execute(
        f"UPDATE plan_order SET {_MOVED}, updated_at = :now, revision = revision + 1"
        " WHERE site_id = :site_id AND id = :id AND status = :was AND revision = :read",
        **{name: value for name, value in _values(after).items() if name in ("site_id", "id") or name not in _STAYS},
        was=before.status.value,
        read=before.revision,
        now=now,
    )
    return changed == 1


def due(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of orders for which something is to be done. Two reads of indexes that hold nothing else: of all sites by the real time,
    and of the few whose clock is ahead by theirs."""
    rows = tx.all(
        "SELECT site_id, id FROM plan_order WHERE due_at IS NOT NULL AND due_at <= :now ORDER BY due_at LIMIT :limit", now=now, limit=limit
    )
    ahead = tx.all(
        "SELECT plan_order.site_id, plan_order.id FROM plan_clock JOIN site ON site.id = plan_clock.site_id AND site.mode = 'test'"
        " JOIN plan_order ON plan_order.site_id = plan_clock.site_id"
        " WHERE plan_order.due_at IS NOT NULL AND plan_order.due_at > :now AND plan_order.due_at <= :now + plan_clock.ahead_ms"
        " ORDER BY plan_order.due_at LIMIT :limit",
        now=now,
        limit=limit,
    )
    return [(row[0], row[1]) for row in (*rows, *ahead)]


def next_due(tx: Tx, site_id: str) -> int | None:
    """When something happens by itself at a site next, in its plans' time."""
    row = tx.one("SELECT MIN(due_at) FROM plan_order WHERE site_id = :site_id AND due_at IS NOT NULL", site_id=site_id)
    return row[0] if row else None


def forget_drafts(tx: Tx, before: int, limit: int) -> int:
    """Delete drafts that nobody touched since then; answers how many."""
    return tx.execute(
        "DELETE FROM plan_order WHERE (site_id, id) IN (SELECT site_id, id FROM plan_order WHERE status = 'DRAFT'"
        " AND updated_at < :before ORDER BY updated_at LIMIT :limit) AND status = 'DRAFT'",
        before=before,
        limit=limit,
    )


def of_person(tx: Tx, person: Person, limit: int) -> list[PlanOrder]:
    """The orders of a person, oldest first."""
    params: dict[str, Value] = {"site_id": person.site_id, "member": person.member_id or "", "email": person.email_key}
    return _all(tx, f"{_OF_PERSON} ORDER BY plan_order.id LIMIT :limit", limit=limit, **params)


def erase_person(tx: Tx, one: PlanOrder, content: Content) -> None:
    """Keep an order without who bought."""
    tx.execute(
        "UPDATE plan_order SET member_id = NULL, email_key = '', session_id = NULL, content = :content, revision = revision + 1"
        " WHERE site_id = :site_id AND id = :id",
        site_id=one.site_id,
        id=one.id,
        content=msgspec.json.encode(content).decode(),
    )


def delete(tx: Tx, site_id: str, order_id: str) -> bool:
    """Forget an order with its charges."""
    return tx.execute("DELETE FROM plan_order WHERE site_id = :site_id AND id = :id", site_id=site_id, id=order_id) == 1


def insert_charge(tx: Tx, made: Charge) -> None:
    """Let a cycle be owed; nothing when it is already."""
    values = ", ".join(f":{name}" for name in Charge.__struct_fields__)
    tx.execute(f"INSERT INTO plan_charge ({_CHARGE}) VALUES ({values}) ON CONFLICT DO NOTHING", **msgspec.structs.asdict(made))


def charge(tx: Tx, site_id: str, charge_id: str) -> Charge | None:
    """What payments know by this id."""
    row = tx.one(f"SELECT {_CHARGE} FROM plan_charge WHERE site_id = :site_id AND id = :id", site_id=site_id, id=charge_id)
    return Charge(*row) if row else None


def charge_of_cycle(tx: Tx, site_id: str, order_id: str, cycle: int) -> Charge | None:
    """What is owed, or was paid, for one cycle."""
    row = tx.one(
        f"SELECT {_CHARGE} FROM plan_charge WHERE site_id = :site_id AND order_id = :order_id AND cycle = :cycle",
        site_id=site_id,
        order_id=order_id,
        cycle=cycle,
    )
    return Charge(*row) if row else None


def charges(tx: Tx, site_id: str, order_id: str, limit: int) -> list[Charge]:
    """What was paid for an order, the newest first."""
    rows = tx.all(
        f"SELECT {_CHARGE} FROM plan_charge WHERE site_id = :site_id AND order_id = :order_id AND paid_at IS NOT NULL"
        " ORDER BY cycle DESC LIMIT :limit",
        site_id=site_id,
        order_id=order_id,
        limit=limit,
    )
    return [Charge(*row) for row in rows]


def pay_charge(tx: Tx, one: Charge, attempt_id: str | None, now: int) -> bool:
    """The money of a cycle is there. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE plan_charge SET attempt_id = :attempt_id, paid_at = :now WHERE site_id = :site_id AND id = :id AND paid_at IS NULL",
            site_id=one.site_id,
            id=one.id,
            attempt_id=attempt_id,
            now=now,
        )
        == 1
    )


def _all(tx: Tx, where: str, **params: Value) -> list[PlanOrder]:
    return [_read(row) for row in tx.all(f"SELECT {_ORDER} FROM plan_order WHERE {where}", **params)]


def _values(one: PlanOrder) -> dict[str, Value]:
    found = {name: getattr(one, name) for name in _NAMES}
    return {**found, "content": msgspec.json.encode(one.content).decode()}


def _read(row: Sequence[Value] | Row) -> PlanOrder:
    found = dict(zip(_NAMES, row, strict=False))
    return PlanOrder(
        **{
            **found,
            "kind": Kind(found["kind"]),
            "status": Status(found["status"]),
            "paid": Paid(found["paid"]),
            "renews": bool(found["renews"]),
            "cancel_cause": Cause(found["cancel_cause"]) if found["cancel_cause"] else None,
            "cancel_effect": Effect(found["cancel_effect"]) if found["cancel_effect"] else None,
            "content": _content(found["content"]),
        }
    )
