"""SQL of taken times, and nothing else. Every function that changes something locks the lane first, so no two wait for each other.

A lane is what is scarce (a staff member, a session) and has one row: whoever holds its lock sees everything that was taken before, on
PostgreSQL because the next statement begins after the other transaction ended, on SQLite because there is one writer.
"""

from __future__ import annotations

from collections.abc import Sequence

from roundtrip.bookings.hours import Interval
from roundtrip.bookings.times.model import LONGEST, Seats, StaffTime
from roundtrip.query.listed import listed
from roundtrip.storage.database import Tx, Value

_AT_ONCE = 100


def lock_lane(tx: Tx, site_id: str, lane_id: str) -> None:
    """Let nobody else take anything of this lane until the transaction ends. Its row is made when it is missing."""
    tx.execute(
        "INSERT INTO booking_lane (site_id, id, seats) VALUES (:site_id, :id, 0)"
        " ON CONFLICT (site_id, id) DO UPDATE SET seats = booking_lane.seats",
        site_id=site_id,
        id=lane_id,
    )


def end_holds(tx: Tx, site_id: str, lane_id: str, now: int) -> None:
    """Give back what was held in this lane, which is locked, for longer than was said."""
    gone = tx.all(
        "DELETE FROM booking_time WHERE site_id = :site_id AND lane_id = :lane_id AND hold_ends_at IS NOT NULL AND hold_ends_at <= :now"
        " RETURNING seats",
        site_id=site_id,
        lane_id=lane_id,
        now=now,
    )
    back = sum(seats for (seats,) in gone)
    if back:
        add_seats(tx, site_id, lane_id, -back)


def add_seats(tx: Tx, site_id: str, lane_id: str, seats: int) -> None:
    """Count seats of a lane, which is locked, as taken, or below zero as free."""
    tx.execute(
        "UPDATE booking_lane SET seats = seats + :seats WHERE site_id = :site_id AND id = :id", site_id=site_id, id=lane_id, seats=seats
    )


def count_seats(tx: Tx, wanted: Seats) -> bool:
    """Count these seats as taken if there are so many. One conditional UPDATE, so that of many at once nobody gets what is not there."""
    return (
        tx.execute(
            "UPDATE booking_lane SET seats = seats + :seats WHERE site_id = :site_id AND id = :id AND seats + :seats <= :capacity",
            site_id=wanted.site_id,
            id=wanted.lane_id,
            seats=wanted.seats,
            capacity=wanted.capacity,
        )
        == 1
    )


def insert_seats(tx: Tx, wanted: Seats, hold_ends_at: int | None, now: int) -> bool:
    """Keep who has taken them. False when this holder has taken something already."""
    return _insert(tx, wanted.site_id, wanted.holder, wanted.lane_id, wanted.time, wanted.seats, hold_ends_at, now, only_free=False)


def insert_time(tx: Tx, wanted: StaffTime, hold_ends_at: int | None, now: int, *, only_free: bool) -> bool:
    """Keep a staff member's time, whose lane is locked. False when it is not free (with `only_free`), or the holder has one."""
    return _insert(tx, wanted.site_id, wanted.holder, wanted.lane_id, wanted.blocked, 0, hold_ends_at, now, only_free=only_free)


def _insert(
    tx: Tx, site_id: str, holder: str, lane_id: str, time: Interval, seats: int, hold_ends_at: int | None, now: int, *, only_free: bool
) -> bool:
    overlapping = (
        " WHERE NOT EXISTS (SELECT 1 FROM booking_time WHERE site_id = :site_id AND lane_id = :lane_id"
        " AND blocked_from > :since AND blocked_from < :blocked_until AND blocked_until > :blocked_from)"
    )
    params: dict[str, Value] = {"since": time.start - LONGEST} if only_free else {}
    return (
        tx.execute(
            "INSERT INTO booking_time (site_id, holder, lane_id, blocked_from, blocked_until, seats, hold_ends_at, created_at)"
            " SELECT CAST(:site_id AS TEXT), CAST(:holder AS TEXT), CAST(:lane_id AS TEXT), CAST(:blocked_from AS BIGINT),"
            " CAST(:blocked_until AS BIGINT), CAST(:seats AS BIGINT), CAST(:hold_ends_at AS BIGINT), CAST(:now AS BIGINT)"
            + (overlapping if only_free else " WHERE 1 = 1")
            + " ON CONFLICT DO NOTHING",
            site_id=site_id,
            holder=holder,
            lane_id=lane_id,
            blocked_from=time.start,
            blocked_until=time.end,
            seats=seats,
            hold_ends_at=hold_ends_at,
            now=now,
            **params,
        )
        == 1
    )


