"""Taking times and giving them back. Nothing here knows what a booking is: whoever takes a time names itself as its holder.

A holder has one time at most; a booking that needs several takes each under a name of its own. Of many takers at once exactly as many
win as there is room for: the count of one conditional statement decides, under the lock of the lane (decision 0151). Whoever takes several
lanes in one transaction takes them in the order of their ids.
"""

from __future__ import annotations

from roundtrip.bookings.times import store
from roundtrip.bookings.times.model import Seats, StaffTime
from roundtrip.core.errors import AppError, Kind
from roundtrip.storage.database import Tx


def take(tx: Tx, wanted: StaffTime | Seats, now: int, *, hold_ends_at: int | None, even_if_taken: bool = False) -> bool:
    """Take a time: held until `hold_ends_at`, or for good (None). False, and nothing changed, when it is not free.

    Holds of the same lane that are over are given back first. The same holder cannot take twice: False. With `even_if_taken` a time is
    taken twice, or more seats than there are: for what was paid already.
    """
    store.lock_lane(tx, wanted.site_id, wanted.lane_id)
    store.end_holds(tx, wanted.site_id, wanted.lane_id, now)
    if isinstance(wanted, StaffTime):
        return store.insert_time(tx, wanted, hold_ends_at, now, only_free=not even_if_taken)
    if store.lane_of(tx, wanted.site_id, wanted.holder) is not None:
        return False
    if even_if_taken:
        store.add_seats(tx, wanted.site_id, wanted.lane_id, wanted.seats)
    elif not store.count_seats(tx, wanted):
        return False
    if not store.insert_seats(tx, wanted, hold_ends_at, now):
        raise _taken_twice(wanted.holder)  # in another lane, at this very moment: undoes the count
    return True


def confirm(tx: Tx, site_id: str, holder: str) -> bool:
    """Keep what is held, for good; true again for what is kept already. False when it was released: then it has to be taken again.

    A hold that is over and still there can be confirmed: nobody else has taken the time.
    """
    return store.keep(tx, site_id, holder)


def release(tx: Tx, site_id: str, holder: str) -> bool:
    """Give back what a holder has taken or holds. True for exactly one caller."""
    return _release(tx, site_id, holder, None)


def overdue(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and holder of holds that are over, the oldest first."""
    return store.overdue(tx, now, limit)


def release_overdue(tx: Tx, site_id: str, holder: str, now: int) -> bool:
    """Give back a hold that is over. False when it was confirmed or released meanwhile."""
    return _release(tx, site_id, holder, now)


def _release(tx: Tx, site_id: str, holder: str, held_until: int | None) -> bool:
    lane_id = store.lane_of(tx, site_id, holder)
    if lane_id is None:
        return False
    store.lock_lane(tx, site_id, lane_id)
    seats = store.delete(tx, site_id, holder, held_until=held_until)
    if seats:
        store.add_seats(tx, site_id, lane_id, -seats)
    return seats is not None


def _taken_twice(holder: str) -> AppError:
    return AppError(Kind.CONFLICT, "TAKEN_TWICE", f"{holder} is just taking another time. Repeat the call.", data={"holder": holder})
