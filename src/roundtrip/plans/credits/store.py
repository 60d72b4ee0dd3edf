"""SQL of credits, and nothing else. What is counted moves by conditional UPDATEs, whose count says whether there was enough."""

from __future__ import annotations

from roundtrip.storage.database import Tx, Value

_KEY = "site_id = :site_id AND order_id = :order_id AND service_id = :service_id AND period = :period"


def used(tx: Tx, site_id: str, order_id: str, service_id: str, period: int) -> int:
    """How much of a benefit is used in a period."""
    row = tx.one(f"SELECT used FROM plan_credit WHERE {_KEY}", **_key(site_id, order_id, service_id, period))
    return int(row[0]) if row else 0


def take(tx: Tx, site_id: str, order_id: str, service_id: str, period: int, quantity: int, most: int | None) -> bool:
    """Use so much of it, if there is so much left; `most` None: there always is."""
    key = _key(site_id, order_id, service_id, period)
    tx.execute(
        "INSERT INTO plan_credit (site_id, order_id, service_id, period, used) VALUES (:site_id, :order_id, :service_id, :period, 0)"
        " ON CONFLICT DO NOTHING",
        **key,
    )
    limit = "" if most is None else " AND used + :quantity <= :most"
    more: dict[str, Value] = {} if most is None else {"most": most}
    return tx.execute(f"UPDATE plan_credit SET used = used + :quantity WHERE {_KEY}{limit}", quantity=quantity, **key, **more) == 1


def note_use(tx: Tx, site_id: str, booking_id: str, order_id: str, service_id: str, period: int, quantity: int, now: int) -> bool:
    """What a booking took. False when it took something before."""
    inserted = tx.execute(
        "INSERT INTO plan_credit_use (site_id, booking_id, order_id, service_id, period, quantity, used_at)"
        " VALUES (:site_id, :booking_id, :order_id, :service_id, :period, :quantity, :now) ON CONFLICT DO NOTHING",
        **_key(site_id, order_id, service_id, period),
        booking_id=booking_id,
        quantity=quantity,
        now=now,
    )
    return inserted == 1


def give_back(tx: Tx, site_id: str, booking_id: str, now: int) -> bool:
    """What a booking took is free again. True for exactly one caller; False for a booking that took nothing."""
    returned = "UPDATE plan_credit_use SET returned_at = :now WHERE site_id = :site_id AND booking_id = :booking_id AND returned_at IS NULL"
    if tx.execute(returned, site_id=site_id, booking_id=booking_id, now=now) != 1:
        return False
    row = tx.one(
        "SELECT order_id, service_id, period, quantity FROM plan_credit_use WHERE site_id = :site_id AND booking_id = :booking_id",
        site_id=site_id,
        booking_id=booking_id,
    )
    assert row is not None
    tx.execute(f"UPDATE plan_credit SET used = used - :quantity WHERE {_KEY}", quantity=row[3], **_key(site_id, row[0], row[1], row[2]))
    return True


def order_of(tx: Tx, site_id: str, booking_id: str) -> str | None:
    """The order that a booking is paid with, whether or not that was given back; None: with none."""
    sql = "SELECT order_id FROM plan_credit_use WHERE site_id = :site_id AND booking_id = :booking_id"
    row = tx.one(sql, site_id=site_id, booking_id=booking_id)
    return row[0] if row else None


def _key(site_id: str, order_id: str, service_id: str, period: int) -> dict[str, Value]:
    return {"site_id": site_id, "order_id": order_id, "service_id": service_id, "period": period}