def keep(tx: Tx, site_id: str, holder: str) -> bool:
    """Turn a hold into a taken time. False when it was released meanwhile."""
    return (
        tx.execute(
            "UPDATE booking_time SET hold_ends_at = NULL WHERE site_id = :site_id AND holder = :holder", site_id=site_id, holder=holder
        )
        == 1
    )


def lane_of(tx: Tx, site_id: str, holder: str) -> str | None:
    """The lane in which somebody has taken something."""
    row = tx.one("SELECT lane_id FROM booking_time WHERE site_id = :site_id AND holder = :holder", site_id=site_id, holder=holder)
    return row[0] if row else None


def delete(tx: Tx, site_id: str, holder: str, *, held_until: int | None) -> int | None:
    """Give back what a holder has, whose lane is locked; with `held_until` only a hold that ended by then. Its seats, or None if none."""
    only = "" if held_until is None else " AND hold_ends_at IS NOT NULL AND hold_ends_at <= :held_until"
    params: dict[str, Value] = {} if held_until is None else {"held_until": held_until}
    rows = tx.all(
        f"DELETE FROM booking_time WHERE site_id = :site_id AND holder = :holder{only} RETURNING seats",
        site_id=site_id,
        holder=holder,
        **params,
    )
    return rows[0][0] if rows else None


def overdue(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and holder of holds that are over, the oldest first. A read of an index that holds nothing else."""
    sql = "SELECT site_id, holder FROM booking_time WHERE hold_ends_at IS NOT NULL AND hold_ends_at <= :now ORDER BY hold_ends_at"
    sql += " LIMIT :limit"
    return [(row[0], row[1]) for row in tx.all(sql, now=now, limit=limit)]


def busy(tx: Tx, site_id: str, staff_ids: Sequence[str], window: Interval, now: int, ignoring: str = "") -> dict[str, list[Interval]]:
    """What is taken of each staff member within a window, the holder `ignoring` aside. Costs as much as there is in the window."""
    found: dict[str, list[Interval]] = {one: [] for one in staff_ids}
    for staff_id in found:
        rows = tx.all(
            "SELECT blocked_from, blocked_until FROM booking_time WHERE site_id = :site_id AND lane_id = :lane_id"
            " AND blocked_from > :since AND blocked_from < :until AND blocked_until > :start"
            " AND (hold_ends_at IS NULL OR hold_ends_at > :now) AND holder <> :ignoring ORDER BY blocked_from",
            site_id=site_id,
            lane_id=staff_id,
            since=window.start - LONGEST,
            start=window.start,
            until=window.end,
            now=now,
            ignoring=ignoring,
        )
        found[staff_id] = [Interval(row[0], row[1]) for row in rows]
    return found


def seats(tx: Tx, site_id: str, event_ids: Sequence[str]) -> dict[str, int]:
    """How many seats of each session are taken; those of a hold that is over count until somebody has released it."""
    found: dict[str, int] = {}
    for place in range(0, len(event_ids), _AT_ONCE):
        names, params = listed("id", event_ids[place : place + _AT_ONCE])
        found |= {
            row[0]: row[1]
            for row in tx.all(f"SELECT id, seats FROM booking_lane WHERE site_id = :site_id AND id IN ({names})", site_id=site_id, **params)
        }
    return found
