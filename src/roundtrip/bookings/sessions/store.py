"""SQL of series of sessions, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from roundtrip.bookings.sessions.model import WALL, Series, SessionChange
from roundtrip.query.listed import listed
from roundtrip.storage.database import Row, Tx, Value

_SERIES = "site_id, id, service_id, staff_id, location_id, starts, minutes, rule, capacity, revision, created_at, updated_at"


def series(tx: Tx, site_id: str, series_id: str) -> Series | None:
    """One series of this site."""
    row = tx.one(f"SELECT {_SERIES} FROM session_series WHERE site_id = :site_id AND id = :id", site_id=site_id, id=series_id)
    return _series(row) if row else None


def of_services(tx: Tx, site_id: str, service_ids: Sequence[str]) -> list[Series]:
    """All series of these services, of which each has a bounded number."""
    return _among(tx, site_id, "service_id", service_ids)


def of_staff(tx: Tx, site_id: str, staff_ids: Sequence[str]) -> list[Series]:
    """All series that these staff members give."""
    return _among(tx, site_id, "staff_id", staff_ids)


def _among(tx: Tx, site_id: str, column: str, ids: Sequence[str]) -> list[Series]:
    if not ids:
        return []
    names, params = listed("id", list(ids))
    rows = tx.all(
        f"SELECT {_SERIES} FROM session_series WHERE site_id = :site_id AND {column} IN ({names}) ORDER BY id", site_id=site_id, **params
    )
    return [_series(row) for row in rows]


def changes(tx: Tx, site_id: str, series_ids: Sequence[str], first: date, last: date) -> dict[str, dict[datetime, SessionChange]]:
    """What differs about sessions on the days from `first` to `last`, by series and wall time."""
    found: dict[str, dict[datetime, SessionChange]] = {}
    if series_ids:
        names, params = listed("id", list(series_ids))
        for series_id, starts, cancelled, capacity in tx.all(
            f"SELECT series_id, starts, cancelled, capacity FROM session_change WHERE site_id = :site_id AND series_id IN ({names})"
            " AND starts >= :first AND starts < :after",
            site_id=site_id,
            first=first.isoformat(),
            after=(last + timedelta(days=1)).isoformat(),
            **params,
        ):
            found.setdefault(series_id, {})[wall_time(starts)] = SessionChange(bool(cancelled), capacity)
    return found


def count_of_service(tx: Tx, site_id: str, service_id: str) -> int:
    """How many series a service has."""
    sql = "SELECT COUNT(*) FROM session_series WHERE site_id = :site_id AND service_id = :service_id"
    row = tx.one(sql, site_id=site_id, service_id=service_id)
    return int(row[0]) if row else 0


def count_of_staff(tx: Tx, site_id: str, staff_id: str) -> int:
    """How many series a staff member gives."""
    row = tx.one(
        "SELECT COUNT(*) FROM session_series WHERE site_id = :site_id AND staff_id = :staff_id", site_id=site_id, staff_id=staff_id
    )
    return int(row[0]) if row else 0


def insert(tx: Tx, made: Series) -> None:
    """Keep a new series of a service that this transaction holds."""
    tx.execute(
        f"INSERT INTO session_series ({_SERIES}) VALUES (:site_id, :id, :service_id, :staff_id, :location_id, :starts, :minutes, :rule,"
        " :capacity, 1, :now, :now)",
        **_values(made),
        service_id=made.service_id,
        now=made.created_at,
    )


def replace_series(tx: Tx, wanted: Series, revision: int, now: int) -> bool:
    """Keep a series as it is now, if it still has this revision."""
    return (
        tx.execute(
            "UPDATE session_series SET staff_id = :staff_id, location_id = :location_id, starts = :starts, minutes = :minutes,"
            " rule = :rule, capacity = :capacity, updated_at = :now, revision = revision + 1"
            " WHERE site_id = :site_id AND id = :id AND revision = :revision",
            **_values(wanted),
            revision=revision,
            now=now,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, series_id: str) -> bool:
    """True for exactly one caller."""
    return tx.execute("DELETE FROM session_series WHERE site_id = :site_id AND id = :id", site_id=site_id, id=series_id) == 1


def keep_change(tx: Tx, site_id: str, series_id: str, starts: datetime, change: SessionChange) -> None:
    """Say what differs about one session, whatever was said before."""
    tx.execute(
        "INSERT INTO session_change (site_id, series_id, starts, cancelled, capacity)"
        " VALUES (:site_id, :series_id, :starts, :cancelled, :capacity)"
        " ON CONFLICT (site_id, series_id, starts) DO UPDATE SET cancelled = excluded.cancelled, capacity = excluded.capacity",
        site_id=site_id,
        series_id=series_id,
        starts=starts.strftime(WALL),
        cancelled=change.cancelled,
        capacity=change.capacity,
    )


def wall_time(text: str) -> datetime:
    """A wall time as it is kept."""
    return datetime.strptime(text, WALL)  # noqa: DTZ007 - a wall time has no zone


def _values(one: Series) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "id": one.id,
        "staff_id": one.staff_id,
        "location_id": one.location_id,
        "starts": one.starts.strftime(WALL),
        "minutes": one.minutes,
        "rule": one.rule,
        "capacity": one.capacity,
    }


def _series(row: Row) -> Series:
    starts, minutes, rule, capacity, revision, created_at, updated_at = row[5:]
    return Series(row[0], row[1], row[2], row[3], row[4], wall_time(starts), minutes, rule, capacity, revision, created_at, updated_at)
