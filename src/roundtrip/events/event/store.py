"""SQL of events, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from roundtrip.events.event.model import Event, Registration, Status, Terms
from roundtrip.query.fields import Field, Fields, Kind
from roundtrip.query.listed import listed
from roundtrip.query.model import Page, Query
from roundtrip.query.store import Source, run
from roundtrip.storage.database import Row, Tx, Value

_EVENT = (
    "event.site_id, event.id, event.slug, event.title, event.status, event.registration, event.starts_at, event.ends_at, event.zone,"
    " event.recurrence_id, event.guest_limit, event.guests, event.terms, event.revision, event.created_at, event.updated_at"
)
_encode = msgspec.json.Encoder().encode
_terms = msgspec.json.Decoder(Terms).decode
_CATEGORIES = Field(
    Kind.LIST,
    "member.category_id",
    members="FROM event_in_category AS member WHERE member.site_id = :site_id",
    owner="event.id",
    member="member.event_id",
    item="id",
)

EVENT_FIELDS: Final = Fields(
    {
        "id": Field(Kind.ID, "event.id"),
        "slug": Field(Kind.TEXT, "event.slug", sortable=True),
        "title": Field(Kind.TEXT, "event.title", folded="event.title_key", sortable=True),
        "status": Field(Kind.TEXT, "event.status"),
        "dateAndTimeSettings.startDate": Field(Kind.TIME, "event.starts_at", sortable=True),
        "dateAndTimeSettings.endDate": Field(Kind.TIME, "event.ends_at", sortable=True),
        "dateAndTimeSettings.recurringEvents.categoryId": Field(Kind.ID, "event.recurrence_id"),
        "registration.type": Field(Kind.TEXT, "event.registration"),
        "registration.initialType": Field(Kind.TEXT, "event.registration"),
        "categories": _CATEGORIES,
        "categories.id": _CATEGORIES,
        "createdDate": Field(Kind.TIME, "event.created_at", sortable=True),
    },
    key="event.id",
    default_sort=("dateAndTimeSettings.startDate",),
)
"""What events can be asked for, in the words of the wire."""


def get(tx: Tx, site_id: str, event_id: str) -> Event | None:
    """An event of this site, drafts too."""
    row = tx.one(f"SELECT {_EVENT} FROM event WHERE site_id = :site_id AND id = :id", site_id=site_id, id=event_id)
    return _event(row) if row else None


def by_slug(tx: Tx, site_id: str, slug: str) -> Event | None:
    """An event by the last part of its page's address, drafts too."""
    row = tx.one(f"SELECT {_EVENT} FROM event WHERE site_id = :site_id AND slug = :slug", site_id=site_id, slug=slug)
    return _event(row) if row else None


def several(tx: Tx, site_id: str, event_ids: Sequence[str]) -> dict[str, Event]:
    """Those of these events that exist, by id. Give at most a few hundred."""
    if not event_ids:
        return {}
    names, params = listed("id", sorted(set(event_ids)))
    rows = tx.all(f"SELECT {_EVENT} FROM event WHERE site_id = :site_id AND id IN ({names})", site_id=site_id, **params)
    return {row[1]: _event(row) for row in rows}


def query(tx: Tx, site_id: str, wanted: Query, *, drafts_too: bool) -> tuple[Page, list[Event]]:
    """A page of the events of a site."""
    where = "event.site_id = :site_id" + ("" if drafts_too else " AND event.status <> 'DRAFT'")
    page = run(tx, Source(_EVENT, "event", where, {"site_id": site_id}), wanted)
    return page, [_event(row) for row in page.rows]


def insert(tx: Tx, made: Event, now: int) -> bool:
    """False when the slug or the id is taken."""
    return (
        tx.execute(
            "INSERT INTO event (site_id, id, slug, title, title_key, status, registration, starts_at, ends_at, zone, recurrence_id,"
            " guest_limit, guests, moves_at, terms, revision, created_at, updated_at) VALUES (:site_id, :id, :slug, :title, :title_key,"
            " :status, :registration, :starts_at, :ends_at, :zone, :recurrence_id, :guest_limit, 0, :moves_at, :terms, 1, :created_at,"
            " :updated_at) ON CONFLICT DO NOTHING",
            **_values(made, now),
            registration=made.registration.value,
            recurrence_id=made.recurrence_id,
            created_at=made.created_at,
        )
        == 1
    )


