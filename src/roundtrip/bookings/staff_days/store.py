"""SQL of single days of staff members, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from roundtrip.bookings.hours import Period
from roundtrip.query.listed import listed
from roundtrip.storage.database import Tx

_periods = msgspec.json.Decoder(tuple[Period, ...]).decode


def special(tx: Tx, site_id: str, staff_ids: Sequence[str], first: date, last: date) -> dict[str, dict[date, tuple[Period, ...]]]:
    """What is said about days from `first` to `last`, by staff member. Costs as much as was said about these days."""
    found: dict[str, dict[date, tuple[Period, ...]]] = {one: {} for one in staff_ids}
    if staff_ids:
        names, params = listed("id", list(found))
        for staff_id, day, periods in tx.all(
            f"SELECT staff_id, day, periods FROM staff_day WHERE site_id = :site_id AND staff_id IN ({names})"
            " AND day >= :first AND day <= :last ORDER BY day",
            site_id=site_id,
            first=first.isoformat(),
            last=last.isoformat(),
            **params,
        ):
            found[staff_id][date.fromisoformat(day)] = _periods(periods)
    return found


def page(tx: Tx, site_id: str, staff_id: str, first: date, limit: int) -> list[tuple[date, tuple[Period, ...], str]]:
    """Days from `first` on, in order, with the periods and the note of each."""
    rows = tx.all(
        "SELECT day, periods, note FROM staff_day WHERE site_id = :site_id AND staff_id = :staff_id AND day >= :first"
        " ORDER BY day LIMIT :limit",
        site_id=site_id,
        staff_id=staff_id,
        first=first.isoformat(),
        limit=limit,
    )
    return [(date.fromisoformat(row[0]), _periods(row[1]), row[2]) for row in rows]


def keep(tx: Tx, site_id: str, staff_id: str, day: date, periods: tuple[Period, ...], note: str) -> None:
    """Say something about a day, whatever was said before."""
    tx.execute(
        "INSERT INTO staff_day (site_id, staff_id, day, periods, note) VALUES (:site_id, :staff_id, :day, :periods, :note)"
        " ON CONFLICT (site_id, staff_id, day) DO UPDATE SET periods = excluded.periods, note = excluded.note",
        site_id=site_id,
        staff_id=staff_id,
        day=day.isoformat(),
        periods=msgspec.json.encode(periods).decode(),
        note=note,
    )


def forget(tx: Tx, site_id: str, staff_id: str, first: date, last: date) -> int:
    """Let the week count again; answers about how many days something had been said."""
    return tx.execute(
        "DELETE FROM staff_day WHERE site_id = :site_id AND staff_id = :staff_id AND day >= :first AND day <= :last",
        site_id=site_id,
        staff_id=staff_id,
        first=first.isoformat(),
        last=last.isoformat(),
    )