def replace_event(tx: Tx, wanted: Event, revision: int, now: int) -> bool:
    """Keep an event as it is said to be now, if it still has this revision. The slug must be free. Who comes is left as it is counted."""
    return (
        tx.execute(
            "UPDATE event SET slug = :slug, title = :title, title_key = :title_key, status = :status, starts_at = :starts_at,"
            " ends_at = :ends_at, zone = :zone, guest_limit = :guest_limit, moves_at = :moves_at, terms = :terms,"
            " updated_at = :updated_at, revision = revision + 1 WHERE site_id = :site_id AND id = :id AND revision = :revision",
            **_values(wanted, now),
            revision=revision,
        )
        == 1
    )


def delete(tx: Tx, site_id: str, event_id: str) -> bool:
    """True for exactly one caller. Its tickets and answers go with it."""
    return tx.execute("DELETE FROM event WHERE site_id = :site_id AND id = :id", site_id=site_id, id=event_id) == 1


def due_moves(tx: Tx, now: int, limit: int) -> list[tuple[str, str]]:
    """Site and id of events that have begun or ended and are not written down so. A read of an index that holds nothing else."""
    sql = "SELECT site_id, id FROM event WHERE moves_at IS NOT NULL AND moves_at <= :now ORDER BY moves_at LIMIT :limit"
    return [(row[0], row[1]) for row in tx.all(sql, now=now, limit=limit)]


def move(tx: Tx, event: Event, to: Status, moves_at: int | None) -> bool:
    """Write down what the clock did. True for exactly one caller."""
    return (
        tx.execute(
            "UPDATE event SET status = :to, moves_at = :moves_at WHERE site_id = :site_id AND id = :id AND status = :old"
            " AND revision = :revision",
            site_id=event.site_id,
            id=event.id,
            old=event.status.value,
            to=to.value,
            moves_at=moves_at,
            revision=event.revision,
        )
        == 1
    )


def take_places(tx: Tx, site_id: str, event_id: str, guests: int, *, even_if_full: bool = False) -> bool:
    """Count these as coming if there is room. One conditional UPDATE, so that of many at once nobody gets a place that is not there."""
    room = "" if even_if_full else " AND (guest_limit IS NULL OR guests + :guests <= guest_limit)"
    return (
        tx.execute(
            f"UPDATE event SET guests = guests + :guests WHERE site_id = :site_id AND id = :id{room}",
            site_id=site_id,
            id=event_id,
            guests=guests,
        )
        == 1
    )


def free_places(tx: Tx, site_id: str, event_id: str, guests: int) -> None:
    """They do not come after all."""
    sql = "UPDATE event SET guests = guests - :guests WHERE site_id = :site_id AND id = :id"
    tx.execute(sql, site_id=site_id, id=event_id, guests=guests)


def lock(tx: Tx, site_id: str, event_id: str) -> bool:
    """Let nobody else change the event, or who comes, until the transaction ends."""
    return tx.execute("UPDATE event SET guests = guests WHERE site_id = :site_id AND id = :id", site_id=site_id, id=event_id) == 1


def _values(one: Event, now: int) -> dict[str, Value]:
    return {
        "site_id": one.site_id,
        "id": one.id,
        "slug": one.slug,
        "title": one.title,
        "title_key": one.title.casefold(),
        "status": one.status_at(now).value,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "zone": one.zone,
        "guest_limit": one.guest_limit,
        "moves_at": one.moves_at(now),
        "terms": _encode(one.terms).decode(),
        "updated_at": one.updated_at,
    }


def _event(row: Row) -> Event:
    return Event(
        row[0], row[1], row[2], row[3], Status(row[4]), Registration(row[5]), row[6], row[7], row[8], row[9], row[10], row[11],
        _terms(row[12]), row[13], row[14], row[15],
    )  # fmt: skip
